"""The pulse: moves a plant's mark forward day by day and stores what judging concludes.

Judging happens outside the writing transaction; what it saw is compared again inside it, so that an import between the
two makes the day be judged anew. A second pulse on the same data writes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import ClassVar

from compliance.core.acts import PULSE, Act, Actor, ObjectRef
from compliance.core.cases import occurrence_key, workflow_of
from compliance.core.changes import Changes, changes_of, lines_of
from compliance.core.facts.documents import documents_asked
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Found, Nonconformity, Occurrence
from compliance.core.judgement import Engine
from compliance.core.looking import Accepted, judge_as_of
from compliance.core.model import AskedVersion, PersonPeriod
from compliance.core.notices import News, Notice, PulseReads, PulseRegister, PulseWork, news_of
from compliance.core.plants import Plant
from compliance.core.ports import Progress, Reads, Tables, Vault, Work
from compliance.core.resting import Outlook, moved, stored_until
from compliance.core.waking import LONGEST, wakes_on
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import CannotDecide
from compliance.kernel.program import program_digest
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation

_TRIES = 3
_BY_RULE = "rule"


class StillChanging(CannotDecide):
    """The plant's data changed during every attempt to judge it."""

    code = "still-changing"
    text: ClassVar[Text] = Text(
        zh="对账期间数据一直在变，未写入任何结论；请稍后再试",
        en="The data kept changing while they were judged; nothing was stored. Try again later",
    )


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a pulse did. ``start`` is None where the day lies before the mark: then nothing was done.

    ``opened``/``closed``: findings newly concluded and findings that ceased to hold; ``tickets``: nonconformities
    opened.
    """

    start: date | None
    end: date
    opened: int
    closed: int
    tickets: int
    statements: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the register held when judging began. ``version`` is the size of the plant's log."""

    version: int
    plant: Plant
    tables: Tables
    accepted: Accepted
    asked: Sequence[AskedVersion]


@dataclass(frozen=True, slots=True)
class _Day:
    """What a day brings: changes, what is to be told, what the next pulse may rest on (None: what it rests on now)."""

    version: int
    plant: Plant
    changes: Changes
    news: tuple[Notice, ...]
    outlook: Outlook
    known: Outlook | None

    def outlook_then(self, *, written: bool) -> Outlook:
        """The outlook once the day is stored; a leaf makes the log longer by one."""
        return replace(self.outlook, version=self.version + written)


