"""How the Whoosh index keeps its segments: places in order, and for each term the numbers of its documents, no more.

A codec is Whoosh's own way of saying how a segment lies on the disk. Its ordinary one keeps weights, lengths and skips
for ranking, several Python objects for each term. Nothing is ranked here: results stand by their places. So the
documents of a segment are numbered in the order in which they are shown, the first answers of a question are the lowest
numbers, and a term is the gaps between its numbers, in as few bytes as the widest needs.
"""

from __future__ import annotations

import heapq
import math
import mmap
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, chain, groupby
from operator import itemgetter, sub
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from whoosh.codec.base import Segment
from whoosh.codec.whoosh3 import W3Codec
from whoosh.fields import COLUMN, Schema
from whoosh.reading import SegmentReader
from whoosh.writing import SegmentWriter

#: Segments of like size are put together when there are so many; none grows beyond so many documents by it, so that
#: no commit takes long.
FAN, LARGEST = 8, 10_000
_TERMS_OF_A_BLOCK = 64
_TERMS = ".trm"
#: How many terms a block has, how long its first one is, and all of them together.
_HEAD = struct.Struct("=HHI")
_BETWEEN = b"\0"
#: The number of what is no longer there.
_GONE = 0xFFFFFFFF


def schema() -> Schema:
    """The columns of a document: its place in a list, and the digest of its entry."""
    return Schema(place=COLUMN(), digest=COLUMN())


