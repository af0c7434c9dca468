"""Every kind of damage is found under its name and place, and a sound store raises no alarm."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import select, text

from compliance.adapters.fsck import GUARDS, fsck
from compliance.adapters.tables import audit_entry, import_batch, object_
from compliance.core.integrity import SHOWN, check
from compliance.core.model import Reading, Row
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical, digest_of
from tests.adapters.conftest import act, add_plant, new_plant, readings

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.adapters.register import SqlRegister
    from compliance.adapters.vault import FileVault
    from compliance.core.integrity import FsckReport

ONE, TWO = "91110000600001234A", "91110000600009999B"


def cells(row: Row) -> dict[str, object]:
    """Return the cells of a row."""
    return {c.name: getattr(row, c.name) for c in row.SHEET.columns}


def manifest(plant: Plant, workbook: str, rows: Iterable[tuple[Row | None, Row]]) -> io.BytesIO:
    """Return canonical lines: the workbook, then each row with the digest of what stood there before."""
    lines: list[object] = [{"v": 1, "plant": plant.key, "workbook": workbook}]
    for old, new in rows:
        before = None if old is None else digest_of(cells(old))
        lines.append({"t": new.SHEET.table, "k": list(new.key()), "old": before, "new": cells(new)})
    return io.BytesIO(b"".join(canonical(line) + b"\n" for line in lines))


@dataclass
class Store:
    """A register with its vault."""

    register: SqlRegister
    vault: FileVault

    def bring(self, plant: Plant, new: list[Reading], old: list[Reading] | None = None) -> None:
        """Import rows, or correct them where they replace old ones, as the use case does."""
        workbook = self.vault.put(io.BytesIO(repr(new).encode()), name="w.xlsx", media_type="x/xlsx")
        before: Sequence[Row | None] = old or [None] * len(new)
        lines = manifest(plant, workbook.sha256, zip(before, new, strict=True))
        kept = self.vault.put(lines, name="manifest.jsonl", media_type="application/jsonl")
        with self.register.work() as work:
            (work.update_rows if old else work.insert_rows)(plant, {Reading: new})
            batch = work.record_import(plant, workbook, kept, {"reading": len(new)})
            work.record(act("import:done", str(batch), objects=(workbook, kept)), plant)

    def check(self, *, deep: bool = True, now: datetime | None = None) -> FsckReport:
        """Check everything."""
        return fsck(self.register.database, self.vault, deep=deep, now=now)

    def damage(self, *statements: str) -> None:
        """Change the database behind the program's back, past triggers and references."""
        path = self.register.database.path
        if path is None:
            with self.register.database.work() as connection:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                for statement in statements:
                    assert connection.execute(text(statement)).rowcount
            return
        raw = sqlite.connect(str(path))
        guards = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            raw.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert raw.execute(statement.replace("substring(", "substr(")).rowcount
        for _, sql in guards:
            raw.execute(sql)
        raw.commit()
        raw.close()

    def file(self, number: int = 0) -> Path:
        """Return where a kept file lies, made writable."""
        with self.register.database.read() as connection:
            names = connection.scalars(select(object_.c.sha256).order_by(object_.c.sha256)).all()
        path = self.vault.path(names[number])
        path.chmod(0o640)
        return path


@pytest.fixture
def store(register: SqlRegister, vault: FileVault) -> Store:
    """Return a store with two plants, imports, a correction, acts and a signed note."""
    made = Store(register, vault)
    one, two = add_plant(register, ONE), add_plant(register, TWO)
    rows = readings(30)
    made.bring(one, rows)
    made.bring(two, rows[:5])
    made.bring(one, [replace(r, amount=9_000_000, remark=None) for r in rows[:3]], rows[:3])
    for i in range(9):
        with register.work() as work:
            work.record(act(object_id=str(i)), one if i % 2 else None)
    with register.database.work() as connection:
        connection.execute(
            text(
                "INSERT INTO checkpoint (log_id, size, root, note, signed_at) "
                "SELECT log_id, size, root, 'n', 't' FROM log_head"
            )
        )
    with register.work() as work:
        work.record(act(), one)
    return made


def test_a_sound_store_raises_no_alarm(store: Store) -> None:
    report = store.check()
    assert report.ok, [c for c in report.checks if not c.ok]
    assert [c.code for c in report.checks] == [
        "database",
        "references",
        "guards",
        "logs",
        "sequence",
        "leaves",
        "copies",
        "nodes",
        "head",
        "checkpoints",
        "objects",
        "files",
        "strays",
        "imports",
        "cases",
        "documents",
        "bases",
        "change-requests",
        "readers",
        "templates",
        "replay",
    ]
    assert [c.code for c in store.check(deep=False).checks][-1] == "templates"


