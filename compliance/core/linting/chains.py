"""Chains of duties that the rules lay on different persons: approvals, and the ways of cases to their ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from compliance.core.acts import PULSE
from compliance.core.cases import OCCURRENCE, document_sides, drawing_up, opening
from compliance.core.controlled import DOCUMENT, DRAFTED
from compliance.core.duties import Sides, kept_apart
from compliance.core.linting.matching import Apart, Choices
from compliance.core.linting.staff import PlantSetting
from compliance.core.rulebooks import RULES
from compliance.kernel.text import Text
from compliance.rulebase.casework import FIELD, FieldValue, Values
from compliance.rulebase.check_workflow import POST, ROLE, RULE
from compliance.rulebase.schema import Approval, CaseStep, Document, Obligation, Rule, Step, Workflow

#: Ways of one workflow that are looked at; of one that has more nothing is said.
MOST_WAYS = 300
_SYSTEM = f"{ROLE}{PULSE.role}"


@dataclass(frozen=True, slots=True)
class Duty:
    """One thing to do: what people call it, and the posts and permission sets of which one is enough."""

    title: Text
    posts: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    anybody: bool = True


@dataclass(frozen=True, slots=True)
class Chain:
    """Duties by id, who may take each, and which different persons take."""

    duties: Mapping[str, Duty]
    choices: Choices
    apart: Apart


@dataclass(frozen=True, slots=True)
class Course:
    """One thing that is to be got through for these rules, in any of these ways; ``title`` says what."""

    rules: tuple[Rule, ...]
    title: Text
    ways: tuple[Chain, ...]


# --- approvals -------------------------------------------------------------------------------------------------------


def approvals(setting: PlantSetting) -> Iterator[Course]:
    """Every approval of a plant's things; optional steps need nobody, and changes of the rules are the group's."""
    applies, apart = setting.applying(), kept_apart(setting.base, setting.day)
    for rule in setting.base.in_force(Approval, setting.day):
        if applies(rule) and RULES not in rule.applies_to:
            yield Course((rule,), rule.title, (_approval(setting, rule, apart),))


def _approval(setting: PlantSetting, rule: Approval, posts_apart: frozenset[frozenset[str]]) -> Chain:
    steps = [step for step in rule.steps if not step.optional]
    duties = {step.do: _of_post(step) for step in steps}
    groups = [[name for name in group if name in duties] for group in rule.distinct]
    apart = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    apart |= {frozenset({one.do, other.do}) for one, other in _never_joined(steps, posts_apart)}
    return Chain(duties, _choices(setting, duties), frozenset(apart))


def _of_post(step: Step) -> Duty:
    return Duty(step.title, (step.post,), anybody=False) if step.post else Duty(step.title)


def _never_joined(steps: Sequence[Step], apart: frozenset[frozenset[str]]) -> Iterator[tuple[Step, Step]]:
    for one, other in combinations(steps, 2):
        if one.post and other.post and frozenset({one.post, other.post}) in apart:
            yield one, other


# --- cases -----------------------------------------------------------------------------------------------------------


def cases(setting: PlantSetting) -> Iterator[Course]:
    """Every end of every kind of case; obligations and documents of the same posts together."""
    for workflow in setting.base.in_force(Workflow, setting.day):
        for (sides, opens), rules in _kinds(setting, workflow).items():
            given = dict(opens)
            for final in sorted(workflow.finals):
                ways = list(_ways(workflow, final, given))
                state = workflow.state(final)
                if ways and len(ways) <= MOST_WAYS and state is not None:
                    chains = tuple(_chain(setting, workflow, way, sides) for way in ways)
                    yield Course(rules, _titled(workflow.title, state.title), chains)


_Kind = tuple[Sides, tuple[tuple[str, FieldValue], ...]]


def _kinds(setting: PlantSetting, workflow: Workflow) -> dict[_Kind, tuple[Rule, ...]]:
    """The rules whose cases run by a workflow, by the posts and fields with which they open."""
    applies, found = setting.applying(), dict[_Kind, tuple[Rule, ...]]()

    def add(rule: Rule, sides: Sides, opens: Values) -> None:
        if applies(rule):
            kind = sides, tuple(sorted(opens.items()))
            found[kind] = (*found.get(kind, ()), rule)

    if workflow.applies_to == OCCURRENCE:
        for duty in setting.base.in_force(Obligation, setting.day):
            add(duty, Sides(duty.owner, duty.approver), opening(duty.approver, waivable=duty.waivable))
    elif workflow.applies_to == DOCUMENT:
        for paper in setting.base.in_force(Document, setting.day):
            add(paper, document_sides(paper), {DRAFTED: True, **drawing_up(paper)})
    else:
        add(workflow, Sides(), {})
    return found


def _ways(workflow: Workflow, final: str, given: Values) -> Iterator[tuple[CaseStep, ...]]:
    """The ways from the first state to a final one that pass no state twice, one more than are looked at."""
    steps = [s for s in workflow.steps if all(given.get(name, value) == value for name, value in s.when.items())]
    left = MOST_WAYS + 1

    def on(state: str, way: tuple[CaseStep, ...], been: frozenset[str]) -> Iterator[tuple[CaseStep, ...]]:
        nonlocal left
        if state == final:
            left -= 1
            yield way
            return
        for step in steps:
            if left > 0 and state in step.from_ and step.to not in been:
                yield from on(step.to, (*way, step), been | {step.to})

    yield from on(workflow.start, (), frozenset({workflow.start}))


def _chain(setting: PlantSetting, workflow: Workflow, way: Sequence[CaseStep], sides: Sides) -> Chain:
    taken = [step for step in way if _SYSTEM not in step.by]
    duties = {_node(step): _duty(workflow, step, sides) for step in taken}
    apart = {
        frozenset({_node(step), other})
        for step in taken
        for name in step.not_by
        if (other := _named(workflow, name)) in duties and other != _node(step)
    }
    return Chain(duties, _choices(setting, duties), frozenset(apart))


def _node(step: CaseStep) -> str:
    """Steps that only the person of a field takes are that person's together."""
    return step.by[0] if len(step.by) == 1 and step.by[0].startswith(FIELD) else step.id


