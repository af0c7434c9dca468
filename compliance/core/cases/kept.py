"""What the register keeps of a case: its steps as they were taken, and a row for lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from compliance.core.acts import Act, ObjectRef
from compliance.core.cases.files import FileReads, FileWork
from compliance.core.controlled import DocumentLook, DocumentWork
from compliance.core.duties import Standing
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.core.worked import CaseKey, CaseRow
from compliance.kernel.canonical import digest_of
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue, Taken


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature: what it means, and the digest of everything it covers."""

    meaning: Text
    covers: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredStep:
    """One step as it was taken; ``digest`` chains the steps.

    ``at`` is ISO text in UTC; ``posts`` are the plant's words for the posts of that day; ``acted_for`` is the account
    of the absent person in whose post a deputy took the step.
    """

    seq: int
    step: str
    state: str
    login: str
    account: str
    name: str
    posts: str
    at: str
    values: Mapping[str, FieldValue]
    files: tuple[ObjectRef, ...] = ()
    signature: Signature | None = None
    digest: str = ""
    acted_for: str = ""

    @property
    def meaning(self) -> Sequence[str]:
        """What the signature says, in both languages; empty if the step is not signed."""
        return (self.signature.meaning.zh, self.signature.meaning.en) if self.signature else ()

    def taken(self) -> Taken:
        """The step as the rule sees it."""
        return Taken(self.step, self.account, self.values, self.acted_for)


def digest_of_step(key: CaseKey, before: str, step: StoredStep) -> str:
    """The digest of a step's content and of every step before it: what a signature covers."""
    return digest_of(
        {
            "case": [key.kind, key.object_id],
            "before": before,
            "seq": step.seq,
            "step": step.step,
            "by": [step.login, step.account, step.name, step.posts],
            "at": step.at,
            "state": step.state,
            "meaning": step.meaning,
            "values": dict(step.values),
            "files": [{"sha256": f.sha256, "size": f.size, "name": f.name} for f in step.files],
            # Steps of before deputies were known have digests without it.
            **({"for": step.acted_for} if step.acted_for else {}),
        }
    )


class CaseReads(DocumentLook, FileReads, Protocol):
    """What working a case asks of a look."""

    def plant(self, key: str) -> Plant | None:
        """The plant of a key."""
        ...

    def tables(self, plant: Plant, kinds: Sequence[type] | None = None) -> Tables:
        """Rows of a plant."""
        ...

    def case_steps(self, plant: Plant, key: CaseKey) -> Sequence[StoredStep]:
        """The steps of a case in their order."""
        ...

    def case_rows(self, plant: Plant, kind: str) -> Sequence[CaseRow]:
        """Every case of a kind that has been worked."""
        ...

    def occurrence(self, plant: Plant, obligation: str, subject: str, period: str) -> Occurrence | None:
        """One stored occurrence."""
        ...

    def nonconformity(self, plant: Plant, number: str) -> Nonconformity | None:
        """One nonconformity."""
        ...


class CaseWork(CaseReads, Standing, DocumentWork, FileWork, Protocol):
    """What working a case asks of a writing transaction."""

    def add_step(self, plant: Plant, key: CaseKey, step: StoredStep) -> None:
        """Append a step; steps are never changed."""
        ...

    def save_case(self, plant: Plant, row: CaseRow) -> None:
        """Insert or replace the row of a case."""
        ...

    def save_nonconformities(self, plant: Plant, put: Sequence[Nonconformity]) -> None:
        """Insert or replace nonconformities by number."""
        ...

    def next_numbers(self, plant: Plant, series: str, count: int) -> range:
        """Take numbers of a series."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...
