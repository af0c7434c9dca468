"""Plants' own templates of documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLE = "document_template"
FILES = ("file", "sample", "pdf")


def upgrade() -> None:
    """A table of its own; what it holds is never deleted."""
    files = [
        sa.ForeignKeyConstraint([n], ["object.sha256"], name=f"fk_{TABLE}_{n}", deferrable=True, initially="DEFERRED")
        for n in FILES
    ]
    op.create_table(
        TABLE,
        sa.Column("plant_id", NUMBER, nullable=False),
        *(sa.Column(name, WORD, nullable=False) for name in ("document", "login", "at", "state")),
        *(sa.Column(n, WORD, nullable=True) for n in (*FILES, "account", "decided_login", "decided_account")),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("file_name", "name", "reason", "lacks", "decided_why")),
        sa.Column("decided_name", sa.Text(), nullable=True),
        sa.Column("decided_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name=f"fk_{TABLE}_plant_id"),
        *files,
        sa.PrimaryKeyConstraint("plant_id", "document", "number", name=f"pk_{TABLE}"),
    )
    _keep()


def _keep() -> None:
    trigger, why = f"keep_{TABLE}_delete", "a template is kept"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER {trigger} BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, '{why}'); END")
        return
    op.execute(
        f"CREATE FUNCTION {trigger}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{why}'; END $$"
    )
    op.execute(f"CREATE TRIGGER {trigger} BEFORE DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION {trigger}()")
