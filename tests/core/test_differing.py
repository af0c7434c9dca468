"""What differs between two states of a document's data, in sentences, and whether a template shows it."""

from __future__ import annotations

from compliance.core.documents.differing import differences
from compliance.core.documents.naming import Naming
from compliance.core.documents.plan import Choice, Condition, Loop, Place, asked_for
from compliance.core.documents.values import Context
from compliance.rulebase.schema import Document
from tests.core.world import shipped


def naming() -> Naming:
    rules = shipped()
    return Naming(rules.wordings(Document, "quality-control-plan")[-1], rules)


BEFORE: Context = {
    "profile": {"production_address": "甲镇", "name": "某公司"},
    "lines": [{"no": "1", "line": "K1", "name": "一线"}, {"no": "2", "line": "K2", "name": "二线"}],
    "readings": [{"no": "1", "month": "2026-01", "line": "K1", "item": "煤", "amount": "5"}],
}
AFTER: Context = {
    "profile": {"production_address": "乙镇", "name": "某公司"},
    "lines": [{"no": "1", "line": "K0", "name": "零线"}, {"no": "2", "line": "K2", "name": "新二线"}],
    "readings": [{"no": "1", "month": "2026-01", "line": "K1", "item": "煤", "amount": "6"}],
    "other": "new",
}


def test_each_difference_is_a_sentence_and_names_its_row() -> None:
    found = differences(BEFORE, AFTER, naming())
    assert [(d.path, d.table, d.key) for d in found] == [
        ("profile.production_address", "company_item", ("生产地址",)),
        ("lines[K0]", "production_line", ("K0",)),
        ("lines[K2].name", "production_line", ("K2",)),
        ("lines[K1]", "production_line", ("K1",)),
        ("readings[2026-01 K1 煤].amount", "", ("2026-01", "K1", "煤")),
    ]
    assert [d.text.zh for d in found] == [
        "《企业信息》的“生产地址”由“甲镇”变为“乙镇”",
        "《生产线》新增：“生产线编号” K0，“名称” 零线",
        "《生产线》的“K2”的“名称”由“二线”变为“新二线”",
        "《生产线》已删除：“生产线编号” K1，“名称” 一线",
        "逐月数据汇总的“2026-01 K1 煤”的合计由“5”变为“6”",
    ]
    assert differences(BEFORE, BEFORE, naming()) == ()


def test_what_a_template_does_not_ask_for_is_known() -> None:
    nodes = (
        Place(("profile", "name")),
        Choice(Condition(("lead",)), (Loop("s", ("lines",), (Place(("s", "name")), Place(("profile", "name")))),)),
    )
    asked = frozenset(asked_for(nodes))
    assert asked == {"profile.name", "lead", "lines", "lines.name"}
    shown = [d.path for d in differences(BEFORE, AFTER, naming()) if d.among(asked)]
    assert shown == ["lines[K0]", "lines[K2].name", "lines[K1]"]
