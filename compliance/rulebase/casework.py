"""The pure half of a case: where it stands after the steps taken, and what the rule alone says against a step.

Whether a person holds a post or a permission is not decided here; that needs the plant's people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from compliance.kernel.text import Text
from compliance.rulebase.schema import CaseStep, FieldType, Workflow

#: Bars the person that a field names.
FIELD = "field:"
#: What a field holds: text (days as ISO text), a truth, files by digest.
FieldValue = str | bool | tuple[str, ...]
Values = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: by which person (account), with which values, for which absent person if for one."""

    step: str
    person: str
    values: Values = field(default_factory=dict)
    acted_for: str = ""

    def of(self, person: str) -> bool:
        """Whether the step counts as this person's: what a deputy does counts as the absent person's too."""
        return person in {self.person, self.acted_for}


@dataclass(frozen=True, slots=True)
class CaseView:
    """Where a case stands: state, the latest value of every field, the steps so far."""

    state: str
    fields: Values
    taken: tuple[Taken, ...]


def opened(workflow: Workflow, fields: Values) -> CaseView:
    """A case in its first state."""
    return CaseView(workflow.start, dict(fields), ())


def after(workflow: Workflow, view: CaseView, taken: Taken) -> CaseView:
    """The case after a step; the step must exist."""
    step = workflow.step(taken.step)
    if step is None:
        raise KeyError(taken.step)
    fields = {**view.fields, **taken.values}
    fields |= {name: fields[source] for name, source in step.copies.items() if source in fields}
    return CaseView(step.to, fields, (*view.taken, taken))


def fold(workflow: Workflow, fields: Values, taken: Sequence[Taken]) -> CaseView:
    """The case after all its steps."""
    view = opened(workflow, fields)
    for one in taken:
        view = after(workflow, view, one)
    return view


def next_steps(workflow: Workflow, view: CaseView) -> list[CaseStep]:
    """The steps that lead on from here, whoever may take them."""
    return [s for s in workflow.steps if view.state in s.from_ and not _unmet(s, view)]


def objections(workflow: Workflow, view: CaseView, step: CaseStep, person: str, values: Values) -> list[Text]:
    """Everything that the rule says against taking a step: state, conditions, persons, missing fields."""
    return [
        *_against_state(workflow, view, step),
        *barred(workflow, view, step, person),
        *_missing(workflow, view, step, values),
        *_not_for(workflow, view, step, values),
    ]


def barred(workflow: Workflow, view: CaseView, step: CaseStep, person: str) -> Iterator[Text]:
    """Why this person may not take the step: what the person did in this case, or is in it."""
    for name in step.not_by:
        if name.startswith(FIELD):
            known = workflow.field(name.removeprefix(FIELD))
            if known is not None and view.fields.get(known.id) == person:
                yield Text(
                    f"您是本件的“{known.title.zh}”，不能办理此步", f"You are its {known.title.en} and may not do this"
                )
        elif any(taken.step == name and taken.of(person) for taken in view.taken):
            other = workflow.step(name)
            title = other.title if other else Text(name, name)
            yield Text(
                f"您已办理“{title.zh}”，此步须由另一人办理", f"You did “{title.en}”; another person must do this"
            )


def _not_for(workflow: Workflow, view: CaseView, step: CaseStep, values: Values) -> Iterator[Text]:
    """Whom the step may not name: whoever the field names now, or who took a step that its person must not have."""
    persons = [f for f in workflow.fields if f.type is FieldType.PERSON and f.id in values]
    for known, name in ((f, n) for f in persons for n in step.not_for):
        person = str(values[known.id])
        if name.startswith(FIELD) and view.fields.get(name.removeprefix(FIELD)) == person:
            yield Text(f"此人已是“{known.title.zh}”", f"This person is the {known.title.en} already")
        elif any(taken.step == name and taken.of(person) for taken in view.taken):
            other = workflow.step(name)
            title = other.title if other else Text(name, name)
            yield Text(
                f"此人已办理“{title.zh}”，不能成为“{known.title.zh}”",
                f"This person did “{title.en}” and may not become the {known.title.en}",
            )


def _against_state(workflow: Workflow, view: CaseView, step: CaseStep) -> Iterator[Text]:
    if view.state not in step.from_:
        state = workflow.state(view.state)
        title = state.title if state else Text(view.state, view.state)
        yield Text(f"当前状态为“{title.zh}”，不能办理此步", f"Its state is “{title.en}”: this step does not follow")
    if _unmet(step, view):
        yield Text("本件不适用此步", "This step does not apply here")


def _unmet(step: CaseStep, view: CaseView) -> bool:
    return any(view.fields.get(name) != value for name, value in step.when.items())


def _missing(workflow: Workflow, view: CaseView, step: CaseStep, given: Values) -> Iterator[Text]:
    """What the step needs is given with it; only what the case opened with, and no step gave, counts as there."""
    before = {name for taken in view.taken for name in taken.values}
    for name in step.needs:
        known = workflow.field(name)
        there = view.fields.get(name) if name not in before else None
        if known is not None and not (given.get(name) or there):
            yield Text(f"缺少“{known.title.zh}”", f"{known.title.en} is missing")
    if step.reason and not given.get("reason"):
        yield Text("缺少理由", "a reason is missing")
