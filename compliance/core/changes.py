"""What a day's judgement changes beside what is stored: occurrences, findings, the groups that need a ticket."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from compliance.core.cases import occurrence_key
from compliance.core.cases.things import past
from compliance.core.findings import Judged
from compliance.core.judged import OCCURRENCE, Found, Occurrence, StoredFinding
from compliance.core.plants import Plant
from compliance.core.ports import Reads
from compliance.kernel.canonical import digest_of


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


def changes_of(reads: Reads, plant: Plant, judged: Judged, day: date, final: frozenset[str]) -> Changes:
    """What a day's judgement changes beside what is stored.

    ``final``: the states of closed tickets; what is found anew never joins one of those.
    """
    put, gone = _moved(reads.occurrences_in_turn(plant), judged.occurrences)
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


def _moved(stored: Iterable[Occurrence], made: Sequence[Occurrence]) -> tuple[list[Occurrence], list[Occurrence]]:
    """What is to be stored anew, and what is stored but made no more; what is stored is never held all at once."""
    new = {o.key: o for o in made}
    gone: list[Occurrence] = []
    same: set[tuple[str, str, str]] = set()
    for old in stored:
        if old.key not in new:
            gone.append(old)
        elif _same(old, new[old.key]):
            same.add(old.key)
    return [o for o in made if o.key not in same], gone


def _same(stored: Occurrence, made: Occurrence) -> bool:
    """Whether an occurrence says the same as before; the rule base named stays the one that first made it so."""
    return replace(made, ruleset=stored.ruleset) == stored


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


def lines_of(changes: Changes) -> Iterable[Mapping[str, object]]:
    """Every value that changes, as the lines of a manifest."""
    for one in changes.occurrences:
        yield {"t": "occurrence", "k": list(one.key), "new": _told(one)}
    for one in changes.gone:
        yield {"t": "occurrence", "k": list(one.key), "old": digest_of(_told(one)), "new": None}
    for finding in changes.findings:
        yield {"t": "finding", "k": list(finding.found.key), "new": _told(finding)}


def _told(value: Any) -> object:  # noqa: ANN401 - whatever a record holds
    """A value with the members of records in it by name; ``asdict`` copies every day and number besides."""
    if isinstance(value, tuple):
        return [_told(one) for one in value]
    names = _names(type(value))  # type: ignore[arg-type] # a type is hashable
    return value if names is None else {name: _told(getattr(value, name)) for name in names}


@cache
def _names(kind: type[Any]) -> tuple[str, ...] | None:
    return tuple(member.name for member in fields(kind)) if is_dataclass(kind) else None
