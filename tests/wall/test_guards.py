"""Every guard of every step of every workflow refuses by web, command line and API, names the rule, changes nothing.

The situations are made from the rules: a new step, state or guard is tried as soon as it is written there.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from compliance.rulebase.casework import FIELD, CaseView
from compliance.rulebase.schema import CaseStep, FieldType, Workflow
from tests.wall.stage import BY_PROGRAM, EVIDENCE, OWNER, Seed, Stage, files_of, path_to
from tests.web.world import TODAY, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.core.cases import CaseKey

pytestmark = pytest.mark.slow

RULES = rules()
STEPS = [(w.id, s.id) for w in RULES.in_force(Workflow, TODAY) for s in w.steps]
#: Steps that some person takes; every person is refused the others, too.
TAKEN = [(w.id, s.id) for w in RULES.in_force(Workflow, TODAY) for s in w.steps if s.by != BY_PROGRAM]
NOT_YOURS = "您的岗位和权限不办理此步"
#: How many wrong states, posts and roles are tried for a step by each door.
SAMPLE = 3


@dataclass(frozen=True)
class Attempt:
    """Somebody tries a step that one guard alone refuses. ``alone``: the reason is the only one."""

    guard: str
    login: str
    key: CaseKey
    values: dict[str, Any]
    reason: str
    file: bool = True
    alone: bool = True


class Refusals:
    """The situations of one step."""

    def __init__(self, stage: Stage, workflow: Workflow, step: CaseStep) -> None:
        self.stage, self.workflow, self.step = stage, workflow, step
        self.seeds = stage.seeds(workflow.applies_to)
        way = self.way()
        assert way is not None, f"no way leads to {step.id}"
        self.key = stage.case(workflow, *way)
        self.values = stage.values(workflow, step, self.key)

    def ready(self, view: CaseView) -> bool:
        """Whether the step leads on from here."""
        return view.state in self.step.from_ and all(view.fields.get(k) == v for k, v in self.step.when.items())

    def way(self, *, through: str = "", named: str = "") -> tuple[Seed, tuple[str, ...]] | None:
        """How a case comes to where the step leads on, through a step, or with a field filled."""
        for seed in self.seeds:
            path = path_to(
                self.workflow,
                seed,
                lambda v: (
                    self.ready(v)
                    and (not through or any(t.step == through for t in v.taken))
                    and (not named or bool(v.fields.get(named)))
                ),
            )
            if path is not None:
                return seed, path
        return None

    def case(self, **asked: str) -> CaseKey | None:
        way = self.way(**asked)
        return self.stage.case(self.workflow, *way) if way else None

    def all(self) -> Iterator[Attempt]:
        yield from self.wrong_state()
        yield from self.strangers(self.key)
        yield from self.barred()
        yield from self.not_for()
        if self.step.by != BY_PROGRAM:
            yield from self.missing(self.key)
        yield from self.not_meant()

    def wrong_state(self) -> Iterator[Attempt]:
        """From states that the step does not follow."""
        others = [s for s in self.workflow.states if s.id not in self.step.from_]
        tried = 0
        for state in sorted(others, key=lambda s: not s.final):
            for seed in self.seeds:
                path = path_to(self.workflow, seed, lambda v, name=state.id: v.state == name)  # type: ignore[misc] # bound at once
                if path is not None and tried < SAMPLE:
                    tried += 1
                    key = self.stage.case(self.workflow, seed, path)
                    reason = f"当前状态为“{state.title.zh}”，不能办理此步"
                    yield Attempt(f"in {state.id}", "omni5", key, self.values, reason, alone=False)
                    break

    def strangers(self, key: CaseKey) -> Iterator[Attempt]:
        """Persons of one post or one role, none of which takes the step."""
        sides = self.stage.look(key).thing.sides
        posts = {w.removeprefix("post:") for w in self.step.by} | {
            str(getattr(sides, w.removeprefix("rule:"), "")) for w in self.step.by if w.startswith("rule:")
        }
        other_posts = [n for n in self.stage.roles if n.startswith("post.") and n.removeprefix("post.") not in posts]
        roles = {w.removeprefix("role:") for w in self.step.by}
        if "verifier" in roles:
            other_posts = []
        other_roles = [n for n in self.stage.roles if n.startswith("role.") and n.removeprefix("role.") not in roles]
        for login in (*other_posts[:SAMPLE], *other_roles):
            # The files of somebody who may not are not even taken; then they are missing, too.
            alone = not files_of(self.workflow, self.step.needs)
            yield Attempt(f"as {login}", login, key, self.values, NOT_YOURS, alone=alone)

    def barred(self) -> Iterator[Attempt]:
        """Persons who took another step of the case, or whom a field of it names."""
        for name in self.step.not_by:
            if name.startswith(FIELD):
                known = self.workflow.field(name.removeprefix(FIELD))
                key = self.case(named=name.removeprefix(FIELD))
                assert known is not None
                assert key is not None, f"{self.step.id}: {name} is never filled before"
                yield Attempt(name, self.login(OWNER), key, self.values, f"您是本件的“{known.title.zh}”", alone=False)
                continue
            key = self.case(through=name)
            if key is None:  # guards a way that the rules do not lead any more
                continue
            other = self.workflow.step(name)
            assert other is not None
            login = next(s.login for s in self.stage.look(key).steps if s.step == name)
            yield Attempt(name, login, key, self.values, f"您已办理“{other.title.zh}”", alone=False)

    def not_for(self) -> Iterator[Attempt]:
        """Persons whom the step may not name: in a field already, or takers of another step."""
        persons = [n for n in self.step.needs if (f := self.workflow.field(n)) and f.type is FieldType.PERSON]
        for name in self.step.not_for if persons else ():
            field = name.removeprefix(FIELD) if name.startswith(FIELD) else ""
            key = self.case(named=field) if field else self.case(through=name)
            if key is None:
                continue
            found = self.stage.look(key)
            if field:
                account, reason = str(found.view.fields[field]), "此人已是"
            else:
                account, reason = next(s.account for s in found.steps if s.step == name), "此人已办理"
            login = self.stage.allowed(key, self.step)
            assert login is not None
            yield Attempt(f"not for {name}", login, key, self.values | {persons[0]: account}, reason, alone=False)

    def missing(self, key: CaseKey) -> Iterator[Attempt]:
        """Every needed field left out, one at a time, and the reason."""
        login = self.stage.allowed(key, self.step)
        assert login is not None
        view = self.stage.look(key).view
        given = {name for taken in view.taken for name in taken.values}
        for name in self.step.needs:
            known = self.workflow.field(name)
            assert known is not None
            if name in given or not view.fields.get(name):
                rest = {k: v for k, v in self.values.items() if k != name}
                file = known.type is not FieldType.FILES
                yield Attempt(f"no {name}", login, key, rest, f"缺少“{known.title.zh}”", file)
        if self.step.reason:
            rest = {k: v for k, v in self.values.items() if k != "reason"}
            yield Attempt("no reason", login, key, rest, "缺少理由")

    def not_meant(self) -> Iterator[Attempt]:
        """Cases to which the step does not apply."""
        for seed in self.seeds if self.step.when else ():
            if any(seed.opens.get(k) != v for k, v in self.step.when.items() if k in seed.opens):
                path = path_to(self.workflow, seed, lambda v: v.state in self.step.from_)
                if path is not None:
                    key = self.stage.case(self.workflow, seed, path)
                    yield Attempt(f"when {seed.name}", "omni5", key, self.values, "本件不适用此步", alone=False)

    @staticmethod
    def login(account: str) -> str:
        return f"omni{int(account[1:])}"


def _refusals(stage: Stage, workflow: str, step: str) -> Refusals:
    rule = next(w for w in stage.workflows() if w.id == workflow)
    found = rule.step(step)
    assert found is not None
    return Refusals(stage, rule, found)


def _refused(said: str, refusals: Refusals, attempt: Attempt) -> None:
    """The answer names step, reason and rule, and no other reason where the guard stands alone."""
    step, rule = refusals.step.title.zh, refusals.workflow.id
    assert attempt.reason in said, (attempt, said[-1500:])
    assert f"规则 {rule}" in said, attempt
    if attempt.alone:
        assert f"不能办理“{step}”：{attempt.reason}（规则 {rule}）" in said, (attempt, said[-1500:])


@pytest.mark.parametrize(("workflow", "step"), STEPS)
def test_every_guard_refuses_at_every_door(stage: Stage, workflow: str, step: str) -> None:
    refusals = _refusals(stage, workflow, step)
    attempts = list(refusals.all())  # the cases stand before anything is counted
    kind = refusals.workflow.applies_to
    assert len({a.guard for a in attempts}) == len(attempts)
    typed: set[str] = set()
    for attempt in attempts:
        stage.at(attempt.login)  # signs in before anything is counted
        files = _uploaded(stage, refusals, attempt)
        before, leaves = stage.digest(), stage.leaves()
        answer = stage.by_web(attempt.login, attempt.key, refusals.step, attempt.values, file=attempt.file)
        assert 400 <= answer.status_code < 500, (attempt, answer.status_code)
        _refused(unescape(answer.text), refusals, attempt)
        assert _new(leaves, stage.leaves()) == [f"{kind}:refused"], attempt
        assert stage.digest() == before, attempt

        leaves = stage.leaves()
        answer = stage.by_api(attempt.login, attempt.key, refusals.step, attempt.values, files=files)
        assert answer.status_code in {403, 409}, (attempt, answer.text)
        _refused(answer.text, refusals, attempt)
        assert answer.json is not None
        assert answer.json["rule"] == refusals.workflow.id, attempt
        assert _new(leaves, stage.leaves()) == [f"{kind}:refused"], attempt
        assert stage.digest() == before, attempt

        # A command opens the whole installation: of states, posts and roles it tries the first of each.
        sort = attempt.guard.partition(".")[0] if attempt.guard.startswith("as ") else attempt.guard
        sort = "in" if sort.startswith("in ") else sort
        if sort in typed:
            continue
        typed.add(sort)
        leaves = stage.leaves()
        code, said = stage.by_cli(attempt.login, attempt.key, refusals.step, attempt.values, file=attempt.file)
        assert code == 1, (attempt, code, said)
        _refused(said, refusals, attempt)
        around = ["session:sign-in", "session:sign-out"]
        assert _new(leaves, stage.leaves()) == sorted([f"{kind}:refused", *around]), attempt
        assert stage.digest() == before, attempt


def _uploaded(stage: Stage, refusals: Refusals, attempt: Attempt) -> list[str]:
    """The file of an attempt as programs hand it in: first uploaded, then named."""
    program = stage.program(attempt.login)
    if not attempt.file or not files_of(refusals.workflow, refusals.step.needs):
        return []
    data = {"file": (io.BytesIO(EVIDENCE), "证据.pdf")}
    answer = program.ask("POST", "plants/east/files", data=data, content_type="multipart/form-data")
    return [row["sha256"] for row in answer.json["rows"]] if answer.status_code == 201 and answer.json else []


def _new(before: list[str], now: list[str]) -> list[str]:
    """The kinds of leaves that came."""
    rest = list(now)
    for kind in before:
        rest.remove(kind)
    return sorted(rest)


@pytest.mark.parametrize(("workflow", "step"), TAKEN)
def test_a_wrong_password_and_an_old_page_are_refused_and_then_the_step_is_taken_once(
    stage: Stage, workflow: str, step: str
) -> None:
    refusals = _refusals(stage, workflow, step)
    way = refusals.way()
    assert way is not None
    key = stage.case(refusals.workflow, *way, fresh=True)
    login = stage.allowed(key, refusals.step)
    assert login is not None
    refusals.values = stage.values(refusals.workflow, refusals.step, key)
    stage.at(login)
    kind = refusals.workflow.applies_to
    before = stage.digest()
    tries: list[tuple[str, dict[str, Any], int, str]] = [
        ("old state", {"seen": "nowhere"}, 409, "状态已变化"),
        ("old count", {"seen_steps": "99"}, 409, "状态已变化"),
        ("no count", {"seen_steps": ""}, 409, "状态已变化"),
    ]
    if refusals.step.sign:
        tries += [
            ("wrong", {"password": "wrong"}, 403, "密码不正确，未签署"),
            ("none", {"password": ""}, 403, "未签署"),
        ]
    for name, more, status, said in tries:
        leaves = stage.leaves()
        answer = stage.by_web(login, key, refusals.step, refusals.values, **more)
        assert answer.status_code == status, (name, answer.status_code)
        assert said in unescape(answer.text), name
        assert _new(leaves, stage.leaves()) == [f"{kind}:refused"], name
        # The files of a page that is old by now are in the vault without a row; the register has not changed.
        assert stage.digest() == before, name
    leaves = stage.leaves()
    code, said = stage.by_cli(login, key, refusals.step, refusals.values, password="wrong")
    assert (code, "sign-in-refused" in said) == (1, True)
    assert _new(leaves, stage.leaves()) == ["session:refused"]
    assert stage.digest() == before
    stage.forget_tries()
    leaves = stage.leaves()
    answer = stage.by_web(login, key, refusals.step, refusals.values)
    assert answer.status_code == 303, unescape(answer.text)[-1500:]
    # What follows from it for another version of a document is the program's own act.
    followed = {f"{kind}:{s.id}" for s in refusals.workflow.steps if s.by == BY_PROGRAM}
    assert [leaf for leaf in _new(leaves, stage.leaves()) if leaf not in followed] == [f"{kind}:{step}"]
    assert stage.digest() != before


def test_the_digest_sees_every_change_that_counts(stage: Stage) -> None:
    refusals = _refusals(stage, *STEPS[0])
    way = refusals.way()
    assert way is not None
    key = stage.case(refusals.workflow, *way, fresh=True)
    before = stage.digest()
    stage.drive(key, refusals.step.id)
    assert stage.digest() != before
