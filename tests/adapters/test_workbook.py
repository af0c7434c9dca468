"""Reading cells of .xlsx files: what each kind of cell comes out as, against a general reader, and at the limits."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from compliance.adapters.workbook import UnsafeWorkbook, XlsxWorkbooks, rows
from compliance.adapters.workbook.rows import unescaped
from compliance.core.imports.cells import ERROR_VALUE, FORMULA, UNREADABLE

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

#: A workbook by hand: parts by name. ``{sheet}`` is the sheet's data.
PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Override PartName="/xl/workbook.xml" ContentType="{BOOK_TYPE}"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="r1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">
<sheets><sheet name="甲" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="r1" Type="{LINKS}/worksheet" Target="/xl/worksheets/sheet1.xml"/>
<Relationship Id="r2" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>
<Relationship Id="r3" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>""",
    "xl/worksheets/sheet1.xml": f"""<worksheet xmlns="{MAIN}"><sheetData>{{sheet}}</sheetData></worksheet>""",
    "xl/sharedStrings.xml": f"""<sst xmlns="{MAIN}"><si><t>零</t></si>
<si><r><t>一</t></r><r><t xml:space="preserve"> 二</t></r><rPh sb="0" eb="1"><t>yi</t></rPh></si></sst>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{MAIN}"><numFmts>
<numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;"/>
<numFmt numFmtId="165" formatCode="0.00&quot;day&quot;"/>
<numFmt numFmtId="166" formatCode="[h]:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>
<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="31"/>
<xf numFmtId="166"/></cellXfs></styleSheet>""",
}

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a workbook by hand from the sheet's data, with parts replaced, added or (None) left out."""

    def made(sheet: str = "", parts: dict[str, str | bytes | None] | None = None) -> Path:
        path = tmp_path / "book.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in ({**PARTS, **(parts or {})}).items():
                if content is not None:
                    archive.writestr(name, content.replace("{sheet}", sheet) if isinstance(content, str) else content)
        return path

    return made


def read(path: Path) -> dict[str, list[Sequence[object]]]:
    with closing(XlsxWorkbooks().sheets(str(path))) as sheets:
        return {name: list(found) for name, found in sheets}


def cells(make: Make, data: str) -> Sequence[object]:
    (row,) = read(make(f'<row r="1">{data}</row>'))["甲"]
    return row


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="A1" t="s"><v>0</v></c>', "零"),
        ('<c r="A1" t="s"><v>1</v></c>', "一 二"),
        ('<c r="A1" t="inlineStr"><is><t>=1+1</t></is></c>', "=1+1"),
        ('<c r="A1" t="inlineStr"><is><r><t>甲</t></r><r><t>乙</t></r></is></c>', "甲乙"),
        ('<c r="A1" t="str"><v>text</v></c>', "text"),
        ('<c r="A1" t="b"><v>1</v></c>', True),
        ('<c r="A1" t="b"><v>0</v></c>', False),
        ('<c r="A1" t="e"><v>#REF!</v></c>', ERROR_VALUE),
        ('<c r="A1" t="d"><v>2026-01-05T10:00:00</v></c>', date(2026, 1, 5)),
        ('<c r="A1" t="d"><v>soon</v></c>', UNREADABLE),
        ('<c r="A1"><v>0.1</v></c>', Decimal("0.1")),
        ('<c r="A1"><v>0.30000000000000004</v></c>', Decimal("0.30000000000000004")),
        ('<c r="A1"><v>3</v></c>', Decimal("3.0")),
        ('<c r="A1"><v>1E2</v></c>', Decimal(100)),
        ('<c r="A1"><v>1e999</v></c>', UNREADABLE),
        ('<c r="A1"><v>NaN</v></c>', UNREADABLE),
        ('<c r="A1"><v>1_0</v></c>', UNREADABLE),
        ('<c r="A1"><f>1+1</f><v>2</v></c>', FORMULA),
        ('<c r="A1"><f t="shared" si="0"/><v>2</v></c>', FORMULA),
        ('<c r="A1" t="str"><f>B1</f><v>text</v></c>', FORMULA),
        ('<c r="A1" t="e"><f>B1</f><v>#REF!</v></c>', FORMULA),
        ('<c r="A1" s="1"><v>46023</v></c>', date(2026, 1, 1)),
        ('<c r="A1" s="1"><v>46023.75</v></c>', date(2026, 1, 1)),
        ('<c r="A1" s="1"><v>46022.9999999999</v></c>', date(2026, 1, 1)),
        ('<c r="A1" s="2"><v>46023</v></c>', date(2026, 1, 1)),
        ('<c r="A1" s="4"><v>46023</v></c>', date(2026, 1, 1)),
        ('<c r="A1" s="1"><v>59</v></c>', date(1900, 2, 28)),
        ('<c r="A1" s="1"><v>61</v></c>', date(1900, 3, 1)),
        ('<c r="A1" s="3"><v>46023</v></c>', Decimal(46023)),
        ('<c r="A1" s="5"><v>46023</v></c>', Decimal(46023)),
        ('<c r="A1" s="99"><v>46023</v></c>', Decimal(46023)),
        ('<c r="A1" s="1"><v>0.5</v></c>', Decimal("0.5")),
        ('<c r="A1" s="1"><v>-3</v></c>', Decimal(-3)),
        ('<c r="A1" s="1"><v>9999999</v></c>', Decimal(9999999)),
        ('<c r="A1" t="inlineStr"><is><t>a_x000D_b_xD800__x0000_</t></is></c>', "a\rb_xD800__x0000_"),
    ],
)
def test_a_cell_comes_out_as_what_it_is(make: Make, cell: str, value: object) -> None:
    (found,) = cells(make, cell)
    assert found == value
    assert type(found) is type(value)