def test_an_empty_store_raises_no_alarm(register: SqlRegister, vault: FileVault) -> None:
    assert fsck(register.database, vault, deep=True).ok


#: (name, checks that must name it, what one of them must say, statements)
IN_DATABASE: list[tuple[str, set[str], str, list[str]]] = [
    (
        "a leaf's byte changed",
        {"leaves", "nodes", "head"},
        f"plant/{ONE}/e1#3",
        [
            (
                "UPDATE audit_entry SET leaf = (SELECT leaf FROM audit_entry WHERE log_id = 1 AND seq = 2) "
                "WHERE log_id = 1 AND seq = 3"
            )
        ],
    ),
    (
        "a leaf that is no JSON",
        {"leaves", "head"},
        "unreadable",
        ["UPDATE audit_entry SET leaf = leaf_hash WHERE log_id = 1 AND seq = 3"],
    ),
    (
        "a leaf's hash changed",
        {"leaves"},
        "(hash)",
        [
            (
                "UPDATE audit_entry SET leaf_hash = (SELECT root FROM log_head WHERE log_id = 1) "
                "WHERE log_id = 1 AND seq = 3"
            )
        ],
    ),
    ("a gap", {"sequence", "head"}, "expected 3", ["DELETE FROM audit_entry WHERE log_id = 1 AND seq = 3"]),
    (
        "the tail cut off",
        {"head"},
        "leaves give",
        ["DELETE FROM audit_entry WHERE log_id = 1 AND seq = (SELECT size - 1 FROM log_head WHERE log_id = 1)"],
    ),
    (
        "the tail cut off, head and nodes as well",
        {"checkpoints"},
        "size 7",
        [
            "DELETE FROM audit_entry WHERE log_id = 1 AND seq >= 2",
            "DELETE FROM audit_node WHERE log_id = 1 AND (level > 1 OR idx > 0)",
            (
                "UPDATE log_head SET size = 2, root = (SELECT hash FROM audit_node WHERE log_id = 1 AND level = 1), "
                "frontier = (SELECT hash FROM audit_node WHERE log_id = 1 AND level = 1) WHERE log_id = 1"
            ),
        ],
    ),
    (
        "two entries swapped",
        {"leaves", "nodes", "head"},
        "not the leaf of this place",
        [
            "UPDATE audit_entry SET seq = -1 WHERE log_id = 1 AND seq = 4",
            "UPDATE audit_entry SET seq = 4 WHERE log_id = 1 AND seq = 5",
            "UPDATE audit_entry SET seq = 5 WHERE log_id = 1 AND seq = -1",
        ],
    ),
    (
        "a node changed",
        {"nodes"},
        "level 1 index 0",
        [
            (
                "UPDATE audit_node SET hash = (SELECT root FROM log_head WHERE log_id = 1) "
                "WHERE log_id = 1 AND level = 1 AND idx = 0"
            )
        ],
    ),
    (
        "a node lost",
        {"nodes"},
        "level 1 index 1",
        ["DELETE FROM audit_node WHERE log_id = 1 AND level = 1 AND idx = 1"],
    ),
    (
        "a node too many",
        {"nodes"},
        "surplus",
        ["INSERT INTO audit_node (log_id, level, idx, hash) SELECT log_id, 9, 0, root FROM log_head WHERE log_id = 1"],
    ),
    ("the head's size", {"head"}, f"plant/{ONE}/e1", ["UPDATE log_head SET size = size + 1 WHERE log_id = 1"]),
    (
        "the head's root",
        {"head"},
        f"plant/{ONE}/e1",
        ["UPDATE log_head SET root = (SELECT root FROM log_head WHERE log_id = 2) WHERE log_id = 1"],
    ),
    ("the head lost", {"head"}, "none", ["DELETE FROM log_head WHERE log_id = 2"]),
    (
        "a note edited",
        {"checkpoints"},
        f"plant/{TWO}/e1",
        ["UPDATE checkpoint SET root = (SELECT root FROM log_head WHERE log_id = 1) WHERE log_id = 2"],
    ),
    (
        "a search copy edited",
        {"copies"},
        "actor_id",
        ["UPDATE audit_entry SET actor_id = 'somebody' WHERE log_id = 2 AND seq = 1"],
    ),
    (
        "a search copy's day edited",
        {"copies"},
        " at",
        ["UPDATE audit_entry SET at = '2020-01-01' WHERE log_id = 2 AND seq = 1"],
    ),
    (
        "a log under another name",
        {"logs", "leaves"},
        "should be",
        [f"UPDATE log SET origin = 'plant/{ONE}/e2' WHERE id = 1"],
    ),
    (
        "a plant without a log",
        {"logs"},
        "no log",
        [
            (
                "INSERT INTO plant (key, name, data_start, data_end, onboarded) "
                "SELECT 'X', 'x', data_start, data_end, onboarded FROM plant WHERE id = 1"
            )
        ],
    ),
    ("a file's row lost", {"objects", "references", "strays"}, "no row", ["DELETE FROM object"]),
    ("a file's row edited", {"objects", "files"}, "size", ["UPDATE object SET size = size + 1"]),
    ("a file's other digest edited", {"objects"}, "SM3", ["UPDATE object SET sm3 = 'x'"]),
    ("a file's row of another leaf", {"objects"}, "does not name", ["UPDATE object SET first_seq = 0"]),
    (
        "an import without a leaf",
        {"imports"},
        f"{TWO} import",
        [
            (
                "UPDATE import_batch SET workbook = (SELECT max(sha256) FROM object WHERE sha256 <> workbook "
                "AND sha256 <> manifest) WHERE plant_id = 2"
            )
        ],
    ),
    (
        "a reference to nothing",
        {"references"},
        "reading.plant_id",
        ["UPDATE reading SET plant_id = 77 WHERE plant_id = 2"],
    ),
    (
        "a cell edited",
        {"replay"},
        f"{ONE} reading 2024-01-01·L1·I-07 amount",
        ["UPDATE reading SET amount = amount + 1 WHERE plant_id = 1 AND item = 'I-07' AND \"on\" = '2024-01-01'"],
    ),
    (
        "a corrected cell put back",
        {"replay"},
        "I-00 remark",
        ["UPDATE reading SET remark = '第 1 班' WHERE plant_id = 1 AND item = 'I-00' AND \"on\" = '2024-01-01'"],
    ),
    ("a row lost", {"replay"}, "(missing)", ["DELETE FROM reading WHERE plant_id = 2 AND item = 'I-02'"]),
    (
        "a row from nowhere",
        {"replay"},
        "from no import",
        ["INSERT INTO department (plant_id, number, name) VALUES (2, 'D9', '部')"],
    ),
    ("an import lost", {"replay"}, "from no import", ["DELETE FROM import_batch WHERE plant_id = 2"]),
]


