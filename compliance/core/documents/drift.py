"""Drift: whether a document in force still says what would be drawn up today, and if not, why.

Compared are the template (of what is kept current: it has a review cycle, and its time runs; a record keeps the look it
had), the wording of the rule, the factors and the data, each as of the document's own time: what says how the plant is
set up while that time runs (master data know no time: afterwards not at all), records as of the day of the draft (a row
that was corrected or entered late counts, a later one does not), and what was true at one moment not at all. What was
found follows from what is stored, so it leaves no leaf; it is found anew when rows were written that the document reads
(or the log does not tell), rules or template are others, or a day has come that wakes the plant, as long as the
document's time runs (docs/design/0011-quiet-days.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import ClassVar, Protocol, cast

from compliance.core.cases import CaseKey, CaseWork, Wish
from compliance.core.controlled import DOCUMENT, DRAFT, DocumentAtHand, DocumentVersion
from compliance.core.documents.basis import Basis, BasisReads, factors_used
from compliance.core.documents.desk import Desk
from compliance.core.documents.differing import Difference, as_kept, differences
from compliance.core.documents.leaning import Touched, kept_current, not_told, over_on, tables_of
from compliance.core.documents.naming import Naming
from compliance.core.documents.plan import asked_for
from compliance.core.documents.rewording import factor_reasons, wording_reasons
from compliance.core.documents.sets import Asked, SetReads, Shelf, Speaks, gathered, kinds_of, last_day
from compliance.core.documents.tracing import Trace, TraceReads, traced
from compliance.core.documents.values import Context, Value
from compliance.core.duties import Person
from compliance.core.figures.showing import LARGE
from compliance.core.model import PersonPeriod, Row
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.core.resting import Outlook
from compliance.kernel.canonical import digest
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Rule

#: What a reason is about.
TEMPLATE, RULE, FACTOR, DATA = "template", "rule", "factor", "data"
#: How many reasons are kept of one document; the last one then says how many more there are.
MOST_REASONS = 60
#: How long the note of a revision made of reasons is at most, in characters.
_NOTE = 900


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is not as it was: what it is about, its name, and a sentence."""

    kind: str
    what: str
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What comparing a version in force came to: no reasons, not stale. ``since``: the day on which it was first so.

    ``version``, ``ruleset``, ``template`` and ``day``: the state of things that it was compared with.
    """

    number: str
    place: int
    version: int
    ruleset: str
    template: str
    day: date
    since: date | None = None
    reasons: tuple[Reason, ...] = ()

    @property
    def stale(self) -> bool:
        """Whether the version is not what would be drawn up now."""
        return bool(self.reasons)


class NotStale(Refused):
    """Nothing has changed that a next version would say."""

    code = "not-stale"
    text: ClassVar[Text] = Text(
        zh="{name} 与现行模板、规则、因子和数据一致，无须据此修订",
        en="{name} agrees with the template, rule, factors and data of today: no version is drafted for their sake",
    )


class Snapshots(Protocol):
    """Rule bases that were in use."""

    def __call__(self, digest: str) -> RuleBase | None:
        """The one of a digest; None if it is gone."""
        ...

    def every(self) -> Iterator[RuleBase]:
        """Every one that is still there, the latest first."""
        ...


class DriftReads(SetReads, BasisReads, TraceReads, Protocol):
    """What comparing asks of a look."""

    def held(self, plant: Plant) -> Sequence[DocumentAtHand]:
        """Every issued version that has not ended, with its document and no other version, by number and place."""
        ...

    def drift(self, plant: Plant, number: str) -> Drift | None:
        """What comparing one document came to last."""
        ...

    def drifts(self, plant: Plant) -> Mapping[str, Drift]:
        """What comparing came to last, by the numbers of documents."""
        ...

    def gathered(self, plant: Plant, kinds: Sequence[type[Row]]) -> Tables:
        """Rows of several small sheets by one statement."""
        ...

    def outlook(self, plant: Plant) -> Outlook | None:
        """Until when the last pulse's conclusions stand."""
        ...


