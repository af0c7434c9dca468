# ruff: noqa: E501 - the edits are lines of rules as they stand
"""A changed rule base: what the plan says, two persons put into use, and the next pulse does exactly that.

Ten prepared changes, each small text in a copy of the shipped rules; the register before and after is compared with the
plan thing by thing. Rolling back is the same way with the earlier snapshot.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from compliance.adapters.accounts import Argon2
from compliance.adapters.example import example_plant, write
from compliance.bootstrap.health import health_of
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace, read_rules
from compliance.bootstrap.jobs import runner
from compliance.bootstrap.links import door_of
from compliance.bootstrap.proposing import plan_of, planned_proposals, proposals
from compliance.bootstrap.usecases import import_file, pulse
from compliance.cli.main import main
from compliance.core.accounts import (
    BY_RECOVERY,
    Entered,
    NewUser,
    Origin,
    Role,
    SignedIn,
    add_user,
    grant,
    revoke,
    sign_in,
)
from compliance.core.acts import Act
from compliance.core.cases import SignatureRefused, occurrence_key
from compliance.core.controlled import ControlledDocument, DocumentVersion
from compliance.core.judged import Nonconformity, Occurrence, StoredFinding
from compliance.core.linting.plants import lint_plant, staffed, stuck_by
from compliance.core.planning import Plan, RetentionShortened, RulesCannotBeMeant, narrowed
from compliance.core.planning.plants import _worded
from compliance.core.plants import Plant
from compliance.core.proposals import (
    PLANNING,
    AlreadyProposed,
    NoSuchProposal,
    NotForTheGroup,
    OwnProposal,
    PlanIsStale,
    Proposals,
    TwoPersons,
)
from compliance.core.worked import CaseRow
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from tests.conftest import ROOT
from tests.fakes import Meanwhile
from tests.web.world import PASSWORD, TODAY

pytestmark = pytest.mark.slow

Edit = tuple[str, str, str]
MONTHLY = "obligations/filings.toml"
OWN = """schema = 1

