"""A register with two plants, their duties and findings, and the services around it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import TYPE_CHECKING, Any, BinaryIO

from compliance.adapters.change_requests import SqlRequestLists
from compliance.adapters.codes import OneTimeCodes
from compliance.adapters.document_lists import SqlDocumentLists
from compliance.adapters.lists import SqlLists
from compliance.adapters.register import SqlRegister, open_register
from compliance.adapters.search_texts import SqlSearchTexts
from compliance.adapters.search_whoosh import WhooshIndex
from compliance.adapters.shelf import RuleShelf
from compliance.adapters.trail import moment
from compliance.adapters.vault import FileVault
from compliance.adapters.zipped import unzip, zipped
from compliance.core.absences import Deputies
from compliance.core.accounts import NewUser, Role, add_user, grant
from compliance.core.acts import Act, Actor
from compliance.core.cases import CaseKey, Casework, Wish, case_of, occurrence_key
from compliance.core.controlled import open_documents
from compliance.core.documents import ChangeRequest, Desk, Requests, Use, Watch
from compliance.core.documents.batches import Batches
from compliance.core.duties import Person
from compliance.core.facts import CATALOGUE
from compliance.core.imports import Entries, Entry
from compliance.core.jobs import DONE, Job, JobItem, Jobs
from compliance.core.judged import NONCONFORMITY, Found, Nonconformity, Occurrence, OccurrenceState, StoredFinding
from compliance.core.knowing import with_knowledge_of
from compliance.core.ledgers import Ledgers
from compliance.core.linting import Remark, Severity
from compliance.core.lookback import Lookback
from compliance.core.model import Instrument, InstrumentCheck, PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.planning import Moved, Plan, PlantPlan, changes_between
from compliance.core.plants import Plant
from compliance.core.proposals import AT_ONCE, PlannedProposals, Proposal
from compliance.core.rulebooks import BadRules
from compliance.core.searching import Search
from compliance.core.templates import REJECTED, Templates, TemplateVersion
from compliance.kernel.canonical import canonical
from compliance.kernel.clock import Clock
from compliance.kernel.text import Text
from compliance.rulebase.loader import load
from compliance.rulebase.schema import Obligation
from compliance.web.app import create_app
from compliance.web.services import CellProblem, Entered, Health, Imported, Reconciled, Services, SheetCount, Site
from tests.docx_files import InProcess, docx

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flask import Flask

    from compliance.rulebase.rulebase import RuleBase

TODAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
PASSWORD = "correct horse 电池"
ACTOR = Actor("cli", "命令行", "operator", "local")
ROOT = Path(__file__).resolve().parents[2]
#: What the lint says of the proposed rules.
REMARK = Remark(
    check="fact-unasked", title=Text("无人使用的事实", "A fact that nobody asks"), severity=Severity.WARNING,
    rule="fact.reading", file="facts.toml", line=7, message=Text("没有判定使用它", "nothing asks it"),
)  # fmt: skip


#: People of the plant east by sign-in: account, name, posts, permission set.
STAFF = {
    "recorder": ("P01", "林建", "记录员", Role.DEPARTMENT),
    "checker": ("P02", "宁远", "校核员", Role.DEPARTMENT),
    "deputy": ("P03", "沈亦安", "管理者代表", Role.COMPLIANCE_OFFICER),
    "head": ("P04", "孟启", "部门负责人", Role.DEPARTMENT),
    "inspector": ("P05", "苏谨", "内审员", Role.AUDITOR),
    "guest": ("P06", "贺兰", None, Role.VERIFIER),
}
#: What was handed in for the first occurrence, and its name in the vault.
EVIDENCE = b"%PDF-1.4 the first evidence"
EVIDENCE_DIGEST = sha256(EVIDENCE).hexdigest()


@dataclass(frozen=True, slots=True)
class MovableClock(Clock):
    """A clock whose hands a test moves."""

    hands: list[datetime] = field(default_factory=lambda: [NOW])

    def now(self) -> datetime:
        """Return where the hands stand."""
        return self.hands[0]

    def today(self) -> date:
        """Return the day of the hands."""
        return self.hands[0].date()


class PlainPasswords:
    """Instead of the slow hash: these tests are about pages."""

    def hash(self, password: str) -> str:
        return f"plain:{password}"

    def check(self, kept: str | None, password: str) -> bool:
        return kept == f"plain:{password}"


class FakeImporter:
    """Answers an upload as the test wants it, and keeps what it was given."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answer: Imported | Exception = Imported(
            "x", (SheetCount("每日数据", 120, 100, 5, 15), SheetCount("人员", 9, 9, 0, 0))
        )

    def __call__(self, path: Path, **more: Any) -> Imported:
        self.calls.append(more | {"size": path.stat().st_size})
        more["progress"](1, 2, "人员")
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeEnterer:
    """Answers an entry as the test wants it, and keeps what it was given."""

    def __init__(self) -> None:
        self.calls: list[Entries] = []
        self.answer = Entered(added=1)

    def __call__(self, entries: Entries, *, plant: Plant, actor: Actor) -> Entered:
        self.calls.append(entries)
        return self.answer


