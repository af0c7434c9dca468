"""occurrences, findings, facts, explain: their shapes, their days, and that looking writes nothing."""

from __future__ import annotations

import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.adapters.example import example_plant
from tests.cli.conftest import TODAY, Cli
from tests.conftest import ROOT
from tests.judging import judged

pytestmark = pytest.mark.slow  # each command opens an installation

ISO = re.compile(r"\d{4}-\d{2}-\d{2}")
STATES = {"upcoming", "open", "done", "done-late", "overdue", "not-recorded", "not-applicable"}
YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")


def days_of(rows: list[dict[str, Any]], *names: str) -> set[str]:
    return {row[name] for row in rows for name in names if row[name] is not None}


# --- occurrences -----------------------------------------------------------------------------------------------------


def test_occurrences_have_the_shape_of_the_contract(cli: Cli) -> None:
    answer = cli("occurrences", *YEAR, "--json")
    rows = answer.json
    keys = (
        "obligation code clause subject period opens due effective_workday state done_on derivation id title strength"
    )
    assert answer.code == 0
    assert len(rows) > 50
    assert all(row.keys() >= set(keys.split()) for row in rows)
    assert all(ISO.fullmatch(day) for day in days_of(rows, "opens", "due", "effective_workday", "done_on"))
    assert {row["state"] for row in rows} <= STATES
    assert {row["state"] for row in rows} >= {"upcoming", "open", "done", "done-late", "overdue"}
    assert all(row["derivation"] for row in rows)
    assert [row["due"] for row in rows] == sorted(row["due"] for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)


def test_both_ends_of_the_range_are_included(cli: Cli) -> None:
    def due(since: str, until: str) -> set[str]:
        return {row["due"] for row in cli("occurrences", "--from", since, "--to", until, "--json").json}

    assert due("2026-02-10", "2026-02-10") == {"2026-02-10"}
    assert "2026-02-10" in due("2026-02-01", "2026-02-10")
    assert "2026-02-10" in due("2026-02-10", "2026-02-28")
    assert "2026-02-10" not in due("2026-02-11", "2026-02-28") | due("2026-02-01", "2026-02-09")


def test_an_occurrence_on_earlier_days_has_the_state_it_had_then(cli: Cli) -> None:
    def state(on: str) -> str:
        rows = cli("occurrences", "--from", "2026-05-10", "--to", "2026-05-10", "--as-of", on, "--json").json
        (found,) = [row["state"] for row in rows if row["code"] == "OB-M10"]
        return str(found)

    assert state("2026-04-30") == "upcoming"
    assert state("2026-05-01") == "open"
    assert state("2026-06-15") in {"done", "done-late", "overdue"}


def test_days_long_past_and_far_ahead_are_answered(cli: Cli) -> None:
    assert cli("occurrences", "--from", "1990-01-01", "--to", "1999-12-31", "--json").json == []
    far = cli("occurrences", "--from", "2050-01-01", "--to", "2050-12-31", "--json").json
    assert {row["state"] for row in far} == {"upcoming"}
    assert sum(row["code"] == "OB-M10" for row in far) == 12


