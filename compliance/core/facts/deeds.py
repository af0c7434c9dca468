"""Facts about what somebody is about to do (2, 5.1.2, 6.1.4 b, 7.2 a); there are none where nobody does anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compliance.core.facts.catalogue import DAY, FLAG, TEXT, Params, derivation, row_of
from compliance.core.model import LedgerApproval, PlantData, Row
from compliance.core.model.deeds import Correction, Disposal, FigurePart, Signing
from compliance.rulebase.evaluator import FactValue

#: Length of the month in an ISO day or month.
_MONTH = len("2026-01")


@derivation(
    "correction", {"sheet": TEXT, "columns": TEXT, "month": TEXT, "locked_on": DAY}, ("sheets", "ledgers", "values")
)
def correction(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a corrected row of the sheets given, for each month that it told of and tells of.

    ``values``: the fields that figures rest on; a cell that was empty is filled, not corrected. ``locked_on``: the day
    of the last approval, where the newest ledgers of the month are approved, as they stood before the act; a newer
    ledger that is not approved yet opens the month.
    """
    corrections = [deed for deed in data.deeds if isinstance(deed, Correction)]
    for deed in corrections:
        sheet = type(deed.old).SHEET
        counted = [name for name in deed.columns if name in params.texts("values")]
        told = [sheet.column(name).heading for name in counted if getattr(deed.old, name) is not None]
        if sheet.heading not in params.texts("sheets") or not told:
            continue
        for month in dict.fromkeys(filter(None, (_month(deed.old), _month(deed.new)))):
            yield {
                "on": data.as_of,
                "sheet": sheet.heading,
                "columns": "、".join(told),
                "month": month,
                "locked_on": _locked_on(data, corrections, month, params.texts("ledgers")),
                "row": row_of(sheet.table, *deed.old.key()),
            }


def _month(row: Row) -> str | None:
    """The month that a row tells of: its own column, or that of the first day that decides."""
    sheet = type(row).SHEET
    for name in ("month", *sheet.decides, *sheet.key):
        value = getattr(row, name, None)
        if isinstance(value, date):
            return value.isoformat()[:_MONTH]
        if name == "month" and isinstance(value, str):
            return value
    return None


def _locked_on(data: PlantData, corrections: list[Correction], month: str, ledgers: tuple[str, ...]) -> date | None:
    former = {d.new.key(): d.old for d in corrections if isinstance(d.old, LedgerApproval)}
    of_month = [one for row in data.rows(LedgerApproval) if (one := former.get(row.key(), row)).month == month]
    days = [_approved(of_month, ledger) for ledger in ledgers]
    given = [day for day in days if day is not None]
    return max(given) if given and len(given) == len(days) else None


def _approved(rows: list[LedgerApproval], ledger: str) -> date | None:
    """When the newest version of a ledger was approved."""
    versions = [row for row in rows if row.ledger == ledger]
    newest = max(versions, key=lambda row: (row.prepared_on or date.max, row.number), default=None)
    return newest.approved_on if newest else None


@derivation(
    "approval-undone", {"number": TEXT, "ledger": TEXT, "month": TEXT, "locked_on": DAY, "undone": FLAG}, ("ledgers",)
)
def approval_undone(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an approved ledger of those given whose row is about to be corrected.

    ``undone``: it would be approved no more, or be the ledger of another month: what it locked would be open.
    """
    for deed in data.deeds:
        if not isinstance(deed, Correction):
            continue
        old, new = deed.old, deed.new
        if not isinstance(old, LedgerApproval) or not isinstance(new, LedgerApproval) or old.approved_on is None:
            continue
        if old.ledger not in params.texts("ledgers"):
            continue
        lifted = new.approved_on is None or (old.approver is not None and new.approver is None)
        yield {
            "on": data.as_of,
            "number": old.number,
            "ledger": old.ledger,
            "month": old.month,
            "locked_on": old.approved_on,
            "undone": lifted or (new.ledger, new.month) != (old.ledger, old.month),
            "row": row_of(LedgerApproval.SHEET.table, *old.key()),
        }


@derivation("signing", {"document": TEXT, "outdated": FLAG})
def signing(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a document that is about to be signed; ``outdated``: its rule was worded otherwise then."""
    del params
    for deed in data.deeds:
        if isinstance(deed, Signing):
            yield {
                "on": data.as_of,
                "document": deed.document,
                "outdated": deed.drawn_by != deed.now,
                "row": row_of("document", deed.document),
            }


@derivation("disposal", {"record": TEXT, "kept_until": DAY, "until": DAY})
def disposal(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a record that is about to be deleted, or kept shorter than it is."""
    del params
    for deed in data.deeds:
        if isinstance(deed, Disposal):
            yield {
                "on": data.as_of,
                "record": deed.record,
                "kept_until": deed.kept_until,
                "until": deed.until,
                "row": row_of("record", deed.record),
            }


@derivation(
    "figure-part",
    {"total": TEXT, "part": TEXT, "direct_only": FLAG, "indirect": FLAG},
    ("direct", "indirect", "classes"),
)
def figure_part(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a part of a total that a rule base defines.

    ``direct_only``: the total is of a boundary that counts direct emissions alone; ``indirect``: the part is a figure
    of an indirect boundary, or an amount of one of the classes given.
    """
    for deed in data.deeds:
        if isinstance(deed, FigurePart):
            yield {
                "on": data.as_of,
                "total": deed.total,
                "part": deed.part,
                "direct_only": deed.boundary in params.texts("direct"),
                "indirect": deed.part_boundary in params.texts("indirect")
                or deed.item_class in params.texts("classes"),
                "row": row_of("figure", deed.total, deed.part),
            }
