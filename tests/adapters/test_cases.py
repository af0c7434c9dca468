"""Cases on each kind of database: every step and every refusal is one leaf, and nothing changes by halves."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.register import SqlRegister
from compliance.adapters.tables import audit_entry, nonconformity, object_
from compliance.adapters.vault import FileVault
from compliance.core.acts import ObjectRef
from compliance.core.cases import (
    NONCONFORMITY,
    OCCURRENCE,
    BadValue,
    CaseKey,
    CaseRow,
    Casework,
    MayNotRaise,
    NoSuchCase,
    Raised,
    SignatureRefused,
    StoredStep,
    Wish,
    digest_of_step,
    occurrence_key,
    raise_nonconformity,
)
from compliance.core.duties import MayNotTake, Person, people_of, person_of
from compliance.core.facts import CATALOGUE
from compliance.core.judged import Nonconformity, Occurrence, OccurrenceState
from compliance.core.model import PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Obligation, Vocabulary, Workflow
from tests.adapters.conftest import START, act, add_plant
from tests.conftest import ROOT
from tests.sign_ins import sign_in

TODAY = date(2026, 3, 2)
#: Account → what the plant calls the post.
POSTS = {
    "U1": "最高管理者",
    "U2": "管理者代表",
    "U3": "碳管理员",
    "U4": "碳管理员",
    "U5": "校核员",
    "U6": "内审员",
    "U7": "部门负责人",
    "U8": "计量管理员",
    "U9": "",
}
NUMBER = "NC-2026-0001"
TICKET = CaseKey(NONCONFORMITY, NUMBER)


@pytest.fixture(scope="session")
def rules() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


@dataclass
class World:
    """A plant with persons, two duties and a nonconformity, and how they are worked."""

    register: SqlRegister
    vault: FileVault
    rules: RuleBase
    plant: Plant
    report: CaseKey
    check: CaseKey

    @property
    def casework(self) -> Casework:
        return Casework(self.register, self.rules, lambda: START, lambda: TODAY)

    def person(self, account: str, role: str = "department") -> Person:
        """The person of a sign-in that has this one role; it is made where it does not exist yet."""
        login = f"{account}.{role}".lower()
        sign_in(self.register, self.plant, login, account, role)
        with self.register.read() as reads:
            people = people_of(reads, self.plant)
        return person_of(login, account, account, frozenset({role}), people, self.rules, TODAY)

    def file(self, content: str = "evidence") -> ObjectRef:
        return self.vault.put(io.BytesIO(content.encode()), name="证据.pdf", media_type="application/pdf")

    def wish(self, key: CaseKey, step: str, **values: FieldValue) -> Wish:
        """A step with every field that it needs, filled with something that will do."""
        workflow = self.casework.workflow(key.kind)
        found = workflow.step(step)
        assert found is not None
        given = {name: self.some(workflow, name) for name in found.needs}
        if found.reason:
            given["reason"] = "因为"
        files = (self.file(),) if "evidence" in found.needs else ()
        return Wish(key, step, given | values, files)

    def some(self, workflow: Workflow, name: str) -> FieldValue:
        known = workflow.field(name)
        assert known is not None
        if known.vocabulary:
            words = self.rules.nearest(Vocabulary, known.vocabulary, TODAY)
            assert words is not None
            return words.words[0].id
        ahead = {"due": "2026-03-20", "new_due": "2026-04-10", "completed": "2026-03-01"}
        return ahead.get(name) or {"day": "2026-03-02", "person": "U9"}.get(known.type.value, "文字")

    def take(self, account: str, wish: Wish, *, role: str = "department", signed: bool = True) -> CaseRow:
        return self.casework.take(self.plant, self.person(account, role), wish, signed=signed)

    def steps(self, key: CaseKey) -> list[StoredStep]:
        with self.register.read() as reads:
            return list(reads.case_steps(self.plant, key))

    def counts(self) -> dict[str, int]:
        tables = (audit_entry, case_step, work_case, nonconformity, object_)
        with self.register.database.read() as connection:
            return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}

    def last_leaf(self) -> Any:
        with self.register.read() as reads:
            return reads.trail(self.plant, limit=1)[0]

    def refused(self, account: str, wish: Wish, *, role: str = "department", signed: bool = True) -> str:
        """The refusal's message, once it is certain that it left one leaf and no other trace."""
        before, stood = self.counts(), self.stands(wish.key)
        with pytest.raises((MayNotTake, SignatureRefused)) as refusal:
            self.take(account, wish, role=role, signed=signed)
        assert self.counts() == {**before, "audit_entry": before["audit_entry"] + 1}
        assert self.stands(wish.key) == stood
        leaf = self.last_leaf()
        assert (leaf.action, leaf.object_id) == (f"{wish.key.kind}:refused", wish.key.object_id)
        return refusal.value.message.en

    def stands(self, key: CaseKey) -> object:
        with self.register.read() as reads:
            ticket = reads.nonconformity(self.plant, NUMBER)
            return [r for r in reads.case_rows(self.plant, key.kind) if r.key == key], ticket


