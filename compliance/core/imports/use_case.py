"""The use case: examine a workbook whole, compare it with what is stored, then write all of it as one act."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import ClassVar, Protocol

from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.imports.changes import Changes, Correction, SheetCount, compare
from compliance.core.imports.company import PlantFacts
from compliance.core.imports.examine import STEPS, Examined, Sheets, examine
from compliance.core.imports.manifest import joined, manifest_lines
from compliance.core.imports.problems import MOST_PROBLEMS, DataProblem
from compliance.core.imports.tables import Vocabularies
from compliance.core.model import CompanyItem
from compliance.core.plants import Plant
from compliance.core.ports import Progress, Reads, Register, Tables, Vault, Work, Workbooks
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.schema import Parameter

WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MANIFEST_TYPE = "application/x-ndjson"
MANIFEST_NAME = "import-manifest.jsonl"
#: How often an import starts over because someone else wrote between its look and its work.
_TRIES = 3
#: How many refused rows a leaf names.
_TOLD = 20
_IN_MEMORY = 4 << 20


class UnreadableFile(WrongUse):
    """There is no such file, or it cannot be read."""

    code = "unreadable-file"
    text: ClassVar[Text] = Text(zh="无法读取文件“{path}”", en="The file {path!r} cannot be read")


class AnotherPlant(Refused):
    """The workbook is of another plant than the one it was handed in for."""

    code = "another-plant"
    text: ClassVar[Text] = Text(
        zh="工作簿属于“{found}”，不是“{wanted}”，未导入", en="The workbook is of {found}, not of {wanted}; not imported"
    )


class FileChanged(Refused):
    """The file was changed while it was read."""

    code = "file-changed"
    text: ClassVar[Text] = Text(
        zh="文件在读取过程中被改动，未导入；请保存后重试",
        en="The file was changed while it was read; nothing was imported: save it and try again",
    )


class ChangedMeanwhile(Refused):
    """Others wrote to the plant each time that the import was about to."""

    code = "changed-meanwhile"
    text: ClassVar[Text] = Text(
        zh="导入期间该企业的数据被他人改动，未导入；请重试",
        en="Others changed the plant's data during the import; nothing was imported: try again",
    )


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was imported; ``plant`` is its key, ``seq`` the act's place in its log (``None``: nothing was new)."""

    plant: str
    sheets: Mapping[str, SheetCount]
    seq: int | None = None

    def as_json(self) -> dict[str, object]:
        """The shape of the command line's answer."""
        return {"plant": self.plant, "sheets": {name: count.as_json() for name, count in self.sheets.items()}}


@dataclass(frozen=True, slots=True)
class ImportRefused:
    """Nothing was imported, and why; ``more`` counts problems beyond those listed."""

    code: ClassVar[str] = "import-refused"
    problems: Sequence[DataProblem]
    more: int = 0

    def as_json(self) -> dict[str, object]:
        """The shape of the command line's answer."""
        return {"problems": [problem.as_json() for problem in self.problems]}


@dataclass(frozen=True, slots=True)
class CorrectionNeedsReason(ImportRefused):
    """The file says otherwise than the register, and no reason was given: every cell, old → new."""

    code: ClassVar[str] = "correction-needs-reason"


@dataclass(frozen=True, slots=True)
class RowsRefused(ImportRefused):
    """A rule refuses rows: each with what would be right, the rule and its clause."""

    code: ClassVar[str] = "refused-by-rule"


class Guard(Protocol):
    """Judges rows before they are stored."""

    def problems(self, plant: Plant, stored: Tables, changes: Changes, examined: Examined) -> list[DataProblem]:
        """What the rules refuse of the rows that are about to be added or corrected."""
        ...


@dataclass(frozen=True, slots=True)
class Admission:
    """What of the rules admits rows: the words of their columns, what refuses them, the parameters of plants."""

    vocabularies: Vocabularies
    guard: Guard
    parameters: Sequence[Parameter] = ()


