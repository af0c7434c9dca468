"""Ledgers for programs: how fresh each is, and by which rule it is behind."""

from __future__ import annotations

from typing import Any

from compliance.core.ledgers import Demand, Freshness, Keeping
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, Maybe, Record, Whole, Word
from compliance.web.api.telling import day, said

_DEMAND = Record(
    "LedgerDemand",
    {
        "obligation": NAME,
        "code": NAME,
        "clause": NAME,
        "title": SAID,
        "overdue": Whole(),
        "overdue_since": Maybe(Day()),
        "next": Maybe(Day()),
    },
)
_LEDGER = Record(
    "Ledger",
    {
        "ledger": NAME,
        "code": NAME,
        "clause": NAME,
        "title": SAID,
        "standing": Word(words=tuple(s.value for s in Keeping)),
        "rows": Whole(),
        "newest": Maybe(Word(like="2026-05-31")),
        "next": Maybe(Day()),
        "demands": ListOf(_DEMAND),
    },
)


@operation(
    Operation(
        name="ledgers",
        method="GET",
        path="/plants/{plant}/ledgers",
        title=Text("各台账是否及时更新", "how fresh each ledger is, and by which rule it is behind"),
        parts={"plant": NAME},
        answer=Record("Ledgers", {"rows": ListOf(_LEDGER)}),
    )
)
def listing(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every ledger."""
    return {"rows": [_told(one) for one in access.services().ledgers.of(access.card().plant)]}


def _told(one: Freshness) -> dict[str, Any]:
    return {
        "ledger": one.rule.id,
        "code": one.rule.code,
        "clause": one.rule.source.clause,
        "title": said(one.rule.title),
        "standing": one.standing.value,
        "rows": one.kept.rows,
        "newest": one.kept.newest,
        "next": day(one.next) if one.next else None,
        "demands": [_demand(demand) for demand in one.demands],
    }


def _demand(one: Demand) -> dict[str, Any]:
    return {
        "obligation": one.rule.id,
        "code": one.rule.code,
        "clause": one.rule.source.clause,
        "title": said(one.rule.title),
        "overdue": one.overdue,
        "overdue_since": day(one.since) if one.since else None,
        "next": day(one.next) if one.next else None,
    }