@dataclass(frozen=True)
class Pulse:
    """Everything a pulse works with."""

    register: PulseRegister
    vault: Vault
    rulebase: RuleBase
    engines: Sequence[Engine]
    actor: Actor = PULSE

    def reconcile(
        self, plant: Plant, today: date, progress: Progress | None = None, *, full: bool = False
    ) -> Reconciled:
        """Move the plant's mark to ``today``, one day after the other; missed days are caught up.

        A day on which nothing wakes is not judged again, unless it is asked for (``full``).
        """
        days = _days(plant.mark, today)
        if not days:
            return Reconciled(None, today, 0, 0, 0, 0)
        opened = closed = tickets = statements = 0
        for index, day in enumerate(days):
            done = self._day(plant, day, last=day == days[-1], full=full)
            opened, closed = opened + done.opened, closed + done.closed
            tickets, statements = tickets + done.tickets, statements + done.statements
            if progress is not None:
                progress(index + 1, len(days), day.isoformat())
        return Reconciled(days[0], days[-1], opened, closed, tickets, statements)

    def _day(self, plant: Plant, day: date, *, last: bool, full: bool) -> Reconciled:
        """One day. Of days that are caught up only the last one tells people: what it tells covers the days before."""
        for _ in range(_TRIES):
            with self.register.read() as reads:
                brought = None if full else self._rest(reads, plant, day, tell=last)
                seen = None if brought else _see(reads, plant, self.rulebase)
                asked = reads.statements()
            if seen is not None:
                brought, more = self._judge(seen, day, tell=last)
                asked += more
            done = self._store(brought, day, asked) if brought else None
            if done is not None:
                return done
        raise StillChanging

    def _rest(self, reads: PulseReads, plant: Plant, day: date, *, tell: bool) -> _Day | None:
        """The day, had without judging; None where it must be judged."""
        kept = reads.at_rest(plant)
        if kept is None or not kept.outlook.stands(kept.version, self.rulebase.digest, program_digest(), day):
            return None
        current, known = kept.plant, kept.outlook
        put = moved(reads, current, self.rulebase, day) if current.mark == known.day else None
        if put is None:
            return None
        news, outlook = News(), replace(known, day=day)
        if tell and known.tells(day):
            news = _news_at_rest(reads, current, put, self.rulebase, day)
            outlook = replace(outlook, told=day, tells_on=news.again)
        changes = Changes(put, (), (), (), 0, 0, {}, frozenset())
        return _Day(kept.version, current, changes, news.notices, outlook, known)

    def _judge(self, seen: _Seen, day: date, *, tell: bool) -> tuple[_Day | None, int]:
        """The day, judged in full; None if the plant's data have changed since they were read. Statements asked."""
        plant, until = seen.plant, stored_until(day)
        judged = judge_as_of(plant, seen.tables, self.rulebase, self.engines, day, until, seen.accepted, seen.asked)
        workflow = workflow_of(self.rulebase, NONCONFORMITY, day)
        wakes = wakes_on(plant, seen.tables, seen.accepted, judged.ground, self.rulebase, until)
        with self.register.read() as reads:
            if reads.version(plant) != seen.version:
                return None, reads.statements()
            changes = changes_of(reads, plant, judged, day, workflow.finals)
            people, news = seen.tables[PersonPeriod], News()
            if tell:
                news = news_of(reads, plant, people, judged.occurrences, self.rulebase, day)
            outlook = Outlook(
                version=seen.version,
                ruleset=self.rulebase.digest,
                program=program_digest(),
                day=day,
                wakes_on=wakes,
                told=day if tell else None,
                tells_on=news.again,
            )
            return _Day(seen.version, plant, changes, news.notices, outlook, reads.outlook(plant)), reads.statements()

    def _store(self, brought: _Day, day: date, asked: int) -> Reconciled | None:
        """Write the day's conclusions; None if the plant's data have changed since they were read."""
        plant, changes = brought.plant, brought.changes
        acted = changes.any or bool(brought.news) or plant.mark != day
        outlook = brought.outlook_then(written=acted)
        if not acted and outlook == brought.known:
            return Reconciled(day, day, 0, 0, 0, asked)
        manifest = self._manifest(changes) if changes.any else None
        with self.register.work() as work:
            if work.version(plant) != brought.version:
                return None
            tickets = self._act_of(work, brought, day, manifest) if acted else 0
            work.keep_outlook(plant, outlook)
            asked += work.statements()
        return Reconciled(day, day, changes.opened, changes.closed, tickets, asked)

    def _act_of(self, work: PulseWork, brought: _Day, day: date, manifest: ObjectRef | None) -> int:
        """Write the changes and their leaf; how many nonconformities were opened."""
        plant, changes = brought.plant, brought.changes
        tickets = _write(work, plant, changes, day, workflow_of(self.rulebase, NONCONFORMITY, day).start)
        told = work.add_notices(plant, brought.news, day) if brought.news else 0
        work.update_plant(replace(plant, mark=day))
        work.record(self._act(plant, changes, {"nonconformities": tickets, "notices": told}, day, manifest), plant)
        return tickets

    def _manifest(self, changes: Changes) -> ObjectRef:
        """Every stored value of the day, as canonical JSON lines in the vault."""
        lines = b"\n".join(canonical(line) for line in lines_of(changes))
        return self.vault.put(BytesIO(lines + b"\n"), name="reconcile.jsonl", media_type="application/jsonl")

    def _act(
        self, plant: Plant, changes: Changes, made: Mapping[str, int], day: date, manifest: ObjectRef | None
    ) -> Act:
        counts = {
            "occurrences": len(changes.occurrences),
            "occurrences_removed": len(changes.gone),
            "findings_opened": changes.opened,
            "findings_closed": changes.closed,
            **made,
        }
        return Act(
            actor=self.actor,
            action="plant:reconcile",
            object_type="plant",
            object_id=plant.key,
            changes=(
                {"f": "mark", "old": plant.mark.isoformat() if plant.mark else None, "new": day.isoformat()},
                *({"f": name, "old": None, "new": str(count)} for name, count in counts.items() if count),
            ),
            objects=(manifest,) if manifest else (),
            rule={"ruleset": self.rulebase.digest},
        )