def import_workbook(  # noqa: PLR0913 - what it works on is named one by one, as its callers hold it
    path: Path | str,
    *,
    register: Register,
    vault: Vault,
    workbooks: Workbooks,
    admits: Admission,
    actor: Actor,
    today: date,
    reason: str | None = None,
    progress: Progress,
    name: str = "",
    only: str | None = None,
) -> ImportReport | ImportRefused:
    """Import a plant's workbook, all or nothing; an identical one writes nothing at all.

    ``name`` is what the file is called by the person; ``only`` admits the workbook of that plant alone.
    Raises an unsafe-workbook refusal, ``AnotherPlant``, ``FileChanged`` or ``ChangedMeanwhile``.
    """
    file = _File(Path(path), name or Path(path).name)
    examined = _examine(workbooks.sheets(str(path)), admits.vocabularies, progress)
    if examined.facts is None:
        return ImportRefused(examined.problems, examined.more)
    if only is not None and examined.facts.key != only:
        raise AnotherPlant(found=examined.facts.key, wanted=only)
    return Importing(
        file, examined, examined.facts, register, vault, actor, today, (reason or "").strip(), progress, admits.guard
    ).done()


def _examine(sheets: Sheets, vocabularies: Vocabularies, progress: Progress) -> Examined:
    """Examine a file and let go of it, also where reading it was refused half way."""
    try:
        return examine(sheets, vocabularies, progress)
    finally:
        if isinstance(sheets, Generator):
            sheets.close()


class _File:
    """The workbook's file, and what it was when it was examined."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self.name = name
        self._before = self._state()

    def keep(self, vault: Vault) -> ObjectRef:
        """Put the bytes that were examined into the vault."""
        with self.path.open("rb") as source:
            kept = vault.put(source, name=self.name, media_type=WORKBOOK_TYPE)
        if self._state() != self._before:
            raise FileChanged
        return kept

    def _state(self) -> tuple[int, ...]:
        try:
            found = os.stat(self.path)  # noqa: PTH116 - of whatever the name leads to
        except OSError as fault:
            raise UnreadableFile(path=str(self.path)) from fault
        return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


@dataclass(frozen=True, slots=True)
class _Seen:
    """The plant and its rows as they stood at the look; ``version`` grows with every later change."""

    plant: Plant | None = None
    version: int = 0
    tables: Tables = field(default_factory=dict)


class Source(Protocol):
    """What rows came from: a workbook's file, or a form that was filled in."""

    def keep(self, vault: Vault) -> ObjectRef:
        """Put its bytes into the vault."""
        ...


