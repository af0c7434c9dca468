"""How a plant stands, by rule: three statements, whatever the number of its occurrences, findings and documents."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, func, literal, select, true, union_all

from compliance.adapters.database import Database
from compliance.adapters.document_tables import document, document_version
from compliance.adapters.tables import finding, occurrence
from compliance.core.covering import Facts, Last, Paper, Wrong
from compliance.core.judged import OccurrenceState
from compliance.core.lists import TO_DO
from compliance.core.plants import Plant


class SqlStanding:
    """Implements ``core.covering.CoveringLists``."""

    def __init__(self, database: Database) -> None:
        """Ask the register's database."""
        self._database = database

    def standing(self, plant: Plant, obligations: Sequence[str]) -> Facts:
        """The occurrences of these obligations that count, the findings that stand, the documents there are."""
        this = {"this": plant.id}
        with self._database.read() as connection:
            lasts = connection.execute(latest_of(tuple(obligations)), this).all() if obligations else ()
            wrong = connection.execute(_wrong(), this).all()
            papers = connection.execute(_papers(), this).all()
        told = tuple(Wrong(*row) for row in wrong)
        return Facts(tuple(_last(row) for row in lasts), told, tuple(Paper(*row) for row in papers))


@cache
def latest_of(obligations: tuple[str, ...]) -> Select[Any]:
    """Of the plant ``this``, the occurrence that counts of each obligation in each state, found along its index.

    Of what is to be done that is the first one due, of everything else the last.
    """
    done = tuple(state for state in OccurrenceState if state not in TO_DO)
    numbers = union_all(_numbers(obligations, TO_DO, first=True), _numbers(obligations, done, first=False))
    found = numbers.subquery("found")
    return select(occurrence).join(found, occurrence.c.id == found.c.number)


def _numbers(obligations: tuple[str, ...], states: tuple[OccurrenceState, ...], *, first: bool) -> Select[Any]:
    duty = union_all(*(select(literal(name).label("name")) for name in obligations)).subquery("duty")
    state = union_all(*(select(literal(s.value).label("state")) for s in states)).subquery("state")
    one = occurrence.alias("one")
    same = (one.c.plant_id == bindparam("this"), one.c.obligation == duty.c.name, one.c.state == state.c.state)
    order = (one.c.due, one.c.id) if first else (one.c.due.desc(), one.c.id.desc())
    counting = select(one.c.id).where(*same).order_by(*order).limit(1)
    number = counting.correlate(duty, state).scalar_subquery()
    return select(number.label("number")).select_from(duty.join(state, true()))


@cache
def _wrong() -> Select[Any]:
    by = (finding.c.situation, finding.c.rule)
    standing = (finding.c.plant_id == bindparam("this"), finding.c.withdrawn.is_(None))
    return select(finding.c.rule, finding.c.situation, func.count()).where(*standing).group_by(*by)


@cache
def _papers() -> Select[Any]:
    d, v = document.c, document_version.c
    holds = case((and_(v.issued.is_not(None), v.ended_at.is_(None)), d.id))
    same = and_(v.plant_id == d.plant_id, v.number == d.number)
    counted = select(d.rule, func.count(d.id.distinct()), func.count(holds.distinct())).join(document_version, same)
    return counted.where(d.plant_id == bindparam("this")).group_by(d.rule)


def _last(row: Any) -> Last:  # noqa: ANN401 - a row
    return Last(
        obligation=row.obligation,
        code=row.code,
        state=OccurrenceState(row.state),
        subject=row.subject,
        period=row.period,
        due=row.due,
        done_on=row.done_on,
        number=row.id,
    )
