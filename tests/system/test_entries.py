"""Rows entered by a form: checked like a workbook's, one act, seen by the next pulse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta

import pytest

from compliance.bootstrap.installation import OPERATOR, Installation
from compliance.bootstrap.usecases import admission, check_store, pulse
from compliance.cli.main import main
from compliance.core.imports import CorrectionNeedsReason, Entry, ImportRefused, ImportReport, NotEntered, enter
from compliance.core.judged import OccurrenceState
from compliance.core.model import Instrument, InstrumentCheck, Reading, Row
from tests.system.conftest import TODAY
from tests.system.test_reconcile import stored, the_plant


def entered(
    installation: Installation, table: str, values: Mapping[str, str], reason: str = "", today: date = TODAY
) -> ImportReport | ImportRefused:
    return enter(
        Entry(table, values, reason),
        the_plant(installation),
        register=installation.register,
        vault=installation.vault,
        admits=admission(installation),
        actor=OPERATOR,
        today=today,
    )


def rows(installation: Installation, kind: type[Row]) -> list[Row]:
    with installation.register.read() as reads:
        return list(reads.tables(the_plant(installation), [kind])[kind])


def leaves(installation: Installation) -> int:
    with installation.register.read() as reads:
        return reads.version(the_plant(installation))


CHECK = {
    "number": "XY-0001",
    "type": "月度校验",
    "on": "2026-05-30",
    "result": "合格",
    "error": "-0.12",
    "body": "计量班",
}


def unchecked(installation: Installation) -> str:
    """The key instrument that was not checked last month."""
    return next(f.found.subject for f in stored(installation) if f.found.situation == "L-11b")


def test_a_check_that_is_entered_clears_the_finding_on_the_next_pulse(installation: Installation) -> None:
    pulse(installation).reconcile(the_plant(installation), TODAY)
    instrument = unchecked(installation)
    before = leaves(installation)
    report = entered(installation, "instrument_check", {**CHECK, "instrument": instrument})
    assert isinstance(report, ImportReport)
    assert leaves(installation) == before + 1
    pulse(installation).reconcile(the_plant(installation), TODAY)
    (cleared,) = [f for f in stored(installation) if f.found.situation == "L-11b" and f.found.subject == instrument]
    assert cleared.withdrawn == TODAY
    with installation.register.read() as reads:
        done = reads.occurrence(the_plant(installation), "key-instrument-check", instrument, "2026-05")
    assert done is not None
    assert (done.state, done.done_on.isoformat() if done.done_on else "") == (OccurrenceState.DONE, "2026-05-30")


def test_what_was_entered_is_on_the_trail_and_can_be_replayed(installation: Installation) -> None:
    (first, *_) = rows(installation, Instrument)
    entered(installation, "instrument_check", {**CHECK, "instrument": first.key()[0]})
    with installation.register.read() as reads:
        newest = reads.trail(the_plant(installation), limit=1)[0]
    assert (newest.action, newest.actor_id) == ("plant:enter", OPERATOR.id)
    report = check_store(installation, deep=True)
    assert report.ok, [c for c in report.checks if not c.ok]


@pytest.mark.parametrize(
    ("field", "value", "column"),
    [
        ("instrument", "NO-SUCH", "器具编号"),
        ("on", "30.5.2026", "日期"),
        ("type", "月检", "类型"),
        ("error", "a lot", "误差（%）"),
        ("number", "", "记录号"),
        ("valid_until", "2026-05-01", "有效期至"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_written(
    installation: Installation, field: str, value: str, column: str
) -> None:
    (first, *_) = rows(installation, Instrument)
    before = leaves(installation), len(rows(installation, InstrumentCheck))
    refused = entered(installation, "instrument_check", {**CHECK, "instrument": first.key()[0], field: value})
    assert isinstance(refused, ImportRefused)
    assert [p.column for p in refused.problems] == [column]
    assert (leaves(installation), len(rows(installation, InstrumentCheck))) == before


def test_a_stored_row_is_corrected_only_with_a_reason(installation: Installation) -> None:
    (first, *_) = rows(installation, Instrument)
    values = {**CHECK, "instrument": first.key()[0]}
    entered(installation, "instrument_check", values)
    refused = entered(installation, "instrument_check", {**values, "result": "不合格"})
    assert isinstance(refused, CorrectionNeedsReason)
    assert [(p.column, p.given) for p in refused.problems] == [("结论", "合格 → 不合格")]
    report = entered(installation, "instrument_check", {**values, "result": "不合格"}, "录入错误")
    assert isinstance(report, ImportReport)
    kept = next(r for r in rows(installation, InstrumentCheck) if r.key() == ("XY-0001",))
    assert isinstance(kept, InstrumentCheck)
    assert kept.result == "不合格"


def test_the_same_row_again_writes_nothing(installation: Installation) -> None:
    (first, *_) = rows(installation, Instrument)
    values = {**CHECK, "instrument": first.key()[0]}
    entered(installation, "instrument_check", values)
    before = leaves(installation)
    again = entered(installation, "instrument_check", values)
    assert isinstance(again, ImportReport)
    assert again.seq is None
    assert leaves(installation) == before


def test_data_may_be_entered_up_to_today_and_move_no_end_of_data(installation: Installation) -> None:
    readings = [r for r in rows(installation, Reading) if isinstance(r, Reading)]
    sample = max(readings, key=lambda r: r.on)
    values = {
        "line": sample.line,
        "item": sample.item,
        "amount": "12.5",
        "unit": sample.unit or "",
        "instrument": sample.instrument or "",
        "recorder": sample.recorder or "",
        "checker": sample.checker or "",
    }
    plant = the_plant(installation)
    today = plant.data_end + timedelta(days=5)
    early = entered(installation, "reading", {**values, "on": (today + timedelta(days=1)).isoformat()}, today=today)
    assert isinstance(early, ImportRefused)
    assert [p.column for p in early.problems] == ["日期"]
    in_time = entered(installation, "reading", {**values, "on": today.isoformat()}, today=today)
    assert isinstance(in_time, ImportReport), in_time
    assert the_plant(installation).data_end == plant.data_end


def test_master_data_come_by_workbook(installation: Installation) -> None:
    with pytest.raises(NotEntered):
        entered(installation, "person_period", {"account": "U999"})


def test_who_has_not_recorded_is_told_on_the_command_line(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--data", str(installation.workspace.root), "missing", "--json", "--day"]
    assert main([*where, f"{TODAY + timedelta(3)}"]) == 0
    gaps = json.loads(capsys.readouterr().out)
    assert gaps
    assert all(gap["days"] >= 3 and gap["persons"] and gap["since"] <= gap["day"] for gap in gaps)
    assert main([*where, f"{TODAY - timedelta(30)}"]) == 0
    assert len(json.loads(capsys.readouterr().out)) < len(gaps)
    with pytest.raises(SystemExit):
        main([*where, "2026-13-01"])