[obligation.quarterly-self-check]
title    = { zh = "季度合规自查", en = "Quarterly compliance self-check" }
code     = "OB-Q15"
source   = { document = "内部程序 QP-07", clause = "5.2", strength = "shall", requirements = ["R-7.3-0"] }
in_force = { from = 2026-01-01 }
cadence  = { every = "quarter" }
due      = { kind = "days-after", days = 15 }
opens    = { kind = "after-period" }
evidence = { by = "review-in-period", with = { type = "合规性评价" } }
owner    = "carbon-department"
approver = "management-representative"
examples = [{ period = "2026-Q1", due = 2026-04-15 }]
"""
PAPER = """
[document.second-report]
title     = { zh = "不符合项二次报告", en = "Second report on a nonconformity" }
source    = { clause = "8.2", strength = "shall", requirements = ["R-8.2-a"] }
template  = "nonconformity_report.docx"
data      = "nonconformity"
number    = "NC2-{year}-{seq:04d}"
author    = "carbon-department"
reviewer  = "internal-auditor"
approver  = "top-management"
retention = "management-records"
"""

#: Each prepared change: what is edited, in which file, and which parts of the plan it must touch.
CHANGES: Mapping[str, tuple[Sequence[Edit], set[str]]] = {
    "a deadline moved": (
        [
            (MONTHLY, 'kind = "day-of-month", day = 10, months_after = 1 }', 'kind = "day-of-month", day = 8, months_after = 1 }'),
            (MONTHLY, 'period = "2026-01", due = 2026-02-10 }, { period = "2025-12", due = 2026-01-10 }', 'period = "2026-01", due = 2026-02-08 }, { period = "2025-12", due = 2026-01-08 }'),
        ],
        {"moved", "raised", "tickets", "changed"},
    ),
    "a duty ended": (
        [("obligations/recurring.toml", "[obligation.environmental-data]\n", "[obligation.environmental-data]\nin_force = { from = 2000-01-01, until = 2026-09-30 }\n")],
        {"removed"},
    ),
    "a finding ended": (
        [("findings/deadlines.toml", "[finding.monthly-report-late]\n", "[finding.monthly-report-late]\nin_force = { from = 2000-01-01, until = 2026-01-31 }\n")],
        {"withdrawn"},
    ),
    "a parameter set otherwise": (
        [
            ("parameters.toml", 'code    = "QUARTER_DAYS"\ndefault = 15\n', 'code    = "QUARTER_DAYS"\ndefault = 10\n'),
            ("obligations/recurring.toml", "due = 2026-04-15", "due = 2026-04-10"),
            ("obligations/recurring.toml", "due = 2026-04-15", "due = 2026-04-10"),
        ],
        {"moved"},
    ),
    "a new document": ([("documents.toml", "", PAPER)], {"documents"}),
    "longer retention": (
        [
            ("retention.toml", 'keep       = { years = 5, from = "year-end" }\nexamples   = [{ on = 2026-06-30, disposable_from = 2032-01-01 }]\n\n[retention.trading', 'keep       = { years = 8, from = "year-end" }\nexamples   = [{ on = 2026-06-30, disposable_from = 2035-01-01 }]\n\n[retention.trading'),
        ],
        {"lengthened", "retention"},
    ),
    "a post removed": (
        [("posts.toml", '[post.trade-confirmer]\ntitle  = { zh = "成交确认员", en = "Trade confirmer" }\nsource = { clause = "6.2.2 a)", strength = "shall", requirements = ["R-6.2.2-a2"] }\nwords  = ["成交确认员"]\n', "")],
        {"posts"},
    ),
    "an approval step demanded": (
        [
            ("approvals.toml", '{ do = "own", post = "account-owner", optional = true', '{ do = "own", post = "account-owner"'),
            ("approvals.toml", '{ apply = "li", guard = "wang", review = "zhao", allowed = true },\n  { apply = "li", guard = "li", review', '{ apply = "li", guard = "wang", review = "zhao", own = "qian", allowed = true },\n  { apply = "li", guard = "li", review'),
        ],
        {"approvals", "raised"},
    ),
    "a new duty": ([("obligations/own.toml", "", OWN)], {"added"}),
    "a grade changed": (
        [("findings/deadlines.toml", 'grade = "critical"', 'grade = "major"')],
        {"changed"},
    ),
    "a stricter threshold": (
        [
            ("findings/data.toml", "signatures = { lt = 2 }", "signatures = { lt = 3 }"),
            ("findings/data.toml", 'checker = "U2", signatures = 2', 'checker = "U2", signatures = 3'),
        ],
        {"raised", "tickets"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the example plant, judged, an issued document in it, and three sign-ins."""
    folder = tmp_path_factory.mktemp("plan")
    make_workspace(folder / "ws", demo=True)
    at = build(folder / "ws", today=TODAY)
    write(example_plant(TODAY), folder / "example.xlsx")
    import_file(at, folder / "example.xlsx", OPERATOR, None, lambda *_: None)
    with at.register.read() as reads:
        (plant,) = reads.plants()
    pulse(at).reconcile(plant, TODAY)
    roles = (("author", Role.COMPLIANCE_OFFICER), ("second", Role.DOCUMENT_CONTROLLER), ("looker", Role.AUDITOR))
    for login, role in roles:
        new = NewUser(login, login, None, plant.key, role, PASSWORD)
        add_user(at.register, Argon2(), new, actor=OPERATOR, now=at.clock.now())
    _issue(at, plant)
    at.close()
    return folder / "ws"