class FakeReconciler:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, plant: Plant, *, actor: Actor) -> Reconciled:
        self.calls.append(f"{plant.key} {actor.id}")
        return Reconciled(TODAY, TODAY, 3, 1, 42)


PROBLEMS = (
    CellProblem("每日数据", 17, "数量", Text("不是数字：=1+1", "not a number: =1+1")),
    CellProblem("人员", None, None, Text("缺少工作表", "the sheet is absent")),
)


@dataclass(frozen=True)
class FewSnapshots:
    """The one rule base there ever was, and those that are proposed."""

    rulebase: RuleBase
    shelf: RuleShelf

    def __call__(self, digest: str) -> RuleBase | None:
        found = next((base for base in self.every() if base.digest == digest), None)
        return found or load(self.shelf.directory(digest), CATALOGUE, READERS)[0]

    def every(self) -> Iterator[RuleBase]:
        return iter((self.rulebase, reworded(self.rulebase)))


def reworded(rulebase: RuleBase) -> RuleBase:
    """Return the rule base with a line more in its first duty."""
    first = rulebase.of(Obligation)[0]
    other = replace(first, text=f"{first.text}\n# 改 anew", digest="0" * 64)
    files = {**rulebase.files, "own.toml": "schema = 1\n"}
    return replace(rulebase, rules=tuple(other if r is first else r for r in rulebase.rules), files=files)


@dataclass
class FakeRules:
    """Changes rules in the world, with a plan of one duty moved and one finding raised in each plant."""

    world: World

    def proposals(self, progress: object = None) -> PlannedProposals:
        before = self.world.rulebase
        return PlannedProposals(
            self.world.register,
            self.world.shelf,
            self.world.vault,
            before,
            self.world.clock.today,
            lambda: self.world.clock.now().isoformat(timespec="milliseconds"),
            lambda after: Plan(
                before.digest, after.digest, changes_between(before, after), (), self._plants(), (REMARK,)
            ),
            jobs=self.world.jobs,
            plant_of=lambda _after, plant: self._plant(plant),
            group_of=lambda _after: (),
            rules_of=FewSnapshots(before, self.world.shelf),
            at_once=self.world.at_once,
        )

    def _plants(self) -> tuple[PlantPlan, ...]:
        with self.world.register.read() as reads:
            plants = reads.plants()
        return tuple(self._plant(plant) for plant in plants)

    def _plant(self, plant: Plant) -> PlantPlan:
        one, two = (occurrence(self.world, plant, n) for n in (1, 2))
        later = replace(one, due=one.due + timedelta(days=5))
        raised = finding(plant, 1, "NC-2026-0001").found
        day = plant.mark or TODAY
        return PlantPlan(plant=plant, day=day, added=(two,), moved=(Moved(one, later),), raised=(raised,))

    def unpacked(self, source: BinaryIO) -> RuleBase:
        with TemporaryDirectory() as folder:
            unzip(source, Path(folder))
            base, problems = load(Path(folder), CATALOGUE, READERS)
        if base is None:
            raise BadRules(problems)
        return base

    def packed(self, rulebase: RuleBase) -> bytes:
        return zipped(rulebase.files)


