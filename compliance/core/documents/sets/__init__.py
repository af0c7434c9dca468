"""Data sets: what documents may be filled with. A later document needs a rule, a template, and some of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compliance.core.cases import CaseKey, NoSuchCase
from compliance.core.documents.report import NONCONFORMITY_REPORT, empty_report, nonconformity_report, report_names
from compliance.core.documents.sets.base import (
    SUBJECTS,
    Asked,
    DataSet,
    NoSuchSubject,
    SetReads,
    Shelf,
    Speaks,
    Subject,
    last_day,
    made_in,
    meant,
    record_type,
)
from compliance.core.documents.sets.changes import CHANGE_SETS
from compliance.core.documents.sets.computed import COMPUTED_SETS, column
from compliance.core.documents.sets.joined import JOINED_SETS
from compliance.core.documents.sets.judged import JUDGED_SETS
from compliance.core.documents.sets.organisation import ORGANISATION_SETS, profile_words
from compliance.core.documents.sets.pictured import PICTURED_SETS
from compliance.core.documents.sets.sheets import SHEET_SETS, SHOWN_SHEETS
from compliance.core.documents.values import Names, Value
from compliance.core.judged import NONCONFORMITY, Nonconformity
from compliance.core.model import Row
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Workflow

__all__ = [
    "DATA_SETS",
    "SHOWN_SHEETS",
    "SUBJECTS",
    "Asked",
    "DataSet",
    "NoSuchSubject",
    "SetReads",
    "Shelf",
    "Speaks",
    "Subject",
    "column",
    "gathered",
    "kinds_of",
    "last_day",
    "made_in",
    "meant",
    "names_of",
    "profile_words",
    "record_type",
]


def _latest(rulebase: RuleBase) -> Workflow | None:
    return next(reversed([w for w in rulebase.of(Workflow) if w.applies_to == NONCONFORMITY]), None)


def _report_names(rulebase: RuleBase, _per: str) -> Names:
    workflow = _latest(rulebase)
    return report_names(workflow) if workflow else {}


def _report(asked: Asked) -> Mapping[str, Value]:
    about = asked.subject.about
    workflow = _latest(asked.rulebase)
    if not about and workflow:
        return empty_report(workflow, asked.plant, asked.rulebase, asked.frame)
    looked = asked.casework.look(asked.reads, asked.plant, CaseKey(NONCONFORMITY, about))
    if not isinstance(looked.thing.about, Nonconformity):
        raise NoSuchCase(name=about)
    findings = asked.reads.findings(asked.plant)
    return nonconformity_report(looked, looked.thing.about, asked.plant, findings, asked.rulebase, asked.frame)


#: Every data set by the name that rules use.
DATA_SETS: Mapping[str, DataSet] = {
    **ORGANISATION_SETS,
    **SHEET_SETS,
    **COMPUTED_SETS,
    **JUDGED_SETS,
    **CHANGE_SETS,
    **JOINED_SETS,
    **PICTURED_SETS,
    NONCONFORMITY_REPORT: DataSet(_report_names, _report, per=NONCONFORMITY, speaks=Speaks.MOMENT),
}


def names_of(rule: Document, rulebase: RuleBase) -> Names:
    """Every name that the data sets of a rule offer."""
    return {name: it for one in rule.data for name, it in DATA_SETS[one].names(rulebase, rule.per).items()}


def kinds_of(rule: Document) -> Sequence[type[Row]]:
    """The tables that the data sets of a rule read."""
    record = record_type(rule.per)
    kinds = [kind for one in rule.data for kind in DATA_SETS[one].kinds]
    return list(dict.fromkeys([*kinds, *([record] if record else [])]))


def gathered(rule: Document, asked: Asked, speaks: Speaks | None = None) -> dict[str, Value]:
    """The data of every set of a rule, or of those alone that speak of something."""
    wanted = [one for one in rule.data if speaks is None or DATA_SETS[one].speaks is speaks]
    return {name: value for one in wanted for name, value in DATA_SETS[one].gather(asked).items()}
