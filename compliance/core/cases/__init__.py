"""Cases: occurrences and nonconformities worked step by step, as the workflows of the rules say."""

from __future__ import annotations

from compliance.core.cases.files import KeptFile, UnknownFile
from compliance.core.cases.kept import CaseReads, CaseWork, Signature, StoredStep, digest_of_step
from compliance.core.cases.raising import MayNotRaise, Raised, case_of, raise_nonconformity
from compliance.core.cases.taking import CaseRegister, Casework, Looked, SignatureRefused, Wish
from compliance.core.cases.things import (
    NoSuchCase,
    NoWorkflow,
    Thing,
    document_sides,
    drawing_up,
    occurrence_key,
    opening,
    thing_of,
    workflow_of,
)
from compliance.core.cases.values import REASON, REASON_TITLE, BadValue
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.worked import CaseKey, CaseRow

__all__ = [
    "NONCONFORMITY",
    "OCCURRENCE",
    "REASON",
    "REASON_TITLE",
    "BadValue",
    "CaseKey",
    "CaseReads",
    "CaseRegister",
    "CaseRow",
    "CaseWork",
    "Casework",
    "KeptFile",
    "Looked",
    "MayNotRaise",
    "NoSuchCase",
    "NoWorkflow",
    "Raised",
    "Signature",
    "SignatureRefused",
    "StoredStep",
    "Thing",
    "UnknownFile",
    "Wish",
    "case_of",
    "digest_of_step",
    "document_sides",
    "drawing_up",
    "occurrence_key",
    "opening",
    "raise_nonconformity",
    "thing_of",
    "workflow_of",
]
