"""The pages of persons: what they show, who may do what there, and that nothing leaks from other plants."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from compliance.core.accounts import NewUser, Role, add_user, grant
from compliance.core.acts import Act
from compliance.core.cases import CaseKey
from compliance.core.linting.plants import lint_plant
from compliance.core.model import PersonPeriod
from compliance.core.roster import Member, roster
from compliance.rulebase.schema import Post
from tests.web.conftest import Browser, _world
from tests.web.world import ACTOR, NOW, PASSWORD, TODAY, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

PAGE = "/p/east/people/P04"


@pytest.fixture
def world(tmp_path: Any, rulebase: RuleBase) -> Iterator[World]:
    """A world of one's own with an administrator: these tests change it."""
    made = _world(tmp_path, rulebase, 20)
    new = NewUser("admin", "管理员", None, "east", Role.ADMINISTRATOR, PASSWORD)
    add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    yield made
    made.register.close()


def at(world: World, login: str) -> Browser:
    browser = Browser(world.app())
    assert browser.sign_in(login).status_code == 302
    return browser


def act(browser: Browser, verb: str, page: str = PAGE, **values: Any) -> TestResponse:
    browser.get("/profile")
    return browser.post(f"{page}/acts/{verb}", values)


def text(answer: TestResponse) -> str:
    return unescape(answer.text)


def span(days: int = 0, more: int = 5) -> dict[str, str]:
    since = TODAY + timedelta(days=days)
    return {"since": since.isoformat(), "until": (since + timedelta(days=more)).isoformat(), "reason": "年休假"}


def leaves(world: World) -> int:
    with world.register.read() as reads:
        return sum(reads.version(plant) for plant in world.plants)


def test_the_list_shows_posts_sign_ins_absences_and_open_work(world: World) -> None:
    admin = at(world, "admin")
    assert act(admin, "absence", deputy="P02", **span()).status_code == 303
    shown = text(at(world, "guest").get("/p/east/people"))
    for part in (
        "孟启",
        "部门负责人",
        "head",
        "部门人员",
        "离岗",
        "宁远",
        "正代理",
        "2025",
        "从未登录",
        "没有人员账号",
    ):
        assert part in shown, part
    # The owner's open action leads to the list of this owner.
    assert 'href="/p/east/nonconformities?owner=P04">1</a>' in shown
    # Sign-ins of the other plant are not told.
    assert "@west" not in shown
    assert "离岗" in text(at(world, "guest").get(PAGE))