def _named(workflow: Workflow, name: str) -> str:
    step = workflow.step(name)
    return _node(step) if step is not None else name


def _duty(workflow: Workflow, step: CaseStep, sides: Sides) -> Duty:
    if _node(step) != step.id:
        field = workflow.field(_node(step).removeprefix(FIELD))
        return Duty(field.title if field else step.title)
    if any(who.startswith(FIELD) for who in step.by):
        return Duty(step.title)
    posts = tuple(dict.fromkeys(post for who in step.by if (post := _post_of(who, sides))))
    roles = tuple(who.removeprefix(ROLE) for who in step.by if who.startswith(ROLE))
    return Duty(step.title, posts, roles, anybody=False)


def _post_of(who: str, sides: Sides) -> str | None:
    if who.startswith(POST):
        return who.removeprefix(POST)
    return getattr(sides, who.removeprefix(RULE), None) if who.startswith(RULE) else None


def _choices(setting: PlantSetting, duties: Mapping[str, Duty]) -> Choices:
    return {name: _may(setting, duty) for name, duty in duties.items()}


def _may(setting: PlantSetting, duty: Duty) -> frozenset[str]:
    if duty.anybody:
        return setting.staff.persons
    of_posts = (setting.staff.holders(post) for post in duty.posts)
    return frozenset().union(*of_posts, *(setting.staff.with_role(role) for role in duty.roles))


def _titled(workflow: Text, state: Text) -> Text:
    return Text(f"{workflow.zh}：{state.zh}", f"{workflow.en}: {state.en}")
