"""Taking a case to its end as people who may: for a workspace of examples, where nobody waits for anybody."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from compliance.core.acts import ObjectRef
from compliance.core.cases import CaseKey, Looked, Wish
from compliance.core.documents.desk import Desk
from compliance.core.duties import Allowed, Person
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue
from compliance.rulebase.schema import CaseStep, FieldType, Vocabulary, Workflow


class NobodyMay(CannotDecide):
    """None of the people may take a step."""

    code = "nobody-may"
    text = Text(zh="没有人可以办理“{step}”", en="Nobody may take the step {step!r}")


def take_to(
    desk: Desk, plant: Plant, people: Sequence[Person], key: CaseKey, until: str, said: Mapping[str, str]
) -> None:
    """Take a case to a state by the shortest way, each step as the first person who may; ``said`` are its texts.

    Days are today, whoever plans an action owns it, and one file with the words of ``said`` is the evidence.
    Raises :class:`NobodyMay`.
    """
    while (looked := _looked(desk, plant, key)).view.state != until:
        far = _distances(looked.thing.workflow, until)
        here = far.get(looked.view.state, 0)
        nearer = [
            (step, person)
            for person in people
            for step, decision in looked.offers(person)
            if isinstance(decision, Allowed) and not step.reason and far.get(step.to, here) < here
        ]
        if not nearer:
            raise NobodyMay(step=until)
        step, person = nearer[0]
        wish = _wish(desk, key, looked.thing.workflow, step, person, said)
        desk.casework.take(plant, person, wish, signed=True)


def _looked(desk: Desk, plant: Plant, key: CaseKey) -> Looked:
    with desk.register.read() as reads:
        return desk.casework.look(reads, plant, key)


def _distances(workflow: Workflow, until: str) -> dict[str, int]:
    """How many steps each state is away from one; steps that want a reason lead back or aside and are none."""
    far = {until: 0}
    ahead = [until]
    while ahead:
        state = ahead.pop(0)
        for before in (one for s in workflow.steps if s.to == state and not s.reason for one in s.from_):
            if before not in far:
                far[before] = far[state] + 1
                ahead.append(before)
    return far


def _wish(
    desk: Desk, key: CaseKey, workflow: Workflow, step: CaseStep, person: Person, said: Mapping[str, str]
) -> Wish:
    values: dict[str, FieldValue] = {}
    files: tuple[ObjectRef, ...] = ()
    for name in step.needs:
        known = workflow.field(name)
        match known.type if known else FieldType.TEXT:
            case FieldType.FILES:
                text = "\n".join(said.values()).encode()
                files = (desk.vault.put(io.BytesIO(text), name=f"{key.object_id}.txt", media_type="text/plain"),)
            case FieldType.DAY:
                values[name] = desk.casework.today().isoformat()
            case FieldType.PERSON:
                values[name] = person.account
            case FieldType.CHOICE:
                values[name] = _word(desk, known.vocabulary if known else "", said.get(name, ""))
            case _:
                values[name] = said.get(name, "")
    return Wish(key, step.id, values, files)


def _word(desk: Desk, vocabulary: str, said: str) -> str:
    """The word of a vocabulary that a text is, else its first one."""
    rule = desk.casework.rulebase.get(Vocabulary, vocabulary, desk.casework.today())
    words = rule.words if rule else ()
    return next((w.id for w in words if w.zh == said), words[0].id if words else said)