def test_the_workbook_has_a_row_a_period(world: World) -> None:
    answer = at(world, "guest").get("/p/east/people.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert [r[0] for r in rows[1:7]] == ["P01", "P02", "P03", "P04", "P05", "P06"]
    assert rows[4][-1] == 1


def test_who_only_looks_is_offered_nothing_and_does_nothing(world: World) -> None:
    guest = at(world, "guest")
    shown = text(guest.get(PAGE))
    assert "/acts/" not in shown or "/acts/handover" in shown
    before = leaves(world)
    for refused, verb in enumerate(("off", "on", "give", "take", "sign-in", "begin", "end"), start=1):
        assert act(guest, verb, login="head", role="administrator", reason="x").status_code == 403, verb
        assert leaves(world) == before + refused
    assert act(guest, "absence", deputy="P02", **span()).status_code == 403
    assert leaves(world) == before + 8


def test_a_person_sets_their_own_absence_and_ends_it(world: World) -> None:
    head = at(world, "head")
    assert act(head, "absence", deputy="P02", **span()).status_code == 303
    page = text(head.get(PAGE))
    number = re.search(r'<option value="(\d+)"[^>]*>\d{4}-', page)
    assert number is not None
    assert "进行中" in page
    assert act(head, "back", number=number[1], reason="提前返岗").status_code == 303
    assert "提前结束于" in text(head.get(PAGE))
    assert act(head, "back", number=number[1], reason="再次").status_code == 404
    assert act(head, "back", number="99", reason="x").status_code == 404


def test_a_refused_deputy_is_told_on_the_page_with_what_was_typed(world: World) -> None:
    head = at(world, "head")
    answer = act(head, "absence", deputy="P04", **span())
    assert answer.status_code == 409
    assert "不能代理自己" in text(answer)
    assert 'value="年休假"' in text(answer)
    assert act(head, "absence", deputy="P02", since="gestern", until="", reason="x").status_code == 400


def test_a_deputy_finds_and_takes_the_absent_persons_steps(world: World) -> None:
    from tests.web.test_acting import Office

    office = Office(world)
    page = office.find(approver=True)
    assert office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20").status_code == 303
    assert office.take("checker", page, "check", password=PASSWORD).status_code == 303
    inspector = at(world, "inspector")
    assert 'id="step-approve"' not in text(inspector.get(page))
    assert act(at(world, "deputy"), "absence", "/p/east/people/P03", deputy="P05", **span()).status_code == 303
    shown = text(inspector.get(page))
    assert 'id="step-approve"' in shown
    assert "管理者代表（代 沈亦安）" in shown
    assert office.take("inspector", page, "approve", password=PASSWORD).status_code == 303
    assert "管理者代表（代 沈亦安）" in text(inspector.get(page))
    rights = text(inspector.get("/p/east/rights?person=P05"))
    assert "代 沈亦安" in rights


def test_the_queue_of_a_deputy_has_the_borrowed_work(world: World) -> None:
    from tests.web.test_acting import Office

    office = Office(world)
    page = office.find(approver=True)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    office.take("checker", page, "check", password=PASSWORD)
    inspector = at(world, "inspector")
    assert (
        page
        not in text(inspector.get("/p/east/work")).partition("等我校核、批准或签署的")[2].partition("</section>")[0]
    )
    act(at(world, "deputy"), "absence", "/p/east/people/P03", deputy="P05", **span())
    assert page in text(inspector.get("/p/east/work")).partition("等我校核、批准或签署的")[2].partition("</section>")[0]


def test_open_work_is_handed_over(world: World) -> None:
    officer = at(world, "officer")
    answer = act(officer, "handover", new="P02", reason="调岗")
    assert answer.status_code == 303
    with world.register.read() as reads:
        steps = reads.case_steps(world.plants[0], CaseKey("nonconformity", "NC-2026-0001"))
    assert (steps[-1].step, steps[-1].values["owner"]) == ("hand-over", "P02")
    assert "已移交 1 项" in text(officer.get(PAGE))
    assert act(at(world, "checker"), "handover", "/p/east/people/P02", new="P04", reason="x").status_code == 403


def test_an_administrator_ends_a_sign_in_and_its_sessions_at_once(world: World) -> None:
    head, admin = at(world, "head"), at(world, "admin")
    assert head.get("/p/east/work").status_code == 200
    assert act(admin, "off", login="head", reason="离职").status_code == 303
    assert head.get("/p/east/work").status_code == 302
    assert Browser(world.app()).sign_in("head").status_code == 401
    assert act(admin, "on", login="head", reason="复职").status_code == 303
    assert Browser(world.app()).sign_in("head").status_code == 302


def test_a_sign_in_that_works_elsewhere_too_is_not_ended_by_one_plants_administrator(world: World) -> None:
    grant(world.register, "head", plant="west", role=Role.AUDITOR, actor=ACTOR, now=NOW)
    admin = at(world, "admin")
    for verb in ("off", "on"):
        answer = act(admin, verb, login="head", reason="离职")
        assert answer.status_code == 403
        assert "其他企业或集团" in text(answer)


def test_only_sign_ins_of_the_person_are_touched(world: World) -> None:
    admin = at(world, "admin")
    for verb in ("off", "on", "give", "take"):
        assert act(admin, verb, login="checker", role="auditor", reason="x").status_code == 404, verb
    assert act(admin, "nix").status_code == 404
    assert act(admin, "off", "/p/east/people/nobody", login="head", reason="x").status_code == 404
    assert act(admin, "give", login="head", role="king").status_code == 400


def test_roles_are_given_and_taken(world: World) -> None:
    admin = at(world, "admin")
    assert act(admin, "give", login="head", role="auditor").status_code == 303
    assert "审核" in text(admin.get(PAGE))
    assert act(admin, "take", login="head", role="auditor", reason="x").status_code == 303
    assert act(admin, "take", login="head", role="auditor", reason="x").status_code == 400


def test_a_new_sign_in_gets_a_link_that_is_shown_once(world: World) -> None:
    admin = at(world, "admin")
    answer = act(admin, "sign-in", login="head2", role="department")
    assert answer.status_code == 200
    secret = re.search(r'<code class="mono data">([^<]+)</code>', answer.text)
    assert secret is not None
    assert secret[1] not in admin.get(PAGE).text
    someone, path = Browser(world.app()), re.sub(r"^https?://[^/]+", "", unescape(secret[1]))
    someone.get(path)
    assert someone.post(path, {"new": PASSWORD, "again": PASSWORD}).status_code == 302
    assert someone.sign_in("head2").status_code == 302


def test_a_link_to_reset_a_password_is_made_for_ones_own_people_alone(world: World) -> None:
    admin = at(world, "admin")
    assert "/reset/" in text(act(admin, "reset", login="head"))
    assert act(at(world, "officer"), "reset", login="head").status_code == 403
    grant(world.register, "head", plant="west", role=Role.AUDITOR, actor=ACTOR, now=NOW)
    assert act(admin, "reset", login="head").status_code == 403


def test_a_post_begins_and_ends_by_the_form_of_persons(world: World) -> None:
    admin = at(world, "admin")
    begun = act(admin, "begin", since="2026-11-22", posts=["内审员", "校核员"], department="D1", reason="任命")
    ended = act(admin, "end", period="2025-01-01", until="2026-11-21", reason="调岗")
    assert (begun.status_code, ended.status_code) == (303, 303)
    (_, one, who), (_, two, _) = world.posts
    assert (who, one.table, one.values["posts"], one.values["account"]) == (
        "admin",
        "person_period",
        "内审员、校核员",
        "P04",
    )
    assert (two.values["since"], two.values["until"], two.values["posts"]) == ("2025-01-01", "2026-11-21", "部门负责人")
    assert act(admin, "end", period="1999-01-01", until="2026-11-21", reason="x").status_code == 404


# --- what the rules ask and nobody can do ----------------------------------------------------------------------------


def test_the_page_warns_of_what_the_persons_cannot_get_done(world: World) -> None:
    """Named with the duty, the post and who is there; today's persons alone, and only this plant's."""
    expected = lint_plant(_roster(world), {}, world.rulebase, TODAY)
    shown = text(at(world, "guest").get("/p/east/people"))
    assert expected
    for remark in expected:
        assert remark.what.zh in shown
        assert remark.message.zh in shown
    assert "现有人员办不了的事" in shown
    english = at(world, "guest")
    english.get("/language/en?next=/")
    assert expected[0].message.en in text(english.get("/p/east/people", headers={"Accept-Language": "en"}))


def test_a_person_with_the_post_ends_the_warning(world: World) -> None:
    vacant = [r for r in lint_plant(_roster(world), {}, world.rulebase, TODAY) if r.check == "post-vacant"]
    post = world.rulebase.get(Post, vacant[0].duties[0].posts[0], TODAY)
    assert post is not None
    admin = at(world, "admin")
    assert vacant[0].message.zh in text(admin.get("/p/east/people"))
    new = PersonPeriod(account="P99", name="新人", department=None, posts=post.words[0], since=TODAY, until=None)
    with world.register.work() as work:
        work.insert_rows(world.plants[0], {PersonPeriod: [new]})
        work.record(Act(actor=ACTOR, action="plant:enter", object_type="plant", object_id="x"), world.plants[0])
    assert vacant[0].message.zh not in text(admin.get("/p/east/people"))


def _roster(world: World) -> list[Member]:
    with world.register.read() as reads:
        return roster(reads, world.plants[0], world.rulebase, TODAY)
