"""Every act leaves one leaf; leaves, nodes, root and search copies belong together and stay."""

# ruff: noqa: PT012 - a work is refused as a whole, at its end
from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from compliance.adapters.tables import audit_entry, audit_node, log, log_head
from compliance.adapters.trail import GROUP, nodes_of, origin_of
from compliance.core.acts import ObjectRef
from compliance.kernel.canonical import canonical
from compliance.kernel.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.adapters.conftest import act, add_plant

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from compliance.adapters.register import SqlRegister

FILE = ObjectRef("ab" * 32, "cd" * 32, 12, "text/plain", "数据.xlsx")


def record(register: SqlRegister, count: int) -> None:
    """Record acts one a work."""
    with register.read() as look:
        (plant,) = look.plants()
    for i in range(count):
        with register.work() as work:
            work.record(act(object_id=str(i % 3)), plant)


def test_the_leaf_holds_who_what_when_and_why(register: SqlRegister) -> None:
    plant = add_plant(register)
    with register.work() as work:
        seq = work.record(
            act(
                changes=({"f": "amount", "old": "1 t", "new": "2 t"},),
                reason="磅单更正",
                objects=(FILE,),
                rule={"ruleset": "r1"},
                request="req-7",
            ),
            plant,
        )
    assert seq == 1
    with register.read() as look:
        (entry, _) = look.trail(plant)
    assert json.loads(entry.leaf) == {
        "v": 1,
        "log": f"plant/{plant.key}/e1",
        "seq": 1,
        "at": "2026-03-02T01:00:02.000Z",
        "actor": {"id": "wang", "name": "王", "role": "compliance-officer", "auth": "session", "session": ""},
        "action": "thing:change",
        "object": {"type": "thing", "id": "1"},
        "changes": [{"f": "amount", "old": "1 t", "new": "2 t"}],
        "reason": "磅单更正",
        "objects": [{"sha256": "ab" * 32, "sm3": "cd" * 32, "size": 12, "type": "text/plain", "name": "数据.xlsx"}],
        "rule": {"ruleset": "r1"},
        "req": "req-7",
    }
    assert canonical(json.loads(entry.leaf)) == entry.leaf
    assert (entry.at, entry.action, entry.object_type, entry.object_id, entry.actor_id) == (
        "2026-03-02T01:00:02.000Z",
        "thing:change",
        "thing",
        "1",
        "wang",
    )


def test_each_plant_and_the_group_have_a_log_of_their_own(register: SqlRegister) -> None:
    one, two = add_plant(register), add_plant(register, "91110000600009999B")
    with register.work() as work:
        assert [work.record(act(), p) for p in (one, two, None, one, None)] == [1, 1, 0, 2, 1]
    with register.read() as look:
        assert [e.seq for e in look.trail(one)] == [2, 1, 0]
        assert [e.seq for e in look.trail(two)] == [1, 0]
        assert [e.seq for e in look.trail(None)] == [1, 0]
    assert origin_of(None) == GROUP != origin_of(one) != origin_of(two)


