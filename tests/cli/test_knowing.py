"""--known-on: an amendment that works backwards, judged with what was known on the day, from DIR and from snapshots."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from compliance.adapters.example import example_plant, write
from compliance.adapters.register import FILE
from tests.cli.conftest import TODAY, Cli, live_on
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each command opens an installation

HEAD = "[obligation.monthly-report]"
DAYS = "in_force = {{ from = 2026-01-01, known = {known} }}"
ENDED = "in_force = { from = 2000-01-01, until = 2025-12-31 }"
FEBRUARY = ("occurrences", "--from", "2026-03-01", "--to", "2026-03-31", "--json")


@pytest.fixture
def amended(tmp_path: Path) -> Path:
    """The shipped rules with day 10 moved to day 5 for all months of 2026, known since 20 April 2026."""
    copy = tmp_path / "amended"
    shutil.copytree(ROOT / "rules", copy)
    path = copy / "obligations" / "filings.toml"
    text = path.read_text("utf-8")
    start = text.index(HEAD)
    old = text[start : text.index("\n[obligation.", start + 1)]
    block = old.replace(HEAD, f"[{HEAD}]")
    first = block.replace("cadence", f"{ENDED}\ncadence", 1).replace('{ period = "2026-01", due = 2026-02-10 }, ', "")
    second = block.replace("cadence", f"{DAYS.format(known='2026-04-20')}\ncadence", 1)
    second = second.replace("day = 10,", "day = 5,").replace("due = 2026-02-10", "due = 2026-02-05")
    second = second.replace(', { period = "2025-12", due = 2026-01-10 }', "")
    path.write_text(text.replace(old, f"{first}\n{second}"), "utf-8")
    return copy


def due(rows: list[dict[str, Any]]) -> str:
    found: str = next(row["due"] for row in rows if row["code"] == "OB-M10" and row["period"] == "2026-02")
    return found


def test_before_the_amendment_was_known_the_old_day_held(cli: Cli, amended: Path) -> None:
    assert due(cli(*FEBRUARY, rules=amended).json) == "2026-03-05"
    assert due(cli(*FEBRUARY, "--known-on", "2026-04-20", rules=amended).json) == "2026-03-05"
    before = cli(*FEBRUARY, "--known-on", "2026-04-19", rules=amended)
    assert due(before.json) == "2026-03-10"
    assert "2026-04-19" in before.err
    assert "1 wording not known" in before.err


def test_findings_and_explanations_follow_the_knowledge_of_the_day(cli: Cli, amended: Path) -> None:
    def late(*arguments: str) -> int:
        rows = cli("findings", "--as-of", "2026-05-01", "--json", *arguments, rules=amended).json
        return sum(1 for row in rows if row["situation"].startswith("L-20"))

    assert late() > late("--known-on", "2026-04-01")
    name = next(r["id"] for r in cli(*FEBRUARY).json if r["code"] == "OB-M10")
    why = cli("explain", name, "--json", "--known-on", "2026-04-01", rules=amended).json
    assert "day = 10," in why["text"]
    assert "day = 5," in cli("explain", name, "--json", rules=amended).json["text"]


def test_figures_and_facts_say_whose_knowledge_it_was(cli: Cli) -> None:
    told = cli("figures", "--json", "--known-on", "2026-06-01").json
    assert told["known_on"] == "2026-06-01"
    assert told["figures"] == cli("figures", "--json").json["figures"]
    assert (
        cli("facts", "--kind", "monthly-filing", "--known-on", "2026-06-01").json
        == cli("facts", "--kind", "monthly-filing").json
    )


def test_a_workspace_judges_with_the_snapshot_of_the_day(
    own: Cli, amended: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = date(2026, 6, 20)
    live_on(monkeypatch, later)
    assert own("rules", "activate", amended).code == 0
    live_on(monkeypatch, date(2026, 6, 25))
    assert due(own(*FEBRUARY).json) == "2026-03-05"
    assert due(own(*FEBRUARY, "--known-on", later).json) == "2026-03-05"
    # known to the law since April, but to this workspace since it was put into use
    assert due(own(*FEBRUARY, "--known-on", "2026-06-19").json) == "2026-03-10"
    assert due(own(*FEBRUARY, "--known-on", "2026-05-01").json) == "2026-03-10"


@pytest.mark.parametrize("command", ["findings", "figures", "occurrences"])
def test_days_on_which_nothing_can_be_known_are_refused(command: str, cli: Cli) -> None:
    span = FEBRUARY[1:5] if command == "occurrences" else ()
    future = cli(command, *span, "--known-on", TODAY.replace(year=2027))
    assert (future.code, "not-known-yet" in future.err, future.out) == (2, True, "")
    early = cli(command, *span, "--known-on", "1999-12-31")
    assert (early.code, "nothing-known" in early.err, early.out) == (2, True, "")
    assert cli(command, *span, "--known-on", "2026-02-30").code == 2


def test_a_lost_snapshot_is_said(own: Cli, amended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live_on(monkeypatch, date(2026, 6, 20))
    assert own("rules", "activate", amended).code == 0
    kept = own.folder / "records" / "rules"
    first = min(
        (d for d in kept.iterdir() if d.is_dir()),
        key=lambda p: "known = 2026-04-20" in (p / "obligations/filings.toml").read_text(),
    )
    shutil.rmtree(first)
    answer = own("findings", "--known-on", TODAY)
    assert (answer.code, "rules-lost" in answer.err) == (3, True)


def corrected(folder: Path, code: str, value: str) -> Path:
    """The workbook of the demo's plant with another value of one factor."""
    path = folder / f"{value}.xlsx"
    write(example_plant(TODAY), path)
    book = load_workbook(path)
    sheet = book["核算因子"]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[0].value == code)
    row[2].value = Decimal(value)
    book.save(path)
    return path


