"""The group's templates of documents: what fills a document where the plant has no template of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TABLE = "group_template"
FILES = ("file", "sample", "pdf")


def upgrade() -> None:
    """A table of its own, as a key names no plant; what it holds is never deleted."""
    files = [
        sa.ForeignKeyConstraint([n], ["object.sha256"], name=f"fk_{TABLE}_{n}", deferrable=True, initially="DEFERRED")
        for n in FILES
    ]
    op.create_table(
        TABLE,
        *(sa.Column(name, WORD, nullable=False) for name in ("document", "login", "at", "state")),
        *(sa.Column(n, WORD, nullable=True) for n in (*FILES, "account", "decided_login", "decided_account")),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("file_name", "name", "reason", "lacks", "decided_why")),
        sa.Column("decided_name", sa.Text(), nullable=True),
        sa.Column("decided_at", WORD, nullable=True),
        *files,
        sa.PrimaryKeyConstraint("document", "number", name=f"pk_{TABLE}"),
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
