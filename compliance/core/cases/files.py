"""Files for a step that need no upload: those the plant keeps already, and a person's own that wait to be used.

An upload is no act of the plant: until a step names the file it waits with its person and case, and goes after a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from compliance.core.acts import ObjectRef
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

#: How long an upload waits for its step.
WAITS = timedelta(days=1)
#: Where a file comes from, besides the kinds of cases.
PENDING, IMPORT = "pending", "import"


class UnknownFile(WrongUse):
    """The plant keeps no file of that digest (another plant's file is answered the same)."""

    code = "unknown-file"
    text: ClassVar[Text] = Text(
        zh="本企业没有文件 {sha256}，请从列出的文件中选择或上传",
        en="This plant keeps no file {sha256}: choose one of those listed, or hand it in",
    )


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a plant's vault. ``source``: a kind of case, ``import`` or ``pending``; ``about`` says which."""

    ref: ObjectRef
    source: str
    about: str


class FileReads(Protocol):
    """What choosing files asks of a look."""

    def kept_files(self, plant: Plant, login: str, key: CaseKey, digests: Sequence[str] = ()) -> Sequence[KeptFile]:
        """Uploads of this person that wait for the case, and the plant's latest files; those of digests, if given."""
        ...


class FileWork(FileReads, Protocol):
    """What keeping uploads asks of a writing transaction; none of it is an act."""

    def keep_pending(self, plant: Plant, login: str, key: CaseKey, files: Sequence[ObjectRef], at: datetime) -> None:
        """Let uploads wait for the case."""
        ...

    def drop_pending(self, plant: Plant, login: str, key: CaseKey, digests: Sequence[str]) -> None:
        """Uploads that were used wait no more."""
        ...


class StaleWork(Protocol):
    """What clearing away asks of a writing transaction."""

    def stale_pending(self, before: datetime) -> Sequence[str]:
        """Forget uploads from before a moment; the digests that nothing names any more."""
        ...


class StaleRegister(Protocol):
    """The register as clearing away needs it."""

    def work(self) -> AbstractContextManager[StaleWork]:
        """Open a writing transaction."""
        ...


class Removing(Protocol):
    """The vault as clearing away needs it."""

    def remove(self, sha256: str, before: datetime) -> bool:
        """Remove a file that nobody has handed in since a moment; whether it was removed."""
        ...


def chosen(reads: FileReads, plant: Plant, login: str, key: CaseKey, digests: Sequence[str]) -> tuple[ObjectRef, ...]:
    """The files of digests, if the plant keeps them or they wait for this person; raises :class:`UnknownFile`."""
    if not digests:
        return ()
    wanted = tuple(dict.fromkeys(digests))
    found = {kept.ref.sha256: kept.ref for kept in reversed(reads.kept_files(plant, login, key, wanted))}
    for digest in wanted:
        if digest not in found:
            raise UnknownFile(sha256=digest[:64])
    return tuple(found[digest] for digest in wanted)


def clear_away(register: StaleRegister, vault: Removing, now: datetime) -> int:
    """Remove uploads that no step used within a day; how many files went. What anything names stays."""
    before = now - WAITS
    with register.work() as work:
        # Within the transaction: no act can name a file between the look and the removal.
        return sum(vault.remove(digest, before) for digest in work.stale_pending(before))
