"""Geometry of the pictures. Templates draw it as SVG with titles, and print the same numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from compliance.core.figures import Figure
from compliance.core.lists import FindingGroup, MonthKept, Validity
from compliance.web import labels
from compliance.web.book import Book
from compliance.web.i18n import month as month_name

_PLOT_HEIGHT = 160
_SLOT = 44
_BAR = 24
_LEFT = 34
_TOP = 12
_TICKS = 4
#: The timeline of validity shows this many days before and after today.
_PAST = 300
_AHEAD = 430
_TIMELINE = 1060
#: Left of the bars stand number and name of the instrument.
_NAMES = 250
_ROW = 26
#: The picture of emissions: room for large numbers on the left, and wide columns.
_WIDE_LEFT, _WIDE_SLOT, _WIDE_BAR = 64, 58, 34
#: Days that the name of a quarter covers.
_LABEL = 45


@dataclass(frozen=True, slots=True)
class Piece:
    """One coloured rectangle; ``label`` is its title."""

    x: float
    y: float
    width: float
    height: float
    tone: str
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the deadline chart."""

    month: str
    name: str
    short: str
    centre: float
    pieces: tuple[Piece, ...]
    data: MonthKept


@dataclass(frozen=True, slots=True)
class Columns:
    """The deadline chart."""

    width: int
    height: int
    base: float
    ticks: tuple[tuple[float, int], ...]
    columns: tuple[Column, ...]
    this_month: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One situation of the findings chart, as shares of the widest."""

    situation: str
    title: str
    total: int
    pieces: tuple[Piece, ...]
    grades: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """The findings chart; ``grades`` in the order of their tones."""

    rows: tuple[Bar, ...]
    grades: tuple[tuple[str, str], ...]
    total: int


@dataclass(frozen=True, slots=True)
class Span:
    """One instrument on the timeline."""

    data: Validity
    x: float
    width: float
    y: float
    tone: str
    note: str
    link: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The validity chart."""

    width: int
    height: int
    today: float
    marks: tuple[tuple[float, str], ...]
    spans: tuple[Span, ...]
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class MonthBar:
    """One month of the picture of emissions; ``dot``: where the intensity stands (None: there is none)."""

    month: str
    short: str
    x: float
    y: float
    height: float
    centre: float
    figure: Figure | None
    ratio: Figure | None
    dot: float | None


@dataclass(frozen=True, slots=True)
class Emissions:
    """Columns of a total, and the line of what was emitted for each tonne made, on scales of their own."""

    width: int
    height: int
    base: float
    bar: int
    ticks: tuple[tuple[float, str], ...]
    months: tuple[MonthBar, ...]
    path: str
    title: str
    ratio_title: str
    ratio_range: str


def emissions(
    months: Sequence[str], totals: Sequence[Figure | None], ratios: Sequence[Figure | None], title: str, ratio: str
) -> Emissions:
    """Months of a year; the line runs over the upper half, between its smallest and its largest value."""
    top = max((f.value for f in totals if f), default=Decimal(0)) or Decimal(1)
    known = [f.value for f in ratios if f]
    low, high = min(known, default=Decimal(0)), max(known, default=Decimal(1))
    base = float(_TOP + _PLOT_HEIGHT)
    bars = []
    for i, (month, total, ratio_of) in enumerate(zip(months, totals, ratios, strict=True)):
        x = _WIDE_LEFT + _WIDE_SLOT * i
        height = float(_PLOT_HEIGHT * total.value / top) if total else 0.0
        share = float((ratio_of.value - low) / (high - low)) if ratio_of and high > low else 0.5
        dot = round(_TOP + _PLOT_HEIGHT * (1 - share) / 2, 1) if ratio_of else None
        bars.append(
            MonthBar(
                month,
                str(int(month[5:])),
                x,
                round(base - height, 1),
                round(height, 1),
                x + _WIDE_BAR / 2,
                total,
                ratio_of,
                dot,
            )
        )
    path = " ".join(f"{b.centre},{b.dot}" for b in bars if b.dot is not None)
    ticks = tuple((base - _PLOT_HEIGHT * k / _TICKS, f"{top * k / _TICKS:,.0f}") for k in range(_TICKS + 1))
    width = _WIDE_LEFT + _WIDE_SLOT * len(bars)
    unit = next((f.unit for f in ratios if f), "")
    said = f"{low} – {high} {unit}" if known else ""
    return Emissions(width, int(base) + 24, base, _WIDE_BAR, ticks, tuple(bars), path, title, ratio, said)


