"""Controlled documents on each kind of database: opened with the close of a ticket, drafted, signed, issued, ended."""

from __future__ import annotations

import io
import json
import random
import re
import threading
import tomllib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.check_documents import _deep
from compliance.adapters.document_lists import SqlDocumentLists
from compliance.adapters.document_tables import document
from compliance.adapters.fsck import fsck
from compliance.adapters.register import SqlRegister
from compliance.adapters.tables import object_
from compliance.core.acts import PULSE, Act
from compliance.core.cases import NONCONFORMITY, CaseKey, CaseRow, SignatureRefused, Wish
from compliance.core.controlled import DOCUMENT, DocumentAtHand, at_hand, open_documents
from compliance.core.documents import (
    Context,
    Desk,
    DocumentQuery,
    IllegalText,
    NotADraft,
    NotRendered,
    TextDiffers,
    frozen,
    names_in,
    render_checked,
)
from compliance.core.documents.standing import come_into_force
from compliance.core.duties import MayNotTake
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document
from tests.adapters.conftest import act
from tests.adapters.test_cases import NUMBER, TICKET, TODAY, WALKS, World, rules, walk, world
from tests.adapters.test_fsck import Store
from tests.conftest import ROOT
from tests.docx_files import InProcess

__all__ = ["rules", "world"]

REPORT = "NCR-2026-0001"
FIRST = f"{REPORT}/A/0"
TEMPLATES = ROOT / "doc_templates"
#: Who signs: the department draws up, an internal auditor reviews, the representative approves.
SIGNED = [("submit", "U3"), ("review", "U6"), ("approve", "U2")]


class Shared(InProcess):
    """Renders in this process; remembers what was found in a template."""

    found: ClassVar[dict[bytes, Any]] = {}

    def inspect(self, template: bytes) -> Any:
        if template not in self.found:
            self.found[template] = super().inspect(template)
        return self.found[template]


@dataclass
class House:
    """A world with a desk."""

    world: World
    desk: Desk

    def at(self, name: str = FIRST) -> DocumentAtHand:
        with self.world.register.read() as reads:
            found = at_hand(reads, self.world.plant, name)
        assert found is not None
        return found

    def draft(self) -> None:
        drafts = self.desk.draft_missing(self.world.plant, PULSE)
        assert not drafts.failed, drafts.failed

    def take(self, step: str, account: str, name: str = FIRST, *, signed: bool = True, **values: str) -> CaseRow:
        wish = Wish(CaseKey(DOCUMENT, name), step, values)
        return self.desk.take(self.world.plant, self.world.person(account), wish, signed=signed)

    def signed(self, name: str = FIRST) -> None:
        for step, account in SIGNED:
            self.take(step, account, name)

    def issue(self, name: str = FIRST, effective: str = TODAY.isoformat()) -> CaseRow:
        return self.take("issue", "U3", name, effective=effective)

    def text(self, name: str = FIRST) -> str:
        return self.desk.text(self.at(name).version)

    def file(self, sha256: str | None) -> bytes:
        with self.world.vault.open(str(sha256)) as file:
            return file.read()

    def actions(self) -> list[str]:
        with self.world.register.read() as reads:
            return [e.action for e in reads.trail(self.world.plant, DOCUMENT, limit=200)][::-1]

    def sound(self) -> None:
        report = fsck(self.world.register.database, self.world.vault, deep=True)
        # The world's people come from no import.
        assert [c.detail.en for c in report.checks if not c.ok and c.code != "replay"] == []


def desk_of(world: World, *, at: date = TODAY, renderer: InProcess | None = None) -> Desk:
    return Desk(
        register=world.register,
        casework=replace(world.casework, today=lambda: at),
        vault=world.vault,
        renderer=renderer or Shared(),
        zone=ZoneInfo("Asia/Shanghai"),
        template=lambda name: (TEMPLATES / name).read_bytes(),
        pages=lambda _: b"%PDF-1.4 /Type /Page",
    )


@pytest.fixture
def house(world: World) -> House:
    """The ticket has just been closed."""
    walk(world, TICKET, WALKS["closed"][1])
    return House(world, desk_of(world))


@pytest.fixture
def issued(house: House) -> House:
    house.draft()
    house.signed()
    house.issue()
    return house


# --- opening and drafting -------------------------------------------------------------------------


