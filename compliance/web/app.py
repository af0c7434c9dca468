"""The web program: one factory that joins pages, guards and languages around the services."""

from __future__ import annotations

from calendar import monthrange
from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, g, request

from compliance.core.lists import TO_DO
from compliance.core.permissions import Permission
from compliance.rulebase.choosing import choices_of
from compliance.web import (
    access,
    addresses,
    ahead,
    api,
    change_requests,
    comparing,
    copies,
    covering,
    credentials,
    daily,
    directly,
    documents,
    drift,
    entries,
    errors,
    feed,
    figures,
    findings,
    grouped,
    i18n,
    identity,
    imports,
    labels,
    ledgers,
    links,
    marking,
    notices,
    obligations,
    own_templates,
    people,
    proposals,
    proving,
    readers,
    rights,
    rules,
    scope,
    searching,
    security,
    system,
    tickets,
    trail,
    work,
    writing,
)
from compliance.web.api import tokens
from compliance.web.batches import blueprint as sets
from compliance.web.services import Services
from compliance.web.uploads import Uploads


def create_app(services: Services) -> Flask:
    """Build the program around what it may call."""
    app = Flask(__name__)
    app.extensions["compliance"] = services
    app.extensions["compliance-uploads"] = Uploads()
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.json.ensure_ascii = False  # type: ignore[attr-defined] # the default provider has it
    security.protect(app, services.site)
    i18n.install(app, services.site.language)
    access.install(app)
    api.install(app)
    tokens.install(app)
    addresses.install(app)
    directly.install(app)
    security.protect_forms(app, api.blueprint)
    errors.install(app, api.problem)
    for module in (
        people, identity, credentials, links, work, obligations, findings, tickets, imports, rules, proposals, covering,
        rights, trail, system, entries, daily, notices, feed, grouped, documents, drift, comparing, copies, readers,
        change_requests, writing, ahead, ledgers, figures, own_templates, searching, api, tokens, marking,
    ):  # fmt: skip
        app.register_blueprint(module.blueprint)
    app.register_blueprint(sets)
    app.register_blueprint(own_templates.group)
    _furnish(app, services)
    return app


def _furnish(app: Flask, services: Services) -> None:
    """What every template can use."""
    zone = services.site.zone

    def moment(value: datetime | str) -> str:
        return i18n.moment(value, zone)

    def signed_at(value: datetime | str) -> str:
        return i18n.moment_with_offset(value, zone)

    app.jinja_env.filters.update(moment=moment, signed_at=signed_at)
    app.jinja_env.globals.update(
        site=services.site,
        labels=labels,
        allowed=access.allowed,
        asks_code=proving.asks_code,
        Permission=Permission,
        with_args=_with_args,
        entry_links=entries.links,
        outside=scope.outside,
        standards=scope.standards,
        standard_of=scope.standard_of,
        followed=scope.followed,
        code_of=scope.code_of,
        choices_of=choices_of,
        month_end=_month_end,
        here=_here,
        todo=[state.value for state in TO_DO],
    )

    @app.context_processor
    def page() -> dict[str, object]:
        return {"card": g.get("card"), "today": services.clock.today()}


def _with_args(**changes: str | None) -> str:
    """The address of this page with some of its questions changed (None takes one out)."""
    asked = {k: v for k, v in request.args.items(multi=True) if k not in changes}
    pairs = [(k, v) for k, v in request.args.items(multi=True) if k in asked]
    pairs += [(k, v) for k, v in changes.items() if v]
    return f"{request.path}?{urlencode(pairs)}" if pairs else request.path


def _month_end(month: str) -> str:
    """The last day of ``YYYY-MM``, ISO."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02}"


def _here() -> str:
    return request.full_path.rstrip("?")
