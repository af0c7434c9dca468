"""rules coverage: the matrix without a workspace, and where a plant stands as of a day."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli
from tests.cli.test_acting import key

pytestmark = pytest.mark.slow  # each command opens an installation


def test_a_plant_stands_somewhere_with_every_statement(own: Cli) -> None:
    answer = own("rules", "coverage", "--plant", key(own), "--json")
    rows = {row["requirement"]: row for row in answer.json["requirements"]}
    assert sum(answer.json["by_standing"].values()) == len(rows)
    filing = rows["R-C.3-e2"]
    assert {o["code"] for o in filing["occurrences"]} == {"OB-M10"}
    assert filing["standing"] in {"late", "met", "open"}
    (plan,) = [m for m in rows["R-5.1.4-a"]["met_by"] if m["kind"] == "obligation"]
    assert [choice["en"] for choice in plan["plants_choice"]] == ["the due day", "the approver"]


def test_without_a_plant_nothing_stands(own: Cli) -> None:
    rows = own("rules", "coverage", "--json").json["requirements"]
    assert not any("standing" in row for row in rows)
