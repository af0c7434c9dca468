"""The tables of the register, for SQLite and PostgreSQL alike.

The sheets' tables follow from their declarations in ``core.model``; the rest stands here. Quantities are
64-bit integers of 10⁻⁶ units, days are dates, moments are ISO text in UTC (the same text as in the trail).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

from compliance.core.model import SHEETS, Cell, Row

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Text whose order is that of its code points on both databases, as Python orders it.
Word = Text().with_variant(Text(collation="C"), "postgresql")
#: A number given by the database. SQLite only counts on in a column that is called INTEGER.
Surrogate = BigInteger().with_variant(Integer(), "sqlite")
#: ISO 8601 in UTC with milliseconds.
Moment = Word


def surrogate() -> Column[int]:
    """The column of a number that the database gives."""
    return Column("id", Surrogate, primary_key=True)


def of_plant(*, optional: bool = False) -> Column[int]:
    """The column of the plant that a row belongs to."""
    return Column("plant_id", Surrogate, ForeignKey("plant.id"), nullable=optional)


# --- the plant and its sheets ---------------------------------------------------------------------

plant = Table(
    "plant",
    metadata,
    surrogate(),
    Column("key", Word, nullable=False, unique=True),
    Column("short", Word, unique=True),
    Column("name", Text, nullable=False),
    Column("data_start", Date, nullable=False),
    Column("data_end", Date, nullable=False),
    Column("onboarded", Date, nullable=False),
    Column("mark", Date),
)


def _sheet_type(cell: Cell) -> TypeEngine[Any]:
    match cell:
        case Cell.DAY:
            return Date()
        case Cell.QUANTITY | Cell.SIGNED:
            return BigInteger()
        case _:
            return Word


def _sheet_table(kind: type[Row]) -> Table:
    sheet = kind.SHEET
    fields = (Column(c.name, _sheet_type(c.cell), nullable=c.name not in sheet.key) for c in sheet.columns)
    return Table(sheet.table, metadata, surrogate(), of_plant(), *fields, UniqueConstraint("plant_id", *sheet.key))


#: The table of each row type.
sheets: Mapping[type[Row], Table] = {kind: _sheet_table(kind) for kind in SHEETS}

# --- what judging yields --------------------------------------------------------------------------

occurrence = Table(
    "occurrence",
    metadata,
    surrogate(),
    of_plant(),
    Column("obligation", Word, nullable=False),
    Column("subject", Word, nullable=False),
    Column("period", Word, nullable=False),
    Column("code", Text, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("opens", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("effective_workday", Date, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("state", Word, nullable=False),
    Column("done_on", Date),
    Column("derivation_zh", Text, nullable=False),
    Column("derivation_en", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("approver", Text),
    Column("rule_digest", Text, nullable=False),
    Column("anchor", Date, nullable=False),
    Column("ruleset", Text),
    Column("numbers", Text),
    UniqueConstraint("plant_id", "obligation", "subject", "period"),
    Index(None, "plant_id", "due", "id"),
    Index(None, "plant_id", "state", "due", "id"),
    Index(None, "plant_id", "state", "opens"),
    Index(None, "plant_id", "code", "due", "id"),
    Index(None, "plant_id", "obligation", "state", "due", "id"),
    Index(None, "plant_id", "subject", "due", "id"),
    Index(None, "due", "id"),
)

nonconformity = Table(
    "nonconformity",
    metadata,
    surrogate(),
    of_plant(),
    Column("number", Word, nullable=False),
    Column("rule", Word, nullable=False),
    Column("group", Word, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("opened", Date, nullable=False),
    Column("origin", Text, nullable=False),
    UniqueConstraint("plant_id", "number"),
    UniqueConstraint("plant_id", "rule", "group"),
    Index(None, "plant_id", "state", "opened", "id"),
    Index(None, "plant_id", "state", "grade"),
    Index(None, "plant_id", "opened", "id"),
)

finding = Table(
    "finding",
    metadata,
    surrogate(),
    of_plant(),
    Column("situation", Word, nullable=False),
    Column("subject", Word, nullable=False),
    Column("period", Word, nullable=False),
    Column("rule", Word, nullable=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False),
    Column("clause", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("message_zh", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    Column("remedy_zh", Text, nullable=False),
    Column("remedy_en", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("ticket", Text, nullable=False),
    Column("rule_digest", Text, nullable=False),
    Column("first_seen", Date, nullable=False),
    Column("withdrawn", Date),
    Column("nonconformity", Word, nullable=False),
    Column("ruleset", Text),
    UniqueConstraint("plant_id", "situation", "subject", "period"),
    Index(None, "plant_id", "withdrawn", "first_seen", "id"),
    Index(None, "plant_id", "first_seen", "id"),
    Index(None, "plant_id", "nonconformity", "withdrawn"),
    Index(None, "plant_id", "situation", "first_seen", "id"),
    Index(None, "plant_id", "grade", "first_seen", "id"),
    Index(None, "plant_id", "category", "first_seen", "id"),
    Index(None, "plant_id", "withdrawn", "situation", "rule", "grade"),
)

number_series = Table(
    "number_series",
    metadata,
    Column("plant_id", Surrogate, ForeignKey("plant.id"), primary_key=True),
    Column("series", Word, primary_key=True),
    Column("next", BigInteger, nullable=False),
)

scheduled_run = Table(
    "scheduled_run",
    metadata,
    Column("job", Word, primary_key=True),
    Column("slot", Word, primary_key=True),
    Column("started_at", Moment, nullable=False),
    Column("done_at", Moment),
    Column("worker", Text, nullable=False),
)

rules_snapshot = Table(
    "rules_snapshot",
    metadata,
    Column("digest", Word, primary_key=True),
    Column("activated_at", Moment, nullable=False),
    Column("active", Boolean, nullable=False),
)
Index(
    "uq_rules_snapshot_active",
    rules_snapshot.c.active,
    unique=True,
    sqlite_where=text("active"),
    postgresql_where=text("active"),
)

# --- who signs in ---------------------------------------------------------------------------------

user_account = Table(
    "user_account",
    metadata,
    surrogate(),
    Column("login", Word, nullable=False, unique=True),
    Column("person", Word),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created", Moment, nullable=False),
    Column("mail", Text),
    Column("code_secret", Text),
    Column("code_since", Moment),
    Column("code_step", BigInteger),
    Column("password_by", Word),
)

membership = Table(
    "membership",
    metadata,
    surrogate(),
    Column("user_id", Surrogate, ForeignKey("user_account.id"), nullable=False),
    of_plant(optional=True),
    Column("role", Word, nullable=False),
    UniqueConstraint("user_id", "plant_id", "role"),
    Index(None, "plant_id"),
)
# NULLs are never equal, so the group's memberships need a rule of their own.
Index(
    "uq_membership_group",
    membership.c.user_id,
    membership.c.role,
    unique=True,
    sqlite_where=text("plant_id IS NULL"),
    postgresql_where=text("plant_id IS NULL"),
)

session = Table(
    "session",
    metadata,
    Column("id_hash", Word, primary_key=True),
    Column("user_id", Surrogate, ForeignKey("user_account.id"), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_seen", Moment, nullable=False),
    Column("absolute_until", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("address", Text),
    Column("signed_at", Moment),
    Index(None, "user_id"),
)

sign_in_failure = Table(
    "sign_in_failure",
    metadata,
    surrogate(),
    Column("login", Word, nullable=False),
    Column("address", Word, nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "login", "address", "at"),
    Index(None, "at"),
)

# --- files and the trail --------------------------------------------------------------------------

object_ = Table(
    "object",
    metadata,
    Column("sha256", Word, primary_key=True),
    Column("sm3", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("first_log", Surrogate, ForeignKey("log.id"), nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("retain_until", Date),
    Column("scrubbed_at", Moment),
    CheckConstraint("state IN ('present', 'quarantined', 'disposed')", name="state"),
)


def _object(name: str) -> Column[str]:
    """A reference to a file that is checked at commit: its row is written with the act's leaf."""
    reference = ForeignKey("object.sha256", deferrable=True, initially="DEFERRED")
    return Column(name, Word, reference, nullable=False)


