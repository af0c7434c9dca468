"""Data sets: what documents may be filled with. A later document needs a rule, a template, and one of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from compliance.core.cases import CaseKey, CaseReads, Casework, NoSuchCase
from compliance.core.controlled import DocumentReads
from compliance.core.documents.control import Frame
from compliance.core.documents.report import NONCONFORMITY_REPORT, nonconformity_report, report_names
from compliance.core.documents.values import Context, Names
from compliance.core.duties import Standing
from compliance.core.judged import NONCONFORMITY, Nonconformity, StoredFinding
from compliance.core.plants import Plant
from compliance.rulebase.schema import Workflow


class DeskReads(CaseReads, DocumentReads, Standing, Protocol):
    """What gathering the data of a document asks of a look."""

    def findings(self, plant: Plant) -> Sequence[StoredFinding]:
        """Stored findings, withdrawn ones included."""
        ...


@dataclass(frozen=True, slots=True)
class DataSet:
    """One set of data: the kind of case that it is on, the names it offers, and how it is gathered."""

    kind: str
    names: Callable[[Workflow], Names]
    gather: Callable[[DeskReads, Plant, str, Casework, Frame], Context]


def _nonconformity(reads: DeskReads, plant: Plant, about: str, casework: Casework, frame: Frame) -> Context:
    looked = casework.look(reads, plant, CaseKey(NONCONFORMITY, about))
    if not isinstance(looked.thing.about, Nonconformity):
        raise NoSuchCase(name=about)
    return nonconformity_report(looked, looked.thing.about, plant, reads.findings(plant), casework.rulebase, frame)


#: Every data set by the name that rules use.
DATA_SETS: Mapping[str, DataSet] = {NONCONFORMITY_REPORT: DataSet(NONCONFORMITY, report_names, _nonconformity)}