@pytest.fixture
def world(register: SqlRegister, vault: FileVault, rules: RuleBase) -> World:
    plant = add_plant(register)
    people = [
        PersonPeriod(account=a, name=a, department="碳管理部", posts=p, since=date(2024, 1, 1), until=None)
        for a, p in POSTS.items()
    ]
    gone = PersonPeriod(
        account="U0", name="U0", department="碳管理部", posts="", since=date(2024, 1, 1), until=date(2025, 1, 1)
    )
    report, check = (occurrence_of(rules, name, plant.key) for name in ("monthly-report", "key-instrument-check"))
    ticket = Nonconformity(
        number=NUMBER,
        rule="r",
        group="g",
        title=Text("事实", "fact"),
        category="A",
        grade=some_grade(rules),
        state="opened",
        opened=TODAY,
        origin="rule",
    )
    with register.work() as work:
        work.next_number(plant, f"nonconformity/{TODAY.year}")
        work.insert_rows(plant, {PersonPeriod: [*people, gone]})
        work.save_occurrences(plant, [report, check], [])
        work.save_nonconformities(plant, [ticket])
        work.record(act(), plant)
    return World(register, vault, rules, plant, occurrence_key(report), occurrence_key(check))


def some_grade(rules: RuleBase) -> str:
    words = rules.nearest(Vocabulary, "nonconformity-grade", TODAY)
    assert words is not None
    return words.words[-1].id


def occurrence_of(rules: RuleBase, name: str, subject: str) -> Occurrence:
    rule = rules.nearest(Obligation, name, TODAY)
    assert rule is not None
    day = date(2026, 2, 10)
    return Occurrence(
        obligation=rule.id,
        code=rule.code,
        title=rule.title,
        clause="",
        strength="shall",
        subject=subject,
        period="2026-01",
        opens=date(2026, 2, 1),
        due=day,
        effective_workday=day,
        provisional=False,
        state=OccurrenceState.OPEN,
        done_on=None,
        derivation=Text("", ""),
        owner=rule.owner,
        approver=rule.approver,
        rule_digest=rule.digest,
        anchor=day,
    )


Walk = list[tuple[str, str]]
OFFICER = "compliance-officer"
TO_PLAN: Walk = [("grade", "U3"), ("contain", "U7"), ("analyse", "U7"), ("plan", "U7")]
TO_DONE: Walk = [*TO_PLAN, ("approve-plan", "U2"), ("start", "U9"), ("complete", "U9")]
WALKS: Mapping[str, tuple[str, Walk, str]] = {
    "approved": ("report", [("submit", "U3"), ("check", "U5"), ("approve", "U2")], "accepted"),
    "accepted": ("check", [("submit", "U8"), ("accept", "U5")], "accepted"),
    "returned": (
        "report",
        [("submit", "U3"), ("return", "U5"), ("submit", "U4"), ("check", "U5"), ("return", "U2"), ("submit", "U4")],
        "submitted",
    ),
    "closed": (
        "ticket",
        [
            *TO_PLAN,
            ("return-plan", "U2"),
            ("plan", "U7"),
            ("approve-plan", "U2"),
            ("start", "U9"),
            ("report-progress", "U9"),
            ("ask-extension", "U9"),
            ("refuse-extension", "U2"),
            ("ask-extension", "U9"),
            ("grant-extension", "U2"),
            ("complete", "U9"),
            ("verify", "U6"),
            ("close", "U3"),
        ],
        "closed",
    ),
    "ineffective": ("ticket", [*TO_DONE, ("reject", "U6"), ("analyse", "U7")], "analysed"),
    "withdrawn": (
        "ticket",
        [("ask-withdrawal", "U3"), ("keep", "U2"), ("ask-withdrawal", "U3"), ("withdraw", "U2")],
        "withdrawn",
    ),
}


