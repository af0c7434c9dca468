"""Documents in force beside what would be drawn up now: quiet where nothing changed, and each change named."""

from __future__ import annotations

import io
import json
import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import openpyxl
import pytest

from compliance.adapters.change_requests import SqlRequestLists
from compliance.adapters.check_changes import check_changes
from compliance.adapters.check_drift import check_bases
from compliance.adapters.example import example_plant, write
from compliance.bootstrap.demo import make_demo
from compliance.bootstrap.documents import desk, requests_of, watch
from compliance.bootstrap.installation import OPERATOR, Installation, build
from compliance.bootstrap.samples import sample_of
from compliance.bootstrap.usecases import import_file, people_here
from compliance.cli.main import main
from compliance.core.acts import Act
from compliance.core.cases import NoSuchCase
from compliance.core.controlled import DOCUMENT, ISSUED, REVISING
from compliance.core.documents import Drift, NotStale, RequestQuery, bulk, issue_all
from compliance.core.documents import drift as drift_module
from compliance.core.documents import issuing as issuing_module
from compliance.core.documents.change_requests import AlreadyDecided, BadRequestText
from compliance.core.documents.drift import Watch
from compliance.core.documents.leaning import not_told
from compliance.core.duties import Allowed, MayNotTake
from compliance.core.factors import check, confirm
from compliance.core.imports import ImportReport
from compliance.core.resting import Outlook
from compliance.kernel.clock import Clock
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document, Section, SectionKind, Strength
from tests.cli.conftest import live_on
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.core.plants import Plant

pytestmark = pytest.mark.slow

TODAY = date(2026, 6, 15)
PLAN, LEDGER = "QCP-2026-01", "EM-2026-001"
ONLY = ("quality-control-plan", "emissions-ledger")


@dataclass
class Place:
    """A workspace with a plan of the year and a ledger of a month in force."""

    at: Installation
    plant: Plant

    def check(self) -> dict[str, Drift]:
        return {one.number: one for one in watch(self.at).check(self.plant)}

    def reasons(self, number: str) -> list[tuple[str, str, str]]:
        return [(r.kind, r.what, r.text.zh) for r in self.check()[number].reasons]

    def move(self, address: str, folder: Path) -> None:
        """Import the plant's workbook with another production address."""
        path = folder / "moved.xlsx"
        write(example_plant(TODAY), path)
        book = openpyxl.load_workbook(path)
        cell = next(row[1] for row in book["企业信息"].iter_rows() if row[0].value == "生产地址")
        cell.value = address
        book.save(path)
        report = import_file(self.at, path, replace(OPERATOR, name="陈工"), "迁址", lambda *_: None)
        assert isinstance(report, ImportReport), report


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift") / "workspace"
    with pytest.MonkeyPatch.context() as patch:
        live_on(patch, TODAY)
        make_demo(folder, lambda *_: None)
        wanted = bulk.latest_of_each

        def few(*given: object, **how: object) -> object:
            every = wanted(*given, **how)  # type: ignore[arg-type] # as given
            found = [(rule, subject) for rule, subject in every if rule.id in ONLY]
            return [(r, replace(s, about="2026-05") if s.per == "month" else s) for r, s in found]

        patch.setattr(issuing_module, "latest_of_each", few)
        at = build(folder, None, TODAY)
        try:
            with at.register.read() as reads:
                (plant,) = reads.plants()
            people = people_here(at, plant)
            done = list(issue_all(desk(at), plant, people, "2026", lambda *_: None, sample=sample_of))
        finally:
            at.close()
    assert sorted((one.rule.id, one.state) for one in done) == sorted((name, ISSUED) for name in ONLY)
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    live_on(monkeypatch, TODAY)
    folder = tmp_path / "workspace"
    shutil.copytree(made, folder)
    yield from opened(folder, TODAY)


def opened(folder: Path, today: date) -> Iterator[Place]:
    at = build(folder, None, today)
    with at.register.read() as reads:
        (plant,) = reads.plants()
    yield Place(at, plant)
    at.close()


