"""How allowances and CCER changed for a surrender: an account of each, and the months of the year up to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import MONTH_LONG, YEAR_LONG, Asked, DataSet, numbered, quantity, texts
from compliance.core.documents.values import Names, Rows, Value
from compliance.core.model import MonthlyAsset, Surrender
from compliance.rulebase.rulebase import RuleBase

_ASSETS = "asset-class"
#: The accounts by the word of their asset: the columns of a surrender that add, and those that take away.
_ACCOUNTS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "allowance": (("carried_over", "allocated", "bought"), ("sold", "pledged", "allowances_surrendered")),
    "ccer": (("ccer_held",), ("ccer_surrendered",)),
}
_ENTRY = texts("no", "item", "increase", "decrease", "balance")
_MONTH = texts("no", *(c.name for c in MonthlyAsset.SHEET.columns))


def _names(_rulebase: RuleBase, _per: str) -> Names:
    accounts = {f"{word}_account": Rows(_ENTRY) for word in _ACCOUNTS}
    return {**accounts, **{f"{word}_months": Rows(_MONTH) for word in _ACCOUNTS}}


def _changes(asked: Asked) -> Mapping[str, Value]:
    row = asked.record if isinstance(asked.record, Surrender) else None
    accounts = {f"{word}_account": numbered(_account(row, *signs)) for word, signs in _ACCOUNTS.items()}
    return {**accounts, **{f"{word}_months": numbered(_months(asked, row, word)) for word in _ACCOUNTS}}


def _account(row: Surrender | None, adds: Sequence[str], takes: Sequence[str]) -> Iterator[Mapping[str, Value]]:
    """What was added and taken away, one after the other, with what was left then."""
    left = 0
    for name in (*adds, *takes):
        amount = (getattr(row, name) if row else None) or 0
        left += amount if name in adds else -amount
        shown = quantity(amount) if row else ""
        yield {
            "item": Surrender.SHEET.column(name).heading,
            "increase": shown if name in adds else EMPTY,
            "decrease": shown if name in takes else EMPTY,
            "balance": quantity(left) if row else "",
        }


def _months(asked: Asked, row: Surrender | None, word: str) -> Iterator[Mapping[str, Value]]:
    """The months of an asset in the year in which it was surrendered, up to that month."""
    ended = (row.completed or row.deadline) if row else None
    last = (ended or asked.day).isoformat()[:MONTH_LONG]
    asset = asked.word(_ASSETS, word)
    kept = (m for m in asked.data.rows(MonthlyAsset) if m.asset == asset and last[:YEAR_LONG] <= m.month <= last)
    return (asked.row(month) for month in sorted(kept, key=lambda m: m.month))


CHANGE_SETS: Mapping[str, DataSet] = {"changes": DataSet(_names, _changes, (Surrender, MonthlyAsset))}