def _days(mark: date | None, today: date) -> list[date]:
    if mark is None or mark == today:
        return [today]
    return [mark + timedelta(days=n) for n in range(1, (today - mark).days + 1)]


def _news_at_rest(reads: PulseReads, plant: Plant, put: Sequence[Occurrence], rulebase: RuleBase, day: date) -> News:
    """What is to be told on a quiet day: the duties whose ladders reach it are read from the register."""
    longest = max((n for rule in rulebase.of(Obligation) for n in rule.reminders.days_before), default=0)
    moved_now = {one.key: one for one in put}
    due = [moved_now.get(one.key, one) for one in reads.to_do(plant, day + LONGEST + timedelta(longest))]
    flows = workflow_of(rulebase, OCCURRENCE, day)
    finals = {OCCURRENCE: [state.id for state in flows.states if state.final]}
    cases = {case.key for case in reads.open_cases(plant, finals) if case.key.kind == OCCURRENCE}
    if not cases <= {occurrence_key(one) for one in due}:
        due = [moved_now.get(one.key, one) for one in reads.occurrences(plant)]
    people = reads.tables(plant, [PersonPeriod])[PersonPeriod]
    return news_of(reads, plant, people, due, rulebase, day)


def _see(reads: Reads, plant: Plant, rulebase: RuleBase) -> _Seen:
    version = reads.version(plant)
    current = reads.plant(plant.key) or plant
    accepted, asked = reads.accepted_and_asked(current, OCCURRENCE, documents_asked(rulebase))
    return _Seen(version, current, reads.tables(current), accepted, asked)


def _write(work: Work, plant: Plant, changes: Changes, day: date, state: str) -> int:
    """Store the day's changes; how many nonconformities were opened."""
    numbers = _open_tickets(work, plant, changes, day, state)
    findings = [replace(f, nonconformity=f.nonconformity or numbers.get(f.found.ticket, "")) for f in changes.findings]
    work.save_occurrences(plant, changes.occurrences, changes.gone)
    work.save_findings(plant, findings)
    return len(numbers)


def _open_tickets(work: Work, plant: Plant, changes: Changes, day: date, state: str) -> dict[str, str]:
    """Open a nonconformity for every group that needs one; their numbers by group."""
    new = changes.new_tickets
    if not new:
        return {}
    series = work.next_numbers(plant, f"nonconformity/{day.year}", len(new))
    opened = [
        _nonconformity(f, f"NC-{day.year}-{n:04d}", day, state, changes.groups)
        for n, f in zip(series, new.values(), strict=True)
    ]
    work.save_nonconformities(plant, opened)
    return {n.first_group: n.number for n in opened}


def _nonconformity(
    found: Found, number: str, day: date, state: str, groups: frozenset[tuple[str, str]]
) -> Nonconformity:
    """A ticket of a group; one that follows a closed ticket of the same group carries its own number in its group."""
    again = (found.rule, found.ticket) in groups
    return Nonconformity(
        number=number,
        rule=found.rule,
        group=f"{found.ticket}#{number}" if again else found.ticket,
        title=found.title,
        category=found.category,
        grade=found.grade,
        state=state,
        opened=day,
        origin=_BY_RULE,
    )
