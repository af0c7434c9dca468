"""What exists is documented, what is documented exists, and the examples of the README are true."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from argparse import ArgumentParser, _SubParsersAction
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from compliance.cli.main import parser
from compliance.core.accounts import Role
from compliance.core.facts import CATALOGUE
from compliance.core.obligations.readers import READERS
from compliance.kernel.config import Config, load_config
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import KINDS
from tests.conftest import ROOT

ENGLISH = ROOT / "README.md"
CHINESE = ROOT / "README.zh.md"
TWINS = pytest.mark.parametrize("readme", [ENGLISH, CHINESE], ids=["en", "zh"])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def fences(path: Path, language: str) -> list[str]:
    return [body for name, body in FENCE.findall(text_of(path)) if name == language]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))


# ------------------------------------------------------------------------------------ commands


@TWINS
def test_every_make_target_is_documented_and_no_other(readme: Path) -> None:
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)", text_of(readme), re.MULTILINE))
    assert {a or b for a, b in named} == targets()


def commands(parser: ArgumentParser, path: tuple[str, ...] = ("compliance",)) -> Iterator[str]:
    """Every command of the program, as a person types it."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            for name, inner in action.choices.items():
                yield from commands(inner, (*path, name))
            return
    yield " ".join(path)


@TWINS
def test_every_command_is_documented_and_no_other(readme: Path) -> None:
    named = set(re.findall(r"^\| (`compliance .*?`) \|", text_of(readme), re.MULTILINE))
    said = {name for cell in named for name in re.findall(r"`(compliance [a-z -]+)`", cell)}
    assert said == set(commands(parser()))


@TWINS
def test_the_commands_that_the_readme_shows_are_understood(readme: Path) -> None:
    lines = re.findall(r"^\.venv/bin/compliance (.*?)(?: #.*)?$", "\n".join(fences(readme, "sh")), re.MULTILINE)
    assert lines
    for line in lines:
        assert parser().parse_args(shlex.split(line)).command


def test_make_help_speaks_both_languages() -> None:
    lines = re.findall(r"^[a-z-]+:.*## (.*)$", text_of(ROOT / "Makefile"), re.MULTILINE)
    assert all(re.search(r"[一-鿿].* / .*[a-z]", line) for line in lines), lines


def test_ci_runs_the_readmes_test_command() -> None:
    assert "make test" in "\n".join(fences(ENGLISH, "sh"))
    assert re.search(r"^make test\b", text_of(ROOT / ".ci" / "run"), re.MULTILINE)


@TWINS
def test_every_role_is_documented(readme: Path) -> None:
    assert {role for role in Role if not re.search(rf"\b{role.value}\b", text_of(readme))} == set()


# --------------------------------------------------------------------------------------- rules


@TWINS
def test_every_kind_of_rule_is_documented(readme: Path) -> None:
    assert {kind for kind in KINDS if f"`{kind}`" not in text_of(readme)} == set()


def test_both_languages_show_the_same_rules() -> None:
    assert fences(ENGLISH, "toml") == fences(CHINESE, "toml")
    assert fences(ENGLISH, "toml")


def test_the_rules_of_the_readme_are_accepted(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for number, block in enumerate(fences(ENGLISH, "toml")):
        (rules / f"own_{number}.toml").write_text(block, encoding="utf-8")
    base, problems = load(rules, CATALOGUE, READERS)
    assert [f"{p.file}:{p.line}: {p.message.en}" for p in problems] == []
    assert base is not None


def test_a_rule_of_the_readme_that_were_wrong_would_be_refused(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    wrong = fences(ENGLISH, "toml")[0].replace("days = 15", "days = 16")
    (rules / "own.toml").write_text(wrong, encoding="utf-8")
    _, problems = load(rules, CATALOGUE, READERS)
    assert {p.rule for p in problems} == {"quarterly-compliance-check"}


# ------------------------------------------------------------------------------ words and links


def test_the_glossary_has_one_word_per_thing() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text_of(ROOT / "docs" / "glossary.md"), re.MULTILINE)
    terms = [(zh.strip(), en.strip()) for zh, en, _ in rows if zh.strip() not in {"中文", "---"}]
    assert len(terms) > 20
    for column in zip(*terms, strict=True):
        assert [word for word, count in Counter(column).items() if count > 1] == []


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]), ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text_of(page))
    assert [link for link in links if not (page.parent / link).exists()] == []


# -------------------------------------------------------------------------------- configuration


def test_the_commented_configuration_shows_every_key_with_its_default() -> None:
    shown = tomllib.loads(text_of(ROOT / "config.toml"))
    assert shown == json.loads(json.dumps(asdict(Config())))  # TOML has lists, no tuples
    assert load_config(ROOT / "config.toml", {}) == Config()


def test_the_configuration_is_commented_in_both_languages() -> None:
    for line in text_of(ROOT / "config.toml").split("\n\n")[1:]:
        assert re.search(r"#.*[一-鿿]", line), line