def test_the_act_that_closes_a_ticket_opens_its_document(house: House) -> None:
    about = house.at()
    assert (about.document.about, about.document.kind, about.document.place) == (NUMBER, NONCONFORMITY, 1)
    assert (about.version.label, about.version.state, about.version.draft) == ("A/0", "draft", None)
    leaf = house.world.last_leaf()
    assert leaf.action == "nonconformity:close"
    assert FIRST in leaf.leaf.decode()
    house.sound()


def test_a_withdrawn_ticket_has_no_document(world: World) -> None:
    walk(world, TICKET, WALKS["withdrawn"][1])
    with world.register.read() as reads:
        assert at_hand(reads, world.plant, REPORT) is None


def test_what_was_opened_is_drafted_once_however_often_it_is_tried(house: House) -> None:
    house.draft()
    first = house.at().version
    house.draft()
    assert house.at().version == first
    assert house.actions() == ["document:draft"]
    text = house.text()
    assert REPORT in text
    assert "【草稿】" in text
    house.sound()


def test_a_program_killed_between_file_and_row_loses_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(SqlRegister, "work", kill)
        with pytest.raises(Killed):
            house.draft()
    assert house.at().version.draft is None
    house.draft()
    assert house.at().version.draft is not None
    house.sound()


def test_a_draft_that_cannot_be_made_says_why_and_is_tried_again(house: House) -> None:
    broken = replace(house.desk, template=lambda _: None)
    drafts = broken.draft_missing(house.world.plant, PULSE)
    assert [e.code for e in drafts.failed.values()] == ["no-such-document"]
    house.draft()
    assert house.at().version.draft