def _issue(at: Installation, plant: Plant) -> None:
    """A document that was issued last year."""
    issued = TODAY - timedelta(days=400)
    kept = ControlledDocument(
        number="NCR-OLD-0001", rule="nonconformity-report", kind="nonconformity", about="x", title=Text("旧", "old"),
        series="document/nonconformity-report/2025", place=1, retention="management-records", opened=issued,
        retain_until=date(issued.year + 5, 12, 31),
    )  # fmt: skip
    version = DocumentVersion(
        number=kept.number, place=0, label="A/0", state="issued", opened=issued, issued=None, effective=issued,
        issued_at=f"{issued.isoformat()}T02:00:00.000Z",
    )  # fmt: skip
    with at.register.work() as work:
        work.save_document(plant, kept)
        work.save_version(plant, version)
        work.record(Act(actor=OPERATOR, action="stage:set", object_type="plant", object_id=plant.key), plant)


@dataclass(frozen=True)
class Kept:
    """What the register holds of the plant."""

    occurrences: dict[tuple[str, str, str], Occurrence]
    findings: dict[tuple[str, str, str], StoredFinding]
    tickets: dict[str, Nonconformity]
    until: dict[str, date | None]


def kept(at: Installation) -> Kept:
    with at.register.read() as reads:
        (plant,) = reads.plants()
        return Kept(
            {o.key: o for o in reads.occurrences(plant)},
            {f.found.key: f for f in reads.findings(plant) if f.withdrawn is None},
            {n.number: n for n in reads.nonconformities(plant)},
            {d.number: d.retain_until for d, _versions in reads.kept_documents(plant)},
        )


@contextmanager
def copied(prepared: Path, folder: Path) -> Iterator[Installation]:
    shutil.copytree(prepared, folder / "ws")
    at = build(folder / "ws", today=TODAY)
    try:
        yield at
    finally:
        at.close()


def edited(folder: Path, edits: Sequence[Edit]) -> Path:
    rules = shutil.copytree(ROOT / "rules", folder / "rules")
    for file, old, new in edits:
        path = rules / file
        text = path.read_text("utf-8") if path.exists() else ""
        assert old in text, (file, old)
        path.write_text(text.replace(old, new, 1) if old else text + new, "utf-8")
    return rules


def person(at: Installation, login: str) -> SignedIn:
    found = sign_in(door_of(at), login=login, password=PASSWORD, origin=Origin("test"), now=at.clock.now())
    assert isinstance(found, Entered)
    return found.signed_in


def put_into_use(at: Installation, after: RuleBase) -> Plan:
    """Proposed by one, put into use by another; then the pulse of the plant's own day."""
    _proposal, seen = proposals(at).propose(after, person(at, "author"), "新规")
    used, plan = proposals(at).activate(after, person(at, "second"), seen=seen.digest)
    assert (used.state, used.decided_by) == ("used", "second")
    assert isinstance(plan, Plan)
    assert plan.digest == seen.digest
    assert at.current_rules().digest == after.digest
    with at.register.read() as reads:
        (plant,) = reads.plants()
    assert plant.mark is not None
    pulse(at).reconcile(plant, plant.mark)
    return plan


def compare(before: Kept, after: Kept, plan: Plan) -> None:
    """The register moved exactly as the plan said."""
    (plant,) = plan.plants
    old, new = before.occurrences, after.occurrences
    assert {k for k in new if k not in old} == {o.key for o in plant.added}
    assert {k for k in old if k not in new} == {o.key for o in plant.removed}
    both = [k for k in new if k in old]
    moved = {k for k in both if (old[k].due, old[k].state) != (new[k].due, new[k].state)}
    assert moved == {m.after.key for m in plant.moved} | {o.key for o in plant.left if o.key in moved}
    assert {k: new[k] for k in moved} == {m.after.key: m.after for m in plant.moved}
    others = {k for k in both if k not in moved and old[k] != new[k]}
    assert others == {m.after.key for m in plant.reworded}
    was, now = before.findings, after.findings
    assert {k for k in now if k not in was} == {f.key for f in plant.raised}
    assert {k for k in was if k not in now} == {f.key for f in plant.withdrawn}
    changed = {k for k in now if k in was and _worded(now[k].found) != _worded(was[k].found)}
    assert changed == {c.after.key for c in plant.changed}
    opened = {(n.rule, n.first_group) for number, n in after.tickets.items() if number not in before.tickets}
    assert opened == {(f.rule, f.ticket) for f in plant.tickets}
    longer = {n: day for n, day in after.until.items() if day != before.until[n]}
    assert longer == {one.document: one.after for one in plant.lengthened}
    assert all(before.until[n] is None or day >= before.until[n] for n, day in after.until.items() if day)  # type: ignore[operator] # looked at before


