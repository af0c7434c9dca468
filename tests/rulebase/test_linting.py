"""Every check speaks where it should and nowhere else; exceptions excuse one remark each."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

import pytest

from compliance.kernel.text import Text
from compliance.rulebase.linting import CHECKS, Check, Remark, lint
from compliance.rulebase.linting.base import Setting, remarks_of
from compliance.rulebase.linting.examples import CATALOGUE, DEALS, FILE, finding, post, rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactType, Finding, Op, Pattern, Term
from tests.random_rules import KINDS, PROPS, random_rules
from tests.rule_texts import unchecked


def remarks(text: str) -> tuple[Remark, ...]:
    return lint(unchecked(text), CATALOGUE)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_speaks_in_its_firing_examples_alone(check: Check) -> None:
    assert check.firing
    assert check.silent
    for text in check.firing:
        assert remarks_of(check, Setting(unchecked(text), CATALOGUE)), text
    for text in check.silent:
        assert remarks_of(check, Setting(unchecked(text), CATALOGUE)) == (), text


def test_checks_are_named_once_and_in_both_languages() -> None:
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(check.title.zh and check.title.en for check in CHECKS)


def test_a_remark_says_where_it_is_and_names_the_terms_that_clash() -> None:
    (found,) = remarks(FILE + DEALS + finding("late", '{ fact = "deal", signed = true, amount = { gt = 5, lt = 6 } }'))
    assert (found.check, found.rule, found.file) == ("condition-impossible", "finding.late", "rules.toml")
    assert found.line == unchecked(FILE + DEALS + finding("late", '{ fact = "deal" }')).of(Finding)[0].line
    assert found.message.en == "the condition never holds: deal.amount > 5, deal.amount < 6"
    assert "signed" not in found.message.zh


# --- exceptions ------------------------------------------------------------------------------------------------------


def exception(name: str, check: str, of: str, more: str = "") -> str:
    reason = 'reason = { zh = "如此", en = "so it is" }'
    return rule(f"exception.{name}", f'check = "{check}"\nrule = "{of}"\n{reason}\n{more}')


UNNAMED = FILE + post("clerk") + post("boss")


def test_an_exception_excuses_one_remark() -> None:
    found = {r.rule: r for r in remarks(UNNAMED + exception("a", "rule-unnamed", "post.clerk"))}
    assert set(found) == {"post.clerk", "post.boss"}
    assert found["post.clerk"].excused_by == "exception.a"
    assert found["post.clerk"].reason == Text("如此", "so it is")
    assert found["post.boss"].excused_by == ""


def test_a_second_exception_is_a_remark() -> None:
    two = exception("a", "rule-unnamed", "post.clerk") + exception("b", "rule-unnamed", "post.clerk")
    (found,) = [r for r in remarks(UNNAMED + two) if r.check == "exception-twice"]
    assert (found.rule, found.severity) == ("exception.b", "error")
    assert "exception.a" in found.message.en


@pytest.mark.parametrize(
    ("check", "of", "more"),
    [
        ("rule-unnamed", "post.nobody", ""),
        ("no-such-check", "post.clerk", ""),
        ("rule-unnamed", "post.clerk", 'at = "owner"'),
        ("rule-unnamed", "post.clerk", 'beside = "post.boss"'),
    ],
)
def test_an_exception_that_excuses_nothing_is_a_remark(check: str, of: str, more: str) -> None:
    (found,) = [r for r in remarks(UNNAMED + exception("a", check, of, more)) if r.check == "exception-unused"]
    assert found.rule == "exception.a"
    if of == "post.clerk":
        assert 'there is: check = "rule-unnamed"' in found.message.en


def test_an_exception_excuses_no_other_place_of_the_rule() -> None:
    """A second fault of one rule is not hidden by what was said of the first."""
    text = FILE + DEALS + finding("late", '{ fact = "deal", missing = { gte = 0 }, amount = { gt = 0, gte = 5 } }')
    both = [r for r in remarks(text) if r.check == "condition-idle"]
    assert sorted(r.at for r in both) == ["deal.amount gt", "deal.missing gte"]
    one = exception("a", "condition-idle", "finding.late", 'at = "deal.missing gte"')
    left = [r.at for r in remarks(text + one) if not r.excused_by]
    assert left == ["deal.amount gt"]


# --- random rules ----------------------------------------------------------------------------------------------------

TYPES = {kind: FactType(kind, PROPS) for kind in KINDS}


def random_base(chance: random.Random) -> RuleBase:
    """Findings with random conditions over kinds of facts that all exist."""
    facts = "".join(rule(f"fact.{kind}", f'derivation = "{kind}"\nwith = {{}}') for kind in KINDS)
    base = unchecked(FILE + facts + finding("plain", f'{{ fact = "{KINDS[0]}" }}'))
    plain = base.of(Finding)[0]
    made = [
        replace(
            plain, id=f"f{n}", when=one.patterns, in_force=replace(plain.in_force, start=one.start, until=one.until)
        )
        for n, one in enumerate(random_rules(chance, 12))
    ]
    return replace(base, rules=(*base.rules, *made))


def spoilt(chance: random.Random, found: Finding) -> Finding:
    """The finding with a property that is to be two things at once."""
    prop = chance.choice(["n", "d"])
    low, high = (3, 4) if prop == "n" else (date(2026, 1, 1), date(2026, 1, 2))
    first, *rest = found.when
    terms = [*first.terms, Term(prop, Op.GT, low), Term(prop, Op.LT, high)]
    chance.shuffle(terms)
    return replace(found, id="spoilt", when=(Pattern(first.fact, first.alias, tuple(terms)), *rest))


@pytest.mark.parametrize("seed", range(25))
def test_random_rules_never_break_the_checks_and_a_planted_fault_is_found(seed: int) -> None:
    chance = random.Random(f"lint {seed}")
    base = random_base(chance)
    lint(base, TYPES)
    chosen = chance.choice(base.of(Finding))
    twin = replace(chosen, id="twin", then=replace(chosen.then, grade="another"))
    found = lint(replace(base, rules=(*base.rules, spoilt(chance, chosen), twin)), TYPES)
    assert ("condition-impossible", "finding.spoilt") in {(r.check, r.rule) for r in found}
    impossible = ("condition-impossible", f"finding.{chosen.id}") in {(r.check, r.rule) for r in found}
    if len(chosen.when) == 1 and not impossible:
        pairs = {frozenset({r.rule, r.beside}) for r in found if r.check == "contradiction-outcome"}
        assert frozenset({f"finding.{chosen.id}", "finding.twin"}) in pairs