@pytest.mark.parametrize(
    ("codes", "said", "statements"), [case[1:] for case in IN_DATABASE], ids=[case[0] for case in IN_DATABASE]
)
def test_damage_in_the_database_is_named(store: Store, codes: set[str], said: str, statements: list[str]) -> None:
    store.damage(*statements)
    later = datetime.now(UTC) + timedelta(days=2)  # noqa: TID251 - files carry the machine's time
    found = {c.code: c for c in store.check(now=later).checks if not c.ok}
    assert codes <= found.keys()
    assert any(said in found[code].detail.en and said in found[code].detail.zh for code in codes), found


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _swap(store: Store) -> None:
    one, other = store.file(0), store.file(1)
    a, b = one.read_bytes(), other.read_bytes()
    one.write_bytes(b)
    other.write_bytes(a)


def _link(store: Store) -> None:
    path = store.file()
    path.rename(path.with_name("moved"))
    path.symlink_to("moved")


#: (name, checks that must name it, the damage)
IN_FILES: list[tuple[str, set[str], Callable[[Store], object]]] = [
    ("a bit flipped", {"files"}, lambda s: _flip(s.file())),
    ("a file cut short", {"files"}, lambda s: s.file().write_bytes(b"")),
    ("a file lost", {"files"}, lambda s: s.file().unlink()),
    ("two files swapped", {"files"}, _swap),
    ("a link in its place", {"files", "strays"}, _link),
    ("a stray file", {"strays"}, lambda s: s.vault.put(io.BytesIO(b"stray"), name="x", media_type="x/x")),
    ("a strange name", {"strays"}, lambda s: (s.vault.objects / "notes.txt").write_text("x")),
    ("left aside", {"strays"}, lambda s: (s.vault.staging / "upload").write_bytes(b"x")),
]


@pytest.mark.parametrize(("codes", "damage"), [c[1:] for c in IN_FILES], ids=[c[0] for c in IN_FILES])
def test_damage_in_the_vault_is_named(store: Store, codes: set[str], damage: Callable[[Store], object]) -> None:
    damage(store)
    later = datetime.now(UTC) + timedelta(days=2)  # noqa: TID251 - files carry the machine's time
    assert codes <= {c.code for c in store.check(now=later).checks if not c.ok}


