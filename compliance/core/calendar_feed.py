"""Duties as an iCalendar text (RFC 5545): one all-day event an occurrence, with the alarms of its ladder.

The text follows from the register alone: the same state gives the same bytes. An event keeps its UID for good;
``SEQUENCE`` is the size of the plant's log, which only grows, so that a changed event always supersedes the old one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.plants import Plant
from compliance.kernel.text import Language, Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation

#: The longest line of the format, in octets without its end.
LINE = 75
_END = "\r\n"
_SHOWN = frozenset({OccurrenceState.UPCOMING, OccurrenceState.OPEN, OccurrenceState.OVERDUE})
_OTHER: Mapping[Language, Language] = {"zh": "en", "en": "zh"}
_NAME = Text("{plant} 碳管理义务", "Carbon duties of {plant}")
_LATE = Text("【已逾期】{title}", "[Overdue] {title}")
_DESCRIPTION = Text(
    "{title}\n对象：{subject}　所属期：{period}\n期限：{due}\n依据：{clause}\n推导：{derivation}",
    "{title}\nSubject: {subject}  Period: {period}\nDue: {due}\nClause: {clause}\nDerivation: {derivation}",
)


def feed_text(
    plant: Plant,
    occurrences: Iterable[Occurrence],
    rulebase: RuleBase,
    today: date,
    version: int,
    language: Language = "zh",
) -> str:
    """The calendar of what is still to do. ``version``: size of the plant's log; both languages are in each event."""
    shown = sorted((o for o in occurrences if o.state in _SHOWN), key=lambda o: (o.due, o.key))
    events = (line for one in shown for line in _event(plant, one, rulebase, today, version, language))
    head = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//compliance//carbon duties//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(_NAME.fill(plant=plant.name).in_(language))}",
    )
    return "".join(part + _END for line in (*head, *events, "END:VCALENDAR") for part in folded(line))


def uid_of(plant: Plant, one: Occurrence) -> str:
    """The lasting id of an occurrence's event."""
    return hashlib.sha256("\n".join((plant.key, *one.key)).encode()).hexdigest()[:32] + "@compliance"


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


def _event(
    plant: Plant, one: Occurrence, rulebase: RuleBase, today: date, version: int, language: Language
) -> Iterator[str]:
    title = Text(f"{one.title.zh}（{one.period}）", f"{one.title.en} ({one.period})")
    said = _DESCRIPTION.fill(
        title=one.title,
        subject=plant.name if one.subject == plant.key else one.subject,
        period=one.period,
        due=one.due,
        clause=one.clause,
        derivation=one.derivation,
    )
    late = one.state is OccurrenceState.OVERDUE
    yield "BEGIN:VEVENT"
    yield f"UID:{uid_of(plant, one)}"
    yield f"DTSTAMP:{_compact(today)}T000000Z"
    yield f"SEQUENCE:{version}"
    yield f"DTSTART;VALUE=DATE:{_compact(one.due)}"
    yield f"DTEND;VALUE=DATE:{_compact(one.due + timedelta(1))}"
    yield f"SUMMARY:{escaped((_LATE.fill(title=title) if late else title).in_(language))}"
    yield f"DESCRIPTION:{escaped((chr(10) * 2).join(said.in_(either) for either in (language, _OTHER[language])))}"
    yield f"CATEGORIES:{escaped(one.code)}"
    yield "TRANSP:TRANSPARENT"
    for ahead in _ladder(one, rulebase):
        yield from _alarm(title.in_(language), ahead)
    yield "END:VEVENT"


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
