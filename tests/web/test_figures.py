"""Figures at pages: what scripts compare, each down to its factors; factors verified by two persons."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook
from sqlalchemy import event

from compliance.adapters.accounts import Argon2
from compliance.bootstrap.installation import OPERATOR
from compliance.bootstrap.web import web_app
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import Act
from compliance.core.figures import figures_of
from compliance.core.figures.showing import LARGE, SMALL
from compliance.core.looking import look, own_values
from tests.web.conftest import Browser
from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.house import House

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def at(house: House) -> Callable[[str], Browser]:
    """A browser of a sign-in of the example plant."""
    app = web_app(house.installation)
    for login, role in (("second", Role.DEPARTMENT), ("looker", Role.AUDITOR)):
        new = NewUser(login, login, None, house.of.key, role, PASSWORD)
        add_user(house.installation.register, Argon2(), new, actor=OPERATOR, now=house.installation.clock.now())

    def sign_in(login: str) -> Browser:
        browser = Browser(app)
        assert browser.sign_in(login).status_code == 302
        return browser

    return sign_in


def path(house: House, rest: str) -> str:
    return f"/p/{house.plant}/{rest}"


def test_the_small_sheets_come_by_one_statement_as_they_come_by_one_each(house: House) -> None:
    with house.installation.register.read() as reads:
        assert reads.gathered(house.of, SMALL) == reads.tables(house.of, SMALL)


def test_the_sheets_of_the_page_give_the_figures_of_all_sheets(house: House) -> None:
    installation = house.installation
    with installation.register.read() as reads:
        every, some = reads.tables(house.of), reads.tables(house.of, (*SMALL, *LARGE))
    for day in (TODAY, TODAY - timedelta(days=100)):
        whole, part = (look(house.of, tables, installation.rulebase, day) for tables in (every, some))
        values = own_values(whole)
        assert figures_of(part, installation.rulebase, values) == figures_of(whole, installation.rulebase, values)


def test_the_page_shows_every_value_of_the_year_and_each_unfolds(house: House, at: Callable[[str], Browser]) -> None:
    browser = at("wangmin")
    page = browser.get(path(house, "figures")).text
    links = {unescape(href) for href in re.findall(r'href="([^"]*/figures/one\?key=[^"]+)"', page)}
    assert len(links) > 100
    for href in sorted(links)[::17]:
        answer = browser.get(href)
        assert answer.status_code == 200, href
        assert "四舍五入后" in answer.text
    assert browser.get(path(house, "figures/one?key=E_LINE/K9/2026-01")).status_code == 404


def test_three_totals_stand_apart_and_the_indirect_part_is_a_memo(house: House, at: Callable[[str], Browser]) -> None:
    page = at("wangmin").get(path(house, "figures")).text
    assert page.count('class="total"') == 3
    assert page.count('class="total memo"') == 1
    assert "不相加、不互相替代" in page


def test_a_figure_that_waits_for_its_report_is_marked_and_the_mark_is_explained(
    house: House, at: Callable[[str], Browser]
) -> None:
    explained, marked = '<span aria-hidden="true">≈</span>', " ≈<span"
    today = at("wangmin").get(path(house, "figures")).text
    assert (explained in today, marked in today) == (True, True)
    before = at("wangmin").get(path(house, f"figures?as_of={TODAY.year - 20}-01-01")).text  # nothing was burnt yet
    assert (explained in before, marked in before) == (False, False)


def test_figures_are_shown_as_of_any_day(house: House, at: Callable[[str], Browser]) -> None:
    browser, early = at("wangmin"), TODAY - timedelta(days=100)
    now = browser.get(path(house, "figures.xlsx")).data
    then = browser.get(path(house, f"figures.xlsx?as_of={early}")).data
    counts = [load_workbook(BytesIO(data)).worksheets[0].max_row for data in (now, then)]
    assert counts[0] > counts[1] > 50


def test_a_page_asks_eight_statements_at_most_first_and_three_less_again(
    house: House, at: Callable[[str], Browser]
) -> None:
    browser, seen = at("wangmin"), []
    with house.installation.register.work() as work:  # the log grows: nothing that was kept counts any more
        work.record(Act(actor=OPERATOR, action="plant:refused", object_type="plant", object_id=house.of.key), house.of)
    database = house.installation.register.database
    for engine in (database.reader, database.writer):
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: seen.append(statement))
    browser.get(path(house, "figures"))
    first = [s for s in seen if not s.startswith(("BEGIN", "PRAGMA"))]
    seen.clear()
    browser.get(path(house, "figures"))
    again = [s for s in seen if not s.startswith(("BEGIN", "PRAGMA"))]
    assert len(first) <= 8
    assert len(again) == len(first) - 3


def test_two_persons_verify_a_factor_and_the_figures_stop_asking(house: House, at: Callable[[str], Browser]) -> None:
    first, second, looker = at("wangmin"), at("second"), at("looker")
    figure = path(house, "figures/one?key=E_ELE/全厂/2026")
    assert "未核实" in first.get(figure).text
    address = path(house, "factors/EF_GRID/")
    assert looker.post(address + "check", {"source": "x"}).status_code == 403
    assert first.post(address + "check", {"source": ""}).status_code == 400
    assert first.post(address + "check", {"source": "公告第 3 页"}).status_code == 303
    assert first.post(address + "confirm").status_code == 403
    assert second.post(address + "confirm").status_code == 303
    page = first.get(path(house, "factors")).text
    assert "公告第 3 页" in page
    assert "未核实" not in first.get(figure).text
    assert first.post(path(house, "factors/NOTHING/check"), {"source": "x"}).status_code == 400
