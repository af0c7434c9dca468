"""Looking back on pages and in the API: which day is asked for, and lists of what would be concluded then.

Judging as of a day takes a moment, so what it concludes is kept for the next page of the same list until the plant's
log or the rules in use change. Nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, TypeVar

from flask import current_app

from compliance.core.judged import Found, Occurrence
from compliance.core.lists import (
    LARGEST_EXPORT,
    BadPosition,
    Choices,
    FindingQuery,
    OccurrenceQuery,
    OccurrenceRow,
    Page,
)
from compliance.core.lookback import Then
from compliance.core.lookback import asked as asked_of
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.web import access, asked

T = TypeVar("T")
#: Concluded looks back that are kept for the next page.
_KEPT = 8
_CACHE = "compliance-lookback"
_DIGITS = len(str(LARGEST_EXPORT))


class BadDay(WrongUse):
    """A day in the address is none."""

    code = "bad-day"
    text: ClassVar[Text] = Text(
        zh="“{name}”须为日期，如 2026-01-31：{given}", en="{name!r} is a day such as 2026-01-31: {given}"
    )


@dataclass(frozen=True, slots=True)
class Concluded:
    """What would be concluded then, and by which rules."""

    then: Then
    rules: RuleBase
    occurrences: tuple[Occurrence, ...]
    findings: tuple[Found, ...]

    @property
    def choices(self) -> Choices:
        """Values that filters offer."""
        of, found = self.occurrences, self.findings
        return Choices(
            codes=_several(o.code for o in of),
            subjects=_several(o.subject for o in of),
            situations=_several(f.situation for f in found),
            grades=_several(f.grade for f in found),
            categories=_several(f.category for f in found),
        )


def then_asked() -> Then | None:
    """The look back that a page's address asks for, if any; a day that is none is refused."""
    return asked_of(_day("as_of"), _day("known_on"), access.services().clock.today())


def then_of(as_of: date | None, known_on: date | None) -> Then | None:
    """The same from days that were read already."""
    return asked_of(as_of, known_on, access.services().clock.today())


def concluded(then: Then) -> Concluded:
    """Everything that would be concluded of the plant then; once for each state of its log."""
    bundle, plant = access.services(), access.card().plant
    kept: dict[tuple[object, ...], Concluded] = current_app.extensions.setdefault(_CACHE, {})
    with bundle.telling.read() as look:
        key = (plant.key, look.version(plant), then, bundle.rules().digest)
    found = kept.get(key)
    if found is None:
        rules, judged = bundle.lookback.judged(plant, then)
        in_order = sorted(judged.occurrences, key=lambda o: (o.due, o.key))
        found = Concluded(then, rules, tuple(in_order), judged.findings)
        while len(kept) >= _KEPT:
            kept.pop(next(iter(kept)))
        kept[key] = found
    return found


def occurrences(of: Concluded, query: OccurrenceQuery) -> Page[OccurrenceRow]:
    """A page of the occurrences that a question asks for; none of them has a number."""

    def fits(one: Occurrence) -> bool:
        return (
            (not query.states or one.state in query.states)
            and (not query.due_from or one.due >= query.due_from)
            and (not query.due_until or one.due <= query.due_until)
            and (query.of is None or query.of.holds(one.obligation))
        ) and _same(one, query, ("code", "subject", "period"))

    rows = [OccurrenceRow(0, one) for one in of.occurrences if fits(one)]
    return _page(rows[::-1] if query.newest else rows, query.after, query.limit)


def findings(of: Concluded, query: FindingQuery) -> Page[Found]:
    """A page of the findings that a question asks for: all of them would hold."""
    named = ("situation", "grade", "category", "subject", "period")
    rows = [one for one in of.findings if _same(one, query, named) and (query.of is None or query.of.holds(one.rule))]
    return _page(rows, query.after, query.limit)


def file_name(list_name: str, then: Then | None) -> str:
    """The name of a downloaded list: its plant, and the days that it is about."""
    plant = access.ref(access.card())
    if then is None:
        return f"{list_name}-{plant}-{access.services().clock.today():%Y%m%d}.xlsx"
    known = f"-known-{then.known_on:%Y%m%d}" if then.known_on else ""
    return f"{list_name}-{plant}-as-of-{then.as_of:%Y%m%d}{known}.xlsx"


def _same(one: object, query: object, names: Sequence[str]) -> bool:
    return all(getattr(query, name) in ("", getattr(one, name)) for name in names)


def _page(rows: Sequence[T], after: str, limit: int) -> Page[T]:
    """Rows do not move while they are kept, so a position is how many came before."""
    if after and not (after.isascii() and after.isdigit() and len(after) <= _DIGITS):
        raise BadPosition(after)
    start = int(after or 0)
    end = start + limit
    return Page(tuple(rows[start:end]), str(end) if end < len(rows) else "")


def _several(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


def _day(name: str) -> date | None:
    given = asked.word(name)
    found = asked.day(name)
    if given and found is None:
        raise BadDay(name=name, given=given)
    return found
