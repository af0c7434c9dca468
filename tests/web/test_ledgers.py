"""How fresh ledgers are: as the rows and the stored occurrences say, on the page, in the workbook and for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self

import pytest
from openpyxl import load_workbook

from compliance.bootstrap.web import web_app
from compliance.core.acts import Actor
from compliance.core.judged import OccurrenceState
from compliance.core.ledgers import Freshness, Keeping, Kept, Lack, Ledgers, Tally, ledger_problems
from compliance.core.looking import look
from compliance.core.model import CollectionItem, LedgerApproval, MissingData, Reading
from compliance.core.model import TestReport as Report
from compliance.core.tokens import NewToken, make_token
from compliance.rulebase.schema import Ledger
from tests.web.api_client import Program
from tests.web.conftest import Browser
from tests.web.world import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.web.house import House

pytestmark = pytest.mark.slow
DAILY = "daily-data"


@pytest.fixture(scope="module")
def ledgers(house: House) -> Ledgers:
    at = house.installation
    return Ledgers(at.register, at.current_rules, at.clock.today)


@pytest.fixture(scope="module")
def fresh(house: House, ledgers: Ledgers) -> dict[str, Freshness]:
    return {one.rule.code: one for one in ledgers.of(house.of)}


def test_rows_are_those_of_the_sheets_up_to_the_day_that_was_judged(house: House, fresh: dict[str, Freshness]) -> None:
    day = house.of.mark or house.installation.clock.today()
    with house.installation.register.read() as reads:
        tables = reads.tables(house.of, [Reading, CollectionItem, Report, LedgerApproval])
    data = look(house.of, tables, house.installation.current_rules(), day)
    words = {"LED-OUT": {"熟料", "水泥"}, "LED-FUEL": {"化石燃料", "替代燃料", "移动源燃料"}}
    for code, classes in words.items():
        items = {(i.line, i.item) for i in data.rows(CollectionItem) if i.item_class in classes}
        days = [r.on for r in data.rows(Reading) if (r.line, r.item) in items and r.on <= day]
        assert fresh[code].kept == Kept(len(days), max(days).isoformat())
    issued = [d for r in data.rows(Report) if (d := r.issued or r.tested) and d <= day]
    assert fresh["LED-TST"].kept == Kept(len(issued), max(issued).isoformat())
    approvals = [a for a in data.rows(LedgerApproval) if a.ledger == "碳排放数据台账"]
    assert fresh["LED-EM"].kept.rows == len(approvals) > 0
    assert fresh["LED-SRC"].kept.rows > 0
    assert fresh["LED-SRC"].kept.newest is None  # a list of sources has no days


def test_a_ledger_is_behind_where_a_duty_that_keeps_it_is_overdue(house: House, fresh: dict[str, Freshness]) -> None:
    with house.installation.register.read() as reads:
        stored = reads.occurrences(house.of)
    lacking = lacking_of(house)
    assert lacking
    assert {one.standing for one in fresh.values()} >= {Keeping.CURRENT, Keeping.BEHIND}
    for one in fresh.values():
        for demand in one.demands:
            of = [o for o in stored if o.obligation == demand.rule.id]
            late = [o.due for o in of if o.state is OccurrenceState.OVERDUE]
            if one.rule.classes and demand.rule.id == DAILY:
                late = [due for due, classes in lacking.items() if classes & classes_of(house, one.rule)]
            waits = [o.due for o in of if o.state in {OccurrenceState.UPCOMING, OccurrenceState.OPEN}]
            assert (demand.overdue, demand.since) == (len(late), min(late, default=None)), one.rule.id
            assert demand.next == min(waits, default=None)
        assert (one.standing is Keeping.BEHIND) is any(d.overdue for d in one.demands)


def classes_of(house: House, rule: Ledger) -> set[str]:
    rules = house.installation.current_rules()
    words = (rules.word("item-class", name, house.of.mark or date.max) for name in rule.classes)
    return {word.zh for word in words if word}


def lacking_of(house: House) -> dict[date, set[str]]:
    """The overdue days of daily data by their due days, with the classes of items that have no reading, one by one."""
    with house.installation.register.read() as reads:
        stored = reads.occurrences(house.of)
        tables = reads.tables(house.of, [Reading, CollectionItem, MissingData])
    day = house.of.mark or house.installation.clock.today()
    data = look(house.of, tables, house.installation.current_rules(), day)
    days = {o.period: o.due for o in stored if o.obligation == DAILY and o.state is OccurrenceState.OVERDUE}
    read = {(str(r.on), r.line, r.item) for r in data.rows(Reading) if r.amount is not None}
    read |= {(str(on), m.line or "", m.item or "") for m in data.rows(MissingData) for on in m.days(day)}
    found: dict[date, set[str]] = {due: set() for due in days.values()}
    for item in data.rows(CollectionItem):
        for on, due in days.items():
            wanted = str(item.since) <= on <= str(item.until or date.max)
            if wanted and (on, item.line, item.item) not in read:
                found[due].add(item.item_class or "")
    return found


def test_daily_data_leave_behind_only_the_ledger_whose_items_lack(house: House, ledgers: Ledgers) -> None:
    first, second = date(2026, 5, 10), date(2026, 5, 11)
    said = [Tally(DAILY, OccurrenceState.OVERDUE, 2, first, second)]
    lacks = [Lack(DAILY, first, "熟料"), Lack(DAILY, second, "熟料"), Lack(DAILY, second, "外购电")]
    found = {one.rule.code: one for one in replace(ledgers, register=Few(3, said, lacks)).of(house.of)}
    behind = {code: (d.overdue, d.since) for code, one in found.items() for d in one.overdue}
    assert behind == {"LED-OUT": (2, first), "LED-ELE": (1, second)}
    assert found["LED-FUEL"].standing is Keeping.CURRENT


def test_what_lacks_on_overdue_days_is_what_the_rows_lack(house: House) -> None:
    with house.installation.register.read() as reads:
        by_class = reads.lacks(house.of, [DAILY])
    assert {(one.due, one.item_class) for one in by_class} == {
        (due, name) for due, classes in lacking_of(house).items() for name in classes
    }


def test_what_is_asked_for_by_the_standard_is_there(house: House) -> None:
    rules = house.installation.current_rules().of(Ledger)
    assert sum("R-6.1.4-a" in rule.source.requirements for rule in rules) == 8


def test_page_workbook_and_programs_say_the_same(house: House, fresh: dict[str, Freshness]) -> None:
    app, at = web_app(house.installation), house.installation
    browser = Browser(app)
    browser.sign_in("wangmin", PASSWORD)
    page = browser.get(f"/p/{house.plant}/ledgers").text
    assert page.count('<tr class="row"') == len(fresh)
    behind = [one for one in fresh.values() if one.standing is Keeping.BEHIND]
    for one in behind:
        assert all(f"code={d.rule.code}&amp;state=overdue" in page for d in one.overdue)
    rows = list(load_workbook(BytesIO(browser.get(f"/p/{house.plant}/ledgers.xlsx").data)).worksheets[0].values)
    assert [row[0] for row in rows[1:]] == list(fresh)
    by = Actor("cli", "命令行", "operator", "local")
    secret = make_token(at.register, "wangmin", NewToken("l", 3), by, at.clock.now()).secret
    told: Any = Program(app, secret).told(f"plants/{house.plant}/ledgers")["rows"]
    assert [(r["code"], r["standing"], r["rows"], r["newest"]) for r in told] == [
        (code, one.standing.value, one.kept.rows, one.kept.newest) for code, one in fresh.items()
    ]
    assert "台账更新" in browser.get(f"/p/{house.plant}/obligations").text


class Few:
    """A register of one look with what a test says."""

    def __init__(self, rows: int, tallies: Sequence[Tally], lacks: Sequence[Lack] = ()) -> None:
        self.rows, self.said, self.lacking = rows, tallies, lacks

    def read(self) -> Few:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def kept_rows(self, _plant: object, wanted: Sequence[object], _until: date) -> list[Kept]:
        return [Kept(self.rows, None)] * len(wanted)

    def tallies(self, _plant: object, _obligations: Sequence[str]) -> Sequence[Tally]:
        return self.said

    def lacks(self, _plant: object, _obligations: Sequence[str]) -> Sequence[Lack]:
        return self.lacking


@pytest.mark.parametrize(
    ("rows", "state", "standing"),
    [
        (0, None, Keeping.EMPTY),
        (3, None, Keeping.CURRENT),
        (0, OccurrenceState.OPEN, Keeping.CURRENT),
        (3, OccurrenceState.OVERDUE, Keeping.BEHIND),
        (3, OccurrenceState.WAIVED, Keeping.CURRENT),
    ],
)
def test_empty_current_and_behind(
    rows: int, state: OccurrenceState | None, standing: Keeping, house: House, ledgers: Ledgers
) -> None:
    day = date(2026, 5, 10)
    said = [Tally("monthly-tests", state, 2, day, day)] if state else []
    found = replace(ledgers, register=Few(rows, said)).of(house.of)
    assert [one.standing for one in found if one.rule.code == "LED-TST"] == [standing]


def test_tables_and_classes_that_are_none_are_named_with_their_place(house: House) -> None:
    base = house.installation.current_rules()
    assert list(ledger_problems(base)) == []
    wrong = [
        replace(rule, sheets=("readings", "reading"), classes=("clinkr",), only={"lime": "x"})
        if isinstance(rule, Ledger)
        else rule
        for rule in base.rules
    ]
    problems = list(ledger_problems(replace(base, rules=tuple(wrong))))
    assert len(problems) == 3 * len(base.of(Ledger))
    assert {p.file for p in problems} == {"ledgers.toml"}
    assert "reading" in problems[0].message.en
    assert "reading has no column 'lime'; did you mean 'line'" in problems[1].message.en
    assert "clinker" in problems[2].message.en
