"""Cases in the register: their steps, their rows for lists, and the things that they are about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row as SqlRow
from sqlalchemy import and_, delete, insert, select

from compliance.adapters import mapping, tables
from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.case_tables import case_step, work_case
from compliance.core.acts import ObjectRef
from compliance.core.cases import CaseKey, CaseRow, Signature, StoredStep
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue


class SqlCaseReads(Connected):
    """The reading half of ``core.cases.CaseWork``."""

    def case_steps(self, plant: Plant, key: CaseKey) -> Sequence[StoredStep]:
        """The steps of a case in their order."""
        query = select(case_step).where(_of_case(case_step, plant, key)).order_by(case_step.c.seq)
        return [step_of(row) for row in self._execute(query)]

    def case_rows(self, plant: Plant, kind: str) -> Sequence[CaseRow]:
        """Every case of a kind that has been worked."""
        of_kind = and_(work_case.c.plant_id == plant.id, work_case.c.kind == kind)
        return [row_of(row) for row in self._execute(select(work_case).where(of_kind).order_by(work_case.c.id))]

    def accepted(self, plant: Plant, kind: str) -> Mapping[str, tuple[date | None, date]]:
        """Settled cases of a kind by object: the day that counts (None: waived), and the day of the last step."""
        c = work_case.c
        query = select(c.object_id, c.done_on, c.settled).where(
            c.plant_id == plant.id, c.kind == kind, c.settled.is_not(None)
        )
        return {row.object_id: (row.done_on, row.settled) for row in self._execute(query)}

    def occurrence(self, plant: Plant, obligation: str, subject: str, period: str) -> Occurrence | None:
        """One stored occurrence."""
        c = tables.occurrence.c
        wanted = and_(c.plant_id == plant.id, c.obligation == obligation, c.subject == subject, c.period == period)
        row = self._execute(select(tables.occurrence).where(wanted)).first()
        return mapping.occurrence_of(row) if row else None

    def nonconformity(self, plant: Plant, number: str) -> Nonconformity | None:
        """One nonconformity."""
        c = tables.nonconformity.c
        row = self._execute(select(tables.nonconformity).where(c.plant_id == plant.id, c.number == number)).first()
        return mapping.nonconformity_of(row) if row else None


class SqlCaseChanges(SqlCaseReads, Changing):
    """The writing half of ``core.cases.CaseWork``."""

    def add_step(self, plant: Plant, key: CaseKey, step: StoredStep) -> None:
        """Append a step; steps are never changed."""
        signature = step.signature
        values = {
            "plant_id": plant.id,
            "kind": key.kind,
            "object_id": key.object_id,
            **{name: getattr(step, name) for name in ("seq", "step", "state", "login", "account", "name", "posts")},
            "at": step.at,
            "given": _json({k: list(v) if isinstance(v, tuple) else v for k, v in step.values.items()}),
            "files": _json([_of_file(ref) for ref in step.files]),
            "meaning_zh": signature.meaning.zh if signature else None,
            "meaning_en": signature.meaning.en if signature else None,
            "covers": signature.covers if signature else None,
            "method": signature.method if signature else None,
            "digest": step.digest,
            "acted_for": step.acted_for or None,
        }
        self._change(insert(case_step).values(values))

    def save_case(self, plant: Plant, row: CaseRow) -> None:
        """Insert or replace the row of a case."""
        self._change(delete(work_case).where(_of_case(work_case, plant, row.key)))
        values = {
            "plant_id": plant.id,
            "kind": row.key.kind,
            "object_id": row.key.object_id,
            "state": row.state,
            "fields": _json({k: list(v) if isinstance(v, tuple) else v for k, v in row.fields.items()}),
            "owner": row.owner,
            "due": row.due,
            "done_on": row.done_on,
            "settled": row.settled,
        }
        self._change(insert(work_case).values(values))


def _of_case(table: Any, plant: Plant, key: CaseKey) -> Any:  # noqa: ANN401 - a table and a boolean expression
    return and_(table.c.plant_id == plant.id, table.c.kind == key.kind, table.c.object_id == key.object_id)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _values(text: str) -> dict[str, FieldValue]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}


def _of_file(ref: ObjectRef) -> dict[str, object]:
    return {"sha256": ref.sha256, "sm3": ref.sm3, "size": ref.size, "media_type": ref.media_type, "name": ref.name}


def step_of(row: SqlRow[Any]) -> StoredStep:
    """A step of its row."""
    signed = row.covers is not None
    return StoredStep(
        seq=row.seq,
        step=row.step,
        state=row.state,
        login=row.login,
        account=row.account,
        name=row.name,
        posts=row.posts,
        at=row.at,
        values=_values(row.given),
        files=tuple(ObjectRef(**one) for one in json.loads(row.files)),
        signature=Signature(Text(row.meaning_zh, row.meaning_en), row.covers, row.method) if signed else None,
        digest=row.digest,
        acted_for=row.acted_for or "",
    )


def row_of(row: SqlRow[Any]) -> CaseRow:
    """Where a case stands, of its row."""
    return CaseRow(
        key=CaseKey(row.kind, row.object_id),
        state=row.state,
        fields=_values(row.fields),
        owner=row.owner,
        due=row.due,
        done_on=row.done_on,
        settled=row.settled,
    )
