"""The checks with everything that the program knows, and the shipped rules under them."""

from __future__ import annotations

import re

import pytest

from compliance.core.linting import CHECKS, Check, lint_rules, open_remarks
from compliance.core.linting.plants import PLANT_CHECKS
from compliance.rulebase.linting.base import Setting, remarks_of
from compliance.rulebase.linting.examples import CATALOGUE
from tests.conftest import ROOT
from tests.judging import shipped
from tests.rule_texts import unchecked


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_a_check_speaks_in_its_firing_examples_alone(check: Check) -> None:
    assert all(remarks_of(check, Setting(unchecked(text), CATALOGUE)) for text in check.firing)
    assert not any(remarks_of(check, Setting(unchecked(text), CATALOGUE)) for text in check.silent)
    assert check.firing
    assert check.silent


def test_the_shipped_rules_are_clean_and_every_exception_is_explained() -> None:
    found = lint_rules(shipped())
    assert [(r.check, r.rule, r.message.en) for r in open_remarks(found)] == []
    assert all(r.reason and len(r.reason.en.split()) >= 8 for r in found if r.excused_by)


def test_every_check_is_explained_in_the_documentation() -> None:
    text = (ROOT / "docs" / "lint.md").read_text(encoding="utf-8")
    explained = re.findall(r"^\| `([a-z-]+)` \|", text, re.MULTILINE)
    assert sorted(set(explained)) == sorted(
        {check.id for check in CHECKS} | {check.id for check in PLANT_CHECKS} | {"exception-unused", "exception-twice"}
    )
