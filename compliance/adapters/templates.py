"""Templates of plants and of the group in the register: one row a template, never deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    desc,
    insert,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy import Row as SqlRow

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.document_tables import document_version, file_column
from compliance.adapters.tables import Moment, Word, metadata, of_plant
from compliance.core.plants import Plant
from compliance.core.templates import PUBLISHED, TemplateVersion


def _columns() -> tuple[Column[Any], ...]:
    """What is kept of a template, whoever has it."""
    return (
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
    )


document_template = Table(
    "document_template",
    metadata,
    of_plant(),
    *_columns(),
    PrimaryKeyConstraint("plant_id", "document", "number"),
)
#: The group's; a key of the other table names a plant, so these have a table of their own.
group_template = Table("group_template", metadata, *_columns(), PrimaryKeyConstraint("document", "number"))
_NAMES = [field.name for field in fields(TemplateVersion)]
_DECIDED = ("state", "decided_login", "decided_account", "decided_name", "decided_at", "decided_why")
#: How many documents of a template are named.
_NAMED = 50


class SqlTemplateReads(Connected):
    """The reading half of ``core.templates.TemplateWork``."""

    def templates(self, plant: Plant | None, document: str = "") -> Sequence[TemplateVersion]:
        """The templates of a plant, or the group's (for one document), by document, newest first."""
        table, whose = _of(plant)
        c = table.c
        asked = select(table).where(*whose)
        if document:
            asked = asked.where(c.document == document)
        return [template_of_row(row) for row in self._execute(asked.order_by(c.document, c.number.desc()))]

    def templates_near(
        self, plant: Plant, document: str
    ) -> tuple[Sequence[TemplateVersion], Sequence[TemplateVersion]]:
        """The templates of a plant and those of the group for one document, each newest first: one statement."""

        def asked(whose: Plant | None, near: int) -> Select[Any]:
            table, of = _of(whose)
            columns = [table.c[name] for name in _NAMES]
            return select(*columns, literal(near).label("near")).where(*of, table.c.document == document)

        rows = self._execute(union_all(asked(plant, 0), asked(None, 1)).order_by(desc("number"))).all()
        own, group = ([template_of_row(row) for row in rows if row.near == near] for near in (0, 1))
        return own, group

    def template_in_use(self, plant: Plant, document: str) -> str | None:
        """The file of the template for a rule's documents: the plant's own, else the group's; None: the shipped one."""
        return self.templates_in_use(plant).get(document)

    def templates_in_use(self, plant: Plant) -> Mapping[str, str]:
        """The files of templates in use beside the shipped ones, by rule: the plant's own, else the group's."""
        group, own = (_published(one).add_columns(literal(n).label("nearer")) for n, one in enumerate((None, plant)))
        rows = self._execute(union_all(group, own).order_by("nearer"))
        return {row.document: row.file for row in rows}

    def templates_published(self, plant: Plant | None) -> Mapping[str, str]:
        """The files of the plant's own templates in use, or of the group's, by the rules of their documents."""
        return {row.document: row.file for row in self._execute(_published(plant))}

    def with_own_template(self, document: str) -> frozenset[int]:
        """The ids of the plants that have a template of their own in use for a rule's documents."""
        c = document_template.c
        asked = select(c.plant_id).where(c.document == document, c.state == PUBLISHED, c.file.is_not(None))
        return frozenset(self._execute(asked).scalars())

    def made_with(self, plant: Plant, file: str) -> Sequence[str]:
        """The names of the versions of the plant's documents that a template made, the newest 50."""
        c = document_version.c
        asked = select(c.number, c.label).where(c.plant_id == plant.id, c.template == file)
        rows = self._execute(asked.order_by(c.opened.desc(), c.number.desc(), c.place.desc()).limit(_NAMED))
        return [f"{row.number}/{row.label}" for row in rows]


class SqlTemplateChanges(SqlTemplateReads, Changing):
    """The writing half of ``core.templates.TemplateWork``."""

    def add_template(self, plant: Plant | None, template: TemplateVersion) -> None:
        """Keep a new template of a plant, or of the group."""
        values = {name: getattr(template, name) for name in _NAMES}
        if plant is not None:
            values["plant_id"] = plant.id
        self._change(insert(_of(plant)[0]).values(values))

    def decide_template(self, plant: Plant | None, template: TemplateVersion) -> None:
        """Note what came of a template: state, by whom, when and why."""
        table, whose = _of(plant)
        same = (*whose, table.c.document == template.document, table.c.number == template.number)
        self._change(update(table).where(*same).values({n: getattr(template, n) for n in _DECIDED}))


def template_of_row(row: SqlRow[Any]) -> TemplateVersion:
    """A template, of its row."""
    return TemplateVersion(**{name: getattr(row, name) for name in _NAMES})


def _of(plant: Plant | None) -> tuple[Table, tuple[ColumnElement[bool], ...]]:
    """The table of a plant's templates, or of the group's, and what picks them out."""
    if plant is None:
        return group_template, ()
    return document_template, (document_template.c.plant_id == plant.id,)


def _published(plant: Plant | None) -> Any:  # noqa: ANN401 - a select of two words
    table, whose = _of(plant)
    c = table.c
    return select(c.document, c.file).where(*whose, c.state == PUBLISHED, c.file.is_not(None))
