"""Putting a rule base into use: kept first, named by its digest, one leaf; and choosing the plant that is meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from compliance.core.acts import Act, Actor
from compliance.core.looking import choose_plant
from compliance.core.plants import NamePlant, NoPlantYet, NoSuchPlant, Plant
from compliance.core.ports import Reads, Register
from compliance.core.rulebooks import BadRules, activate
from compliance.kernel.errors import CannotDecide, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Problem
from tests.core.world import altered, plant, shipped

OFFICER = Actor("wang", "王", "compliance-officer", "session")


@dataclass
class Kept:
    """Shelf, register, look and work in one; ``told`` is the order of what happened."""

    active: str | None = None
    told: list[str] = field(default_factory=list)
    acts: list[tuple[Act, Plant | None]] = field(default_factory=list)
    plants_: Sequence[Plant] = ()

    @contextmanager
    def read(self) -> Iterator[Any]:
        yield self

    @contextmanager
    def work(self) -> Iterator[Any]:
        self.told.append("begin")
        yield self
        self.told.append("commit")

    def active_rules(self) -> str | None:
        return self.active

    def activate_rules(self, digest: str) -> None:
        self.active = digest

    def record(self, act: Act, plant: Plant | None) -> int:
        self.acts.append((act, plant))
        return len(self.acts)

    def keep(self, rulebase: RuleBase) -> None:
        self.told.append(f"keep {rulebase.digest}")

    def note(self, digest: str) -> None:
        self.told.append(f"note {digest}")

    def plant(self, key: str) -> Plant | None:
        return next((p for p in self.plants_ if key in {p.key, p.short}), None)

    def plants(self) -> Sequence[Plant]:
        return self.plants_


def test_a_rule_base_is_kept_before_a_row_names_it_and_leaves_one_leaf() -> None:
    kept, rules = Kept(active="before"), shipped()
    assert activate(cast("Register", kept), kept, rules, OFFICER)
    assert kept.told == [f"keep {rules.digest}", "begin", "commit", f"note {rules.digest}"]
    assert kept.active == rules.digest
    ((act, of),) = kept.acts
    assert (act.actor, act.action, act.object_type, act.object_id, of) == (
        OFFICER,
        "rules:activate",
        "rules",
        rules.digest,
        None,
    )
    assert act.changes == ({"f": "ruleset", "old": "before", "new": rules.digest},)


def test_the_rule_base_in_use_is_not_put_into_use_again() -> None:
    kept = Kept(active=shipped().digest)
    assert not activate(cast("Register", kept), kept, shipped(), OFFICER)
    assert (kept.told, kept.acts) == ([], [])


def test_one_changed_number_is_another_rule_base(tmp_path: Path) -> None:
    changed = altered(
        tmp_path, "parameters.toml", ('RECURRENCE_MONTHS"\ndefault = 12', 'RECURRENCE_MONTHS"\ndefault = 11')
    )
    kept = Kept(active=shipped().digest)
    assert activate(cast("Register", kept), kept, changed, OFFICER)
    assert kept.active == changed.digest != shipped().digest


def test_bad_rules_name_their_first_problem_and_keep_them_all() -> None:
    problems = (
        Problem("a.toml", 7, "monthly", Text("缺少", "missing")),
        Problem("b.toml", 1, "", Text("错", "wrong")),
    )
    error = BadRules(problems)
    assert isinstance(error, CannotDecide)
    assert error.problems == problems
    assert error.message == Text(
        "规则库有 2 处问题，不能使用。第一处：a.toml:7 [monthly] 缺少",
        "The rule base has 2 problems and is not used. The first: a.toml:7 [monthly] missing",
    )


ONE = plant()
TWO = replace(plant(), id=2, key="91990000770195676C", short="YI")


@pytest.mark.parametrize(
    ("plants", "key", "chosen"),
    [([ONE], None, ONE), ([ONE, TWO], "JIA", ONE), ([ONE, TWO], TWO.key, TWO), ([ONE], ONE.key, ONE)],
)
def test_the_plant_named_or_the_only_one_is_chosen(plants: list[Plant], key: str | None, chosen: Plant) -> None:
    assert choose_plant(cast("Reads", Kept(plants_=plants)), key) == chosen


@pytest.mark.parametrize(
    ("plants", "key", "refusal"),
    [
        ([], None, NoPlantYet),
        ([], "X", NoSuchPlant),
        ([ONE], "X", NoSuchPlant),
        ([ONE], "", NoSuchPlant),
        ([ONE, TWO], None, NamePlant),
    ],
)
def test_no_plant_is_guessed(plants: list[Plant], key: str | None, refusal: type[WrongUse]) -> None:
    with pytest.raises(refusal) as refused:
        choose_plant(cast("Reads", Kept(plants_=plants)), key)
    assert isinstance(refused.value, WrongUse)
    if refusal is NamePlant:
        assert ONE.key in refused.value.message.zh
        assert TWO.key in refused.value.message.en