class DriftWork(CaseWork, Protocol):
    """What comparing leaves."""

    def keep_drifts(self, plant: Plant, found: Sequence[Drift]) -> None:
        """Keep what comparing came to, of these documents alone; it follows from what is stored and leaves no leaf."""
        ...


@dataclass(frozen=True)
class Watch:
    """Compares documents in force with what would be drawn up now."""

    desk: Desk
    snapshots: Snapshots
    touched: Touched = not_told

    def kept(self, plant: Plant, number: str) -> Drift | None:
        """What comparing came to last."""
        with self.desk.register.read() as reads:
            return _own(reads).drift(plant, number)

    def check(self, plant: Plant, number: str | None = None) -> Sequence[Drift]:
        """Compare what has to be compared again, and keep what was found; all of it, in the order of numbers.

        ``number``: this document alone, and surely.
        """
        with self.desk.register.read() as given:
            reads = _own(given)
            known = reads.drifts(plant)
            today = self.desk.casework.today()
            # What waits for its day is not compared: until then the one before it holds.
            held = {a.number: a for a in reads.held(plant) if not a.version.waits(today)}
            held = held if number is None else {n: a for n, a in held.items() if n == number}
            asked, fresh = self._due(reads, plant, list(held.values()), known, surely=number is not None)
            fresh += self._compared(reads, plant, asked, known) if asked else ()
        if fresh:
            with self.desk.register.work() as work:
                cast("DriftWork", work).keep_drifts(plant, fresh)
        found = {n: one for n, one in known.items() if n in held}
        found |= {one.number: one for one in fresh}
        return [found[n] for n in sorted(found)]

    def draft_next(self, plant: Plant, person: Person, number: str) -> DocumentVersion:
        """Open the next version of a stale document, with the reasons as its note, and draft it with today's data."""
        found = next(iter(self.check(plant, number)), None)
        if found is None or not found.stale:
            raise NotStale(name=number)
        with self.desk.register.read() as reads:
            about = self.desk.find(reads, plant, number)
        current = about.holding(self.desk.casework.today()) or about.version
        wish = Wish(CaseKey(DOCUMENT, current.object_id), _REVISE, {"reason": note_of(found.reasons)})
        self.desk.take(plant, person, wish, signed=False)
        with self.desk.register.read() as reads:
            now = self.desk.casework.person(reads, plant, person) or person
        return self.desk.draft(plant, number, now.actor())

    def fresh_data(self, plant: Plant, about: DocumentAtHand) -> tuple[Difference, ...]:
        """What a draft would say otherwise if its data were drawn anew today; what authors wrote is no part of it."""
        version = about.version
        if version.data is None or version.state != DRAFT:
            return ()
        rule = self.desk.rule(about.document.rule)
        kinds: list[type[Row]] = list(dict.fromkeys([PersonPeriod, *kinds_of(rule)]))
        with self.desk.register.read() as given:
            reads = _own(given)
            large = [kind for kind in kinds if kind in LARGE]
            small = [kind for kind in kinds if kind not in LARGE]
            shelf = Shelf({**reads.gathered(plant, small), **reads.tables(plant, large)})
            asked = self.desk.asked(reads, plant, about.document.about, rule, about, shelf=shelf)
            now = gathered(rule, asked)
        read = self.desk.renderer.inspect(self.desk.read(version.template))
        shown = frozenset(name for nodes in read.parts.values() for name in asked_for(nodes))
        found = differences(self.desk.data(version.data), as_kept(now), Naming(rule, asked.rulebase))
        return tuple(one for one in found if one.among(shown))

    def _due(
        self,
        reads: DriftReads,
        plant: Plant,
        held: Sequence[DocumentAtHand],
        known: Mapping[str, Drift],
        *,
        surely: bool,
    ) -> tuple[Sequence[DocumentAtHand], list[Drift]]:
        """What has to be compared again; and what was found before and holds of the log as it is now."""
        if surely or not held:
            return held, []
        version, ruleset, today = reads.version(plant), self.desk.casework.rulebase.digest, self.desk.casework.today()
        outlook = reads.outlook(plant)
        rests = outlook is not None and outlook.version == version and today < outlook.wakes_on
        now, touched = self._templates(reads, plant), cache(lambda since: self.touched(plant, since, version))

        def same(about: DocumentAtHand, one: Drift | None) -> bool:
            if one is None or (one.place, one.ruleset) != (about.version.place, ruleset) or one.template != now(about):
                return False
            # What speaks of a time that was over when it was compared changes by what is written alone.
            steady = one.day == today or over_on(about, one.day)
            if one.version == version:
                return steady or rests
            tables = touched(one.version) if steady else None
            return tables is not None and tables_of(self.desk.rule(about.document.rule)).isdisjoint(tables)

        kept = {about.number: one for about in held if same(about, one := known.get(about.number)) and one is not None}
        moved = [replace(one, version=version) for one in kept.values() if one.version != version]
        return [about for about in held if about.number not in kept], moved

    def _compared(
        self, reads: DriftReads, plant: Plant, held: Sequence[DocumentAtHand], known: Mapping[str, Drift]
    ) -> Iterator[Drift]:
        rulebase, today = self.desk.casework.rulebase, self.desk.casework.today()
        rules = [self.desk.rule(about.document.rule) for about in held]
        kinds: list[type[Row]] = [PersonPeriod, *(kind for rule in rules for kind in kinds_of(rule))]
        shelf, version = Shelf(reads.tables(plant, list(dict.fromkeys(kinds)))), reads.version(plant)
        templates = self._templates(reads, plant)
        for about in held:
            template = templates(about)
            reasons = tuple(_Comparing(self, reads, plant, about, shelf, template).reasons())
            last = known.get(about.number)
            since = last.since if last and last.stale and last.place == about.version.place else today
            yield Drift(
                number=about.number,
                place=about.version.place,
                version=version,
                ruleset=rulebase.digest,
                template=template,
                day=today,
                since=since if reasons else None,
                reasons=_cut(reasons),
            )

    def _templates(self, reads: DriftReads, plant: Plant) -> Callable[[DocumentAtHand], str]:
        """The digest of the template that a draft of today would be made with; empty for what it does not matter to."""
        today, own = self.desk.casework.today(), reads.templates_in_use(plant)
        digests: dict[str, str] = {}

        def now(about: DocumentAtHand) -> str:
            rule = self.desk.rule(about.document.rule)
            if not kept_current(rule, about, today):
                return ""
            if rule.id not in digests:
                digests[rule.id] = own.get(rule.id) or self._shipped(rule)
            return digests[rule.id]

        return now

    def _shipped(self, rule: Document) -> str:
        found = self.desk.template(rule.template)
        return digest(found) if found is not None else ""


