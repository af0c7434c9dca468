"""The oracle gives exactly the published keys of the shared plants."""

from __future__ import annotations

import datetime as dt
import functools
import json
from pathlib import Path

import pytest

from tests.oracle.oracle import IN_SCOPE, SITUATIONS, Workbook, judge, read

_PLANTS = Path(__file__).parents[3] / "shared" / "plants"
_KEYS = (
    "plant-a/key.json",
    "plant-a/key-2026-03-20.json",
    "plant-full/key.json",
    "plant-clean/key.json",
)

pytestmark = [pytest.mark.shared, pytest.mark.slow]


@functools.cache
def _workbook(folder: str) -> Workbook:
    return read(_PLANTS / folder / "plant.xlsx")


@pytest.mark.parametrize("name", _KEYS)
def test_findings_are_those_of_the_key(name: str) -> None:
    if not _PLANTS.is_dir():
        pytest.skip("the shared plants are not here")
    key = json.loads((_PLANTS / name).read_text(encoding="utf-8"))
    as_of = dt.date.fromisoformat(key["as_of"])
    expected = {(f["situation"], f["subject"], f["period"]) for f in key["findings"]}
    workbook = _workbook(name.split("/", maxsplit=1)[0])

    assert judge(workbook, as_of, SITUATIONS) == expected
    assert judge(workbook, as_of) == {finding for finding in expected if finding[0] in IN_SCOPE}
