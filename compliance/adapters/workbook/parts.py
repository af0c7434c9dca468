"""The parts of a workbook around its sheets: content types, relationships, the list of sheets, texts and styles."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from typing import IO
from zipfile import BadZipFile, ZipFile

from openpyxl.styles.numbers import is_date_format, is_timedelta_format

from compliance.adapters.workbook.archive import ActiveWorkbook, DamagedWorkbook, NotAWorkbook, TooLargeWorkbook, opened
from compliance.adapters.workbook.rows import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Rows, unescaped
from compliance.adapters.workbook.xml import LINKS, MAIN, PACKAGE, TYPES, parse, tags

_TYPES = "[Content_Types].xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_SUFFIX = ".rels"
#: Built-in formats that show a day or a time of day; 27–36 and 50–58 are those of East Asian editions.
_BUILT_IN_DAYS = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
_MOST_TEXTS = 2_000_000
_DAY_ZERO = date(1899, 12, 30)
_DAY_ZERO_1904 = date(1904, 1, 1)

_BOOK = tags(MAIN, ("sheet", "workbookPr"))
_TEXTS = tags(MAIN, ("si", "t", "rPh"))
_STYLES = tags(MAIN, ("numFmt", "cellXfs", "xf"))
_LINK_IDS = tuple(f"{space} id" for space in LINKS)
_RELATIONSHIP = tags(PACKAGE, ("Relationship",))
_CONTENT = tags(TYPES, ("Override", "Default"))


class XlsxWorkbooks:
    """Reads .xlsx files; what it refuses is an :class:`~compliance.adapters.workbook.archive.UnsafeWorkbook`."""

    def sheets(self, path: str) -> Generator[tuple[str, Iterator[Sequence[object]]], None, None]:
        """Yield each sheet's name and its rows from row 1 on; take the rows before the next sheet, and close it."""
        with opened(path) as archive:
            yield from _Book(archive).sheets()


class _Book:
    """One opened workbook."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._examine_types()
        self._part = self._main_part()
        self._links = self._relationships(self._part)

    def sheets(self) -> Iterator[tuple[str, Iterator[Sequence[object]]]]:
        found, first_day = self._listed()
        strings = self._strings()
        dated = self._dated()
        seen: set[str] = set()
        for name, link in found:
            kind, target = self._links.get(link, ("", ""))
            if name in seen or not kind:
                raise DamagedWorkbook(part=name[:80])
            seen.add(name)
            yield name, self._rows(name, target, strings, dated, first_day) if kind == "worksheet" else iter(())

    def _rows(
        self, name: str, part: str, strings: Sequence[str], dated: Sequence[bool], first_day: date
    ) -> Iterator[Sequence[object]]:
        with self._open(part) as stream:
            yield from Rows(name, strings, dated, first_day).read(stream)

    def _open(self, part: str) -> IO[bytes]:
        if part not in self._names:
            raise DamagedWorkbook(part=part[:80])
        try:
            return self._archive.open(part)
        except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as fault:
            raise DamagedWorkbook(part=part[:80]) from fault

    def _each(self, part: str, known: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
        """Elements of a small part by their short names."""
        found: list[tuple[str, dict[str, str]]] = []

        def start(name: str, attributes: dict[str, str]) -> None:
            if name in known:
                found.append((known[name], attributes))

        with self._open(part) as stream:
            for _ in parse(stream, start):
                yield from found
                found.clear()

    def _examine_types(self) -> None:
        for _, attributes in self._each(_TYPES, _CONTENT):
            if "macroEnabled" in attributes.get("ContentType", ""):
                raise ActiveWorkbook(part=attributes.get("PartName", "macroEnabled"))

    def _main_part(self) -> str:
        links = self._relationships("")
        part = next((target for kind, target in links.values() if kind == "officeDocument"), "")
        types = {a.get("PartName"): a.get("ContentType") for _, a in self._each(_TYPES, _CONTENT)}
        if types.get("/" + part) != _BOOK_TYPE:
            raise NotAWorkbook
        return part

    def _relationships(self, part: str) -> dict[str, tuple[str, str]]:
        """Kind and target of each relationship of a part (of the package for none) by its id."""
        folder, _, name = part.rpartition("/")
        links = {}
        for _, a in self._each(posixpath.join(folder, "_rels", name + _SUFFIX), _RELATIONSHIP):
            kind = a.get("Type", "").rpartition("/")[2]
            if kind == "externalLink":
                raise ActiveWorkbook(part=a.get("Target", kind))
            if a.get("TargetMode") != "External":
                links[a.get("Id", "")] = kind, _target(folder, a.get("Target", ""))
        return links

    def _listed(self) -> tuple[list[tuple[str, str]], date]:
        """Names and relationship ids of the sheets, and the day zero of the workbook's serial numbers."""
        found, first_day = [], _DAY_ZERO
        for tag, attributes in self._each(self._part, _BOOK):
            if tag == "sheet":
                link = next((attributes[i] for i in _LINK_IDS if i in attributes), "")
                found.append((attributes.get("name", ""), link))
            elif attributes.get("date1904") in ("1", "true"):
                first_day = _DAY_ZERO_1904
        return found, first_day

    def _of_kind(self, kind: str) -> str | None:
        return next((target for k, target in self._links.values() if k == kind), None)

    def _strings(self) -> list[str]:
        part = self._of_kind("sharedStrings")
        if part is None:
            return []
        texts = _Texts()
        with self._open(part) as stream:
            for _ in parse(stream, texts.start, texts.end, texts.text):
                if len(texts.done) > _MOST_TEXTS:
                    raise TooLargeWorkbook(sheet=part, rows=MOST_ROWS, columns=MOST_COLUMNS, cell=LONGEST_CELL)
        return texts.done

    def _dated(self) -> list[bool]:
        """Whether each cell style shows a day."""
        part = self._of_kind("styles")
        if part is None:
            return []
        custom: dict[str, str] = {}
        used: list[str] | None = None
        for tag, attributes in self._each(part, _STYLES):
            if tag == "numFmt":
                custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                used = []
            elif used is not None:
                used.append(attributes.get("numFmtId", "0"))
        return [_shows_day(number, custom) for number in used or ()]


class _Texts:
    """Gathers the shared texts; reading aids above characters are left out."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._parts: list[str] = []
        self._taking = self._aside = False

    def start(self, name: str, _: dict[str, str]) -> None:
        tag = _TEXTS.get(name)
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._aside = True
        elif tag == "t":
            self._taking = not self._aside

    def text(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)

    def end(self, name: str) -> None:
        tag = _TEXTS.get(name)
        if tag == "si":
            self.done.append(unescaped("".join(self._parts)))
        elif tag == "rPh":
            self._aside = False
        elif tag == "t":
            self._taking = False


def _target(folder: str, target: str) -> str:
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def _shows_day(number: str, custom: dict[str, str]) -> bool:
    code = custom.get(number)
    if code is None:
        return number.isdigit() and int(number) in _BUILT_IN_DAYS
    return is_date_format(code) and not is_timedelta_format(code)