def deadlines(months: Sequence[MonthKept], first: date, number: int, today: date) -> Columns:
    """Stacked columns: kept, late, overdue, ahead; a month without deadlines has an empty slot."""
    known = {m.month: m for m in months}
    slots = [known.get(name, MonthKept(name, 0, 0, 0, 0)) for name in _names(first, number)]
    top = _round_up(max((m.kept + m.late + m.overdue + m.ahead for m in slots), default=0))
    base = _TOP + _PLOT_HEIGHT
    columns = tuple(_column(data, i, top, base) for i, data in enumerate(slots))
    ticks = tuple((base - _PLOT_HEIGHT * k / _TICKS, top * k // _TICKS) for k in range(_TICKS + 1))
    return Columns(_LEFT + _SLOT * number + 6, base + 40, base, ticks, columns, f"{today:%Y-%m}")


def findings(groups: Sequence[FindingGroup], book: Book) -> Bars:
    """Bars by situation, split by grade; the longest first."""
    order = {grade: i for i, grade in enumerate(book.grades)}
    groups = sorted(groups, key=lambda g: order.get(g.grade, len(order)))
    grades = tuple(dict.fromkeys(g.grade for g in groups))
    tones = {grade: f"g{i % 5}" for i, grade in enumerate(grades)}
    by_situation: dict[str, list[FindingGroup]] = {}
    for group in groups:
        by_situation.setdefault(group.situation, []).append(group)
    widest = max((sum(g.count for g in found) for found in by_situation.values()), default=1)
    rows = [_bar(situation, found, tones, widest, book) for situation, found in by_situation.items()]
    rows.sort(key=lambda bar: (-bar.total, bar.situation))
    return Bars(tuple(rows), tuple((g, tones[g]) for g in grades), sum(g.count for g in groups))


def validity(instruments: Sequence[Validity], today: date) -> Timeline:
    """A bar from certificate to end of validity for each instrument; those that end first stand first."""
    ordered = sorted(instruments, key=lambda v: (v.until or date.min, v.instrument))
    spans = tuple(_span(v, i, today) for i, v in enumerate(ordered))
    tones = [s.tone for s in spans]
    counts = tuple((tone, tones.count(tone)) for tone in ("bad", "warn", "good"))
    return Timeline(_TIMELINE, 30 + _ROW * len(spans), _x(today, today), _marks(today), spans, counts)


def _names(first: date, number: int) -> list[str]:
    start = first.year * 12 + first.month - 1
    return [f"{(start + i) // 12}-{(start + i) % 12 + 1:02}" for i in range(number)]


def _round_up(value: int) -> int:
    step = _TICKS
    while step * 5 < value:
        step *= 2
    return max(_TICKS, -(-value // step) * step)


def _column(data: MonthKept, index: int, top: int, base: float) -> Column:
    x = _LEFT + _SLOT * index + (_SLOT - _BAR) / 2
    pieces: list[Piece] = []
    y = base
    parts = (("good", data.kept), ("warn", data.late), ("bad", data.overdue), ("calm", data.ahead))
    for tone, count in parts:
        height = _PLOT_HEIGHT * count / top
        y -= height
        if count:
            pieces.append(Piece(x, round(y, 2), _BAR, round(height, 2), tone, count))
    short = str(int(data.month[5:]))
    return Column(data.month, month_name(data.month), short, x + _BAR / 2, tuple(pieces), data)


def _bar(situation: str, found: Sequence[FindingGroup], tones: dict[str, str], widest: int, book: Book) -> Bar:
    pieces: list[Piece] = []
    x = 0.0
    for group in found:
        width = 100 * group.count / widest
        pieces.append(Piece(round(x, 3), 0, round(width, 3), 14, tones[group.grade], group.count))
        x += width
    split = tuple((g.grade, g.count) for g in found)
    return Bar(situation, book.title(found[0].rule), sum(g.count for g in found), tuple(pieces), split)


def _span(data: Validity, index: int, today: date) -> Span:
    y = 24 + _ROW * index
    if data.until is None:
        return Span(data, 0, 0, y, "bad", "", data.instrument)
    left = _x(data.since or data.until, today)
    right = max(left + 3, _x(data.until, today))
    days = (data.until - today).days
    tone = "bad" if days < 0 else "warn" if days <= labels.SOON else "good"
    return Span(data, left, right - left, y, tone, labels.relative(data.until, today), data.instrument)


def _x(day: date, today: date) -> float:
    share = (min(max((day - today).days, -_PAST), _AHEAD) + _PAST) / (_PAST + _AHEAD)
    return round(_NAMES + (_TIMELINE - _NAMES) * share, 1)


def _marks(today: date) -> tuple[tuple[float, str], ...]:
    """The first days of quarters, as far as their names fit."""
    days = (today + timedelta(days=n) for n in range(-_PAST, _AHEAD - _LABEL))
    return tuple((_x(d, today), f"{d:%Y-%m}") for d in days if d.day == 1 and d.month % 3 == 1)