@dataclass
class World:
    """Everything a test of pages needs."""

    register: SqlRegister
    rulebase: RuleBase
    clock: MovableClock
    importer: FakeImporter
    reconciler: FakeReconciler
    plants: list[Plant]
    site: Site
    vault: FileVault
    enterer: FakeEnterer = field(default_factory=FakeEnterer)
    posts: list[tuple[str, Entry, str]] = field(default_factory=list)
    #: Who asked for a link by mail, and from where.
    forgotten: list[tuple[str, str]] = field(default_factory=list)
    #: How many plants a plan of rules is made of while somebody waits.
    at_once: int = AT_ONCE

    def known_on(self, day: date | None) -> RuleBase:
        """Return the rules of a day's knowledge."""
        return self.rulebase if day is None else with_knowledge_of(self.rulebase, day, self.clock.today())

    @property
    def changes(self) -> FakeRules:
        """Return what changes rules."""
        return FakeRules(self)

    @property
    def shelf(self) -> RuleShelf:
        """Return where snapshots are kept."""
        return RuleShelf(self.vault.objects.parent.parent / "rules")

    @property
    def casework(self) -> Casework:
        """Return the use cases of people who act."""
        return Casework(self.register, self.rulebase, self.clock.now, self.clock.today)

    @property
    def desk(self) -> Desk:
        """Return the desk where documents are made."""
        templates = ROOT / "doc_templates"
        return Desk(
            self.register, self.casework, self.vault, InProcess(), self.site.zone,
            lambda name: (templates / name).read_bytes(),
        )  # fmt: skip

    @property
    def batches(self) -> Batches:
        """Return sets of documents."""
        return Batches(self.desk, self.jobs)

    @property
    def jobs(self) -> Jobs:
        """Return what asks for jobs."""
        return Jobs(self.register, lambda: moment(self.clock.now().astimezone(UTC)))

    @property
    def search(self) -> Search:
        """Return the search over this register."""
        index = WhooshIndex(self.vault.objects.parent.parent / "search", b"s" * 32)
        return Search(index, SqlSearchTexts(self.register.database, self.vault.open), lambda: self.rulebase)

    def app(self, **site: Any) -> Flask:
        """Return the program around this world."""
        services = Services(
            site=replace(self.site, **site),
            clock=self.clock,
            lists=SqlLists(self.register.database),
            register=self.register,
            passwords=PlainPasswords(),
            codes=OneTimeCodes(),
            forgot=lambda login, address: self.forgotten.append((login, address)),
            rules=lambda: self.rulebase,
            lookback=Lookback(self.register, self.known_on, (), self.site.zone),
            snapshots=FewSnapshots(self.rulebase, self.shelf),
            changing=self.changes,
            importer=self.importer,
            batches=lambda: self.batches,
            ledgers=Ledgers(self.register, lambda: self.rulebase, self.clock.today),
            reconciler=self.reconciler,
            casework=lambda: self.casework,
            desk=lambda: self.desk,
            templates=lambda: Templates(
                self.register, self.desk, lambda: self.clock.now().isoformat(timespec="milliseconds")
            ),
            watch=lambda: Watch(self.desk, FewSnapshots(self.rulebase, self.shelf)),
            requests=lambda: Requests(self.desk),
            asking=SqlRequestLists(self.register.database),
            papers=SqlDocumentLists(self.register.database),
            search=self.search,
            deputies=lambda: Deputies(self.register, self.rulebase, self.clock.now, self.clock.today),
            posts=lambda plant, entry, actor: self.posts.append((plant.key, entry, actor.id)),
            vault=self.vault,
            enterer=self.enterer,
            telling=self.register,
            api=self.register,
            health=lambda: [
                Health("register", True, Text("登记库正常", "The register is well")),
                Health("engine", None, Text("仅备用引擎", "Only the plain engine"), Text("安装引擎", "Install it")),
            ],
        )
        app = create_app(services)
        app.testing = True
        return app


def make_world(folder: Path, rulebase: RuleBase) -> World:
    """Return a world on the embedded database, with two plants and one account a role."""
    clock = MovableClock()
    return furnish(open_register(folder, None, clock), clock, rulebase, folder)


