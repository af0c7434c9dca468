"""Who reads a version of a document, who has confirmed it, and until when a version is to be reviewed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A column that every version has, and two tables; a confirmation is never changed."""
    op.add_column("document_version", sa.Column("review_due", sa.Date(), nullable=True))
    op.create_table(
        "document_distribution",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("deputies", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("plant_id", "number", "place"),
    )
    op.create_table(
        "document_reading",
        sa.Column("plant_id", NUMBER, sa.ForeignKey("plant.id"), nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("posts", sa.Text(), nullable=False),
        sa.Column("login", WORD, nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("read", WORD, sa.ForeignKey("object.sha256", deferrable=True, initially="DEFERRED"), nullable=True),
        sa.Column("acted_by", WORD, nullable=False),
        sa.PrimaryKeyConstraint("plant_id", "number", "place", "account"),
    )
    for event in ("update", "delete"):
        _keep(event)


def _keep(event: str) -> None:
    trigger, why = f"keep_document_reading_{event}", "a confirmation is kept as it was given"
    before = f"CREATE TRIGGER {trigger} BEFORE {event.upper()} ON document_reading"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"{before} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(f"{before} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
