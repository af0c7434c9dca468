"""Numbers and values that indexes give without reading rows: what there is to do, and what filters offer.

The statements are made once: making them takes longer than the database needs to answer them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, Table, bindparam, func, literal, select, true, union_all
from sqlalchemy.sql import ColumnElement

from compliance.adapters.document_tables import document_copy, document_version
from compliance.adapters.tables import finding, membership, nonconformity, occurrence, plant
from compliance.core.judged import OccurrenceState
from compliance.core.lists import TO_DO

_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
_TO_DO = [state.value for state in TO_DO]


# --- how much there is to do ----------------------------------------------------------------------


@cache
def counts_of_plant(settled: tuple[str, ...]) -> Select[Any]:
    """The counts of the plant ``this``; ``settled``: states of nonconformities that are not counted."""
    return _counts(settled).where(plant.c.id == bindparam("this"))


@cache
def counts_of_person(settled: tuple[str, ...]) -> Select[Any]:
    """The same for every plant that a membership of the person ``this`` names, or one in the group."""
    mine = (membership.c.plant_id == plant.c.id) | membership.c.plant_id.is_(None)
    named = select(membership.c.id).where(membership.c.user_id == bindparam("this"), mine).correlate(plant)
    return _counts(settled).where(named.exists())


def days_of(today: date) -> Mapping[str, date]:
    """The days that the counts ask for."""
    return {"today": today, "in_a_week": today + _WEEK, "in_a_month": today + _MONTH}


def _counts(settled: tuple[str, ...]) -> Select[Any]:
    """Each number counts a stretch of an index: no row is read."""
    due, at_work = occurrence.c.due, occurrence.c.state.in_(_TO_DO)
    today = bindparam("today", type_=due.type)
    week, month = bindparam("in_a_week", type_=due.type), bindparam("in_a_month", type_=due.type)
    return select(
        plant.c.id.label("plant_id"),
        _number(occurrence, at_work, due < today).label("overdue"),
        _number(occurrence, at_work, due >= today, due <= week).label("within_week"),
        _number(occurrence, at_work, due >= today, due <= month).label("within_month"),
        _number(finding, finding.c.withdrawn.is_(None)).label("findings"),
        _number(nonconformity, nonconformity.c.state.not_in(settled)).label("nonconformities"),
        _called_back().label("copies"),
    )


def _called_back() -> ColumnElement[int]:
    """Controlled copies of versions that have ended, and those that wait for a second person."""
    c, v = document_copy.c, document_version.c
    same = (v.plant_id == c.plant_id, v.number == c.number, v.place == c.place, v.ended_at.is_not(None))
    called = c.ended_at.is_(None) & select(v.place).where(*same).correlate(document_copy).exists()
    return _number(document_copy, called | (c.two & c.ended_at.is_not(None) & c.second_at.is_(None)))


def _number(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    counted = select(func.count()).select_from(table).where(table.c.plant_id == plant.c.id, *conditions)
    return counted.correlate(plant).scalar_subquery()


# --- what filters offer ---------------------------------------------------------------------------


@cache
def choices_query() -> CompoundSelect[Any]:
    """Values of the plant ``this`` as they occur: each column jumps along its index from one value to the next."""
    columns = (
        ("codes", occurrence, occurrence.c.code),
        ("subjects", occurrence, occurrence.c.subject),
        ("situations", finding, finding.c.situation),
        ("grades", finding, finding.c.grade),
        ("categories", finding, finding.c.category),
    )
    return union_all(*(_values(what, table, column) for what, table, column in columns))


def _values(what: str, table: Table, column: ColumnElement[str]) -> Select[Any]:
    least = select(func.min(column).label("value")).where(table.c.plant_id == bindparam("this"))
    walk = least.cte(f"{what}_walk", recursive=True)
    further = least.where(column > walk.c.value).correlate(walk).scalar_subquery()
    walk = walk.union_all(select(further).where(walk.c.value.is_not(None)))
    return select(literal(what).label("what"), walk.c.value).where(walk.c.value.is_not(None))


# --- deadlines by month ---------------------------------------------------------------------------


@cache
def by_month(months: int) -> Select[Any]:
    """Occurrences of the plant ``this`` by month (its place: 0, 1, …) and state, counted along the index of states.

    ``first_0`` … and ``last_0`` … are the days of the months.
    """
    due, state = occurrence.c.due, occurrence.c.state
    days = (
        select(
            literal(n).label("place"),
            bindparam(f"first_{n}", type_=due.type).label("first"),
            bindparam(f"last_{n}", type_=due.type).label("last"),
        )
        for n in range(months)
    )
    month = union_all(*days).subquery("month")
    states = union_all(*(select(literal(s.value).label("state")) for s in OccurrenceState)).subquery("states")
    there = (occurrence.c.plant_id == bindparam("this"), state == states.c.state)
    counted = select(func.count()).select_from(occurrence).where(*there, due.between(month.c.first, month.c.last))
    number = counted.correlate(month, states).scalar_subquery().label("number")
    return select(month.c.place, states.c.state, number).select_from(month.join(states, true()))