def test_what_nobody_touched_is_not_stale_and_a_quiet_day_compares_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = place.check()
    assert {n: one.reasons for n, one in found.items()} == {PLAN: (), LEDGER: ()}

    def compared(_self: object) -> tuple[()]:
        raise AssertionError("compared again")

    monkeypatch.setattr(drift_module._Comparing, "reasons", compared)
    assert place.check() == found
    later = TODAY + timedelta(days=1)
    live_on(monkeypatch, later)
    place.at.clock = Clock(place.at.clock.zone, later)
    rest(place, wakes_on=later + timedelta(days=9))
    assert place.check() == found
    rest(place, wakes_on=later)
    with pytest.raises(AssertionError, match="compared again"):
        place.check()


def rest(place: Place, wakes_on: date) -> None:
    """Let the plant rest until a day, as after a pulse."""
    with place.at.register.work() as work:
        version, ruleset = work.version(place.plant), place.at.current_rules().digest
        resting = Outlook(
            version=version, ruleset=ruleset, program="", day=TODAY, wakes_on=wakes_on, told=None, tells_on=wakes_on
        )
        work.keep_outlook(place.plant, resting)


def test_a_change_of_the_plant_is_named_with_day_and_person(place: Place, tmp_path: Path) -> None:
    place.check()
    place.move("示例省云栖县新安镇", tmp_path)
    (reason,) = place.reasons(PLAN)
    assert reason[:2] == ("data", "profile.production_address")
    assert reason[2] == (
        "《企业信息》的“生产地址”由“示例省云栖县石门镇”变为“示例省云栖县新安镇”（2026-06-15 由陈工登记）"
    )
    assert place.reasons(LEDGER) == []  # its month was over when it was drafted
    draft_the_next(place, tmp_path)


def draft_the_next(place: Place, tmp_path: Path) -> None:
    people, at = people_here(place.at, place.plant), watch(place.at)
    with pytest.raises(NotStale):
        at.draft_next(place.plant, people[0], LEDGER)
    made_by, rule = desk(place.at), desk(place.at).rule(ONLY[0])
    keeper = next(p for p in people if isinstance(made_by.may_write(rule, p), Allowed))
    other = next(p for p in people if not isinstance(made_by.may_write(rule, p), Allowed))
    with pytest.raises(MayNotTake):
        at.draft_next(place.plant, other, PLAN)
    version = at.draft_next(place.plant, keeper, PLAN)
    assert "新安镇" in version.why
    assert version.draft is not None
    data = desk(place.at).data(version.data)
    assert data["profile"]["production_address"] == "示例省云栖县新安镇"  # type: ignore[call-overload, index] # a group
    with place.at.register.read() as reads:
        about = desk(place.at).find(reads, place.plant, PLAN)
    assert [v.state for v in about.versions] == [REVISING, "draft"]
    assert place.check()[PLAN].stale  # the version in force stays what it was
    assert at.fresh_data(place.plant, about) == ()
    place.move("示例省云栖县石门镇", tmp_path)
    (one,) = at.fresh_data(place.plant, about)
    assert (one.path, one.before, one.after) == (
        "profile.production_address", "示例省云栖县新安镇", "示例省云栖县石门镇",
    )  # fmt: skip
    issued = replace(about, version=about.versions[0])
    assert at.fresh_data(place.plant, issued) == ()  # what is no draft is never drawn anew


def test_a_factor_that_was_verified_anew_is_a_reason(place: Place) -> None:
    place.check()
    now = place.at.clock.now()
    check(place.at.register, place.plant, "OF_COAL", "检测报告 2026-31", "P01", OPERATOR, now)
    confirm(place.at.register, place.plant, "OF_COAL", "P02", replace(OPERATOR, name="周确认"), now)
    for number in (PLAN, LEDGER):
        (reason,) = place.reasons(number)
        assert reason == ("factor", "OF_COAL", "因子 水泥窑用煤氧化率（OF_COAL）已重新核实（周确认 2026-06-15）")


