"""A plant that follows two standards: its lists say of which each row is, and show those of one alone."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from openpyxl import load_workbook

from compliance.core.acts import Act
from compliance.core.facts import CATALOGUE
from compliance.core.model import CompanyItem
from compliance.core.obligations import READERS
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Finding, Obligation
from tests.core.world import row
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.world import ACTOR, ROOT, finding, make_world, occurrence

if TYPE_CHECKING:
    from pathlib import Path

    from tests.web.world import World

PACK, OTHER = "gbt-24001", "GB/T 24001"


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Two plants of which the first follows two standards; each has two duties and two findings of each."""
    base, problems = load(ROOT / "rules", CATALOGUE, READERS, packs=[PACK])
    assert base is not None, problems
    folder: Path = tmp_path_factory.mktemp("two")
    world = make_world(folder, base)
    duties = [[o for o in base.of(Obligation) if bool(o.pack) is of_pack][:2] for of_pack in (False, True)]
    wrong = [[f for f in base.of(Finding) if bool(f.pack) is of_pack][:1] for of_pack in (False, True)]
    for plant in world.plants:
        made = [
            replace(occurrence(world, plant, n), obligation=o.id, code=o.code, title=o.title, rule_digest=o.digest)
            for n, o in enumerate(o for some in duties for o in some)
        ]
        found = []
        for n, rule in enumerate(f for some in wrong for f in some):
            one = finding(plant, n, "")
            of = replace(one.found, rule=rule.id, situation=rule.situation, title=rule.title, rule_digest=rule.digest)
            found.append(replace(one, found=of))
        chosen = row(CompanyItem, item="采用环境管理体系", content="是")
        with world.register.work() as work:
            work.save_occurrences(plant, made, [])
            work.save_findings(plant, found)
            if plant is world.plants[0]:
                work.insert_rows(plant, {CompanyItem: [chosen]})
            work.record(Act(actor=ACTOR, action="plant:import", object_type="plant", object_id=plant.key), plant)
    return world


def names(world: World) -> dict[str, str]:
    today = world.clock.today()
    return {("pack" if s.pack else "main"): s.id for s in world.rulebase.standards(today)}


def test_each_row_names_its_standard_and_those_of_one_are_listed_alone(two: World) -> None:
    browser = Browser(two.app())
    browser.sign_in("officer")
    pack, main = names(two)["pack"], names(two)["main"]
    codes = {s.id: s.code for s in two.rulebase.standards(two.clock.today())}
    for name, count in (("obligations", 2), ("findings", 1)):
        page = browser.get(f"/p/east/{name}").text
        assert 'name="standard"' in page
        assert page.count('<tr class="row"') == 2 * count
        for one in (pack, main):
            shown = browser.get(f"/p/east/{name}?standard={one}").text
            assert shown.count('<tr class="row"') == count
            assert shown.count(f'<div class="sub">{codes[one]}</div>') == count
        book = load_workbook(BytesIO(browser.get(f"/p/east/{name}.xlsx?standard={pack}").data)).worksheets[0]
        head, *rows = book.iter_rows(values_only=True)
        assert {r[head.index("标准")] for r in rows} == {codes[pack]}
        assert len(rows) == count
        wrong = browser.get(f"/p/east/{name}?standard=other")
        assert (wrong.status_code, main in wrong.text) == (400, True)


def test_programs_are_told_it_too(two: World) -> None:
    asking = program(two, "officer")
    pack = names(two)["pack"]
    for name in ("obligations", "findings"):
        every = asking.told(f"plants/east/{name}")["rows"]
        some = asking.told(f"plants/east/{name}?standard={pack}")["rows"]
        assert some == [one for one in every if one["standard"].startswith(OTHER)]
        assert 0 < len(some) < len(every)
        assert asking.get(f"plants/east/{name}?standard=other").status_code == 422


def test_a_plant_of_one_standard_is_not_asked(two: World) -> None:
    browser = Browser(two.app())
    browser.sign_in("west")
    for name in ("obligations", "findings"):
        page = browser.get(f"/p/west/{name}").text
        assert 'name="standard"' not in page
        assert browser.get(f"/p/west/{name}?standard={names(two)['pack']}").status_code == 400
