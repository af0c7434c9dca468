"""Duties as an iCalendar text (RFC 5545): one all-day event an occurrence or review, with the alarms of its ladder.

The text follows from the register alone: the same state gives the same bytes. An event keeps its UID for good;
``SEQUENCE`` is the size of the plant's log, which only grows, so that a changed event always supersedes the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from compliance.core.collisions import Collision
from compliance.core.controlled import DOCUMENT
from compliance.core.documents.reviews import Review
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.plants import Plant
from compliance.kernel.text import Language, Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Obligation, Workflow

#: The longest line of the format, in octets without its end.
LINE = 75
_END = "\r\n"
_SHOWN = frozenset({OccurrenceState.UPCOMING, OccurrenceState.OPEN, OccurrenceState.OVERDUE})
_OTHER: Mapping[Language, Language] = {"zh": "en", "en": "zh"}
_NAME = Text("{plant} 碳管理义务", "Carbon duties of {plant}")
_LATE = Text("【已逾期】{title}", "[Overdue] {title}")
_REVIEW = Text("定期评审《{title}》", "Periodic review of {title}")
_REVIEW_DESCRIPTION = Text(
    "{what}\n文件：{number}\n期限：{due}\n依据：{clause}", "{what}\nDocument: {number}\nDue: {due}\nClause: {clause}"
)
_COLLISIONS = Text("{plant} 到期冲突", "Collisions of due days of {plant}")
_MEET = Text("{count} 项须在今日前办结", "{count} to be done by today")
_PROVISIONAL = Text("（暂定）", " (provisional)")
_DESCRIPTION = Text(
    "{title}\n对象：{subject}　所属期：{period}\n期限：{due}\n最后一个工作日：{effective}\n依据：{clause}\n"
    "推导：{derivation}",
    "{title}\nSubject: {subject}  Period: {period}\nDue: {due}\nLast working day: {effective}\nClause: {clause}\n"
    "Derivation: {derivation}",
)


def feed_text(
    plant: Plant,
    occurrences: Iterable[Occurrence],
    rulebase: RuleBase,
    today: date,
    version: int,
    language: Language = "zh",
    reviews: Iterable[Review] = (),
) -> str:
    """The calendar of what is still to do. ``version``: size of the plant's log; both languages are in each event.

    ``reviews``: the periodic reviews of documents in force that stand in it among the duties.
    """
    written = _Written(plant, rulebase, today, version, language)
    shown = [(o.due, (0, *o.key), written.duty(o)) for o in occurrences if o.state in _SHOWN]
    shown += [(r.due, (1, r.paper.number, r.paper.label, ""), written.review(r)) for r in reviews]
    events = (line for _due, _key, lines in sorted(shown, key=lambda one: one[:2]) for line in lines)
    return _calendar(_NAME.fill(plant=plant.name).in_(language), events)


def collisions_text(
    plant: Plant, found: Iterable[Collision], today: date, version: int, language: Language = "zh"
) -> str:
    """The calendar of a year's collisions: one event a working day, by which everything it names must be done."""
    events = (line for one in found for line in _collided(plant, one, today, version, language))
    return _calendar(_COLLISIONS.fill(plant=plant.name).in_(language), events)


def _calendar(name: str, events: Iterable[str]) -> str:
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//compliance//carbon duties//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(name)}",
    )
    return "".join(part + _END for line in (*head, *events, "END:VCALENDAR") for part in folded(line))


def uid_of(plant: Plant, one: Occurrence) -> str:
    """The lasting id of an occurrence's event."""
    return _uid(plant.key, *one.key)


def _uid(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32] + "@compliance"


def escaped(text: str) -> str:
    """A text as a value: separators and line ends escaped, other control characters left out."""
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\r", "\n")):
        text = text.replace(plain, written)
    return "".join(c for c in text if c == "\n" or c.isprintable() or c == "\u3000").replace("\n", "\\n")


def folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 octets, never within a character; each further part begins with a space."""
    part, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LINE:
            yield part
            part, size = " ", 1
        part, size = part + character, size + width
    yield part


@dataclass(frozen=True, slots=True)
class _Event:
    """What an event says, and the days before it on which it rings."""

    uid: str
    due: date
    late: bool
    title: Text
    said: Text
    code: str
    ladder: Sequence[int]


@dataclass(frozen=True, slots=True)
class _Written:
    """Events of one plant as they are written on a day in a language."""

    plant: Plant
    rulebase: RuleBase
    today: date
    version: int
    language: Language

    def duty(self, one: Occurrence) -> Iterator[str]:
        """The event of an occurrence."""
        said = _DESCRIPTION.fill(
            title=one.title,
            subject=self.plant.name if one.subject == self.plant.key else one.subject,
            period=one.period,
            due=one.due,
            effective=_effective(one),
            clause=one.clause,
            derivation=one.derivation,
        )
        title = Text(f"{one.title.zh}（{one.period}）", f"{one.title.en} ({one.period})")
        late = one.state is OccurrenceState.OVERDUE
        return self._event(
            _Event(uid_of(self.plant, one), one.due, late, title, said, one.code, _ladder(one, self.rulebase))
        )

    def review(self, one: Review) -> Iterator[str]:
        """The event of a periodic review: that of the version until it ends, on the day that is its next one."""
        paper, rule = one.paper, self.rulebase.nearest(Document, one.paper.rule, self.today)
        title = _REVIEW.fill(title=paper.title)
        said = _REVIEW_DESCRIPTION.fill(
            what=title, number=paper.object_id, due=one.due, clause=rule.source.clause if rule else ""
        )
        flow = next((w for w in self.rulebase.in_force(Workflow, self.today) if w.applies_to == DOCUMENT), None)
        ladder = flow.reminders.ladder.days_before if flow else ()
        uid = _uid(self.plant.key, "review", paper.number, paper.label)
        code = rule.code if rule else ""
        return self._event(_Event(uid, one.due, one.late(self.today), title, said, code or paper.rule, ladder))

    def _event(self, it: _Event) -> Iterator[str]:
        both = (it.said.in_(either) for either in (self.language, _OTHER[self.language]))
        yield "BEGIN:VEVENT"
        yield from _head(it.uid, it.due, self.today, self.version)
        yield f"SUMMARY:{escaped((_LATE.fill(title=it.title) if it.late else it.title).in_(self.language))}"
        yield f"DESCRIPTION:{escaped((chr(10) * 2).join(both))}"
        yield f"CATEGORIES:{escaped(it.code)}"
        yield "TRANSP:TRANSPARENT"
        for ahead in it.ladder:
            yield from _alarm(it.title.in_(self.language), ahead)
        yield "END:VEVENT"


def _head(uid: str, on: date, today: date, version: int) -> Iterator[str]:
    """An all-day event: its lasting id, when it was written and in which version, and its day."""
    yield f"UID:{uid}"
    yield f"DTSTAMP:{_compact(today)}T000000Z"
    yield f"SEQUENCE:{version}"
    yield f"DTSTART;VALUE=DATE:{_compact(on)}"
    yield f"DTEND;VALUE=DATE:{_compact(on + timedelta(1))}"


def _collided(plant: Plant, one: Collision, today: date, version: int, language: Language) -> Iterator[str]:
    doubt = _PROVISIONAL.in_(language) if one.provisional else ""
    due = "\n".join(f"{o.due} {o.code} {o.title.in_(language)} {o.period}" for o in one.due)
    over = "、".join(name.in_(language) for name in one.holidays)
    yield "BEGIN:VEVENT"
    yield from _head(_uid(plant.key, "collision", one.day.isoformat()), one.day, today, version)
    yield f"SUMMARY:{escaped(_MEET.fill(count=one.load).in_(language) + doubt)}"
    yield f"DESCRIPTION:{escaped(chr(10).join(part for part in (over, due) if part))}"
    yield f"CATEGORIES:{one.clash.value}"
    yield f"STATUS:{'TENTATIVE' if one.provisional else 'CONFIRMED'}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _effective(one: Occurrence) -> Text:
    """The last working day, marked where the working days of that time are not published yet."""
    doubt = _PROVISIONAL if one.provisional else Text("", "")
    return Text(f"{one.effective_workday}{doubt.zh}", f"{one.effective_workday}{doubt.en}")


def _ladder(one: Occurrence, rulebase: RuleBase) -> Sequence[int]:
    rule = rulebase.nearest(Obligation, one.obligation, one.anchor)
    return rule.reminders.days_before if rule else ()


def _alarm(title: str, ahead: int) -> Iterator[str]:
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"TRIGGER:-P{ahead}D"
    yield f"DESCRIPTION:{escaped(title)}"
    yield "END:VALARM"


def _compact(on: date) -> str:
    return on.strftime("%Y%m%d")
