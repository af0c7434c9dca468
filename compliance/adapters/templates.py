"""Templates of plants in the register: one row a template, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Text, insert, select, update
from sqlalchemy import Row as SqlRow

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.document_tables import document_version, file_column
from compliance.adapters.tables import Moment, Word, metadata, of_plant
from compliance.core.plants import Plant
from compliance.core.templates import PUBLISHED, TemplateVersion

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
        return [template_of_row(row) for row in self._execute(asked.order_by(c.document, c.number.desc()))]

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


def template_of_row(row: SqlRow[Any]) -> TemplateVersion:
    """A template, of its row."""
    return TemplateVersion(**{name: getattr(row, name) for name in _NAMES})
