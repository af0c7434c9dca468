"""Who is asking, and which plant the page is about. Every page but the public ones passes here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from compliance.core import accounts
from compliance.core.accounts import User
from compliance.core.acts import Actor
from compliance.core.denials import deny
from compliance.core.lists import PlantCard
from compliance.core.permissions import Denied, MayNot, Permission, may
from compliance.web.security import is_api, session_cookie
from compliance.web.services import Services

P = ParamSpec("P")
R = TypeVar("R")

#: Methods that only look.
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Pages that need no sign-in.
PUBLIC = frozenset(
    {
        "static",
        "feed.calendar",
        "identity.sign_in",
        "identity.enter",
        "identity.ask_code",
        "identity.give_code",
        "identity.choose_language",
        "links.forgot",
        "links.ask",
        "links.open_link",
        "links.use",
        "system.healthz",
    }
)


class SignedIn(UserMixin):  # type: ignore[misc] # flask-login ships no types
    """The person as flask-login knows them."""

    def __init__(self, signed_in: accounts.SignedIn) -> None:
        """Wrap the person of a living session."""
        self.signed_in = signed_in
        self.person = signed_in.user
        self.id = str(signed_in.user.id)


def services() -> Services:
    """The bundle that this program was made with."""
    return cast("Services", current_app.extensions["compliance"])


def admit(found: accounts.SignedIn) -> None:
    """Let in whom the API has found to be who they say, for this request."""
    g.bearer = SignedIn(found)


def signed_in() -> accounts.SignedIn:
    """The person with the living session."""
    return cast("accounts.SignedIn", current_user.signed_in)


def person() -> User:
    """Who is signed in."""
    return signed_in().user


def card() -> PlantCard:
    """The plant that the page is about."""
    return cast("PlantCard", g.card)


def actor() -> Actor:
    """The person as the trail names them when they act in this plant."""
    return signed_in().actor(card().plant.key)


def allowed(act: Permission) -> bool:
    """Whether the person may do something in this plant (for what a page offers)."""
    return not isinstance(may(card().roles, act), Denied)


def needs(act: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse a page to persons who may not do the act in the page's plant."""

    def around(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            match may(card().roles, act):
                case Denied() as denied:
                    raise _refusal(act, denied)
                case _:
                    return view(*args, **kwargs)

        return checked

    return around


def _refusal(act: Permission, denied: Denied) -> MayNot:
    """The refusal, with its leaf where something was to be done; looking leaves none."""
    if request.method in _SAFE:
        return MayNot(reason=denied.reason)
    return deny(services().register, card().plant, actor(), act, denied)


def install(app: Flask) -> None:
    """Load the person from the session's token and the plant from the address, before every page."""
    manager = LoginManager(app)
    manager.session_protection = None  # the session is ours, on the server
    manager.request_loader(_load)
    app.url_value_preprocessor(_take_plant)
    app.url_defaults(_give_plant)
    app.before_request(_admit)


def _load(_request: object) -> SignedIn | None:
    if is_api():
        return cast("SignedIn | None", g.get("bearer"))
    token = request.cookies.get(session_cookie(services().site))
    if not token:
        return None
    found = accounts.current(services().register, token, services().clock.now(), services().limits)
    return SignedIn(found) if found else None


def _take_plant(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.plant_ref = values.pop("plant", None) if values else None


def _give_plant(endpoint: str, values: dict[str, Any]) -> None:
    if "plant" in values or "card" not in g:
        return
    if current_app.url_map.is_endpoint_expecting(endpoint, "plant"):
        values["plant"] = ref(g.card)


def ref(of: PlantCard) -> str:
    """How addresses name a plant."""
    return of.plant.short or of.plant.key


def _admit() -> Response | None:
    if request.endpoint is None or request.endpoint in PUBLIC or is_api():
        return None
    if not current_user.is_authenticated:
        return _to_sign_in()
    if g.plant_ref is not None:
        found = services().lists.plant(person().id, g.plant_ref)
        if found is None or isinstance(may(found.roles, Permission.VIEW), Denied):
            abort(404)
        g.card = found
    return None


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("identity.sign_in", next=wanted))
