"""Sets that show rows of a table as they are: every column by its name, those of the document's period alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import (
    Asked,
    DataSet,
    NoSuchSubject,
    Speaks,
    numbered,
    padded,
    quantity,
    record_type,
    texts,
    within,
)
from compliance.core.documents.values import Names, Rows, Value
from compliance.core.model import (
    AccountPower,
    AlternativeFuel,
    CashTransfer,
    CoalSample,
    CollectionItem,
    ControlledDocument,
    CrossCheck,
    Department,
    EmissionSource,
    Event,
    Filing,
    ImportedNonconformity,
    InstrumentCheck,
    Laboratory,
    LedgerApproval,
    MissingData,
    MonthlyAsset,
    PaymentVoucher,
    PersonPeriod,
    ProductionLine,
    Review,
    Row,
    SampleSlip,
    Surrender,
    TestReport,
    Trade,
    TradingStrategy,
)
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase

#: The name of each set, the table that it shows, and the column by which rows belong to a period ("" = to all).
_SHOWN: Mapping[str, tuple[type[Row], str]] = {
    "lines": (ProductionLine, ""),
    "departments": (Department, ""),
    "sources": (EmissionSource, ""),
    "laboratories": (Laboratory, ""),
    "powers": (AccountPower, ""),
    "items": (CollectionItem, ""),
    "checks": (InstrumentCheck, "on"),
    "tests": (TestReport, "month"),
    "samples": (CoalSample, "month"),
    "slips": (SampleSlip, "on"),
    "alternative_fuels": (AlternativeFuel, "month"),
    "missing_data": (MissingData, "since"),
    "cross_checks": (CrossCheck, "month"),
    "filings": (Filing, "period"),
    "ledgers": (LedgerApproval, "month"),
    "reviews": (Review, "planned"),
    "events": (Event, "on"),
    "earlier_nonconformities": (ImportedNonconformity, "recorded"),
    "plant_documents": (ControlledDocument, ""),
    "assets": (MonthlyAsset, "month"),
    "strategies": (TradingStrategy, "year"),
    "trades": (Trade, "on"),
    "cash": (CashTransfer, "applied_on"),
    "vouchers": (PaymentVoucher, "funded"),
    "surrenders": (Surrender, "year"),
}
#: Rows that hold for a time: what is over on the document's day is not shown.
_UNTIL = "until"


#: Columns that are written with so many decimals at least.
_DECIMALS: Mapping[str, Mapping[str, int]] = {
    "cross_checks": dict.fromkeys(("production", "voucher", "invoice", "meter"), 2),
    "alternative_fuels": {"amount": 2, "calorific_value": 3, "carbon": 4, "biomass": 1},
}


def _apart(row: Row) -> str:
    """By how much the book of a month's assets is above the registry."""
    if not isinstance(row, MonthlyAsset) or row.closing is None or row.registry is None:
        return EMPTY
    return quantity(row.closing - row.registry)


#: What is worked out of a row beside its own columns.
_WORKED_OUT: Mapping[str, Mapping[str, Callable[[Row], str]]] = {"assets": {"difference": _apart}}


#: The table that each list of rows shows.
SHOWN_SHEETS: Mapping[str, type[Row]] = {name: kind for name, (kind, _when) in _SHOWN.items()}


def columns_of(kind: type[Row]) -> Mapping[str, None]:
    """The names that a row of a table offers."""
    return texts(*(c.name for c in kind.SHEET.columns))


def sheet_set(name: str, kind: type[Row], when: str) -> DataSet:
    """The set that shows a table under a name."""

    def names(_rulebase: RuleBase, _per: str) -> Names:
        return {name: Rows({"no": None, **columns_of(kind), **texts(*_WORKED_OUT.get(name, ()))})}

    def gather(asked: Asked) -> Mapping[str, Value]:
        return {name: numbered(_shown(asked, name, row) for row in rows_of(asked, kind, when))}

    return DataSet(names, gather, (kind, PersonPeriod), speaks=Speaks.RECORDS if when else Speaks.STANDING)


def _shown(asked: Asked, name: str, row: Row) -> Mapping[str, Value]:
    """A row as its list shows it."""
    cells = asked.row(row)
    level = {column: padded(str(cells[column]), least) for column, least in _DECIMALS.get(name, {}).items()}
    return {**cells, **level, **{column: work(row) for column, work in _WORKED_OUT.get(name, {}).items()}}


def rows_of(asked: Asked, kind: type[Row], when: str) -> Sequence[Row]:
    """Rows of a table that belong to the document's period and hold on its day."""
    rows = asked.data.rows(kind)
    if when:
        return [row for row in rows if within(getattr(row, when), asked.period)]
    return [row for row in rows if (until := getattr(row, _UNTIL, None)) is None or until >= asked.day]


def _record_names(_rulebase: RuleBase, per: str) -> Names:
    kind = record_type(per)
    return {"record": columns_of(kind) if kind else {}}


def _record(asked: Asked) -> Mapping[str, Value]:
    """The record that the document is on; blanks where it is on none yet."""
    kind = record_type(asked.subject.per)
    if kind is None:
        return {"record": {}}
    if not asked.subject.about:
        return {"record": dict.fromkeys(columns_of(kind), "")}
    if asked.record is None:
        raise NoSuchSubject(about=asked.subject.about, right=_RECORD)
    shown = asked.row(asked.record)
    return {"record": {name: "" if value == EMPTY else value for name, value in shown.items()}}


_RECORD = Text("已登记的记录编号", "it should be the number of a record that there is")
SHEET_SETS: Mapping[str, DataSet] = {
    **{name: sheet_set(name, kind, when) for name, (kind, when) in _SHOWN.items()},
    "record": DataSet(_record_names, _record, (PersonPeriod,)),
}
