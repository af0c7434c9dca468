"""Checks the whole store: database, trail, files, imports, cases; ``deep`` also replays imports and judgements."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

from compliance.adapters.check_cases import check_cases
from compliance.adapters.check_changes import check_changes
from compliance.adapters.check_documents import check_documents
from compliance.adapters.check_drift import check_bases
from compliance.adapters.check_files import check_files, check_imports
from compliance.adapters.check_judged import check_judged
from compliance.adapters.check_readers import check_readers
from compliance.adapters.check_replay import check_replay
from compliance.adapters.check_templates import check_templates
from compliance.adapters.check_trail import check_named, check_trail
from compliance.adapters.database import Database
from compliance.adapters.tables import metadata
from compliance.adapters.vault import FileVault
from compliance.core.integrity import Check, FsckReport, check
from compliance.core.replaying import Snapshots
from compliance.kernel.clock import Clock

__all__ = ["Check", "FsckReport", "fsck"]

#: The triggers that keep rows from being changed; a register without them is not kept by this program.
GUARDS = frozenset(
    f"keep_{name}"
    for name in (
        *(
            f"{table}_{event}"
            for table in ("audit_entry", "audit_node", "checkpoint", "case_step", "document_reading")
            for event in ("update", "delete")
        ),
        *(f"{table}_{event}" for table in ("object", "import_batch") for event in ("update", "delete", "retention")),
        *(f"{table}_{event}" for table in ("log", "log_head") for event in ("update", "delete")),
        *(f"{table}_delete" for table in ("document", "document_version", "document_copy")),
        *(f"{table}_delete" for table in ("document_template", "group_template")),
    )
)


def fsck(
    database: Database,
    vault: FileVault,
    *,
    deep: bool = False,
    now: datetime | None = None,
    snapshots: Snapshots | None = None,
) -> FsckReport:
    """Check everything in one look; changes nothing.

    ``snapshots``: the rule bases that judged; without them judgements are not checked.
    """
    moment = now or Clock().now()
    with database.read() as connection:
        checks = [_database(connection), _references(connection), _guards(connection)]
        trail, named = check_trail(connection)
        checks += [*trail, check_named(connection, named)]
        checks += [*check_files(connection, vault, moment), check_imports(connection, named)]
        checks += [check_cases(connection), check_documents(connection, vault, deep=deep)]
        checks += [check_bases(connection), check_changes(connection), check_readers(connection)]
        checks.append(check_templates(connection, vault, deep=deep))
        if deep:
            checks.append(check_replay(connection, vault))
        if deep and snapshots is not None:
            checks += check_judged(connection, vault, snapshots)
    return FsckReport(tuple(checks))


def _database(connection: Connection) -> Check:
    """SQLite's own check of its pages and indexes; PostgreSQL checks its pages itself as it reads them."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT 1"))
        return check("database", 1, ())
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return check("database", len(metadata.tables), (line for line in found if line != "ok"))


def _references(connection: Connection) -> Check:
    """Every reference leads to a row."""
    faults = []
    references = [key for table in metadata.sorted_tables for key in table.foreign_keys]
    for key in references:
        table, column, target = key.parent.table, key.parent, key.column
        lost = table.select().where(column.is_not(None), ~target.table.select().where(target == column).exists())
        if count := len(connection.execute(lost.with_only_columns(column)).all()):
            faults.append(f"{table.name}.{column.name} → {target.table.name} ({count})")
    return check("references", len(references), faults)


def _guards(connection: Connection) -> Check:
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    found = set(connection.scalars(text(query)))
    return check("guards", len(GUARDS), sorted(GUARDS - found))
