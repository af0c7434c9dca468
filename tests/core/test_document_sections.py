"""What a document must say before it is signed: every demanded section, and of a table every demanded cell."""

from __future__ import annotations

import pytest

from compliance.bootstrap.samples import sample_of
from compliance.core.documents import missing, written_of
from compliance.core.documents.sections import written_names
from compliance.core.documents.values import Context
from compliance.rulebase.schema import Document, Requirement, SectionKind
from tests.judging import shipped

PROGRAMMES = "reduction-programmes"


def context(rule: Document, rows: list[list[str]]) -> Context:
    data = {name: "有" for section in rule.sections for name in section.needs}
    return {**data, **written_of(rule, {"programmes": tuple(tuple(row) for row in rows)})}


@pytest.mark.parametrize("empty", range(6))
def test_a_programme_that_lacks_one_of_its_contents_is_missing(empty: int) -> None:
    rule = next(r for r in shipped().of(Document) if r.id == PROGRAMMES)
    full = ["窑炉能效", "改造", "生产运行部", "六月底", "3,000", "260"]
    assert missing(rule, context(rule, [full, full])) == ()
    lacking = [*full[:empty], " " if empty else "", *full[empty + 1 :]]
    assert [s.id for s in missing(rule, context(rule, [full, lacking]))] == ["programmes"]


def test_what_every_document_proposes_is_whole_with_what_its_author_writes_as_in_the_sample() -> None:
    for rule in shipped().of(Document):
        data = {name: "有" for section in rule.sections for name in section.needs}
        lacks = missing(rule, {**data, **written_of(rule, sample_of(rule))})
        assert [(rule.id, s.id) for s in lacks if s.strength == "shall"] == []


def test_every_demanded_column_is_offered_to_the_template() -> None:
    for rule in shipped().of(Document):
        tables = written_names(rule)["table"]
        for section in rule.sections:
            if section.kind is SectionKind.TABLE:
                assert set(section.must) <= set(tables[section.id].names), (rule.id, section.id)  # type: ignore[index,union-attr] # names of rows


def rule_of(name: str) -> Document:
    (rule,) = (r for r in shipped().of(Document) if r.id == name)
    return rule


#: The statements of which a document must hold every one, by the beginning of their codes.
WHOLE = {
    "implementation-plan": ("R-A.", "R-5-"),
    "scope-statement": ("R-4.6.",),
    "monitoring-plan": ("R-5.1.4-",),
    "management-review-report": ("R-7.5.1-", "R-7.5.2-"),
    "nonconformity-report": ("R-8.2-",),
    "improvement-report": ("R-8.3-",),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_document_says_every_statement_that_the_standard_makes_of_it(name: str) -> None:
    rule = rule_of(name)
    said = set(rule.source.requirements).union(*(section.requirements for section in rule.sections))
    wanted = {r.code for r in shipped().of(Requirement) if r.code.startswith(WHOLE[name])}
    assert wanted
    assert wanted - said == set()


#: What must stand in every row of a table before the document is signed, as the standard lists it.
COLUMNS = [
    ("reduction-programmes", "programmes", "path owner schedule reduction budget"),
    ("project-plan", "list", "mechanism reduction benefit owner"),
    ("project-plan", "nodes", "stage due owner"),
    ("fund-plan", "budget", "item amount when owner"),
    ("monitoring-plan", "methods", "parameter method frequency owner"),
    ("monitoring-plan", "keys", "parameter frequency sampling laboratory"),
    ("monitoring-plan", "gaps", "parameter method direction"),
    ("quality-control-plan", "keys", "parameter frequency sampling laboratory"),
    ("quality-control-plan", "controls", "stage control owner"),
    ("risk-list", "risks", "type likelihood impact level measure owner"),
    ("quota-strategy", "forecast", "item amount basis"),
    ("implementation-plan", "targets", "indicator annual medium owner"),
    ("implementation-plan", "programmes", "measures period owner reduction budget"),
    ("implementation-plan", "responses", "type measure owner"),
    ("implementation-plan", "schedule", "phase work due owner"),
    ("management-review-report", "decisions", "decision owner due"),
    ("improvement-report", "plan", "source chance measure owner due"),
    ("improvement-report", "evaluation", "measure result effect"),
    ("fuel-stocktaking", "count", "fuel book counted difference"),
    ("trade-application", "range", "strategy lowest highest"),
    ("scope-statement", "places", "kind name address"),
]


@pytest.mark.parametrize(("name", "table", "columns"), COLUMNS)
def test_a_row_without_what_the_standard_lists_is_not_whole(name: str, table: str, columns: str) -> None:
    section = rule_of(name).section(table)
    assert section is not None
    assert set(columns.split()) <= set(section.must)
    assert section.strength == "shall"


#: The kinds that the standard names one by one: each is proposed as a row, to be filled in or left out.
KINDS = [
    ("risk-list", "risks", ("碳价波动", "政策变动", "履约逾期", "操作", "资金", "项目开发", "数据合规")),
    ("project-plan", "list", ("水泥窑协同处置", "燃料替代", "余热回收", "光伏发电")),
    ("reduction-programmes", "programmes", ("窑炉", "替代燃料", "余热", "低碳技术", "CCUS")),
    ("implementation-plan", "schedule", ("体系搭建", "方案落地", "日常运行", "内部审核")),
]


@pytest.mark.parametrize(("name", "table", "kinds"), KINDS)
def test_every_kind_that_the_standard_names_is_proposed(name: str, table: str, kinds: tuple[str, ...]) -> None:
    section = rule_of(name).section(table)
    assert section is not None
    assert all(row[0].startswith(kind) for row, kind in zip(section.rows, kinds, strict=True))


#: What only the plant can say: how likely, how grave, what comes of it, what it costs.
OWN = {"likelihood", "impact", "level", "benefit", "reduction", "budget", "amount"}


def test_no_rule_proposes_what_only_the_plant_can_say() -> None:
    for rule in shipped().of(Document):
        for section in rule.sections:
            own = [n for n, column in enumerate(section.columns) if column.id in OWN]
            assert [row[n] for row in section.rows for n in own if row[n]] == [], (rule.id, section.id)
    review = rule_of("management-review-report")
    assert [s.id for s in review.sections if s.default or s.rows] == []
    assert rule_of("monitoring-plan").section("filing").default == ""  # type: ignore[union-attr] # it is there