class PlacesCodec(W3Codec):  # type: ignore[misc] # the library has no types
    """Whoosh's codec with terms of our own."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> TermsWriter:  # noqa: ANN401 - untyped
        """What writes the terms of a segment."""
        return TermsWriter(segment.create_file(storage, _TERMS))

    def terms_reader(self, _storage: Any, _segment: Any) -> Unread:  # noqa: ANN401 - untyped
        """Nothing: ``OpenSegment`` maps the terms itself, where Whoosh would copy them into memory."""
        return Unread()


class Unread:
    """Terms that Whoosh itself does not read."""

    def close(self) -> None:
        """There is nothing to close."""


# --- numbers and terms


def packed(numbers: Sequence[int]) -> bytes:
    """Rising numbers in as few bytes as the widest gap needs."""
    gaps = [numbers[0], *map(sub, numbers[1:], numbers)] if len(numbers) > 1 else numbers
    widest = max(gaps)
    code = "B" if widest < 1 << 8 else "H" if widest < 1 << 16 else "I"
    return code.encode() + array(code, gaps).tobytes()


def unpacked(kept: bytes) -> Iterator[int]:
    """The numbers that were packed."""
    return accumulate(array(chr(kept[0]), kept[1:]))


class TermsWriter:
    """Writes rising terms with their numbers, in blocks, and where each block begins."""

    def __init__(self, file: BinaryIO) -> None:
        """Write to a file."""
        self._file, self._at = file, 0
        self._begin, self._terms, self._kept = array("Q"), list[bytes](), list[bytes]()
        self.is_closed = False

    def add(self, term: bytes, numbers: Sequence[int]) -> None:
        """Add the next term."""
        self._terms.append(term)
        self._kept.append(packed(numbers))
        if len(self._terms) == _TERMS_OF_A_BLOCK:
            self._block()

    def close(self) -> None:
        """Write what is left, and the list of the blocks."""
        if self._terms:
            self._block()
        self._file.write(self._begin.tobytes())
        self._file.write(array("Q", [len(self._begin)]).tobytes())
        self._file.close()
        self.is_closed = True

    def _block(self) -> None:
        terms = _BETWEEN.join(self._terms)
        lengths = array("I", map(len, self._kept)).tobytes()
        block = _HEAD.pack(len(self._terms), len(self._terms[0]), len(terms)) + terms + lengths + b"".join(self._kept)
        self._begin.append(self._at)
        self._file.write(block)
        self._at += len(block)
        self._terms, self._kept = [], []


class Terms:
    """The terms of a segment, read where they lie."""

    def __init__(self, kept: memoryview) -> None:
        """Read terms as ``TermsWriter`` wrote them."""
        self._kept = kept
        (count,) = kept[-8:].cast("Q")
        self._begin = kept[len(kept) - 8 * (count + 1) : -8].cast("Q")

    def numbers(self, term: bytes) -> bytes:
        """The packed numbers of a term; nothing if it is not there."""
        block = self._block_of(term)
        if block < 0:
            return b""
        terms, kept = self._read(block)
        place = bisect_left(terms, term)
        return kept(place) if place < len(terms) and terms[place] == term else b""

    def beginning(self, start: bytes) -> Iterator[bytes]:
        """The packed numbers of each term that begins so."""
        for block in range(max(self._block_of(start), 0), len(self._begin)):
            terms, kept = self._read(block)
            for place in range(bisect_left(terms, start), len(terms)):
                if not terms[place].startswith(start):
                    return
                yield kept(place)

    def all(self) -> Iterator[tuple[bytes, bytes]]:
        """Every term with its packed numbers."""
        for block in range(len(self._begin)):
            terms, kept = self._read(block)
            for place, term in enumerate(terms):
                yield term, kept(place)

    def close(self) -> None:
        """Let go of the file."""
        self._begin.release()
        self._kept.release()

    def _block_of(self, term: bytes) -> int:
        """The block that would have a term; -1 if it goes before all of them."""
        return bisect_right(range(len(self._begin)), term, key=self._first) - 1

    def _first(self, block: int) -> bytes:
        at = self._begin[block]
        _count, first, _terms = _HEAD.unpack_from(self._kept, at)
        return bytes(self._kept[at + _HEAD.size : at + _HEAD.size + first])

    def _read(self, block: int) -> tuple[list[bytes], Any]:
        at = self._begin[block]
        count, _first, length = _HEAD.unpack_from(self._kept, at)
        at += _HEAD.size
        terms = bytes(self._kept[at : at + length]).split(_BETWEEN)
        at += length
        ends = list(accumulate(array("I", bytes(self._kept[at : at + 4 * count]))))
        return terms, partial(self._slice, at + 4 * count, ends)

    def _slice(self, at: int, ends: Sequence[int], place: int) -> bytes:
        return bytes(self._kept[at + (ends[place - 1] if place else 0) : at + ends[place]])


# --- segments


class OpenSegment:
    """A segment that is read: its terms, and the place of each of its numbers."""

    #: What the file of a segment ends with.
    EXTENSION: ClassVar[str] = Segment.COMPOUND_EXT

    def __init__(self, leaf: SegmentReader) -> None:
        """Read a segment that Whoosh has opened."""
        self._leaf, self.segment = leaf, leaf.segment()
        files = leaf.storage()
        offset, length = files.a.range(self.segment.make_filename(_TERMS))
        path = Path(files.b.folder) / self.segment.make_filename(self.EXTENSION)
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.terms = Terms(memoryview(self._map)[offset : offset + length])
        self.places = leaf.column_reader("place", translate=False)
        self._digests: Any = None

    def digest(self, number: int) -> bytes:
        """The digest of an entry."""
        if self._digests is None:
            self._digests = self._leaf.column_reader("digest", translate=False)
        digest: bytes = self._digests[number]
        return digest

    def of(self, terms: Iterable[bytes]) -> Iterator[int]:
        """The numbers of each of the terms."""
        return chain.from_iterable(map(unpacked, filter(None, map(self.terms.numbers, terms))))

    def below(self, numbers: Iterable[int], after: bytes) -> Iterator[bytes]:
        """The places of numbers that still are, the highest first, behind a place."""
        there = range(len(self.places))
        start = bisect_left(there, True, key=lambda number: self.places[number] < after) if after else 0
        ordered = sorted(numbers)
        for place in range(bisect_left(ordered, start), len(ordered)):
            if not self.segment.is_deleted(ordered[place]):
                yield self.places[ordered[place]]

    def close(self) -> None:
        """Let go of the file."""
        self.terms.close()
        self._map.close()


class PlacesWriter(SegmentWriter):  # type: ignore[misc] # the library has no types
    """Writes a segment in the order of its places, with the small segments of like size put into it."""

    def __init__(self, index: Any) -> None:  # noqa: ANN401 - untyped
        """Write to an index that no other process writes."""
        super().__init__(index, codec=PlacesCodec())
        self._new: list[tuple[bytes, bytes]] = []
        self._numbers: defaultdict[str, array[int]] = defaultdict(partial(array, "I"))
        self._old: list[OpenSegment] = []
        self._final: list[Any] = []

    def add(self, place: bytes, digest: bytes, terms: Iterable[str]) -> None:
        """Add a document."""
        numbers, own = self._numbers, len(self._new)
        for term in terms:
            numbers[term].append(own)
        self._new.append((place, digest))
        self._added = True

    def remove(self, terms: Iterable[bytes]) -> None:
        """Take out every document that was written before and has one of the terms."""
        wanted = sorted(terms)
        for segment in self.segments:
            with_terms = OpenSegment(SegmentReader(self.storage, self.schema, segment))
            for number in list(with_terms.of(wanted)):
                segment.delete_document(number)
            with_terms.close()

    def put_together(self, segments: Sequence[Any]) -> list[Any]:
        """Take the segments that are like the new one into it; those that stay. It is Whoosh's merge policy."""
        live = [segment for segment in segments if segment.doc_count()]
        taken = taken_in([(s.doc_count(), s.deleted_count()) for s in live], len(self._new))
        self._old = [OpenSegment(SegmentReader(self.storage, self.schema, live[place])) for place in sorted(taken)]
        self._added = self._added or bool(taken)
        return [segment for place, segment in enumerate(live) if place not in taken]

    def publish(self) -> None:
        """Let what was committed be the index: until then readers see what was there before."""
        super()._commit_toc(self._final)

    def _commit_toc(self, segments: list[Any]) -> None:
        self._final = segments

    def _flush_segment(self) -> None:
        """Number the documents by their places and write the terms with these numbers."""
        moved = self._write_places()
        new = sorted((encoded(term), moved[0], numbers) for term, numbers in self._numbers.items())
        old = (_moved(segment.terms.all(), to) for segment, to in zip(self._old, moved[1:], strict=True))
        streams = heapq.merge(new, *old, key=itemgetter(0))
        for term, group in groupby(streams, key=itemgetter(0)):
            numbers = sorted(chain.from_iterable(map(to.__getitem__, former) for _term, to, former in group))
            while numbers and numbers[-1] == _GONE:
                numbers.pop()
            if numbers:
                self.fieldwriter.add(term, numbers)
        self.fieldwriter.close()
        for segment in self._old:
            segment.close()

    def _write_places(self) -> list[array[int]]:
        """Write the columns; the new number of each former one."""
        documents = [(*known, 0, number) for number, known in enumerate(self._new)]
        for source, old in enumerate(self._old, 1):
            documents += [
                (old.places[number], old.digest(number), source, number)
                for number in range(len(old.places))
                if not old.segment.is_deleted(number)
            ]
        documents.sort(reverse=True)
        moved = [array("I", [_GONE]) * max(size, 1) for size in (len(self._new), *(len(o.places) for o in self._old))]
        writer, columns = self.perdocwriter, {name: self.schema[name].column_type for name in ("place", "digest")}
        for number, (place, digest, source, former) in enumerate(documents):
            writer.start_doc(number)
            writer.add_column_value("place", columns["place"], place)
            writer.add_column_value("digest", columns["digest"], digest)
            writer.finish_doc()
            moved[source][former] = number
        writer.close()
        self.docnum = len(documents)
        return moved


def _moved(terms: Iterable[tuple[bytes, bytes]], to: array[int]) -> Iterator[tuple[bytes, array[int], Iterable[int]]]:
    return ((term, to, unpacked(kept)) for term, kept in terms)


def encoded(text: str) -> bytes:
    """Text as it is kept; half characters too."""
    return text.encode("utf-8", "surrogatepass")


def taken_in(segments: Sequence[tuple[int, int]], new: int) -> set[int]:
    """Which segments (documents that are there, and that are gone) go into a new one of a size."""
    taken = {place for place, (live, gone) in enumerate(segments) if gone > live}
    size = new + sum(segments[place][0] for place in taken)
    while size:
        like = {p for p, (live, _) in enumerate(segments) if p not in taken and _level(live) <= _level(size)}
        more = sum(segments[place][0] for place in like)
        if len(like) + 1 < FAN or size + more > LARGEST:
            break
        taken |= like
        size += more
    return taken


def _level(size: int) -> int:
    return int(math.log(size, FAN) + 1e-9) if size else 0
