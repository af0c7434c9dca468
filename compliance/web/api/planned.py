"""What proposals of rules and their plans look like to programs: the shape of ``rules plan --json`` and its digest."""

from __future__ import annotations

from typing import Any

from compliance.core.judged import OccurrenceState
from compliance.core.linting import Severity
from compliance.core.proposals import OPEN, STEPS, USED, WITHDRAWN
from compliance.rulebase.rulebase import KINDS
from compliance.web.api.jobs import JOB_ROW
from compliance.web.api.shapes import NAME, SAID, SHA256, Day, ListOf, MapOf, Maybe, Moment, Record, Whole, Word

_MANY = 1_000_000
_STATES = Word(words=(OPEN, USED, WITHDRAWN))
PROPOSAL = Record(
    "Proposal",
    {
        "number": Whole(),
        "state": _STATES,
        "digest": SHA256,
        "before": SHA256,
        "plan": Maybe(SHA256),
        "login": NAME,
        "name": NAME,
        "reason": Word(),
        "at": Moment(),
        "decided_by": Maybe(NAME),
        "decided_name": Maybe(NAME),
        "decided_at": Maybe(Moment()),
        "href": Word(1000, like="/api/v1/…"),
    },
)
_REFUSED = Record("RefusedChange", {"step": Word(words=STEPS), "code": NAME, "reason": SAID})
DETAIL = Record(
    "ProposalDetail",
    {
        **PROPOSAL.members,
        "planning": Maybe(JOB_ROW),
        "rule": NAME,
        "offers": ListOf(Word(words=STEPS)),
        "refused": ListOf(_REFUSED),
        "may_activate": ListOf(NAME),
    },
)
_DUTY: dict[str, Any] = {
    "plant": NAME,
    "obligation": NAME,
    "code": NAME,
    "clause": NAME,
    "subject": NAME,
    "period": NAME,
    "due": Day(),
    "state": Word(words=tuple(s.value for s in OccurrenceState)),
}
_MOVED: dict[str, Any] = {"due_before": Day(), "state_before": _DUTY["state"]}
_FOUND: dict[str, Any] = {
    "plant": NAME,
    "situation": NAME,
    "rule": NAME,
    "clause": NAME,
    "subject": NAME,
    "period": NAME,
    "category": NAME,
    "grade": NAME,
}
_REGRADED: dict[str, Any] = {"category_before": NAME, "grade_before": NAME, "rule_before": NAME}
_DUTIES = ListOf(Record("PlannedDuty", _DUTY), _MANY)
_FINDINGS = ListOf(Record("PlannedFinding", _FOUND), _MANY)
_NAMED = ListOf(Record("PlannedRule", {"id": NAME, "title": SAID, "clause": NAME}))
_OF_KIND: dict[str, Any] = {"added": _NAMED, "removed": _NAMED, "changed": _NAMED}
_KEPT = Record("PlannedKeeping", {"plant": NAME, "document": NAME, "before": Maybe(Day()), "after": Day()})
_SHORTER = Record(
    "ShortenedKeeping",
    {"record": NAME, "rule": NAME, "clause": NAME, "day": Day(), "before": Day(), "after": Maybe(Day())},
)
_TEXT = Record(
    "ComparedRule",
    {
        "kind": Word(words=tuple(KINDS)),
        "id": NAME,
        "change": Word(words=("added", "removed", "changed")),
        "title": SAID,
        "clause": NAME,
        "diff": ListOf(Word(100_000)),
    },
)
_REMARK = Record(
    "RuleRemark",
    {
        "check": NAME,
        "title": SAID,
        "severity": Word(words=tuple(s.value for s in Severity)),
        "rule": NAME,
        "beside": Word(),
        "at": Word(),
        "file": NAME,
        "line": Whole(),
        "message": SAID,
    },
)
_UNFIT = Record(
    "UnfitTemplate",
    {
        "plant": Maybe(NAME),  # null: the group's
        "document": NAME,
        "file": SHA256,
        "problems": ListOf(Record("UnfitPlace", {"where": Word(1000), **SAID.members})),
    },
)
_STUCK = Record(
    "PlannedStaffing",
    {"plant": NAME, "check": NAME, "title": SAID, "what": SAID, "message": SAID, "rules": ListOf(NAME)},
)
_COUNTED = ("added", "removed", "moved", "reworded", "left", "raised", "withdrawn", "changed", "tickets", "lengthened")
PLAN = Record(
    "RulesPlan",
    {
        "plan": SHA256,
        "before": SHA256,
        "after": SHA256,
        "obligations": Record(
            "PlannedDuties",
            {
                "added": _DUTIES,
                "removed": _DUTIES,
                "moved": ListOf(Record("MovedDuty", {**_DUTY, **_MOVED}), _MANY),
                "reworded": _DUTIES,
                "left": _DUTIES,
            },
        ),
        "findings": Record(
            "PlannedFindings",
            {
                "raised": _FINDINGS,
                "withdrawn": _FINDINGS,
                "changed": ListOf(Record("RegradedFinding", {**_FOUND, **_REGRADED}), _MANY),
                "tickets": _FINDINGS,
            },
        ),
        "retention": Record(
            "PlannedRetention", {**_OF_KIND, "moved": ListOf(_KEPT, _MANY), "refused": ListOf(_SHORTER)}
        ),
        "documents": Record("PlannedDocuments", _OF_KIND),
        "approvals": Record("PlannedApprovals", _OF_KIND),
        "rules": ListOf(_TEXT),
        "lint": ListOf(_REMARK),
        "templates": ListOf(_UNFIT, _MANY),
        "staffing": ListOf(_STUCK, _MANY),
        "plants": MapOf(
            Record("PlannedPlant", {"name": NAME, "day": Day(), **{name: Whole() for name in _COUNTED}}),
            _MANY,
            like="91110000600001234A",
        ),
    },
)
