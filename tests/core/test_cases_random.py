"""2,000 random histories against a model of a few lines that reads the TOML itself: no guard breaks."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from compliance.core.cases import workflow_of
from compliance.core.duties import Allowed, Person, Sides, may_take
from compliance.core.facts import CATALOGUE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.obligations import READERS
from compliance.rulebase.casework import FieldValue, Taken, after, opened
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from tests.conftest import ROOT
from tests.core.test_duties import TODAY

HISTORIES, LENGTH = 1_000, 40
TOML = tomllib.loads((ROOT / "rules" / "workflows.toml").read_text("utf-8"))["workflow"]
SIDES = {"owner": "carbon-department", "approver": "management-representative"}


def names(kind: str) -> list[str]:
    """Every post or role that a step names."""
    given = {who for flow in TOML.values() for step in flow["steps"] for who in step["by"]}
    return sorted(who.partition(":")[2] for who in given if who.startswith(kind))


@dataclass
class Model:
    """A case as the text of the rule has it; knows nothing of the program."""

    flow: Mapping[str, Any]
    fields: dict[str, Any]
    state: str = ""
    history: list[tuple[str, str]] = field(default_factory=list)
    given: set[str] = field(default_factory=set)

    def step(self, name: str) -> Mapping[str, Any]:
        return next(s for s in self.flow["steps"] if s["id"] == name)

    def may(self, name: str, who: Person, values: Mapping[str, FieldValue]) -> bool:
        step = self.step(name)
        entitled = {f"post:{p}" for p in who.posts} | {f"role:{r}" for r in who.roles}
        entitled |= {f"rule:{side}" for side, post in SIDES.items() if post in who.posts}
        entitled |= {f"field:{f}" for f, v in self.fields.items() if v == who.account}
        did = {taken for taken, by in self.history if by == who.account}
        is_ = {f"field:{f}" for f, v in self.fields.items() if v == who.account}
        there = {f: v for f, v in self.fields.items() if f not in self.given}
        filled = {f for f, v in {**there, **values}.items() if v}
        return (
            bool(who.roles)
            and self.state in step["from"]
            and not entitled.isdisjoint(step["by"])
            and (did | is_).isdisjoint(step.get("not_by", []))
            and all(self.fields.get(f) == v for f, v in step.get("when", {}).items())
            and filled.issuperset(step.get("needs", []))
            and not self.wrong_person(step, values)
            and (not step.get("reason") or bool(values.get("reason")))
        )

    def wrong_person(self, step: Mapping[str, Any], values: Mapping[str, FieldValue]) -> bool:
        """Whether the step names somebody whom it must not name."""
        persons = [f["id"] for f in self.flow["fields"] if f["type"] == "person" and f["id"] in values]
        for named in (values[f] for f in persons):
            took = {taken for taken, by in self.history if by == named}
            holds = {f"field:{f}" for f, v in self.fields.items() if v == named}
            if not (took | holds).isdisjoint(step.get("not_for", [])):
                return True
        return False

    def take(self, name: str, who: Person, values: Mapping[str, FieldValue]) -> None:
        step = self.step(name)
        self.fields |= values
        self.given |= values.keys()
        for target, source in step.get("copies", {}).items():
            self.fields[target] = self.fields[source]
        self.state = step["to"]
        self.history.append((name, who.account))


def crowd(rng: random.Random) -> list[Person]:
    """Some persons, each with roles and posts by chance."""
    posts, roles = names("post:"), [*names("role:"), "verifier"]
    return [
        Person(f"l{n}", f"U{n}", f"N{n}", some(rng, roles, 2), some(rng, [*posts, *SIDES.values()], 3))
        for n in range(rng.randint(2, 6))
    ]


def some(rng: random.Random, words: list[str], most: int) -> frozenset[str]:
    return frozenset(rng.sample(words, rng.randint(0, most)))


def filled_in(rng: random.Random, flow: Mapping[str, Any], name: str, people: list[Person]) -> dict[str, FieldValue]:
    """Values for a step; now and then something is left out."""
    step = next(s for s in flow["steps"] if s["id"] == name)
    types = {f["id"]: f["type"] for f in flow["fields"]}
    made: dict[str, FieldValue] = {}
    for one in (*step.get("needs", []), *step.get("offers", [])):
        if rng.random() < 0.9:
            by_type: dict[str, FieldValue] = {"files": ("f",), "person": rng.choice(people).account}
            made[one] = by_type.get(types[one], "2026-06-01")
    if step.get("reason") and rng.random() < 0.9:
        made["reason"] = "why"
    return made


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


@pytest.mark.slow
@pytest.mark.parametrize("kind", [OCCURRENCE, NONCONFORMITY])
def test_no_history_breaks_a_guard(rulebase: RuleBase, kind: str) -> None:
    workflow = workflow_of(rulebase, kind, TODAY)
    flow = next(f for f in TOML.values() if f["applies_to"] == kind)
    reached, refused = set(), 0
    for seed in range(HISTORIES):
        rng = random.Random(f"{kind}{seed}")
        people = crowd(rng)
        opens: dict[str, FieldValue] = {f["id"]: rng.random() < 0.5 for f in flow["fields"] if f["type"] == "flag"}
        model, view = Model(flow, dict(opens), flow["start"]), opened(workflow, opens)
        reached.add(model.state)
        for _ in range(LENGTH):
            likely = [s["id"] for s in flow["steps"] if model.state in s["from"]]
            name = rng.choice(likely if likely and rng.random() < 0.9 else [s["id"] for s in flow["steps"]])
            who, values = rng.choice(people), filled_in(rng, flow, name, people)
            step = workflow.step(name)
            assert step is not None
            decision = may_take(workflow, view, step, who, Sides(**SIDES), values)
            expected = model.may(name, who, values)
            assert isinstance(decision, Allowed) is expected, (seed, name, who, model, decision)
            if not expected:
                refused += 1
                continue
            model.take(name, who, values)
            view = after(workflow, view, Taken(name, who.account, values))
            assert (view.state, dict(view.fields)) == (model.state, model.fields)
            reached.add(model.state)
    # The walks see the whole of the workflow, and are refused far more than a few times.
    assert reached == {s["id"] for s in flow["states"]}
    assert refused > HISTORIES
