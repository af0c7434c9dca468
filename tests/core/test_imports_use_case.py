"""The use case: all or nothing, re-import, correction, the manifest, and others who write meanwhile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from compliance.core.acts import Actor, ObjectRef
from compliance.core.imports import (
    AnotherPlant,
    ChangedMeanwhile,
    CorrectionNeedsReason,
    FileChanged,
    ImportRefused,
    ImportReport,
    UnreadableFile,
    import_workbook,
)
from compliance.core.imports.changes import Changes, Correction
from compliance.core.imports.manifest import line, manifest_lines, row_digest
from compliance.core.model import SHEETS, ProductionLine, Reading
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical, digest_of
from tests.fakes import FakeRegister, FakeVault, FakeWorkbooks
from tests.sheets import CODE, END, START, Book, admitting, put, sound

OFFICER = Actor("wang", "王", "compliance-officer", "session")
TODAY = date(2026, 7, 2)


class Desk:
    """A register, a vault and a file on which a test imports workbooks."""

    def __init__(self, folder: Path) -> None:
        self.register = FakeRegister()
        self.vault = FakeVault()
        self.path = folder / "数据.xlsx"
        self.told: list[tuple[int, int, str]] = []

    def take(self, book: Book, reason: str | None = None, **more: Any) -> ImportReport | ImportRefused:
        """Import a workbook; the file's bytes stand for its cells."""
        self.path.write_text(repr(book))
        return import_workbook(
            self.path,
            register=self.register,
            vault=self.vault,
            workbooks=FakeWorkbooks(book),
            admits=admitting(),
            actor=OFFICER,
            today=TODAY,
            reason=reason,
            progress=lambda *step: self.told.append(step),
            **more,
        )

    def readings(self) -> list[Reading]:
        """The stored readings."""
        return [r for r in self.register.rows[CODE, Reading].values() if isinstance(r, Reading)]

    def manifest(self) -> list[dict[str, Any]]:
        """The lines of the latest manifest."""
        return [json.loads(x) for x in self.vault.files[self.register.imports[-1][2].sha256].splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def longer() -> Book:
    """The sound workbook with one more reading."""
    return put(sound(), "每日数据", "日期", date(2026, 3, 1), 3)


def corrected() -> Book:
    """The sound workbook with another amount."""
    return put(sound(), "每日数据", "数量", Decimal(13))


def test_a_new_plant_is_stored_with_its_rows_one_import_and_one_act(desk: Desk) -> None:
    report = desk.take(sound())
    assert isinstance(report, ImportReport)
    assert desk.register.kept == {
        CODE: Plant(1, CODE, None, "示例水泥有限公司", START, END, onboarded=TODAY),
    }
    assert report.as_json()["plant"] == CODE
    assert report.sheets["企业信息"].as_json() == {"rows": 17, "added": 17, "changed": 0, "unchanged": 0}
    assert {kind for _, kind in desk.register.rows} == set(SHEETS)
    (act,) = desk.register.acts
    assert (act.action, act.object_id, act.actor, report.seq) == ("plant:import", CODE, OFFICER, 0)
    ((plant, workbook, manifest, counts),) = desk.register.imports
    assert (plant, act.objects, len(counts)) == (CODE, (workbook, manifest), len(SHEETS))
    assert workbook.name == "数据.xlsx"
    assert desk.vault.files[workbook.sha256] == desk.path.read_bytes()
    assert {c["f"] for c in act.changes} == {kind.SHEET.heading for kind in SHEETS}
    json.dumps(act.changes)


def test_with_any_problem_nothing_at_all_is_written(desk: Desk) -> None:
    refused = desk.take(put(longer(), "每日数据", "数量", "x", 3))
    assert isinstance(refused, ImportRefused)
    assert refused.as_json() == {
        "problems": [
            {"sheet": "每日数据", "row": 3, "column": "数量", "message": str(refused.problems[0].message)},
        ]
    }
    assert (desk.register, desk.vault) == (FakeRegister(), FakeVault())


def test_an_identical_workbook_writes_nothing(desk: Desk) -> None:
    desk.take(sound())
    files, works = dict(desk.vault.files), desk.register.works
    report = desk.take(sound())
    assert isinstance(report, ImportReport)
    assert report.seq is None
    assert report.sheets["每日数据"].as_json() == {"rows": 1, "added": 0, "changed": 0, "unchanged": 1}
    assert (desk.vault.files, desk.register.works, len(desk.register.acts)) == (files, works, 1)


def test_a_longer_workbook_adds_its_new_rows_without_a_reason(desk: Desk) -> None:
    desk.take(sound())
    report = desk.take(longer())
    assert isinstance(report, ImportReport)
    assert report.sheets["每日数据"].as_json() == {"rows": 2, "added": 1, "changed": 0, "unchanged": 1}
    assert [r.on for r in desk.readings()] == [date(2026, 2, 3), date(2026, 3, 1)]
    assert [row["k"] for row in desk.manifest()[1:]] == [["2026-03-01", "K1", "熟料"]]
    assert [c["f"] for c in desk.register.acts[-1].changes] == ["每日数据"]


def test_a_key_that_is_no_longer_in_the_file_stays(desk: Desk) -> None:
    desk.take(longer())
    desk.take(sound())
    assert len(desk.readings()) == 2


@pytest.mark.parametrize("reason", [None, "", "  "])
def test_a_correction_without_a_reason_is_refused_with_every_cell(desk: Desk, reason: str | None) -> None:
    desk.take(sound())
    before = dict(desk.vault.files)
    refused = desk.take(put(corrected(), "每日数据", "校核人", None), reason)
    assert isinstance(refused, CorrectionNeedsReason)
    assert [(p.row, p.column, p.given) for p in refused.problems] == [
        (2, "数量", "12.5 → 13"),
        (2, "校核人", "U1 → （空）"),
    ]
    assert "12.5 → 13" in refused.problems[0].message.en
    assert desk.vault.files == before
    assert desk.readings()[0].amount == 12_500_000


def test_a_correction_with_a_reason_replaces_the_row_and_keeps_the_former_values(desk: Desk) -> None:
    desk.take(sound())
    (old,) = desk.readings()
    report = desk.take(corrected(), "录入错误")
    assert isinstance(report, ImportReport)
    assert report.sheets["每日数据"].as_json() == {"rows": 1, "added": 0, "changed": 1, "unchanged": 0}
    assert desk.readings()[0].amount == 13_000_000
    assert desk.register.acts[-1].reason == "录入错误"
    head, row = desk.manifest()
    assert head == {"v": 1, "plant": CODE, "workbook": desk.register.imports[-1][1].sha256}
    assert row["t"] == "reading"
    assert row["old"] == row_digest(old)
    assert (row["was"], row["new"]["amount"], row["new"]["on"]) == ({"amount": 12_500_000}, 13_000_000, "2026-02-03")


def test_a_corrected_end_of_data_moves_the_plant_and_keeps_what_judging_stored(desk: Desk) -> None:
    desk.take(sound())
    judged = replace(desk.register.kept[CODE], mark=date(2026, 7, 1), short="sl")
    desk.register.kept[CODE] = judged
    desk.take(put(sound(), "企业信息", "内容", date(2026, 7, 31), 18), "数据延长")
    assert desk.register.kept[CODE] == replace(judged, data_end=date(2026, 7, 31))


def test_a_last_day_of_data_that_moves_on_needs_no_reason_but_one_that_moves_back_does(desk: Desk) -> None:
    desk.take(sound())
    end = desk.register.kept[CODE].data_end
    report = desk.take(put(sound(), "企业信息", "内容", end + timedelta(days=31), 18))
    assert isinstance(report, ImportReport)
    assert report.sheets["企业信息"].changed == 1
    back = desk.take(sound())
    assert isinstance(back, CorrectionNeedsReason)
    assert [(p.sheet, p.row, p.column) for p in back.problems] == [("企业信息", 18, "内容")]
    assert desk.register.kept[CODE].data_end == end + timedelta(days=31)


def test_every_row_of_a_manifest_can_be_read_back(desk: Desk) -> None:
    desk.take(sound())
    lines = desk.manifest()[1:]
    kinds = {kind.SHEET.table: kind for kind in SHEETS}
    assert len(lines) == 17 + len(SHEETS) - 1
    for row in lines:
        kind = kinds[row["t"]]
        assert list(row["new"]) == sorted(c.name for c in kind.SHEET.columns)
        assert row["k"] == [row["new"][name] for name in kind.SHEET.key]


def beside(desk: Desk) -> Desk:
    """Another desk of the same register, with a file of its own."""
    folder = desk.path.parent / "beside"
    folder.mkdir(exist_ok=True)
    other = Desk(folder)
    other.register = desk.register
    return other


def test_another_who_writes_in_between_is_noticed_and_the_import_starts_over(desk: Desk) -> None:
    desk.take(sound())
    desk.register.before_work = lambda: ignore(beside(desk).take(longer()))
    report = desk.take(longer())
    assert isinstance(report, ImportReport)
    assert report.seq is None, "what it was to add is there already"
    assert len(desk.register.acts) == 2


def test_two_first_imports_of_one_plant_store_it_once(desk: Desk) -> None:
    desk.register.before_work = lambda: ignore(beside(desk).take(sound()))
    assert isinstance(desk.take(sound()), ImportReport)
    assert (len(desk.register.kept), len(desk.register.acts)) == (1, 1)


def test_an_import_that_is_always_overtaken_gives_up(desk: Desk) -> None:
    desk.take(sound())
    amounts = iter(range(100, 200))

    def overtake() -> None:
        beside(desk).take(put(sound(), "每日数据", "数量", Decimal(next(amounts))), "抢先")
        desk.register.before_work = overtake

    desk.register.before_work = overtake
    with pytest.raises(ChangedMeanwhile):
        desk.take(corrected(), "录入错误")


def ignore(_: object) -> None:
    """Nobody asks what came of it."""


def test_a_work_that_fails_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(desk.register, "record", broken)
    with pytest.raises(RuntimeError):
        desk.take(sound())
    assert (desk.register.kept, desk.register.rows, desk.register.imports) == ({}, {}, [])


def test_the_workbook_of_another_plant_is_refused_where_one_is_meant(desk: Desk) -> None:
    with pytest.raises(AnotherPlant):
        desk.take(sound(), only="91500116307165272U")
    assert desk.register == FakeRegister()
    assert isinstance(desk.take(sound(), only=CODE), ImportReport)


def test_a_short_code_that_reads_like_a_key_is_not_the_plant(desk: Desk) -> None:
    desk.register.add_plant(Plant(0, "91500116307165272U", CODE, "别家", START, END, TODAY))
    desk.take(sound())
    assert {p.name for p in desk.register.plants()} == {"别家", "示例水泥有限公司"}


def test_a_file_that_changes_while_it_is_read_is_refused(desk: Desk) -> None:
    class Swapping(FakeVault):
        def put(self, source: Any, *, name: str, media_type: str) -> ObjectRef:
            kept = super().put(source, name=name, media_type=media_type)
            desk.path.write_text("something else, swapped between check and use")
            return kept

    desk.vault = Swapping()
    with pytest.raises(FileChanged):
        desk.take(sound())
    assert desk.register == FakeRegister()


def test_a_file_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(UnreadableFile):
        import_workbook(
            desk.path,
            register=desk.register,
            vault=desk.vault,
            workbooks=FakeWorkbooks(sound()),
            admits=admitting(),
            actor=OFFICER,
            today=TODAY,
            progress=lambda *_: None,
        )


def test_a_file_that_is_refused_half_way_is_let_go(desk: Desk) -> None:
    closed: list[str] = []

    class Breaking:
        def sheets(self, path: str) -> Any:
            try:
                yield from FakeWorkbooks({"说明": [["x"]]}).sheets(path)
                yield "部门", (1 // 0 for _ in range(1))
            finally:
                closed.append(path)

    desk.path.write_text("x")
    with pytest.raises(ZeroDivisionError) as held:
        import_workbook(
            desk.path,
            register=desk.register,
            vault=desk.vault,
            workbooks=Breaking(),
            admits=admitting(),
            actor=OFFICER,
            today=TODAY,
            progress=lambda *_: None,
        )
    assert held.traceback, "its frames are still held"
    assert closed == [str(desk.path)]


def test_progress_never_goes_back_and_ends(desk: Desk) -> None:
    desk.take(sound())
    done = [step[0] for step in desk.told]
    assert done == sorted(done)
    assert desk.told[-1][0] == desk.told[-1][1]
    assert "每日数据" in [step[2] for step in desk.told]


HARD = ["简单", 'a"b\\c\n\t\r\x08\x0c\x01\x7f\u2028', "e\u0301 = \u00e9", "\n\u0303", "𠮷\U0001f600", "≠ =\u0338"]


@pytest.mark.parametrize("text", HARD)
def test_a_line_is_the_canonical_json_of_its_value(text: str) -> None:
    value = {"t": "reading", "k": [text], "old": None, "new": {"b": 1, "a": -(2**53) + 1, "c": text}}
    assert line(value) == canonical(value) + b"\n"


def changes(rows: Sequence[ProductionLine], pairs: Sequence[Correction] = ()) -> Changes:
    return Changes({ProductionLine: rows}, {ProductionLine: pairs}, {})


def test_an_amount_beyond_what_json_holds_exactly_stands_as_text() -> None:
    row = ProductionLine(line="K1", name=None, capacity=2**53, started=date(2020, 1, 2), clinker_class=None)
    _, written = manifest_lines(CODE, "00", changes([row]))
    new = json.loads(written)["new"]
    assert new == {"line": "K1", "name": None, "capacity": str(2**53), "started": "2020-01-02", "clinker_class": None}
    assert row_digest(row) == digest_of(new)


def test_a_problem_of_a_correction_names_days_and_texts() -> None:
    old = ProductionLine(line="K1", name="甲", capacity=1, started=date(2020, 1, 2), clinker_class=None)
    new = replace(old, name="乙", started=date(2020, 1, 3), capacity=1_500_000)
    found = [(p.row, p.column, p.given) for p in changes([], [Correction(7, old, new)]).corrections()]
    assert found == [
        (7, "名称", "甲 → 乙"),
        (7, "设计熟料产能（吨/日）", "0.000001 → 1.5"),
        (7, "投产日期", "2020-01-02 → 2020-01-03"),
    ]
