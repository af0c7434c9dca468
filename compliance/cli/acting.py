"""Commands by which people act: take a step, look at a case, raise a nonconformity. The password signs each time."""

from __future__ import annotations

import mimetypes
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from getpass import getpass
from pathlib import Path
from typing import ClassVar

from compliance.bootstrap.installation import Installation, opened
from compliance.bootstrap.links import door_of
from compliance.bootstrap.usecases import casework, enter_row, person_in
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.core.accounts import BY_PASSWORD, BY_RECOVERY, CodeNeeded, Entered, Origin, finish, sign_in, sign_out
from compliance.core.acts import ObjectRef
from compliance.core.cases import (
    OCCURRENCE,
    CaseKey,
    Looked,
    NoSuchCase,
    Raised,
    StoredStep,
    Wish,
    raise_nonconformity,
)
from compliance.core.cases.things import EVIDENCE_DAY
from compliance.core.denials import deny
from compliance.core.duties import Allowed, Person, could_take
from compliance.core.imports import Entry, ImportRefused, kind_of, together
from compliance.core.looking import choose_plant
from compliance.core.permissions import Denied, Permission, may
from compliance.core.plants import NoSuchPlant, Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.casework import next_steps
from compliance.rulebase.schema import CaseStep, FieldType, Obligation

_DATED = re.compile(r"(.+)@(\d{4}-\d{2}-\d{2})", re.ASCII | re.DOTALL)
_UNKNOWN_TYPE = "application/octet-stream"
#: From where tries are counted when a person signs on the server.
_HERE = "cli"


class NoSuchFileHere(WrongUse):
    """A file of the command does not exist or is a folder."""

    code = "no-such-file-here"
    text: ClassVar[Text] = Text(zh="没有文件“{path}”", en="There is no file {path!r}")


class NotAField(WrongUse):
    """A field of the command is not one of the step or of the table."""

    code = "not-a-field"
    text: ClassVar[Text] = Text(
        zh="“{step}”没有字段“{field}”；有：{fields}", en="{step} has no field {field!r}; there are: {fields}"
    )


class NotTaken(Refused):
    """The row was refused; every bad field is named."""

    code = "not-taken"
    text: ClassVar[Text] = Text(zh="未写入：{problems}", en="Nothing was written: {problems}")


@dataclass(frozen=True, slots=True)
class Acting:
    """Who acts where."""

    installation: Installation
    plant: Plant
    person: Person
    #: How the person has just proved who they are.
    method: str = BY_PASSWORD


def act(args: Namespace) -> int:
    """Take a step of a case; what is refused exits with 1 and is on the trail."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _take(who, args))


def case(args: Namespace) -> int:
    """Where a case stands: state, fields, steps, and what may follow."""
    with opened(args.data) as installation, installation.register.read() as reads:
        plant = choose_plant(reads, args.plant)
        key = _key(installation, args.kind, args.id)
        looked = casework(installation).look(reads, plant, key)
    shown = case_told(looked)
    if args.json:
        print_json(shown)
    else:
        _print_looked(looked)
    return DONE


def nonconformity_raise(args: Namespace) -> int:
    """Raise a nonconformity."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _raise(who, args))


