"""The rule language as frozen types: read this and you have read the language.

Every rule is one TOML block ``[kind.id]`` (or ``[[kind.id]]``, once for each wording that followed another). The id is
permanent. All kinds share the members of :class:`Rule`; the loader refuses any key that stands nowhere here.
Days are inclusive calendar days in the plant's time zone.
"""

from __future__ import annotations

from compliance.rulebase.schema.common import (
    PACKS,
    InForce,
    Number,
    Op,
    Problem,
    PropType,
    Ref,
    Rule,
    Scalar,
    Source,
    Strength,
    Ticket,
    Value,
    pack_of,
)
from compliance.rulebase.schema.figures import (
    Boundary,
    ByFactor,
    ByLedger,
    ByRatio,
    ByReport,
    FigureRule,
    OfFigure,
    PerSurrender,
    QuantityTerm,
    Quotient,
    RecordTerm,
    SampleMean,
    Scope,
    Shape,
    Spread,
    SumOfFigures,
    SumOfTerms,
    Times,
)
from compliance.rulebase.schema.findings import (
    Consequence,
    FactRule,
    FactType,
    Finding,
    Pattern,
    PropOf,
    Term,
)
from compliance.rulebase.schema.obligations import (
    CHOICES,
    AfterLast,
    Cadence,
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Due,
    Escalation,
    Every,
    Evidence,
    MonthEndOfRecord,
    Obligation,
    OfRecord,
    OnEvent,
    Opens,
    PeriodEnd,
    Periodic,
    PerRecord,
    Reminders,
    Roll,
    Rolling,
    TradingDaysAfter,
)
from compliance.rulebase.schema.people import (
    Approval,
    Post,
    Step,
)
from compliance.rulebase.schema.records import (
    Calendar,
    Document,
    DraftedWhen,
    Factor,
    FindingsShown,
    Holiday,
    Only,
    Parameter,
    Retention,
    Section,
    SectionKind,
    Versions,
    Vocabulary,
    Word,
)
from compliance.rulebase.schema.requirements import (
    Applicability,
    Ledger,
    LintException,
    Reference,
    Requirement,
    Slip,
    Standard,
)
from compliance.rulebase.schema.workflows import (
    TODAY,
    ActionReminders,
    CaseField,
    CaseState,
    CaseStep,
    FieldType,
    Timed,
    Workflow,
)

RuleKind = (
    Workflow
    | Obligation
    | FactRule
    | Finding
    | Post
    | Approval
    | Retention
    | Document
    | Calendar
    | Factor
    | Parameter
    | Vocabulary
    | Requirement
    | Slip
    | Ledger
    | Applicability
    | Standard
    | FigureRule
    | LintException
)

__all__ = [
    "CHOICES",
    "PACKS",
    "TODAY",
    "ActionReminders",
    "AfterLast",
    "Applicability",
    "Approval",
    "Boundary",
    "ByFactor",
    "ByLedger",
    "ByRatio",
    "ByReport",
    "Cadence",
    "Calendar",
    "CaseField",
    "CaseState",
    "CaseStep",
    "Consequence",
    "DateOfYear",
    "DayOfMonth",
    "DaysAfter",
    "Document",
    "DraftedWhen",
    "Due",
    "Escalation",
    "Every",
    "Evidence",
    "FactRule",
    "FactType",
    "Factor",
    "FieldType",
    "FigureRule",
    "Finding",
    "FindingsShown",
    "Holiday",
    "InForce",
    "Ledger",
    "LintException",
    "MonthEndOfRecord",
    "Number",
    "Obligation",
    "OfFigure",
    "OfRecord",
    "OnEvent",
    "Only",
    "Op",
    "Opens",
    "Parameter",
    "Pattern",
    "PerRecord",
    "PerSurrender",
    "PeriodEnd",
    "Periodic",
    "Post",
    "Problem",
    "PropOf",
    "PropType",
    "QuantityTerm",
    "Quotient",
    "RecordTerm",
    "Ref",
    "Reference",
    "Reminders",
    "Requirement",
    "Retention",
    "Roll",
    "Rolling",
    "Rule",
    "RuleKind",
    "SampleMean",
    "Scalar",
    "Scope",
    "Section",
    "SectionKind",
    "Shape",
    "Slip",
    "Source",
    "Spread",
    "Standard",
    "Step",
    "Strength",
    "SumOfFigures",
    "SumOfTerms",
    "Term",
    "Ticket",
    "Timed",
    "Times",
    "TradingDaysAfter",
    "Value",
    "Versions",
    "Vocabulary",
    "Word",
    "Workflow",
    "pack_of",
]