@dataclass(frozen=True)
class _Comparing:
    """One version in force, and what it is compared with."""

    watch: Watch
    reads: DriftReads
    plant: Plant
    about: DocumentAtHand
    shelf: Shelf
    template: str

    def reasons(self) -> Iterator[Reason]:
        desk, version = self.watch.desk, self.about.version
        frozen = desk.data(version.issued_data)
        drawn = date.fromisoformat(_printed(frozen))
        basis = self.reads.basis(self.plant, version.number, version.place)
        rulebase, today = desk.casework.rulebase, desk.casework.today()
        # The plant's set-up counts while the document's time runs; what was on a record was over when it was drafted.
        over = last_day(self.about.document.kind, self.about.document.about)
        runs, standing = today <= over, min(today, max(drawn, over))
        rule = rulebase.nearest(Document, self.about.document.rule, standing)
        if rule is None:
            yield Reason(RULE, self.about.document.rule, _NO_RULE)
            return
        yield from self._template(rule)
        if rule.digest != version.rule_digest:
            old = self._worded(rule.id, version.rule_digest, basis)
            for text in wording_reasons(old, rule, rulebase, standing, template=bool(self.template)):
                yield Reason(RULE, rule.code or rule.id, text)
        now = self._asked(rule, standing)
        then = self._asked(rule, drawn)
        if basis is not None:
            used = {**factors_used(then, rule), **(factors_used(now, rule) if runs and "factors" in rule.data else {})}
            for code, text in factor_reasons(basis.factors, used):
                yield Reason(FACTOR, code, text)
        today_says: dict[str, Value] = {"report": {"company": self.plant.name}}
        today_says |= gathered(rule, then, Speaks.RECORDS)
        if runs:
            today_says |= gathered(rule, now, Speaks.STANDING)
        if basis is not None:
            today_says.pop("factors", None)  # they are compared one by one above
        yield from self._data(differences(frozen, as_kept(today_says), Naming(rule, rulebase)), basis)

    def _template(self, rule: Document) -> Iterator[Reason]:
        if self.template and self.template != self.about.version.template:
            name = rule.template
            yield Reason(
                TEMPLATE, name, Text(f"模板 {name} 已更换", f"the template {name} was replaced by another one")
            )

    def _data(self, found: Sequence[Difference], basis: Basis | None) -> Iterator[Reason]:
        if found:  # what the template does not show makes no document wrong
            asked = self._asked_for()
            found = [one for one in found if one.among(asked)]
        after = basis.version if basis else 0
        rows = {(d.table, d.key) for d in found if d.table}
        when = traced(self.reads, self.watch.desk.vault, self.plant, rows, after, self.watch.desk.zone)
        for one in found:
            yield Reason(DATA, one.path, _dated(one.text, when.get((one.table, one.key))))

    def _asked_for(self) -> frozenset[str]:
        """The names that the version's own template asks for."""
        read = self.watch.desk.renderer.inspect(self.watch.desk.read(self.about.version.template))
        return frozenset(name for nodes in read.parts.values() for name in asked_for(nodes))

    def _asked(self, rule: Document, day: date) -> Asked:
        about = self.about.document.about
        return self.watch.desk.asked(self.reads, self.plant, about, rule, self.about, day, self.shelf)

    def _worded(self, rule_id: str, wanted: str, basis: Basis | None) -> Document | None:
        """The wording under which the version was drawn up."""
        then = self.watch.snapshots(basis.ruleset) if basis else None
        bases: Callable[[], Iterator[RuleBase]] = (lambda: iter([then])) if then else self.watch.snapshots.every
        found: Rule | None = next((rule for base in bases() if (rule := base.worded(rule_id, wanted))), None)
        return found if isinstance(found, Document) else None


