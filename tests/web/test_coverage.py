"""The page of coverage: every statement, what meets it and what came of it; filters, workbooks, checklist, slips."""

from __future__ import annotations

import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from compliance.bootstrap.installation import read_rules
from compliance.rulebase.schema import Requirement, Slip
from tests.conftest import ROOT
from tests.web.conftest import Browser

if TYPE_CHECKING:
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World


@pytest.fixture
def page(world: World) -> Browser:
    browser = Browser(world.app())
    browser.sign_in("officer")
    return browser


def _cells(browser: Browser, path: str) -> list[tuple[object, ...]]:
    answer = browser.get(path)
    assert answer.status_code == 200
    return list(load_workbook(BytesIO(answer.data)).worksheets[0].iter_rows(values_only=True))


def test_every_statement_stands_on_the_page(page: Browser, rulebase: RuleBase) -> None:
    text = page.get("/p/east/coverage").get_data(as_text=True)
    assert [r.code for r in rulebase.of(Requirement) if f'id="{r.code}"' not in text] == []
    assert "企业自定" in text
    assert "/p/east/rules/obligation/monthly-report" in text
    assert "/p/east/obligations/" in text


def test_filters_narrow_it(page: Browser, rulebase: RuleBase) -> None:
    text = page.get("/p/east/coverage?chapter=7&strength=shall").get_data(as_text=True)
    shown = {r.code for r in rulebase.of(Requirement) if f'id="{r.code}"' in text}
    wanted = {r.code for r in rulebase.of(Requirement) if r.code.startswith("R-7")}
    assert shown == wanted
    assert 'id="R-' not in page.get("/p/east/coverage?chapter=1&strength=may").get_data(as_text=True)
    assert page.get("/p/east/coverage?standing=late").status_code == 200


def test_the_workbook_holds_the_rows_of_the_page(page: Browser, rulebase: RuleBase) -> None:
    head, *rows = _cells(page, "/p/east/coverage.xlsx")
    assert len(head) == 12
    assert len(rows) == len(rulebase.of(Requirement))
    some = _cells(page, "/p/east/coverage.xlsx?chapter=8")[1:]
    assert {row[2] for row in some} == {r.code for r in rulebase.of(Requirement) if r.code.startswith("R-8")}


def test_the_checklist_asks_shows_evidence_and_leaves_room(page: Browser) -> None:
    head, *rows = _cells(page, "/p/east/coverage/checklist.xlsx?chapter=6")
    assert head[4:7] == ("审核问题", "查看什么", "系统找到的证据")
    assert all(row[4] and row[5] for row in rows)
    assert all(row[7:] == (None, None, None, None) for row in rows)
    filing = next(r for r in _cells(page, "/p/east/coverage/checklist.xlsx") if r[1] == "R-C.3-e2")
    assert "填报回执" in str(filing[5])
    assert "OB-M10" in str(filing[6])
    text = page.get("/p/east/coverage/checklist?chapter=6").get_data(as_text=True)
    assert "R-6.1.4-a" in text


def test_slips_show_references_as_printed_and_as_meant(page: Browser, rulebase: RuleBase) -> None:
    text = page.get("/p/east/coverage/slips").get_data(as_text=True)
    slips = rulebase.of(Slip)
    assert [s.code for s in slips if s.code not in text] == []
    assert [r for s in slips for r in s.references if r.said not in text or r.means not in text] == []


def test_another_standard_has_a_tab_of_its_own(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    browser = Browser(replace(world, rulebase=read_rules(folder, ["gbt-24001"])).app())
    browser.sign_in("officer")
    main = browser.get("/p/east/coverage").get_data(as_text=True)
    assert 'id="R-7.5-0"' in main
    assert 'id="EMS-' not in main
    assert "?standard=gbt-24001" in main
    pack = browser.get("/p/east/coverage?standard=gbt-24001&chapter=9").get_data(as_text=True)
    assert 'id="EMS-9.3"' in pack
    assert 'id="R-' not in pack
    assert 'id="EMS-8.2"' not in pack
    for words in ("骨架，未编写完整", "本企业未采用", "相当于", "R-7.5-0", 'name="standard" value="gbt-24001"'):
        assert words in pack, words
    assert browser.get("/p/east/coverage?standard=nonsense").get_data(as_text=True).count('id="R-7.5-0"') == 1
    rows = _cells(browser, "/p/east/coverage.xlsx?standard=gbt-24001")[1:]
    assert len(rows) == 28
    rule = browser.get("/p/east/rules/obligation/ems-internal-audit").get_data(as_text=True)
    assert "GB/T 24001 2016" in rule
    assert "骨架，未编写完整" in rule
    assert "ems-policy" not in browser.get("/p/east/documents/open").get_data(as_text=True)


def test_one_standard_alone_needs_no_tab(page: Browser) -> None:
    assert "?standard=" not in page.get("/p/east/coverage").get_data(as_text=True)