def test_a_further_section_and_another_template_are_reasons(place: Place) -> None:
    at = watch(place.at)
    base = at.desk.casework.rulebase
    (rule,) = base.wordings(Document, ONLY[0])
    more = Section(id="training", title=Text("培训安排", "Training"), kind=SectionKind.FREE, strength=Strength.SHALL)
    longer = replace(rule, sections=(*rule.sections, more), digest="0" * 64)
    rules = tuple(longer if one is rule else one for one in base.rules)
    later = replace(base, rules=rules, files={**base.files, "own.toml": "schema = 1"})
    other = replace(
        at.desk, casework=replace(at.desk.casework, rulebase=later), template=lambda _name: template_with_a_word()
    )
    (found,) = replace(at, desk=other).check(place.plant, PLAN)
    assert [(r.kind, r.what, r.text.zh) for r in found.reasons] == [
        ("template", "quality_control_plan.docx", "模板 quality_control_plan.docx 已更换"),
        ("rule", "DOC-QCP", "规则 DOC-QCP 新增章节“培训安排”（应）"),
    ]


def test_another_template_makes_no_record_of_the_past_stale(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    at = watch(place.at)
    assert all(not one.stale for one in at.check(place.plant))
    at = replace(at, desk=replace(at.desk, template=lambda _name: template_with_a_word()))
    reasons = {one.number: [r.kind for r in one.reasons] for one in at.check(place.plant)}
    assert reasons == {PLAN: ["template"], LEDGER: []}
    (one,) = at.check(place.plant, LEDGER)
    assert (one.reasons, one.template) == ((), "")
    # Once its year is over a plan is a record too: it is compared again, and the template counts no more.
    after = date(2027, 1, 1)
    live_on(monkeypatch, after)
    place.at.clock = Clock(place.at.clock.zone, after)
    rest(place, wakes_on=after + timedelta(days=9))
    later = watch(place.at)
    later = replace(later, desk=replace(later.desk, template=lambda _name: template_with_a_word()))
    found = {one.number: one for one in later.check(place.plant)}
    assert (found[PLAN].day, found[LEDGER].day) == (after, TODAY)
    assert "template" not in [r.kind for r in found[PLAN].reasons]


def test_a_rule_that_names_another_template_matters_to_what_is_kept_current_alone(place: Place) -> None:
    at = watch(place.at)
    base = at.desk.casework.rulebase
    moved = tuple(
        replace(one, template="other.docx", digest="0" * 64) if isinstance(one, Document) and one.id in ONLY else one
        for one in base.rules
    )
    later = replace(base, rules=moved, files={**base.files, "own.toml": "schema = 1"})
    desk_then = replace(
        at.desk, casework=replace(at.desk.casework, rulebase=later), template=lambda _name: template_with_a_word()
    )
    found = {one.number: one for one in replace(at, desk=desk_then).check(place.plant)}
    assert [r.kind for r in found[PLAN].reasons] == ["template", "rule"]
    assert found[LEDGER].reasons == ()


def test_the_command_reconcile_looks_at_documents_in_force(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reconciled(place, capsys) == []
    with place.at.register.read() as reads:
        assert set(reads.drifts(place.plant)) == {PLAN, LEDGER}
    place.move("示例省云栖县新安镇", tmp_path)
    assert reconciled(place, capsys) == [PLAN]


def reconciled(place: Place, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The stale documents that the command names."""
    folder = str(place.at.workspace.root)
    assert main(["--data", folder, "reconcile", "--json"]) == 0
    named: list[str] = json.loads(capsys.readouterr().out)["stale"]
    return named


def template_with_a_word() -> bytes:
    """The shipped template with other properties: other bytes that say the same."""
    out = io.BytesIO()
    with ZipFile(ROOT / "doc_templates" / "quality_control_plan.docx") as old, ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def test_fsck_holds_what_drafts_rest_on_to_their_leaves(place: Place) -> None:
    def bases() -> list[str]:
        with place.at.register.database.read() as connection:
            found = check_bases(connection)
        return [] if found.ok else found.detail.en.split("; ")

    assert bases() == []
    with place.at.register.database.work() as connection:
        connection.exec_driver_sql(f"UPDATE document_basis SET factors = '{{}}' WHERE number = '{PLAN}'")
    assert len(bases()) == 1
    with place.at.register.database.work() as connection:
        connection.exec_driver_sql(f"DELETE FROM document_basis WHERE number = '{LEDGER}'")
    assert len(bases()) == 2


def test_a_version_that_waits_for_its_day_is_not_compared(place: Place) -> None:
    with place.at.register.read() as reads:
        about = desk(place.at).find(reads, place.plant, PLAN)
    with place.at.register.work() as work:
        later = replace(about.version, place=1, label="A/1", effective=TODAY + timedelta(days=9))
        work.save_version(place.plant, later)
        work.record(Act(actor=OPERATOR, action="plant:x", object_type="plant", object_id="x"), place.plant)
    assert {n: one.place for n, one in place.check().items()} == {PLAN: 0, LEDGER: 0}


def test_a_change_is_asked_for_decided_by_another_and_closed_with_the_issue(place: Place) -> None:
    at, people = requests_of(place.at), people_here(place.at, place.plant)
    rule = at.desk.rule(ONLY[0])
    first, second = [p for p in people if isinstance(at.desk.may_write(rule, p), Allowed)][:2]
    nobody = next(p for p in people if not isinstance(at.desk.may_write(rule, p), Allowed))
    with pytest.raises(BadRequestText):
        at.ask(place.plant, first, PLAN, " ", "两个部门")
    with pytest.raises(NoSuchCase):
        at.ask(place.plant, first, "QCP-1999-01", "x", "y")
    stranger = replace(nobody, login="stranger")
    with pytest.raises(MayNotTake):
        at.ask(place.plant, stranger, PLAN, "x", "y")
    asked = at.ask(place.plant, first, PLAN, "增加一条煤样取样点", "化验室、采样员")
    assert (asked.number, asked.state) == ("DCR-2026-001", "open")
    kinds = {use.kind for use in asked.uses}
    assert {"requirement", "post", "readers"} <= kinds
    for person in (first, nobody):
        with pytest.raises(MayNotTake):
            at.decide(place.plant, person, asked.number, accept=True, why="同意")
    lists = SqlRequestLists(place.at.register.database)
    assert [row.request for row in lists.requests(place.plant, RequestQuery(state="open")).rows] == [asked]
    done = at.decide(place.plant, second, asked.number, accept=True, why="同意")
    assert (done.state, done.version) == ("accepted", 1)
    with pytest.raises(AlreadyDecided):
        at.decide(place.plant, second, asked.number, accept=False, why="不")
    other = at.ask(place.plant, second, PLAN, "另一理由", "无")
    assert "version" in {use.kind for use in other.uses}
    joined = at.decide(place.plant, first, other.number, accept=True, why="一并修订")
    assert joined.version == 1  # the version being drafted answers it too
    third = at.ask(place.plant, nobody, LEDGER, "更正", "无")
    assert at.decide(place.plant, first, third.number, accept=False, why="数据无误").state == "rejected"
    with place.at.register.read() as reads:
        about = at.desk.find(reads, place.plant, PLAN)
        assert [v.state for v in about.versions] == [REVISING, "draft"]
        assert f"{asked.number}：同意" in about.version.why
        leaves = [entry.action for entry in reads.trail(place.plant, "change-request", limit=30)]
    assert sorted(leaves) == sorted(
        ["change-request:ask"] * 3
        + ["change-request:accept"] * 2
        + ["change-request:reject"]
        + ["change-request:refused"] * 3
    )
    with place.at.register.database.work() as connection:
        assert check_changes(connection).ok
        connection.exec_driver_sql(f"UPDATE change_request SET accepted = 0 WHERE number = '{asked.number}'")
        assert not check_changes(connection).ok


def full(place: Place) -> Watch:
    """Comparing that knows nothing of what the log has changed."""
    return replace(watch(place.at), touched=not_told)


def compared(place: Place, patch: pytest.MonkeyPatch) -> set[str]:
    """Which documents looking compares; what it comes to is what comparing everything comes to."""
    seen: set[str] = set()
    reasons = drift_module._Comparing.reasons

    def noted(self: drift_module._Comparing) -> Iterator[drift_module.Reason]:
        seen.add(self.about.number)
        return reasons(self)

    with patch.context() as while_looking:
        while_looking.setattr(drift_module._Comparing, "reasons", noted)
        found = place.check()
    told = {n: one.reasons for n, one in found.items()}
    with place.at.register.read() as reads:
        numbers, version = list(reads.drifts(place.plant)), reads.version(place.plant)
    assert {one.version for one in found.values()} == {version}, "what holds still is not looked for from further back"
    assert told == {n: one.reasons for n in numbers for one in full(place).check(place.plant, n)}
    return seen


#: Cells that are changed, and who reads their sheet: the figures of a month rest on all of them, the plan on a few.
TOUCHED: list[tuple[str, str, str | int, set[str]]] = [
    ("企业信息", "生产地址", "示例省云栖县新安镇", {PLAN, LEDGER}),
    ("计量器具", "安装位置", "别处", {PLAN, LEDGER}),
    ("碳交易", "批准资金总额", 123456, {LEDGER}),
    ("每日数据", "备注", "已核对", {LEDGER}),
]


@pytest.mark.parametrize(("sheet", "column", "value", "who"), TOUCHED)
def test_only_what_reads_a_table_that_was_written_is_compared_again(
    place: Place,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    sheet: str,
    column: str,
    value: str | int,
    who: set[str],
) -> None:
    place.check()
    change(place, tmp_path, sheet, column, value)
    assert compared(place, monkeypatch) == who
    assert compared(place, monkeypatch) == set()
    now = place.at.clock.now()
    check(place.at.register, place.plant, "OF_COAL", "检测报告 2026-31", "P01", OPERATOR, now)
    assert compared(place, monkeypatch) == {PLAN, LEDGER}  # not told by rows
    # A day later only what speaks of a time that is not over depends on the day.
    later = TODAY + timedelta(days=1)
    live_on(monkeypatch, later)
    place.at.clock = Clock(place.at.clock.zone, later)
    with place.at.register.work() as work:
        work.record(Act(actor=OPERATOR, action="document:x", object_type=DOCUMENT, object_id="x"), place.plant)
    assert compared(place, monkeypatch) == {PLAN}


def change(place: Place, folder: Path, sheet: str, column: str, value: str | int) -> None:
    """Import the plant's workbook with one more cell changed."""
    path = folder / "changed.xlsx"
    if not path.exists():
        write(example_plant(TODAY), path)
    book = openpyxl.load_workbook(path)
    rows = list(book[sheet].iter_rows())
    if sheet == "企业信息":
        cell = next(row[1] for row in rows if row[0].value == column)
    else:
        place_of = [one.value for one in rows[0]].index(column)
        cell = rows[1][place_of]
    cell.value = value
    book.save(path)
    report = import_file(place.at, path, OPERATOR, "更正", lambda *_: None)
    assert isinstance(report, ImportReport), report


def test_what_the_log_does_not_tell_is_not_taken_for_unchanged(place: Place) -> None:
    touched = watch(place.at).touched
    with place.at.register.read() as reads:
        before = reads.version(place.plant)
    assert touched(place.plant, before, before) == frozenset()
    assert touched(place.plant, before, before + 1) is None  # there is no such leaf yet
    for kind, told in ((DOCUMENT, frozenset()), ("person", None), ("template", None), ("something-new", None)):
        with place.at.register.work() as work:
            work.record(Act(actor=OPERATOR, action=f"{kind}:x", object_type=kind, object_id="x"), place.plant)
        assert touched(place.plant, before, before + 1) == told
        before += 1
