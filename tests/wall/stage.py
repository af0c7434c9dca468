"""A plant whose people can be anybody, cases driven to any state of their workflow, and the register's digest."""

from __future__ import annotations

import io
import shutil
import sys
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from compliance.adapters.accounts import Argon2
from compliance.adapters.register import open_register
from compliance.bootstrap.installation import make_workspace
from compliance.bootstrap.samples import sample_of
from compliance.cli.main import main
from compliance.core.accounts import NewUser, Role, add_user, grant
from compliance.core.acts import Act, ObjectRef
from compliance.core.cases import CaseKey, Looked, Wish, case_of, occurrence_key
from compliance.core.controlled import DOCUMENT, DocumentAtHand, at_hand, open_document, open_documents
from compliance.core.duties import Allowed, Person, could_take, person_of
from compliance.core.facts import CATALOGUE
from compliance.core.judged import NONCONFORMITY, OCCURRENCE, Nonconformity, OccurrenceState
from compliance.core.model import CashTransfer, PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.people import SEPARATOR, People
from compliance.kernel.text import Text
from compliance.rulebase.casework import FIELD, CaseView, FieldValue, Taken, after, next_steps, opened
from compliance.rulebase.loader import load
from compliance.rulebase.schema import CaseStep, Document, FieldType, Obligation, Post, Strength, Vocabulary, Workflow
from tests.web.api_client import Program, program
from tests.web.conftest import Browser
from tests.web.world import (
    ACTOR,
    NOW,
    PASSWORD,
    ROOT,
    TODAY,
    MovableClock,
    PlainPasswords,
    World,
    furnish,
    occurrence,
    rules,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pytest
    from flask import Flask
    from werkzeug.test import TestResponse

    from compliance.core.plants import Plant
    from compliance.rulebase.rulebase import RuleBase

#: How many persons hold every post and every role; the last one is the person that fields name.
EVERYBODY = 8
OWNER = f"W{EVERYBODY - 1:02}"
#: Tables that tell of an attempt, not of the plant: the trail, tries, sessions, when a token was used last, and uploads
#: that wait for their step.
TELLING = frozenset(
    {"audit_entry", "audit_node", "log_head", "sign_in_failure", "session", "known_device", "pending_file", "api_token"}
)
#: The leaf of what is put on the stage.
SET = Act(actor=ACTOR, action="stage:set", object_type="plant", object_id="east")
#: Who takes steps that no person takes.
BY_PROGRAM = ("role:system",)
EVIDENCE = b"%PDF-1.7 wall"


@dataclass(frozen=True, slots=True)
class Seed:
    """A way in which cases of a kind open: the flags it opens with, and how another such case is made."""

    name: str
    opens: dict[str, FieldValue]
    make: Callable[[], CaseKey]


@dataclass
class Stage:
    """The plant east of the web's tests in a real workspace, with a cast of its own."""

    folder: Path
    world: World
    people: list[PersonPeriod] = field(default_factory=list)
    roles: dict[str, frozenset[str]] = field(default_factory=dict)
    accounts: dict[str, str | None] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _programs: dict[str, Program] = field(default_factory=dict)
    _cases: dict[tuple[str, str, tuple[str, ...]], CaseKey] = field(default_factory=dict)
    #: Beyond what the series of numbers reaches in any test.
    _made: int = 5000
    _app: Flask | None = None

    # --- who ---

    @property
    def plant(self) -> Plant:
        """The plant that is acted in."""
        return self.world.plants[0]

    @property
    def rulebase(self) -> RuleBase:
        """The shipped rules."""
        return self.world.rulebase

    def person(self, login: str) -> Person:
        """A sign-in of the cast as the core sees it."""
        account, roles = self.accounts[login], self.roles[login]
        return person_of(login, account, login, roles, People(self.people), self.rulebase, TODAY)

    @property
    def omnis(self) -> list[str]:
        """The sign-ins that hold every post and every role."""
        return [f"omni{n}" for n in range(EVERYBODY)]

    def cast(self, login: str, account: str | None, posts: Sequence[str], roles: Sequence[Role]) -> None:
        """Put a person with a sign-in into the plant."""
        register = self.world.register
        new = NewUser(login, login, account, "east", roles[0], PASSWORD)
        add_user(register, PlainPasswords(), new, actor=ACTOR, now=NOW)
        for role in roles[1:]:
            grant(register, login, plant="east", role=role, actor=ACTOR, now=NOW)
        self.accounts[login], self.roles[login] = account, frozenset(r.value for r in roles)
        if account is not None:
            held = SEPARATOR.join(posts) or None
            since = date(2025, 1, 1)
            self.people.append(
                PersonPeriod(account=account, name=login, department=None, posts=held, since=since, until=None)
            )

    # --- cases ---

    def workflows(self) -> list[Workflow]:
        """Every workflow in force."""
        return list(self.rulebase.in_force(Workflow, TODAY))

    def seeds(self, kind: str) -> list[Seed]:
        """The ways in which a case of a kind opens; an unknown kind fails whoever asks."""
        return {OCCURRENCE: self._occurrences, NONCONFORMITY: self._tickets, DOCUMENT: self._documents}[kind]()

    def _documents(self) -> list[Seed]:
        alone: dict[str, FieldValue] = {"unshared": True, "countersigned": True}
        together: dict[str, FieldValue] = {"unshared": False, "countersigned": False}
        seeds = [
            Seed(
                f"drafted={drafted} revision={revision}",
                {"drafted": drafted, "revision": revision, **alone},
                lambda drafted=drafted, revision=revision: self._document(  # type: ignore[misc] # bound at once
                    drafted=drafted, revision=revision
                ),
            )
            for drafted, revision in ((True, False), (True, True), (False, False))
        ]
        return [*seeds, Seed("countersigned", {"drafted": True, "revision": False, **together}, self._countersigned)]

    def _countersigned(self) -> CaseKey:
        """A document that a fourth post signs: on a transfer of its own."""
        self._made += 1
        empty: dict[str, Any] = dict.fromkeys(f.name for f in fields(CashTransfer))
        words = self.rulebase.nearest(Vocabulary, CashTransfer.SHEET.column("direction").vocabulary, TODAY)
        assert words is not None
        known = {"number": f"CR-{self._made}", "applied_on": TODAY, "direction": words.words[0].zh}
        row = CashTransfer(**{**empty, **known})
        rule = next(
            r for r in self.rulebase.in_force(Document, TODAY) if r.countersigner and r.per == CashTransfer.SHEET.table
        )
        with self.world.register.work() as work:
            work.insert_rows(self.plant, {CashTransfer: [row]})
            version = open_document(work, self.plant, rule, rule.per, row.number, TODAY)
            for section, content in sample_of(rule).items():
                work.write(self.plant, version.number, version.place, section, content)
            work.record(SET, self.plant)
        self.world.desk.draft(self.plant, version.object_id, ACTOR)
        return CaseKey(DOCUMENT, version.object_id)

    def _document(self, *, drafted: bool, revision: bool) -> CaseKey:
        """The report on a ticket that has just been closed; its second version where a revision is wanted."""
        ticket = self._ticket("person").object_id
        with self.world.register.work() as work:
            (first,) = open_documents(work, self.plant, self.rulebase, NONCONFORMITY, "closed", ticket, TODAY)
            work.record(SET, self.plant)
        key = CaseKey(DOCUMENT, first.object_id)
        if drafted:
            self.world.desk.draft(self.plant, key.object_id, ACTOR)
        if revision:
            for step in ("submit", "review", "approve", "issue", "revise"):
                self.drive(key, step)
            with self.world.register.read() as reads:
                found = at_hand(reads, self.plant, first.number)
            assert found is not None
            key = CaseKey(DOCUMENT, found.version.object_id)
            self.world.desk.draft(self.plant, key.object_id, ACTOR)
        return key

    def _occurrences(self) -> list[Seed]:
        rules = {(r.approver is not None, r.waivable): r for r in reversed(self.rulebase.in_force(Obligation, TODAY))}
        return [
            Seed(
                f"approver={approver} waivable={waivable}",
                {"has_approver": approver, "waivable": waivable},
                lambda rule=rule: self._occurrence(rule),  # type: ignore[misc] # bound at once
            )
            for (approver, waivable), rule in sorted(rules.items(), key=str)
        ]

    def _occurrence(self, rule: Obligation) -> CaseKey:
        self._made += 1
        made = replace(
            occurrence(self.world, self.plant, 1),
            obligation=rule.id,
            code=rule.code,
            title=rule.title,
            subject=self.plant.key,
            period=f"{1000 + self._made}",
            owner=rule.owner,
            approver=rule.approver,
            rule_digest=rule.digest,
            anchor=TODAY,
            state=OccurrenceState.OPEN,
        )
        with self.world.register.work() as work:
            work.save_occurrences(self.plant, [made], [])
            work.record(SET, self.plant)
        return occurrence_key(made)

    def _tickets(self) -> list[Seed]:
        return [
            Seed(
                f"from {origin}",
                {"from_audit": origin == "audit", "fact": "秤停", "grade": "major"},
                lambda origin=origin: self._ticket(origin),  # type: ignore[misc] # bound at once
            )
            for origin in ("person", "audit")
        ]

    def _ticket(self, origin: str) -> CaseKey:
        self._made += 1
        made = Nonconformity(
            number=f"NC-2026-{self._made:04}",
            rule="",
            group=f"NC-2026-{self._made:04}",
            title=Text("秤停", "the scale stands"),
            category="A",
            grade="major",
            state="opened",
            opened=TODAY,
            origin=origin,
        )
        with self.world.register.work() as work:
            work.save_nonconformities(self.plant, [made])
            work.record(SET, self.plant)
        return case_of(made)

    def case(self, workflow: Workflow, seed: Seed, path: Sequence[str], *, fresh: bool = False) -> CaseKey:
        """A case that went this way; the same one every time unless a fresh one is asked for."""
        name = (workflow.id, seed.name, tuple(path))
        if fresh or name not in self._cases:
            key = seed.make()
            for step in path:
                self.drive(key, step)
            if fresh:
                return key
            self._cases[name] = key
        return self._cases[name]

    def look(self, key: CaseKey) -> Looked:
        """A case as it stands."""
        with self.world.register.read() as reads:
            return self.world.casework.look(reads, self.plant, key)

    def allowed(self, key: CaseKey, step: CaseStep) -> str | None:
        """Somebody who holds every post and may take the step."""
        found = self.look(key)
        for login in self.omnis:
            person = self.person(login)
            if isinstance(could_take(found.thing.workflow, found.view, step, person, found.thing.sides), Allowed):
                return login
        return None

    def drive(self, key: CaseKey, name: str) -> str:
        """Take a step by somebody who may."""
        workflow = self.look(key).thing.workflow
        step = workflow.step(name)
        assert step is not None
        login = self.allowed(key, step)
        assert login is not None, f"nobody may take {name} of {key}"
        values = self.values(workflow, step, key)
        wish = Wish(key, name, values, self.files(workflow, step))
        at = self.world.desk if key.kind == DOCUMENT else self.world.casework
        at.take(self.plant, self.person(login), wish, signed=True)
        return login

    def values(self, workflow: Workflow, step: CaseStep, key: CaseKey | None = None) -> dict[str, FieldValue]:
        """Something right for every field that a step asks for, in this case if one is named."""
        found: dict[str, FieldValue] = {}
        later = 30 * (1 + len(self.look(key).steps)) if key else 30
        for name in step.needs:
            known = workflow.field(name)
            assert known is not None
            match known.type:
                case FieldType.DAY:
                    found[name] = str(TODAY + timedelta(days=later) if known.later_than else TODAY)
                case FieldType.PERSON:
                    found[name] = self.someone(step, key)
                case FieldType.CHOICE:
                    found[name] = self.words(known.vocabulary)[0]
                case FieldType.TEXT:
                    found[name] = f"{name} 已填"
                case _:
                    continue
        return found | ({"reason": "另有原因"} if step.reason else {})

    def someone(self, step: CaseStep, key: CaseKey | None) -> str:
        """A person whom the step may name."""
        if key is None or not step.not_for:
            return OWNER
        found = self.look(key)
        taken = {s.account for s in found.steps if s.step in step.not_for}
        named = {str(found.view.fields.get(n.removeprefix(FIELD))) for n in step.not_for if n.startswith(FIELD)}
        return next(a for login in reversed(self.omnis) if (a := self.accounts[login]) and a not in taken | named)

    def words(self, vocabulary: str) -> list[str]:
        """The words of a choice."""
        rule = self.rulebase.nearest(Vocabulary, vocabulary, TODAY)
        return [w.id for w in rule.words] if rule else []

    def files(self, workflow: Workflow, step: CaseStep) -> tuple[ObjectRef, ...]:
        """A file where the step asks for one."""
        if not files_of(workflow, step.needs):
            return ()
        return (self.world.vault.put(io.BytesIO(EVIDENCE), name="证据.pdf", media_type="application/pdf"),)

    # --- the doors ---

    @property
    def app(self) -> Flask:
        """The web program."""
        if self._app is None:
            self._app = self.world.app()
        return self._app

    def at(self, login: str) -> Browser:
        """The browser of somebody who is signed in."""
        if login not in self._browsers:
            browser = Browser(self.app)
            assert browser.sign_in(login).status_code == 302, login
            self._browsers[login] = browser
        return self._browsers[login]

    def page(self, key: CaseKey) -> str:
        """The address of a case."""
        if key.kind == NONCONFORMITY:
            return f"/p/east/nonconformities/{key.object_id}"
        if key.kind == DOCUMENT:
            about = self.look(key).thing.about
            assert isinstance(about, DocumentAtHand)
            return f"/p/east/documents/{about.number}/{about.version.place}"
        obligation, rest = key.object_id.split("/", 1)
        subject, period = rest.rsplit("/", 1)
        lists = self.app.extensions["compliance"].lists
        return f"/p/east/obligations/{lists.occurrence_number(self.plant, (obligation, subject, period))}"

    def by_web(self, login: str, key: CaseKey, step: CaseStep, values: dict[str, Any], **more: Any) -> TestResponse:
        """Try a step at the browser; ``more`` may say ``password``, ``seen``, ``seen_steps``, ``file``."""
        found = self.look(key)
        data: dict[str, Any] = {"seen": found.view.state, "seen_steps": str(len(found.steps)), "password": PASSWORD}
        name = files_of(found.thing.workflow, step.needs)
        if name and more.pop("file", True):
            data[name] = [(io.BytesIO(EVIDENCE), "证据.pdf")]
        address = f"{self.page(key)}/steps/{step.id}"
        return self.at(login).post(address, data | values | more, content_type="multipart/form-data")

    def by_cli(
        self,
        login: str,
        key: CaseKey,
        step: CaseStep,
        values: dict[str, Any],
        *,
        file: bool = True,
        password: str = PASSWORD,
    ) -> tuple[int, str]:
        """Try a step on the command line: exit code, and everything that was said."""
        given = [f"--field={name}={value}" for name, value in values.items() if name != "reason"]
        given += ["--reason", str(values["reason"])] if values.get("reason") else []
        if file and files_of(self.look(key).thing.workflow, step.needs):
            path = self.folder / "evidence.pdf"
            path.write_bytes(EVIDENCE)
            given += ["--file", str(path)]
        who = ["--as", login, "--password-stdin", "--plant", "east"]
        command = ["document", "act"] if key.kind == DOCUMENT else ["act", key.kind]
        return self.cli(*command, key.object_id, step.id, *given, *who, stdin=password + "\n")

    def by_api(
        self, login: str, key: CaseKey, step: CaseStep, values: dict[str, Any], *, files: Sequence[str] = ()
    ) -> TestResponse:
        """Try a step by a program that carries a token of this person."""
        body: dict[str, Any] = {"step": step.id, "values": {n: v for n, v in values.items() if n != "reason"}}
        body |= {"reason": values["reason"]} if values.get("reason") else {}
        body |= {"files": list(files)} if files else {}
        body |= {"password": PASSWORD} if step.sign else {}
        address = self.page(key).replace("/p/", "plants/", 1).replace("/obligations/", "/occurrences/")
        return self.program(login).post(f"{address}/steps", body)

    def program(self, login: str) -> Program:
        """The program of somebody."""
        if login not in self._programs:
            self._programs[login] = program(self.world, login, self.app)
        return self._programs[login]

    def cli(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        """Run one command on the workspace: exit code, and everything that was said."""
        said, streams = io.StringIO(), (sys.stdin, sys.stdout, sys.stderr)
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(stdin), said, said
        try:
            code = main(["--data", str(self.folder), *arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
        return code, said.getvalue()

    # --- what is kept ---

    def leaves(self) -> list[str]:
        """The kinds of all leaves in their order."""
        with self.world.register.database.read() as connection:
            return [str(k) for (k,) in connection.execute(text("SELECT kind FROM audit_entry ORDER BY log_id, seq"))]

    def digest(self, *, without: frozenset[str] = TELLING) -> str:
        """The digest of every row of every table but some."""
        found = sha256()
        with self.world.register.database.read() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            for (name,) in names.fetchall():
                if name not in without:
                    rows = connection.exec_driver_sql(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()
                    found.update(repr((name, [tuple(row) for row in rows])).encode())
        return found.hexdigest()

    def forget_tries(self) -> None:
        """Let a next wrong password be the first."""
        with self.world.register.database.work() as connection:
            connection.execute(text("DELETE FROM sign_in_failure"))


def files_of(workflow: Workflow, names: Sequence[str]) -> str:
    """The name of the field for files among some."""
    return next((n for n in names if (f := workflow.field(n)) and f.type is FieldType.FILES), "")


def path_to(
    workflow: Workflow, seed: Seed, goal: Callable[[CaseView], bool], longest: int = 16
) -> tuple[str, ...] | None:
    """The shortest way of steps by which a case comes to where a test wants it; persons are not asked."""
    start = opened(workflow, seed.opens)
    queue: deque[tuple[CaseView, tuple[str, ...]]] = deque([(start, ())])
    seen: set[object] = set()
    while queue:
        view, path = queue.popleft()
        if goal(view):
            return path
        where = (view.state, frozenset(t.step for t in view.taken))
        if where in seen or len(path) >= longest:
            continue
        seen.add(where)
        for step in (s for s in next_steps(workflow, view) if s.by != BY_PROGRAM):
            queue.append((after(workflow, view, Taken(step.id, "", dict.fromkeys(step.needs, "x"))), (*path, step.id)))
    return None


def waiving(folder: Path) -> RuleBase:
    """The shipped rules, but for one duty with an approver and one without, which may be waived: none of them may."""
    copied = shutil.copytree(ROOT / "rules", folder / "rules")
    shipped = rules()
    for has_approver in (True, False):
        duties = (r for r in shipped.in_force(Obligation, TODAY) if r.source.strength is not Strength.SHALL)
        chosen = next(r for r in duties if (r.approver is not None) is has_approver)
        for path in copied.rglob("*.toml"):
            head = f"[obligation.{chosen.id}]\n"
            path.write_text(path.read_text("utf-8").replace(head, f"{head}waivable = true\n"), "utf-8")
    base, problems = load(copied, CATALOGUE, READERS)
    assert base is not None, problems
    return base


def set_up(folder: Path, rulebase: RuleBase) -> Stage:
    """Make the workspace, its plant and its cast."""
    make_workspace(folder)
    clock = MovableClock()
    world = furnish(open_register(folder / "records", None, clock), clock, rulebase, folder / "records")
    stage = Stage(folder, world)
    posts = rulebase.in_force(Post, TODAY)
    for n, login in enumerate(stage.omnis):
        stage.cast(login, f"W{n:02}", [p.words[0] for p in posts], list(Role))
    for post in posts:
        stage.cast(f"post.{post.id}", f"P.{post.id}", [post.words[0]], [Role.VERIFIER])
    for role in Role:
        stage.cast(f"role.{role.value}", None, [], [role])
    with world.register.work() as work:
        work.insert_rows(stage.plant, {PersonPeriod: stage.people})
        work.record(SET, stage.plant)
    return stage


@contextmanager
def command_line(patch: pytest.MonkeyPatch, rulebase: RuleBase) -> Iterator[None]:
    """Let commands live on the day of the web's tests, with its passwords and these rules."""
    from compliance.bootstrap import installation
    from tests.cli.conftest import live_on

    live_on(patch, TODAY)
    patch.setattr(installation, "read_rules", lambda _directory: rulebase)
    patch.setattr(Argon2, "hash", lambda _, password: PlainPasswords().hash(password))
    patch.setattr(Argon2, "check", lambda _, kept, password: PlainPasswords().check(kept, password))
    yield
