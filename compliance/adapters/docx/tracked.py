"""Changes in the markup of a word processor: how they are marked, taken over or undone, and read.

A change is marked as the format wants it: runs within ``w:ins`` or ``w:del`` (their text as ``w:delText``), the mark at
the end of a paragraph in the properties of its own, a row in its properties. Taking all over leaves the later text,
undoing all the earlier one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

NS: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACE: Final = "{http://www.w3.org/XML/1998/namespace}space"
INS, DEL = "ins", "del"
#: An element of the markup; the library has no types.
Node = Any


def w(name: str) -> str:
    """The full name of an element or attribute."""
    return f"{{{NS}}}{name}"


P, R, T, TBL, TR, TC, SECT, PPR, RPR = map(w, ("p", "r", "t", "tbl", "tr", "tc", "sectPr", "pPr", "rPr"))
_TRPR = w("trPr")
_GONE = {w("t"): w("delText"), w("instrText"): w("delInstrText")}
_BACK = {gone: there for there, gone in _GONE.items()}
#: What may follow the properties of a paragraph's mark in the properties of the paragraph.
_AFTER_MARK = (w("sectPr"), w("pPrChange"))


class Marker:
    """Makes marks of one person and one moment, each with a number of its own."""

    def __init__(self, author: str, at: str) -> None:
        """``at``: the moment in UTC, as the format writes it."""
        self._author, self._at, self._number = author, at, 0

    def mark(self, kind: str) -> Node:
        """An empty mark."""
        self._number += 1
        found = etree.Element(w(kind))
        found.set(w("id"), str(self._number))
        found.set(w("author"), self._author)
        found.set(w("date"), self._at)
        return found

    def runs(self, kind: str, runs: list[Node]) -> Node:
        """Runs within a mark."""
        mark = self.mark(kind)
        for run in runs:
            mark.append(_gone(run) if kind == DEL else run)
        return mark

    def paragraph(self, paragraph: Node, kind: str) -> Node:
        """A paragraph that came or went whole: what it says, and its end."""
        made = etree.Element(P)
        properties = paragraph.find(PPR)
        properties = copy.deepcopy(properties) if properties is not None else etree.Element(PPR)
        if kind == DEL:  # the layout of a section leads to parts of the other file
            for section in properties.findall(SECT):
                properties.remove(section)
        _mark_of(properties).insert(0, self.mark(kind))
        made.append(properties)
        runs = [copy.deepcopy(run) for run in runs_of(paragraph)]
        if runs:
            made.append(self.runs(kind, runs))
        return made

    def table(self, table: Node, kind: str) -> Node:
        """A table that came or went whole."""
        made = etree.Element(TBL)
        for part in table:
            made.append(self.row(part, kind) if part.tag == TR else copy.deepcopy(part))
        return made

    def row(self, row: Node, kind: str) -> Node:
        """A row that came or went whole."""
        made = copy.deepcopy(row)
        for cell in made.findall(TC):
            for part in list(cell):
                if part.tag in (P, TBL):
                    whole = self.paragraph(part, kind) if part.tag == P else self.table(part, kind)
                    cell.replace(part, whole)
        properties = made.find(_TRPR)
        if properties is None:
            properties = etree.Element(_TRPR)
            after = made.find(w("tblPrEx"))
            made.insert(0 if after is None else 1, properties)
        properties.append(self.mark(kind))
        return made

    def block(self, block: Node, kind: str) -> Node:
        """A paragraph or table that came or went whole."""
        return self.table(block, kind) if block.tag == TBL else self.paragraph(block, kind)


def _mark_of(properties: Node) -> Node:
    """The properties of the mark at a paragraph's end."""
    found = properties.find(RPR)
    if found is None:
        found = etree.Element(RPR)
        later = next((n for n, part in enumerate(properties) if part.tag in _AFTER_MARK), len(properties))
        properties.insert(later, found)
    return found


