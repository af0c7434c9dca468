"""The pulse: moves a plant's mark forward day by day and stores what judging concludes.

Judging happens outside the writing transaction; what it saw is compared again inside it, so that an import between the
two makes the day be judged anew. A second pulse on the same data writes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from io import BytesIO
from typing import ClassVar

from compliance.core.acts import PULSE, Act, Actor, ObjectRef
from compliance.core.cases import occurrence_key, workflow_of
from compliance.core.cases.things import past
from compliance.core.findings import Judged
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Found, Nonconformity, Occurrence, StoredFinding
from compliance.core.judgement import Engine
from compliance.core.looking import Accepted, judge_as_of
from compliance.core.notices import PulseRegister, new_notices
from compliance.core.plants import Plant
from compliance.core.ports import Progress, Reads, Tables, Vault, Work
from compliance.kernel.canonical import canonical, digest_of
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase

#: How far ahead occurrences are stored, so that calendars and lists show what comes.
AHEAD = timedelta(days=400)
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


@dataclass(frozen=True, slots=True)
class Changes:
    """What a day changes in the register. ``left``: those of the occurrences that no rule makes and somebody worked."""

    occurrences: tuple[Occurrence, ...]
    left: tuple[Occurrence, ...]
    gone: tuple[Occurrence, ...]
    findings: tuple[StoredFinding, ...]
    opened: int
    closed: int
    new_tickets: Mapping[str, Found]
    groups: frozenset[tuple[str, str]]

    @property
    def any(self) -> bool:
        """Whether anything changes."""
        return bool(self.occurrences or self.gone or self.findings)


@dataclass(frozen=True)
class Pulse:
    """Everything a pulse works with."""

    register: PulseRegister
    vault: Vault
    rulebase: RuleBase
    engines: Sequence[Engine]
    actor: Actor = PULSE

    def reconcile(self, plant: Plant, today: date, progress: Progress | None = None) -> Reconciled:
        """Move the plant's mark to ``today``, one day after the other; missed days are caught up."""
        days = _days(plant.mark, today)
        if not days:
            return Reconciled(None, today, 0, 0, 0, 0)
        opened = closed = tickets = statements = 0
        for index, day in enumerate(days):
            done = self._day(plant, day, last=day == days[-1])
            opened, closed = opened + done.opened, closed + done.closed
            tickets, statements = tickets + done.tickets, statements + done.statements
            if progress is not None:
                progress(index + 1, len(days), day.isoformat())
        return Reconciled(days[0], days[-1], opened, closed, tickets, statements)

    def _day(self, plant: Plant, day: date, *, last: bool) -> Reconciled:
        for _ in range(_TRIES):
            with self.register.read() as reads:
                seen = _see(reads, plant)
                asked = reads.statements()
            judged = judge_as_of(seen.plant, seen.tables, self.rulebase, self.engines, day, day + AHEAD, seen.accepted)
            done = self._store(seen, judged, day, asked, tell=last)
            if done is not None:
                return done
        raise StillChanging

    def _store(self, seen: _Seen, judged: Judged, day: date, asked: int, *, tell: bool) -> Reconciled | None:
        """Write the day's conclusions; None if the plant's data have changed since they were read.

        Of days that are caught up only the last one tells people: what it tells covers the days before.
        """
        workflow = workflow_of(self.rulebase, NONCONFORMITY, day)
        with self.register.read() as reads:
            if reads.version(seen.plant) != seen.version:
                return None
            changes = changes_of(reads, seen.plant, judged, day, workflow.finals)
            news = new_notices(reads, seen.plant, seen.tables, judged, self.rulebase, day) if tell else ()
            asked += reads.statements()
        if not changes.any and not news and seen.plant.mark == day:
            return Reconciled(day, day, 0, 0, 0, asked)
        manifest = self._manifest(changes) if changes.any else None
        with self.register.work() as work:
            if work.version(seen.plant) != seen.version:
                return None
            tickets = _write(work, seen.plant, changes, day, workflow.start)
            told = work.add_notices(seen.plant, news, day) if news else 0
            work.update_plant(replace(seen.plant, mark=day))
            work.record(
                self._act(seen.plant, changes, {"nonconformities": tickets, "notices": told}, day, manifest), seen.plant
            )
            asked += work.statements()
        return Reconciled(day, day, changes.opened, changes.closed, tickets, asked)

    def _manifest(self, changes: Changes) -> ObjectRef:
        """Every stored value of the day, as canonical JSON lines in the vault."""
        lines = b"\n".join(canonical(line) for line in _lines(changes))
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


