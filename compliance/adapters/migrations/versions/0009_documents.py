"""Controlled documents and their versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FILES = ("draft", "data", "template", "issued", "issued_data", "pdf")


def upgrade() -> None:
    """New tables alone; what they hold is never deleted."""
    _document()
    _version()
    for table in ("document", "document_version"):
        _keep(table)


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("rule", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("about", WORD, nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("series", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("retention", WORD, nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_document_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("plant_id", "number", name="uq_document_plant_id_number"),
        sa.UniqueConstraint("plant_id", "rule", "about", name="uq_document_plant_id_rule_about"),
        sa.UniqueConstraint("plant_id", "series", "place", name="uq_document_plant_id_series_place"),
    )
    op.create_index("ix_document_plant_id_id", "document", ["plant_id", "id"])
    op.create_index("ix_document_plant_id_kind_about", "document", ["plant_id", "kind", "about"])


def _version() -> None:
    files = [
        sa.ForeignKeyConstraint(
            [name], ["object.sha256"], name=f"fk_document_version_{name}", deferrable=True, initially="DEFERRED"
        )
        for name in FILES
    ]
    op.create_table(
        "document_version",
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("label", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("rule_digest", WORD, nullable=False),
        *(sa.Column(name, WORD, nullable=True) for name in FILES),
        sa.Column("effective", sa.Date(), nullable=True),
        sa.Column("issued_at", WORD, nullable=True),
        sa.Column("ended_at", WORD, nullable=True),
        sa.Column("ended_why", sa.Text(), nullable=False),
        sa.Column("superseded_by", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_document_version_plant_id"),
        *files,
        sa.PrimaryKeyConstraint("plant_id", "number", "place", name="pk_document_version"),
        sa.UniqueConstraint("plant_id", "number", "label", name="uq_document_version_plant_id_number_label"),
    )
    op.create_index("ix_document_version_plant_id_state_number", "document_version", ["plant_id", "state", "number"])


def _keep(table: str) -> None:
    trigger, why = f"keep_{table}_delete", "a controlled document is kept"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {trigger} BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {trigger} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
