"""Every type has a sample that fits its rule and shows in its template; and no rule proposes what a person must say."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from docx import Document as Word

from compliance.bootstrap.samples import sample_of, sample_path, wrong_samples
from compliance.core.documents import document_names, missing, render_checked, written_of
from compliance.rulebase.schema import Document, Section, SectionKind, Strength
from tests.adapters.test_templates import TEMPLATES, filled
from tests.docx_files import InProcess
from tests.judging import shipped

RULES = [pytest.param(rule, id=rule.id) for rule in shipped().of(Document)]
WRITTEN = [pytest.param(rule, id=rule.id) for rule in shipped().of(Document) if rule.sections]
#: Words that stand where a figure, a person or a result belongs.
EMPTY_WORDS = (
    "按台账",
    "按实测",
    "见成交明细",
    "近三年台账年均值",
    "待可研测算",
    "以交易策略金额上限为限",
    "按登记时限",
    "一定比例",
)
#: Words that state what came of something nobody has looked at yet.
RESULTS = ("合规", "不合规", "不适用", "符合", "未收到投诉", "按计划实施", "已抽查", "总体符合", "持续适宜")


def proposed(section: Section) -> list[str]:
    """Everything that a rule proposes in a section."""
    return [section.default, *(cell for row in section.rows for cell in row)]


def unwritten(rule_id: str) -> list[Section]:
    """Sections that must say something and for which the rule of a type proposes too little."""
    (rule,) = (r for r in shipped().of(Document) if r.id == rule_id)
    lacking = missing(rule, written_of(rule, {}))
    return [s for s in lacking if s.kind is not SectionKind.DATA and s.strength is Strength.SHALL]


@pytest.mark.parametrize("rule", RULES)
def test_every_type_has_a_sample_that_fits_its_rule(rule: Document) -> None:
    assert sample_path(rule) is not None
    assert list(wrong_samples(rule)) == []
    said = sample_of(rule)
    assert set(said) == {s.id for s in rule.sections if s.kind is not SectionKind.DATA}


def test_every_template_has_a_sample_those_of_packs_too() -> None:
    samples = {path.stem for path in (TEMPLATES / "samples").glob("*.toml")}
    assert samples == {path.stem for path in TEMPLATES.glob("*.docx")}


@pytest.mark.parametrize("rule", WRITTEN)
def test_a_sample_shows_in_its_template_word_for_word(rule: Document) -> None:
    names = document_names(rule, shipped())
    written = written_of(rule, sample_of(rule))
    context = {**{name: filled(name, shape, "") for name, shape in names.items()}, **written}
    made = render_checked(InProcess(), (TEMPLATES / rule.template).read_bytes(), context, names)
    text = InProcess().read(made, ["word/document.xml"])["word/document.xml"]
    for section in rule.sections:
        said = sample_of(rule).get(section.id, "")
        if section.kind is SectionKind.CHOICE:
            said = next(word.zh for word in section.words if word.id == said)
        cells = said.split("\n") if isinstance(said, str) else [cell for row in said for cell in row]
        assert section.drawn or [cell for cell in cells if cell not in text] == [], section.id


@pytest.mark.parametrize("rule", WRITTEN)
def test_no_rule_proposes_words_where_figures_persons_or_results_belong(rule: Document) -> None:
    for section in rule.sections:
        said = proposed(section)
        cells = [cell for row in section.rows for cell in row]
        assert not [word for word in EMPTY_WORDS for cell in cells if word in cell], section.id
        assert "一定比例" not in section.default
        assert not [cell for cell in said if cell in RESULTS], section.id
        assert not [word for word in RESULTS[4:] if word in section.default and section.strength is Strength.SHALL]
        if section.figures and section.strength is Strength.SHALL:
            assert section in unwritten(rule.id), section.id


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('["烟煤", "4,120.50"', '["烟煤", "按台账"', "未写全"),
        ("count = [", "counts = [", "counts"),
        ('["烟煤", "4,120.50", ', '["烟煤", ', "格数"),
        ("[table]", "[table", "fuel_stocktaking.toml"),
    ],
)
def test_a_sample_that_does_not_fit_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    (rule,) = (r for r in shipped().of(Document) if r.id == "fuel-stocktaking")
    path = sample_path(rule)
    assert path is not None
    text = path.read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / path.name).write_text(text.replace(old, new, 1), encoding="utf-8")
    assert said in " ".join(zh for _, zh, _ in wrong_samples(rule, tmp_path))


@pytest.mark.parametrize(
    ("direction", "said"),
    [
        ("入金", "入金：碳交易专用资金账户 → 交易所结算账户"),
        ("出金", "出金：交易所结算账户 → 碳交易专用资金账户"),
        ("", "□ 入金：碳交易专用资金账户 → 交易所结算账户　□ 出金：交易所结算账户 → 碳交易专用资金账户"),
    ],
)
def test_the_accounts_of_a_transfer_follow_from_its_direction(direction: str, said: str) -> None:
    (rule,) = (r for r in shipped().of(Document) if r.id == "cash-application")
    names = document_names(rule, shipped())
    given = {name: filled(name, shape, "") for name, shape in names.items()} | written_of(rule, sample_of(rule))
    record = given["record"]
    assert isinstance(record, dict)
    template = (TEMPLATES / rule.template).read_bytes()
    made = render_checked(InProcess(), template, {**given, "record": {**record, "direction": direction}}, names)
    cells = [cell.text for table in Word(io.BytesIO(made)).tables for row in table.rows for cell in row.cells]
    assert [cell for cell in cells if "专用资金账户" in cell] == [said]
