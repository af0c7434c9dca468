"""Two versions of a document as one, the later with its changes against the earlier marked as a word processor does.

Paragraphs are matched first, then their words; tables row by row and cell by cell. What is made is held to both: with
all changes taken over it must say, part by part, what the later version says, with all undone what the earlier did.
"""

from __future__ import annotations

import copy
import hashlib
import io
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final
from zipfile import ZIP_DEFLATED, ZipFile

from lxml import etree

from compliance.adapters.docx.package import BODY, normalised
from compliance.adapters.docx.reading import text_of
from compliance.adapters.docx.tracked import (
    DEL,
    INS,
    PPR,
    RPR,
    SECT,
    TBL,
    TC,
    TR,
    Marker,
    Node,
    P,
    R,
    T,
    runs_of,
    say,
    settled,
    shown,
    w,
)

_EMBED: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_FRAME: Final = re.compile(r"word/(header|footer)\d+\.xml")
_WORDS: Final = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*|\s+|.", re.DOTALL)
#: Paragraphs less alike than this are another paragraph, not a changed one.
_ALIKE: Final = 0.35


class NotOne(ValueError):
    """What was made does not say what the two versions say."""


def redline(old: bytes, new: bytes, author: str, at: str) -> tuple[bytes, list[dict[str, Any]]]:
    """The later version with its changes marked, and the changes as a page shows them. Equal input, equal bytes."""
    out, marker = io.BytesIO(), Marker(author, at)
    with ZipFile(io.BytesIO(old)) as before, ZipFile(io.BytesIO(new)) as after:
        parts = {name: after.read(name) for name in after.namelist()}
        known = set(before.namelist())
        told: list[dict[str, Any]] = []
        for name in [n for n in sorted(parts, key=lambda n: (n == BODY, n)) if n == BODY or _FRAME.fullmatch(n)]:
            if name in known:
                differing = _Part(name, before, parts, marker)
                parts[name] = differing.marked()
                told += [{**block, "part": name} for block in shown(differing.root)]
    with ZipFile(out, "w", ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return normalised(out.getvalue()), told


@dataclass
class _Part:
    """A part of both versions."""

    name: str
    before: ZipFile
    parts: dict[str, bytes]
    marker: Marker
    root: Node = None
    _brought: dict[str, str] = field(default_factory=dict)

    def marked(self) -> bytes:
        """The part of the later version with its changes marked; raises :class:`NotOne`."""
        was, now = _parsed(self.before.read(self.name)), _parsed(self.parts[self.name])
        self._bring_pictures(was)
        self._name_pictures(now)
        self.root = copy.deepcopy(now)
        into, earlier = (_holder(root) for root in (self.root, was))
        made = list(self._blocks(_blocks_of(earlier), _blocks_of(into)))
        for block in _blocks_of(into):
            into.remove(block)
        for place, block in enumerate(made):
            into.insert(place, block)
        for root, text, accept in ((now, self.parts[self.name], True), (was, self.before.read(self.name), False)):
            if text_of(etree.tostring(settled(self.root, accept=accept))) != text_of(text):
                raise NotOne(f"{self.name}: {len(root)}")
        for part in self.root.iter():
            if isinstance(part.tag, str):
                part.attrib.pop(_PICTURE, None)
        data: bytes = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return data

    # --- blocks

    def _blocks(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Node]:
        """Paragraphs and tables; the last one of both is one and the same, so that the end is never a change."""
        tied = bool(old) and bool(new) and old[-1].tag == new[-1].tag == P
        last = [self._changed(old[-1], new[-1])] if tied else []
        old, new = (old[:-1], new[:-1]) if tied else (old, new)
        for what, i, j, k, m in _matched([_sign(b) for b in old], [_sign(b) for b in new]).get_opcodes():
            if what == "equal":
                yield from (copy.deepcopy(block) for block in new[k:m])
            else:
                yield from self._paired(old[i:j], new[k:m])
        yield from last

    def _paired(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Node]:
        """What was changed is paired with what it most likely was, in order; the rest went, then came."""
        for gone, came, pair in _gaps(old, new, _like):
            yield from (self.marker.block(block, DEL) for block in gone)
            yield from (self.marker.block(block, INS) for block in came)
            if pair:
                yield self._changed(*pair)

    def _changed(self, old: Node, new: Node) -> Node:
        return self._table(old, new) if new.tag == TBL else self._paragraph(old, new)

    # --- tables

    def _table(self, old: Node, new: Node) -> Node:
        made = etree.Element(TBL)
        made.extend(copy.deepcopy(part) for part in new if part.tag != TR)
        rows = old.findall(TR), new.findall(TR)
        signs = [[_sign(row) for row in each] for each in rows]
        for what, i, j, k, m in _matched(*signs).get_opcodes():
            if what == "equal":
                made.extend(copy.deepcopy(row) for row in rows[1][k:m])
                continue
            made.extend(self._rows(rows[0][i:j], rows[1][k:m]))
        return made

    def _rows(self, old: Sequence[Node], new: Sequence[Node]) -> Iterator[Node]:
        """Rows that agree in half of their cells are paired; as many rows as before are paired as they stand."""
        alike = _as_wide if len(old) == len(new) else _same_row
        for gone, came, pair in _gaps(old, new, alike):
            yield from (self.marker.row(row, DEL) for row in gone)
            yield from (self.marker.row(row, INS) for row in came)
            if pair:
                yield self._row(*pair)

    def _row(self, old: Node, new: Node) -> Node:
        made = copy.deepcopy(new)
        for was, cell in zip(old.findall(TC), made.findall(TC), strict=True):
            blocks = list(self._blocks(_blocks_of(was), _blocks_of(cell)))
            for block in _blocks_of(cell):
                cell.remove(block)
            cell.extend(blocks)
        return made

    # --- paragraphs

    def _paragraph(self, old: Node, new: Node) -> Node:
        if _sign(old) == _sign(new):
            return copy.deepcopy(new)
        made = etree.Element(P)
        properties = new.find(PPR)
        if properties is not None:
            made.append(copy.deepcopy(properties))
        was, now = _atoms(old), _atoms(new)
        for what, i, j, k, m in _matched([a.said for a in was], [a.said for a in now]).get_opcodes():
            if what == "equal":
                made.extend(_runs(now[k:m]))
                continue
            if i < j:
                made.append(self.marker.runs(DEL, _runs(was[i:j])))
            if k < m:
                made.append(self.marker.runs(INS, _runs(now[k:m])))
        return made

    # --- pictures

    def _bring_pictures(self, was: Node) -> None:
        """Pictures of the earlier version come along where the later one has no equal."""
        sources = _relations(self.before.read(_relations_of(self.name))) if self._has(self.before) else {}
        for picture in was.iter():
            name = picture.get(_EMBED) if isinstance(picture.tag, str) else None
            target = sources.get(name or "")
            if name and target:
                data = self.before.read(_target(self.name, target))
                picture.set(_PICTURE, hashlib.sha256(data).hexdigest())
                picture.set(_EMBED, self._brought_as(data, target))

    def _name_pictures(self, now: Node) -> None:
        """Pictures are equal if their bytes are, whatever leads to them."""
        names = _relations(self.parts[_relations_of(self.name)]) if _relations_of(self.name) in self.parts else {}
        for picture in now.iter():
            target = names.get(picture.get(_EMBED, "")) if isinstance(picture.tag, str) else None
            if target:
                picture.set(_PICTURE, hashlib.sha256(self.parts[_target(self.name, target)]).hexdigest())

    def _has(self, archive: ZipFile) -> bool:
        return _relations_of(self.name) in archive.namelist()

    def _brought_as(self, data: bytes, target: str) -> str:
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._brought:
            ending = target.rpartition(".")[2]
            number = f"rIdWas{len(self._brought) + 1}"
            file = f"media/was-{digest[:16]}.{ending}"
            self.parts[f"word/{file}"] = data
            self.parts[_relations_of(self.name)] = _with_relation(
                self.parts.get(_relations_of(self.name)), number, file
            )
            self.parts["[Content_Types].xml"] = _with_type(self.parts["[Content_Types].xml"], ending)
            self._brought[digest] = number
        return self._brought[digest]


#: Where the digest of a picture's bytes stands while versions are compared.
_PICTURE: Final = "{urn:picture}digest"


@dataclass(frozen=True)
class _Atom:
    """A word, or what is no text, of a run: what it says, and the properties of its run."""

    said: str
    part: Node
    run: Node


def _atoms(paragraph: Node) -> list[_Atom]:
    found = []
    for run in runs_of(paragraph):
        for part in run:
            if part.tag == T:
                text = part.text or ""
                shown_text = text if part.get(_PRESERVE) == "preserve" else text.strip(" \t\n")
                found += [_Atom(word, None, run) for word in _WORDS.findall(shown_text)]
            elif part.tag != RPR:
                found.append(_Atom(f"\0{_sign(part)}", part, run))
    return found


_PRESERVE: Final = "{http://www.w3.org/XML/1998/namespace}space"


def _runs(atoms: Sequence[_Atom]) -> list[Node]:
    """Runs that say the atoms, each with the properties that it had."""
    made: list[Node] = []
    of: Node = None
    text: Node = None
    for atom in atoms:
        if atom.run is not of:
            of, text = atom.run, None
            made.append(etree.Element(R))
            properties = of.find(RPR)
            if properties is not None:
                made[-1].append(copy.deepcopy(properties))
        if atom.part is not None:
            made[-1].append(copy.deepcopy(atom.part))
            text = None
        elif text is None:
            text = say(atom.said)
            made[-1].append(text)
        else:
            text.text += atom.said
    return made


def _holder(root: Node) -> Node:
    """What holds the blocks of a part."""
    body = root.find(w("body"))
    return root if body is None else body


def _blocks_of(parent: Node) -> list[Node]:
    return [part for part in parent if part.tag in (P, TBL)]


def _sign(block: Node) -> str:
    """What two blocks have in common that say the same: texts, pictures and fields, not how they look."""
    said = []
    for part in block.iter():
        if part.tag == T:
            said.append(part.text or "")
        elif part.tag in (P, TC, TR, TBL, SECT):
            said.append(f"\1{part.tag.rpartition('}')[2]}")
        elif isinstance(part.tag, str) and (picture := part.get(_PICTURE) or part.get("string")):
            said.append(f"\2{picture}")
        elif part.tag in _SPECIAL:
            said.append(f"\3{part.tag.rpartition('}')[2]}{part.text or ''}{part.get(w('fldCharType'), '')}")
    return "".join(said)


_SPECIAL: Final = {w(name) for name in ("br", "cr", "tab", "instrText", "fldChar", "sym", "footnoteReference")}


_Gap = tuple[Sequence[Node], Sequence[Node], tuple[Node, Node] | None]


def _gaps(old: Sequence[Node], new: Sequence[Node], alike: Callable[[Node, Node], bool]) -> Iterator[_Gap]:
    """What went and came before each pair of those that are alike, and the pair; at the end without one."""
    at, begun = 0, 0
    for n, one in enumerate(new):
        found = next((m for m in range(at, len(old)) if alike(old[m], one)), None)
        if found is not None:
            yield old[at:found], new[begun:n], (old[found], one)
            at, begun = found + 1, n + 1
    yield old[at:], new[begun:], None


def _like(old: Node, new: Node) -> bool:
    if old.tag != new.tag:
        return False
    if new.tag == TBL:
        return _columns(old) == _columns(new)
    words = [[a.said for a in _atoms(p)] for p in (old, new)]
    return _matched(*words).ratio() >= _ALIKE


def _matched(old: Sequence[str], new: Sequence[str]) -> SequenceMatcher[str]:
    return SequenceMatcher(None, old, new, autojunk=False)


def _columns(table: Node) -> int:
    return len(table.findall(f"{w('tblGrid')}/{w('gridCol')}"))


def _as_wide(old: Node, new: Node) -> bool:
    """Rows of as many cells."""
    return len(old.findall(TC)) == len(new.findall(TC))


def _same_row(old: Node, new: Node) -> bool:
    """Rows of as many cells of which half agree or more."""
    cells = [[_sign(cell) for cell in row.findall(TC)] for row in (old, new)]
    if len(cells[0]) != len(cells[1]):
        return False
    same = sum(a == b for a, b in zip(*cells, strict=True))
    return bool(same * 2 >= len(cells[0]))


def _parsed(data: bytes) -> Node:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _relations_of(name: str) -> str:
    folder, file = posixpath.split(name)
    return f"{folder}/_rels/{file}.rels"


def _relations(data: bytes) -> dict[str, str]:
    return {one.get("Id"): one.get("Target") for one in _parsed(data) if one.get("TargetMode") != "External"}


def _target(name: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{posixpath.dirname(name)}/{target}")


def _with_relation(data: bytes | None, number: str, file: str) -> bytes:
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    root = _parsed(data) if data else etree.Element(f"{{{space}}}Relationships", nsmap={None: space})
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
    etree.SubElement(root, f"{{{space}}}Relationship", Id=number, Type=kind, Target=file)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _with_type(data: bytes, ending: str) -> bytes:
    root = _parsed(data)
    space = root.tag.rpartition("}")[0] + "}"
    if not any(one.get("Extension", "").lower() == ending.lower() for one in root):
        kind = {"emf": "image/x-emf", "jpg": "image/jpeg"}.get(ending.lower(), f"image/{ending.lower()}")
        made = etree.Element(f"{space}Default", Extension=ending, ContentType=kind)
        root.insert(0, made)
    done: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return done