def test_a_rolled_back_act_leaves_no_gap(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(KeyError), register.work() as work:
        work.record(act(), plant)
        raise KeyError
    with register.work() as work:
        assert work.record(act(), plant) == 1


def _log(connection: Connection) -> tuple[int, int, bytes]:
    head = select(log.c.id, log_head.c.size, log_head.c.root).join(log_head)
    log_id, size, root = connection.execute(head).one()
    return log_id, size, root


def test_leaves_nodes_root_and_proofs_agree(register: SqlRegister) -> None:
    add_plant(register)
    roots = {}
    for _ in range(21):
        record(register, 1)
        with register.database.read() as connection:
            _, size, roots[size] = _log(connection)
    with register.database.read() as connection:
        log_id, size, root = _log(connection)
        leaves = connection.scalars(select(audit_entry.c.leaf).order_by(audit_entry.c.seq)).all()
        hashes = [leaf_hash(leaf) for leaf in leaves]
        assert size == len(leaves) == 22
        assert root == root_of(hashes)
        node = nodes_of(connection, log_id)
        for index, hashed in enumerate(hashes):
            assert verify_inclusion(hashed, index, size, inclusion_proof(index, size, node), root)
        for old, old_root in roots.items():
            proof = consistency_proof(old, size, node)
            assert verify_consistency(old, size, proof, old_root, root)


def test_pages_of_an_object_newest_first(register: SqlRegister) -> None:
    plant = add_plant(register)
    record(register, 10)  # objects 0, 1, 2, 0, 1, 2 … at seq 1, 2, 3 …
    with register.read() as look:
        assert [e.seq for e in look.trail(plant, "thing", "0", limit=2)] == [10, 7]
        assert [e.seq for e in look.trail(plant, "thing", "0", limit=9, before=7)] == [4, 1]
        assert [e.seq for e in look.trail(plant, "plant")] == [0]
        assert look.trail(plant, "thing", "nobody") == []
        assert look.trail(None) == []
        before = look.statements()
        look.trail(plant)
        assert look.statements() - before == 1


def test_a_work_of_many_acts_takes_few_statements(register: SqlRegister) -> None:
    plant = add_plant(register)
    with register.work() as work:
        for i in range(100):
            work.record(act(object_id=str(i)), plant)
        head = work.statements()
    assert head == 1
    with register.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit_entry")) == 101
        assert connection.scalar(text("SELECT count(*) FROM audit_node")) == 101 - (101).bit_count()


KEPT = [
    "UPDATE audit_entry SET leaf = leaf || leaf",
    "UPDATE audit_entry SET actor_id = 'somebody'",
    "DELETE FROM audit_entry",
    "UPDATE audit_node SET hash = leaf_hash FROM audit_entry",
    "DELETE FROM audit_node",
    "UPDATE log_head SET size = size - 1",
    "DELETE FROM log_head",
    "UPDATE log SET origin = 'x'",
    "DELETE FROM log",
    "DELETE FROM object",
    "UPDATE object SET sha256 = 'x'",
    "UPDATE object SET size = 1",
    "UPDATE object SET retain_until = '2030-12-30'",
    "UPDATE object SET retain_until = NULL",
    "DELETE FROM import_batch",
    "UPDATE import_batch SET at = 'x'",
    "UPDATE import_batch SET retain_until = '2029-01-01'",
    "UPDATE checkpoint SET note = 'x'",
    "DELETE FROM checkpoint",
]


@pytest.fixture
def kept(register: SqlRegister) -> SqlRegister:
    """Return a register with a row in each table that only grows."""
    plant = add_plant(register)
    record(register, 1)
    with register.work() as work:
        batch = work.record_import(plant, FILE, FILE, {})
        work.record(act("import:done", str(batch), objects=(FILE,)), plant)
    with register.database.work() as connection:
        connection.execute(text("UPDATE object SET retain_until = '2030-12-31'"))
        connection.execute(text("UPDATE import_batch SET retain_until = '2030-12-31'"))
        connection.execute(
            text(
                "INSERT INTO checkpoint (log_id, size, root, note, signed_at) "
                "SELECT log_id, size, root, 'n', 't' FROM log_head"
            )
        )
    return register


@pytest.mark.parametrize("statement", KEPT)
def test_what_is_kept_cannot_be_changed(kept: SqlRegister, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"kept|keep|shrinks|shortened"), kept.database.work() as connection:
        assert connection.execute(text(statement)).rowcount == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE object SET state = 'quarantined'",
        "UPDATE object SET retain_until = '2031-01-01'",
        "UPDATE import_batch SET retain_until = '2031-01-01'",
        "UPDATE checkpoint SET exported = '{}'",
        "UPDATE log SET vkey = 'k'",
    ],
)
def test_what_may_change_can(kept: SqlRegister, statement: str) -> None:
    with kept.database.work() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_an_import_whose_act_names_no_files_is_not_kept(register: SqlRegister) -> None:
    plant = add_plant(register)
    with pytest.raises(DBAPIError), register.work() as work:
        work.record_import(plant, FILE, FILE, {})
        work.record(act("import:done"), plant)
    with register.database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM import_batch")) == 0
        assert connection.scalar(select(log_head.c.size)) == 1
        assert connection.scalar(select(audit_node.c.level)) is None
