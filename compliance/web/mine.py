"""What waits for the person at the browser: handed back, to do, and to lead on; decided for the rows that were read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from compliance.core.cases import NONCONFORMITY, OCCURRENCE, CaseKey, thing_of
from compliance.core.duties import Allowed, Person, could_take
from compliance.core.judged import Nonconformity, Occurrence
from compliance.core.lists import OccurrenceRow
from compliance.core.waiting import MOST_CASES, CaseAtHand
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, next_steps
from compliance.rulebase.schema import CaseStep
from compliance.web import access
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

    ``more``: there are more cases than one page looks at.
    """

    returned: Sequence[Waiting]
    actions: Sequence[Waiting]
    signing: Sequence[Waiting]
    tickets: Sequence[Waiting]
    duties: Sequence[OccurrenceRow]
    more: bool


def mine(until: date) -> Mine:
    """What waits for the person in the page's plant, and the duties due by a day: two statements."""
    lists, plant, user = access.services().lists, access.card().plant, access.person()
    rules = book()
    workflow = rules.workflow(OCCURRENCE)
    settled = {
        # An occurrence that nobody has handed anything in for waits with the duties, by its due day.
        OCCURRENCE: (*rules.settled(OCCURRENCE), workflow.start if workflow else ""),
        NONCONFORMITY: rules.settled(NONCONFORMITY),
    }
    found = lists.at_hand(plant, user.person or f"login:{user.login}", settled)
    keys = [_parts(c.object_id) for c in found.cases if c.kind == OCCURRENCE]
    rows = lists.duties(plant, until, keys)
    by_key = {"/".join(row.occurrence.key): row for row in rows}
    person = acting(found.periods)
    shown = [(c, w) for c in found.cases if (w := _waiting(c, by_key, person)) is not None]
    returned = [w for c, w in shown if _handed_back(c, w, person)]
    actions = [w for c, w in shown if c.owner == person.account]
    waiting = [w for _c, w in shown if w.steps and w not in returned and w not in actions]
    many = max((sum(c.kind == k for c in found.cases) for k in settled), default=0) >= MOST_CASES
    signing = [w for w in waiting if w.kind == OCCURRENCE or any(step.sign for step in w.steps)]
    tickets = [w for w in waiting if w not in signing]
    return Mine(returned, [a for a in actions if a not in returned], signing, tickets, rows, many)


def _waiting(case: CaseAtHand, by_key: Mapping[str, OccurrenceRow], person: Person) -> Waiting | None:
    row = by_key.get(case.object_id)
    about = case.ticket or (row.occurrence if row else None)
    if about is None:
        return None
    steps = _may(case, about, person)
    if isinstance(about, Nonconformity):
        address = url_for("tickets.page", number=about.number)
        return Waiting(
            about.title, about.number, address, case.kind, case.state, case.due, about.opened, about.grade, steps
        )
    address = url_for("obligations.occurrence", number=row.id if row else 0)
    number = f"{about.code} · {about.period}"
    return Waiting(about.title, number, address, case.kind, case.state, about.due, None, "", steps)


def _may(case: CaseAtHand, about: Nonconformity | Occurrence, person: Person) -> tuple[CaseStep, ...]:
    """The steps that the person may take now: the same judgement as on the case's own page."""
    bundle = access.services()
    key = CaseKey(case.kind, case.object_id)
    thing = thing_of(Known(None, about), access.card().plant, key, bundle.rules(), bundle.clock.today())
    view = CaseView(case.state, {**thing.opens, **case.fields}, case.taken)
    steps = next_steps(thing.workflow, view)
    return tuple(s for s in steps if isinstance(could_take(thing.workflow, view, s, person, thing.sides), Allowed))


def _handed_back(case: CaseAtHand, waiting: Waiting, person: Person) -> bool:
    """Whether somebody else's last step gave a reason, and the person may take again what the person took before."""
    workflow = book().workflow(case.kind)
    last = case.taken[-1] if case.taken else None
    step = workflow.step(last.step) if workflow and last else None
    if last is None or step is None or not step.reason or last.person == person.account:
        return False
    before = {t.step for t in case.taken if t.person == person.account}
    return any(s.id in before for s in waiting.steps)


def _parts(object_id: str) -> tuple[str, str, str]:
    obligation, _slash, rest = object_id.partition("/")
    subject, _slash, period = rest.rpartition("/")
    return obligation, subject, period
