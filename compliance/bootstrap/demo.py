"""The example plant: a demo workspace relative to today, with one sign-in a role."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from compliance.adapters.accounts import Argon2
from compliance.adapters.example import example_plant, write
from compliance.adapters.example.words import layout
from compliance.bootstrap.installation import OPERATOR, Installation, make_workspace, opened
from compliance.bootstrap.usecases import enter_row, import_file, pulse
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.imports import Entry, ImportRefused
from compliance.core.model import Event, PersonPeriod
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.schema import Post


class ExampleRefused(CannotDecide):
    """The example plant does not import: generator and rules differ."""

    code = "example-refused"
    text = Text(zh="示例企业未能导入：{problem}", en="The example plant was refused: {problem}")


class DemoAccount(TypedDict):
    """A sign-in of the demo, with its password in clear: it is shown once."""

    login: str
    password: str
    person: str | None
    roles: list[str]


@dataclass(frozen=True, slots=True)
class Demo:
    """What was made."""

    plant: str
    accounts: Sequence[DemoAccount]
    url: str


def make_demo(data: Path, progress: Progress) -> Demo:
    """Make a demo workspace with the example plant, judged up to today."""
    make_workspace(data, demo=True)
    with opened(data) as installation:
        plant = _import(installation, progress)
        _account_used(installation, plant)
        pulse(installation).reconcile(plant, installation.clock.today(), progress)
        accounts = _accounts(installation, plant)
        return Demo(plant.key, accounts, f"http://{installation.config.server.host}:{installation.config.server.port}")


def _import(installation: Installation, progress: Progress) -> Plant:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "example.xlsx"
        write(example_plant(installation.clock.today()), path)
        report = import_file(installation, path, OPERATOR, None, progress)
    if isinstance(report, ImportRefused):
        first = report.problems[0]
        raise ExampleRefused(problem=f"{first.sheet} {first.row} {first.column} {first.message}")
    with installation.register.read() as reads:
        plant = reads.plant(report.plant)
    if plant is None:
        raise ExampleRefused(problem=report.plant)
    return plant


def _account_used(installation: Installation, plant: Plant) -> None:
    """Record that an account is used today, which a workbook cannot say: the demo has an operation to approve."""
    used = layout()["example"]["account_use"]
    values = {**used, "on": installation.clock.today().isoformat()}
    report = enter_row(installation, plant, Entry(Event.SHEET.table, values), OPERATOR)
    if isinstance(report, ImportRefused):
        raise ExampleRefused(problem=report.problems[0].message.zh)


def _accounts(installation: Installation, plant: Plant) -> list[DemoAccount]:
    with installation.register.read() as reads:
        periods = [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
    passwords = Argon2()
    made: list[DemoAccount] = []
    taken: set[str] = set()
    for login, given in layout()["sign_in"].items():
        role, post = Role(given["role"]), given.get("post")
        person = _holder(installation, periods, post, taken) if post else None
        taken |= {person.account} if person else set()
        password = secrets.token_urlsafe(12)
        new = NewUser(
            login=login,
            name=person.name or login if person else login,
            person=person.account if person else None,
            plant=plant.key,
            role=role,
            password=password,
        )
        add_user(installation.register, passwords, new, actor=OPERATOR, now=installation.clock.now())
        made.append({"login": login, "password": password, "person": new.person, "roles": [role.value]})
    return made


def _holder(
    installation: Installation, periods: Sequence[PersonPeriod], post: str, taken: Container[str]
) -> PersonPeriod | None:
    """A person who holds a post today; rather one without a sign-in: nobody reviews and approves the same thing."""
    today = installation.clock.today()
    rule = installation.rulebase.get(Post, post, today)
    people = People(periods)
    words = rule.words if rule else ()
    holders = [p for p in periods if p.until is None and people.holds(p.account, words, today)]
    return next((p for p in holders if p.account not in taken), next(iter(holders), None))
