"""Tables as workbooks: every cell a typed value, never a formula."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO

import xlsxwriter
from flask import Response

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LONGEST = 32_767  # what a cell of the format holds
_WIDEST = 60

Value = str | int | Decimal | date | None


def workbook(name: str, sheet: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Response:
    """A download of one sheet with a frozen head and a filter."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    ) as book:
        _fill(book, sheet, headings, rows)
    response = Response(buffer.getvalue(), mimetype=_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _fill(book: xlsxwriter.Workbook, name: str, headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    sheet = book.add_worksheet(name[:31])
    head = book.add_format({"bold": True, "bg_color": "#E7EFEC", "bottom": 1, "text_wrap": True, "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    widths = [len(h) * 2 for h in headings]
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, head)
    last = 0
    for last, row in enumerate(rows, start=1):
        for column, value in enumerate(row):
            _write(sheet, last, column, value, text, day)
            widths[column] = max(widths[column], min(_WIDEST, len(str(value or "")) + 4))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, max(10, width))
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(headings) - 1)


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Value,
    text: xlsxwriter.format.Format,
    day: xlsxwriter.format.Format,
) -> None:
    match value:
        case None:
            return
        case date():
            sheet.write_datetime(row, column, value, day)
        case int() | Decimal():
            sheet.write_number(row, column, value)
        case str():
            sheet.write_string(row, column, value[:_LONGEST], text)
