"""Looking ahead: the year's collisions, and the workload of the coming year by post or person, from what is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from compliance.core import collisions, simulating
from compliance.core.calendar_feed import collisions_text
from compliance.core.judged import NONCONFORMITY
from compliance.core.lists import LARGEST_EXPORT, TO_DO, NonconformityQuery, OccurrenceQuery, OccurrenceRow
from compliance.core.looking import values_in
from compliance.core.model import ImportedNonconformity, Instrument, PersonPeriod, PlantFactor
from compliance.core.simulating import ACTIONS, OVERDUE, Action, Ahead, Known, Simulation
from compliance.rulebase.calendar import Period, WorkCalendar
from compliance.rulebase.schema import Calendar, Obligation, Ref, Rolling
from compliance.web import access, asked, exports, labels
from compliance.web.book import book
from compliance.web.i18n import _, language, said

blueprint = Blueprint("ahead", __name__)

_MONTHS = 12
#: How many things of a cell are listed below the matrix.
_LISTED = 200
#: Shades of the matrix: shares of the fullest cell, and the symbol that each is shown with.
_SHADES = ((0.75, "w4", "▇"), (0.5, "w3", "▅"), (0.25, "w2", "▃"), (0.0, "w1", "▁"))


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix."""

    column: str
    count: int
    tone: str
    symbol: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the matrix: a post or a person. ``holders`` in words; ``vacant``: from when on nobody is there."""

    id: str
    name: str
    holders: tuple[str, ...]
    vacant: date | None
    cells: tuple[Cell, ...]
    total: int
    daily: int


# --- collisions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YearCollided:
    """A year's collisions with the numbers of the stored occurrences in them."""

    year: int
    found: Sequence[collisions.Collision]
    numbers: Mapping[tuple[str, str, str], int]


@blueprint.get("/p/<plant>/obligations/collisions")
def collided() -> ResponseReturnValue:
    """The year's collisions."""
    found = year_collided()
    counts = Counter(one.clash for one in found.found)
    return render_template(
        "collisions.html", year=found.year, found=found.found, numbers=found.numbers, counts=counts,
        clashes=tuple(collisions.Clash), everything=bool(asked.word("all")), book=book(),
    )  # fmt: skip


@blueprint.get("/p/<plant>/obligations/collisions.xlsx")
def collisions_workbook() -> ResponseReturnValue:
    """The same as a workbook: one row a due day."""
    found = year_collided()
    headings = (
        _("有效工作日"), _("项数"), _("冲突"), _("跨越的节假日"), _("暂定"), _("编号"), _("义务"), _("对象"),
        _("所属期"), _("法定到期日"), _("状态"), _("责任岗位"),
    )  # fmt: skip
    rows = (
        (
            one.day, one.load, labels.clash(one.clash).text, "、".join(said(n) for n in one.holidays),
            _("暂定") if one.provisional else "", o.code, said(o.title), o.subject, o.period, o.due,
            labels.state_chip(o.state).text, book().post(o.owner),
        )
        for one in found.found
        for o in one.due
    )  # fmt: skip
    name = f"collisions-{access.ref(access.card())}-{found.year}.xlsx"
    return exports.workbook(name, _("到期冲突"), headings, rows)


@blueprint.get("/p/<plant>/obligations/collisions.ics")
def collisions_calendar() -> ResponseReturnValue:
    """The same as a calendar: one event a working day, by which everything it names must be done."""
    found, plant = year_collided(), access.card().plant
    bundle = access.services()
    with bundle.telling.read() as look:
        version = look.version(plant)
    text = collisions_text(plant, found.found, bundle.clock.today(), version, language())
    answer = Response(text.encode(), content_type="text/calendar; charset=utf-8")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"collisions-{access.ref(access.card())}-{found.year}.ics"
    )
    return answer


def year_collided(year: int | None = None, *, everything: bool | None = None) -> YearCollided:
    """The collisions of the year that is asked for, from stored occurrences: one statement."""
    bundle, plant = access.services(), access.card().plant
    year = asked.year("year", bundle.clock.today().year) if year is None else year
    everything = bool(asked.word("all")) if everything is None else everything
    rulebase, span = bundle.rules(), Period.parse(f"{year:04}")
    query = OccurrenceQuery(due_from=span.start, due_until=span.end, limit=LARGEST_EXPORT)
    rows = bundle.lists.occurrences(plant, query).rows
    without = frozenset() if everything else collisions.recurring(rulebase, *collisions.ROUTINE)
    calendar = WorkCalendar(rulebase.of(Calendar))
    found = collisions.collisions_of((row.occurrence for row in rows), calendar, year, without)
    return YearCollided(year, found, {row.occurrence.key: row.id for row in rows})


# --- workload -------------------------------------------------------------------------------------


@blueprint.get("/p/<plant>/obligations/ahead")
def workload() -> ResponseReturnValue:
    """The coming year by post or person and month; a cell unfolds to its list."""
    found, rows = looked_ahead()
    by_person = asked.word("by") == "person"
    row, column = request.args.get("row"), asked.word("column")
    shown = _in_cell(found, row, column, by_person=by_person) if row is not None else []
    return render_template(
        "ahead.html", found=found, lines=_lines(found, by_person=by_person), by_person=by_person, row=row,
        column=column, shown=shown[:_LISTED], more=max(0, len(shown) - _LISTED),
        numbers={one.occurrence.key: one.id for one in rows}, columns=(OVERDUE, *found.months), overdue=OVERDUE,
        actions=ACTIONS, book=book(),
    )  # fmt: skip