def key_of(world: World, name: str) -> CaseKey:
    return {"report": world.report, "check": world.check, "ticket": TICKET}[name]


def walk(world: World, key: CaseKey, steps: Walk) -> CaseRow | None:
    row = None
    for step, account in steps:
        row = world.take(account, world.wish(key, step))
    return row


@pytest.mark.parametrize("name", WALKS)
def test_every_step_is_one_row_and_one_leaf(world: World, name: str) -> None:
    thing, steps, ends = WALKS[name]
    key = key_of(world, thing)
    before = ""
    for place, (step, account) in enumerate(steps):
        counts = world.counts()
        row = world.take(account, world.wish(key, step))
        now = world.counts()
        assert now["audit_entry"] == counts["audit_entry"] + 1
        assert now["case_step"] == counts["case_step"] + 1 == place + 1
        kept = world.steps(key)[-1]
        assert (kept.seq, kept.step, kept.account, kept.state) == (place, step, account, row.state)
        assert kept.posts == POSTS[account]
        assert digest_of_step(key, before, kept) == kept.digest
        before = kept.digest
        leaf = world.last_leaf()
        assert leaf.action == f"{key.kind}:{step}"
        assert kept.digest.encode() in leaf.leaf
        found = world.casework.workflow(key.kind).step(step)
        assert found is not None
        assert (kept.signature is not None) is (found.sign is not None)
        assert kept.signature is None or kept.signature.covers == kept.digest
    assert world.steps(key)[-1].state == ends
    with world.register.read() as reads:
        looked = world.casework.look(reads, world.plant, key)
        (row,) = reads.case_rows(world.plant, key.kind)
        ticket = reads.nonconformity(world.plant, NUMBER)
    assert (row.state, dict(row.fields)) == (looked.view.state, dict(looked.view.fields))
    assert ticket is not None
    assert ticket.state == (ends if thing == "ticket" else "opened")


def test_the_walks_take_every_step_of_both_workflows_but_waivers_and_audits(world: World) -> None:
    taken = {step for _, steps, _ in WALKS.values() for step, _ in steps}
    known = {
        step.id for w in world.rules.of(Workflow) if w.applies_to in {OCCURRENCE, NONCONFORMITY} for step in w.steps
    }
    handing_over = {step for step in known if step.startswith("hand-over")}  # tests/adapters/test_absences.py
    assert known - taken == {"verify-audit", "ask-waiver", "waive", "refuse-waiver"} | handing_over


def test_what_an_audit_found_is_verified_by_the_audit_team(world: World) -> None:
    raised = raise_nonconformity(
        world.casework, world.plant, world.person("U6", "auditor"), Raised("磅秤", *words(world))
    )
    key = CaseKey(NONCONFORMITY, raised.number)
    assert raised.origin == "audit"
    walk(world, key, TO_DONE)
    assert "does not apply" in world.refused("U2", world.wish(key, "verify"))
    assert world.take("U6", world.wish(key, "verify-audit")).state == "verified"


def words(world: World) -> tuple[str, str]:
    category = world.rules.nearest(Vocabulary, "nonconformity-category", TODAY)
    assert category is not None
    return category.words[0].id, some_grade(world.rules)