def note_of(reasons: Sequence[Reason]) -> str:
    """The reasons as the note of a revision: as many whole sentences as fit."""
    note = ""
    for n, reason in enumerate(reasons, 1):
        more = f"{n}. {reason.text.zh}；"
        if len(note) + len(more) > _NOTE:
            return note + _SO_MANY.fill(count=len(reasons)).zh
        note += more
    return note.rstrip("；")


def _cut(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    if len(reasons) <= MOST_REASONS:
        return reasons
    more = len(reasons) - MOST_REASONS
    return (*reasons[:MOST_REASONS], Reason(DATA, "", Text(f"另有 {more} 处不同", f"{more} more places differ")))


def _dated(text: Text, when: Trace | None) -> Text:
    if when is None:
        return text
    return Text(f"{text.zh}（{when.day} 由{when.name}登记）", f"{text.en} (recorded on {when.day} by {when.name})")


def _printed(frozen: Context) -> str:
    report = frozen["report"]
    return str(report["printed"]) if isinstance(report, Mapping) else ""


def _own(reads: object) -> DriftReads:
    """The look as comparing needs it: the register's looks are all of one kind."""
    return cast("DriftReads", reads)


_REVISE = "revise"
_SO_MANY = Text("等 {count} 项", "and more: {count} in all")
_NO_RULE = Text("使用中的规则库不再有此文件的规则", "the rule base in use has no rule of this document any more")
