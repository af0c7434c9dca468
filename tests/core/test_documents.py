"""The pure half of documents: data, names, the expected text, and what is kept of a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from compliance.core.cases import CaseKey, Looked, Signature, StoredStep, Thing
from compliance.core.documents import (
    DATA_SETS,
    NONCONFORMITY_REPORT,
    Context,
    Frame,
    IllegalText,
    Inspected,
    Names,
    NotPlain,
    Rows,
    TemplateProblem,
    TemplateRefused,
    TextDiffers,
    check_names,
    check_values,
    compare,
    names_in,
    nonconformity_report,
    render_checked,
    report_names,
)
from compliance.core.documents.plan import Choice, Condition, Fixed, Loop, Node, Place, expected
from compliance.core.documents.report import told_by_name
from compliance.core.documents.sets import Asked
from compliance.core.duties import Sides
from compliance.core.judged import NONCONFORMITY, Found, Nonconformity, StoredFinding
from compliance.core.model import Filing
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.casework import fold
from compliance.rulebase.schema import Document, Post, Retention, Workflow
from tests.conftest import ROOT
from tests.core.world import shipped

PLANT = Plant(
    1, "91990000770195676B", "YX", "云栖示例水泥有限公司", date(2025, 1, 1), date(2026, 6, 30), date(2026, 6, 30)
)
DAY = date(2026, 7, 20)
ZONE = ZoneInfo("Asia/Shanghai")


def rule() -> Document:
    (found,) = (r for r in shipped().of(Document) if NONCONFORMITY_REPORT in r.data)
    return found


def workflow() -> Workflow:
    (found,) = (w for w in shipped().of(Workflow) if w.applies_to == NONCONFORMITY)
    return found


TICKET = Nonconformity(
    number="NC-2026-0007",
    rule="",
    group="g",
    title=Text("皮带秤逾期未检定", "belt scale not checked"),
    category="C",
    grade="major",
    state="opened",
    opened=date(2026, 6, 1),
    origin="person",
)


def step(seq: int, name: str, state: str, *, at: str = "2026-06-01T01:12:40.000+00:00", **values: Any) -> StoredStep:
    sign = next(s.sign for s in workflow().steps if s.id == name)
    made = f"{seq:064x}"
    return StoredStep(
        seq=seq,
        step=name,
        state=state,
        login="li",
        account="U001",
        name="李敏",
        posts="碳管理员",
        at=at,
        values=values,
        signature=Signature(sign, made, "password") if sign else None,
        digest=made,
    )


STEPS = (
    step(0, "grade", "graded", fact="事实", extent="范围", grade="critical"),
    step(1, "plan", "planned", action="措施", owner="U002", due="2026-07-10", criterion="标准"),
    step(2, "approve-plan", "approved", at="2026-06-03T18:02:51.000+00:00"),
    step(3, "report-progress", "in-progress", progress="一半"),
    step(4, "report-progress", "in-progress", progress="全部"),
)
CLOSED = (*STEPS, step(5, "close", "closed"))


def looked(steps: Sequence[StoredStep]) -> Looked:
    flow = workflow()
    thing = Thing(CaseKey(NONCONFORMITY, TICKET.number), TICKET.title, flow, {"from_audit": False}, Sides(), TICKET)
    return Looked(thing, fold(flow, thing.opens, [s.taken() for s in steps]), tuple(steps))


def finding(number: str) -> StoredFinding:
    found = Found(
        situation="L-01",
        rule="r",
        title=TICKET.title,
        clause="6.1.3 b)",
        strength="shall",
        subject="BS-101",
        period="2026-05",
        note="",
        category="C",
        grade="major",
        message=Text("逾期", "late"),
        remedy=Text("送检", "check"),
        facts=(),
        ticket="g",
        rule_digest="",
    )
    return StoredFinding(id=1, found=found, first_seen=DAY, withdrawn=None, nonconformity=number)


def test_a_finding_names_whole_accounts_and_nothing_else() -> None:
    told = replace(
        finding("NC-2026-0001").found,
        message=Text("U1、U10（器具 JL-U1A）由 U10 校核", "U1, U10"),
        facts=({"filer": "U1", "checker": "U10", "item": "U9"},),
    )
    people = {"U1": "方U10", "U10": "孙立", "U9": "王五"}
    assert told_by_name(told, people) == "方U10、孙立（器具 JL-U1A）由 孙立 校核"


def test_a_code_of_an_obligation_is_a_title_in_its_own_column_alone() -> None:
    asked = SimpleNamespace(duties={"OB-X": "月度上报"}, people=None)
    columns = {c.name: c for c in Filing.SHEET.columns}
    shown = [Asked.shown(asked, columns[name], "OB-X") for name in ("obligation", "receipt")]  # type: ignore[arg-type] # all that it asks of it
    assert shown == ["月度上报", "OB-X"]


def report(steps: Sequence[StoredStep]) -> Any:
    frame = Frame(rule(), "NCR-2026-0007", "A/0", DAY, ZONE, {"U002": "孙立"}, "草稿")
    found = [finding(TICKET.number), finding("NC-2026-0008")]
    return nonconformity_report(looked(steps), TICKET, PLANT, found, shipped(), frame)


# ------------------------------------------------------------------------------- the report's data


def test_the_report_says_what_the_case_says_in_the_words_of_the_rules() -> None:
    data = report(CLOSED)
    assert data["report"]["company"] == PLANT.name
    assert data["control"]["number"] == "NCR-2026-0007"
    flow = workflow()
    closed = flow.state("closed")
    assert closed is not None
    assert data["case"]["state"] == closed.title.zh
    assert data["fields"]["grade"] == "严重"
    assert data["case"]["grade"] == "一般"
    assert data["fields"]["owner"] == "孙立"
    assert data["fields"]["containment"] == "—"
    assert [t["text"] for t in data["told"]["progress"]] == ["一半", "全部"]
    assert [f["subject"] for f in data["findings"]] == ["BS-101"]


def test_times_are_the_plants_own_with_their_offset() -> None:
    assert [s["at"] for s in report(CLOSED)["steps"]][1:3] == ["2026-06-01 09:12:40+08:00", "2026-06-04 02:02:51+08:00"]


def test_a_signed_step_shows_meaning_and_digest() -> None:
    steps = report(CLOSED)["steps"]
    assert [s["meaning"] for s in steps] == ["—", "—", "批准纠正措施", "—", "—", "同意关闭"]
    assert steps[2]["digest"] == f"{2:064x}"[:16]
    assert steps[0]["said"] == "不符合事实：事实\n影响范围：范围\n分级：严重"


def test_the_data_carry_the_mark_that_the_frame_gives() -> None:
    assert report(STEPS)["report"]["mark"] == "草稿"
    assert report(CLOSED)["report"]["mark"] == "草稿"


def test_the_data_offer_exactly_the_names_that_templates_are_checked_with() -> None:
    offered, named = names_in(report(CLOSED)), report_names(workflow())
    told, named_told = offered["told"], named["told"]
    assert isinstance(told, Mapping)
    assert isinstance(named_told, Mapping)
    for group in ("report", "control", "author", "case", "findings", "fields", "steps"):
        assert offered[group] == named[group], group
    assert set(told) == set(named_told)
    check_values(report(CLOSED))


def test_every_document_of_the_rules_can_be_made() -> None:
    base = shipped()
    assert base.of(Document)
    for known in base.of(Document):
        assert (ROOT / "doc_templates" / known.template).is_file()
        assert set(known.data) <= set(DATA_SETS)
        assert base.nearest(Retention, known.retention, DAY)
        posts = [base.nearest(Post, p, DAY) for p in (known.author, known.reviewer, known.approver) if p]
        assert all(posts)
        assert len({known.author, known.reviewer, known.approver}) == 3


# ----------------------------------------------------------------------------- values and names


@pytest.mark.parametrize("bad", ["\x00", "a\r", "\ud800", "\uffff", "\x1f"])
def test_a_bad_character_is_refused_with_its_place(bad: str) -> None:
    with pytest.raises(IllegalText, match=r"a\.b\[2\]\.c") as refused:
        check_values({"a": {"b": [{"c": "x"}, {"c": f"y{bad}"}]}})
    assert refused.value.values["character"] == f"U+{ord(bad[-1]):04X}"


@pytest.mark.parametrize("bad", [1, None, 1.5, b"x", object(), {1: "x"}, {"x"}])
def test_what_is_not_plain_is_refused(bad: Any) -> None:
    with pytest.raises(NotPlain):
        check_values({"a": bad})


def test_names_are_checked_through_loops_and_choices() -> None:
    names: Names = {"a": {"b": None}, "rows": Rows({"c": None})}
    good: list[Node] = [
        Loop("r", ("rows",), (Place(("r", "c")), Choice(Condition(("a", "b")), (Place(("a", "b")),)))),
        Choice(Condition(("rows",)), ()),
    ]
    assert not list(check_names("p", good, names))
    bad: list[Node] = [
        Loop("r", ("rows",), (Place(("r", "d")),)),
        Place(("r", "c")),
        Choice(Condition(("a", "x")), (), (Place(("q",)),)),
    ]
    problems = list(check_names("p", bad, names))
    assert [p.text.en.split("'")[1] for p in problems] == ["r.d", "r.c", "a.x", "q"]
    assert {p.place for p in problems} == {"p"}


def test_the_expected_text_follows_loops_choices_and_filters() -> None:
    nodes: list[Node] = [
        Fixed("["),
        Loop("r", ("rows",), (Place(("r", "c"), ("trim", "upper")), Fixed(";"))),
        Choice(Condition(("a",), "x"), (Fixed("is x"),), (Fixed("is not"),)),
        Choice(Condition(("none",), None, negated=True), (Fixed("!"),)),
    ]
    context: Context = {"rows": [{"c": " p "}, {"c": "q"}], "a": "x", "none": ""}
    assert "".join(p.text for p in expected(nodes, context)) == "[P;Q;is x!"


@pytest.mark.parametrize(
    ("read", "place"),
    [
        ("ab x", ", v:"),
        ("ab ", ", v:"),
        ("ab xycde", "template"),
        ("AB xyc", "template"),
        ("", "template"),
        ("ab xy", "template"),
    ],
)
def test_a_difference_is_named_where_it_is(read: str, place: str) -> None:
    parts: dict[str, list[Node]] = {"p": [Fixed("ab "), Place(("v",)), Fixed("c")]}
    compare(parts, {"v": "xy"}, {"p": "ab xyc"})
    with pytest.raises(TextDiffers) as refused:
        compare(parts, {"v": "xy"}, {"p": read})
    assert place in str(refused.value.message.en)
    with pytest.raises(TextDiffers):
        compare(parts, {"v": "xy"}, {"p": "ab xyc", "q": "more"})


# ------------------------------------------------------------------------------------- rendering


@dataclass
class FakeRenderer:
    """Fills one place; may be told to lie."""

    problems: tuple[TemplateProblem, ...] = ()
    says: str = ""

    def inspect(self, template: bytes) -> Inspected:
        return Inspected({"p": [Place(("v",))]}, self.problems)

    def render(self, template: bytes, context: Context) -> bytes:
        return str(context["v"]).encode()

    def read(self, document: bytes, parts: Sequence[str]) -> Mapping[str, str]:
        return {"p": self.says or document.decode()}


@pytest.mark.parametrize(
    ("renderer", "value", "error"),
    [
        (FakeRenderer(problems=(TemplateProblem("p", Text("坏", "bad")),)), "x", TemplateRefused),
        (FakeRenderer(says="y"), "x", TextDiffers),
        (FakeRenderer(), "\x00", IllegalText),
    ],
)
def test_what_is_refused_yields_no_file(renderer: FakeRenderer, value: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        render_checked(renderer, b"template", {"v": value}, {"v": None})
    assert render_checked(FakeRenderer(), b"template", {"v": value[:1].strip("\x00")}, {"v": None}) is not None
