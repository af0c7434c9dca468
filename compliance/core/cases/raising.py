"""Raising a nonconformity by a person, from any object."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

from compliance.core.acts import Act
from compliance.core.cases.kept import CaseWork
from compliance.core.cases.taking import Casework
from compliance.core.cases.things import AUDIT
from compliance.core.cases.values import LONGEST, BadValue
from compliance.core.duties import Person
from compliance.core.judged import NONCONFORMITY, Nonconformity
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Vocabulary

#: Roles of sign-ins that may raise a nonconformity, and where one of theirs comes from.
_ORIGINS = {"auditor": AUDIT}
_BY_PERSON = "person"
_NEVER = frozenset({"verifier"})
_CATEGORY = "nonconformity-category"
_GRADE = "nonconformity-grade"


class MayNotRaise(Refused):
    """The person only looks here."""

    code = "may-not-raise"
    text: ClassVar[Text] = Text(
        zh="您只有查阅权限，不能登记不符合项", en="You may look here, but not raise a nonconformity"
    )


@dataclass(frozen=True, slots=True)
class Raised:
    """What a person says: what is wrong, how it is classed, and what it was found on (``type:id``, or nothing)."""

    title: str
    category: str
    grade: str
    about: str = ""


def raise_nonconformity(casework: Casework, plant: Plant, person: Person, raised: Raised) -> Nonconformity:
    """Open a nonconformity with the next number of the plant's series; its leaf names who raised it."""
    try:
        return _raise(casework, plant, person, raised)
    except MayNotRaise as refusal:
        with casework.register.work() as work:
            work.record(_refused(person, refusal), plant)
        raise


def _raise(casework: Casework, plant: Plant, seen: Person, raised: Raised) -> Nonconformity:
    day = casework.today()
    title = _one_line(_TITLE, raised.title)
    if raised.about:
        raised = replace(raised, about=_one_line(_ABOUT, raised.about))
    _known(casework.rulebase, _CATEGORY, raised.category, casework)
    _known(casework.rulebase, _GRADE, raised.grade, casework)
    with casework.register.work() as work:
        person = casework.person(work, plant, seen)
        if person is None or only_looks(person.roles):
            raise MayNotRaise
        origin = next((_ORIGINS[role] for role in sorted(person.roles) if role in _ORIGINS), _BY_PERSON)
        (number,) = work.next_numbers(plant, f"nonconformity/{day.year}", 1)
        name = f"NC-{day.year}-{number:04d}"
        opened = Nonconformity(
            number=name,
            rule="",
            group=name,
            title=Text(title, title),
            category=raised.category,
            grade=raised.grade,
            state=_first_state(casework),
            opened=day,
            origin=origin,
        )
        work.save_nonconformities(plant, [opened])
        _record(work, plant, person, opened, raised)
    return opened


def only_looks(roles: Collection[str]) -> bool:
    """Whether somebody with these roles in a plant changes nothing there."""
    return not frozenset(roles) - _NEVER


def case_of(nonconformity: Nonconformity) -> CaseKey:
    """The case of a nonconformity."""
    return CaseKey(NONCONFORMITY, nonconformity.number)


def _first_state(casework: Casework) -> str:
    return casework.workflow(NONCONFORMITY).start


def _one_line(field: Text, said: str) -> str:
    line = " ".join(said.split())
    if not line or len(line) > LONGEST or not line.isprintable():
        raise BadValue(field=field, right=_A_LINE)
    return line


def _refused(person: Person, refusal: Refused) -> Act:
    return Act(
        actor=person.actor(),
        action=f"{NONCONFORMITY}:refused",
        object_type=NONCONFORMITY,
        object_id="",
        changes=({"f": "step", "old": None, "new": "raise"},),
        reason=refusal.message.zh,
    )


def _known(rulebase: RuleBase, vocabulary: str, word: str, casework: Casework) -> None:
    rule = rulebase.nearest(Vocabulary, vocabulary, casework.today())
    ids = [w.id for w in rule.words] if rule else []
    if word not in ids:
        raise BadValue(field=rule.title if rule else vocabulary, right="、".join(ids))


def _record(work: CaseWork, plant: Plant, person: Person, opened: Nonconformity, raised: Raised) -> None:
    said = {"title": opened.title.zh, "category": opened.category, "grade": opened.grade, "about": raised.about}
    work.record(
        Act(
            actor=person.actor(),
            action=f"{NONCONFORMITY}:raise",
            object_type=NONCONFORMITY,
            object_id=opened.number,
            changes=tuple({"f": name, "old": None, "new": value} for name, value in said.items() if value),
        ),
        plant,
    )


_TITLE = Text("不符合事实", "the fact")
_ABOUT = Text("所据对象", "the object it was found on")
_A_LINE = Text("一句话，不可为空", "one line of text")
