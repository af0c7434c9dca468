"""The rule language told by its parsers: the page is the program's, the schema takes what the loader takes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from compliance.cli.main import main
from compliance.rulebase.language import language
from compliance.rulebase.language_page import meanings, page, rows
from compliance.rulebase.language_schema import schema, schema_of
from compliance.rulebase.rulebase import KINDS
from tests.conftest import ROOT
from tests.rulebase.conftest import SMALL, Loading

FILES = sorted((ROOT / "rules").rglob("*.toml"))


def plain(value: object) -> Any:
    """TOML as JSON has it: a day is a text."""
    match value:
        case date():
            return value.isoformat()
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
        case list():
            return [plain(inner) for inner in value]
    return value


@cache
def whole() -> Draft202012Validator:
    return Draft202012Validator(schema(), format_checker=Draft202012Validator.FORMAT_CHECKER)


def refused(text: str) -> bool:
    return not whole().is_valid(plain(tomllib.loads(text)))


def blocks() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path in FILES:
        for kind, found in tomllib.loads(path.read_text("utf-8")).items():
            for given in found.values() if kind in KINDS else ():
                yield from ((kind, block) for block in (given if isinstance(given, list) else [given]))


# --- the page --------------------------------------------------------------------------------------------------------


def test_the_page_is_what_the_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == page()
    assert (ROOT / "docs" / "rule-language.md").read_text("utf-8") == printed


def test_one_kind_and_the_schema_are_printed_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "schema", "retention"]) == 0
    part = capsys.readouterr().out
    assert part.startswith("## retention ")
    assert part in page()
    assert main(["rules", "schema", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == schema()
    assert main(["rules", "schema", "post", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of("post")


@pytest.mark.parametrize("kind", KINDS)
def test_every_member_has_its_meaning_and_no_meaning_is_left_over(kind: str) -> None:
    told = [row.path for row in rows(kind, language()[kind])]
    assert len(told) == len(set(told))
    assert set(told) | {""} == set(meanings()[kind])
    assert all(said.zh and said.en for said in meanings()[kind].values())


# --- what the schema takes -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT / "rules").as_posix())
def test_the_schema_takes_every_shipped_rule_file(path: Path) -> None:
    wrong = [error.message[:300] for error in whole().iter_errors(plain(tomllib.loads(path.read_text("utf-8"))))]
    assert wrong == []


def test_a_kind_alone_takes_its_blocks_and_no_block_with_a_member_too_many() -> None:
    validators = {kind: Draft202012Validator(schema_of(kind)) for kind in KINDS}
    for kind, block in blocks():
        assert validators[kind].is_valid(plain(block)), (kind, block)
        assert not validators[kind].is_valid(plain({**block, "no_such_member": 1})), kind
        assert not validators[kind].is_valid(plain({k: v for k, v in block.items() if k != "title"})), kind


def test_the_schema_takes_what_the_loader_takes(loading: Loading) -> None:
    base, _problems = loading()
    assert base is not None
    assert not any(refused(text) for text in SMALL.values())


# --- what both refuse ------------------------------------------------------------------------------------------------


def wrongs() -> Iterator[tuple[str, str, str]]:
    """(file, a line or part of it, what stands there instead): wrong by shape."""
    shapes = [
        ('title = { zh = "领导", en = "Boss" }', 'title = "Boss"'),
        ('title = { zh = "领导", en = "Boss" }', 'title = { zh = "领导" }'),
        ('words = ["领导"]', "words = [1]"),
        ('words = ["领导"]', 'word = ["领导"]'),
        ('words = ["领导"]', 'words = "领导"'),
        ('words = ["领导"]', ""),
        ('never_with = ["clerk"]', 'never_with = [""]'),
        ('{ do = "look", optional = true }', '{ do = "look", optional = "yes" }'),
        ('{ do = "look", optional = true }', "{ optional = true }"),
        ('{ do = "look", optional = true }', '{ do = "look", maybe = true }'),
        ('distinct = [["ask", "sign"], ["look", "sign"]]', 'distinct = [["ask"]]'),
        ('applies_to = ["deal"]', "applies_to = []"),
        ("[post.boss]", "[post.Boss]"),
        ("[post.boss]", "[posts.boss]"),
        ("schema = 1", "schema = 2"),
        ("in_force = { from = 2020-01-01 }", 'in_force = { from = "soon" }'),
        ("in_force = { from = 2020-01-01 }", "in_force = { since = 2020-01-01 }"),
    ]
    yield from ((next(name for name, text in SMALL.items() if old in text), old, new) for old, new in shapes)


@pytest.mark.parametrize(("name", "old", "new"), list(wrongs()))
def test_what_is_wrong_by_shape_the_loader_and_the_schema_refuse(
    loading: Loading, name: str, old: str, new: str
) -> None:
    text = SMALL[name].replace(old, new, 1)
    assert text != SMALL[name]
    assert refused(text)
    base, problems = loading((name, SMALL[name], text))
    assert base is None
    assert problems


WRONG_MEMBERS: Mapping[str, Mapping[str, object]] = {
    "cadence": {"a": {}, "b": {"every": "fortnight"}, "c": {"every": "month", "each": "record"}, "d": {"weekly": 1}},
    "due": {"a": {"kind": "soon"}, "b": {"kind": "days-after"}, "c": {"kind": "period-end", "days": 3}},
    "opens": {"a": {"kind": "days-before-due"}, "b": {"kind": "on-event", "days": 1}},
    "roll": {"a": "backwards"},
    "choices": {"a": ["colour"]},
    "waivable": {"a": "no"},
    "remind": {"a": {"escalate": [{"days_late": 0, "to": "x"}]}, "b": {"days_before": ["x"]}},
}


@pytest.mark.parametrize("member", WRONG_MEMBERS)
def test_the_members_of_an_obligation_are_closed(member: str) -> None:
    good = next(block for kind, block in blocks() if kind == "obligation")
    validator = Draft202012Validator(schema_of("obligation"))
    for wrong in WRONG_MEMBERS[member].values():
        assert not validator.is_valid(plain({**good, member: wrong})), wrong
