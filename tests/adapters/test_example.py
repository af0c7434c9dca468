"""The generator makes clean plants on any day, and the demo's plant is never without something to do."""

from __future__ import annotations

import json
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from compliance.adapters.example import Workbook, example_plant, generate, write
from tests.oracle.oracle import IN_SCOPE, SITUATIONS, judge, read
from tests.oracle.standing import Plant, day, plus_months
from tests.workbooks.sound import problems

_DAYS = [
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2025, 2, 28),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 3, 31),
    date(2026, 5, 10),
    date(2026, 5, 11),
    date(2026, 8, 30),
    date(2026, 11, 23),
]
_SHARED = Path(__file__).parents[3] / "shared" / "plants"


@pytest.mark.slow
@pytest.mark.parametrize("today", _DAYS, ids=str)
@pytest.mark.parametrize(("months", "lines", "seed"), [(18, 1, 1), (2, 2, 5), (5, 1, 8), (25, 1, 9)])
def test_a_generated_plant_is_clean_and_sound(today: date, months: int, lines: int, seed: int) -> None:
    workbook = generate(today, months=months, lines=lines, seed=seed)

    assert judge(workbook, None, SITUATIONS) == set()
    assert problems(workbook) == []


@pytest.mark.parametrize("back", [1, 9, 40, 133, 290, 510])
def test_a_generated_plant_was_clean_on_earlier_days_too(back: int) -> None:
    today = date(2026, 11, 23)

    assert judge(generate(today, seed=4), today - timedelta(days=back), SITUATIONS) == set()


def test_the_same_arguments_give_the_same_cells_and_another_seed_another_company() -> None:
    one, again, other = (generate(date(2026, 5, 10), months=3, seed=seed) for seed in (1, 1, 2))

    assert one == again
    assert _company(one)["统一社会信用代码"] != _company(other)["统一社会信用代码"]


def _company(workbook: Workbook) -> dict[object, object]:
    return {row[0]: row[1] for row in workbook["企业信息"]}


@pytest.mark.parametrize("seed", range(40))
def test_the_credit_code_has_the_right_check_character(seed: int) -> None:
    code = str(_company(generate(date(2026, 5, 10), months=1, seed=seed))["统一社会信用代码"])
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    total = sum(alphabet.index(c) * w for c, w in zip(code, weights, strict=False))

    assert len(code) == 18
    assert alphabet[(31 - total % 31) % 31] == code[-1]


def test_the_name_can_be_chosen() -> None:
    assert _company(generate(date(2026, 5, 10), months=1, name="甲"))["企业名称"] == "甲"


def test_what_is_written_is_read_back_cell_by_cell(tmp_path: Path) -> None:
    workbook = example_plant(date(2026, 11, 23))
    write(workbook, tmp_path / "plant.xlsx")

    assert read(tmp_path / "plant.xlsx") == workbook


@pytest.mark.slow
@pytest.mark.parametrize("today", _DAYS, ids=str)
def test_the_example_has_many_defects_late_ones_and_open_ones(today: date) -> None:
    workbook = example_plant(today)
    findings = judge(workbook)
    rows = Plant(workbook).rows("月度上报与填报")
    filed = {row["所属期"] for row in rows if row["义务编号"] == "OB-M10"}
    late = {period for situation, _, period in findings if situation == "L-20a"}

    assert problems(workbook) == []
    assert len({situation for situation, _, _ in findings}) >= 15
    assert {situation for situation, _, _ in judge(workbook, None, SITUATIONS)} <= set(IN_SCOPE)
    assert len(late & filed) == 1  # filed, but late
    assert len(late - filed) == 1  # not filed at all


@pytest.mark.slow
@pytest.mark.parametrize("today", _DAYS, ids=str)
def test_the_example_has_something_due_within_a_week(today: date) -> None:
    plant = Plant(example_plant(today))
    reviews = [day(r["完成日期"]) for r in plant.rows("评审与审核") if r["类型"] == "管理评审"]
    review_due = plus_months(max(d for d in reviews if d is not None), 12)
    ends = [
        max(d for c in plant.rows("校验记录") if c["器具编号"] == i and (d := day(c["有效期至"])))
        for i in {row["器具编号"] for row in plant.rows("校验记录")}
    ]

    assert today < review_due <= today + timedelta(days=7)
    assert today < min(ends) <= today + timedelta(days=7)


@pytest.mark.shared
def test_the_sheets_are_those_of_real_shaped_plants() -> None:
    if not _SHARED.is_dir():
        pytest.skip("the shared plants are not here")
    real = read(_SHARED / "plant-clean" / "plant.xlsx")
    made = generate(date(2026, 5, 10), months=2)

    assert {name: set(sheet[0]) for name, sheet in made.items()} == {
        name: set(sheet[0]) for name, sheet in real.items()
    }
    assert json.dumps(sorted(made)) == json.dumps(sorted(real))


def test_making_and_writing_are_quick(tmp_path: Path) -> None:
    begun = time.process_time()
    workbook = generate(date(2026, 11, 23))
    made = time.process_time()
    write(workbook, tmp_path / "plant.xlsx")

    assert made - begun < 0.5
    assert time.process_time() - made < 3
