"""Random edits of the rule base, one after the other: each plan says exactly what putting it into use then does.

The edits are made on the rules as they were read, so that any number may change without the worked examples of the
files; what a plan says of texts, and what is refused, is ``test_plan.py``'s part.
"""

from __future__ import annotations

import hashlib
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.adapters.example import example_plant, write
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import import_file, pulse
from compliance.core.acts import Act
from compliance.core.cases import occurrence_key
from compliance.core.judged import Occurrence
from compliance.core.planning import Plan, plan_plant
from compliance.core.proposals.proposing import _lengthen
from compliance.core.reconcile import Pulse
from compliance.core.worked import CaseRow
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import (
    DateOfYear,
    DayOfMonth,
    DaysAfter,
    Due,
    Finding,
    Obligation,
    Op,
    Parameter,
    Retention,
    Rule,
    Term,
    Ticket,
)
from tests.system.conftest import TODAY
from tests.system.test_plan import _issue, compare, kept
from tests.system.test_reconcile import the_plant

pytestmark = pytest.mark.slow

#: More histories for who looks for one that fails; ``make torture`` goes through more of them too.
HISTORIES = int(os.environ.get("HISTORIES", "1"))
STEPS = 5
#: Histories that may follow where the first ones left out a part of the plan.
MOST_MORE = 4


class Dice(random.Random):
    """Chance that mostly meets rules of which the plant has something."""

    live: frozenset[str] = frozenset()


Edit = Callable[[Dice, RuleBase], tuple[Sequence[Rule], Sequence[Rule]]]


# --- what may change: the rules taken out, and those put in their place ----------------------------------------------


def _one(dice: Dice, rules: Sequence[Rule]) -> Rule:
    live = [rule for rule in rules if rule.id in dice.live]
    rules = live if live and dice.random() < 0.8 else rules
    return dice.choice(sorted(rules, key=lambda rule: (rule.kind, rule.id, rule.in_force.start)))


def _duty(dice: Dice, base: RuleBase) -> Obligation:
    found = _one(dice, base.of(Obligation))
    assert isinstance(found, Obligation)
    return found


def _finding(dice: Dice, base: RuleBase) -> Finding:
    found = _one(dice, base.of(Finding))
    assert isinstance(found, Finding)
    return found