def test_empty_cells_and_rows_keep_their_places(make: Make) -> None:
    data = (
        '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c><c r="E2" s="1"/></row><row r="5"><c><v>3</v></c></row>'
    )
    assert read(make(data))["甲"] == [(), [None, Decimal(1), None, Decimal(2)], (), (), [Decimal(3)]]


def test_rows_without_numbers_count_on(make: Make) -> None:
    assert read(make("<row><c><v>1</v></c><c><v>2</v></c></row><row/><row><c><v>3</v></c></row>"))["甲"] == [
        [Decimal(1), Decimal(2)],
        (),
        [Decimal(3)],
    ]


def test_the_1904_system_of_days(make: Make) -> None:
    book = PARTS["xl/workbook.xml"].replace("<sheets>", '<workbookPr date1904="1"/><sheets>')
    found = read(make('<row r="1"><c r="A1" s="1"><v>44561</v></c></row>', {"xl/workbook.xml": book}))
    assert found["甲"] == [[date(2026, 1, 1)]]


def test_the_strict_form_and_prefixes_are_read(make: Make) -> None:
    strict = {
        name: part.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            LINKS, "http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, part in PARTS.items()
    }
    sheet = strict["xl/worksheets/sheet1.xml"]
    sheet = sheet.replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=").replace("<x:{", "<{")
    strict["xl/worksheets/sheet1.xml"] = sheet
    data = '<x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c></x:row>'
    assert read(make(data, strict))["甲"] == [["零"]]


def test_a_stray_format_in_the_last_corner_costs_nothing(make: Make) -> None:
    data = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert read(make(data))["甲"] == [[Decimal(1)]]


def corner(column: str, row: int) -> str:
    return f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (corner("XFD", 1048576), "too-large-sheet"),
        (corner("A", rows.MOST_ROWS + 1), "too-large-sheet"),
        (corner("CW", 1), "too-large-sheet"),
        (corner("A0", 1), "damaged-workbook"),
        (corner("A", 2) + corner("A", 1), "damaged-workbook"),
        (corner("A", 2) * 2, "damaged-workbook"),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', "damaged-workbook"),
        ('<row r="1"><c r="A2"><v>1</v></c></row>', "damaged-workbook"),
        ('<row r="1"><c r="A1" t="s"><v>2</v></c></row>', "damaged-workbook"),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "damaged-workbook"),
        ('<row r="1"><c r="A1" t="zz"><v>1</v></c></row>', "damaged-workbook"),
        ('<row r="-1"/>', "damaged-workbook"),
        ('<row r="99999999999"/>', "damaged-workbook"),
        (f'<row r="1"><c r="A1"><v>{"1" * 32768}</v></c></row>', "too-large-sheet"),
        ("<row>", "damaged-workbook"),
        ("<row>&undefined;</row>", "damaged-workbook"),
        (f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"x" * 32768}</t></is></c></row>', "too-large-sheet"),
    ],
)
def test_a_sheet_that_no_program_writes_is_refused(make: Make, data: str, code: str) -> None:
    with pytest.raises(UnsafeWorkbook) as refused:
        read(make(data))
    assert refused.value.code == code


