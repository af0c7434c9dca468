"""Checks templates of plants and the group: numbers, states, files; ``deep`` also reads each, its sample and pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, literal, or_, select
from sqlalchemy import Row as SqlRow

from compliance.adapters.docx.renderer import DocxRenderer
from compliance.adapters.tables import object_, plant
from compliance.adapters.templates import document_template, group_template, template_of_row
from compliance.adapters.vault import FileVault
from compliance.core.integrity import Check, check
from compliance.core.templates import OPEN, PUBLISHED, REJECTED, SUPERSEDED, WITHDRAWN
from compliance.kernel.errors import ComplianceError

#: How a fault names whose template it is where no plant has it.
_GROUP = "group"


def check_templates(connection: Connection, vault: FileVault, *, deep: bool = False) -> Check:
    """Every template of every plant and of the group: numbered without gaps, one in use at most, its files kept.

    ``deep``: what may be in use or gone back to can still be read as the program reads templates.
    """
    rows = _rows(connection)
    kept = _kept(connection)
    faults = [f"{row.key} {row.document}/{row.number} ({why})" for row in rows for why in _wrong(row, kept)]
    faults += [f"{row.key} {row.document}/{row.number} ({why})" for row in rows if deep for why in _deep(row, vault)]
    series: dict[tuple[str, str], list[SqlRow[Any]]] = {}
    for row in rows:
        series.setdefault((row.key, row.document), []).append(row)
    for (key, name), found in series.items():
        if [row.number for row in found] != list(range(1, len(found) + 1)):
            faults.append(f"{key} {name} (a template is missing)")
        if sum(row.state == PUBLISHED for row in found) > 1:
            faults.append(f"{key} {name} (more than one template is in use)")
    return check("templates", len(rows), faults)


def _rows(connection: Connection) -> Sequence[SqlRow[Any]]:
    """Every template with the key of its plant; the group's after them."""
    own, group = document_template.c, group_template.c
    of_plants = select(document_template, plant.c.key).join(plant, plant.c.id == own.plant_id)
    of_group = select(group_template, literal(_GROUP).label("key"))
    return [
        *connection.execute(of_plants.order_by(own.plant_id, own.document, own.number)),
        *connection.execute(of_group.order_by(group.document, group.number)),
    ]


def _kept(connection: Connection) -> set[str]:
    """The files that templates name and that are there."""
    named = (table.c[name] for table in (document_template, group_template) for name in ("file", "sample", "pdf"))
    asked = select(object_.c.sha256).where(or_(*(object_.c.sha256.in_(select(column)) for column in named)))
    return set(connection.scalars(asked.where(object_.c.state == "present")))


def _wrong(row: SqlRow[Any], kept: set[str]) -> Iterator[str]:
    if row.state not in (OPEN, PUBLISHED, SUPERSEDED, REJECTED, WITHDRAWN):
        yield f"unknown state {row.state}"
    if row.state != OPEN and not row.decided_at:
        yield "nobody settled it"
    if row.state in (PUBLISHED, SUPERSEDED) and row.decided_login == row.login:
        yield "one person proposed and published it"
    yield from (f"file {name} is not kept" for name in template_of_row(row).files if name not in kept)


def _deep(row: SqlRow[Any], vault: FileVault) -> Iterator[str]:
    """What is wrong inside a template's files, each with its name, digest and place."""
    for name in ("file", "sample", "pdf"):
        sha256 = getattr(row, name)
        try:
            if sha256:
                with vault.open(sha256) as kept:
                    data = kept.read()
                if name == "file":
                    problems = DocxRenderer().inspect(data).problems
                    yield from (f"{name} {sha256}: {p.where.en}: {p.text.en}" for p in problems)
        except (ComplianceError, OSError, ValueError) as error:
            yield f"{name} {sha256} cannot be read: {error}"
