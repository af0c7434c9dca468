"""The calendar that a token opens. The token is the secret: no sign-in, no cookie, and nothing said to strangers."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from compliance.core.feeds import NoSuchFeed, open_feed
from compliance.web import access
from compliance.web.i18n import LANGUAGES

blueprint = Blueprint("feed", __name__)


@blueprint.get("/feed/<token>.ics")
def calendar(token: str) -> ResponseReturnValue:
    """The calendar; an unknown, revoked or outlived token is answered alike."""
    bundle = access.services()
    language = next((one for one in LANGUAGES if one == request.args.get("lang")), bundle.site.language)
    try:
        with bundle.telling.read() as look:
            text = open_feed(look, token, bundle.rules(), bundle.clock.today(), language)
    except NoSuchFeed:
        return Response(status=404, mimetype="text/plain")
    return Response(text.encode(), content_type="text/calendar; charset=utf-8")
