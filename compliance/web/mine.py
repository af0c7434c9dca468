"""What waits for the person at the browser: handed back, to do, and to lead on; decided for the rows that were read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.core.cases import NONCONFORMITY, OCCURRENCE, CaseKey, thing_of
from compliance.core.controlled import DOCUMENT, ISSUED, REVISING, DocumentAtHand
from compliance.core.duties import Allowed, Person, could_take
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.lists import OccurrenceRow
from compliance.core.model import PersonPeriod
from compliance.core.waiting import CaseAtHand
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, next_steps
from compliance.rulebase.schema import CaseStep
from compliance.web import access
from compliance.web.addresses import url_for
from compliance.web.book import book
from compliance.web.cases import Known, acting


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case with the steps that the person may take now."""

    title: Text
    number: str
    address: str
    kind: str
    state: str
    due: date | None
    since: date | None
    grade: str
    steps: tuple[CaseStep, ...]


@dataclass(frozen=True, slots=True)
class Mine:
    """The person's own buckets. ``signing``: to check, approve, verify or sign; ``tickets``: other nonconformities.

    A bucket holds one row more than is shown where there are more. ``person``: who acts.
    """

    person: Person

    returned: Sequence[Waiting]
    actions: Sequence[Waiting]
    signing: Sequence[Waiting]
    tickets: Sequence[Waiting]
    duties: Sequence[OccurrenceRow]
    periods: Sequence[PersonPeriod]


def mine(stretches: Sequence[tuple[date, date]], shown: int) -> Mine:
    """What waits for the person in the page's plant, and the first duties of each stretch of days: two statements."""
    lists, plant, user = access.services().lists, access.card().plant, access.person()
    found = lists.at_hand(plant, user.person or f"login:{user.login}", _states())
    keys = [_parts(c.object_id) for c in found.cases if c.kind == OCCURRENCE]
    rows = lists.duties(plant, stretches, shown + 1, keys)
    person = acting(found.periods)
    picking = _Picking(found.cases, {"/".join(row.occurrence.key): row for row in rows}, person, shown + 1)
    returned = picking.those(lambda c: _came_back(c, person), lambda c, w: _handed_back(c, w, person))
    actions = picking.those(lambda c: c.owner == person.account, lambda _c, _w: True)
    signing = picking.those(_may_be_signed, _to_sign)
    tickets = picking.those(lambda c: c.kind == NONCONFORMITY, lambda c, w: bool(w.steps) and not _to_sign(c, w))
    return Mine(person, returned, actions, signing, tickets, rows, found.periods)


def _states() -> dict[str, tuple[str, ...]]:
    """The states in which cases wait for somebody."""
    found = {}
    for kind in (OCCURRENCE, NONCONFORMITY, DOCUMENT):
        workflow = book().workflow(kind)
        if workflow is None:
            continue
        # An occurrence that nobody has handed anything in for waits with the duties, by its due day.
        without = workflow.finals | ({workflow.start} if kind == OCCURRENCE else set())
        # A document in force waits for nobody.
        without |= {ISSUED, REVISING} if kind == DOCUMENT else set()
        found[kind] = tuple(s.id for s in workflow.states if s.id not in without)
    return found


class _Picking:
    """Sorts cases into buckets: each stands in the first that takes it; none is judged that no bucket needs."""

    def __init__(
        self, cases: Sequence[CaseAtHand], by_key: Mapping[str, OccurrenceRow], person: Person, most: int
    ) -> None:
        self._cases, self._by_key, self._person, self._most = cases, by_key, person, most
        self._judged: dict[tuple[str, str], Waiting | None] = {}
        self._placed: set[tuple[str, str]] = set()

    def those(
        self, likely: Callable[[CaseAtHand], bool], fits: Callable[[CaseAtHand, Waiting], bool]
    ) -> Sequence[Waiting]:
        """The first cases that fit; only those that are likely to are judged."""
        found: list[Waiting] = []
        for case in self._cases:
            key = (case.kind, case.object_id)
            if key in self._placed or not likely(case):
                continue
            waiting = self._judge(key, case)
            if waiting is not None and fits(case, waiting):
                self._placed.add(key)
                found.append(waiting)
                if len(found) == self._most:
                    break
        return found

    def _judge(self, key: tuple[str, str], case: CaseAtHand) -> Waiting | None:
        if key not in self._judged:
            self._judged[key] = _waiting(case, self._by_key, self._person)
        return self._judged[key]


def _may_be_signed(case: CaseAtHand) -> bool:
    workflow = book().workflow(case.kind)
    return case.kind == OCCURRENCE or (
        workflow is not None and any(step.sign and case.state in step.from_ for step in workflow.steps)
    )


def _to_sign(case: CaseAtHand, waiting: Waiting) -> bool:
    return bool(waiting.steps) and (case.kind == OCCURRENCE or any(step.sign for step in waiting.steps))


def _came_back(case: CaseAtHand, person: Person) -> bool:
    """Whether the last step is somebody else's and gave a reason."""
    workflow = book().workflow(case.kind)
    last = case.taken[-1] if case.taken else None
    step = workflow.step(last.step) if workflow and last else None
    return last is not None and step is not None and step.reason and last.person != person.account


def _waiting(case: CaseAtHand, by_key: Mapping[str, OccurrenceRow], person: Person) -> Waiting | None:
    row = by_key.get(case.object_id)
    about = case.ticket or case.document or (row.occurrence if row else None)
    if about is None:
        return None
    steps = _may(case, about, person)
    if isinstance(about, DocumentAtHand):
        name, title = about.version.object_id, about.document.title
        address = url_for("documents.page", number=about.number)
        return Waiting(title, name, address, case.kind, case.state, None, about.document.opened, "", steps)
    if isinstance(about, Nonconformity):
        address = url_for("tickets.page", number=about.number)
        return Waiting(
            about.title, about.number, address, case.kind, case.state, case.due, about.opened, about.grade, steps
        )
    address = url_for("obligations.occurrence", number=row.id if row else 0)
    number = f"{about.code} · {about.period}"
    return Waiting(about.title, number, address, case.kind, case.state, about.due, None, "", steps)


def _may(case: CaseAtHand, about: Nonconformity | Occurrence | DocumentAtHand, person: Person) -> tuple[CaseStep, ...]:
    """The steps that the person may take now: the same judgement as on the case's own page."""
    bundle = access.services()
    key = CaseKey(case.kind, case.object_id)
    thing = thing_of(Known(None, about), access.card().plant, key, bundle.rules(), bundle.clock.today())
    view = CaseView(case.state, {**thing.opens, **case.fields}, case.taken)
    steps = next_steps(thing.workflow, view)
    return tuple(s for s in steps if isinstance(could_take(thing.workflow, view, s, person, thing.sides), Allowed))


def _handed_back(case: CaseAtHand, waiting: Waiting, person: Person) -> bool:
    """Whether the person may take again what the person took before."""
    before = {t.step for t in case.taken if t.person == person.account}
    return any(s.id in before for s in waiting.steps)


def _parts(object_id: str) -> tuple[str, str, str]:
    obligation, _slash, rest = object_id.partition("/")
    subject, _slash, period = rest.rpartition("/")
    return obligation, subject, period