@blueprint.get("/p/<plant>/obligations/ahead.xlsx")
def workload_workbook() -> ResponseReturnValue:
    """Everything ahead as a workbook, one row a thing."""
    found, _rows = looked_ahead()
    headings = (
        _("月份"), _("编号"), _("义务"), _("对象"), _("所属期"), _("法定到期日"), _("有效工作日"), _("暂定"),
        _("责任岗位"), _("届时任职"), _("性质"),
    )  # fmt: skip
    rows = (
        (
            item.due.isoformat()[:7], item.code, said(item.title), item.subject, item.period, item.due,
            item.effective_workday, _("暂定") if item.provisional else "", _post(item.post),
            "、".join(found.names.get(a, a) for a in item.persons) or _("无人任职"), _nature(item),
        )
        for item in found.items
    )  # fmt: skip
    name = f"ahead-{access.ref(access.card())}-{found.day:%Y%m%d}.xlsx"
    return exports.workbook(name, _("工作量预测"), headings, rows)


def looked_ahead(months: int = _MONTHS) -> tuple[Simulation, Sequence[OccurrenceRow]]:
    """The simulation from what is stored, with the rows of its occurrences: six statements at any size."""
    bundle, plant = access.services(), access.card().plant
    rulebase, day = bundle.rules(), bundle.clock.today()
    until = simulating.last_day(day, months)
    query = OccurrenceQuery(states=TO_DO, due_until=until, limit=LARGEST_EXPORT)
    rows = bundle.lists.occurrences(plant, query).rows
    late = NonconformityQuery(
        late_on=until + timedelta(days=1), settled=book().settled(NONCONFORMITY), limit=LARGEST_EXPORT
    )
    tickets = bundle.lists.nonconformities(plant, late).rows
    kinds = [PersonPeriod, Instrument, ImportedNonconformity, *([PlantFactor] if _asks_the_plant() else [])]
    with bundle.telling.read() as look:
        tables, absences = look.tables(plant, kinds), look.absences(plant)
    own = [Action(t.nonconformity.number, t.nonconformity.title, t.due, t.owner) for t in tickets if t.due]
    brought = [r for r in tables[ImportedNonconformity] if isinstance(r, ImportedNonconformity)]
    known = Known(
        plant=plant,
        occurrences=[row.occurrence for row in rows],
        periods=[r for r in tables[PersonPeriod] if isinstance(r, PersonPeriod)],
        instruments=[r for r in tables[Instrument] if isinstance(r, Instrument)],
        absences=absences,
        actions=[*own, *simulating.recorded_of(brought)],
        values=values_in(tables.get(PlantFactor, ())),
    )
    return simulating.simulate(known, rulebase, day, until), rows


def _asks_the_plant() -> bool:
    """Whether a rolling rule takes its months from the plant: only then its factors are read."""
    rolling = (r.cadence for r in access.services().rules().of(Obligation) if isinstance(r.cadence, Rolling))
    return any(isinstance(cadence.within_months, Ref) for cadence in rolling)


def _lines(found: Simulation, *, by_person: bool) -> list[Line]:
    counts = found.by_person() if by_person else found.by_post()
    most = max((n for row in counts.values() for column, n in row.items() if column != OVERDUE), default=1)
    held = {post.post: post for post in found.posts}
    lines = []
    for name, row in counts.items():
        post = None if by_person else held.get(name)
        holders = tuple(found.names.get(a, a) for a in post.held[0].persons) if post else ()
        cells = tuple(_cell(column, row[column], most) for column in (OVERDUE, *found.months))
        shown = (found.names.get(name, name) or _("无人任职")) if by_person else _post(name)
        vacant = post.vacant_from if post else None
        every_day = sum(i.daily and name in ((i.persons or ("",)) if by_person else (i.post,)) for i in found.items)
        lines.append(Line(name, shown, holders, vacant, cells, sum(row.values()), every_day))
    return sorted(lines, key=lambda line: (-line.total, line.name))


def _cell(column: str, count: int, most: int) -> Cell:
    if not count:
        return Cell(column, 0, "none", "")
    if column == OVERDUE:
        return Cell(column, count, "bad", "!")
    tone, symbol = next((tone, symbol) for least, tone, symbol in _SHADES if count > least * most)
    return Cell(column, count, tone, symbol)


def _in_cell(found: Simulation, row: str, column: str, *, by_person: bool) -> list[Ahead]:
    def inside(item: Ahead) -> bool:
        rows = (item.persons or ("",)) if by_person else (item.post,)
        return row in rows and column in {"", item.column} and not item.daily

    return [item for item in found.items if inside(item)]


def _post(post: str) -> str:
    return _("不符合项整改") if post == ACTIONS else book().post(post)


def _nature(item: Ahead) -> str:
    return _("推算") if item.projected else _("逾期") if item.overdue else _("逐日") if item.daily else ""
