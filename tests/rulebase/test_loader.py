from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.kernel.text import Text
from compliance.rulebase.loader import load
from compliance.rulebase.parse.position import places
from compliance.rulebase.schema import (
    Approval,
    Calendar,
    DayOfMonth,
    Every,
    Factor,
    FactRule,
    Finding,
    Obligation,
    Op,
    Periodic,
    Post,
    PropOf,
    Ref,
    Retention,
    Rolling,
    Strength,
)
from tests.rulebase.conftest import CATALOGUE, READERS

if TYPE_CHECKING:
    from compliance.rulebase.rulebase import RuleBase
    from tests.rulebase.conftest import Loading

DAY = date(2026, 6, 1)


def test_an_obligation_reads_as_its_type(small: RuleBase) -> None:
    rule = small.get(Obligation, "monthly", DAY)
    assert rule is not None
    assert rule.title == Text("月报", "Monthly report")
    assert (rule.source.document, rule.source.clause, rule.source.strength) == ("House rules", "3", Strength.SHALL)
    assert rule.source.requirements == ("R-3",)
    assert rule.cadence == Periodic(Every.MONTH)
    assert rule.due == DayOfMonth(10, 1)
    assert (rule.owner, rule.approver, rule.for_each, rule.waivable) == ("clerk", "boss", "plant", False)
    assert (rule.evidence.completed_by, rule.evidence.with_) == ("filing", {"code": "X-1"})
    assert rule.evidence.asks == (Text("回执", "receipt"),)
    assert rule.reminders.days_before == (5, 1)
    assert [(e.days_late, e.to) for e in rule.reminders.escalate] == [(1, "boss")]


def test_wordings_of_one_id_follow_each_other(small: RuleBase) -> None:
    old, new = small.wordings(Obligation, "review")
    assert (old.cadence, new.cadence) == (Rolling(12), Rolling(Ref("days")))
    assert small.get(Obligation, "review", date(2025, 12, 31)) is old
    assert small.get(Obligation, "review", date(2026, 1, 1)) is new
    assert small.get(Obligation, "review", date(2019, 12, 31)) is None
    assert small.nearest(Obligation, "review", date(2019, 12, 31)) is old


def test_a_finding_reads_as_patterns_and_terms(small: RuleBase) -> None:
    (late,) = small.of_situation("S-1")
    (pattern,) = late.when
    assert (pattern.fact, pattern.alias) == ("deal", "deal")
    assert [(t.prop, t.op, t.value) for t in pattern.terms] == [
        ("signed", Op.EQ, True),
        ("amount", Op.GT, 5),
        ("amount", Op.LT, PropOf("", "limit")),
        ("done", Op.GT, PropOf("", "due")),
    ]
    (twice,) = small.of_situation("S-2")
    assert [p.alias for p in twice.when] == ["one", "two"]
    assert [(t.prop, t.op, t.value) for t in twice.when[1].terms] == [
        ("deal", Op.EQ, PropOf("one", "deal")),
        ("done", Op.GIVEN, False),
    ]
    assert (late.period, twice.period, twice.note) == ("month", "", "")


def test_other_kinds_read_as_their_types(small: RuleBase) -> None:
    fact = small.get(FactRule, "deal", DAY)
    approval = small.get(Approval, "deal", DAY)
    samples = small.get(Retention, "samples", DAY)
    factor = small.factor("EF", DAY)
    calendar = small.get(Calendar, "y2026", DAY)
    assert fact is not None
    assert approval is not None
    assert samples is not None
    assert factor is not None
    assert calendar is not None
    assert fact.with_ == {"approval": "deal", "days": {"parameter": "days"}}
    assert (approval.post_of("sign"), approval.post_of("look"), approval.steps[1].optional) == ("boss", None, True)
    assert (approval.distinct, approval.never_both) == ((("ask", "sign"), ("look", "sign")), (("clerk", "boss"),))
    assert (samples.years, samples.months, samples.starts, samples.disposal_approval) == (0, 12, "record", None)
    assert isinstance(factor, Factor)
    assert str(factor.value) == "0.5703"
    assert calendar.work == (date(2026, 1, 4),)