def test_figures_rest_on_the_factors_of_the_plant_as_they_were_known(
    own: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def figures(*arguments: object) -> Any:
        return own("figures", "--json", *arguments).json["figures"]

    def factor(code: str) -> Any:
        return next(f for f in own("factor", "list", "--json").json if f["code"] == code)

    first = figures()
    later = date(2026, 6, 20)
    live_on(monkeypatch, later)
    assert own("import", corrected(tmp_path, "EF_GRID", "0.7"), "--reason", "公告更正").code == 0
    now = figures("--as-of", TODAY)
    assert now != first
    assert figures("--as-of", TODAY, "--known-on", later) == now
    assert figures("--as-of", TODAY, "--known-on", "2026-06-19") == first
    # Before anything was known of the plant, what was known first counts, as of rules.
    assert figures("--as-of", TODAY, "--known-on", "2026-06-01") == first
    assert (factor("EF_GRID")["value"], factor("EF_GRID")["known"]) == ("0.7", "2026-06-20")
    others = {f["known"] for f in own("factor", "list", "--json").json if f["own"] and f["code"] != "EF_GRID"}
    assert others == {TODAY.isoformat()}
    why = own("figures", "--json", "--known-on", "2026-06-19")
    assert "factors and parameters as known then" in why.err


def test_what_was_verified_later_was_not_verified_then(own: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    live_on(monkeypatch, date(2026, 6, 20))
    before = own("figures", "--json").json["unverified"]
    with closing(sqlite3.connect(own.folder / "records" / FILE)) as connection:
        connection.execute(
            "INSERT INTO factor_check (plant_id, code, value, source, checked_by, checked_name, checked_at, "
            "confirmed_by, confirmed_name, confirmed_at) SELECT plant_id, code, value, 's', 'a', 'A', "
            "'2026-06-18T02:00:00.000+00:00', 'b', 'B', '2026-06-18T17:00:00.000+00:00' FROM plant_factor"
        )
        connection.commit()
    assert before
    assert own("figures", "--json").json["unverified"] == {}
    # The second of the two persons agreed at one in the morning of the 19th at the site.
    assert own("figures", "--json", "--known-on", "2026-06-18").json["unverified"] == before
    assert own("figures", "--json", "--known-on", "2026-06-19").json["unverified"] == {}


def test_looking_ahead_follows_the_knowledge_of_the_day(cli: Cli, amended: Path) -> None:
    def due_of(command: str, *arguments: object) -> set[str]:
        told = cli(command, "--json", *arguments, rules=amended).json
        rows = told["items"] if command == "simulate" else [o for one in told["collisions"] for o in one["due"]]
        return {row["due"] for row in rows if row["code"] == "OB-M10" and row["period"] == "2026-08"}

    assert due_of("simulate") == {"2026-09-05"}
    assert due_of("simulate", "--known-on", "2026-04-19") == {"2026-09-10"}
    assert due_of("collisions") <= {"2026-09-05"}
    assert due_of("collisions", "--known-on", "2026-04-19") <= {"2026-09-10"}
    told = cli("collisions", "--json", "--known-on", "2026-04-19", rules=amended).json
    assert told["known_on"] == "2026-04-19"
    for command in ("simulate", "collisions"):
        assert "known_on" not in cli(command, "--json").json
        assert cli(command, "--known-on", "2027-01-01").code == 2
