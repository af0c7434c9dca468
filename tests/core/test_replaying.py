"""Replaying: every kind of finding and occurrence comes out the same again, and any change of what is kept is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest

from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.replaying import Replayer
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from tests.judging import judged, shipped, taken
from tests.workbooks.cases import CASES
from tests.workbooks.mutate import base

#: One firing workbook of each situation.
SITUATIONS = tuple({c.situation: c for c in CASES}.values())


@dataclass
class Shelf:
    """Snapshots in memory."""

    bases: tuple[RuleBase, ...]

    def __call__(self, digest: str) -> RuleBase | None:
        return next((b for b in self.bases if b.digest == digest), None)

    def every(self) -> Iterator[RuleBase]:
        return iter(self.bases)


@pytest.fixture
def replayer() -> Replayer:
    return Replayer(Shelf((shipped(),)))


@cache
def occurrences() -> tuple[Occurrence, ...]:
    return judged(base()).occurrences


@pytest.mark.parametrize("case", SITUATIONS, ids=lambda c: c.situation)
def test_every_situation_is_concluded_again(case: Any, replayer: Replayer) -> None:
    workbook, day = case.firing()
    answers = judged(workbook, day)
    mark = day or taken(workbook)[0].data_end
    assert answers.findings
    assert [f.key for f in answers.findings if not replayer.finding(f).same] == []
    again = [(o.key, r.differs) for o in answers.occurrences if not (r := replayer.occurrence(o, mark)).same]
    assert again == []


@pytest.mark.parametrize("case", CASES[::7], ids=lambda c: c.situation)
def test_what_a_finding_rests_on_cannot_be_changed_unseen(case: Any, replayer: Replayer) -> None:
    workbook, day = case.firing()
    (found, *_) = (f for f in judged(workbook, day).findings if f.situation == case.situation)
    assert replayer.finding(found).same
    for name in names_of(found):
        if name not in ("facts", "rule", "rule_digest", "ruleset"):
            assert replayer.finding(changed(found, name)).differs == (name,)
    nothing = replace(found, facts=tuple({"kind": f["kind"], "on": f["on"]} for f in found.facts))
    assert not replayer.finding(nothing).same
    assert not replayer.finding(replace(found, facts=found.facts[1:])).same
    unlike = replace(found, facts=({**found.facts[0], "kind": "other"}, *found.facts[1:]))
    assert replayer.finding(unlike).differs == ("facts",)


def test_what_an_occurrence_says_cannot_be_changed_unseen(replayer: Replayer) -> None:
    mark = taken(base())[0].data_end
    free = {"obligation", "subject", "period", "rule_digest", "ruleset", "anchor", "numbers", "done_on"}
    for one in {o.code: o for o in occurrences()}.values():
        assert replayer.occurrence(one, mark).same
        for name in names_of(one):
            if name not in free:
                assert name in replayer.occurrence(changed(one, name), mark).differs, (one, name)
        late = replace(one, done_on=one.due + timedelta(days=1), state=OccurrenceState.DONE)
        assert replayer.occurrence(late, mark).differs == ("state",)


def test_what_entered_is_named(replayer: Replayer) -> None:
    mark = taken(base())[0].data_end
    one = next(o for o in occurrences() if o.numbers)
    basis = replayer.occurrence(one, mark).basis
    assert {u.id for u in basis if u.kind == "parameter"} == {name for name, _ in one.numbers}
    assert {u.kind for u in basis} == {"parameter", "calendar"}
    late = next(c for c in CASES if c.situation == "L-20a").firing()
    found = next(f for f in judged(*late).findings if f.situation == "L-20a")
    assert next((u.kind, u.id) for u in replayer.finding(found).basis) == ("fact", found.facts[0]["kind"])
    assert all(len(u.digest) == 64 for u in basis)


def test_a_plants_own_number_counts_in_a_replay(replayer: Replayer) -> None:
    mark = taken(base())[0].data_end
    one = next(o for o in occurrences() if o.numbers)
    other = replace(one, numbers=tuple((name, number + 1) for name, number in one.numbers))
    assert "due" in replayer.occurrence(other, mark).differs


def test_a_replaced_wording_is_found_in_its_snapshot_and_a_lost_one_is_said() -> None:
    answers = judged(base())
    emptied = RuleBase((), {"other.toml": ""})
    after = Replayer(Shelf((emptied, shipped())))
    assert after.occurrence(answers.occurrences[0], None).same
    before_snapshots_were_named = replace(answers.occurrences[0], ruleset="")
    assert after.occurrence(before_snapshots_were_named, None).same
    lost = Replayer(Shelf((emptied,))).occurrence(answers.occurrences[0], None)
    assert (lost.same, lost.rule, lost.differs) == (False, None, ("rule_digest",))


def names_of(one: Any) -> list[str]:
    return [f.name for f in fields(one)]


def changed(one: Any, name: str) -> Any:
    """The same with one member changed."""
    return replace(one, **{name: other_than(getattr(one, name))})


def other_than(value: object) -> object:
    match value:
        case Text():
            return Text("别的", "other")
        case OccurrenceState.DONE:
            return OccurrenceState.DONE_LATE
        case OccurrenceState():
            return OccurrenceState.DONE
        case date():
            return value + timedelta(days=1)
        case bool():
            return not value
    return f"{value}x"
