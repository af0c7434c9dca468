"""The plant's data: one frozen row type a sheet of the workbook, table and sheet from one declaration."""

from __future__ import annotations

from compliance.core.model.asked import AskedVersion
from compliance.core.model.assets import (
    AccountPower,
    CashTransfer,
    MonthlyAsset,
    PaymentVoucher,
    PlantFactor,
    Surrender,
    Trade,
    TradingStrategy,
)
from compliance.core.model.assurance import (
    FILING_OBLIGATION,
    ControlledDocument,
    Event,
    Filing,
    ImportedNonconformity,
    LedgerApproval,
    Review,
)
from compliance.core.model.base import SHEETS, Cell, Column, Refers, Row, Sheet, rows_of
from compliance.core.model.data import LineItem, PlantData, as_of, turning
from compliance.core.model.metering import (
    AlternativeFuel,
    CoalSample,
    CollectionItem,
    CrossCheck,
    Instrument,
    InstrumentCheck,
    Laboratory,
    MissingData,
    Reading,
    SampleSlip,
    TestReport,
)
from compliance.core.model.plant import CompanyItem, Department, EmissionSource, PersonPeriod, ProductionLine
from compliance.core.model.reductions import FinanceUse, ReductionEntry, ReductionProgramme, ReductionTarget

__all__ = [
    "FILING_OBLIGATION",
    "SHEETS",
    "AccountPower",
    "AlternativeFuel",
    "AskedVersion",
    "CashTransfer",
    "Cell",
    "CoalSample",
    "CollectionItem",
    "Column",
    "CompanyItem",
    "ControlledDocument",
    "CrossCheck",
    "Department",
    "EmissionSource",
    "Event",
    "Filing",
    "FinanceUse",
    "ImportedNonconformity",
    "Instrument",
    "InstrumentCheck",
    "Laboratory",
    "LedgerApproval",
    "LineItem",
    "MissingData",
    "MonthlyAsset",
    "PaymentVoucher",
    "PersonPeriod",
    "PlantData",
    "PlantFactor",
    "ProductionLine",
    "Reading",
    "ReductionEntry",
    "ReductionProgramme",
    "ReductionTarget",
    "Refers",
    "Review",
    "Row",
    "SampleSlip",
    "Sheet",
    "Surrender",
    "TestReport",
    "Trade",
    "TradingStrategy",
    "as_of",
    "rows_of",
    "turning",
]
