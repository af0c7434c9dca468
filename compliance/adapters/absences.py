"""Absences in the register, and who works in a plant: sign-ins with their roles, and the open actions of each owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Date, Index, Table, Text, func, insert, or_, select, update
from sqlalchemy import Row as SqlRow

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.case_tables import work_case
from compliance.adapters.tables import (
    Moment,
    Word,
    membership,
    metadata,
    of_plant,
    session,
    surrogate,
    user_account,
)
from compliance.core.absences import SignIn
from compliance.core.accounts import Membership, Role, User
from compliance.core.cases import NONCONFORMITY, CaseKey
from compliance.core.people import Absence
from compliance.core.plants import Plant

absence = Table(
    "absence",
    metadata,
    surrogate(),
    of_plant(),
    Column("absent", Word, nullable=False),
    Column("deputy", Word, nullable=False),
    Column("since", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Word, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("ended_on", Date),
    Column("ended_by", Word),
    Index(None, "plant_id", "since", "id"),
)


class SqlAbsenceReads(Connected):
    """The reading half of ``core.absences.AbsenceWork``."""

    def absences(self, plant: Plant) -> Sequence[Absence]:
        """Every absence that a plant has recorded, by its first day."""
        c = absence.c
        query = select(absence).where(c.plant_id == plant.id).order_by(c.since, c.id)
        return [absence_of(row) for row in self._execute(query)]

    def sign_ins(self, plant: Plant) -> Sequence[SignIn]:
        """Sign-ins that work in a plant, by login, with their roles there and when they were last seen."""
        m, u = membership.c, user_account.c
        seen = select(func.max(session.c.last_seen)).where(session.c.user_id == u.id).correlate(user_account)
        query = (
            select(u.id, u.login, u.person, u.name, u.active, m.plant_id, m.role, seen.scalar_subquery().label("seen"))
            .join(membership, m.user_id == u.id)
            .where(or_(m.plant_id == plant.id, m.plant_id.is_(None)))
            .order_by(u.login, m.id)
        )
        found: dict[int, SignIn] = {}
        for row in self._execute(query):
            given = Membership(plant.key if row.plant_id else None, Role(row.role))
            before = found.get(row.id)
            roles = (*before.memberships, given) if before else (given,)
            seen_at = datetime.fromisoformat(row.seen) if row.seen else None
            found[row.id] = SignIn(User(row.id, row.login, row.person, row.name, row.active), roles, seen_at)
        return list(found.values())

    def open_actions(self, plant: Plant, states: Sequence[str]) -> Mapping[str, Sequence[CaseKey]]:
        """The cases in which an owner works, by the owner's account."""
        c = work_case.c
        query = (
            select(c.owner, c.object_id)
            .where(c.plant_id == plant.id, c.kind == NONCONFORMITY, c.state.in_(states), c.owner.is_not(None))
            .order_by(c.due, c.id)
        )
        found: dict[str, list[CaseKey]] = {}
        for row in self._execute(query):
            found.setdefault(row.owner, []).append(CaseKey(NONCONFORMITY, row.object_id))
        return found


class SqlAbsenceChanges(SqlAbsenceReads, Changing):
    """The writing half of ``core.absences.AbsenceWork``."""

    def add_absence(self, plant: Plant, new: Absence) -> Absence:
        """Store an absence (its id is given by the register)."""
        values = {
            name: getattr(new, name)
            for name in ("absent", "deputy", "since", "until", "reason", "set_by", "set_at", "ended_on", "ended_by")
        }
        stored = insert(absence).values(plant_id=plant.id, **values).returning(absence)
        return absence_of(self._change(stored).one())

    def end_absence(self, plant: Plant, number: int, on: date, by: str) -> None:
        """Note that an absence ended early; nothing else of it ever changes."""
        c = absence.c
        which = (c.plant_id == plant.id, c.id == number, c.ended_on.is_(None))
        self._change(update(absence).where(*which).values(ended_on=on, ended_by=by))


def absence_of(row: SqlRow[Any]) -> Absence:
    """An absence of its row."""
    names = ("id", "absent", "deputy", "since", "until", "reason", "set_by", "set_at", "ended_on", "ended_by")
    return Absence(**{name: getattr(row, name) for name in names})