import_batch = Table(
    "import_batch",
    metadata,
    surrogate(),
    of_plant(),
    _object("workbook"),
    _object("manifest"),
    Column("counts", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("retain_until", Date),
    Index(None, "plant_id", "id"),
)

log = Table(
    "log",
    metadata,
    surrogate(),
    of_plant(optional=True),
    Column("origin", Word, nullable=False, unique=True),
    Column("epoch", Integer, nullable=False),
    Column("vkey", Text),
    Column("opened_at", Moment, nullable=False),
    UniqueConstraint("plant_id", "epoch"),
)

log_head = Table(
    "log_head",
    metadata,
    Column("log_id", Surrogate, ForeignKey("log.id"), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("log_id", Surrogate, ForeignKey("log.id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Word, nullable=False),
    Column("object_type", Word, nullable=False),
    Column("object_id", Word, nullable=False),
    Column("actor_id", Word, nullable=False),
    Index(None, "object_type", "object_id", "log_id", "seq"),
    Index(None, "log_id", "kind", "seq"),
    Index(None, "log_id", "actor_id", "seq"),
)

audit_node = Table(
    "audit_node",
    metadata,
    Column("log_id", Surrogate, ForeignKey("log.id"), primary_key=True),
    Column("level", Integer, primary_key=True, autoincrement=False),
    Column("idx", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("log_id", Surrogate, ForeignKey("log.id"), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("signed_at", Moment, nullable=False),
    Column("cosigs", Text),
    Column("tsr", LargeBinary),
    Column("exported", Text),
)