def test_the_last_place_that_is_read(make: Make) -> None:
    data = f'<row r="{rows.MOST_ROWS}"><c r="CV{rows.MOST_ROWS}"><v>1</v></c></row>'
    found = read(make(data))["甲"]
    assert len(found) == rows.MOST_ROWS
    assert (len(found[-1]), found[-1][-1]) == (rows.MOST_COLUMNS, Decimal(1))


def test_a_long_text_repeated_a_million_times_is_refused(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_CHARACTERS", 20_000)
    many = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 12))
    strings = f'<sst xmlns="{MAIN}"><si><t>{"长" * 1900}</t></si></sst>'
    with pytest.raises(UnsafeWorkbook, match="过大"):
        read(make(many, {"xl/sharedStrings.xml": strings}))


def test_sheets_of_other_kinds_hold_no_rows(make: Make) -> None:
    links = PARTS["xl/_rels/workbook.xml.rels"].replace("/worksheet", "/chartsheet", 1)
    assert read(make(corner("A", 1), {"xl/_rels/workbook.xml.rels": links}))["甲"] == []


def test_a_workbook_without_texts_and_styles_is_read(make: Make) -> None:
    links = f"""<Relationships xmlns="{PACKAGE}">
<Relationship Id="r1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"""
    parts = {"xl/_rels/workbook.xml.rels": links, "xl/sharedStrings.xml": None, "xl/styles.xml": None}
    assert read(make(corner("A", 1), parts))["甲"] == [[Decimal(1)]]


def test_escapes_that_stand_for_nothing_stay_as_written() -> None:
    assert unescaped("_x4E00_ _x4e00_ _xZZZZ_ _x0007_ a_x") == "一 一 _xZZZZ_ _x0007_ a_x"


def any_value(choose: random.Random) -> object:
    kinds: list[Callable[[], object]] = [
        lambda: choose.choice(["", " 甲", "=1", "K1", "a<b&c>\"'", "长" * 500, "\t", "_x0041_", "😀"]),
        lambda: choose.randrange(-(10**9), 10**9),
        lambda: round(choose.uniform(-1e6, 1e6), choose.randrange(9)),
        lambda: choose.random() < 0.5,
        lambda: date(1900, 3, 1) + timedelta(days=choose.randrange(100_000)),
        lambda: datetime(2026, 1, 1) + timedelta(seconds=choose.randrange(10**7)),  # noqa: DTZ001 - a cell has no zone
        lambda: None,
    ]
    return choose.choice(kinds)()


def expected(value: object) -> object:
    match value:
        case "":
            return None
        case bool() | None:
            return value
        case datetime():
            return value.date()
        case int() | float():
            return Decimal(str(float(value)))
        case _:
            return value


def filled(table: list[list[object]]) -> list[list[object]]:
    """The table as a reader of cells sees it: no empty cells at the end of a row, no empty rows at the end."""
    found = [[expected(v) for v in row] for row in table]
    for row in found:
        while row and row[-1] is None:
            row.pop()
    while found and not found[-1]:
        found.pop()
    return found


def write_openpyxl(path: Path, table: list[list[Any]]) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    for r, row in enumerate(table, 1):
        for c, value in enumerate(row, 1):
            cell = sheet.cell(r, c, value)
            if isinstance(value, str) and value.startswith("="):
                cell.data_type = "s"
    book.save(path)


def write_xlsxwriter(path: Path, table: list[list[Any]]) -> None:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("Sheet")
    for r, row in enumerate(table):
        for c, value in enumerate(row):
            sheet.write(r, c, value)
    book.close()


@pytest.mark.parametrize("write", [write_openpyxl, write_xlsxwriter])
@pytest.mark.parametrize("seed", range(5))
def test_random_tables_come_back_as_they_were_written(
    tmp_path: Path, write: Callable[[Path, list[list[Any]]], None], seed: int
) -> None:
    choose = random.Random(seed)
    table = [[any_value(choose) for _ in range(choose.randrange(9))] for _ in range(60)]
    path = tmp_path / "book.xlsx"
    write(path, table)
    found = [list(row) for row in read(path)["Sheet"]]
    # A writer may keep what looks like an escape as it stands.
    for row, want in zip(found, filled(table), strict=True):
        assert ["A" if v == "_x0041_" else v for v in row] == ["A" if v == "_x0041_" else v for v in want]


def test_rows_are_handed_out_before_the_rest_is_looked_at(make: Make) -> None:
    path = make("".join(corner("A", n) for n in range(1, 20_000)) + "<row>")
    with closing(XlsxWorkbooks().sheets(str(path))) as sheets:
        _, found = next(sheets)
        assert next(found) == [Decimal(1)]
        with pytest.raises(UnsafeWorkbook):
            list(found)
