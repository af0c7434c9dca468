"""逐日数据: a month of days by the items of a line, where a gap is a field; and who has not recorded."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.imports import Entries
from compliance.core.model import CollectionItem, PersonPeriod, Reading
from compliance.core.people import People
from compliance.core.permissions import Permission
from compliance.core.recording import Daily, Gap, expected, missing
from compliance.kernel.quantity import from_micro
from compliance.rulebase.rulebase import RuleBase
from compliance.web import access, asked, exports
from compliance.web.entries import tell
from compliance.web.i18n import _, said
from compliance.web.services import Entered

blueprint = Blueprint("daily", __name__)

_WEEK = timedelta(weeks=1)
_LONGEST = 40
#: What a field of the grid is called: the day and the place of the item in the line's plan.
_FIELD = "a.{day}.{item}"


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of an item: what was recorded (with its key), else a field; ``due``: it should be there by now."""

    name: str
    value: str
    recorded: bool
    due: bool
    key: str = ""
    problem: str = ""


@blueprint.get("/p/<plant>/daily")
def grid() -> ResponseReturnValue:
    """The month of a line."""
    return _grid(asked.word("line"), asked.month("month", _today()))


@blueprint.post("/p/<plant>/daily")
@access.needs(Permission.ENTER)
def record() -> ResponseReturnValue:
    """Enter every field of the month that was filled in, as one act; all or nothing."""
    line, first = request.form.get("line", "")[:_LONGEST], _first(request.form.get("month", ""))
    plant = access.card().plant
    daily = _month(first)
    items = _items(daily, line)
    fields = {name: value.strip() for name, value in request.form.items() if name.startswith("a.") and value.strip()}
    rows, names = _rows(items, line, first, fields, daily)
    if not rows:
        return redirect(url_for("daily.grid", line=line, month=f"{first:%Y-%m}"), 303)
    done = access.services().enterer(
        Entries(Reading.SHEET.table, rows, request.form.get("reason", "")), plant=plant, actor=access.actor()
    )
    if done.problems or done.corrections:
        return _grid(line, first, daily, _Refused(done, names, fields)), 400
    tell(done)
    return redirect(url_for("daily.grid", line=line, month=f"{first:%Y-%m}"), 303)


@blueprint.get("/p/<plant>/missing")
def missed() -> ResponseReturnValue:
    """The gaps of a week, by day and series, with whoever is expected to record them."""
    last = min(asked.day("until") or _yesterday(), _yesterday())
    first, gaps, people = _gaps(last)
    days = [first + timedelta(n) for n in range(_WEEK.days)]
    series: dict[tuple[str, str], dict[date, Gap]] = {}
    for gap in gaps:
        series.setdefault((gap.line, gap.item), {})[gap.day] = gap
    return render_template(
        "missing.html",
        days=days,
        series=series,
        latest=[gap for gap in gaps if gap.day == last],
        last=last,
        before=last - _WEEK,
        after=last + _WEEK if last < _yesterday() else None,
        name=people.name,
    )


@blueprint.get("/p/<plant>/missing.xlsx")
def export() -> ResponseReturnValue:
    """The same gaps as a workbook."""
    last = min(asked.day("until") or _yesterday(), _yesterday())
    _first_day, gaps, people = _gaps(last)
    headings = (
        _("日期"), _("生产线"), _("项目"), _("单位"), _("责任部门"), _("应记录人"), _("缺记起"), _("连续天数"),
    )  # fmt: skip
    rows = ((g.day, g.line, g.item, g.unit, g.department, _names(g, people), g.since, g.days) for g in reversed(gaps))
    name = f"missing-{access.ref(access.card())}-{last:%Y%m%d}.xlsx"
    return exports.workbook(name, _("漏记清单"), headings, rows)


def missed_on(day: date) -> list[CollectionItem]:
    """What was not recorded on a day, for the page that greets a person: one statement."""
    plant = access.card().plant
    if day < plant.data_start:
        return []
    return list(expected(access.services().lists.unrecorded(plant, day), _rules(), day))


@dataclass(frozen=True, slots=True)
class _Refused:
    """What was sent and refused: which field stands in which row, and everything that was typed."""

    done: Entered
    names: Sequence[str]
    fields: Mapping[str, str]

    def problems(self) -> dict[str, str]:
        """What is wrong, by the field it belongs to."""
        found = {self.names[p.row]: said(p.message) for p in reversed(self.done.problems) if p.row < len(self.names)}
        already = {self.names[c.row]: c.given for c in self.done.corrections if c.row < len(self.names)}
        return already | found


