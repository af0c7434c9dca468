"""The search index of the embedded set-up: Whoosh in a folder of its own, kept as a cache that may be lost.

Whoosh keeps pickles in its files, so none is read that this installation did not write: a list of the files' digests
lies beside them, closed with a digest under the installation's secret. What is missing, cut short or altered makes
the index empty, and it is filled again. Only that a unit occurs in an entry is kept: neither text nor where it stands.
"""

from __future__ import annotations

import fcntl
import heapq
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b, file_digest
from hmac import compare_digest
from itertools import chain, islice
from pathlib import Path
from typing import Any

from whoosh.filedb.filestore import FileStorage

from compliance.adapters.search_codec import OpenSegment, PlacesWriter, encoded, schema, unpacked
from compliance.core.searching import (
    ANY_DAY,
    DAY_AT,
    Days,
    Entry,
    IndexBusy,
    Key,
    Kind,
    Question,
    key_at,
    units,
)

#: Grows when the same entries would be indexed otherwise; an index of another form is made anew.
FORM = f"4 {sys.byteorder}"
_WAIT_SECONDS, _LOOK_SECONDS = 10.0, 0.02
#: What the terms of units begin with; those of keys, plants, kinds and states begin otherwise.
_UNIT = "u"
#: Writers queue at one lock; the other is what readers share, and a writer takes for a moment.
_WRITING, _LOCK = "writing", "lock"
_LIST, _FILES, _CONTENTS = "list.json", "index", ".toc"
_LISTED = frozenset({_CONTENTS, OpenSegment.EXTENSION})


