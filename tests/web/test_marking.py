"""The marked pages of a version that has ended: asked for, made once by a worker, kept, handed over from then on."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from compliance.adapters.fsck import fsck
from compliance.adapters.tables import audit_entry
from compliance.core.documents.marking import KIND, Marking
from compliance.core.jobs import Runner
from tests.web.test_pages import Page
from tests.web.test_readers import at, issue, staff, take
from tests.web.told import leaves
from tests.web.world import ACTOR, TODAY, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Browser

__all__ = ["at", "staff"]

LATER = TODAY.replace(year=TODAY.year + 1)


class Printer:
    """Stands for LibreOffice: it counts how often it was asked, and fails where it is to."""

    def __init__(self) -> None:
        self.asked, self.broken = 0, False

    def __call__(self, docx: bytes) -> bytes:
        self.asked += 1
        if self.broken:
            raise OSError
        return b"%PDF-1.7 " + docx


@pytest.fixture
def printer(monkeypatch: pytest.MonkeyPatch) -> Printer:
    made, plain = Printer(), vars(World)["desk"]
    monkeypatch.setattr(World, "desk", property(lambda self: replace(plain.fget(self), pages=made)))
    return made


def work(world: World) -> int:
    """Let a worker do what is to be done; how many steps it took."""
    kinds = {KIND: Marking(world.desk, world.jobs)}
    hands = Runner(
        world.register, kinds, "worker", world.clock.now, lambda when: when.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    )
    steps = 0
    while hands.step():
        steps += 1
    return steps


def opened(at: Callable[[str], Browser], rule: str) -> str:
    made: str = at("keeper").post("/p/east/documents/open", {"rule": rule}).headers["Location"]
    return made


def withdraw(at: Callable[[str], Browser], page: str) -> None:
    take(at("keeper"), page, "ask-withdrawal", reason="不再适用")
    take(at("boss"), page, "withdraw")


def test_they_are_asked_for_made_once_by_a_worker_and_kept(
    world: World, at: Callable[[str], Browser], printer: Printer
) -> None:
    page = opened(at, "carbon-policy")
    issue(at, page, TODAY)
    withdraw(at, page)
    reader, where = at("checker"), f"{page}/marked"
    asked = reader.get(f"{page}/files/pages")
    assert (asked.status_code, asked.headers["Location"]) == (302, where)
    text = reader.get(where).text
    assert "尚未生成" in text
    assert not Page(text).wrong
    others = [at(login) for login in ("checker", "keeper")]
    before = leaves(world)
    for _ in range(2):
        answer = reader.post(where)
        assert (answer.status_code, answer.headers["Location"]) == (303, where)
    assert leaves(world) == before + 1
    assert printer.asked == 0  # nothing is made in a request
    assert "data-job" in reader.get(where).text
    assert reader.get(f"{where}/progress").get_json()["open"] is True
    assert reader.get(f"{page}/files/pages").headers["Location"] == where

    work(world)
    assert (printer.asked, leaves(world)) == (1, before + 3)  # the pages, and the end of the job
    assert reader.get(f"{where}/progress").get_json()["open"] is False
    text = reader.get(where).text
    assert "已生成并留存" in text
    assert not Page(text).wrong
    got = [browser.get(f"{page}/files/pages") for browser in (reader, *others)]
    assert {(one.status_code, one.mimetype) for one in got} == {(200, "application/pdf")}
    assert {one.data[:11] for one in got} == {b"%PDF-1.7 PK"}
    assert len({one.data for one in got}) == 1
    assert reader.post(where).status_code == 303
    assert work(world) == 0
    assert (printer.asked, leaves(world)) == (1, before + 3)
    with world.register.database.read() as connection:
        (leaf,) = connection.execute(select(audit_entry.c.leaf).where(audit_entry.c.kind == "job:pages")).scalars()
    assert [one["name"][-4:] for one in json.loads(leaf)["objects"]] == [".pdf"]
    report = fsck(world.register.database, world.vault)
    assert [c.code for c in report.checks if not c.ok and c.code in {"objects", "files", "strays", "documents"}] == []


def test_a_version_without_a_mark_has_none_and_each_mark_has_its_own(
    world: World, at: Callable[[str], Browser], printer: Printer
) -> None:
    author, first = at("keeper"), opened(at, "management-rules")
    issue(at, first, TODAY)
    for answer in (author.get(f"{first}/marked"), author.post(f"{first}/marked"), author.get(f"{first}/files/pages")):
        assert answer.status_code == 404
    # The next version waits for its day.
    take(author, first, "revise", reason="更新")
    page = f"{first[:-1]}1"
    where, file = f"{page}/marked", f"{page}/files/pages"
    issue(at, page, LATER)
    assert author.post(where).status_code == 303
    work(world)
    waiting = author.get(file)
    assert (waiting.status_code, printer.asked) == (200, 1)
    # Once it is withdrawn, nobody is given those; what fails says why, and is asked for again.
    withdraw(at, page)
    assert author.get(file).status_code == 302
    printer.broken = True
    assert author.post(where).status_code == 303
    work(world)
    text = author.get(where).text
    assert (printer.asked, "程序错误" in text) == (2, True)
    assert not Page(text).wrong
    printer.broken = False
    assert author.post(where).status_code == 303
    work(world)
    ended = author.get(file)
    assert (ended.status_code, ended.data == waiting.data, printer.asked) == (200, False, 3)


def test_what_was_asked_for_of_a_version_that_stands_otherwise_by_now_is_not_made(
    world: World, at: Callable[[str], Browser], printer: Printer
) -> None:
    with world.register.read() as reads:
        number = reads.document_about(world.plants[0], "carbon-policy", world.plants[0].key)
        about = world.desk.find(reads, world.plants[0], f"{number}/A/0")
    use, waits = Marking(world.desk, world.jobs), replace(about.version, state="issued")
    use.ask(world.plants[0], replace(about, version=waits), ACTOR)
    with world.register.read() as reads:
        (job,) = reads.open_jobs()
    work(world)
    with world.register.read() as reads:
        (item,) = reads.job_items(job.id)
    assert (item.state, printer.asked) == ("refused", 0)
