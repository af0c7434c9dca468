"""Which rules meet which statement of the source document, and what is met by none.

A requirement is met by every rule in force that names its code in ``source.requirements``, by a document's section
that names it, by the model of the plant itself (``holds``), or, where it says that it is organisational, by a question
of the internal audit alone (``asks``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.kernel.text import Text
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import Document, Requirement, Rule, Strength

#: What meets a requirement without a rule of its own.
MODEL, QUESTION, SECTION = "model", "audit-question", "document-section"
#: Annexes come after every chapter.
_AFTER = 1_000


@dataclass(frozen=True, slots=True)
class MetBy:
    """Something that meets a requirement: the kind of rule and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Covered:
    """A requirement with everything that meets it."""

    requirement: Requirement
    met_by: tuple[MetBy, ...]

    @property
    def gap(self) -> bool:
        """Whether nothing meets it: a question alone does only where the requirement says so."""
        return not self._kinds and not self.organisational

    @property
    def organisational(self) -> bool:
        """Whether the internal audit alone judges it."""
        return self.requirement.organisational and not self._kinds

    @property
    def _kinds(self) -> set[str]:
        return {m.kind for m in self.met_by} - {QUESTION}

    @property
    def question(self) -> Text:
        """What an auditor asks: the requirement's own question, else one made of its title."""
        title = self.requirement.title
        return self.requirement.asks or Text(
            f"如何落实“{title.zh}”？查看记录。", f"How is this met: “{title.en}”? See the records."
        )


@dataclass(frozen=True, slots=True)
class Chapter:
    """How much of a chapter is met: counts by strength."""

    chapter: str
    strengths: Mapping[Strength, int]
    met: int
    gaps: int

    @property
    def total(self) -> int:
        """Requirements of the chapter."""
        return sum(self.strengths.values())


def coverage(base: RuleBase, on: date, pack: str = "") -> tuple[Covered, ...]:
    """Every requirement of a standard in force on a day, in the order of the document; ``pack`` names another one."""
    meeting = _meeting(base, on)
    rows = (_covered(r, meeting) for r in base.in_force(Requirement, on) if r.pack == pack)
    return tuple(sorted(rows, key=lambda row: order(row.requirement.code)))


def by_chapter(rows: tuple[Covered, ...]) -> tuple[Chapter, ...]:
    """The counts of each chapter and annex."""
    groups: dict[str, list[Covered]] = defaultdict(list)
    for row in rows:
        groups[chapter_of(row.requirement.code)].append(row)
    return tuple(
        Chapter(
            name,
            Counter(row.requirement.source.strength for row in group),
            sum(not row.gap for row in group),
            sum(row.gap for row in group),
        )
        for name, group in groups.items()
    )


def chapter_of(code: str) -> str:
    """The chapter or annex of a code: ``R-4.2-a`` → ``4``, ``R-C.3-e1`` → ``C``; of a pack, ``EX-9.3`` → ``9``."""
    return _bare(code).split("-")[0].split(".")[0]


def order(code: str) -> tuple[tuple[tuple[int, str], ...], str, int]:
    """Sorts codes as the document runs: chapters as numbers, annexes after them, items in their order."""
    base, _dash, item = _bare(code).partition("-")
    parts = tuple((int(part), "") if part.isdigit() else (_AFTER, part) for part in base.split("."))
    letters = item.rstrip("0123456789")
    return parts, letters, int(item[len(letters) :] or 0)


def _bare(code: str) -> str:
    """A code without the letters before its first dash, which name the standard."""
    letters, _dash, rest = code.partition("-")
    return rest if letters.isalpha() else code


def _meeting(base: RuleBase, on: date) -> Mapping[str, tuple[MetBy, ...]]:
    found: dict[str, list[MetBy]] = defaultdict(list)
    for kind, rule in _rules(base, on):
        for code in rule.source.requirements:
            found[code].append(MetBy(kind, rule.id))
        if isinstance(rule, Document):
            for code, section in _sections(rule):
                found[code].append(MetBy(SECTION, f"{rule.id}/{section}"))
    return {code: tuple(dict.fromkeys(met)) for code, met in found.items()}


def _rules(base: RuleBase, on: date) -> Iterator[tuple[str, Rule]]:
    for kind, type_ in KINDS.items():
        if type_ is not Requirement:
            yield from ((kind, rule) for rule in base.in_force(type_, on))


def _sections(rule: Document) -> Iterator[tuple[str, str]]:
    for section in rule.sections:
        for code in section.requirements:
            yield code, section.id


def _covered(requirement: Requirement, meeting: Mapping[str, tuple[MetBy, ...]]) -> Covered:
    met = list(meeting.get(requirement.code, ()))
    if requirement.holds:
        met.append(MetBy(MODEL, requirement.code))
    if requirement.asks:
        met.append(MetBy(QUESTION, requirement.code))
    return Covered(requirement, tuple(met))