def test_a_rule_carries_its_place_and_its_own_text(small: RuleBase) -> None:
    rule = small.get(Post, "boss", DAY)
    assert rule is not None
    assert (rule.file, rule.line) == ("people.toml", 12)
    assert rule.text.startswith("[post.boss]\ntitle = ")
    assert rule.text.endswith('never_with = ["clerk"]\n')
    assert rule.text in small.files["people.toml"]


def test_a_digest_names_what_a_block_says_and_not_how(small: RuleBase, loading: Loading) -> None:
    def digests(*changes: tuple[str, str, str]) -> tuple[str, str, str]:
        base, problems = loading(*changes)
        assert problems == ()
        assert base is not None
        boss, clerk = base.wordings(Post, "boss")[0], base.wordings(Post, "clerk")[0]
        return boss.digest, clerk.digest, base.digest

    boss, clerk, whole = digests()
    assert (boss, clerk, whole) == digests()
    spaced = digests(("people.toml", 'words = ["领导"]', 'words   = [ "领导" ] # hm'))
    assert spaced[:2] == (boss, clerk)
    assert spaced[2] != whole


def test_the_defaults_of_a_file_count_in_the_digest(loading: Loading) -> None:
    first, _ = loading()
    second, _ = loading(("people.toml", "from = 2020-01-01", "from = 2020-01-02"))
    assert first is not None
    assert second is not None
    assert first.wordings(Post, "boss")[0].digest != second.wordings(Post, "boss")[0].digest


def test_rules_are_the_same_wherever_the_directory_lies(tmp_path: Path, small: RuleBase) -> None:
    for name, text in small.files.items():
        path = tmp_path / "elsewhere" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    other, problems = load(tmp_path / "elsewhere", CATALOGUE, READERS)
    assert problems == ()
    assert other is not None
    assert other.digest == small.digest
    assert other.rules == small.rules


def test_an_empty_directory_is_no_rule_base(tmp_path: Path) -> None:
    base, (problem,) = load(tmp_path, {}, ())
    assert base is None
    assert "no rule files" in problem.message.en


def test_a_file_that_is_not_text_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"schema = 1\n# \xff\n")
    base, (problem,) = load(tmp_path, {}, ())
    assert base is None
    assert (problem.file, problem.line) == ("a.toml", 2)
    assert "UTF-8" in problem.message.en


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[post.a]\nx = 1\n\n# next\n[post.b]\ny = 1\n", [("a", 1, {"x": 2}), ("b", 5, {"y": 6})]),
        ("[[post.a]]\nx = 1\n[[post.a]]\nx = 2\n", [("a", 1, {"x": 2}), ("a", 3, {"x": 4})]),
        ('[post.a]\nx = """\n[post.b]\nz = 1\n"""\ny = 1\n', [("a", 1, {"x": 2, "y": 6})]),
        ('[post.a]\nx = [\n  { k = "]" },\n  { z = 1 },\n]\ny = 1\n', [("a", 1, {"x": 2, "y": 6})]),
        ("[post.a]\nx.k = 1\n[post.a.y]\nz = 1\n", [("a", 1, {"x": 2, "y": 3, "z": 4})]),
        ("[post.a]\r\nx = 1\r\n", [("a", 1, {"x": 2})]),
    ],
)
def test_where_blocks_and_keys_stand(text: str, found: list[tuple[str, int, dict[str, int]]]) -> None:
    assert [(p.id, p.line, dict(p.keys)) for p in places(text)] == found


def test_finding_without_facts_of_the_catalogue_is_counted(small: RuleBase) -> None:
    assert small.counts() == {
        "obligation": 4,
        "fact": 1,
        "finding": 2,
        "post": 2,
        "approval": 1,
        "workflow": 0,
        "retention": 2,
        "document": 1,
        "calendar": 1,
        "factor": 1,
        "parameter": 1,
        "figure": 0,
        "vocabulary": 2,
        "requirement": 0,
        "slip": 0,
        "ledger": 0,
        "applicability": 0,
        "exception": 0,
        "standard": 0,
    }
    assert len(small.of(Obligation)) == 5
    assert len(small.of(Finding)) == 2