def _grid(line: str, first: date, daily: Daily | None = None, refused: _Refused | None = None) -> str:
    daily = daily or _month(first)
    wanted = [p for n in range(_length(first)) for p in expected(daily.plan, _rules(), first + timedelta(n))]
    lines = sorted({p.line for p in wanted})
    line = line if line in lines else next(iter(lines), "")
    items = _items(daily, line)
    people = People(daily.periods)
    return render_template(
        "daily.html",
        first=first,
        line=line,
        lines=lines,
        items=items,
        days=_cells(daily, items, line, first, refused),
        before=first - timedelta(1),
        after=first + timedelta(_length(first)),
        problems=sorted(set(refused.problems().values())) if refused else [],
        checkers=[(a, people.name(a)) for a in _accounts(daily.periods, people)],
        checker=request.form.get("checker", ""),
        may_enter=access.allowed(Permission.ENTER),
    )


def _cells(
    daily: Daily, items: Sequence[CollectionItem], line: str, first: date, refused: _Refused | None
) -> list[tuple[date, list[Cell | None]]]:
    """Rows of the grid: each day up to today, a cell for every item that is wanted on it."""
    recorded = {(r.on, r.item): r for r in daily.readings if r.line == line}
    problems = refused.problems() if refused else {}
    typed = refused.fields if refused else {}
    days = []
    for on in (first + timedelta(n) for n in range(_length(first))):
        if on > _today():
            break
        wanted = {p.item for p in expected(items, _rules(), on)}
        cells: list[Cell | None] = []
        for at, item in enumerate(items):
            name, row = _FIELD.format(day=on.day, item=at), recorded.get((on, item.item))
            if row is not None:
                value = "" if row.amount is None else f"{from_micro(row.amount):f}"
                cells.append(Cell(name, value, True, False, f"{on}|{line}|{item.item}"))
            elif item.item in wanted:
                cells.append(Cell(name, typed.get(name, ""), False, on < _today(), "", problems.get(name, "")))
            else:
                cells.append(None)
        days.append((on, cells))
    return days


def _rows(
    items: Sequence[CollectionItem], line: str, first: date, fields: Mapping[str, str], daily: Daily
) -> tuple[list[dict[str, str]], list[str]]:
    """The rows that the fields stand for, with the unit of the plan and the instrument of the last reading."""
    instruments = {(r.line, r.item): r.instrument for r in daily.readings if r.instrument}
    person, checker = access.person().person, request.form.get("checker", "")[:_LONGEST]
    rows, names = [], []
    for n in range(_length(first)):
        for at, item in enumerate(items):
            name = _FIELD.format(day=n + 1, item=at)
            if not fields.get(name):
                continue
            row = {
                "on": (first + timedelta(n)).isoformat(),
                "line": line,
                "item": item.item,
                "amount": fields[name][:_LONGEST],
                "unit": item.unit or "",
                "instrument": instruments.get((line, item.item), "") or "",
                "recorder": person or "",
                "checker": checker,
            }
            rows.append({key: value for key, value in row.items() if value})
            names.append(name)
    return rows, names


def _month(first: date) -> Daily:
    """The month, and the one before: its last readings say which instrument measures an item."""
    before = (first - timedelta(1)).replace(day=1)
    last = first + timedelta(_length(first) - 1)
    return access.services().lists.daily(access.card().plant, before, last)


def _items(daily: Daily, line: str) -> list[CollectionItem]:
    return [item for item in daily.plan if item.line == line]


def _gaps(last: date) -> tuple[date, list[Gap], People]:
    first, plant = last - _WEEK + timedelta(1), access.card().plant
    daily = access.services().lists.daily(plant, first, last)
    return first, missing(daily, plant, _rules(), first, last), People(daily.periods)


def _names(gap: Gap, people: People) -> str:
    return "、".join(people.name(account) for account in gap.persons)


def _accounts(periods: Sequence[PersonPeriod], people: People) -> list[str]:
    today = _today()
    return [a for a in sorted({p.account for p in periods}) if people.here(a, today)]


def _first(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return _today().replace(day=1)


def _length(first: date) -> int:
    return monthrange(first.year, first.month)[1]


def _today() -> date:
    return access.services().clock.today()


def _yesterday() -> date:
    return _today() - timedelta(1)


def _rules() -> RuleBase:
    return access.services().rules()