def test_what_is_under_way_is_no_stray(store: Store) -> None:
    store.vault.put(io.BytesIO(b"x"), name="x", media_type="x/x")
    (store.vault.staging / "upload").write_bytes(b"x")
    assert store.check().ok
    old = (datetime.now(UTC) - timedelta(hours=25)).timestamp()  # noqa: TID251 - files carry the machine's time
    os.utime(store.vault.staging / "upload", (old, old))
    assert [c.code for c in store.check().checks if not c.ok] == ["strays"]


def test_a_damaged_manifest_is_named_by_the_replay(store: Store) -> None:
    with store.register.database.read() as connection:
        name = connection.scalars(select(import_batch.c.manifest).where(import_batch.c.plant_id == 2)).one()
    path = store.vault.path(name)
    path.chmod(0o640)
    _flip(path)
    report = {c.code: c for c in store.check().checks if not c.ok}
    assert {"files", "replay"} <= report.keys()
    assert "FileDamaged" in report["replay"].detail.en


@pytest.mark.parametrize("order", ["twice", "without"])
def test_a_manifest_that_does_not_follow_is_named(store: Store, order: str) -> None:
    plant = replace(new_plant(TWO), id=2)
    rows = readings(8)
    if order == "twice":  # a key that is there is brought as new
        with store.register.work() as work:
            ref = store.vault.put(manifest(plant, "0" * 64, [(None, rows[0])]), name="m", media_type="x/x")
            work.record_import(plant, ref, ref, {})
            work.record(act(objects=(ref,)), plant)
    else:
        store.bring(plant, [rows[0]], [rows[0]])
        with store.register.work() as work:
            ref = store.vault.put(manifest(plant, "0" * 64, [(rows[7], rows[7])]), name="m", media_type="x/x")
            work.record_import(plant, ref, ref, {})
            work.record(act(objects=(ref,)), plant)
    (found,) = [c for c in store.check().checks if not c.ok]
    assert found.code == "replay"
    assert "does not follow" in found.detail.en
    assert "another import" in found.detail.en


@pytest.mark.parametrize("guard", sorted(GUARDS)[:3])
def test_a_missing_guard_is_named(store: Store, guard: str) -> None:
    table = next(t for t in ("audit_entry", "audit_node") if guard.startswith(f"keep_{t}_"))
    postgresql = store.register.database.path is None
    on = f' ON "{table}"' if postgresql else ""
    says = (
        f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = '{guard}'"
        if postgresql
        else f"SELECT sql FROM sqlite_master WHERE name = '{guard}'"
    )
    with store.register.database.work() as connection:
        as_made = connection.scalar(text(says))
        connection.execute(text(f"DROP TRIGGER {guard}{on}"))
    report = store.check(deep=False)
    with store.register.database.work() as connection:  # the session's PostgreSQL is used again
        connection.execute(text(as_made))
    assert [(c.code, c.detail.en) for c in report.checks if not c.ok] == [("guards", f"1 damaged: {guard}")]


def test_pages_that_are_garbled_are_named(sqlite_register: SqlRegister, vault: FileVault) -> None:
    store = Store(sqlite_register, vault)
    plant = add_plant(sqlite_register)
    store.bring(plant, readings(40))
    path = sqlite_register.database.path
    assert path is not None
    raw = sqlite.connect(str(path))
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.execute("PRAGMA writable_schema = ON")  # an index that is another's
    raw.execute(
        "UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master WHERE name = 'ix_session_user_id') "
        "WHERE name = 'ix_membership_plant_id'"
    )
    raw.commit()
    raw.close()
    sqlite_register.close()
    report = store.check(deep=False)
    assert "database" in [c.code for c in report.checks if not c.ok]


def test_the_check_is_of_a_size_that_people_read() -> None:
    faults = [f"f{i}" for i in range(SHOWN + 5)]
    found = check("x", 99, faults)
    assert not found.ok
    assert found.detail.en.startswith(f"{SHOWN + 5} damaged: f0; ")
    assert found.detail.en.endswith("; and 5 more")
    assert f"f{SHOWN}" not in found.detail.zh


def test_the_store_of_the_tests_is_worth_damaging(store: Store) -> None:
    with store.register.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_node WHERE log_id = 1")) > 4
        assert connection.scalars(select(audit_entry.c.log_id).distinct().order_by("log_id")).all() == [1, 2, 3]
        assert connection.scalar(text("SELECT count(*) FROM object")) == 6
    assert date(2024, 1, 1) < date.max