def entering(args: Namespace) -> int:
    """Enter one row of data, as by the form; bad fields are named like an import's."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _enter(who, args))


# --- who acts --------------------------------------------------------------------------------------------------------


def password_of(args: Namespace) -> str:
    """The password of whoever acts."""
    return sys.stdin.readline().rstrip("\n") if args.password_stdin else getpass("密码 / password: ")


def code_of(args: Namespace) -> str:
    """The one-time code of those who use codes: asked for, or the next line of standard input."""
    return sys.stdin.readline().strip() if args.password_stdin else getpass("验证码 / one-time code: ").strip()


@contextmanager
def proved(installation: Installation, args: Namespace, password: str) -> Iterator[Entered | Refused]:
    """Whoever a login is, for one act; a wrong password or code is a refusal like any other."""
    door, origin, clock = door_of(installation), Origin(_HERE), installation.clock
    try:
        found = sign_in(door, login=args.login, password=password, origin=origin, now=clock.now())
        if isinstance(found, CodeNeeded):
            found = finish(door, found.token, code=code_of(args), origin=origin, now=clock.now())
    except Refused as refusal:
        yield refusal
        return
    try:
        yield found
    finally:
        sign_out(installation.register, found.signed_in, clock.now())


@contextmanager
def signed(installation: Installation, args: Namespace, password: str) -> Iterator[Acting | Refused]:
    """The person of a login in a plant, for one act."""
    with proved(installation, args, password) as found:
        yield found if isinstance(found, Refused) else _acting(installation, found, args.plant)


def _acting(installation: Installation, entered: Entered, key: str | None) -> Acting:
    signed_in = entered.signed_in
    with installation.register.read() as reads:
        plant = choose_plant(reads, key)
    if not signed_in.roles_in(plant.key):
        # Another's plant is answered like one that does not exist.
        raise NoSuchPlant(plant=key or plant.key)
    return Acting(installation, plant, person_in(installation, signed_in, plant), entered.method)


def answered(args: Namespace, acting: Acting | Refused, do: Callable[[Acting], dict[str, object]]) -> int:
    """Print what was done, or why it was refused."""
    try:
        if isinstance(acting, Refused):
            raise acting
        done = do(acting)
    except Refused as refusal:
        say(f"{refusal.code}: {refusal.message}")
        if args.json:
            print_json({"refused": {"code": refusal.code, "message": refusal.message}})
        return PROBLEMS
    if args.json:
        print_json(done)
    else:
        print_table(("", ""), done.items())
    return DONE


# --- what they do ----------------------------------------------------------------------------------------------------


def _take(acting: Acting, args: Namespace) -> dict[str, object]:
    at, work = acting.installation, casework(acting.installation)
    key = _key(at, args.kind, args.id)
    files = [_file(text) for text in args.file]
    with at.register.read() as reads:
        looked = work.look(reads, acting.plant, key)
    step = looked.thing.workflow.step(args.step)
    if step is None:
        raise NoSuchCase(name=args.step)
    values = named_values(looked, step, args, files)
    may = could_take(looked.thing.workflow, looked.view, step, acting.person, looked.thing.sides)
    # What will be refused brings no file into the vault.
    kept = tuple(_keep(at, path) for path, _ in files) if isinstance(may, Allowed) else ()
    work.keep_uploads(acting.plant, acting.person.login, key, kept)
    wish = Wish(key, step.id, values, kept, looked.view.state, len(looked.steps), existing=tuple(args.existing))
    wish = replace(wish, method=acting.method)
    row = work.take(acting.plant, acting.person, wish, signed=acting.method != BY_RECOVERY)
    with at.register.read() as reads:
        last = reads.case_steps(acting.plant, key)[-1]
    return {"case": key.object_id, "state": row.state, "step": last.step, "seq": last.seq, "digest": last.digest}


def _raise(acting: Acting, args: Namespace) -> dict[str, object]:
    raised = Raised(args.title, args.category, args.grade, args.about)
    opened = raise_nonconformity(casework(acting.installation), acting.plant, acting.person, raised)
    return {"case": opened.number, "state": opened.state, "category": opened.category, "grade": opened.grade}


def _enter(acting: Acting, args: Namespace) -> dict[str, object]:
    match may(acting.person.roles, Permission.ENTER):
        case Denied() as denied:
            raise deny(acting.installation.register, acting.plant, acting.person.actor(), Permission.ENTER, denied)
    entry = Entry(args.table, dict(args.field), args.reason or "")
    columns = [c.name for c in kind_of(entry.table).SHEET.columns]
    if unknown := entry.values.keys() - set(columns):
        raise NotAField(step=entry.table, field=", ".join(sorted(unknown)), fields=", ".join(columns))
    report = enter_row(acting.installation, acting.plant, entry, acting.person.actor())
    if isinstance(report, ImportRefused):
        raise NotTaken(problems=together(report.problems))
    count = report.sheets[kind_of(args.table).SHEET.heading]
    return {"table": args.table, "added": count.added, "changed": count.changed, "seq": report.seq}


def _key(installation: Installation, kind: str, name: str) -> CaseKey:
    """The case of a name; an occurrence is also named by the code of its obligation."""
    code, slash, rest = name.partition("/")
    rules = installation.rulebase.of(Obligation) if kind == OCCURRENCE else ()
    known = next((rule.id for rule in rules if rule.code == code), code)
    return CaseKey(kind, known + slash + rest)


def named_values(
    looked: Looked, step: CaseStep, args: Namespace, files: Sequence[tuple[Path, str]]
) -> dict[str, str | bool | tuple[str, ...]]:
    """What the command says; the day of the evidence is the latest day of its files unless it is given."""
    workflow = looked.thing.workflow
    fields = [f for name in (*step.needs, *step.offers) if (f := workflow.field(name))]
    plain = {f.id for f in fields if f.type is not FieldType.FILES}
    given = dict(args.field)
    for name in given.keys() - plain:
        raise NotAField(step=step.id, field=name, fields=", ".join(sorted(plain)))
    if (files or args.existing) and len(plain) == len(fields):
        raise NotAField(step=step.id, field="--file", fields=", ".join(sorted(plain)))
    if EVIDENCE_DAY in plain and (latest := max((day for _, day in files), default="")):
        given.setdefault(EVIDENCE_DAY, latest)
    return given | ({"reason": args.reason} if args.reason else {})


def _file(text: str) -> tuple[Path, str]:
    """A file and the day of the evidence in it, where one is named."""
    dated = _DATED.fullmatch(text)
    path, day = (Path(dated[1]), dated[2]) if dated and not Path(text).exists() else (Path(text), "")
    if not path.is_file():
        raise NoSuchFileHere(path=str(path))
    return path, day


def _keep(installation: Installation, path: Path) -> ObjectRef:
    media_type = mimetypes.guess_type(path.name)[0] or _UNKNOWN_TYPE
    with path.open("rb") as source:
        return installation.vault.put(source, name=path.name, media_type=media_type)


# --- a look ----------------------------------------------------------------------------------------------------------


def case_told(looked: Looked) -> dict[str, object]:
    """A case as JSON tells it."""
    state = looked.thing.workflow.state(looked.view.state)
    return {
        "case": looked.thing.key.object_id,
        "kind": looked.thing.key.kind,
        "title": looked.thing.title,
        "state": looked.view.state,
        "state_title": state.title if state else None,
        "fields": dict(looked.view.fields),
        "steps": [_step(step) for step in looked.steps],
        "next": [_next(step) for step in next_steps(looked.thing.workflow, looked.view)],
    }


def _step(step: StoredStep) -> dict[str, object]:
    return {
        "seq": step.seq,
        "step": step.step,
        "state": step.state,
        "at": step.at,
        "login": step.login,
        "account": step.account,
        "name": step.name,
        "posts": step.posts,
        "values": dict(step.values),
        "files": [{"sha256": f.sha256, "size": f.size, "name": f.name} for f in step.files],
        "signed": step.signature.meaning if step.signature else None,
        "digest": step.digest,
    }


def _next(step: CaseStep) -> dict[str, object]:
    return {
        "step": step.id,
        "title": step.title,
        "to": step.to,
        "by": list(step.by),
        "not_by": list(step.not_by),
        "needs": list(step.needs),
        "offers": list(step.offers),
        "reason": step.reason,
        "signed": step.sign,
    }


def _print_looked(looked: Looked) -> None:
    state = looked.thing.workflow.state(looked.view.state)
    print_table(("", ""), [(looked.thing.key.object_id, looked.thing.title), ("", state.title if state else "")])
    print_table(("字段 field", "值 value"), looked.view.fields.items())
    print_table(("步骤 step", "姓名 name", "时间 at"), ((s.step, s.name, s.at) for s in looked.steps))
    follow = next_steps(looked.thing.workflow, looked.view)
    print_table(("可办 next", "", "须填 needs"), ((s.id, s.title, "、".join(s.needs)) for s in follow))
