"""Templates of plants in the register: one row a template, never deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, Connection, Integer, PrimaryKeyConstraint, Table, Text, insert, or_, select, update
from sqlalchemy import Row as SqlRow

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.document_tables import document_version, file_column
from compliance.adapters.tables import Moment, Word, metadata, object_, of_plant, plant
from compliance.core.integrity import Check, check
from compliance.core.plants import Plant
from compliance.core.templates import OPEN, PUBLISHED, REJECTED, SUPERSEDED, WITHDRAWN, TemplateVersion

document_template = Table(
    "document_template",
    metadata,
    of_plant(),
    Column("document", Word, nullable=False),
    Column("number", Integer, nullable=False),
    file_column("file"),
    file_column("sample"),
    file_column("pdf"),
    Column("file_name", Text, nullable=False),
    Column("login", Word, nullable=False),
    Column("account", Word),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("lacks", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("decided_login", Word),
    Column("decided_account", Word),
    Column("decided_name", Text),
    Column("decided_at", Moment),
    Column("decided_why", Text, nullable=False),
    PrimaryKeyConstraint("plant_id", "document", "number"),
)
_NAMES = [field.name for field in fields(TemplateVersion)]
_DECIDED = ("state", "decided_login", "decided_account", "decided_name", "decided_at", "decided_why")
#: How many documents of a template are named.
_NAMED = 50


class SqlTemplateReads(Connected):
    """The reading half of ``core.templates.TemplateWork``."""

    def templates(self, plant: Plant, document: str = "") -> Sequence[TemplateVersion]:
        """The templates of a plant (for one document), by document, newest first."""
        c = document_template.c
        asked = select(document_template).where(c.plant_id == plant.id)
        if document:
            asked = asked.where(c.document == document)
        return [_template(row) for row in self._execute(asked.order_by(c.document, c.number.desc()))]

    def template_in_use(self, plant: Plant, document: str) -> str | None:
        """The file of the plant's own template for a rule's documents; None where it has none in use."""
        c = document_template.c
        asked = select(c.file).where(c.plant_id == plant.id, c.document == document, c.state == PUBLISHED)
        found: str | None = self._execute(asked).scalar()
        return found

    def templates_in_use(self, plant: Plant) -> Mapping[str, str]:
        """The files of all of the plant's own templates that are in use, by the rules of their documents."""
        c = document_template.c
        asked = select(c.document, c.file).where(c.plant_id == plant.id, c.state == PUBLISHED, c.file.is_not(None))
        return {row.document: row.file for row in self._execute(asked)}

    def made_with(self, plant: Plant, file: str) -> Sequence[str]:
        """The names of the versions of documents that a template made, the newest 50."""
        c = document_version.c
        asked = select(c.number, c.label).where(c.plant_id == plant.id, c.template == file)
        rows = self._execute(asked.order_by(c.opened.desc(), c.number.desc(), c.place.desc()).limit(_NAMED))
        return [f"{row.number}/{row.label}" for row in rows]


class SqlTemplateChanges(SqlTemplateReads, Changing):
    """The writing half of ``core.templates.TemplateWork``."""

    def add_template(self, plant: Plant, template: TemplateVersion) -> None:
        """Keep a new template."""
        values = {name: getattr(template, name) for name in _NAMES}
        self._change(insert(document_template).values(plant_id=plant.id, **values))

    def decide_template(self, plant: Plant, template: TemplateVersion) -> None:
        """Note what came of a template: state, by whom, when and why."""
        c = document_template.c
        same = (c.plant_id == plant.id, c.document == template.document, c.number == template.number)
        self._change(update(document_template).where(*same).values({n: getattr(template, n) for n in _DECIDED}))


def check_templates(connection: Connection) -> Check:
    """Every template of every plant: numbered without gaps, one in use at most, its files kept, its states known."""
    c = document_template.c
    rows = connection.execute(
        select(document_template, plant.c.key)
        .join(plant, plant.c.id == c.plant_id)
        .order_by(c.plant_id, c.document, c.number)
    ).all()
    named = select(object_.c.sha256).where(
        or_(*(object_.c.sha256.in_(select(column)) for column in (c.file, c.sample, c.pdf)))
    )
    kept = set(connection.scalars(named.where(object_.c.state == "present")))
    faults = [f"{row.key} {row.document}/{row.number} ({why})" for row in rows for why in _wrong(row, kept)]
    series: dict[tuple[str, str], list[SqlRow[Any]]] = {}
    for row in rows:
        series.setdefault((row.key, row.document), []).append(row)
    for (key, name), found in series.items():
        if [row.number for row in found] != list(range(1, len(found) + 1)):
            faults.append(f"{key} {name} (a template is missing)")
        if sum(row.state == PUBLISHED for row in found) > 1:
            faults.append(f"{key} {name} (more than one template is in use)")
    return check("templates", len(rows), faults)


def _wrong(row: SqlRow[Any], kept: set[str]) -> Iterator[str]:
    if row.state not in (OPEN, PUBLISHED, SUPERSEDED, REJECTED, WITHDRAWN):
        yield f"unknown state {row.state}"
    if row.state != OPEN and not row.decided_at:
        yield "nobody settled it"
    if row.state in (PUBLISHED, SUPERSEDED) and row.decided_login == row.login:
        yield "one person proposed and published it"
    yield from (f"file {name} is not kept" for name in _template(row).files if name not in kept)


def _template(row: SqlRow[Any]) -> TemplateVersion:
    return TemplateVersion(**{name: getattr(row, name) for name in _NAMES})
