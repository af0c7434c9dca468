"""Rules of another standard beside the main one: loaded together, chosen by a plant, taken away without a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from compliance.bootstrap.samples import sample_of, wrong_samples
from compliance.cli.main import main
from compliance.core.applicability import adopted, binding, following, not_binding, profile_of
from compliance.core.documents.gathering import review_months
from compliance.core.facts import CATALOGUE
from compliance.core.findings import judge_plant
from compliance.core.looking import own_values
from compliance.core.model import CompanyItem, Event, Row
from compliance.core.obligations import READERS, occurrences_of
from compliance.rulebase.coverage import by_chapter, coverage
from compliance.rulebase.loader import load
from compliance.rulebase.packs import lying_ready
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import Document, Obligation, Problem, Requirement, Standard
from tests.conftest import ROOT
from tests.core.world import START, row, seen, shipped

PACK = "gbt-24001"
ON = date(2026, 6, 1)
CHOSEN = row(CompanyItem, item="采用环境管理体系", content="是")
Copied = Callable[..., Path]
SPARE = """
[post.ems-spare]
title  = { zh = "环境备员", en = "Spare post" }
source = { clause = "5.3", strength = "shall" }
words  = ["环境备员"]
"""


@pytest.fixture
def copied(tmp_path: Path) -> Copied:
    """A copy of the shipped rules with the pack in use, and edits in files of it."""

    def make(*edits: tuple[str, str, str]) -> Path:
        folder = tmp_path / "rules"
        if not folder.exists():
            shutil.copytree(ROOT / "rules", folder)
        for name, old, new in (("packs/gbt-24001/standard.toml", "in_use     = false", "in_use     = true"), *edits):
            path = folder / name
            text = path.read_text("utf-8")
            assert text.count(old) == 1, (name, old)
            path.write_text(text.replace(old, new), "utf-8")
        return folder

    return make


def read(folder: Path) -> tuple[RuleBase | None, tuple[Problem, ...]]:
    return load(folder, CATALOGUE, READERS)


@pytest.fixture
def both(copied: Copied) -> RuleBase:
    base, problems = read(copied())
    assert base is not None, problems
    return base


def codes(base: RuleBase, *rows: Row, until: date = date(2027, 12, 31)) -> set[str]:
    data = seen(*rows, on=ON, rules=base)
    return {one.code for one in occurrences_of(data, base, own_values(data), until)}


# --- what is loaded --------------------------------------------------------------------------------------------------


def test_the_shipped_pack_lies_ready_and_nothing_of_it_is_loaded() -> None:
    assert lying_ready(ROOT / "rules") == (PACK,)
    assert {rule.pack for rule in shipped().rules} == {""}
    assert [standard.id for standard in shipped().of(Standard)] == ["cement-carbon"]
    assert not any("packs/" in name for name in shipped().files)


def test_a_pack_that_lies_ready_is_linted_all_the_same(copied: Copied, capsys: pytest.CaptureFixture[str]) -> None:
    """A post of the pack that no rule names is a remark, used or not; the shipped pack leaves none."""
    folder = copied()
    standard = folder / "packs" / PACK / "standard.toml"
    standard.write_text(standard.read_text("utf-8").replace("in_use     = true", "in_use     = false"), "utf-8")
    assert main(["--rules", str(folder), "rules", "lint", "--json"]) == 0
    rules = folder / "packs" / PACK / "rules.toml"
    rules.write_text(rules.read_text("utf-8") + SPARE, "utf-8")
    capsys.readouterr()
    assert main(["--rules", str(folder), "rules", "lint", "--json"]) == 1
    (remark,) = json.loads(capsys.readouterr().out)["remarks"]
    assert (remark["check"], remark["rule"]) == ("rule-unnamed", "post.ems-spare")


def test_a_pack_in_use_stands_beside_the_main_standard(both: RuleBase) -> None:
    main, pack = both.standards(ON)
    assert (main.pack, pack.pack, pack.code, pack.skeleton) == ("", PACK, "GB/T 24001", True)
    assert all(both.standard_of(rule.pack, ON) == (pack if rule.pack else main) for rule in both.rules)
    assert both.standard_named("gb/t 24001", ON) == both.standard_named(PACK, ON) == pack
    kinds = {kind for kind, type_ in KINDS.items() if any(rule.pack for rule in both.of(type_))}
    assert kinds >= {"requirement", "post", "obligation", "document", "finding", "vocabulary", "parameter", "standard"}


def test_the_main_standard_keeps_every_one_of_its_rules(both: RuleBase) -> None:
    assert {(r.kind, r.id, r.digest) for r in both.rules if not r.pack} == {
        (r.kind, r.id, r.digest) for r in shipped().rules
    }


def test_each_standard_is_covered_and_counted_by_itself(both: RuleBase) -> None:
    assert coverage(both, ON) == coverage(shipped(), ON)
    assert len(coverage(both, ON)) == 277
    rows = coverage(both, ON, PACK)
    assert len(rows) == len([r for r in both.of(Requirement) if r.pack]) == 28
    assert [chapter.chapter for chapter in by_chapter(rows)] == ["4", "5", "6", "7", "8", "9", "10"]
    assert not any(row.gap for row in rows)
    assert [row.requirement.code for row in rows][-3:] == ["EMS-10.1", "EMS-10.2", "EMS-10.3"]
    review = next(row.requirement for row in rows if row.requirement.code == "EMS-9.3")
    assert review.like == ("R-7.5-0",)


# --- what a plant chooses --------------------------------------------------------------------------------------------


def test_a_plant_follows_the_main_standard_alone_until_it_says_otherwise(both: RuleBase) -> None:
    silent, choosing = seen(on=ON, rules=both), seen(CHOSEN, on=ON, rules=both)
    assert [s.pack for s in adopted(profile_of(silent), both, ON)] == [""]
    assert [s.pack for s in adopted(profile_of(choosing), both, ON)] == ["", PACK]
    pack = next(s for s in both.standards(ON) if s.pack)
    assert not_binding(profile_of(silent), both, ON) == {pack.source.document}
    assert not_binding(profile_of(choosing), both, ON) == set()
    for data, wanted in ((silent, False), (choosing, True)):
        assert {binding(data, both)(rule) for rule in both.of(Obligation) if rule.pack} == {wanted}
        assert {following(profile_of(data), both, ON)(rule) for rule in both.of(Document) if rule.pack} == {wanted}
        assert all(binding(data, both)(rule) for rule in both.of(Obligation) if not rule.pack)


def test_a_plant_of_both_has_the_duties_of_both_and_another_those_of_before(both: RuleBase) -> None:
    alone = codes(shipped())
    emergency = row(Event, number="E1", type="环境紧急情况", on=ON)
    assert codes(both) == alone
    assert codes(both, emergency) == alone
    assert codes(both, CHOSEN) - alone == {"EMS-MR", "EMS-IA", "EMS-CE"}
    assert codes(both, CHOSEN, emergency) - alone == {"EMS-MR", "EMS-IA", "EMS-CE", "EMS-EV1"}


def test_its_findings_hold_where_it_is_followed(both: RuleBase) -> None:
    def found(*rows: Row) -> set[str]:
        data = replace(seen(*rows, on=ON, rules=both), onboarded=START)
        return {f.situation for f in judge_plant(data, both, (), own_values(data)).findings}

    assert found(CHOSEN) - found() == {"EMS-1"}  # nothing was reviewed since the first day of data


# --- nothing is left -------------------------------------------------------------------------------------------------


def test_without_its_folder_nothing_of_it_is_left(copied: Copied) -> None:
    folder = copied()
    shutil.rmtree(folder / "packs" / PACK)
    base, problems = read(folder)
    assert base is not None, problems
    assert (base.digest, base.rules) == (shipped().digest, shipped().rules)
    assert codes(base, CHOSEN) == codes(shipped())


def test_the_program_has_no_word_of_the_pack(both: RuleBase) -> None:
    mine = [rule for rule in both.rules if rule.pack]
    words = {PACK, "GB/T 24001", "EMS-", "环境管理体系", "环境方针", "环境紧急情况"} | {rule.id for rule in mine}
    sources = [*ROOT.glob("compliance/**/*.py"), *ROOT.glob("compliance/**/*.html"), *ROOT.glob("compliance/**/*.po")]
    assert len(sources) > 300
    texts = {path: path.read_text("utf-8") for path in sources}
    assert [(str(path), word) for path, text in texts.items() for word in sorted(words) if word in text] == []


# --- what is refused -------------------------------------------------------------------------------------------------

OWN = "packs/gbt-24001/rules.toml"
HEAD = "packs/gbt-24001/standard.toml"


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ((OWN, "[obligation.ems-internal-audit]", "[obligation.internal-audit]"), "obligations/reviews.toml:"),
        ((OWN, '"EMS-IA"', '"OB-IA"'), "obligation.internal-audit (obligations/reviews.toml:"),
        ((OWN, '"EMS-1"', '"L-13a"'), "belongs to another standard already: finding."),
        ((HEAD, '"环境管理体系负责人"]', '"管理者代表"]'), "management-representative (posts.toml:"),
        ((HEAD, "[standard.gbt-24001]", "[standard.gbt-24002]"), "its id should be the name of its folder"),
        ((HEAD, "applies_if = { ems-adopted", "# applies_if = { ems-adopted"), "by which item of its record"),
        ((HEAD, '"GB/T 24001"', '"T/CQSES XXXX—XXXX"'), "standard.cement-carbon (standard.toml:"),
        (("packs/gbt-24001/requirements.toml", '["R-7.5-0"]', '["R-7.5-99"]'), "no other standard has"),
        (("packs/gbt-24001/requirements.toml", '["R-7.5-0"]', '["EMS-9.1.2"]'), "no other standard has"),
        ((OWN, 'requirements = ["EMS-5.2"]', 'requirements = ["EMS-5.9"]'), "there is no requirement 'EMS-5.9'"),
        (("standard.toml", 'code    = "', 'in_use  = false\ncode    = "'), "the main standard always holds"),
        (("obligations/reviews.toml", 'owner    = "top-management"', 'owner = "ems-manager"'), "belongs to the pack"),
    ],
)
def test_what_would_mix_two_standards_is_refused_with_both_places(
    copied: Copied, edit: tuple[str, str, str], said: str
) -> None:
    base, problems = read(copied(edit))
    assert base is None
    hit = [p for p in problems if said in p.message.en]
    assert hit, [f"{p.file}:{p.line} {p.message.en}" for p in problems][:5]
    assert all(p.line > 0 and p.message.zh for p in hit)


def test_a_folder_without_its_standard_is_refused(copied: Copied) -> None:
    folder = copied()
    stray = folder / "packs" / "stray"
    stray.mkdir()
    text = (folder / "posts.toml").read_text("utf-8").partition("[post.")[0]
    block = (
        'title = { zh = "某岗", en = "Some post" }\nsource = { clause = "1", strength = "fact" }\nwords = ["某岗"]\n'
    )
    (stray / "posts.toml").write_text(f"{text}\n[post.some-post]\n{block}", "utf-8")
    _base, problems = read(folder)
    assert [p.message.en for p in problems] == ["the pack has no [standard.stray]"]


def test_the_document_of_the_pack_has_a_sample_that_fits_it(copied: Copied) -> None:
    rulebase, problems = read(copied())
    assert rulebase is not None, problems
    (policy,) = (rule for rule in rulebase.of(Document) if rule.pack == PACK)
    assert list(wrong_samples(policy)) == []
    assert set(sample_of(policy)) == {section.id for section in policy.sections}
    assert review_months(rulebase, policy, {}, ON) == 12
