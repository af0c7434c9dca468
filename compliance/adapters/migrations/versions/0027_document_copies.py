"""Controlled copies of documents on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table of its own, out of which nothing is deleted."""
    op.create_table(
        "document_copy",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.Text(), nullable=False),
        sa.Column("issued_at", WORD, nullable=False),
        sa.Column("issued_by", WORD, nullable=False),
        sa.Column("issued_name", sa.Text(), nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("ended_at", WORD, nullable=True),
        sa.Column("ended_by", WORD, nullable=False),
        sa.Column("ended_name", sa.Text(), nullable=False),
        sa.Column("two", sa.Boolean(), nullable=False),
        sa.Column("second_at", WORD, nullable=True),
        sa.Column("second_by", WORD, nullable=False),
        sa.Column("second_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "number", "copy"),
    )
    trigger, why = "keep_document_copy_delete", "the register of controlled copies is kept"
    before = f"CREATE TRIGGER {trigger} BEFORE DELETE ON document_copy"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{before} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(f"{before} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
