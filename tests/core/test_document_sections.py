"""What a document must say before it is signed: every demanded section, and of a table every demanded cell."""

from __future__ import annotations

import pytest

from compliance.bootstrap.samples import sample_of
from compliance.core.documents import missing, pictures, written_of
from compliance.core.documents.sections import written_names
from compliance.core.documents.values import Context, Value
from compliance.rulebase.schema import Document, Requirement, SectionKind
from tests.judging import shipped

PROGRAMMES = "reduction-programmes"


def there(rule: Document) -> Context:
    """Something for every name that the register gives a document; a cell stands in its record."""
    names = sorted({name for section in rule.sections for name in section.needs})  # a record before its cells
    data: dict[str, Value] = {}
    for name in names:
        whole, _, cell = name.partition(".")
        data[whole] = {cell: "有"} if cell else "有"
    return data


def context(rule: Document, rows: list[list[str]]) -> Context:
    data = there(rule)
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
        lacks = missing(rule, {**there(rule), **written_of(rule, sample_of(rule))})
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
    "carbon-policy": ("R-4.3-",),
    "duties-and-authorities": ("R-4.4.1-",),
    "context-review": ("R-4.5",),
    "asset-inventory-plan": ("R-5.2.1-",),
    "carbon-finance-plan": ("R-5.2.4-b", "R-6.2.5-"),
    "emergency-plan": ("R-5.2.5-b",),
    "compliance-report": ("R-6.2.3-",),
    "account-operation": ("R-6.2.1-b",),
    "data-quality-procedure": ("R-7.2-",),
    "compliance-evaluation-report": ("R-7.3-",),
    "audit-programme": ("R-7.4-0", "R-7.4-1", "R-7.4-a", "R-7.4-b"),
    "audit-plan": ("R-7.4-c",),
    "audit-report": ("R-7.4-d", "R-7.4-e", "R-7.4-f"),
    "carbon-targets": ("R-5.1.3-1", "R-5.1.3-2", "R-5.1.3-a"),
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
    ("context-review", "external", "factor state effect response"),
    ("context-review", "internal", "factor state effect response"),
    ("context-review", "parties", "party need kind indicator"),
    ("duties-and-authorities", "matrix", "post duty authority"),
    ("duties-and-authorities", "members", "department name"),
    ("asset-inventory-plan", "scope", "asset content held"),
    ("asset-inventory-plan", "plan", "cycle method owner"),
    ("compliance-plan", "nodes", "node due owner"),
    ("compliance-plan", "gap", "way limit owner"),
    ("compliance-plan", "ratio", "due ratio amount"),
    ("carbon-finance-plan", "tools", "tool scenario risk owner"),
    ("carbon-targets", "annual", "indicator target owner"),
    ("carbon-targets", "breakdown", "indicator workshop equipment share owner person"),
    ("emergency-plan", "owners", "case owner limit"),
    ("audit-programme", "frequency", "period department team kind"),
    ("audit-plan", "points", "clause point auditor"),
    ("audit-plan", "schedule", "time activity who"),
    ("audit-report", "corrections", "nonconformity action owner due verifier"),
    ("compliance-evaluation-report", "corrections", "item demand owner due"),
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
    ("context-review", "external", ("国家", "碳市场", "碳普惠", "行业", "能源", "绿色金融", "上下游")),
    (
        "context-review",
        "internal",
        ("发展战略", "组织架构", "生产工艺", "技术装备", "能源结构", "低碳技改", "碳管理团队", "历史排放"),
    ),
    ("context-review", "parties", ("主管部门", "投资方", "供应商", "客户", "员工", "公众")),
    ("asset-inventory-plan", "scope", ("碳排放配额", "核证自愿减排量", "重庆碳普惠", "项目碳信用", "低碳产品")),
    ("emergency-plan", "owners", ("账户异常", "交易失败", "履约资金缺口")),
]


@pytest.mark.parametrize(("name", "table", "kinds"), KINDS)
def test_every_kind_that_the_standard_names_is_proposed(name: str, table: str, kinds: tuple[str, ...]) -> None:
    section = rule_of(name).section(table)
    assert section is not None
    assert all(row[0].startswith(kind) for row, kind in zip(section.rows, kinds, strict=True))


#: What only the plant can say: how likely, how grave, what comes of it, what it costs.
OWN = {"likelihood", "impact", "level", "benefit", "reduction", "budget", "amount"}
OWN |= {"state", "effect", "held", "target", "share", "ratio", "person", "phone", "finding"}


def test_no_rule_proposes_what_only_the_plant_can_say() -> None:
    for rule in shipped().of(Document):
        for section in rule.sections:
            own = [n for n, column in enumerate(section.columns) if column.id in OWN]
            assert [row[n] for row in section.rows for n in own if row[n]] == [], (rule.id, section.id)
    review = rule_of("management-review-report")
    assert [s.id for s in review.sections if s.default or s.rows] == []
    assert rule_of("monitoring-plan").section("filing").default == ""  # type: ignore[union-attr] # it is there


#: Sections that say how things went or stand: the author writes them, and nothing is proposed.
ACCOUNTS = [
    ("carbon-targets", "basis"),
    ("assets-ledger", "remarks"),
    ("allowance-changes", "reasons"),
    ("compliance-report", "verification"),
    ("compliance-report", "problems"),
    ("emission-report", "products"),
    ("emission-report", "quality"),
    ("data-audit-report", "risks"),
    ("data-audit-report", "conclusion"),
    ("compliance-evaluation-report", "conclusion"),
    ("audit-report", "course"),
    ("audit-report", "findings"),
    ("audit-report", "conclusion"),
    ("context-review", "conclusion"),
]


@pytest.mark.parametrize(("name", "section"), ACCOUNTS)
def test_how_things_went_is_never_proposed(name: str, section: str) -> None:
    found = rule_of(name).section(section)
    assert found is not None
    assert (found.default, found.rows) == ("", ())


def test_no_step_of_a_flow_that_a_rule_proposes_is_cut_in_its_box() -> None:
    for rule in shipped().of(Document):
        for section in rule.sections:
            if section.drawn == "flow":
                drawn = pictures.flow("", section.default.strip().splitlines())[pictures.PICTURE]
                assert [mark for mark in drawn if str(mark[-1]).endswith("…")] == [], (rule.id, section.id)