class WhooshIndex:
    """Implements ``core.searching.SearchIndex``; one process writes at a time."""

    def __init__(self, folder: Path, secret: bytes) -> None:
        """Keep the index in a folder; the secret proves that its files are our own."""
        self._folder, self._files, self._secret = folder, folder / _FILES, secret
        self._known: dict[tuple[str, int, int], str] = {}
        self._open = threading.local()

    def cursors(self) -> Mapping[int, str]:
        """How far each plant's log is in the index."""
        with self._held(_LOCK, fcntl.LOCK_SH):
            listed = self._listed()
        return {int(plant): cursor for plant, cursor in listed["cursors"].items()} if listed else {}

    def digests(self, plant: int) -> Mapping[Key, str]:
        """What the index has of a plant, with the digest of each entry."""
        with self._segments() as segments:
            return {
                key_at(_text(segment.places[number])): segment.digest(number).decode()
                for segment in segments
                for number in segment.of([encoded(_of_plant(plant))])
                if not segment.segment.is_deleted(number)
            }

    def candidates(
        self,
        question: Question,
        plants: Collection[int],
        kinds: Collection[Kind],
        after: str,
        limit: int,
        days: Days = ANY_DAY,
        *,
        is_open: bool | None = None,
    ) -> Sequence[str]:
        """Places of entries that have every unit, the highest first, behind the place ``after``."""
        behind = encoded(after)
        first, last = map(encoded, days.ends)
        own = [[_of_plant(plant) for plant in plants]]
        own += [[_of_kind(kind) for kind in kinds]] if kinds else []
        own += [] if is_open is None else [[_of_state(is_open)]]
        with self._segments() as segments:
            found = (segment.below(_numbers(segment, question, own), behind) for segment in segments)
            places: Iterable[bytes] = heapq.merge(*found, reverse=True)
            if not days.any:
                places = (place for place in places if first <= place[DAY_AT] <= last)
            return [_text(place) for place in islice(places, limit)]

    def update(self, put: Sequence[Entry], remove: Collection[Key], cursors: Mapping[int, str]) -> None:
        """Add or replace entries and take others out, in one small commit; readers wait for its last moment alone."""
        with self._held(_WRITING, fcntl.LOCK_EX):
            index, listed = self._ours()
            writer = self._written(index, put, remove) if put or remove else None
            with self._held(_LOCK, fcntl.LOCK_EX):
                if writer is not None:
                    writer.publish()
                self._list({**listed["cursors"], **{str(plant): cursor for plant, cursor in cursors.items()}})

    def clear(self) -> None:
        """Forget everything."""
        with self._held(_WRITING, fcntl.LOCK_EX), self._held(_LOCK, fcntl.LOCK_EX):
            self._made()
            self._list({})

    # --- Whoosh

    def _ours(self) -> tuple[Any, dict[str, Any]]:
        """The index and its list; a new one where there is none or it is not ours."""
        listed = self._listed()
        index = self._whole() if listed is not None else None
        if listed is not None and index is not None:
            return index, listed
        with self._held(_LOCK, fcntl.LOCK_EX):
            index = self._made()
            self._list({})
        return index, {"cursors": {}}

    def _written(self, index: Any, put: Sequence[Entry], remove: Collection[Key]) -> PlacesWriter:  # noqa: ANN401 - untyped
        """What changes, in files that no reader knows yet."""
        writer = PlacesWriter(index)
        try:
            writer.remove(encoded(_of_key(key)) for key in (*remove, *(entry.key for entry in put)))
            for entry in put:
                own = [_of_key(entry.key), _of_plant(entry.key.plant), _of_kind(entry.key.kind)]
                own += [] if entry.is_open is None else [_of_state(entry.is_open)]
                words = map(_UNIT.__add__, units(entry.whole))
                writer.add(encoded(entry.place), entry.digest.encode(), chain(own, words))
        except BaseException:
            writer.cancel()
            raise
        writer.commit(mergetype=PlacesWriter.put_together)
        return writer

    @contextmanager
    def _segments(self) -> Iterator[Sequence[OpenSegment]]:
        """The segments of the index; none where there is nothing to search.

        They stay open for the thread while list and files look the same: opening costs more than most questions.
        Whoosh's readers move cursors in their files, so no two threads share one.
        """
        with self._held(_LOCK, fcntl.LOCK_SH):
            if getattr(self._open, "kept", self) != self._look():
                self._reopen()
            yield self._open.segments

    def _reopen(self) -> None:
        former = (*getattr(self._open, "segments", ()), getattr(self._open, "reader", None))
        self._open.__dict__.clear()
        for opened in former:
            if opened is not None:
                opened.close()
        listed = self._listed()
        index = self._whole() if listed is not None else None
        reader = index.reader() if index is not None else None
        leaves = reader.leaf_readers() if reader is not None and reader.doc_count_all() else ()
        self._open.reader, self._open.segments = reader, [OpenSegment(leaf) for leaf, _base in leaves]
        self._open.names = tuple(listed["files"]) if listed is not None else ()
        self._open.kept = self._look()

    def _look(self) -> object:
        """How the list reads and when the files that it named were last touched."""
        try:
            listed = (self._folder / _LIST).read_bytes()
        except OSError:
            return None
        return listed, [_mark(file) for file in self._named(getattr(self._open, "names", ()))]

    def _whole(self) -> Any:  # noqa: ANN401 - untyped
        """The index as its files are; None if Whoosh cannot make sense of them (another release wrote them)."""
        try:
            return FileStorage(str(self._files)).open_index(schema=schema())
        except Exception:  # noqa: BLE001 - Whoosh raises whatever its bytes lead it to
            return None

    def _made(self) -> Any:  # noqa: ANN401 - untyped
        shutil.rmtree(self._files, ignore_errors=True)
        self._files.mkdir(mode=0o700)
        return FileStorage(str(self._files)).create_index(schema())

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
        return listed if listed["files"] == self._digests(self._named(listed["files"])) else None

    def _list(self, cursors: Mapping[str, str]) -> None:
        present = [file for file in sorted(self._files.iterdir()) if file.suffix in _LISTED]
        listed = {"form": FORM, "cursors": dict(cursors), "files": self._digests(present)}
        fresh = self._folder / f"{_LIST}.new"
        fresh.write_text(json.dumps({"listed": listed, "seal": self._seal(listed)}), "utf-8")
        fresh.replace(self._folder / _LIST)

    def _seal(self, listed: Mapping[str, Any]) -> str:
        key = blake2b(self._secret, person=b"search").digest()
        return blake2b(json.dumps(listed, sort_keys=True).encode(), key=key).hexdigest()

    def _digests(self, files: Iterable[Path]) -> dict[str, str]:
        """The digest of each file; Whoosh never changes one that it has written, so each is read once."""
        found, known = {}, {}
        for file in files:
            if (mark := _mark(file)) is not None:
                known[mark] = found[file.name] = self._known.get(mark) or _digest(file)
        self._known = known
        return found

    def _named(self, names: Iterable[str]) -> list[Path]:
        """The files of these names and every table of contents: Whoosh follows the newest."""
        contents = {file.name for file in self._files.glob(f"*{_CONTENTS}")}
        return [self._files / name for name in sorted({*names, *contents})]

    @contextmanager
    def _held(self, name: str, how: int) -> Iterator[None]:
        """A lock of the folder, shared or alone."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _wait_for(lambda: fcntl.flock(descriptor, how | fcntl.LOCK_NB))
            yield
        finally:
            os.close(descriptor)


def _mark(file: Path) -> tuple[str, int, int] | None:
    try:
        stat = file.stat()
    except OSError:
        return None
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


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "blake2b").hexdigest()


# --- what an entry is found by


def _numbers(segment: OpenSegment, question: Question, own: Sequence[Sequence[str]]) -> Collection[int]:
    """The numbers of a segment's entries that have every unit and one of each of their ``own`` terms.

    The rarest unit is looked at first.
    """
    units_of = [_kept(segment, unit.text, begins=unit.begins) for unit in question.units()]
    if not all(units_of):
        return ()
    units_of.sort(key=lambda kept: sum(map(len, kept)))
    found = set(_all(units_of[0]))
    for kept in units_of[1:]:
        found.intersection_update(_all(kept))
    for terms in own:
        if found:
            found.intersection_update(segment.of(map(encoded, terms)))
    return found


def _kept(segment: OpenSegment, unit: str, *, begins: bool) -> Sequence[bytes]:
    term = encoded(_UNIT + unit)
    if begins:
        return list(segment.terms.beginning(term))
    kept = segment.terms.numbers(term)
    return [kept] if kept else []


def _all(kept: Sequence[bytes]) -> Iterator[int]:
    return chain.from_iterable(map(unpacked, kept))


def _of_key(key: Key) -> str:
    return "k" + blake2b(encoded(str(key)), digest_size=16).hexdigest()


def _of_plant(plant: int) -> str:
    return f"p{plant}"


def _of_kind(kind: Kind) -> str:
    return f"c{kind.value}"


def _of_state(is_open: bool) -> str:  # noqa: FBT001 - the state itself
    return f"o{is_open:d}"


def _text(kept: bytes) -> str:
    return kept.decode("utf-8", "surrogatepass")