@pytest.mark.parametrize(
    ("since", "until"), [("2026-03-02", "2026-03-01"), ("2026-01-01", "2127-01-01"), ("2026-01-01", "9999-12-31")]
)
def test_a_range_that_makes_no_sense_is_wrong_use(cli: Cli, since: str, until: str) -> None:
    answer = cli("occurrences", "--from", since, "--to", until, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert since in answer.err
    assert until in answer.err


def test_each_occurrence_tells_the_steps_of_its_due_day(cli: Cli) -> None:
    rows = cli("occurrences", *YEAR, "--json").json
    assert rows
    for row in rows:
        steps = {step["step"]: step for step in row["steps"]}
        assert list(steps) == ["clause", "start", "offset", "legal", "calendar", "effective"]
        assert steps["calendar"]["day"] == row["due"]
        assert steps["effective"]["day"] == row["effective_workday"]
        assert steps["clause"]["clause"] == row["clause"]
        assert steps["offset"]["origin"] in {"rule", "default", "plant"}


# --- looking ahead ---------------------------------------------------------------------------------------------------


def test_the_collisions_of_2027_hold_the_spring_festival(cli: Cli) -> None:
    answer = cli("collisions", "--year", 2027, "--as-of", "2026-11-26", "--json")
    (one,) = [c for c in answer.json["collisions"] if c["effective_workday"] == "2027-02-04"]
    assert answer.code == 0
    assert (one["clash"], one["provisional"]) == ("holiday", True)
    assert ("OB-M40", "2027-02-09") in {(d["code"], d["due"]) for d in one["due"]}
    everything = cli("collisions", "--year", 2027, "--as-of", "2026-11-26", "--all", "--json").json
    assert len(everything["collisions"]) > len(answer.json["collisions"])


def test_the_workload_ahead_counts_what_falls_due(cli: Cli) -> None:
    said = cli("simulate", "--months", 12, "--json").json
    assert said["as_of"] == TODAY.isoformat()
    until = said["until"]
    due = cli("occurrences", "--from", TODAY, "--to", until, "--json").json
    idle = {"done", "done-late", "not-applicable", "not-recorded", "waived"}
    wanted = {(o["code"], o["subject"], o["period"]) for o in due if o["state"] not in idle}
    items = [i for i in said["items"] if not i["projected"] and not i["overdue"] and i["post"] != "nonconformity"]
    assert {(i["code"], i["subject"], i["period"]) for i in items} == wanted
    assert cli("simulate").code == 0


@pytest.mark.parametrize("arguments", [("simulate", "--months", 0), ("collisions", "--year", 3000)])
def test_a_span_out_of_reach_is_wrong_use(cli: Cli, arguments: tuple[object, ...]) -> None:
    answer = cli(*arguments, "--json")
    assert (answer.code, answer.out) == (2, "")


# --- findings --------------------------------------------------------------------------------------------------------


def test_findings_have_the_shape_of_the_contract_and_exit_1(cli: Cli) -> None:
    answer = cli("findings", "--json")
    rows = answer.json
    keys = "situation subject period note rule clause category grade facts nonconformity id title message remedy"
    assert answer.code == 1
    assert len(rows) >= 8
    assert all(row.keys() >= set(keys.split()) for row in rows)
    assert all(row["facts"] and all("kind" in fact for fact in row["facts"]) for row in rows)
    assert all(re.fullmatch(r"NC-2026-\d{4}", row["nonconformity"]) for row in rows)
    assert len({(row["situation"], row["subject"], row["period"]) for row in rows}) == len(rows)


def test_findings_are_those_of_the_workbook(cli: Cli) -> None:
    for day in (TODAY, TODAY - timedelta(days=45)):
        rows = cli("findings", "--as-of", day, "--json").json
        expected = {one.key for one in judged(example_plant(TODAY), day).findings}
        assert {(row["situation"], row["subject"], row["period"]) for row in rows} == expected


def test_a_day_on_which_nothing_is_wrong_exits_0(cli: Cli) -> None:
    answer = cli("findings", "--as-of", "1999-12-31", "--json")  # before any rule is in force
    assert (answer.code, answer.json) == (0, [])


def test_a_plant_is_named_by_its_code_or_left_out(cli: Cli) -> None:
    rows = cli("occurrences", *YEAR, "--json").json
    key = next(row["subject"] for row in rows if row["code"] == "OB-M10")
    assert cli("occurrences", *YEAR, "--plant", key, "--json").json == rows


def test_figures_say_which_unverified_factors_they_rest_on(cli: Cli) -> None:
    told = cli("figures", "--json").json
    assert told["unverified"]["EF_GRID"] >= 12
    one = cli("figures", "--working", "E_ELE/全厂/2026-01", "--json").json
    assert one["unverified"] == ["EF_GRID"]
    assert "EF_GRID" in cli("figures").err


# --- facts -----------------------------------------------------------------------------------------------------------


def test_facts_are_typed_and_name_their_kind_and_row(cli: Cli) -> None:
    answer = cli("facts", "--json")
    assert answer.code == 0
    assert len({fact["kind"] for fact in answer.json}) >= 12
    assert all(ISO.fullmatch(fact["on"]) and ":" in fact["row"] for fact in answer.json)


def test_facts_of_one_kind_alone(cli: Cli) -> None:
    whole = [f for f in cli("facts", "--json").json if f["kind"] == "monthly-filing"]
    assert cli("facts", "--kind", "monthly-filing", "--json").json == whole
    assert whole


def test_an_unknown_kind_is_wrong_use_and_the_known_ones_are_named(cli: Cli) -> None:
    answer = cli("facts", "--kind", "nonsense", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "monthly-filing" in answer.err


# --- explain ---------------------------------------------------------------------------------------------------------


def test_everything_that_is_listed_can_be_explained(cli: Cli) -> None:
    found = cli("findings", "--json").json[0]
    ahead = [
        o for o in cli("occurrences", "--from", TODAY, "--to", "2027-07-01", "--json").json if o["state"] == "upcoming"
    ]
    for name in (found["id"], found["nonconformity"], ahead[0]["id"], ahead[-1]["id"]):
        answer = cli("explain", name, "--json")
        assert answer.code == 0, answer.err
        assert answer.json.keys() >= {"rule", "text", "clause", "strength", "derivation", "facts", "history"}
        assert answer.json["id"] == name
        assert answer.json["text"].startswith("[")
        assert {entry["action"] for entry in answer.json["history"]} >= {"plant:reconcile"}


def test_explaining_in_words_shows_both_languages_and_the_rule(cli: Cli) -> None:
    name = cli("findings", "--json").json[0]["id"]
    whole = cli("explain", name, "--json").json
    answer = cli("explain", name)
    assert answer.code == 0
    for said in (whole["derivation"]["zh"], whole["derivation"]["en"], whole["clause"], whole["text"]):
        assert said in answer.out


def test_an_unknown_id_is_wrong_use(cli: Cli) -> None:
    answer = cli("explain", "OB-M10/nobody/2026-01", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert "OB-M10/nobody/2026-01" in answer.err


# --- looking writes nothing, and other rules change the answers ------------------------------------------------------


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The shipped rules with the monthly report due two days later."""
    shutil.copytree(ROOT / "rules", tmp_path / "later")
    path = tmp_path / "later" / "obligations" / "filings.toml"
    text = path.read_text("utf-8")
    for block in re.findall(r"(?ms)^\[obligation\.monthly-report\].*?(?=^\[obligation)", text):
        text = text.replace(block, block.replace("day = 10", "day = 12").replace("-10 }", "-12 }"))
    path.write_text(text, "utf-8")
    return tmp_path / "later"


def test_looking_writes_nothing_whatever_the_day_and_the_rules(own: Cli, later: Path) -> None:
    before = own.dump()
    for rules, day in ((None, "2025-12-01"), (None, TODAY), (later, "2030-01-01")):
        own("occurrences", *YEAR, "--as-of", day, "--json", rules=rules)
        assert own("findings", "--as-of", day, "--json", rules=rules).json
    own("facts", "--as-of", "2025-12-01")
    own("explain", "NC-2026-0001", "--json")
    own("user", "list", "--json")
    own("doctor", "--json")
    own("fsck", "--deep", "--json")
    own("rules", "check", "--json")
    assert own.dump() == before


def test_another_rule_directory_changes_the_answers_without_being_used(own: Cli, later: Path) -> None:
    def due(rules: Path | None = None) -> set[str]:
        rows = own("occurrences", *YEAR, "--json", rules=rules).json
        return {row["due"][-2:] for row in rows if row["code"] == "OB-M10"}

    assert (due(), due(later), due()) == ({"10"}, {"12"}, {"10"})


def test_findings_follow_the_other_rules_too(own: Cli, later: Path) -> None:
    def late(rules: Path | None = None) -> set[str]:
        rows = own("findings", "--as-of", "2026-05-11", "--json", rules=rules).json
        return {row["period"] for row in rows if row["situation"] == "L-20a" and row["note"] == "open"}

    assert late(later) <= late()
    filed = {f["period"]: f["filed"] for f in own("facts", "--kind", "monthly-filing").json}
    late_by_a_day = {p for p, day in filed.items() if date.fromisoformat(day).day in {11, 12}}
    every = {r["period"] for r in own("findings", "--json").json if r["situation"] == "L-20a"}
    fewer = {r["period"] for r in own("findings", "--json", rules=later).json if r["situation"] == "L-20a"}
    assert every - fewer == late_by_a_day & every


def test_rules_that_are_no_rules_decide_nothing(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("schema = 1\n[obligation.x]\n", "utf-8")
    for command in (["findings"], ["facts"], ["occurrences", *YEAR]):
        answer = cli(*command, "--json", rules=tmp_path)
        assert (answer.code, answer.out) == (3, "")
        assert "bad.toml:2" in answer.err
