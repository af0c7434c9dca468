"""Obligations as they come due, each with its case."""

from __future__ import annotations

from typing import Any

from flask import abort

from compliance.core.cases import occurrence_key
from compliance.core.judged import OccurrenceState
from compliance.core.lists import OccurrenceQuery, OccurrenceRow
from compliance.kernel.text import Text
from compliance.rulebase.deriving import Derivation, Origin, StepKind
from compliance.web import access, cases, derivations, lookback, replays, scope
from compliance.web.api.cases import CASE, STEP, file_of, take, told
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.replays import REPLAY
from compliance.web.api.replays import told as replayed
from compliance.web.api.shapes import (
    NAME,
    SAID,
    SHA256,
    Day,
    ListOf,
    Maybe,
    OneOf,
    Record,
    Truth,
    Whole,
    Word,
    page_of,
)
from compliance.web.api.telling import (
    LOOKBACK,
    LOOKED_BACK,
    PAGING,
    asked_for,
    day,
    here,
    looked_back,
    page,
    plain,
    said,
    then_asked,
)
from compliance.web.cases import Opened

_PARTS = {"plant": NAME, "number": Whole()}
_ROW = Record(
    "Occurrence",
    {
        "id": Maybe(Whole()),
        "obligation": NAME,
        "code": NAME,
        "title": SAID,
        "clause": NAME,
        "strength": NAME,
        "subject": NAME,
        "period": NAME,
        "standard": NAME,
        "opens": Day(),
        "due": Day(),
        "effective_workday": Day(),
        "provisional": Truth(),
        "state": Word(words=tuple(s.value for s in OccurrenceState)),
        "done_on": Maybe(Day()),
        "derivation": SAID,
        "owner": NAME,
        "approver": Maybe(NAME),
        "href": Maybe(Word(1000, like="/api/v1/…")),
    },
)
_CROSSED = Record("DayOff", {"day": Day(), "holiday": Maybe(SAID), "provisional": Truth()})
_NOTICE = Record(
    "HolidayNotice",
    {"year": Whole(), "document": Maybe(NAME), "number": Maybe(NAME), "published": Truth(), "checked": Maybe(SAID)},
)
#: Parts that some of the steps have.
_SOME = (
    "clause",
    "strength",
    "document",
    "value",
    "unit",
    "origin",
    "parameter",
    "roll",
    "moved",
    "crossed",
    "notices",
)
_STEP = Record(
    "DerivationStep",
    {
        "step": Word(words=tuple(k.value for k in StepKind)),
        "day": Maybe(Day()),
        "text": SAID,
        "clause": NAME,
        "strength": NAME,
        "document": NAME,
        "value": OneOf((Whole(), NAME)),
        "unit": NAME,
        "origin": Word(words=tuple(o.value for o in Origin)),
        "parameter": NAME,
        "roll": NAME,
        "moved": Truth(),
        "crossed": ListOf(_CROSSED),
        "notices": ListOf(_NOTICE),
    },
    frozenset(_SOME),
)
_DETAIL = Record(
    "OccurrenceDetail",
    {**_ROW.members, "rule_digest": Word(100), "steps": Maybe(ListOf(_STEP)), "case": CASE, "replay": REPLAY},
)
_FILTERS = {
    "state": Query(
        Word(words=tuple(s.value for s in OccurrenceState)), Text("状态，可重复", "states; may repeat"), many=True
    ),
    "code": Query(NAME, Text("义务编号", "code of the obligation")),
    "subject": Query(NAME, Text("对象", "subject")),
    "period": Query(NAME, Text("所属期", "period")),
    "from": Query(Day(), Text("到期日不早于", "due on or after")),
    "until": Query(Day(), Text("到期日不晚于", "due on or before")),
    "standard": Query(NAME, Text("标准的标识", "id of a standard that the plant follows")),
    "order": Query(Word(words=("oldest", "newest")), Text("次序", "the order")),
}


