"""The search index of the embedded set-up: Whoosh in a folder of its own, kept as a cache that may be lost.

Whoosh keeps pickles in its files, so none is read that this installation did not write: a list of the files' digests
lies beside them, closed with a digest under the installation's secret. What is missing, cut short or altered makes
the index empty, and it is filled again. Postings say only that a unit occurs: neither text nor places are kept.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from hmac import compare_digest
from pathlib import Path
from typing import Any

from whoosh.fields import ID, FieldType, Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.formats import Existence
from whoosh.query import And, Every, Or, Prefix, Term

from compliance.core.searching import Entry, IndexBusy, Key, Kind, Question, key_at, units

#: Grows when the same entries would be indexed otherwise; an index of another form is made anew.
FORM = 1
_WAIT_SECONDS, _LOOK_SECONDS = 10.0, 0.02
_WRITER_MB = 32
_LIST, _LOCK, _FILES = "list.json", "lock", "index"


def _schema() -> Schema:
    return Schema(
        key=ID(unique=True),
        plant=ID(),
        kind=ID(),
        place=ID(sortable=True),
        digest=ID(sortable=True),
        units=FieldType(format=Existence(), analyzer=None, scorable=False),
    )


class WhooshIndex:
    """Implements ``core.searching.SearchIndex``; one process writes at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Keep the index in a folder; the secret proves that its files are our own."""
        self._folder, self._files, self._secret = folder, folder / _FILES, secret
        self._known: dict[tuple[str, int, int], str] = {}
        self._open = threading.local()

    def cursors(self) -> Mapping[int, str]:
        """How far each plant's log is in the index."""
        with self._held(fcntl.LOCK_SH):
            listed = self._listed()
        return {int(plant): cursor for plant, cursor in listed["cursors"].items()} if listed else {}

    def digests(self, plant: int) -> Mapping[Key, str]:
        """What the index has of a plant, with the digest of each entry."""
        with self._searcher() as searcher:
            if searcher is None:
                return {}
            place, digest = (searcher.reader().column_reader(name) for name in ("place", "digest"))
            return {key_at(place[d]): digest[d] for d in searcher.docs_for_query(Term("plant", str(plant)))}

    def candidates(
        self, question: Question, plants: Collection[int], kinds: Collection[Kind], after: str, limit: int
    ) -> Sequence[str]:
        """Places of entries that have every unit, the highest first, behind the place ``after``."""
        with self._searcher() as searcher:
            if searcher is None:
                return []
            places = searcher.reader().column_reader("place")
            found = (places[d] for d in searcher.docs_for_query(_query(question, plants, kinds)))
            return heapq.nlargest(limit, (place for place in found if not after or place < after))

    def update(self, put: Sequence[Entry], remove: Collection[Key], cursors: Mapping[int, str]) -> None:
        """Add or replace entries and take others out, in one small commit."""
        with self._held(fcntl.LOCK_EX):
            listed = self._listed()
            index = self._whole() if listed is not None else None
            if index is None:
                index, listed = self._made(), {"cursors": {}}
            if put or remove:
                self._write(index, put, remove)
            index.close()
            self._list({**(listed or {})["cursors"], **{str(plant): cursor for plant, cursor in cursors.items()}})

    def clear(self) -> None:
        """Forget everything."""
        with self._held(fcntl.LOCK_EX):
            self._made().close()
            self._list({})

    # --- Whoosh

    def _write(self, index: Any, put: Sequence[Entry], remove: Collection[Key]) -> None:  # noqa: ANN401 - untyped
        writer = index.writer(limitmb=_WRITER_MB)
        try:
            for key in (*remove, *(entry.key for entry in put)):
                writer.delete_by_term("key", str(key))
            for entry in put:
                key = entry.key
                writer.add_document(
                    key=str(key), plant=str(key.plant), kind=key.kind.value, place=entry.place,
                    digest=entry.digest, units=sorted(units(entry.whole)),
                )  # fmt: skip
        except BaseException:
            writer.cancel()
            raise
        writer.commit()

    @contextmanager
    def _searcher(self) -> Iterator[Any]:
        """A searcher, or None where there is nothing to search.

        It stays open for the thread while list and files look the same: opening costs more than most questions.
        Whoosh's readers move cursors in their files, so no two threads share one.
        """
        with self._held(fcntl.LOCK_SH):
            kept = self._look()
            if getattr(self._open, "kept", self) != kept:
                self._reopen(kept)
            yield self._open.searcher

    def _reopen(self, kept: object) -> None:
        former = getattr(self._open, "searcher", None), getattr(self._open, "index", None)
        self._open.__dict__.clear()
        for opened in former:
            if opened is not None:
                opened.close()
        index = self._whole() if self._listed() is not None else None
        searcher = index.searcher() if index is not None else None
        if searcher is not None and not searcher.doc_count_all():
            searcher.close()
            searcher = None
        self._open.kept, self._open.index, self._open.searcher = kept, index, searcher

    def _look(self) -> object:
        """How the list reads and when the files were last touched."""
        try:
            listed = (self._folder / _LIST).read_bytes()
        except OSError:
            return None
        return listed, tuple(_mark(file) for file in self._present())

    def _whole(self) -> Any:  # noqa: ANN401 - untyped
        """The index as its files are; None if Whoosh cannot make sense of them (another release wrote them)."""
        try:
            return FileStorage(str(self._files)).open_index(schema=_schema())
        except Exception:  # noqa: BLE001 - Whoosh raises whatever its bytes lead it to
            return None

    def _made(self) -> Any:  # noqa: ANN401 - untyped
        shutil.rmtree(self._files, ignore_errors=True)
        self._files.mkdir(mode=0o700)
        return FileStorage(str(self._files)).create_index(_schema())

    # --- which files are our own

    def _listed(self) -> dict[str, Any] | None:
        """The list of the files, if it is ours and they are as it says."""
        try:
            kept = json.loads((self._folder / _LIST).read_bytes())
            listed, seal = kept["listed"], str(kept["seal"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if not compare_digest(seal, self._seal(listed)) or listed["form"] != FORM:
            return None
        return listed if listed["files"] == self._digests() else None

    def _list(self, cursors: Mapping[str, str]) -> None:
        listed = {"form": FORM, "cursors": dict(cursors), "files": self._digests()}
        fresh = self._folder / f"{_LIST}.new"
        fresh.write_text(json.dumps({"listed": listed, "seal": self._seal(listed)}), "utf-8")
        fresh.replace(self._folder / _LIST)

    def _seal(self, listed: Mapping[str, Any]) -> str:
        key = blake2b(self._secret, person=b"search").digest()
        return blake2b(json.dumps(listed, sort_keys=True).encode(), key=key).hexdigest()

    def _digests(self) -> dict[str, str]:
        """The digest of each file; Whoosh never changes one that it has written, so each is read once."""
        found, known = {}, {}
        for file in self._present():
            mark = _mark(file)
            known[mark] = found[file.name] = self._known.get(mark) or blake2b(file.read_bytes()).hexdigest()
        self._known = known
        return found

    def _present(self) -> list[Path]:
        files = sorted(self._files.iterdir()) if self._files.is_dir() else []
        return [file for file in files if not file.name.endswith("LOCK")]

    @contextmanager
    def _held(self, how: int) -> Iterator[None]:
        """The folder, shared to read or alone to write."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _wait_for(lambda: fcntl.flock(descriptor, how | fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)


def _mark(file: Path) -> tuple[str, int, int]:
    stat = file.stat()
    return file.name, stat.st_size, stat.st_mtime_ns


def _wait_for(lock: Callable[[], None]) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            return lock()
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise IndexBusy from error
            time.sleep(_LOOK_SECONDS)


def _query(question: Question, plants: Collection[int], kinds: Collection[Kind]) -> And:
    parts: list[Any] = [
        Prefix("units", unit.text) if unit.begins else Term("units", unit.text)
        for unit in sorted(question.units(), key=lambda unit: unit.text)
    ]
    parts.append(Or([Term("plant", str(plant)) for plant in sorted(plants)]))
    if kinds:
        parts.append(Or([Term("kind", kind.value) for kind in sorted(kinds)]))
    return And(parts or [Every()])
