"""From a fact back to the row of the workbook that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from compliance.core.controlled import DOCUMENT
from compliance.core.copies import COPY
from compliance.core.documents.change_requests import CHANGE_REQUEST
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.model import SHEETS, Cell, Refers, Row
from compliance.kernel.quantity import from_micro
from compliance.web.i18n import _

#: The table whose key a reference names, and the property names of facts that name such a key.
_REFERRED: Mapping[Refers, str] = {
    Refers.INSTRUMENT: "instrument",
    Refers.LABORATORY: "laboratory",
    Refers.TRADE: "trade",
    Refers.LINE: "production_line",
}
_NAMED: Mapping[str, str] = {
    "instrument": "instrument",
    "laboratory": "laboratory",
    "trade": "trade",
    "line": "production_line",
}
#: What stands between the parts of a key.
SEPARATOR = "|"


def find(table: str) -> type[Row] | None:
    """The row type of a table."""
    return next((kind for kind in SHEETS if kind.SHEET.table == table), None)


@dataclass(frozen=True, slots=True)
class Origin:
    """The row that a fact rests on: sheet and key as people read them, its address (empty for several rows)."""

    sheet: str
    key: str
    address: str


def origin(row: object) -> Origin | None:
    """The row that a fact names as ``table:key|key``."""
    if not isinstance(row, str):
        return None
    table, _sep, key = row.partition(":")
    if table == DOCUMENT and key:
        return Origin(_("受控文件"), key.replace(SEPARATOR, " · "), case_address(DOCUMENT, key.partition(SEPARATOR)[0]))
    kind = find(table)
    if (kind is None and table != OCCURRENCE) or not key:
        return None
    heading = kind.SHEET.heading if kind else _("义务")
    several = kind is not None and len(key.split(SEPARATOR)) != len(kind.SHEET.key)
    where = "" if several else url_for("trail.source", table=table, key=key)
    return Origin(heading, key.replace(SEPARATOR, " · "), where)


def case_address(object_type: str, object_id: str) -> str:
    """Address of the thing that an act of the trail is about, where it has a page; empty where it has none."""
    if object_type == NONCONFORMITY and object_id:
        return url_for("tickets.page", number=object_id)
    if object_type == CHANGE_REQUEST and object_id:
        return url_for("change_requests.page", number=object_id)
    if object_type == COPY and object_id:
        return url_for("copies.page", number=object_id.partition("/")[0])
    if object_type == DOCUMENT and object_id:
        return url_for("documents.page", number=object_id.partition("/")[0])
    obligation, _slash, rest = object_id.partition("/")
    subject, _slash, period = rest.rpartition("/")
    if object_type != OCCURRENCE or not subject:
        return ""
    return url_for("trail.source", table=OCCURRENCE, key=SEPARATOR.join((obligation, subject, period)))


def address(name: str, value: object) -> str:
    """Address of the source row that a property of a fact names; empty where it names none."""
    table = _NAMED.get(name)
    if table is None or not isinstance(value, str) or not value:
        return ""
    return url_for("trail.source", table=table, key=value)


def cells(kind: type[Row], row: Mapping[str, object]) -> Sequence[tuple[str, object, str]]:
    """Heading, value as people read it, and the address of what the cell refers to."""
    return [(c.heading, _shown(c.cell, row.get(c.name)), _link(c.refers, row.get(c.name))) for c in kind.SHEET.columns]


def _shown(cell: Cell, value: object) -> object:
    if value is None:
        return ""
    if cell in (Cell.QUANTITY, Cell.SIGNED) and isinstance(value, int):
        return f"{from_micro(value):f}"
    return value.isoformat() if isinstance(value, date) else value


def _link(refers: Refers, value: object) -> str:
    table = _REFERRED.get(refers)
    return url_for("trail.source", table=table, key=value) if table and isinstance(value, str) and value else ""