def test_numbers_have_no_gap_and_no_double_however_many_close_at_once(
    world: World, rules: RuleBase, open_again: Callable[[], SqlRegister]
) -> None:
    def close(register: SqlRegister, name: str, *, fail: bool) -> None:
        with suppress(ZeroDivisionError), register.work() as work:
            open_documents(work, world.plant, rules, NONCONFORMITY, "closed", name, TODAY)
            work.record(act(), world.plant)
            _ = 1 // (not fail)

    registers = [open_again() for _ in range(4)]

    def some(n: int) -> None:
        for m in range(8):
            close(registers[n], f"NC-{m}", fail=(n + m) % 3 == 0)
            close(registers[n], f"NC-{n}-{m}", fail=(n + m) % 3 == 1)

    threads = [threading.Thread(target=some, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.register.database.read() as connection:
        rows = connection.execute(select(document.c.place, document.c.about)).all()
    assert sorted(r.place for r in rows) == list(range(1, len(rows) + 1))
    assert len({r.about for r in rows}) == len(rows) > 20
    checks = fsck(world.register.database, world.vault).checks
    assert [c.detail.en for c in checks if c.code == "documents" and not c.ok] == []


def test_a_draft_is_drafted_again_by_its_author_alone_and_not_once_it_is_handed_in(house: House) -> None:
    house.draft()
    with pytest.raises(MayNotTake):
        house.desk.redraft(house.world.plant, FIRST, house.world.person("U6"))
    assert house.actions()[-1] == "document:refused"
    house.desk.redraft(house.world.plant, FIRST, house.world.person("U3"))
    house.take("submit", "U3")
    with pytest.raises(NotADraft):
        house.desk.redraft(house.world.plant, FIRST, house.world.person("U3"))
    house.sound()


# --- signing and issuing --------------------------------------------------------------------------


def test_nothing_is_handed_in_before_there_is_a_draft(house: House) -> None:
    with pytest.raises(MayNotTake):
        house.take("submit", "U3")


@pytest.mark.parametrize(
    ("done", "step", "account"),
    [
        ([], "submit", "U6"),
        (SIGNED[:1], "review", "U3"),
        (SIGNED[:1], "review", "U2"),
        (SIGNED[:1], "approve", "U2"),
        (SIGNED[:2], "approve", "U6"),
        (SIGNED[:2], "approve", "U3"),
        (SIGNED, "issue", "U6"),
    ],
)
def test_who_may_not_is_refused_with_one_leaf(
    house: House, done: list[tuple[str, str]], step: str, account: str
) -> None:
    house.draft()
    for name, who in done:
        house.take(name, who)
    before, files = house.at(), house.world.counts()
    with pytest.raises(MayNotTake):
        house.take(step, account, effective="2026-03-02")
    assert house.at() == before
    assert house.world.counts() == {**files, "audit_entry": files["audit_entry"] + 1}


def test_one_person_with_every_post_draws_up_reviews_or_approves_but_never_two_of_them(house: House) -> None:
    world = house.world
    everything = replace(world.person("U3"), posts=frozenset({"carbon-department", "internal-auditor"}))
    house.draft()
    house.take("submit", "U3")
    for step in ("review", "approve", "return"):
        with pytest.raises(MayNotTake):
            house.desk.take(world.plant, everything, Wish(CaseKey(DOCUMENT, FIRST), step, {"reason": "x"}), signed=True)


def test_a_signature_covers_the_draft_that_was_seen(house: House) -> None:
    house.draft()
    house.signed()
    steps = house.world.steps(CaseKey(DOCUMENT, FIRST))
    assert {s.values["covers"] for s in steps} == {house.at().version.draft}
    assert [s.signature.meaning.zh for s in steps if s.signature] == ["编制", "审核", "批准"]


def test_what_was_drawn_up_under_an_obsolete_rule_is_drawn_up_anew_before_it_is_signed(house: House) -> None:
    house.draft()
    version = house.at().version
    with house.world.register.work() as work:
        work.save_version(house.world.plant, replace(version, rule_digest="0" * 64))
        work.record(Act(actor=PULSE, action="test", object_type=DOCUMENT, object_id=FIRST), house.world.plant)
    with pytest.raises(MayNotTake, match="signed-under-old-rule") as refusal:
        house.take("submit", "U3")
    assert "重新起草" in refusal.value.message.zh
    assert house.actions()[-1] == "document:refused"
    house.desk.draft(house.world.plant, version.object_id, PULSE, again=True)
    house.signed()
    assert house.at().version.state == "approved"


def test_what_is_issued_names_who_signed_and_says_the_frozen_data(issued: House) -> None:
    about = issued.at()
    version = about.version
    assert (version.state, version.effective) == ("issued", TODAY)
    text = issued.text()
    for word in ("U3", "U6", "U2", "编制", "审核", "批准", "+08:00", TODAY.isoformat(), str(version.draft)[:16]):
        assert word in text, word
    assert "草稿】" not in text
    issued.sound()
    assert issued.actions() == [
        "document:draft", "document:submit", "document:review", "document:approve", "document:issue",
    ]  # fmt: skip


def test_everything_that_was_issued_is_kept_as_long_as_the_class_says(issued: House) -> None:
    about = issued.at()
    assert about.document.retain_until == date(2031, 12, 31)
    with issued.world.register.database.read() as connection:
        rows = {r.sha256: r.retain_until for r in connection.execute(select(object_))}
    assert {rows[name] for name in about.version.files} == {date(2031, 12, 31)}


def test_a_file_that_cannot_be_made_issues_nothing(house: House) -> None:
    class Lying(Shared):
        def render(self, template: bytes, context: Context) -> bytes:
            return super().render(template, {**context, "case": {**context["case"], "number": "NC-1"}})  # type: ignore[dict-item] # the case is a group

    house.draft()
    house.signed()
    before, counts = house.at(), house.world.counts()
    lying = replace(house.desk, renderer=Lying())
    wish = Wish(CaseKey(DOCUMENT, FIRST), "issue", {"effective": TODAY.isoformat()})
    with pytest.raises(TextDiffers):
        lying.take(house.world.plant, house.world.person("U3"), wish, signed=True)
    assert (house.at(), house.world.counts()) == (before, counts)


def test_the_step_alone_issues_nothing_without_the_programs_own_file(house: House) -> None:
    house.draft()
    house.signed()
    world = house.world
    wish = Wish(CaseKey(DOCUMENT, FIRST), "issue", {"effective": TODAY.isoformat()}, (world.file(),))
    with pytest.raises(MayNotTake, match="compliance document issue"):
        world.casework.take(world.plant, world.person("U3"), wish, signed=True)
    assert house.at().version.issued is None


@pytest.mark.parametrize("effective", ["2026-03-01", "", "soon", "20260302"])
def test_a_day_that_is_none_or_past_issues_nothing(house: House, effective: str) -> None:
    house.draft()
    house.signed()
    before = house.at()
    with pytest.raises(Exception, match=r"day|missing|force"):
        house.issue(effective=effective)
    assert house.at() == before


def test_nobody_issues_without_the_password(house: House) -> None:
    house.draft()
    house.signed()
    with pytest.raises(SignatureRefused):
        house.take("issue", "U3", signed=False, effective="2026-03-02")
    assert house.at().version.issued is None


def test_of_two_issues_at_once_one_wins(house: House, open_again: Callable[[], SqlRegister]) -> None:
    house.draft()
    house.signed()
    house.world.person("U4")
    done: list[str] = []
    gate = threading.Barrier(2)

    class Waiting(Shared):
        def render(self, template: bytes, context: Context) -> bytes:
            gate.wait()
            return super().render(template, context)

    def one(account: str) -> None:
        register = open_again()
        at = replace(house.desk, register=register, casework=replace(house.desk.casework, register=register))
        at = replace(at, renderer=Waiting())
        wish = Wish(CaseKey(DOCUMENT, FIRST), "issue", {"effective": "2026-03-02"})
        try:
            at.take(house.world.plant, house.world.person(account), wish, signed=True)
        except MayNotTake as refusal:
            done.append(refusal.code)
        else:
            done.append("issued")

    threads = [threading.Thread(target=one, args=(account,)) for account in ("U3", "U4")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == ["issued", "may-not-take"]
    assert house.actions().count("document:issue") == 1
    house.sound()


# --- versions, the end, copies --------------------------------------------------------------------


def test_a_later_version_ends_the_one_before(issued: House) -> None:
    with pytest.raises(MayNotTake):
        issued.take("revise", "U3")
    issued.take("revise", "U3", reason="更正责任人")
    assert [(v.label, v.state) for v in issued.at().versions] == [("A/0", "revising"), ("A/1", "draft")]
    with pytest.raises(MayNotTake):
        issued.take("revise", "U3", reason="再改")
    issued.draft()
    second = f"{REPORT}/A/1"
    issued.signed(second)
    assert issued.at().current == issued.at().version
    later = replace(issued, desk=desk_of(issued.world, at=TODAY + timedelta(days=400)))
    later.issue(second, "2027-05-01")
    before, day = date(2027, 4, 30), date(2027, 5, 1)
    old, new = issued.at().versions
    assert (old.state, old.ended_at, new.state, new.waits(before), new.waits(day)) == (
        "revising", None, "issued", True, False,
    )  # fmt: skip
    assert [issued.at().holding(on) for on in (before, day)] == [old, new]
    issued.sound()
    assert come_into_force(desk_of(issued.world, at=before), issued.world.plant, PULSE) == []
    assert come_into_force(desk_of(issued.world, at=day), issued.world.plant, PULSE) == [second]
    assert come_into_force(desk_of(issued.world, at=day), issued.world.plant, PULSE) == []
    old, new = issued.at().versions
    assert (old.state, old.superseded_by, new.state) == ("superseded", "A/1", "issued")
    assert issued.at().current == new
    assert issued.at().document.retain_until == date(2032, 12, 31)
    assert "更正责任人" in issued.text(second)
    assert "document:supersede" in issued.actions()
    issued.sound()


def test_withdrawing_needs_another_person_and_leaves_the_file_readable_and_marked(issued: House) -> None:
    issued.take("ask-withdrawal", "U3", reason="误发")
    with pytest.raises(MayNotTake):
        issued.take("withdraw", "U3")
    issued.take("withdraw", "U2")
    version = issued.at().version
    assert (version.state, version.ended_at is not None) == ("withdrawn", True)
    stored = issued.file(version.issued)
    assert "【" not in issued.text()
    copy = issued.desk.marked_copy(issued.at())
    assert copy != stored
    assert "【已作废】" in InProcess().read(copy, ["word/document.xml"])["word/document.xml"]
    with ZipFile(io.BytesIO(copy)) as archive:
        assert 'string="已作废"' in archive.read("word/header1.xml").decode()
    desk = replace(issued.desk, pages=lambda docx: b"%PDF-" + docx)
    assert desk.marked_pages(issued.at()) == b"%PDF-" + copy  # of the marked copy, and kept nowhere
    assert issued.at().version.pdf == version.pdf
    with pytest.raises(NotRendered, match="LibreOffice"):
        replace(issued.desk, pages=None).marked_pages(issued.at())
    issued.sound()


def test_pages_are_made_once_and_of_what_was_issued_alone(house: House) -> None:
    house.draft()
    with pytest.raises(Exception, match="not been issued"):
        house.desk.make_pages(house.world.plant, FIRST, PULSE)
    house.signed()
    house.issue()
    with pytest.raises(NotRendered, match="LibreOffice"):
        replace(house.desk, pages=None).make_pages(house.world.plant, FIRST, PULSE)
    assert house.desk.pages_missing(house.world.plant, PULSE).done == (FIRST,)
    assert house.desk.pages_missing(house.world.plant, PULSE).done == ()
    assert house.file(house.at().version.pdf).startswith(b"%PDF-")
    house.sound()


def test_the_list_shows_the_latest_version_and_the_one_in_force(issued: House) -> None:
    issued.take("revise", "U3", reason="x")
    lists = SqlDocumentLists(issued.world.register.database)
    (row,) = lists.documents(issued.world.plant, DocumentQuery()).rows
    assert (row.document.number, row.version.label, row.in_force) == (REPORT, "A/1", "A/0")
    assert lists.documents(issued.world.plant, DocumentQuery(state="issued")).rows == ()
    assert lists.numbers_about(issued.world.plant, NONCONFORMITY, NUMBER) == [REPORT]


def test_labels_follow_the_rule(rules: RuleBase) -> None:
    for rule in rules.of(Document):
        assert rule.versions is not None
        labels = [rule.versions.label(n) for n in (0, 1, 9, 10, 80, 239)]
        assert labels == ["A/0", "A/1", "A/9", "B/0", "J/0", "Z/9"]


# --- any text -------------------------------------------------------------------------------------


#: Printable Chinese and Latin with the markup, templates and formulas that a careless writer would not survive.
_LETTERS = "碳排放窑尾煤粉检定证书①Ⅲ𠮷é中 aZ09<>&\"'{}%#\\/=+-@$[]()—“”　\n\t℃²×≤"
_STRINGS = 1000


def _said(chance: random.Random) -> str:
    """A random text that begins and ends with a letter; now and then with what templates would take for commands."""
    middle = "".join(chance.choices(_LETTERS, k=chance.randint(0, 60)))
    return f"甲{middle}{chance.choice(('', '{{ fields.fact }}', '{% if x %}', '<w:t>', '&amp;', ']]>'))}乙"


def test_a_document_says_a_thousand_random_texts_exactly() -> None:
    """All fields of a report at once, document after document, each read again with another reader."""
    chance, left = random.Random(20261122), _STRINGS
    sample = tomllib.loads((TEMPLATES / "samples" / "nonconformity_report.toml").read_text(encoding="utf-8"))
    template = (TEMPLATES / "nonconformity_report.docx").read_bytes()
    shown = names_in_text(template, "fields")
    while left > 0:
        given = {name: _said(chance) for name in shown}
        data = frozen({**sample, "fields": {**sample["fields"], **given}})
        made = docx.Document(io.BytesIO(render_checked(Shared(), template, data, names_in(data))))
        cells = [c.text for t in made.tables for r in t.rows for c in r.cells]
        texts = "\x00".join([*(p.text for p in made.paragraphs), *cells])
        for name, value in given.items():
            assert value in texts, (name, value)
        left -= len(given)


def names_in_text(template: bytes, group: str) -> list[str]:
    """The names of a group that a template shows as they are."""
    doc = docx.Document(io.BytesIO(template))
    cells = [c.text for t in doc.tables for r in t.rows for c in r.cells]
    found = re.findall(rf"{{{{ {group}\.(\w+) }}}}", "\n".join([*(p.text for p in doc.paragraphs), *cells]))
    return list(dict.fromkeys(found))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=200))
def test_a_document_says_any_text_exactly_or_is_refused(said: str) -> None:
    """The data of a whole report with one free text: what comes out is read again and equal, or nothing comes out."""
    sample = tomllib.loads((TEMPLATES / "samples" / "nonconformity_report.toml").read_text(encoding="utf-8"))
    sample["fields"]["fact"] = said
    try:
        data = frozen(sample)
        made = render_checked(Shared(), (TEMPLATES / "nonconformity_report.docx").read_bytes(), data, names_in(data))
    except IllegalText:
        return
    fields = data["fields"]
    assert isinstance(fields, dict)
    assert fields["fact"] in Shared().read(made, ["word/document.xml"])["word/document.xml"]


# --- fsck -----------------------------------------------------------------------------------------

FAULTS: dict[str, tuple[str, str]] = {
    "number": ("UPDATE document SET place = 2", "document/nonconformity-report/2026 (1 to 1 expected, found [2])"),
    "series": ("DELETE FROM number_series WHERE series LIKE 'document/%'", "without a series"),
    "state": ("UPDATE document_version SET state = 'draft'", "its row says draft, its steps issued"),
    "file": ("UPDATE document_version SET issued = draft", "the issued file is not the one that its step names"),
    "data": ("UPDATE document_version SET issued_data = data", "the issued file is not the one that its step names"),
    "day": ("UPDATE document_version SET effective = '2026-03-03'", "its effective day is not the one of its step"),
    "moment": ("UPDATE document_version SET issued_at = 'x'", "its moment of issue is not the one of its step"),
    "retention": ("UPDATE object SET retain_until = '2027-01-01'", "is kept for too short"),
    "no retention": ("UPDATE document SET retain_until = NULL", "no day until which it is kept"),
    "template": ("UPDATE document_version SET template = draft", "its text is not what its data say"),
    "lost version": ("DELETE FROM document_version", "a document without versions"),
    "lost document": ("DELETE FROM document", "versions without a document"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_a_document_is_named(issued: House, name: str) -> None:
    statement, word = FAULTS[name]
    Store(issued.world.register, issued.world.vault).damage(statement)
    report = fsck(issued.world.register.database, issued.world.vault, deep=True)
    (check,) = (c for c in report.checks if c.code == "documents")
    assert not check.ok
    assert word in check.detail.en


def _another_fact(data: dict[str, Any]) -> None:
    data["fields"]["fact"] = "从未发生过"


def _another_signer(data: dict[str, Any]) -> None:
    data["approver"]["name"] = "从未签署的人"


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_another_fact, "the data that were issued are not those that were frozen"),
        (_another_signer, "it names 从未签署的人 for approve, who signed is"),
    ],
)
def test_issued_data_that_nobody_signed_are_named_though_every_row_agrees(
    issued: House, spoil: Callable[[dict[str, Any]], None], word: str
) -> None:
    """Row and step name the same file: only what it says, beside what was frozen and who signed, tells."""
    world, version = issued.world, issued.at().version
    data = json.loads(issued.file(version.issued_data))
    spoil(data)
    other = world.vault.put(io.BytesIO(json.dumps(data).encode()), name="x.json", media_type="application/json")
    with world.register.read() as reads:
        taken = {
            (world.plant.id, version.object_id): list(
                reads.case_steps(world.plant, CaseKey(DOCUMENT, version.object_id))
            )
        }
    assert list(_deep(version, taken, world.plant.id, world.vault)) == []
    faults = list(_deep(replace(version, issued_data=other.sha256), taken, world.plant.id, world.vault))
    assert any(word in fault for fault in faults), faults