@pytest.mark.parametrize("name", CHANGES)
def test_the_plan_says_exactly_what_putting_into_use_does(prepared: Path, tmp_path: Path, name: str) -> None:
    edits, touches = CHANGES[name]
    after = read_rules(edited(tmp_path, edits))
    with copied(prepared, tmp_path) as at:
        before = kept(at)
        plan = put_into_use(at, after)
        compare(before, kept(at), plan)
        (plant,) = plan.plants
        shape = plan.shape
        json.dumps(shape)
        for part in touches:
            if hasattr(plant, part):
                assert getattr(plant, part), part
            elif part == "posts":
                assert [(c.kind, c.how) for c in plan.rules] == [("post", "removed")]
            else:
                assert any(shape[part].values()), part  # type: ignore[attr-defined] # lists by name
        if touches <= {"documents", "approvals", "posts", "retention", "lengthened"}:
            assert not plant.raised
            assert not plant.moved


CONTRADICTING: Sequence[Edit] = [
    ("findings/own.toml", "", """schema = 1

[finding.report-late-again]
title     = { zh = "上报逾期", en = "Reported late" }
situation = "L-20a"
source    = { document = "内部程序 QP-07", clause = "5.2", strength = "shall", requirements = ["R-7.3-0"] }
in_force  = { from = 2026-01-01 }
when      = [{ fact = "occurrence", obligation = "monthly-report", applies = true, days_late = { gt = 0 } }]
then      = { raise = "notice", category = "A", grade = "minor" }
ticket    = "each"
subject   = "code"
message   = { zh = "逾期", en = "late" }
remedy    = { zh = "上报", en = "report" }
examples  = [
  { facts = [{ fact = "occurrence", obligation = "monthly-report", applies = true, days_late = 1 }], finds = true },
  { facts = [{ fact = "occurrence", obligation = "monthly-report", applies = true, days_late = 0 }], finds = false },
]
"""),
]  # fmt: skip


def test_what_cannot_be_meant_is_neither_proposed_nor_put_into_use(prepared: Path, tmp_path: Path) -> None:
    """An error of the lint is shown by the plan and refused, to persons and to the operator; nothing is kept."""
    after = read_rules(edited(tmp_path, CONTRADICTING))
    with copied(prepared, tmp_path) as at:
        (remark,) = plan_of(at, after).remarks
        assert (remark.check, remark.severity) == ("contradiction-outcome", "error")
        before, used = _leaves(at), at.current_rules().digest
        with pytest.raises(RulesCannotBeMeant):
            proposals(at).propose(after, person(at, "author"), "不小心")
        assert _leaves(at) == before + 2  # a sign-in, and the refusal
        assert at.current_rules().digest == used
        at.close()
        data = ["--data", str(at.workspace.root)]
        assert main([*data, "rules", "activate", str(tmp_path / "rules")]) in {1, 2}


def test_a_job_makes_the_same_plan_and_what_is_signed_by_it_does_the_same(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, [*CHANGES["a deadline moved"][0], *CHANGES["longer retention"][0]]))
    with copied(prepared, tmp_path) as at:
        before = kept(at)
        doing = replace(planned_proposals(at), at_once=0)
        author, second = person(at, "author"), person(at, "second")
        found = doing.put_forward(after, author, "改期")
        hands = replace(runner(at, "test"), kinds={PLANNING: doing})
        while hands.step():
            pass
        plan = plan_of(at, after)
        with at.register.read() as reads:
            assert [one.plan for one in reads.proposals()] == [plan.digest]
        assert plan.plants[0].lengthened
        doing.activate(after, second, seen=plan.digest)
        with at.register.read() as reads:
            assert reads.plan_parts(found.id) == []
        assert at.current_rules(surely=True).digest == after.digest
        pulse(at).reconcile(plan.plants[0].plant, plan.plants[0].day)
        compare(before, kept(at), plan)