def test_an_occurrence_that_may_be_waived_is_waived_and_is_not_done(world: World) -> None:
    """Evidence that was returned before counts for nothing."""
    waivable = waiving(world)
    walk(waivable, world.report, [("submit", "U3"), ("return", "U5"), ("ask-waiver", "U3")])
    assert "another person" in waivable.refused("U3", world.wish(world.report, "waive"))
    walk(waivable, world.report, [("refuse-waiver", "U2"), ("ask-waiver", "U3")])
    row = waivable.take("U2", world.wish(world.report, "waive"))
    assert (row.state, row.done_on, row.settled) == ("waived", None, TODAY)
    with world.register.read() as reads:
        assert reads.accepted(world.plant, OCCURRENCE) == {world.report.object_id: (None, TODAY)}


def waiving(world: World) -> World:
    """The same world by a rule base that lets the report be waived."""

    class Lenient:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.rules, name)

        def nearest(self, kind: type[Any], name: str, on: date) -> Any:
            found = world.rules.nearest(kind, name, on)
            return replace(found, waivable=True) if kind is Obligation and found else found

    return replace(world, rules=Lenient())  # type: ignore[arg-type] # it answers like a rule base


def test_a_rule_that_allows_no_waiver_is_named(world: World) -> None:
    assert "does not apply" in world.refused("U3", world.wish(world.report, "ask-waiver"))


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "account", "step", "said"),
    [
        ([], "U5", "check", "does not follow"),
        ([("submit", "U3")], "U3", "check", "You did “Hand in evidence”"),
        ([("submit", "U3")], "U9", "check", "do not take this step"),
        ([("submit", "U3"), ("check", "U5")], "U5", "approve", "do not take this step"),
        ([("submit", "U2"), ("check", "U5")], "U2", "approve", "You did “Hand in evidence”"),
        ([("submit", "U3"), ("check", "U5"), ("approve", "U2")], "U3", "submit", "does not follow"),
        ([("submit", "U3")], "U5", "accept", "does not apply"),
    ],
)
def test_a_refusal_leaves_one_leaf_and_changes_nothing(
    world: World, before: Walk, account: str, step: str, said: str
) -> None:
    walk(world, world.report, before)
    message = world.refused(account, world.wish(world.report, step))
    assert said in message
    assert "rule occurrence" in message


def test_what_is_missing_is_named(world: World) -> None:
    assert "evidence is missing; day of the evidence is missing" in world.refused("U3", Wish(world.report, "submit"))
    world.take("U3", world.wish(world.report, "submit"))
    assert "a reason is missing" in world.refused("U5", Wish(world.report, "return", {"reason": " \n"}))


def test_nobody_signs_without_the_password(world: World) -> None:
    world.take("U3", world.wish(world.report, "submit"), signed=False)
    assert "nothing was signed" in world.refused("U5", world.wish(world.report, "check"), signed=False)


@pytest.mark.parametrize("seen", [{"seen": "open"}, {"seen": "returned"}, {"seen_steps": 0}, {"seen_steps": 3}])
def test_who_saw_another_state_is_refused(world: World, seen: dict[str, Any]) -> None:
    walk(world, world.report, [("submit", "U3"), ("return", "U5")])
    walk(world, world.report, [("submit", "U4")])
    wish = world.wish(world.report, "check")
    if seen != {"seen_steps": 3}:
        assert "meanwhile" in world.refused("U5", replace(wish, **seen))
    else:
        assert world.take("U5", replace(wish, **seen, seen="submitted")).state == "checked"


@pytest.mark.parametrize("kind", [OCCURRENCE, NONCONFORMITY])
@pytest.mark.parametrize("name", ["", "/", "//", "monthly-report", "monthly-report/x/2026-01", "NC-2026-9999", "../x"])
def test_what_is_not_there_is_no_case(world: World, kind: str, name: str) -> None:
    before = world.counts()
    with pytest.raises(NoSuchCase):
        world.take("U3", Wish(CaseKey(kind, name), "submit"))
    assert world.counts() == before


def test_a_step_that_no_rule_knows_is_wrong_use(world: World) -> None:
    before = world.counts()
    with pytest.raises(NoSuchCase):
        world.take("U3", Wish(world.report, "steal"))
    assert world.counts() == before


