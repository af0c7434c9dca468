"""Operations of the API: each is declared once: its route, how requests are read, and what is described follow."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, request
from werkzeug.exceptions import HTTPException

from compliance.core.acts import Act
from compliance.core.answers import Answer, claim
from compliance.core.permissions import Denied, MayNot, Permission, may
from compliance.core.tokens import Bearer, open_token, refuse_writing
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.bodies import LARGEST_BODY, json_body
from compliance.web.api.errors import MEDIA_TYPE, PREFIX, WrongValues, problem, status
from compliance.web.api.shapes import Json, Shape, Whole, Wrong
from compliance.web.security import is_api

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PART = re.compile(r"\{(\w+)\}")
_SCHEME = "bearer "
_TOO_MANY, _BROKEN, _GOOD = 429, 500, 400


@dataclass(frozen=True, slots=True)
class Query:
    """A question of an address; ``many``: it may be asked several times."""

    shape: Shape
    title: Text
    many: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was read and checked. ``query`` and ``body`` hold what was given."""

    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Any


@dataclass(frozen=True, slots=True)
class Upload:
    """A body of files instead of JSON: ``mark`` names what was handed in."""

    mark: Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One operation. ``answer`` None: a file; ``tagged``: its answer has an ETag, ``matches``: it heeds If-Match."""

    name: str
    method: str
    path: str
    title: Text
    parts: Mapping[str, Shape] = field(default_factory=dict)
    query: Mapping[str, Query] = field(default_factory=dict)
    body: Shape | None = None
    upload: Upload | None = None
    answer: Shape | None = None
    status: int = 200
    permission: Permission | None = None
    tagged: bool = False
    matches: bool = False

    @property
    def rule(self) -> str:
        """The path as the map of addresses takes it."""
        return _PART.sub(lambda m: f"<{'int:' if isinstance(self.parts[m[1]], Whole) else ''}{m[1]}>", self.path)


View = Callable[[Asked], Any]
#: Every operation by its endpoint, in the order of declaration.
OPERATIONS: dict[str, Operation] = {}


def operation(given: Operation) -> Callable[[View], View]:
    """Serve an operation by a view."""

    def declare(view: View) -> View:
        OPERATIONS[f"{blueprint.name}.{given.name}"] = given

        def served(**path: Any) -> Response:  # noqa: ANN401 - as Flask gives them
            return _served(given, view, path)

        blueprint.add_url_rule(given.rule, given.name, served, methods=[given.method])
        return view

    return declare


def install(app: Flask) -> None:
    """Let the API's requests in by their tokens, before anything of theirs is read."""
    app.before_request(_admit)


def bearer() -> Bearer:
    """Who speaks."""
    found = access.signed_in()
    if not isinstance(found, Bearer):
        raise TypeError
    return found


def etag_of(told: Json) -> str:
    """What names a state of a resource."""
    return f'"{hashlib.sha256(_json(told).encode()).hexdigest()[:32]}"'


def _admit() -> None:
    given = OPERATIONS.get(request.endpoint or "")
    if given is None or not is_api():
        return
    bundle = access.services()
    said = request.headers.get("Authorization", "")
    token = said[len(_SCHEME) :].strip() if said[: len(_SCHEME)].lower() == _SCHEME else ""
    found = open_token(bundle.api, token, bundle.clock.now())
    access.admit(found)
    if given.body:
        request.max_content_length = LARGEST_BODY
    ref = g.plant_ref
    if ref is not None:
        card = bundle.lists.plant(found.user.id, ref)
        if card is None or isinstance(may(card.roles, Permission.VIEW), Denied):
            abort(404)
        if found.token.plant not in {None, card.plant.key}:
            abort(404)
        g.card = card
    if request.method not in _SAFE:
        refuse_writing(bundle.api, found)