NOBODYS: Sequence[Edit] = [
    ("obligations/own.toml", "", OWN.replace('owner    = "carbon-department"', 'owner    = "self-checker"')),
    ("posts.toml", "", """
[post.self-checker]
title  = { zh = "自查员", en = "Self-checker" }
source = { document = "内部程序 QP-07", clause = "5.2", strength = "shall", requirements = ["R-7.3-0"] }
words  = ["自查员"]
"""),
]  # fmt: skip


def test_what_nobody_there_could_do_is_in_the_plan_and_hinders_nobody(prepared: Path, tmp_path: Path) -> None:
    """A post that a plant has not filled yet: told before the signature, and what the check of the plant says after."""
    after = read_rules(edited(tmp_path, NOBODYS))
    with copied(prepared, tmp_path) as at:
        with at.register.read() as reads:
            (plant,) = reads.plants()
            assert stuck_by(reads, plant, at.rulebase, at.rulebase, TODAY) == ()
        plan = put_into_use(at, after)
        (remark,) = plan.plants[0].stuck
        assert (remark.check, "Self-checker" in remark.what.en + remark.message.en) == ("post-vacant", True)
        (told,) = json.loads(json.dumps(plan.shape))["staffing"]
        assert (told["plant"], told["check"], told["rules"]) == (plant.key, "post-vacant", list(remark.names))
        with at.register.read() as reads:
            day = plan.plants[0].day
            now = lint_plant(*staffed(reads, plant, after, day), after, day)
        assert remark in now
        seen = narrowed(plan.shape, plant.key, lambda _key: True)
        assert (seen["staffing"], narrowed(plan.shape, "another", lambda _key: False)["staffing"]) == ([told], [])
        (rules,) = [check for check in health_of(at) if check.check == "rules"]
        assert (rules.ok, rules.mend) == (True, None)  # rules of one's own are nothing to be mended


def test_a_warning_is_shown_and_hinders_nobody(prepared: Path, tmp_path: Path) -> None:
    """A post that no rule names any more leaves its exception behind."""
    after = read_rules(edited(tmp_path, CHANGES["a post removed"][0]))
    with copied(prepared, tmp_path) as at:
        plan = put_into_use(at, after)
        assert [(r.check, r.severity) for r in plan.remarks] == [("exception-unused", "warning")]
        lint = json.loads(json.dumps(plan.shape))["lint"]
        assert lint[0]["rule"] == "exception.trade-confirmer-without-step"