def _gone(run: Node) -> Node:
    for part in run.iter():
        part.tag = _GONE.get(part.tag, part.tag)
    return run


def runs_of(paragraph: Node) -> Iterator[Node]:
    """The runs of a paragraph in their order, those of links and the like among them; none of text boxes."""
    for part in paragraph:
        if part.tag == R:
            yield part
        elif isinstance(part.tag, str) and part.tag != PPR:
            yield from runs_of(part)


def settled(root: Node, *, accept: bool) -> Node:
    """The markup with all changes taken over, or undone."""
    keep, drop = (INS, DEL) if accept else (DEL, INS)
    made = copy.deepcopy(root)
    for row in made.findall(f".//{_TRPR}/{w(drop)}"):
        gone = row.getparent().getparent()
        gone.getparent().remove(gone)
    for mark in made.findall(f".//{PPR}/{RPR}/{w(drop)}"):
        paragraph = mark.getparent().getparent().getparent()
        if paragraph.getparent() is not None:
            paragraph.getparent().remove(paragraph)
    for table in [t for t in made.iter(TBL) if t.find(TR) is None]:
        table.getparent().remove(table)
    for mark in made.findall(f".//{w(drop)}"):
        mark.getparent().remove(mark)
    for mark in made.findall(f".//{w(keep)}"):
        _unwrap(mark)
    for part in made.iter(*_BACK):
        part.tag = _BACK[part.tag]
    return made


def _unwrap(mark: Node) -> None:
    parent = mark.getparent()
    at = parent.index(mark)
    for part in list(mark):
        parent.insert(at, part)
        at += 1
    parent.remove(mark)


# --- reading -----------------------------------------------------------------------------------------


def shown(root: Node) -> list[dict[str, Any]]:
    """What a page shows: each paragraph and each row, how it changed, and its cells as pieces of text.

    ``change`` is "ins" or "del" where the whole came or went, else empty; a piece is how it changed and its text.
    """
    return list(_blocks(root))


def _blocks(parent: Node) -> Iterator[dict[str, Any]]:
    for part in parent:
        if part.tag == P:
            pieces = _pieces(part)
            if pieces:
                yield {"what": "paragraph", "change": _whole(part.find(f"{PPR}/{RPR}")), "cells": [pieces]}
        elif part.tag == TBL:
            for row in part.findall(TR):
                cells = [_cell(cell) for cell in row.findall(TC)]
                yield {"what": "row", "change": _whole(row.find(_TRPR)), "cells": cells}
        elif isinstance(part.tag, str):
            yield from _blocks(part)


def _cell(cell: Node) -> list[list[str]]:
    pieces: list[list[str]] = []
    for paragraph in cell.iter(P):
        more = _pieces(paragraph)
        if more and pieces:
            pieces.append([more[0][0], "\n"])
        pieces += more
    return pieces


def _pieces(paragraph: Node) -> list[list[str]]:
    found: list[list[str]] = []
    for run in _any_runs(paragraph):
        kind = {w(INS): INS, w(DEL): DEL}.get(run.getparent().tag, "")
        text = "".join(_text(part) for part in run)
        if text and found and found[-1][0] == kind:
            found[-1][1] += text
        elif text:
            found.append([kind, text])
    return found


def _any_runs(paragraph: Node) -> Iterator[Node]:
    return runs_of(paragraph)


def _text(part: Node) -> str:
    if part.tag in (T, _GONE[T]):
        return part.text or ""
    if part.tag in (w("br"), w("cr")):
        return "\n"
    if part.tag == w("tab"):
        return "\t"
    return "▣" if part.tag == w("drawing") else ""


def _whole(properties: Node) -> str:
    if properties is None:
        return ""
    return next((kind for kind in (INS, DEL) if properties.find(w(kind)) is not None), "")


def say(text: str) -> Node:
    """An element that holds a text."""
    made = etree.Element(T)
    made.text = text
    made.set(_SPACE, "preserve")
    return made