# --- values ----------------------------------------------------------------------------------------------------------


BAD: list[tuple[str, dict[str, str]]] = [
    ("submit", {"evidence_day": "12.02.2026"}),
    ("submit", {"evidence_day": "20260212"}),
    ("submit", {"evidence_day": "2026-W07-4"}),
    ("submit", {"evidence_day": "2026-02-30"}),
    ("submit", {"evidence_day": "2026-03-03"}),
    ("submit", {"note": "a" * 4001}),
    ("submit", {"note": "bell\x07"}),
    ("submit", {"note": "null\x00"}),
    ("submit", {"note": "\ud800"}),
    ("submit", {"note": "\u202eevil"}),
    ("submit", {"note": "\uffff"}),
    ("grade", {"grade": "dreadful"}),
    ("plan", {"owner": "U99"}),
    ("plan", {"owner": "U0"}),
    ("plan", {"owner": "login:u3"}),
    ("ask-withdrawal", {"reason": "x\x1b[0m"}),
]


@pytest.mark.parametrize(("step", "values"), BAD, ids=lambda v: repr(v)[:40])
def test_a_value_that_a_field_cannot_hold_changes_nothing(world: World, step: str, values: dict[str, str]) -> None:
    key = world.report if step == "submit" else TICKET
    if step == "plan":
        walk(world, TICKET, TO_PLAN[:3])
    account = "U7" if step == "plan" else "U3"
    before = world.counts()
    with pytest.raises(BadValue):
        world.take(account, world.wish(key, step, **values))
    assert world.counts() == before


def test_the_longest_text_and_the_blanks_of_chinese_are_kept_as_they_are(world: World) -> None:
    note = "第一段\u3000结束\n\t第二段 \u00a0" + "长" * 3979 + "𠮷"
    assert len(note) <= 4000
    world.take("U3", world.wish(world.report, "submit", note=f"  {note}\r\n", receipt="<b>&'\"; DROP TABLE x"))
    kept = world.steps(world.report)[0].values
    assert (kept["note"], kept["receipt"]) == (note, "<b>&'\"; DROP TABLE x")


def test_what_does_not_belong_to_a_step_is_not_taken(world: World) -> None:
    world.take("U3", world.wish(world.report, "submit", has_approver=False, state="accepted", reason="x", colour="red"))
    kept = world.steps(world.report)[0]
    assert kept.values.keys() == {"evidence", "evidence_day"}
    wish = world.wish(world.report, "check", evidence_day="2020-01-01", evidence="forged")
    row = world.take("U5", replace(wish, files=(world.file("other"),)))
    assert (world.steps(world.report)[1].values, world.steps(world.report)[1].files) == ({}, ())
    assert row.fields["evidence_day"] == "2026-03-02"


# --- signatures and digests ------------------------------------------------------------------------------------------