def furnish(register: SqlRegister, clock: MovableClock, rulebase: RuleBase, folder: Path | None = None) -> World:
    """Put two plants and one account a role into an empty register."""
    world = World(
        register,
        rulebase,
        clock,
        FakeImporter(),
        FakeReconciler(),
        [],
        Site(name="碳管理合规系统", secret=b"s" * 32, version="0.1.0"),
        FileVault((folder or Path(mkdtemp())) / "vault"),
    )
    for key, short, name in (
        ("91110000600001234A", "east", "东岭水泥有限公司"),
        ("91110000600009876B", "west", "西山水泥有限公司"),
    ):
        world.plants.append(_plant(register, key, short, name))
    people = (
        ("officer", Role.COMPLIANCE_OFFICER, "east"),
        ("auditor", Role.AUDITOR, "east"),
        ("west", Role.ADMINISTRATOR, "west"),
    )
    for login, role, short in people:
        new = NewUser(login, f"{login} 王", None, short, role, PASSWORD)
        add_user(register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    for login, (account, name, _posts, role_) in STAFF.items():
        for short in ("east", "west"):
            new = NewUser(_login(login, short), name, account, short, role_, PASSWORD)
            add_user(register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    add_user(
        register, PlainPasswords(), NewUser("chief", "集团", None, None, Role.AUDITOR, PASSWORD), actor=ACTOR, now=NOW
    )
    grant(register, "auditor", plant="east", role=Role.VERIFIER, actor=ACTOR, now=NOW)
    return world


def _login(login: str, short: str | None) -> str:
    """The sign-in of one of the staff: the people of the second plant bear the same accounts and are others."""
    return login if short == "east" else f"{login}@{short}"


def rules() -> RuleBase:
    """Return the shipped rule base."""
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


def _plant(register: SqlRegister, key: str, short: str, name: str) -> Plant:
    with register.work() as work:
        plant = work.add_plant(Plant(0, key, short, name, date(2025, 6, 1), TODAY, date(2026, 11, 1), TODAY))
        work.record(Act(actor=ACTOR, action="plant:add", object_type="plant", object_id=key), plant)
    return plant


def fill(world: World, plant: Plant, count: int = 20) -> None:
    """Give a plant this many occurrences and findings, and a few instruments."""
    occurrences = [occurrence(world, plant, n) for n in range(count)]
    tickets = [_ticket(n) for n in range(max(1, count // 5))]
    findings = [finding(plant, n, tickets[n % len(tickets)].number) for n in range(count)]
    instruments = [_instrument(n) for n in range(6)]
    checks = [_check(n) for n in range(5)]
    with world.register.work() as work:
        work.save_occurrences(plant, occurrences, [])
        work.save_nonconformities(plant, tickets)
        work.save_findings(plant, findings)
        work.insert_rows(plant, {Instrument: instruments, InstrumentCheck: checks, PersonPeriod: _periods()})
        for n in range(count):
            act = Act(
                actor=ACTOR,
                action="plant:import" if n % 2 else "plant:reconcile",
                object_type="plant",
                object_id=plant.key,
                changes=({"f": "mark", "old": None, "new": str(n)},),
                reason="补录" if n % 3 == 0 else "",
            )
            work.record(act, plant)
    _work(world, plant, occurrences, tickets)
    _propose(world)
    _made_a_set(world, plant)
    _sent_a_template_back(world, plant)
    _sent_a_template_back(world, None)


def _sent_a_template_back(world: World, plant: Plant | None) -> None:
    """Let a template of the plant's own, or of the group, have been proposed and sent back."""
    kept = world.vault.put(BytesIO(docx("自有")), name="自有.docx", media_type="application/octet-stream")
    at = NOW.isoformat(timespec="milliseconds")
    sent = TemplateVersion(
        document="nonconformity-report", number=0, file=kept.sha256, file_name="自有.docx", login="officer",
        account=None, name="officer 王", reason="本厂版式", at=at, sample=kept.sha256, pdf=kept.sha256, state=REJECTED,
        decided_login="deputy", decided_account="P03", decided_name="沈亦安", decided_at=at, decided_why="缺页眉",
    )  # fmt: skip
    with world.register.work() as work:
        known = work.templates(plant, sent.document)
        sent = replace(sent, number=1 + max((one.number for one in known), default=0))
        work.add_template(plant, sent)
        act = Act(
            actor=ACTOR, action="template:reject", object_type="template", object_id=sent.object_id, objects=(kept,)
        )
        work.record(act, plant)


def _made_a_set(world: World, plant: Plant) -> None:
    """Let a set of one document have been made."""
    kept = world.vault.put(BytesIO(docx("x")), name="x.docx", media_type="application/octet-stream")
    item = JobItem(place=0, plant=plant.key, name="emissions-ledger", about="2026-09", title=Text("台账", "Ledger"))
    job = Job(
        id=0, kind="documents", plant=plant.key, login="deputy", name="沈亦安", parameters={"period": "2026-09"},
        asked=NOW.isoformat(timespec="milliseconds"),
    )  # fmt: skip
    with world.register.work() as work:
        number = work.add_job(job, [item])
        work.end_item(number, replace(item, state=DONE, result={"object": "RPT-EM-2026-09/A/0", "file": kept.sha256}))
        work.change_job(number, DONE, ended=job.asked)
        work.record(Act(actor=ACTOR, action="job:ask", object_type="job", object_id=str(number)), None)


def _propose(world: World) -> None:
    """Let somebody who may do so everywhere have proposed other rules."""
    doing, after = world.changes.proposals(), reworded(world.rulebase)
    plan = doing.plan_of(after)
    shape = plan.shape
    file = world.vault.put(BytesIO(canonical(shape)), name="plan.json", media_type="application/json")
    made = Proposal(
        id=0, digest=after.digest, before=plan.before, plan=plan.digest, file=file.sha256, login="group",
        account=None, name="集团", reason="新规", at=NOW.isoformat(timespec="milliseconds"),
    )  # fmt: skip
    world.shelf.keep(after)
    with world.register.work() as work:
        if work.proposal(after.digest) is None:
            work.add_proposal(made)
        work.record(Act(actor=ACTOR, action="rules:propose", object_type="rules", object_id=after.digest), None)


def _periods() -> list[PersonPeriod]:
    since = date(2025, 1, 1)
    return [
        PersonPeriod(account=account, name=name, department=None, posts=posts, since=since, until=None)
        for account, name, posts, _role in STAFF.values()
    ]


def _work(world: World, plant: Plant, occurrences: list[Occurrence], tickets: list[Nonconformity]) -> None:
    """Hand in evidence for the first occurrence, and grade every third ticket."""
    person = replace(staff("recorder"), login=_login("recorder", plant.short))
    ref = world.vault.put(BytesIO(EVIDENCE), name="证据.pdf", media_type="application/pdf")
    handed = Wish(occurrence_key(occurrences[0]), "submit", {"evidence_day": "2026-11-01", "note": "见附件"}, (ref,))
    world.casework.take(plant, person, handed, signed=False)
    auditor = Person("auditor", "login:auditor", "审核", frozenset({"auditor"}), frozenset())
    if plant.short != "east":
        auditor = Person("chief", "login:chief", "审核", frozenset({"auditor"}), frozenset())
    for ticket in tickets[::3]:
        world.casework.take(plant, auditor, Wish(case_of(ticket), "grade", {"extent": "一期"}), signed=False)
    with world.register.work() as work:
        open_documents(work, plant, world.rulebase, NONCONFORMITY, "closed", tickets[0].number, TODAY)
        work.record(Act(actor=ACTOR, action="plant:open", object_type="plant", object_id=plant.key), plant)
    world.desk.draft_missing(plant, ACTOR)
    ask_for_a_change(world, plant)
    for ticket in tickets[1:2]:
        drive(world, plant, case_of(ticket), UNTIL_PROGRESS)


def staff(login: str) -> Person:
    """Return a person of the plant east as the core sees them."""
    account, name, posts, role = STAFF[login]
    rule = {"记录员": "recorder", "校核员": "checker", "管理者代表": "management-representative"} | {
        "部门负责人": "department-head", "内审员": "internal-auditor",
    }  # fmt: skip
    return Person(login, account, name, frozenset({role.value}), frozenset(rule[p] for p in [posts] if p), posts or "")


PLAN = {"action": "补检定并修订计划", "owner": "P04", "due": "2026-12-15", "criterion": "证书覆盖全部数据期"}
#: A nonconformity from its record to an action in progress, with evidence.
UNTIL_PROGRESS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("inspector", "grade", {"extent": "一期窑系统"}),
    ("head", "contain", {"containment": "已停用该秤，改用备用秤"}),
    ("head", "analyse", {"cause": "未列入周期检定计划", "cause_code": "C-3"}),
    (
        "head",
        "plan",
        {"action": "补检定并修订计划", "owner": "P04", "due": "2026-12-15", "criterion": "证书覆盖全部数据期"},
    ),
    ("deputy", "approve-plan", {}),
    ("head", "start", {}),
    ("head", "report-progress", {"progress": "已送检"}),
)


def drive(world: World, plant: Plant, key: CaseKey, steps: Sequence[tuple[str, str, dict[str, str]]]) -> None:
    """Take steps of a case; evidence goes along where a step admits it."""
    ref = world.vault.put(BytesIO(EVIDENCE), name="证据.pdf", media_type="application/pdf")
    for login, step, values in steps:
        files = (ref,) if step in {"submit", "report-progress", "complete"} else ()
        who = replace(staff(login), login=_login(login, plant.short))
        world.casework.take(plant, who, Wish(key, step, values, files), signed=True)


_STATES = (
    (OccurrenceState.OVERDUE, -12, None),
    (OccurrenceState.OPEN, 3, None),
    (OccurrenceState.UPCOMING, 25, None),
    (OccurrenceState.DONE, -40, -45),
    (OccurrenceState.DONE_LATE, -70, -66),
)


def occurrence(world: World, plant: Plant, n: int) -> Occurrence:
    """Return the n-th occurrence of a plant."""
    rules_ = [r for r in world.rulebase.rules if r.kind == "obligation"]
    rule: Any = rules_[n % len(rules_)]
    state, offset, done = _STATES[n % len(_STATES)]
    due = TODAY + timedelta(days=offset - (n // 5) % 3)
    year, month = 2000 + n // 12, n % 12 + 1
    return Occurrence(
        obligation=rule.id,
        code=rule.code,
        title=rule.title,
        clause=rule.source.clause,
        strength=rule.source.strength.value,
        subject=plant.key if n % 4 else f"JL-{n % 7:03}",
        period=f"{year}-{month:02}",
        opens=due - timedelta(days=9),
        due=due,
        effective_workday=due - timedelta(days=2),
        provisional=n % 7 == 0,
        state=state,
        done_on=None if done is None else TODAY + timedelta(days=done),
        derivation=Text("所属期次月 10 日", "day 10 of the month after the period"),
        owner=rule.owner,
        approver=rule.approver,
        rule_digest=rule.digest,
        anchor=due - timedelta(days=10),
    )


def finding(plant: Plant, n: int, ticket: str) -> StoredFinding:
    """Return the n-th finding of a plant."""
    found = Found(
        situation=("L-20a", "L-10a", "L-28b")[n % 3],
        rule="filing-late",
        title=Text("月度上报逾期", "A monthly filing is late"),
        clause="6.1.3",
        strength="shall",
        subject=f"S-{n:05}",
        period=f"2026-{n % 12 + 1:02}",
        note="late",
        category="A",
        grade=("critical", "major")[n % 2],
        message=Text(f"第 {n} 条：<script>alert(1)</script>", f"number {n}: <script>alert(1)</script>"),
        remedy=Text("立即补报", "File it now"),
        facts=(
            {"kind": "metered-month", "instrument": "JL-001", "late": True, "on": TODAY, "row": "instrument:JL-001"},
        ),
        ticket=f"{plant.key}/{n}",
        rule_digest="",
    )
    gone = TODAY if n % 10 == 9 else None
    seen = TODAY - timedelta(days=n % 90)
    return StoredFinding(id=0, found=found, first_seen=seen, withdrawn=gone, nonconformity=ticket)


def _ticket(n: int) -> Nonconformity:
    return Nonconformity(
        number=f"NC-2026-{n:04}",
        rule="filing-late",
        group=f"2026-{n:04}",
        title=Text("月度上报逾期", "A monthly filing is late"),
        category="A",
        grade="critical",
        state="opened",
        opened=TODAY - timedelta(days=n % 60),
        origin="rule",
    )


def _instrument(n: int) -> Instrument:
    return Instrument(
        number=f"JL-{n:03}", name="入窑煤粉秤", model=None, accuracy="0.5", place=None, purpose=None, cycle=12_000_000,
        keeper=None, department=None, key_instrument="是", commissioned=date(2024, 1, 1), stopped_from=None,
        stopped_until=None,
    )  # fmt: skip


def _check(n: int) -> InstrumentCheck:
    on = TODAY - timedelta(days=380 - 40 * n)
    return InstrumentCheck(
        number=f"JD-{n}", instrument=f"JL-{n:03}", type="检定", on=on, valid_until=on + timedelta(days=365),
        result="合格", error=None, body=None, certificate=None,
    )  # fmt: skip


def ask_for_a_change(world: World, plant: Plant) -> None:
    """A request to change the plant's document, which the pages then show."""
    with world.register.work() as work:
        serial = work.next_number(plant, f"change-request/{TODAY.year}")
        asked = ChangeRequest(
            number=f"DCR-{TODAY.year}-{serial:03d}",
            series=f"change-request/{TODAY.year}",
            serial=serial,
            document=f"NCR-{TODAY.year}-0001",
            place=0,
            reason="措辞不清",
            impact="无",
            uses=(Use("post", "auditor", Text("内审员", "auditor")),),
            asked_by="P04",
            asked_name="他人",
            asked_at=NOW.isoformat(timespec="milliseconds"),
        )
        work.add_request(plant, asked)
        work.record(
            Act(actor=ACTOR, action="change-request:ask", object_type="change-request", object_id=asked.number), plant
        )