def _served(given: Operation, view: View, path: Mapping[str, Any]) -> Response:
    asked = _read(given, path)
    _permit(given)
    key = request.headers.get("Idempotency-Key")
    if key is None or given.method in _SAFE:
        return _respond(given, view(asked))
    return _once(given, key, lambda: _respond(given, view(asked)))


def _permit(given: Operation) -> None:
    if given.permission is None:
        return
    match may(access.card().roles, given.permission):
        case Denied(reason):
            if given.method not in _SAFE:
                note(given.name, reason)
            raise MayNot(reason=reason)
        case _:
            return


def note(name: str, reason: Text) -> None:
    """Leave the leaf of an operation that was refused to a person of the plant."""
    plant = access.card().plant
    change = {"f": "operation", "old": None, "new": name}
    with access.services().register.work() as work:
        act = Act(
            actor=access.actor(),
            action="plant:refused",
            object_type="plant",
            object_id=plant.key,
            changes=(change,),
            reason=reason.zh,
        )
        work.record(act, plant)


def _read(given: Operation, path: Mapping[str, Any]) -> Asked:
    wrong: list[Wrong] = []
    query = _query(given, wrong)
    body = given.body.read(json_body(), "#", wrong) if given.body else None
    if wrong:
        raise WrongValues(sorted(wrong, key=lambda w: w.where))
    return Asked(path, query, body)


def _query(given: Operation, wrong: list[Wrong]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, texts in request.args.lists():
        known = given.query.get(name)
        if known is None:
            names = "、".join(given.query) or "—"
            wrong.append(Wrong(f"?{name[:100]}", Text(f"未知的参数（有：{names}）", f"is unknown; there are: {names}")))
        elif len(texts) > 1 and not known.many:
            wrong.append(Wrong(f"?{name}", Text("只能给一次", "is given once")))
        else:
            read = [known.shape.text(text, f"?{name}", wrong) for text in texts]
            found[name] = read if known.many else read[0]
    return found


def _respond(given: Operation, told: Any) -> Response:  # noqa: ANN401 - a file or what is told as JSON
    if isinstance(told, Response):
        return told
    found = Response(_json(told), status=given.status, content_type="application/json")
    if given.tagged:
        found.headers["ETag"] = etag_of(told)
    return found


def _once(given: Operation, key: str, answer: Callable[[], Response]) -> Response:
    """Answer under a key: what was answered before is answered again, and nothing is done."""
    bundle, user = access.services(), access.person().id
    before = claim(bundle.api, user, key, _mark(given), bundle.clock.now())
    if before is not None:
        return _again(before)
    try:
        found = answer()
    except ComplianceError as error:
        if status(error) >= _BROKEN:
            raise  # nobody can say what was done: the claim stays without an answer
        found = problem(error)
    except HTTPException:
        _drop(user, key)
        raise
    if found.status_code == _TOO_MANY:
        _drop(user, key)
        return found
    given_now = Answer(found.status_code, found.get_data(as_text=True), found.headers.get("ETag", ""))
    with bundle.api.work() as work:
        work.keep_answer(user, key, given_now)
    return found


def _drop(user: int, key: str) -> None:
    with access.services().api.work() as work:
        work.drop_claim(user, key)


def _again(before: Answer) -> Response:
    kind = MEDIA_TYPE if before.status >= _GOOD else "application/json"
    found = Response(before.body, status=before.status, content_type=kind)
    found.headers["Idempotency-Replayed"] = "true"
    if before.etag:
        found.headers["ETag"] = before.etag
    return found


def _mark(given: Operation) -> str:
    """What tells requests apart. Keyed, as a body may hold a password and the register may be read by others."""
    body = given.upload.mark() if given.upload else hashlib.sha256(request.get_data()).hexdigest()
    said = "\n".join((request.method, request.full_path, request.headers.get("If-Match", ""), body))
    return hmac.new(access.services().site.secret, said.encode(), hashlib.sha256).hexdigest()


def _json(told: Json) -> str:
    return json.dumps(told, ensure_ascii=False)
