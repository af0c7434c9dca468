"""Checks cases: what their steps add up to is what their rows say, and every step has its leaf, every leaf its step."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.cases import row_of, step_of
from compliance.adapters.tables import audit_entry, log, nonconformity, plant
from compliance.core.cases import NONCONFORMITY, CaseKey, CaseRow, StoredStep, digest_of_step
from compliance.core.cases.things import ACCEPTED, EVIDENCE_DAY, SETTLED
from compliance.core.integrity import Check, check
from compliance.rulebase.casework import FieldValue

#: Plant, kind, object.
_Case = tuple[int, str, str]
#: Plant, ``kind:step``, object, digest of the step.
_Leaf = tuple[int, str, str, str]
_Note = Callable[[_Case, str], None]


def check_cases(connection: Connection) -> Check:
    """Every case: chain of digests, sum of steps, leaves; a nonconformity stands where its case stands."""
    names = {row.id: row.key for row in connection.execute(select(plant.c.id, plant.c.key))}
    faults: list[str] = []

    def note(case: _Case, why: str) -> None:
        faults.append(f"{names.get(case[0], case[0])} {case[1]} {case[2]} ({why})")

    steps, rows = _steps(connection, note), _rows(connection, note)
    leaves, settled = _leaves(connection)
    for case in sorted(steps.keys() | rows.keys()):
        taken, row = steps.get(case, []), rows.get(case)
        for why in (*_chain(CaseKey(*case[1:]), taken), *_sum(taken, row, settled)):
            note(case, why)
    _compare_leaves(steps, leaves, note)
    for case, why in _nonconformities(connection, rows):
        note(case, why)
    return check("cases", sum(map(len, steps.values())), faults)


def _steps(connection: Connection, note: _Note) -> dict[_Case, list[StoredStep]]:
    found: dict[_Case, list[StoredStep]] = defaultdict(list)
    key = (case_step.c.plant_id, case_step.c.kind, case_step.c.object_id)
    for row in connection.execute(select(case_step).order_by(*key, case_step.c.seq)):
        case = (row.plant_id, row.kind, row.object_id)
        try:
            found[case].append(step_of(row))
        except (ValueError, TypeError, AttributeError):
            note(case, f"step {row.seq} is unreadable")
    return found


def _rows(connection: Connection, note: _Note) -> dict[_Case, CaseRow]:
    found = {}
    for row in connection.execute(select(work_case)):
        case = (row.plant_id, row.kind, row.object_id)
        try:
            found[case] = row_of(row)
        except (ValueError, TypeError, AttributeError):
            note(case, "its row is unreadable")
    return found


def _chain(key: CaseKey, steps: Sequence[StoredStep]) -> Iterator[str]:
    """Places without gap, digests that the content gives, signatures that cover them."""
    before = ""
    for place, step in enumerate(steps):
        if step.seq != place:
            yield f"step {place} is missing"
            return
        if digest_of_step(key, before, step) != step.digest:
            yield f"step {place} has another digest"
        if step.signature is not None and step.signature.covers != step.digest:
            yield f"the signature of step {place} covers something else"
        before = step.digest


def _sum(steps: Sequence[StoredStep], row: CaseRow | None, settled: Mapping[str, str]) -> Iterator[str]:
    """Whether the row is what the steps add up to."""
    if row is None or not steps:
        yield "steps without a row" if steps else "a row without steps"
        return
    fields: dict[str, FieldValue] = {}
    for step in steps:
        fields |= step.values
    if row.state != steps[-1].state:
        yield f"its row says {row.state}, its steps {steps[-1].state}"
    yield from (f"its row differs in {name}" for name, value in fields.items() if row.fields.get(name) != value)
    copies = {"owner": row.owner, "due": row.due and row.due.isoformat()}
    yield from (f"its row differs in {name}" for name, copy in copies.items() if (row.fields.get(name) or None) != copy)
    done = row.fields.get(EVIDENCE_DAY) if row.settled and row.state == ACCEPTED else None
    if (row.done_on and row.done_on.isoformat()) != done:
        yield "its row differs in the day that counts"
    if (row.settled and row.settled.isoformat()) != settled.get(steps[-1].digest):
        yield "its row differs in the day of acceptance"


def _leaves(connection: Connection) -> tuple[Counter[_Leaf], dict[str, str]]:
    """Every leaf that names the digest of a step; by digest, on which day those were taken that ended a case."""
    found: Counter[_Leaf] = Counter()
    settled: dict[str, str] = {}
    kinds = select(case_step.c.kind).union(select(work_case.c.kind))
    query = (
        select(audit_entry, log.c.plant_id)
        .join(log, log.c.id == audit_entry.c.log_id)
        .where(log.c.plant_id.is_not(None), audit_entry.c.object_type.in_(kinds))
    )
    for row in connection.execute(query):
        try:
            leaf = json.loads(row.leaf)
            digest = leaf["rule"].get("digest")
            days = [change["new"] for change in leaf["changes"] if change["f"] == SETTLED]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # the trail's own check names it
        if digest:
            found[row.plant_id, row.kind, row.object_id, digest] += 1
            if days:
                settled[digest] = days[-1]
    return found, settled


def _compare_leaves(steps: dict[_Case, list[StoredStep]], leaves: Counter[_Leaf], note: _Note) -> None:
    kept = Counter(
        (plant_id, f"{kind}:{step.step}", object_id, step.digest)
        for (plant_id, kind, object_id), taken in steps.items()
        for step in taken
    )
    for leaf in sorted(kept | leaves):
        plant_id, kind, object_id, _ = leaf
        if kept[leaf] != leaves[leaf]:
            why = f"{kind}: {kept[leaf]} steps, {leaves[leaf]} leaves"
            note((plant_id, kind.partition(":")[0], object_id), why)


def _nonconformities(connection: Connection, rows: dict[_Case, CaseRow]) -> Iterator[tuple[_Case, str]]:
    """Nonconformities that stand elsewhere than their cases, and cases of none."""
    c = nonconformity.c
    states = {
        (row.plant_id, NONCONFORMITY, row.number): row.state
        for row in connection.execute(select(c.plant_id, c.number, c.state))
    }
    for case, row in rows.items():
        if case[1] == NONCONFORMITY and states.get(case) != row.state:
            yield case, f"its row says {row.state}, the nonconformity {states.get(case, 'is missing')}"