def test_going_back_is_the_same_way_and_leaves_the_register_as_it_was(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a deadline moved"][0]))
    with copied(prepared, tmp_path) as at:
        first, shipped = kept(at), at.rulebase
        put_into_use(at, after)
        between = kept(at)
        assert between.occurrences != first.occurrences
        plan = put_into_use(at, shipped)
        compare(between, kept(at), plan)
        assert kept(at).occurrences == first.occurrences
        assert kept(at).findings.keys() == first.findings.keys()


def test_what_was_worked_stays_though_its_rule_ends(prepared: Path, tmp_path: Path) -> None:
    """An occurrence that somebody handed in for is carried over as its case left it."""
    after = read_rules(edited(tmp_path, CHANGES["a duty ended"][0]))
    with copied(prepared, tmp_path) as at:
        (without,) = plan_of(at, after).plants
        one, plant = without.removed[0], without.plant
        with at.register.work() as work:
            work.save_case(plant, CaseRow(key=occurrence_key(one), state="submitted"))
            work.record(Act(actor=OPERATOR, action="stage:set", object_type="plant", object_id=plant.key), plant)
        before = kept(at)
        plan = put_into_use(at, after)
        assert one.key in kept(at).occurrences
        assert one.key not in {o.key for o in plan.plants[0].removed}
        assert plan.plants[0].removed
        assert before.occurrences.keys() - kept(at).occurrences.keys() == {o.key for o in plan.plants[0].removed}


SHORTER: Sequence[Edit] = [
    ("retention.toml", 'keep       = { years = 5, from = "year-end" }\nexamples   = [\n  { on = 2025-12-31, disposable_from = 2031-01-01 },\n  { on = 2026-01-01, disposable_from = 2032-01-01 },', 'keep       = { years = 4, from = "year-end" }\nexamples   = [\n  { on = 2025-12-31, disposable_from = 2030-01-01 },\n  { on = 2026-01-01, disposable_from = 2031-01-01 },'),
]  # fmt: skip
ENDED: Sequence[Edit] = [("retention.toml", "[retention.records]\n", "[retention.records]\nin_force = { from = 2000-01-01, until = 2027-06-30 }\n")]  # fmt: skip
NARROWER: Sequence[Edit] = [("retention.toml", '"ledger", "filing"', '"filing"')]


@pytest.mark.parametrize("edits", [SHORTER, ENDED, NARROWER], ids=["fewer years", "ended", "one kind left out"])
def test_retention_is_never_shortened(prepared: Path, tmp_path: Path, edits: Sequence[Edit]) -> None:
    after = read_rules(edited(tmp_path, edits))
    with copied(prepared, tmp_path) as at:
        assert plan_of(at, after).refused
        before = _leaves(at)
        with pytest.raises(RetentionShortened):
            proposals(at).propose(after, person(at, "author"), "短些")
        assert _leaves(at) == before + 2  # a sign-in, and the refusal
        at.close()
        assert main(["--data", str(at.workspace.root), "rules", "plan", str(tmp_path / "rules"), "--json"]) == 1


def _leaves(at: Installation) -> int:
    with at.register.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar() or 0)


