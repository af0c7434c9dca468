"""Random histories through the register, on each kind of database, against the model that reads the TOML."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.adapters.fsck import fsck
from compliance.core.cases import NONCONFORMITY, CaseKey, Raised, Wish, raise_nonconformity
from compliance.core.duties import MayNotTake
from compliance.rulebase.casework import FieldValue
from tests.adapters.test_cases import POSTS, World, rules, words, world
from tests.core.test_cases_random import TOML, Model

__all__ = ["rules", "world"]

HISTORIES, LENGTH = 25, 40
ROLES = ["department", "compliance-officer", "auditor", "verifier"]


def given(world: World, name: str, rng: random.Random, due: FieldValue | None) -> dict[str, FieldValue]:
    """Values for a step; now and then one is left out. An extension goes beyond the due day that holds."""
    wish = world.wish(CaseKey(NONCONFORMITY, ""), name)
    values = {k: v for k, v in wish.values.items() if k != "evidence" and rng.random() < 0.95}
    if due and "new_due" in values:
        values["new_due"] = (date.fromisoformat(str(due)) + timedelta(days=1)).isoformat()
    return values | ({"owner": rng.choice(list(POSTS))} if "owner" in values else {})


@pytest.mark.slow
def test_no_history_in_the_register_breaks_a_guard(world: World) -> None:
    flow = TOML["nonconformity"]
    reached: Counter[str] = Counter()
    for seed in range(HISTORIES):
        rng = random.Random(seed)
        who = {a: world.person(a, rng.choice(ROLES)) for a in POSTS}
        raiser = replace(world.person("U6"), roles=frozenset({rng.choice(ROLES[:3])}))
        ticket = raise_nonconformity(world.casework, world.plant, raiser, Raised("事实", *words(world)))
        key = CaseKey(NONCONFORMITY, ticket.number)
        opens = {"fact": "事实", "grade": ticket.grade, "from_audit": ticket.origin == "audit"}
        model = Model(flow, dict(opens), flow["start"])
        for _ in range(LENGTH):
            likely = [s["id"] for s in flow["steps"] if model.state in s["from"]]
            name = rng.choice(likely if likely and rng.random() < 0.9 else [s["id"] for s in flow["steps"]])
            if name == "ask-withdrawal" and rng.random() < 0.9:
                continue  # else most histories end there
            able = [
                a
                for a, p in who.items()
                if model.may(name, p, {**dict.fromkeys(model.step(name).get("needs", []), "x"), "reason": "x"})
            ]
            account = rng.choice(able if able and rng.random() < 0.7 else list(POSTS))
            values = given(world, name, rng, model.fields.get("due"))
            takes = {*model.step(name).get("needs", []), *model.step(name).get("offers", [])}
            files = (world.file(),) if "evidence" in takes and rng.random() < 0.9 else ()
            filed: dict[str, FieldValue] = {"evidence": (files[0].sha256,)} if files else {}
            expected = model.may(name, who[account], values | filed)
            try:
                row = world.casework.take(world.plant, who[account], Wish(key, name, values, files), signed=True)
            except MayNotTake:
                assert not expected, (seed, name, account, model)
                continue
            assert expected, (seed, name, account, model)
            model.take(name, who[account], values | filed)
            assert (row.state, dict(row.fields)) == (model.state, model.fields)
        reached[model.state] += 1
        assert [(s.step, s.account) for s in world.steps(key)] == model.history
    assert len(reached) > 3, reached
    assert [c for c in fsck(world.register.database, world.vault).checks if not c.ok] == []
