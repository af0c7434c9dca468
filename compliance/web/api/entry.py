"""Rows of data, entered by programs: the tables with their columns, and one row at a time."""

from __future__ import annotations

from typing import Any

from compliance.core.imports import ENTERABLE, Entries, kind_of
from compliance.core.model import Cell, Column, Refers, Row
from compliance.core.permissions import Permission
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.errors import WrongValues
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, SAID, ListOf, MapOf, Record, Truth, Whole, Word, Wrong, pointer
from compliance.web.api.telling import said
from compliance.web.book import book
from compliance.web.services import Entered

_PARTS = {"plant": NAME}
_COLUMN = Record(
    "Column",
    {
        "name": NAME,
        "heading": NAME,
        "type": Word(words=tuple(c.value for c in Cell)),
        "key": Truth(),
        "refers": Word(words=tuple(r.value for r in Refers)),
        "words": ListOf(Record("ColumnWord", {"word": NAME, **SAID.members})),
    },
)
_TABLES = Record(
    "Tables", {"rows": ListOf(Record("Table", {"table": NAME, "heading": NAME, "columns": ListOf(_COLUMN)}))}
)
_WISH = Record(
    "EntryWish",
    {"table": Word(words=tuple(k.SHEET.table for k in ENTERABLE)), "values": MapOf(Word()), "reason": Word()},
    frozenset({"reason"}),
)
_DONE = Record(
    "Entered",
    {
        "table": NAME,
        "added": Whole(),
        "changed": Whole(),
        "judged": Truth(),
        "settled": ListOf(SAID),
        "raised": ListOf(SAID),
    },
)


class CorrectionAsksReason(Refused):
    """The row is stored with other values: to correct it a reason is needed."""

    code = "correction-needs-reason"
    text = Text(zh="该行已存在且值不同：更正须给出 reason", en="The row is there with other values: say why, in reason")

    def __init__(self, places: tuple[Wrong, ...]) -> None:
        """Keep the cells that differ."""
        super().__init__()
        self.places = places


@operation(
    Operation(
        name="entries",
        method="GET",
        path="/plants/{plant}/entries",
        title=Text("可填写的表及其列", "the tables that may be entered, with their columns"),
        parts=_PARTS,
        answer=_TABLES,
        permission=Permission.ENTER,
    )
)
def tables(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every table that may be entered row by row."""
    return {"rows": [_table(kind) for kind in ENTERABLE]}


@operation(
    Operation(
        name="entry",
        method="POST",
        path="/plants/{plant}/entries",
        title=Text("填写一行", "enter one row"),
        parts=_PARTS,
        body=_WISH,
        answer=_DONE,
        status=201,
        permission=Permission.ENTER,
    )
)
def enter(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Enter one row as one act; the plant is judged anew."""
    body, kind = asked.body, kind_of(asked.body["table"])
    known = {c.name for c in kind.SHEET.columns}
    names = ", ".join(c.name for c in kind.SHEET.columns)
    wrong = [
        Wrong(f"#/values/{pointer(name)}", Text(f"没有此列（有：{names}）", f"is no column; there are: {names}"))
        for name in body["values"].keys() - known
    ]
    if wrong:
        raise WrongValues(wrong)
    values = {name: text.strip() for name, text in body["values"].items() if text.strip()}
    entries = Entries(body["table"], (values,), body.get("reason", ""))
    done = access.services().enterer(entries, plant=access.card().plant, actor=access.actor())
    _check(kind, done)
    return {
        "table": body["table"],
        "added": done.added,
        "changed": done.changed,
        "judged": done.judged,
        "settled": [said(text) for text in done.settled],
        "raised": [said(text) for text in done.raised],
    }


def _check(kind: type[Row], done: Entered) -> None:
    """Refuse what was not stored, each cell with its place."""
    fields = {c.heading: c.name for c in kind.SHEET.columns}

    def place(heading: str | None) -> str:
        return f"#/values/{fields[heading]}" if heading in fields else "#/values"

    if done.problems:
        raise WrongValues([Wrong(place(p.heading), p.message) for p in done.problems])
    if done.corrections:
        raise CorrectionAsksReason(tuple(Wrong(place(c.heading), Text(c.given, c.given)) for c in done.corrections))


def _table(kind: type[Row]) -> dict[str, Any]:
    sheet = kind.SHEET
    columns = [_column(c, key=c.name in sheet.key) for c in sheet.columns]
    return {"table": sheet.table, "heading": sheet.heading, "columns": columns}


def _column(column: Column, *, key: bool) -> dict[str, Any]:
    words = book().admitted(column.vocabulary) if column.vocabulary else {}
    return {
        "name": column.name,
        "heading": column.heading,
        "type": column.cell.value,
        "key": key,
        "refers": column.refers.value,
        # Rows hold the words themselves, not their ids.
        "words": [{"word": text.zh, **said(text)} for text in words.values()],
    }