def due_day(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A deadline is another one."""
    rule = _duty(dice, base)
    due: Due = rule.due
    match rule.due:
        case DaysAfter():
            due = replace(rule.due, days=dice.choice([0, 1, 5, 14, 45]))
        case DayOfMonth():
            due = replace(rule.due, day=dice.choice([1, 7, 28, 31]), months_after=dice.choice([0, 1, 2]))
        case DateOfYear():
            due = replace(rule.due, month=dice.choice([2, 6, 12]), day=dice.choice([1, 28, 30]))
        case _:
            pass
    return [rule], [replace(rule, due=due)]


def ended(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A duty or a finding ends, or begins later."""
    rule = _one(dice, (*base.of(Obligation), *base.of(Finding)))
    day = TODAY + timedelta(days=dice.choice([-200, -60, -1, 0, 1, 60, 200]))
    start, until = rule.in_force.start, rule.in_force.until
    if dice.random() < 0.7:
        until = max(day, start)
    else:
        start = min(day, until or day)
    return [rule], [replace(rule, in_force=replace(rule.in_force, start=start, until=until))]


def gone(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A duty or a finding is no more."""
    return [_one(dice, (*base.of(Obligation), *base.of(Finding)))], []


def threshold(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A condition asks for another number, or one of its terms is left out."""
    rule = _finding(dice, base)
    patterns = []
    for pattern in rule.when:
        terms = [_another(dice, term) for term in pattern.terms]
        if len(terms) > 1 and dice.random() < 0.3:
            terms.pop(dice.randrange(len(terms)))
        patterns.append(replace(pattern, terms=tuple(terms)))
    return [rule], [replace(rule, when=tuple(patterns))]


def _another(dice: Dice, term: Term) -> Term:
    if type(term.value) is int and term.op is not Op.GIVEN:
        return replace(term, value=term.value + dice.choice([-1, 0, 1, 3]))
    if type(term.value) is bool and dice.random() < 0.3:
        return replace(term, value=not term.value)
    return term


def consequence(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A finding has another grade, category or way to gather tickets."""
    rule, other = _finding(dice, base), _finding(dice, base)
    ticket = dice.choice(list(Ticket)) if dice.random() < 0.5 else rule.ticket
    then = other.then if dice.random() < 0.5 else replace(rule.then, grade=other.then.grade)
    return [rule], [replace(rule, then=then, ticket=ticket)]


def words(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A duty has other persons and another name, a finding other words."""
    rule = _one(dice, (*base.of(Obligation), *base.of(Finding)))
    if isinstance(rule, Obligation):
        other = _duty(dice, base)
        return [rule], [replace(rule, owner=other.owner, approver=other.approver, title=other.title)]
    assert isinstance(rule, Finding)
    return [rule], [replace(rule, remedy=_finding(dice, base).remedy)]


def evidence(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A duty is met by what meets another one of the same cadence."""
    rule = _duty(dice, base)
    like = [o for o in base.of(Obligation) if (o.cadence, o.for_each) == (rule.cadence, rule.for_each)]
    other = _one(dice, like)
    assert isinstance(other, Obligation)
    return [rule], [replace(rule, evidence=other.evidence, opens=other.opens)]


def new_duty(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A duty more, like one there is."""
    rule = _duty(dice, base)
    name = f"{rule.id}-{dice.randrange(10**6)}"
    return [], [replace(rule, id=name, code=f"OWN-{name[-6:]}")]


def new_finding(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A finding more, like one there is."""
    rule = _finding(dice, base)
    name = f"{rule.id}-{dice.randrange(10**6)}"
    return [], [replace(rule, id=name, situation=f"OWN-{name[-6:]}")]


def parameter(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """A number that the plant has not chosen is another one."""
    rule = _one(dice, base.of(Parameter))
    assert isinstance(rule, Parameter)
    return [rule], [replace(rule, default=rule.default + dice.choice([1, 5, 10]))]


def retention(dice: Dice, base: RuleBase) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """Records are kept longer."""
    rule = _one(dice, base.of(Retention))
    assert isinstance(rule, Retention)
    return [rule], [replace(rule, years=rule.years + dice.choice([1, 3]))]


EDITS: Sequence[Edit] = (
    due_day, due_day, ended, ended, gone, threshold, threshold, consequence, words, evidence, new_duty, new_finding,
    parameter, retention,
)  # fmt: skip


def edited(dice: Dice, base: RuleBase) -> tuple[RuleBase, list[str]]:
    """Another rule base, named by what was done to it."""
    done = []
    for _ in range(dice.choice([1, 3, 6])):
        edit = dice.choice(EDITS)
        out, into = edit(dice, base)
        new = [replace(rule, digest=hashlib.sha256(repr(rule).encode()).hexdigest()) for rule in into]
        rules = (*(rule for rule in base.rules if not any(rule is one for one in out)), *new)
        done.append(f"{edit.__name__}({', '.join(rule.id for rule in (*out, *into)[:1])})")
        base = replace(base, rules=rules, files={**base.files, "edits.txt": f"{base.digest}\n{done[-1]}\n{new}"})
    return base, done


# --- putting into use -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("random-plan")
    make_workspace(folder / "ws", demo=True)
    at = build(folder / "ws", None, TODAY)
    write(example_plant(TODAY, months=8), folder / "example.xlsx")
    import_file(at, folder / "example.xlsx", OPERATOR, None, lambda *_: None)
    pulse(at).reconcile(the_plant(at), TODAY)
    _issue(at, the_plant(at))
    yield at
    at.close()


def put_into_use(at: Installation, before: RuleBase, after: RuleBase) -> Plan:
    """What activation writes, and the pulse of the plant's own day after it."""
    plant = the_plant(at)
    with at.register.read() as reads:
        planned = plan_plant(reads, plant, before, after, (), TODAY)
    plan = Plan(before.digest, after.digest, (), (), (planned,))
    with at.register.work() as work:
        work.activate_rules(after.digest)
        _lengthen(work, after)
        work.record(Act(actor=OPERATOR, action="rules:activate", object_type="rules", object_id=after.digest), None)
    _pulse(at, after, TODAY)
    return plan


def _pulse(at: Installation, rules: RuleBase, day: date) -> None:
    Pulse(at.register, at.vault, rules, ()).reconcile(the_plant(at), day)


def worked(at: Installation, one: Occurrence) -> None:
    """Somebody has begun with an occurrence: it is never lost."""
    with at.register.work() as work:
        work.save_case(the_plant(at), CaseRow(key=occurrence_key(one), state="submitted"))
        work.record(Act(actor=OPERATOR, action="stage:set", object_type="plant", object_id="x"), the_plant(at))


def histories(at: Installation, seeds: Sequence[int]) -> dict[str, int]:
    """Go through histories of edits; how often each part of a plan had something to say."""
    said: dict[str, int] = {}
    rules = at.rulebase
    for seed in seeds:
        dice = Dice(seed)
        for step in range(STEPS):
            last, there = step == STEPS - 1, kept(at)
            dice.live = frozenset(
                {key[0] for key in there.occurrences} | {f.found.rule for f in there.findings.values()}
            )
            after, done = (at.rulebase, ["rolled back"]) if last else edited(dice, rules)
            worked(at, there.occurrences[dice.choice(sorted(there.occurrences))])
            before = kept(at)
            plan = put_into_use(at, rules, after)
            try:
                compare(before, kept(at), plan)
            except AssertionError as wrong:
                wrong.add_note(f"seed {seed}: {done}")
                raise
            for name in ("added", "removed", "moved", "reworded", "left", "raised", "withdrawn", "changed", "tickets"):
                said[name] = said.get(name, 0) + bool(getattr(plan.plants[0], name))
            said["lengthened"] = said.get("lengthened", 0) + bool(plan.plants[0].lengthened)
            rules = after
    return said


def test_a_plan_of_random_edits_says_exactly_what_putting_into_use_does(made: Installation) -> None:
    # What a history meets follows from chance and from the rules: more of them, until each part had something to say.
    wanted, said, told = {"added", "removed", "moved", "reworded"}, Counter[str](), set[str]()
    for seed in range(2, 2 + HISTORIES + MOST_MORE):
        said.update(histories(made, [seed]))
        told = {name for name, count in said.items() if count}
        if seed > HISTORIES and told >= wanted:
            break
    assert told >= wanted, said


@pytest.mark.torture
def test_many_more_of_them(made: Installation) -> None:
    said = histories(made, range(100, 100 + 20 * HISTORIES))
    assert {name for name, count in said.items() if not count} <= {"lengthened"}, said
