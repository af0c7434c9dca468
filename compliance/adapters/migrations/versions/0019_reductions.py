"""Targets, programmes, reductions and the use of carbon-finance money."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0019"
down_revision = "0018"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: Each table's columns as they were at this step; w = word, d = day, a = amount in 10⁻⁶ units.
SHEETS = {
    "reduction_target": (
        "number:w horizon:w indicator:w year:w baseline:a value:a unit:w part_of:w department:w owner:w approved:d"
    ),
    "reduction_programme": "number:w name:w path:w department:w finish:d reduction:a budget:a submitted:d",
    "reduction_entry": "number:w project:w what:w amount:a on:d proof:w",
    "finance_use": "number:w deal:w money:a purpose:w on:d note:w",
}
KEY = "number"
TYPES: dict[str, TypeEngine[Any]] = {"w": WORD, "d": sa.Date(), "a": sa.BigInteger()}


def upgrade() -> None:
    """Four tables, empty."""
    for table, columns in SHEETS.items():
        told = [c.split(":") for c in columns.split()]
        op.create_table(
            table,
            sa.Column("id", NUMBER, nullable=False),
            sa.Column("plant_id", NUMBER, nullable=False),
            *(sa.Column(name, TYPES[kind], nullable=name != KEY) for name, kind in told),
            sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name=f"fk_{table}_plant_id"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint("plant_id", KEY, name=f"uq_{table}_plant_id_{KEY}"),
        )