def test_a_document_is_never_deleted(issued: House) -> None:
    for table in ("document", "document_version"):
        with pytest.raises(DatabaseError, match="kept"), issued.world.register.database.work() as connection:
            connection.execute(text(f"DELETE FROM {table}"))


def test_the_draft_of_a_revision_is_given_up_and_the_version_in_force_is_as_before(issued: House) -> None:
    with pytest.raises(MayNotTake):
        issued.take("discard", "U3", reason="首版不能放弃")
    issued.take("revise", "U3", reason="更正责任人")
    issued.draft()
    with pytest.raises(MayNotTake):
        issued.take("discard", "U6", f"{REPORT}/A/1", reason="与我无关")
    before = issued.actions()
    row = issued.take("discard", "U3", f"{REPORT}/A/1", reason="不再需要")
    assert row.state == "discarded"
    assert issued.actions()[len(before) :] == ["document:discard", "document:resume"]
    first, second = issued.at(FIRST).versions
    assert (first.state, first.in_force, second.open, second.ended_why) == ("issued", True, False, "不再需要")
    issued.draft()  # nothing waits for a draft
    issued.take("revise", "U3", FIRST, reason="再改")
    assert [v.state for v in issued.at(FIRST).versions] == ["revising", "discarded", "draft"]
    issued.sound()


def test_a_refused_withdrawal_leaves_what_is_being_revised_under_revision(issued: House) -> None:
    issued.take("revise", "U3", reason="更正责任人")
    issued.draft()
    issued.take("ask-withdrawal", "U3", FIRST, reason="误发")
    issued.take("keep", "U2", FIRST, reason="不予废止")
    assert issued.at(FIRST).version.state == "revising"
    assert issued.actions()[-2:] == ["document:keep", "document:revise-on"]
    issued.take("ask-withdrawal", "U3", FIRST, reason="误发")
    issued.take("discard", "U3", f"{REPORT}/A/1", reason="不再需要")
    issued.take("keep", "U2", FIRST, reason="不予废止")
    assert issued.at(FIRST).version.state == "issued"
    assert issued.actions()[-1] == "document:keep"
    issued.sound()
