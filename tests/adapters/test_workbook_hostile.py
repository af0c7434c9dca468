"""Workbooks made to do harm: each is refused before it costs anything, with what would be right in both languages."""

from __future__ import annotations

import io
import os
import random
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import xlsxwriter

from compliance.adapters.workbook import UnsafeWorkbook, XlsxWorkbooks, archive
from compliance.kernel.errors import WrongUse

EXTERNAL = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"{mode}/>'
    "</Relationships>"
)
SHEET = "xl/worksheets/sheet1.xml"
MIB = 1 << 20

Change = Callable[[dict[str, bytes]], object]


@pytest.fixture
def parts() -> dict[str, bytes]:
    """The parts of a sound workbook."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"in_memory": True})
    book.add_worksheet("甲").write_row(0, 0, ["项目", 1.5])
    book.close()
    with zipfile.ZipFile(kept) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return path


def read(path: Path) -> None:
    with closing(XlsxWorkbooks().sheets(str(path))) as sheets:
        for _, rows in sheets:
            for _ in rows:
                pass


def refusal(path: Path) -> UnsafeWorkbook:
    with pytest.raises(UnsafeWorkbook) as refused:
        read(path)
    message = refused.value.message
    assert any("\u4e00" <= c <= "\u9fff" for c in message.zh)
    assert message.en[0].isascii()
    return refused.value


def test_the_sound_workbook_is_read(parts: dict[str, bytes], tmp_path: Path) -> None:
    read(packed(tmp_path / "book.xlsx", parts))


def add(name: str, data: bytes = b"x") -> Change:
    return lambda parts: parts.update({name: data})


def swap(name: str, old: bytes, new: bytes) -> Change:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name]
        parts[name] = parts[name].replace(old, new, 1)

    return change


def declared(name: str, declaration: bytes) -> Change:
    return swap(name, b"?>", b"?>" + declaration)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FETCH = b'<!DOCTYPE x SYSTEM "file:///etc/passwd">'

HOSTILE: list[tuple[str, str, Change]] = [
    ("macro", "active-workbook", add("xl/vbaProject.bin")),
    ("macro in another case", "active-workbook", add("xl/VBAproject.BIN")),
    ("macro sheet", "active-workbook", add("xl/macrosheets/sheet1.xml")),
    ("active x", "active-workbook", add("xl/activeX/activeX1.xml")),
    ("external link part", "active-workbook", add("xl/externalLinks/externalLink1.xml")),
    ("data connection", "active-workbook", add("xl/connections.xml")),
    ("embedded object", "active-workbook", add("xl/embeddings/oleObject1.bin")),
    (
        "external link relationship",
        "active-workbook",
        add(
            "xl/_rels/workbook.xml.rels",
            EXTERNAL.format(kind="externalLink", target="http://127.0.0.1/x", mode=' TargetMode="External"').encode(),
        ),
    ),
    (
        "macro content type",
        "active-workbook",
        swap("[Content_Types].xml", b"ml.sheet.main", b"ml.sheet.macroEnabled.main"),
    ),
    ("a template", "not-a-workbook", swap("[Content_Types].xml", b"sheet.main+xml", b"template.main+xml")),
    ("no content types", "not-a-workbook", lambda parts: parts.pop("[Content_Types].xml")),
    ("entities in a sheet", "entities-in-workbook", declared(SHEET, LAUGHS)),
    ("entities in the texts", "entities-in-workbook", declared("xl/sharedStrings.xml", LAUGHS)),
    ("entities in the list of sheets", "entities-in-workbook", declared("xl/workbook.xml", LAUGHS)),
    ("entities in the styles", "entities-in-workbook", declared("xl/styles.xml", LAUGHS)),
    ("entities in the content types", "entities-in-workbook", declared("[Content_Types].xml", LAUGHS)),
    ("a document type from outside", "entities-in-workbook", declared(SHEET, FETCH)),
    ("a bomb of blanks", "oversized-workbook", add(SHEET, b" " * (30 * MIB))),
    ("a bomb in a part that nobody reads", "oversized-workbook", add("xl/media/a.png", b"\0" * (30 * MIB))),
    ("a parent folder", "suspicious-names", add("xl/../../evil")),
    ("an absolute name", "suspicious-names", add("/etc/passwd")),
    ("a drive", "suspicious-names", add("C:/evil")),
    ("a backslash", "suspicious-names", add("xl\\evil")),
    ("a line break", "suspicious-names", add("xl/evil\n")),
    ("two names but for case", "suspicious-names", add(SHEET.upper())),
    ("too many parts", "oversized-workbook", lambda p: p.update({f"xl/media/{n}": b"" for n in range(2001)})),
    ("no sheet where one is named", "damaged-workbook", lambda parts: parts.pop(SHEET)),
    ("no relationships", "damaged-workbook", lambda parts: parts.pop("_rels/.rels")),
    ("a sheet that is cut off", "damaged-workbook", lambda p: p.update({SHEET: p[SHEET][:-40]})),
    ("a sheet that is no XML", "damaged-workbook", add(SHEET, b"\x89PNG\r\n")),
    ("a sheet of an unknown encoding", "damaged-workbook", declared(SHEET, b"<?xml version='1.0' encoding='x-9'?>")),
    (
        "a sheet that points outside",
        "damaged-workbook",
        add(
            "xl/_rels/workbook.xml.rels",
            EXTERNAL.format(kind="worksheet", target="http://127.0.0.1/x", mode=' TargetMode="External"').encode(),
        ),
    ),
    (
        "a sheet that points outside, by the name of one inside",
        "damaged-workbook",
        add(
            "xl/_rels/workbook.xml.rels",
            EXTERNAL.format(kind="worksheet", target="/" + SHEET, mode=' TargetMode="External"').encode(),
        ),
    ),
    (
        "a sheet that points above",
        "damaged-workbook",
        add(
            "xl/_rels/workbook.xml.rels",
            EXTERNAL.format(kind="worksheet", target="../../../../etc/passwd", mode="").encode(),
        ),
    ),
]


@pytest.mark.parametrize(("code", "change"), [h[1:] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_a_hostile_workbook_is_refused(parts: dict[str, bytes], tmp_path: Path, code: str, change: Change) -> None:
    change(parts)
    assert refusal(packed(tmp_path / "book.xlsx", parts)).code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not-a-workbook"),
        (b"PK", "not-a-workbook"),
        ("项目,内容\n企业名称,甲\n".encode(), "not-a-workbook"),
        ("\ufeff项目,内容\n".encode("utf-16"), "not-a-workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not-a-workbook"),
        (b"%PDF-1.7\n", "not-a-workbook"),
        (b"PK\x03\x04" + bytes(100), "damaged-workbook"),
        (b"PK\x03\x04" + b"PK\x05\x06" + b"\xff" * 18, "damaged-workbook"),
    ],
    ids=["empty", "two bytes", "csv", "csv in utf-16", "old or encrypted", "pdf", "no directory", "lying directory"],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    assert refusal(path).code == code


def test_what_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.xlsx").code == "no-such-file"
    assert refusal(tmp_path).code == "no-such-file"
    assert issubclass(UnsafeWorkbook, WrongUse)


def test_a_file_one_byte_too_large_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.write_bytes(b"not even a zip")
    os.truncate(path, archive.LARGEST_FILE + 1)
    assert refusal(path).code == "oversized-workbook"
    os.truncate(path, archive.LARGEST_FILE)
    assert refusal(path).code == "not-a-workbook"


def test_all_parts_together_have_a_limit(
    parts: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    whole = sum(map(len, parts.values()))
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", whole)
    read(path)
    monkeypatch.setattr(archive, "LARGEST_UNPACKED", whole - 1)
    assert refusal(path).code == "oversized-workbook"


def test_a_name_that_stands_twice_is_refused(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    with zipfile.ZipFile(path, "a") as out, pytest.warns(UserWarning, match="Duplicate"):
        out.writestr(SHEET, parts[SHEET])
    assert refusal(path).code == "suspicious-names"


def test_an_encrypted_part_is_refused(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)
    assert refusal(path).code == "not-a-workbook"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_ways_of_packing_are_refused(parts: dict[str, bytes], tmp_path: Path, method: int) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", method) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    assert refusal(path).code == "not-a-workbook"


def lie(path: Path, size: int) -> None:
    """Let the directory tell another unpacked size of the sheet."""
    data = bytearray(path.read_bytes())
    at = data.rindex(SHEET.encode())
    struct.pack_into("<L", data, at - 46 + 24, size)
    path.write_bytes(data)


@pytest.mark.parametrize(("size", "code"), [(100, "damaged-workbook"), (0xFFFFFFF0, "oversized-workbook")])
def test_a_directory_that_lies_about_sizes(parts: dict[str, bytes], tmp_path: Path, size: int, code: str) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    lie(path, size)
    assert refusal(path).code == code


def test_a_directory_of_a_million_names_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    entries = 1_000_000
    path.write_bytes(
        b"PK\x03\x04" + bytes(46 * entries) + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 46 * entries, 4, 0)
    )
    tracemalloc.start()
    try:
        assert refusal(path).code == "oversized-workbook"
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_a_bomb_is_refused_at_once_and_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out, out.open(SHEET, "w", force_zip64=True) as part:
        for _ in range(210):
            part.write(bytes(MIB))
    assert path.stat().st_size < MIB
    tracemalloc.start()
    started = time.monotonic()
    try:
        assert refusal(path).code == "oversized-workbook"
        assert time.monotonic() - started < 0.1
        assert tracemalloc.get_traced_memory()[1] < MIB
    finally:
        tracemalloc.stop()


def test_a_truncated_file_is_refused_wherever_it_is_cut(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    whole = path.read_bytes()
    for cut in range(0, len(whole), 97):
        path.write_bytes(whole[:cut])
        assert refusal(path).code in {"not-a-workbook", "damaged-workbook"}


def test_a_damaged_file_is_read_or_refused_but_never_a_fault(parts: dict[str, bytes], tmp_path: Path) -> None:
    path = packed(tmp_path / "book.xlsx", parts)
    whole = path.read_bytes()
    choose = random.Random(20260302)
    refused = 0
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(choose.randrange(1, 6)):
            data[choose.randrange(len(data))] = choose.randrange(256)
        path.write_bytes(data)
        try:
            read(path)
        except UnsafeWorkbook:
            refused += 1
    assert refused > 100


def test_damaged_xml_is_read_or_refused_but_never_a_fault(parts: dict[str, bytes], tmp_path: Path) -> None:
    choose = random.Random(7)
    names = [n for n in parts if n.startswith(("xl/w", "xl/s", "xl/_", "_", "["))]
    refused = 0
    for _ in range(300):
        name = choose.choice(names)
        data = bytearray(parts[name])
        for _ in range(choose.randrange(1, 4)):
            data[choose.randrange(len(data))] = choose.choice(b'<>"/&=0129 rsAZ_x')
        path = packed(tmp_path / "book.xlsx", parts | {name: bytes(data)})
        try:
            read(path)
        except UnsafeWorkbook:
            refused += 1
    assert refused > 100


def test_a_million_columns_cost_no_memory(parts: dict[str, bytes], tmp_path: Path) -> None:
    cells = b"".join(b'<c t="n" s="0"/>' for _ in range(200_000))
    parts[SHEET] = parts[SHEET].replace(b"</row>", cells + b"</row>", 1)
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    tracemalloc.start()
    try:
        read(path)
        assert tracemalloc.get_traced_memory()[1] < 2 * MIB
    finally:
        tracemalloc.stop()