@dataclass(frozen=True, slots=True)
class Importing:
    """Examined rows that are about to be written as one act."""

    file: Source
    examined: Examined
    facts: PlantFacts
    register: Register
    vault: Vault
    actor: Actor
    today: date
    reason: str
    progress: Progress
    guard: Guard
    action: str = "plant:import"

    def done(self) -> ImportReport | ImportRefused:
        """Write; starts over where someone else wrote in between."""
        for _ in range(_TRIES):
            report = self._run()
            if report is not None:
                return report
        raise ChangedMeanwhile

    def _run(self) -> ImportReport | ImportRefused | None:
        """Look, compare and write; ``None`` if someone else wrote in between."""
        self.progress(STEPS - 3, STEPS, "比对 compare")
        seen = self._look()
        changes = compare(self.examined, seen.tables)
        plant = seen.plant or self._new_plant()
        if changes and (problems := self.guard.problems(plant, seen.tables, changes, self.examined)):
            return self._refused(seen.plant, problems)
        if not self.reason and self._corrects(seen.plant, changes):
            return _needs_reason(changes)
        if not changes:
            self.progress(STEPS, STEPS, "")
            return ImportReport(self.facts.key, changes.counts)
        self.progress(STEPS - 2, STEPS, "存档 file")
        files = self._keep(changes)
        self.progress(STEPS - 1, STEPS, "写入 write")
        seq = self._write(seen, changes, files)
        self.progress(STEPS, STEPS, "")
        return None if seq is None else ImportReport(self.facts.key, changes.counts, seq)

    def _corrects(self, plant: Plant | None, changes: Changes) -> bool:
        """Whether anything recorded would read otherwise; a last day of data that moves on corrects nothing."""
        pairs = (pair for pairs in changes.changed.values() for pair in pairs)
        return plant is not None and any(not self._moves_on(plant, pair) for pair in pairs)

    def _moves_on(self, plant: Plant, pair: Correction) -> bool:
        if not isinstance(pair.old, CompanyItem) or not isinstance(pair.new, CompanyItem):
            return False
        days = plant.data_end.isoformat(), self.facts.data_end.isoformat()
        return plant.data_end < self.facts.data_end and (pair.old.content, pair.new.content) == days

    def _look(self) -> _Seen:
        with self.register.read() as reads:
            plant = _plant(reads, self.facts.key)
            return _Seen() if plant is None else _Seen(plant, reads.version(plant), reads.tables(plant))

    def _keep(self, changes: Changes) -> tuple[ObjectRef, ObjectRef]:
        """Make workbook and manifest durable before any row names them."""
        workbook = self.file.keep(self.vault)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as lines:
            for piece in joined(manifest_lines(self.facts.key, workbook.sha256, changes)):
                lines.write(piece)
            lines.seek(0)
            manifest = self.vault.put(lines, name=MANIFEST_NAME, media_type=MANIFEST_TYPE)  # type: ignore[arg-type] # a binary file
        return workbook, manifest

    def _write(self, seen: _Seen, changes: Changes, files: tuple[ObjectRef, ObjectRef]) -> int | None:
        with self.register.work() as work:
            plant = _plant(work, self.facts.key)
            if not _unchanged(work, plant, seen):
                return None
            plant = self._store_plant(work, plant)
            work.insert_rows(plant, changes.added)
            work.update_rows(plant, {kind: [p.new for p in pairs] for kind, pairs in changes.changed.items()})
            counts = {name: count.as_json() for name, count in changes.counts.items()}
            work.record_import(plant, *files, counts)
            return work.record(self._act(plant, changes, files), plant)

    def _new_plant(self) -> Plant:
        facts = self.facts
        return Plant(0, facts.key, None, facts.name, facts.data_start, facts.data_end, onboarded=self.today)

    def _refused(self, plant: Plant | None, problems: Sequence[DataProblem]) -> RowsRefused:
        """What a rule refuses leaves one leaf, and nothing else."""
        with self.register.work() as work:
            found = _plant(work, self.facts.key) if plant else None
            act = Act(
                actor=self.actor,
                action="plant:refused",
                object_type="plant",
                object_id=self.facts.key,
                changes=tuple({"f": p.sheet, "row": p.row} for p in problems[:_TOLD]),
                reason=problems[0].message.zh,
            )
            work.record(act, found)
        return RowsRefused(problems)

    def _store_plant(self, work: Work, plant: Plant | None) -> Plant:
        facts = self.facts
        if plant is None:
            return work.add_plant(self._new_plant())
        now = replace(plant, name=facts.name, data_start=facts.data_start, data_end=facts.data_end)
        if now != plant:
            work.update_plant(now)
        return now

    def _act(self, plant: Plant, changes: Changes, files: tuple[ObjectRef, ObjectRef]) -> Act:
        counted = ((name, c) for name, c in changes.counts.items() if c.added or c.changed)
        return Act(
            actor=self.actor,
            action=self.action,
            object_type="plant",
            object_id=plant.key,
            changes=tuple({"f": name, **count.as_json()} for name, count in counted),
            reason=self.reason,
            objects=files,
        )


def _plant(reads: Reads, key: str) -> Plant | None:
    """The plant of a key; another's short code that reads alike is not meant."""
    plant = reads.plant(key)
    return plant if plant is not None and plant.key == key else None


def _unchanged(work: Work, plant: Plant | None, seen: _Seen) -> bool:
    """Whether the plant still stands as it was compared."""
    if plant is None or seen.plant is None:
        return plant is seen.plant
    return work.version(plant) == seen.version


def _needs_reason(changes: Changes) -> CorrectionNeedsReason:
    problems: list[DataProblem] = []
    more = 0
    for problem in changes.corrections():
        if len(problems) < MOST_PROBLEMS:
            problems.append(problem)
        else:
            more += 1
    return CorrectionNeedsReason(problems, more)
