"""What judging yields, runs and rule bases, accounts and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What judging yields, runs and rule bases, accounts and sessions."""
    _rules_snapshot()
    _scheduled_run()
    _sign_in_failure()
    _user_account()
    _finding()
    _membership()
    _nonconformity()
    _number_series()
    _occurrence()
    _session()


def _rules_snapshot() -> None:
    op.create_table(
        "rules_snapshot",
        sa.Column("digest", WORD, nullable=False),
        sa.Column("activated_at", WORD, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_rules_snapshot"),
    )
    op.create_index(
        "uq_rules_snapshot_active",
        "rules_snapshot",
        ["active"],
        unique=True,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )


def _scheduled_run() -> None:
    op.create_table(
        "scheduled_run",
        sa.Column("job", WORD, nullable=False),
        sa.Column("slot", WORD, nullable=False),
        sa.Column("started_at", WORD, nullable=False),
        sa.Column("done_at", WORD, nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="pk_scheduled_run"),
    )


def _sign_in_failure() -> None:
    op.create_table(
        "sign_in_failure",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("login", WORD, nullable=False),
        sa.Column("address", WORD, nullable=False),
        sa.Column("at", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failure"),
    )
    op.create_index("ix_sign_in_failure_at", "sign_in_failure", ["at"], unique=False)
    op.create_index("ix_sign_in_failure_login_address_at", "sign_in_failure", ["login", "address", "at"], unique=False)


def _user_account() -> None:
    op.create_table(
        "user_account",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("login", WORD, nullable=False),
        sa.Column("person", WORD, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", WORD, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_user_account"),
        sa.UniqueConstraint("login", name="uq_user_account_login"),
    )


def _finding() -> None:
    op.create_table(
        "finding",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("situation", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("period", WORD, nullable=False),
        sa.Column("rule", WORD, nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("remedy_zh", sa.Text(), nullable=False),
        sa.Column("remedy_en", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("rule_digest", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Date(), nullable=True),
        sa.Column("nonconformity", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_finding_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
        sa.UniqueConstraint(
            "plant_id", "situation", "subject", "period", name="uq_finding_plant_id_situation_subject_period"
        ),
    )
    op.create_index("ix_finding_plant_id_first_seen_id", "finding", ["plant_id", "first_seen", "id"], unique=False)
    op.create_index(
        "ix_finding_plant_id_nonconformity_withdrawn",
        "finding",
        ["plant_id", "nonconformity", "withdrawn"],
        unique=False,
    )
    op.create_index(
        "ix_finding_plant_id_withdrawn_first_seen_id",
        "finding",
        ["plant_id", "withdrawn", "first_seen", "id"],
        unique=False,
    )


def _membership() -> None:
    op.create_table(
        "membership",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=True),
        sa.Column("role", WORD, nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_membership_plant_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_membership_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("user_id", "plant_id", "role", name="uq_membership_user_id_plant_id_role"),
    )
    op.create_index("ix_membership_plant_id", "membership", ["plant_id"], unique=False)
    op.create_index(
        "uq_membership_group",
        "membership",
        ["user_id", "role"],
        unique=True,
        sqlite_where=sa.text("plant_id IS NULL"),
        postgresql_where=sa.text("plant_id IS NULL"),
    )


def _nonconformity() -> None:
    op.create_table(
        "nonconformity",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("number", WORD, nullable=False),
        sa.Column("rule", WORD, nullable=False),
        sa.Column("group", WORD, nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("opened", sa.Date(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_nonconformity_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_nonconformity"),
        sa.UniqueConstraint("plant_id", "number", name="uq_nonconformity_plant_id_number"),
        sa.UniqueConstraint("plant_id", "rule", "group", name="uq_nonconformity_plant_id_rule_group"),
    )
    op.create_index("ix_nonconformity_plant_id_opened_id", "nonconformity", ["plant_id", "opened", "id"], unique=False)
    op.create_index(
        "ix_nonconformity_plant_id_state_opened_id",
        "nonconformity",
        ["plant_id", "state", "opened", "id"],
        unique=False,
    )


def _number_series() -> None:
    op.create_table(
        "number_series",
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("series", WORD, nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_number_series_plant_id"),
        sa.PrimaryKeyConstraint("plant_id", "series", name="pk_number_series"),
    )


def _occurrence() -> None:
    op.create_table(
        "occurrence",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        sa.Column("obligation", WORD, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("period", WORD, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("effective_workday", sa.Date(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("derivation_zh", sa.Text(), nullable=False),
        sa.Column("derivation_en", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("rule_digest", sa.Text(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name="fk_occurrence_plant_id"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
        sa.UniqueConstraint(
            "plant_id", "obligation", "subject", "period", name="uq_occurrence_plant_id_obligation_subject_period"
        ),
    )
    op.create_index("ix_occurrence_due_id", "occurrence", ["due", "id"], unique=False)
    op.create_index("ix_occurrence_plant_id_due_id", "occurrence", ["plant_id", "due", "id"], unique=False)
    op.create_index(
        "ix_occurrence_plant_id_state_due_id", "occurrence", ["plant_id", "state", "due", "id"], unique=False
    )


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("id_hash", WORD, nullable=False),
        sa.Column("user_id", NUMBER, nullable=False),
        sa.Column("created_at", WORD, nullable=False),
        sa.Column("last_seen", WORD, nullable=False),
        sa.Column("absolute_until", WORD, nullable=False),
        sa.Column("revoked_at", WORD, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_session_user_id"),
        sa.PrimaryKeyConstraint("id_hash", name="pk_session"),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"], unique=False)
