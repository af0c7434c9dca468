"""What a workflow says of itself: states, fields and steps that must exist, states that must be reached."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from compliance.rulebase.casework import FIELD
from compliance.rulebase.checked import Checked, World, names
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.schema import TODAY, CaseStep, FieldType, Problem, Workflow

#: How ``by`` names who may take a step.
POST, ROLE, RULE = "post:", "role:", "rule:"
_OF_RULE = ("owner", "approver", "author", "reviewer", "countersigner")


def check_workflow(world: World, c: Checked, rule: Workflow) -> Iterator[Problem]:
    """Every problem of a workflow."""
    yield from _known(c, "start", [rule.start], [s.id for s in rule.states])
    for part in ("states", "fields", "steps"):
        yield from _twice(c, part, [one.id for one in getattr(rule, part)])
    yield from names(world, c, "fields", "vocabulary", [f.vocabulary or None for f in rule.fields])
    days = [TODAY, *(f.id for f in rule.fields if f.type is FieldType.DAY)]
    for field in rule.fields:
        yield from _known(c, "fields", field.beside, [day for day in days if day != field.id])
    yield from _known(c, "remind", rule.reminders.states, [s.id for s in rule.states])
    yield from names(world, c, "remind", "post", [e.to for e in rule.reminders.ladder.escalate])
    for key, timed in (("requests", rule.requests), ("recalls", rule.recalls)):
        yield from names(world, c, key, "post", [e.to for e in timed.ladder.escalate] if timed else [])
    for step in rule.steps:
        yield from _step(world, c, rule, step)
    yield from _reached(c, rule)


def _step(world: World, c: Checked, rule: Workflow, step: CaseStep) -> Iterator[Problem]:
    states, fields = [s.id for s in rule.states], [f.id for f in rule.fields]
    yield from _known(c, "steps", [*step.from_, step.to], states)
    yield from _known(c, "steps", [*step.needs, *step.offers, *step.copies, *step.copies.values()], fields)
    excluded = (*step.not_by, *step.not_for)
    yield from _known(c, "steps", [n for n in excluded if not n.startswith(FIELD)], [s.id for s in rule.steps])
    persons = [f.id for f in rule.fields if f.type is FieldType.PERSON]
    named = [n.removeprefix(FIELD) for n in (*step.by, *excluded) if n.startswith(FIELD)]
    yield from _known(c, "steps", named, persons)
    yield from names(world, c, "steps", "post", [b.removeprefix(POST) for b in step.by if b.startswith(POST)])
    yield from _known(c, "steps", [b.removeprefix(RULE) for b in step.by if b.startswith(RULE)], _OF_RULE)
    for word in step.by:
        if not word.startswith((POST, ROLE, RULE, FIELD)):
            yield c.problem(
                "steps",
                f"步骤 {step.id}：“{word}”应写作 post:、role:、rule: 或 field: 加名称",
                f"step {step.id}: '{word}' should be post:, role:, rule: or field: and a name",
            )


def _known(c: Checked, key: str, given: Collection[str], known: Collection[str]) -> Iterator[Problem]:
    for name in given:
        if name not in known:
            hint = suggestion(name, known)
            yield c.problem(key, f"“{name}”不存在；{hint.zh}", f"there is no '{name}'; {hint.en}")


def _twice(c: Checked, key: str, given: list[str]) -> Iterator[Problem]:
    for name in sorted({n for n in given if given.count(n) > 1}):
        yield c.problem(key, f"“{name}”重复", f"'{name}' stands twice")


def _reached(c: Checked, rule: Workflow) -> Iterator[Problem]:
    """Every state can be reached, and every state that is not final leads on."""
    reached = {rule.start}
    for _ in rule.states:
        reached |= {s.to for s in rule.steps if reached & set(s.from_)}
    left = {state for step in rule.steps for state in step.from_}
    for state in rule.states:
        if state.id not in reached:
            yield c.problem("states", f"状态“{state.id}”无法到达", f"no step leads to the state '{state.id}'")
        if state.final == (state.id in left):
            yield c.problem(
                "states",
                f"状态“{state.id}”：终态不得有后续步骤，其他状态须有",
                f"state '{state.id}': a final state has no step, every other one has",
            )