CHANGES: dict[str, Callable[[StoredStep], StoredStep]] = {
    "value": lambda s: replace(s, values={**s.values, "note": "other"}),
    "less": lambda s: replace(s, values={k: v for k, v in s.values.items() if k != "evidence_day"}),
    "file": lambda s: replace(s, files=(replace(s.files[0], sha256="0" * 64),)),
    "file's name": lambda s: replace(s, files=(replace(s.files[0], name="other.pdf"),)),
    "no file": lambda s: replace(s, files=()),
    "name": lambda s: replace(s, name="other"),
    "login": lambda s: replace(s, login="other"),
    "account": lambda s: replace(s, account="other"),
    "posts": lambda s: replace(s, posts="other"),
    "moment": lambda s: replace(s, at="2026-03-02T01:00:00.001+00:00"),
    "place": lambda s: replace(s, seq=7),
    "step": lambda s: replace(s, step="other"),
    "state": lambda s: replace(s, state="accepted"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_signature_covers_everything_before_it(world: World, name: str) -> None:
    walk(world, world.report, [("submit", "U3"), ("check", "U5")])
    first, second = world.steps(world.report)
    changed = digest_of_step(world.report, "", CHANGES[name](first))
    assert changed != first.digest
    assert second.signature is not None
    assert digest_of_step(world.report, changed, second) != second.signature.covers
    assert digest_of_step(world.check, first.digest, second) != second.signature.covers
    meant = replace(second, signature=replace(second.signature, meaning=Text("阅", "seen")))
    assert digest_of_step(world.report, first.digest, meant) != second.signature.covers


def test_a_granted_extension_is_kept_with_its_step(world: World) -> None:
    walk(world, TICKET, [*TO_DONE[:-1]])
    world.take("U9", world.wish(TICKET, "ask-extension", new_due="2026-05-01"))
    row = world.take("U2", world.wish(TICKET, "grant-extension"))
    assert (row.due, row.owner) == (date(2026, 5, 1), "U9")
    assert world.steps(TICKET)[-1].values == {"due": "2026-05-01"}


def test_a_case_stays_readable_when_its_rule_has_lost_a_step(world: World) -> None:
    walk(world, world.report, [("submit", "U3"), ("check", "U5")])

    class Later:
        def __getattr__(self, name: str) -> Any:
            return getattr(world.rules, name)

        def in_force(self, kind: type[Any], on: date) -> list[Any]:
            found = world.rules.in_force(kind, on)
            if kind is not Workflow:
                return list(found)
            return [replace(w, steps=tuple(s for s in w.steps if s.id != "check")) for w in found]

    later = replace(world, rules=Later())  # type: ignore[arg-type] # it answers like a rule base
    assert later.take("U2", world.wish(world.report, "approve")).state == "accepted"


# --- what the database keeps -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("statement", ["UPDATE case_step SET name = 'x'", "DELETE FROM case_step"])
def test_a_step_is_never_changed(world: World, statement: str) -> None:
    world.take("U3", world.wish(world.report, "submit"))
    before = world.steps(world.report)
    with (
        pytest.raises(DatabaseError, match=r"a step is kept|a case keeps"),
        world.register.database.work() as connection,
    ):
        connection.execute(text(statement))
    assert world.steps(world.report) == before


def test_of_two_at_once_one_wins_and_the_other_is_told(world: World, open_again: Callable[[], SqlRegister]) -> None:
    """Two persons of the same post, each through a register of their own, ten times over."""
    for round_ in range(10):
        place = len(world.steps(world.report))
        step, one, two = ("submit", "U3", "U4") if round_ % 2 == 0 else ("return", "U5", "U2")
        answers = both(world, open_again, step, one, two)
        assert sorted(answers) == ["done", "may-not-take"], answers
        steps = world.steps(world.report)
        assert [s.seq for s in steps] == list(range(place + 1))
    leaves = world.counts()["audit_entry"]
    assert leaves >= 20


def both(world: World, open_again: Callable[[], SqlRegister], step: str, *accounts: str) -> list[str]:
    gate, answers = threading.Barrier(len(accounts)), []
    state = world.steps(world.report)[-1].state if world.steps(world.report) else "open"

    def run(account: str, register: SqlRegister) -> None:
        own = replace(world, register=register)
        person, wish = own.person(account), replace(own.wish(world.report, step), seen=state)
        gate.wait(30)
        try:
            own.casework.take(world.plant, person, wish, signed=True)
            answers.append("done")
        except MayNotTake as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=run, args=(a, open_again())) for a in accounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


# --- raising ---------------------------------------------------------------------------------------------------------


def test_raising_takes_the_next_number_and_one_leaf(world: World) -> None:
    numbers = []
    for n in range(3):
        before = world.counts()["audit_entry"]
        raised = Raised(f"事实 {n}", *words(world), about=world.report.object_id)
        numbers.append(raise_nonconformity(world.casework, world.plant, world.person("U3", OFFICER), raised).number)
        assert world.counts()["audit_entry"] == before + 1
        assert world.last_leaf().action == "nonconformity:raise"
    assert len(set(numbers)) == 3


def test_who_only_looks_raises_nothing_and_leaves_a_leaf(world: World) -> None:
    before = world.counts()
    with pytest.raises(MayNotRaise):
        raise_nonconformity(world.casework, world.plant, world.person("U9", "verifier"), Raised("x", *words(world)))
    assert world.counts() == {**before, "audit_entry": before["audit_entry"] + 1}
    assert world.last_leaf().action == "nonconformity:refused"


@pytest.mark.parametrize("wrong", [{"title": " "}, {"title": "x" * 4001}, {"title": "\x07"}, {"about": "\x07"}])
@pytest.mark.parametrize("word", ["category", "grade", ""])
def test_a_nonconformity_with_a_bad_word_is_not_raised(world: World, wrong: dict[str, str], word: str) -> None:
    good = Raised("事实", *words(world))
    bad = replace(good, **({word: "?"} if word else wrong))
    before = world.counts()
    with pytest.raises(BadValue):
        raise_nonconformity(world.casework, world.plant, world.person("U3", OFFICER), bad)
    assert world.counts() == before


def test_a_step_needs_its_values_given_anew_each_time_round(world: World) -> None:
    walk(world, world.report, [("submit", "U3"), ("return", "U5")])
    again = world.wish(world.report, "submit")
    for without in (replace(again, files=()), replace(again, values={})):
        assert "is missing" in world.refused("U3", without)
    assert world.take("U3", again).state == "submitted"
    walk(world, TICKET, [*TO_DONE, ("reject", "U6")])
    assert "root cause is missing" in world.refused("U7", replace(world.wish(TICKET, "analyse"), values={}))
    # What the nonconformity itself says counts as given, until somebody has said otherwise.
    walk(world, TICKET, [("analyse", "U7")])


@pytest.mark.parametrize(
    ("step", "field", "day", "why"),
    [
        ("plan", "due", "2026-03-01", "not before today"),
        ("ask-extension", "new_due", "2026-03-20", "later than due day"),
        ("complete", "completed", "2026-03-03", "not after today"),
        ("verify", "verified", "2026-03-03", "not after today"),
        ("verify", "verified", "2026-02-28", "not before day of completion"),
    ],
)
def test_days_stand_in_the_order_that_the_rule_gives(world: World, step: str, field: str, day: str, why: str) -> None:
    way = [*TO_DONE, ("verify", "U6")]
    names = [name for name, _ in way]
    upto = names.index("complete" if step == "ask-extension" else step)
    walk(world, TICKET, way[:upto])
    before = world.counts()
    with pytest.raises(BadValue, match=why):
        world.take({"plan": "U7", "verify": "U6"}.get(step, "U9"), world.wish(TICKET, step, **{field: day}))
    assert world.counts() == before


def test_a_worked_case_opens_though_its_occurrence_is_gone(world: World) -> None:
    walk(world, world.report, [("submit", "U3"), ("check", "U5"), ("approve", "U2")])
    with world.register.work() as work:
        gone = work.occurrence(world.plant, *world.report.object_id.split("/"))
        assert gone is not None
        work.save_occurrences(world.plant, [], [gone])
        work.record(act(), world.plant)
    with world.register.read() as reads:
        looked = world.casework.look(reads, world.plant, world.report)
    assert looked.thing.past
    assert (looked.view.state, len(looked.steps), looked.thing.title) == ("accepted", 3, gone.title)
    assert looked.offers(world.person("U3")) == []
    with pytest.raises(NoSuchCase), world.register.read() as reads:
        world.casework.look(reads, world.plant, CaseKey(OCCURRENCE, "monthly-report/x/2026-01"))


def test_a_case_whose_occurrence_is_gone_leads_nowhere_in_the_middle_of_its_way_either(world: World) -> None:
    walk(world, world.report, [("submit", "U3")])
    with world.register.work() as work:
        gone = work.occurrence(world.plant, *world.report.object_id.split("/"))
        assert gone is not None
        work.save_occurrences(world.plant, [], [gone])
        work.record(act(), world.plant)
    with world.register.read() as reads:
        looked = world.casework.look(reads, world.plant, world.report)
    assert (looked.thing.past, looked.view.state) == (True, "submitted")
    assert looked.offers(world.person("U5")) == []
    assert "make this occurrence no more" in world.refused("U5", world.wish(world.report, "check"))