def _see(reads: Reads, plant: Plant) -> _Seen:
    version = reads.version(plant)
    current = reads.plant(plant.key) or plant
    return _Seen(version, current, reads.tables(current), reads.accepted(current, OCCURRENCE))


def changes_of(reads: Reads, plant: Plant, judged: Judged, day: date, final: frozenset[str]) -> Changes:
    """What a day's judgement changes beside what is stored.

    ``final``: the states of closed tickets; what is found anew never joins one of those.
    """
    put, gone = _moved(reads.occurrences(plant), judged.occurrences)
    gone, left = _worked(reads, plant, gone)
    stored = {f.found.key: f for f in reads.findings(plant)}
    kept = reads.nonconformities(plant)
    tickets = {(n.rule, n.first_group): n.number for n in kept if n.state not in final}
    found = {f.key: f for f in judged.findings}
    fresh = [f for f in judged.findings if f.key not in stored or stored[f.key].withdrawn is not None]
    ceased = [s for key, s in stored.items() if s.withdrawn is None and key not in found]
    findings = [_stored(f, stored.get(f.key), tickets, day) for f in judged.findings if _differs(stored.get(f.key), f)]
    return Changes(
        (*put, *left),
        tuple(left),
        tuple(gone),
        (*findings, *(replace(s, withdrawn=day) for s in ceased)),
        len(fresh),
        len(ceased),
        _unticketed(fresh, tickets),
        frozenset((n.rule, n.group) for n in kept),
    )


def _moved(stored: Sequence[Occurrence], made: Sequence[Occurrence]) -> tuple[list[Occurrence], list[Occurrence]]:
    old = {o.key: o for o in stored}
    new = {o.key: o for o in made}
    return [o for o in made if not _same(old.get(o.key), o)], [o for o in stored if o.key not in new]


def _same(stored: Occurrence | None, made: Occurrence) -> bool:
    """Whether an occurrence says the same as before; the rule base named stays the one that first made it so."""
    return stored is not None and replace(made, ruleset=stored.ruleset) == stored


def _worked(reads: Reads, plant: Plant, gone: Sequence[Occurrence]) -> tuple[list[Occurrence], list[Occurrence]]:
    """What no rule makes any more: what nobody worked goes; what was worked stays as its case left it."""
    rows = {row.key: row for row in reads.case_rows(plant, OCCURRENCE)} if gone else {}
    removed = [o for o in gone if occurrence_key(o) not in rows]
    kept = [(o, past(o, rows[occurrence_key(o)])) for o in gone if occurrence_key(o) in rows]
    return removed, [new for old, new in kept if new != old]


def _differs(stored: StoredFinding | None, found: Found) -> bool:
    """Whether a finding must be stored anew.

    Its facts stay those that first made it (they age by the day), and so does the rule base named.
    """
    if stored is None or stored.withdrawn is not None:
        return True
    return replace(found, facts=stored.found.facts, ruleset=stored.found.ruleset) != stored.found


def _stored(
    found: Found, before: StoredFinding | None, tickets: Mapping[tuple[str, str], str], day: date
) -> StoredFinding:
    again = before is None or before.withdrawn is not None
    return StoredFinding(
        id=before.id if before else 0,
        found=found,
        first_seen=day if before is None or again else before.first_seen,
        withdrawn=None,
        nonconformity=tickets.get((found.rule, found.ticket), "") if before is None or again else before.nonconformity,
    )


def _unticketed(found: Iterable[Found], tickets: Mapping[tuple[str, str], str]) -> dict[str, Found]:
    """The first finding of every group that has no open nonconformity."""
    new: dict[str, Found] = {}
    for one in found:
        if (one.rule, one.ticket) not in tickets:
            new.setdefault(one.ticket, one)
    return new


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


def _lines(changes: Changes) -> Iterable[Mapping[str, object]]:
    for one in changes.occurrences:
        yield {"t": "occurrence", "k": list(one.key), "new": asdict(one)}
    for one in changes.gone:
        yield {"t": "occurrence", "k": list(one.key), "old": digest_of(asdict(one)), "new": None}
    for finding in changes.findings:
        yield {"t": "finding", "k": list(finding.found.key), "new": asdict(finding)}
