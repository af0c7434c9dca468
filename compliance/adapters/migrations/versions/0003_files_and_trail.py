"""Files, imports and the trail, with the triggers that keep them append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Files, imports and the trail, with the triggers that keep them append-only."""
    _log()
    _audit_entry()
    _audit_node()
    _checkpoint()
    _log_head()
    _object()
    _import_batch()
    _append_only()


def _log() -> None:
    op.create_table(
        "log",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=True),
        sa.Column("origin", WORD, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("vkey", sa.Text(), nullable=True),
        sa.Column("opened_at", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_log_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_log"),
        sa.UniqueConstraint("origin", name="uq_log_origin"),
        sa.UniqueConstraint("plant_id", "epoch", name="uq_log_plant_id_epoch"),
    )


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("log_id", NUMBER, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("object_type", WORD, nullable=False),
        sa.Column("object_id", WORD, nullable=False),
        sa.Column("actor_id", WORD, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name="fk_audit_entry_log_id"),
        sa.PrimaryKeyConstraint("log_id", "seq", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_log_id_actor_id_seq", "audit_entry", ["log_id", "actor_id", "seq"], unique=False)
    op.create_index("ix_audit_entry_log_id_kind_seq", "audit_entry", ["log_id", "kind", "seq"], unique=False)
    op.create_index(
        "ix_audit_entry_object_type_object_id_log_id_seq",
        "audit_entry",
        ["object_type", "object_id", "log_id", "seq"],
        unique=False,
    )


def _audit_node() -> None:
    op.create_table(
        "audit_node",
        sa.Column("log_id", NUMBER, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name="fk_audit_node_log_id"),
        sa.PrimaryKeyConstraint("log_id", "level", "idx", name="pk_audit_node"),
    )


def _checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("log_id", NUMBER, nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", WORD, nullable=False),
        sa.Column("cosigs", sa.Text(), nullable=True),
        sa.Column("tsr", sa.LargeBinary(), nullable=True),
        sa.Column("exported", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name="fk_checkpoint_log_id"),
        sa.PrimaryKeyConstraint("log_id", "size", name="pk_checkpoint"),
    )


def _log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("log_id", NUMBER, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", WORD, nullable=False),
        sa.ForeignKeyConstraint(["log_id"], ["log.id"], name="fk_log_head_log_id"),
        sa.PrimaryKeyConstraint("log_id", name="pk_log_head"),
    )


def _object() -> None:
    op.create_table(
        "object",
        sa.Column("sha256", WORD, nullable=False),
        sa.Column("sm3", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("first_log", NUMBER, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("scrubbed_at", WORD, nullable=True),
        sa.CheckConstraint("state IN ('present', 'quarantined', 'disposed')", name="ck_object_state"),
        sa.ForeignKeyConstraint(["first_log"], ["log.id"], name="fk_object_first_log"),
        sa.PrimaryKeyConstraint("sha256", name="pk_object"),
    )


def _import_batch() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("workbook", WORD, nullable=False),
        sa.Column("manifest", WORD, nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["manifest"], ["object.sha256"], name="fk_import_batch_manifest", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_import_batch_plant_id"),
        sa.ForeignKeyConstraint(
            ["workbook"], ["object.sha256"], name="fk_import_batch_workbook", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_import_batch"),
    )
    op.create_index("ix_import_batch_plant_id_id", "import_batch", ["plant_id", "id"], unique=False)


#: What may still change in a row that is otherwise kept for good (table: columns).
OPEN = {
    "audit_entry": (),
    "audit_node": (),
    "checkpoint": ("cosigs", "tsr", "exported"),
    "object": ("state", "retain_until", "scrubbed_at"),
    "import_batch": ("retain_until",),
    "log": ("vkey",),
}


def _append_only() -> None:
    """Stop faults of the program; what stops a person with the database's password is the exported checkpoint."""
    columns = sa.inspect(op.get_bind()).get_columns
    for table, changing in OPEN.items():
        fixed = [c["name"] for c in columns(table) if c["name"] not in changing]
        changed = " OR ".join(f'NEW."{c}" IS DISTINCT FROM OLD."{c}"' for c in fixed)
        _forbid(table, "update", changed, f"{table} is kept as it was written")
        _forbid(table, "delete", "", f"{table} keeps its rows")
    _forbid("log_head", "update", "NEW.size < OLD.size", "a log never shrinks")
    _forbid("log_head", "delete", "", "a log keeps its head")
    for table in ("object", "import_batch"):
        shorter = "OLD.retain_until IS NOT NULL AND (NEW.retain_until IS NULL OR NEW.retain_until < OLD.retain_until)"
        _forbid(table, "update", shorter, "retention is never shortened", name="retention")


def _forbid(table: str, event: str, when: str, why: str, *, name: str = "") -> None:
    trigger = f"keep_{table}_{name or event}"
    condition = f" WHEN ({when})" if when else ""
    if op.get_bind().dialect.name == "sqlite":
        raised = f"SELECT RAISE(ABORT, '{why}');"
        op.execute(f'CREATE TRIGGER {trigger} BEFORE {event} ON "{table}"{condition} BEGIN {raised} END')
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(
        f'CREATE TRIGGER {trigger} BEFORE {event} ON "{table}" FOR EACH ROW{condition} EXECUTE FUNCTION {trigger}()'
    )
