"""Cases as the API tells them, and the taking of a step: the same calls, guards and leaves as on their pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from flask import Response, abort, request

from compliance.core.accounts import BY_PASSWORD
from compliance.core.cases import BadValue, CaseKey, KeptFile, StoredStep, UnknownFile, Wish
from compliance.core.cases.files import PENDING
from compliance.core.controlled import DOCUMENT
from compliance.core.duties import Allowed, Denied, MayNotTake
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text
from compliance.rulebase.schema import CaseField, CaseStep, FieldType, Workflow
from compliance.web import access, cases, files
from compliance.web.api.errors import Stale, WrongValues
from compliance.web.api.operations import Asked, etag_of
from compliance.web.api.shapes import (
    NAME,
    SAID,
    SHA256,
    ListOf,
    MapOf,
    Maybe,
    Moment,
    OneOf,
    Record,
    Truth,
    Whole,
    Word,
    Wrong,
    pointer,
)
from compliance.web.api.telling import moment, said
from compliance.web.book import book
from compliance.web.cases import Opened
from compliance.web.proving import proves

#: Where uploads wait that were not handed in for a case.
UPLOADS = CaseKey("upload", "")
_VALUE = OneOf((Word(), Truth(), ListOf(SHA256)))
FILE = Record(
    "File",
    {"sha256": SHA256, "name": NAME, "size": Whole(), "media_type": NAME, "href": Maybe(Word(1000, like="/api/v1/…"))},
)
_FIELD = Record(
    "Field",
    {"name": NAME, "title": SAID, "type": Word(words=tuple(t.value for t in FieldType)), "value": Maybe(_VALUE)},
)
_INPUT = Record(
    "Input",
    {
        "name": NAME,
        "title": SAID,
        "type": Word(words=tuple(t.value for t in FieldType)),
        "required": Truth(),
        "words": ListOf(Record("Choice", {"word": NAME, **SAID.members})),
    },
)
_OFFER = Record(
    "Offer",
    {"step": NAME, "title": SAID, "to": NAME, "inputs": ListOf(_INPUT), "reason": Truth(), "sign": Maybe(SAID)},
)
_REFUSED = Record(
    "RefusedStep",
    {"step": NAME, "title": SAID, "reasons": ListOf(SAID), "rule": NAME, "by": ListOf(NAME)},
)
_STEP = Record(
    "Step",
    {
        "seq": Whole(),
        "step": NAME,
        "title": SAID,
        "state": NAME,
        "at": Moment(),
        "login": NAME,
        "account": NAME,
        "name": NAME,
        "posts": NAME,
        "acted_for": Maybe(NAME),
        "values": MapOf(_VALUE),
        "files": ListOf(FILE),
        "signed": Maybe(Record("Signed", {"meaning": SAID, "covers": SHA256, "method": NAME})),
        "digest": SHA256,
    },
)
CASE = Record(
    "Case",
    {
        "kind": NAME,
        "object": Word(1000),
        "state": NAME,
        "state_title": SAID,
        "final": Truth(),
        "steps_taken": Whole(),
        "workflow": NAME,
        "fields": ListOf(_FIELD),
        "offers": ListOf(_OFFER),
        "refused": ListOf(_REFUSED),
        "steps": ListOf(_STEP),
    },
)
STEP = Record(
    "StepWish",
    {
        "step": Word(100, 1, like="submit"),
        "values": MapOf(Word(), like="evidence_day"),
        "files": ListOf(SHA256, 20),
        "reason": Word(),
        "seen": Record("Seen", {"state": NAME, "steps": Whole()}),
        "password": Word(1024, secret=True),
        "code": Word(64, secret=True),
    },
    frozenset({"values", "files", "reason", "seen", "password", "code"}),
)


class BadCaseValue(BadValue):
    """A field of the step holds what it cannot hold; its place is named."""

    def __init__(self, error: BadValue, where: str) -> None:
        """Say the same, with the place."""
        super().__init__(**error.values)
        self.places = (Wrong(where, error.message),)


class NotKept(UnknownFile):
    """A file of the step is not kept; its place is named."""

    places: ClassVar[tuple[Wrong, ...]] = (
        Wrong("#/files", Text("请先上传，或给出已有文件的 SHA-256", "upload it first, or name one that is kept")),
    )


def told(case: Opened, to_file: Callable[[str], str | None]) -> dict[str, Any]:
    """A case: where it stands, what may be done next and by whom, what was done. ``to_file`` leads to a file."""
    workflow, view = case.looked.thing.workflow, case.looked.view
    state = workflow.state(view.state)
    offers = case.looked.offers(case.person)
    return {
        "kind": case.key.kind,
        "object": case.key.object_id,
        "state": view.state,
        "state_title": said(state.title if state else view.state),
        "final": bool(state and state.final),
        "steps_taken": len(case.looked.steps),
        "workflow": workflow.id,
        "fields": [_field(f, view.fields.get(f.id)) for f in workflow.fields],
        "offers": [_offer(workflow, s) for s, d in offers if isinstance(d, Allowed)],
        "refused": [_refused(s, d) for s, d in offers if isinstance(d, Denied)],
        "steps": [_step(workflow, s, to_file) for s in case.looked.steps],
    }


def take(case: Opened, asked: Asked, detail: Callable[[Opened], dict[str, Any]]) -> None:
    """Take the step that the body asks for; ``detail`` is what a look at the thing would tell."""
    step = _known(case, asked.body)
    moved = _moved(case, asked.body, detail)
    offered = case.offered(step)
    bundle, plant = access.services(), access.card().plant
    digests = tuple(asked.body.get("files", ())) if offered else ()
    if digests:
        _bring(case, digests)
    proved = proves(asked.body) if step.sign and offered and not moved else ""
    values = dict(asked.body.get("values", {}))
    values |= {"reason": asked.body["reason"]} if "reason" in asked.body else {}
    # A state that none has: what was seen is gone, so the refusal is the core's own, with its leaf.
    seen = "" if moved else case.looked.view.state if _looked(asked.body) else None
    wish = Wish(case.key, step.id, values, (), seen, len(case.looked.steps) if seen else None, existing=digests)
    wish = replace(wish, method=proved or BY_PASSWORD)
    try:
        # A document that is issued is rendered first: the desk does both.
        at = bundle.desk() if case.key.kind == DOCUMENT else bundle.casework()
        at.take(plant, case.person, wish, signed=bool(proved))
    except MayNotTake as error:
        if moved or (seen and len(_again(case).looked.steps) != len(case.looked.steps)):
            raise Stale(rule=error.values["rule"]) from error
        raise
    except BadValue as error:
        raise BadCaseValue(error, _place(case, error)) from error
    except UnknownFile as error:
        raise NotKept(**error.values) from error


def file_of(case: Opened, sha256: str) -> Response:
    """A file that a step of the case handed in."""
    found = next((f for s in case.looked.steps for f in s.files if f.sha256 == sha256), None)
    return files.deliver(found) if found else abort(404)


def _known(case: Opened, body: Mapping[str, Any]) -> CaseStep:
    """The step of the body, with no value that it does not take."""
    workflow = case.looked.thing.workflow
    step = case.step(body["step"])
    if step is None:
        names = ", ".join(s.id for s in workflow.steps)
        raise WrongValues([Wrong("#/step", Text(f"没有此步骤（有：{names}）", f"is no step; there are: {names}"))])
    fields = [f for name in (*step.needs, *step.offers) if (f := workflow.field(name))]
    plain = [f.id for f in fields if f.type is not FieldType.FILES]
    names = ", ".join(plain) or "—"
    wrong = [
        Wrong(f"#/values/{pointer(name)}", Text(f"此步骤没有此字段（有：{names}）", f"is no field; there are: {names}"))
        for name in body.get("values", {})
        if name not in plain
    ]
    if body.get("files") and len(plain) == len(fields):
        wrong.append(Wrong("#/files", Text("此步骤不收文件", "the step takes no files")))
    if body.get("reason") and not step.reason:
        wrong.append(Wrong("#/reason", Text("此步骤不需理由", "the step takes no reason")))
    if wrong:
        raise WrongValues(wrong)
    return step


def _looked(body: Mapping[str, Any]) -> bool:
    return "seen" in body or request.headers.get("If-Match", "*").strip() != "*"


def _moved(case: Opened, body: Mapping[str, Any], detail: Callable[[Opened], dict[str, Any]]) -> bool:
    """Whether somebody acted since the caller looked, as far as the caller says what was seen."""
    seen = body.get("seen")
    now = {"state": case.looked.view.state, "steps": len(case.looked.steps)}
    if seen is not None and seen != now:
        return True
    tags = [tag.strip() for tag in request.headers.get("If-Match", "*").split(",")]
    return "*" not in tags and etag_of(detail(case)) not in tags


def _bring(case: Opened, digests: Sequence[str]) -> None:
    """Uploads of this person that wait for no case wait for this one from now on."""
    plant, work = access.card().plant, access.services().casework()
    with work.register.read() as reads:
        found: Sequence[KeptFile] = reads.kept_files(plant, case.person.login, UPLOADS, digests)
    work.keep_uploads(plant, case.person.login, case.key, [k.ref for k in found if k.source == PENDING])


def _again(case: Opened) -> Opened:
    return cases.opened(case.key, case.looked.thing.about)


def _place(case: Opened, error: ComplianceError) -> str:
    """The place of the field that an error speaks of; it names the field by its title."""
    title = error.values.get("field")
    found = next((f.id for f in case.looked.thing.workflow.fields if f.title == title), None)
    return f"#/values/{found}" if found else "#/reason"


def _field(field: CaseField, value: object) -> dict[str, Any]:
    plain = list(value) if isinstance(value, tuple) else value
    return {"name": field.id, "title": said(field.title), "type": field.type.value, "value": plain}


def _offer(workflow: Workflow, step: CaseStep) -> dict[str, Any]:
    inputs = [(name, True) for name in step.needs] + [(name, False) for name in step.offers]
    fields = [(f, required) for name, required in inputs if (f := workflow.field(name))]
    return {
        "step": step.id,
        "title": said(step.title),
        "to": step.to,
        "inputs": [_input(f, required=required) for f, required in fields],
        "reason": step.reason,
        "sign": said(step.sign) if step.sign else None,
    }


def _input(field: CaseField, *, required: bool) -> dict[str, Any]:
    words = book().vocabularies.get(field.vocabulary, {}) if field.type is FieldType.CHOICE else {}
    return {
        "name": field.id,
        "title": said(field.title),
        "type": field.type.value,
        "required": required,
        "words": [{"word": word, **said(text)} for word, text in words.items()],
    }


def _refused(step: CaseStep, denied: Denied) -> dict[str, Any]:
    reasons = [said(reason) for reason in denied.reasons]
    return {"step": step.id, "title": said(step.title), "reasons": reasons, "rule": denied.rule, "by": list(step.by)}


def _step(workflow: Workflow, step: StoredStep, to_file: Callable[[str], str | None]) -> dict[str, Any]:
    rule, signature = workflow.step(step.step), step.signature
    return {
        "seq": step.seq,
        "step": step.step,
        "title": said(rule.title if rule else step.step),
        "state": step.state,
        "at": moment(step.at),
        "login": step.login,
        "account": step.account,
        "name": step.name,
        "posts": step.posts,
        "acted_for": step.acted_for or None,
        "values": {k: list(v) if isinstance(v, tuple) else v for k, v in step.values.items()},
        "files": [
            {
                "sha256": f.sha256,
                "name": f.name,
                "size": f.size,
                "media_type": f.media_type,
                "href": to_file(f.sha256),
            }
            for f in step.files
        ],
        "signed": {"meaning": said(signature.meaning), "covers": signature.covers, "method": signature.method}
        if signature
        else None,
        "digest": step.digest,
    }
