"""The pages of a template's sample where a worker makes them: asked for, made once, kept, and shown from then on."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from io import BytesIO

import pytest
from sqlalchemy import select

from compliance.adapters.fsck import fsck
from compliance.adapters.tables import audit_entry
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.documents import NotRendered
from compliance.core.jobs import Runner
from compliance.core.templates import SamplePages, Templates
from compliance.core.templates.pages import KIND
from compliance.kernel.text import Text
from tests.adapters.test_group_templates import GROUP
from tests.adapters.test_own_templates import OWN, RULE
from tests.web.conftest import Browser
from tests.web.test_own_templates import PDF, post, propose
from tests.web.test_own_templates import own as two_controllers
from tests.web.test_pages import Page
from tests.web.told import leaves
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords, World

__all__ = ["two_controllers"]


@dataclass
class Program:
    """The program with a worker: what LibreOffice and the drawer were asked."""

    world: World
    later: SamplePages
    browsers: dict[str, Browser]
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    def work(self) -> int:
        hands = Runner(
            self.world.register, {KIND: self.later}, "worker", self.world.clock.now,
            lambda when: when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        )  # fmt: skip
        steps = 0
        while hands.step():
            steps += 1
        return steps


def program_of(world: World, *logins: str) -> Program:
    made: list[Program] = []

    def pages(document: bytes) -> bytes:
        assert document.startswith(b"PK")
        made[0].asked.append("pages")
        if made[0].broken:
            raise NotRendered(reason=Text("坏了", "broken"))
        return PDF

    def draw(pdf: bytes, page: int) -> bytes:
        assert pdf == PDF
        made[0].asked.append(f"draw {page}")
        return b"\x89PNG%d" % page

    desk = replace(world.desk, pages=pages)
    later = SamplePages(desk, world.jobs, draw)
    doing = Templates(world.register, desk, lambda: NOW.isoformat(timespec="milliseconds"), draw, later)
    app = world.app()
    app.extensions["compliance"] = replace(app.extensions["compliance"], templates=lambda: doing)
    browsers = {login: Browser(app) for login in logins}
    for login, browser in browsers.items():
        assert browser.sign_in(login).status_code == 302
    made.append(Program(world, later, browsers))
    return made[0]


@pytest.fixture
def program(two_controllers: World) -> Program:
    return program_of(two_controllers, "first", "second", "auditor", "west")


def proposed(program: Program, data: bytes = OWN) -> str:
    answer = propose(program.browsers["first"], data)
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_pages_are_asked_for_made_once_by_a_worker_and_kept(program: Program) -> None:
    where = proposed(program)
    first, auditor = program.browsers["first"], program.browsers["auditor"]
    assert program.asked == []  # nothing is made while somebody waits
    text = first.get(where).text
    assert Page(text).problems() == []
    assert "样张页面尚未生成" in text
    assert f"{where}/pages" not in auditor.get(where).text  # who may not, is not offered it
    for path in (f"{where}/pages/1.png", f"{where}/files/pdf", f"{where}/progress"):
        assert first.get(path).status_code == 404
    before = leaves(program.world)
    assert post(auditor, f"{where}/pages").status_code == 403
    for _ in range(2):
        assert post(first, f"{where}/pages").status_code == 303
    assert leaves(program.world) == before + 2  # the refusal, and the job that is asked for once
    assert "data-job" in auditor.get(where).text
    assert auditor.get(f"{where}/progress").get_json()["open"] is True
    assert program.asked == []

    program.work()
    assert program.asked == ["pages", "draw 1", "draw 2"]
    with program.world.register.database.read() as connection:
        asked = select(audit_entry.c.leaf).where(audit_entry.c.kind == "job:pages")
        (leaf,) = connection.execute(asked).scalars()
    assert [one["type"] for one in json.loads(leaf)["objects"]] == ["application/pdf", "image/png", "image/png"]
    for browser in (first, auditor):
        page = browser.get(where)
        assert Page(page.text).problems() == []
        assert page.text.count('class="page-shot"') == 2
        assert "data-job" not in page.text
        assert [browser.get(f"{where}/pages/{n}.png").data for n in (1, 2)] == [b"\x89PNG1", b"\x89PNG2"]
        assert browser.get(f"{where}/pages/3.png").status_code == 404
        assert browser.get(f"{where}/files/pdf").data == PDF
    assert program.browsers["west"].get(f"{where}/progress").status_code in {403, 404}
    assert post(first, f"{where}/pages").status_code == 303
    assert program.work() == 0
    assert program.asked == ["pages", "draw 1", "draw 2"]
    report = fsck(program.world.register.database, program.world.vault)
    assert [c.code for c in report.checks if not c.ok and c.code in {"objects", "files", "strays", "templates"}] == []

    # The same file proposed again shows the same pages.
    assert post(first, f"{where}/reject", reason="再看").status_code == 303
    again = proposed(program)
    assert again != where
    assert first.get(again).text.count('class="page-shot"') == 2
    assert program.asked == ["pages", "draw 1", "draw 2"]
    assert post(first, f"{again}/reject", reason="再看").status_code == 303


def test_what_fails_says_why_and_is_asked_for_again(program: Program) -> None:
    where = proposed(program, GROUP)
    first = program.browsers["first"]
    program.broken = True
    assert post(first, f"{where}/pages").status_code == 303
    program.work()
    text = first.get(where).text
    assert "坏了" in text
    assert 'class="page-shot"' not in text
    program.broken = False
    assert post(first, f"{where}/pages").status_code == 303
    program.work()
    assert first.get(where).text.count('class="page-shot"') == 2


def test_the_groups_pages_are_shown_under_every_plant(two_controllers: World) -> None:
    new = NewUser("everywhere", "everywhere", None, None, Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(two_controllers.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    program = program_of(two_controllers, "everywhere", "west")
    browser, west = program.browsers["everywhere"], program.browsers["west"]
    given = {"type": RULE, "reason": "集团版式", "template": (BytesIO(GROUP), "g.docx")}
    answer = post(browser, "/p/east/group-templates", **given)
    assert answer.status_code == 303, answer.text[-1500:]
    where = str(answer.headers["Location"])
    assert post(browser, f"{where}/pages").status_code == 303
    program.work()
    assert west.get(f"{where.replace('/east/', '/west/')}/pages/2.png").data == b"\x89PNG2"