@operation(
    Operation(
        name="obligations",
        method="GET",
        path="/plants/{plant}/obligations",
        title=Text("义务清单，按到期日", "obligations as they come due"),
        parts={"plant": NAME},
        query={**_FILTERS, **LOOKBACK, **PAGING},
        answer=page_of("Occurrences", _ROW, looked_back=LOOKED_BACK),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of occurrences: stored ones, or those of a look back, which have no number."""
    q = asked.query
    query = OccurrenceQuery(
        states=tuple(dict.fromkeys(OccurrenceState(s) for s in q.get("state", ()))),
        code=q.get("code", ""),
        subject=q.get("subject", ""),
        period=q.get("period", ""),
        due_from=q.get("from"),
        due_until=q.get("until"),
        of=scope.asked_rules(q.get("standard", "")),
        newest=q.get("order") == "newest",
        **asked_for(asked),
    )
    if then := then_asked(asked):
        of = lookback.concluded(then)
        return page(lookback.occurrences(of, query), _told) | {"looked_back": looked_back(of)}
    return page(access.services().lists.occurrences(access.card().plant, query), _told)


@operation(
    Operation(
        name="occurrence",
        method="GET",
        path="/plants/{plant}/occurrences/{number}",
        title=Text("一项到期义务及其办理", "one occurrence with its case"),
        parts=_PARTS,
        answer=_DETAIL,
        tagged=True,
    )
)
def occurrence(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One occurrence."""
    row = _row(asked)
    return _detail(row, _case(row))


@operation(
    Operation(
        name="occurrence_step",
        method="POST",
        path="/plants/{plant}/occurrences/{number}/steps",
        title=Text("办理一步", "take a step"),
        parts=_PARTS,
        body=STEP,
        answer=_DETAIL,
        tagged=True,
        matches=True,
    )
)
def step(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Take a step of the occurrence's case; the occurrence as it is then."""
    row = _row(asked)
    take(_case(row), asked, lambda case: _detail(row, case))
    return occurrence(asked)


@operation(
    Operation(
        name="occurrence_file",
        method="GET",
        path="/plants/{plant}/occurrences/{number}/files/{sha256}",
        title=Text("一步提交的文件", "a file that a step handed in"),
        parts={**_PARTS, "sha256": SHA256},
    )
)
def file(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """A file that was handed in for the occurrence."""
    return file_of(_case(_row(asked)), asked.path["sha256"])


def _row(asked: Asked) -> OccurrenceRow:
    found = access.services().lists.occurrence(access.card().plant, asked.path["number"])
    return found or abort(404)


def _case(row: OccurrenceRow) -> Opened:
    return cases.opened(occurrence_key(row.occurrence), row.occurrence)


def _detail(row: OccurrenceRow, case: Opened) -> dict[str, Any]:
    base = _told(row)
    return base | {
        "rule_digest": row.occurrence.rule_digest,
        "steps": _steps(derivations.of(row.occurrence)),
        "replay": replayed(replays.of_occurrence(row.occurrence).replay),
        "case": told(case, lambda sha256: f"{base['href']}/files/{sha256}"),
    }


def _steps(why: Derivation | None) -> list[dict[str, Any]] | None:
    """The steps with the parts that the shape names; None where they cannot be retraced."""
    if why is None:
        return None
    return [
        {"step": s.kind.value, "day": day(s.day), "text": said(s.text)}
        | {name: plain(value) for name, value in s.parts.items() if name in _STEP.optional}
        for s in why.steps
    ]


def _told(row: OccurrenceRow) -> dict[str, Any]:
    o = row.occurrence
    return {
        "id": row.id or None,
        "obligation": o.obligation,
        "code": o.code,
        "title": said(o.title),
        "clause": o.clause,
        "strength": o.strength,
        "subject": o.subject,
        "period": o.period,
        "standard": scope.code_of(o.obligation, o.rule_digest),
        "opens": day(o.opens),
        "due": day(o.due),
        "effective_workday": day(o.effective_workday),
        "provisional": o.provisional,
        "state": o.state.value,
        "done_on": day(o.done_on),
        "derivation": said(o.derivation),
        "owner": o.owner,
        "approver": o.approver,
        "href": here("occurrences", row.id) if row.id else None,
    }