def test_two_persons_who_may_and_a_plan_that_still_holds(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        doing = proposals(at)
        author, second, looker = (person(at, login) for login in ("author", "second", "looker"))
        refusals: list[tuple[type[Exception], Callable[[], object]]] = [
            (NoSuchProposal, lambda: doing.activate(after, second, seen="x")),
            (NotForTheGroup, lambda: doing.propose(after, looker, "x")),
        ]
        for error, act in refusals:
            with pytest.raises(error):
                act()
        _made, plan = doing.propose(after, author, "新义务")
        with pytest.raises(OwnProposal):
            doing.activate(after, author, seen=plan.digest)
        with pytest.raises(NotForTheGroup):
            doing.activate(after, looker, seen=plan.digest)
        with pytest.raises(PlanIsStale):
            doing.activate(after, second, seen="another")
        before = _leaves(at)
        with pytest.raises(PlanIsStale):
            _moved_meanwhile(doing, at).activate(after, second, seen=plan.digest)
        assert at.current_rules(surely=True).digest == plan.before
        with pytest.raises(NotForTheGroup):
            _demoted_meanwhile(doing, at).activate(after, second, seen=plan.digest)
        assert at.current_rules(surely=True).digest == plan.before
        grant(at.register, "second", plant=_key(at), role=Role.DOCUMENT_CONTROLLER, actor=OPERATOR, now=at.clock.now())
        before = _leaves(at)
        doing.activate(after, second, seen=plan.digest)
        assert _leaves(at) == before + 1
        with pytest.raises(NoSuchProposal):
            doing.activate(after, second, seen=plan.digest)
        with at.register.read() as reads:
            assert [p.state for p in reads.proposals()] == ["used"]
            assert reads.proposals()[0].decided_by == "second"
            with pytest.raises(TwoPersons):
                doing.only_operator(reads)


def test_what_others_do_between_a_look_and_the_act_counts(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        doing = proposals(at)
        author, second = (person(at, login) for login in ("author", "second"))

        def late(other: Callable[[], object]) -> Proposals:
            return replace(doing, register=Meanwhile(at.register, other))

        with pytest.raises(NotForTheGroup):
            late(lambda: _demoted(at, "author", Role.COMPLIANCE_OFFICER)).propose(after, author, "x")
        with at.register.read() as reads:
            assert list(reads.proposals()) == []
        grant(at.register, "author", plant=_key(at), role=Role.COMPLIANCE_OFFICER, actor=OPERATOR, now=at.clock.now())
        with pytest.raises(AlreadyProposed):
            late(lambda: doing.propose(after, second, "y")).propose(after, author, "x")
        with at.register.read() as reads:
            assert [p.login for p in reads.proposals()] == ["second"]

        plan = doing.plan_of(after)
        with pytest.raises(PlanIsStale):
            late(lambda: _used_meanwhile(at, after)).activate(after, author, seen=plan.digest)
        with at.register.read() as reads:
            assert [p.state for p in reads.proposals()] == ["open"]


@pytest.mark.parametrize("method", ["", BY_RECOVERY])
def test_rules_are_put_into_use_by_a_signature_alone(prepared: Path, tmp_path: Path, method: str) -> None:
    """A code of recovery lets somebody in; it does not say that the person holds the second factor."""
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        _made, plan = proposals(at).propose(after, person(at, "author"), "新义务")
        second, before = person(at, "second"), _leaves(at)
        with pytest.raises(SignatureRefused):
            proposals(at).activate(after, second, seen=plan.digest, method=method)
        assert at.current_rules(surely=True).digest == plan.before
        assert _leaves(at) == before + 1


def _used_meanwhile(at: Installation, after: RuleBase) -> None:
    """Somebody puts rules into use; no plant has changed."""
    with at.register.work() as work:
        work.activate_rules(after.digest)
        work.record(Act(actor=OPERATOR, action="rules:activate", object_type="rules", object_id=after.digest), None)


def _key(at: Installation) -> str:
    with at.register.read() as reads:
        return reads.plants()[0].key


def _moved_meanwhile(doing: Proposals, at: Installation) -> Proposals:
    """While the plan is made, somebody changes the plant."""

    def plan_of_then(after: RuleBase) -> Plan:
        plan = doing.plan_of(after)
        with at.register.read() as reads:
            (plant,) = reads.plants()
        with at.register.work() as work:
            work.record(Act(actor=OPERATOR, action="stage:set", object_type="plant", object_id=plant.key), plant)
        return plan

    return replace(doing, plan_of=plan_of_then)


def _demoted_meanwhile(doing: Proposals, at: Installation) -> Proposals:
    """While the plan is made, the second person loses the role."""

    def plan_of_then(after: RuleBase) -> Plan:
        plan = doing.plan_of(after)
        _demoted(at, "second", Role.DOCUMENT_CONTROLLER)
        return plan

    return replace(doing, plan_of=plan_of_then)


def _demoted(at: Installation, login: str, role: Role) -> None:
    now = at.clock.now()
    revoke(at.register, login, plant=_key(at), role=role, actor=OPERATOR, reason="调岗", now=now)


def test_another_process_uses_the_new_rules_with_its_next_look(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        running = build(at.workspace.root, today=TODAY)
        try:
            before = running.current_rules().digest
            put_into_use(at, after)
            assert running.current_rules().digest == after.digest != before
            hint = at.workspace.records / "rules" / "in-use"
            hint.unlink()
            assert running.current_rules().digest == after.digest
            hint.write_text("0" * 64, "ascii")  # what the file says counts for nothing: the register decides
            assert running.current_rules().digest == after.digest
            assert running.shelf.hint() == after.digest
        finally:
            running.close()


def test_a_refusal_leaves_one_leaf(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        looker = person(at, "looker")
        before = _leaves(at)
        with pytest.raises(NotForTheGroup):
            proposals(at).propose(after, looker, "x")
        assert _leaves(at) == before + 1


def test_a_second_plant_needs_a_person_of_the_group(prepared: Path, tmp_path: Path) -> None:
    after = read_rules(edited(tmp_path, CHANGES["a new duty"][0]))
    with copied(prepared, tmp_path) as at:
        with at.register.read() as reads:
            (plant,) = reads.plants()
        other = replace(plant, id=0, key="91110000600001234A", short="other", mark=None)
        with at.register.work() as work:
            work.add_plant(other)
            work.record(Act(actor=OPERATOR, action="plant:add", object_type="plant", object_id=other.key), None)
        with pytest.raises(NotForTheGroup):
            proposals(at).propose(after, person(at, "author"), "x")


def test_the_command_says_whether_a_finding_is_graded_or_worded_anew(
    prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.cli.conftest import live_on

    live_on(monkeypatch, TODAY)
    shutil.copytree(prepared, tmp_path / "ws")
    file, old, new = CHANGES["a grade changed"][0][0]
    reworded: Edit = ("findings/data.toml", "立即送检；", "马上送检；")
    rules = edited(tmp_path, [(file, old, new), reworded])
    capsys.readouterr()
    assert main(["--data", str(tmp_path / "ws"), "rules", "plan", str(rules)]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "发现 ~" in line]
    graded = [line for line in lines if "D critical" in line or "A critical" in line]
    assert any("major" in line and "文字变动" not in line for line in graded), lines
    assert any("L-11a" in line and "文字变动" in line for line in lines), lines


def test_the_commands(prepared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    from io import StringIO

    from tests.cli.conftest import live_on

    live_on(monkeypatch, TODAY)
    shutil.copytree(prepared, tmp_path / "ws")
    (tmp_path / "ws" / "records" / "demo").unlink()  # in a demo the operator may do it alone
    rules = edited(tmp_path, CHANGES["a new duty"][0])

    def run(*words: str, stdin: str = "") -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", StringIO(stdin))
        capsys.readouterr()
        code = main(["--data", str(tmp_path / "ws"), "rules", *words])
        return code, capsys.readouterr().out

    code, out = run("plan", str(rules), "--json")
    plan = json.loads(out)
    assert code == 0
    assert {o["code"] for o in plan["obligations"]["added"]} == {"OB-Q15"}
    assert plan["obligations"]["moved"] == plan["findings"]["raised"] == []
    code, out = run("plan", str(rules), "--json", "--from", "2027-01-01", "--to", "2027-03-31")
    assert [o["due"] for o in json.loads(out)["obligations"]["added"]] == ["2027-01-15"]
    assert run("activate", str(rules))[0] == 2  # two persons could do it
    me, other = ("--as", "author", "--password-stdin"), ("--as", "second", "--password-stdin")
    code, out = run("propose", str(rules), "--reason", "新义务", "--json", *me, stdin=PASSWORD + "\n")
    assert code == 0, out
    made = json.loads(out)
    use = ("activate", "--proposal", made["digest"], "--plan", made["plan"], "--json")
    assert run(*use)[0] == 2
    assert run(*use, *me, stdin=PASSWORD + "\n")[0] == 1
    assert run(*use, *other, stdin="no\n")[0] == 1
    assert run(*use, *other, stdin=PASSWORD + "\n")[0] == 0
    code, out = run("proposals", "--json")
    assert [p["state"] for p in json.loads(out)] == ["used"]
    back = ("withdraw", made["before"], "--reason", "不改了", "--json")
    assert run(*back, *me, stdin=PASSWORD + "\n")[0] == 2  # nobody proposed it
    code, out = run("propose", made["before"], "--reason", "改回", "--json", *me, stdin=PASSWORD + "\n")
    assert code == 0
    assert run(*back, *me, stdin=PASSWORD + "\n")[0] == 0
    code, out = run("proposals", "--json")
    assert [p["state"] for p in json.loads(out)] == ["withdrawn", "used"]
    assert run("plan", made["before"])[0] == 0  # back to the snapshot
