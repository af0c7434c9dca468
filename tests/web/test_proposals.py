"""Changes of the rule base on their pages: proposed, planned, signed by another person, taken back, gone back."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.adapters.zipped import unzip, zipped
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import Act
from compliance.core.planning import PlantPlan, Unfit
from compliance.kernel.text import Text
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.test_pages import Page
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, FakeRules, PlainPasswords, make_world, rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from werkzeug.test import TestResponse

    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

PAGE = "/p/east/rules/proposals"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Two plants, two persons who may change rules in both, and one who may in the first alone."""
    made = make_world(tmp_path_factory.mktemp("proposals"), rules())
    for login in ("first", "second"):
        new = NewUser(login, f"{login} 张", None, None, Role.DOCUMENT_CONTROLLER, PASSWORD)
        add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    with made.register.work() as work:
        work.activate_rules(made.rulebase.digest)
        act = Act(actor=ACTOR, action="rules:activate", object_type="rules", object_id=made.rulebase.digest)
        work.record(act, None)
    yield made
    made.register.close()


@pytest.fixture(scope="module")
def persons(own: World) -> dict[str, Browser]:
    app = own.app()
    found = {}
    for login in ("first", "second", "officer", "auditor", "west"):
        found[login] = Browser(app)
        found[login].sign_in(login)
    return found


def changed(base: RuleBase, name: str, text: str) -> tuple[BytesIO, str]:
    return BytesIO(zipped({**base.files, name: text})), "r.zip"


def post(browser: Browser, path: str, **form: Any) -> TestResponse:
    browser.get("/p/east/work")
    return browser.post(path, form, content_type="multipart/form-data")


OWN = """schema = 1

[post.night-watch]
title  = { zh = "夜班值守", en = "Night watch" }
source = { document = "内部", clause = "1", strength = "may" }
in_force = { from = 2026-01-01 }
words  = ["夜班值守"]
"""


def proposed(own: World, browser: Browser, text: str = OWN) -> str:
    answer = post(browser, PAGE, rules=changed(own.rulebase, "own.toml", text), reason="增设<b>岗位</b>")
    assert answer.status_code == 303, unescape(answer.text)[-1500:]
    return str(answer.headers["Location"])


def plan_of(text: str) -> str:
    found = re.search(r'name="plan" value="([0-9a-f]{64})"', text)
    assert found is not None
    return found[1]


def test_from_an_archive_to_rules_in_use(own: World, persons: dict[str, Browser]) -> None:
    where = proposed(own, persons["first"])
    mine, other = persons["first"].get(where), persons["second"].get(where)
    for answer in (mine, other):
        assert Page(answer.text).problems() == []
        assert "夜班值守" in answer.text
        assert "增设&lt;b&gt;岗位" in answer.text
        assert '<span class="plus">+words  = [&#34;夜班值守&#34;]</span>' in answer.text
    assert "提出人与启用人须为不同的人" in mine.text
    assert 'name="password"' not in mine.text
    assert "rules/approval/" in mine.text  # the rule that says so
    assert "second 张" in mine.text
    assert "first 张、" not in mine.text  # is not named among those who may put it into use
    refused = post(persons["first"], f"{where}/activate", plan=plan_of(other.text), password=PASSWORD)
    assert refused.status_code == 403
    assert "不同的人" in unescape(refused.text)
    wrong = post(persons["second"], f"{where}/activate", plan=plan_of(other.text), password="no")
    assert wrong.status_code == 403
    assert "未签署" in unescape(wrong.text)
    with own.register.read() as reads:
        assert reads.active_rules() == own.rulebase.digest
    done = post(persons["second"], f"{where}/activate", plan=plan_of(other.text), password=PASSWORD)
    assert done.status_code == 303, unescape(done.text)[-1500:]
    with own.register.read() as reads:
        found = reads.numbered_proposal(int(where.rsplit("/", 1)[1]))
        assert found is not None
        assert (reads.active_rules(), found.state, found.decided_by) == (found.digest, "used", "second")
    # Going back is proposed the same way; the world's own program goes on with the rules it had.
    text = persons["second"].get(PAGE).text
    assert text.count("使用中") == 0
    assert found.digest[:12] in text
    back = post(persons["first"], PAGE, digest=own.rulebase.digest, reason="改回")
    assert back.status_code == 400  # they are what this program works with


def test_the_parts_of_a_plan_are_of_this_plant_alone(own: World, persons: dict[str, Browser]) -> None:
    where = proposed(own, persons["first"], OWN.replace("夜班", "白班").replace("night", "day"))
    east = persons["first"].get(f"{where}?part=moved").text
    west = persons["first"].get(where.replace("/east/", "/west/") + "?part=moved").text
    assert east.count('<tr class="row"') == west.count('<tr class="row"') == 1
    assert own.plants[1].name in east  # this person sees both plants
    only_east = persons["officer"].get(where).text
    assert own.plants[0].name in only_east
    assert own.plants[1].name not in only_east
    assert own.plants[1].key not in only_east
    assert "无人使用的事实" in only_east  # what the lint says of the rules
    assert "没有判定使用它" in only_east
    for part in ("added", "raised", "rules", "no-such-part"):
        assert persons["first"].get(f"{where}?part={part}&page=9&kind=x").status_code == 200


def test_somebody_of_one_plant_looks_and_is_told_why_it_stays_so(own: World, persons: dict[str, Browser]) -> None:
    text = persons["officer"].get(PAGE).text
    assert "规则对所有企业生效" in text
    assert 'type="file"' not in text
    answer = post(persons["officer"], PAGE, rules=changed(own.rulebase, "own.toml", OWN + "# x\n"), reason="x")
    assert answer.status_code == 403
    assert post(persons["auditor"], PAGE, reason="x").status_code == 403
    assert persons["auditor"].get(PAGE).status_code == 200
    assert persons["west"].get(PAGE).status_code == 404  # another's plant is a missing one


def test_every_problem_of_an_archive_is_listed(own: World, persons: dict[str, Browser]) -> None:
    wrong = OWN.replace("may", "might").replace('words  = ["夜班值守"]', "word = 1")
    answer = post(persons["first"], PAGE, rules=changed(own.rulebase, "own.toml", wrong), reason="x")
    assert answer.status_code == 400
    assert "data-problems" in answer.text
    assert answer.text.count("own.toml:") >= 2
    for content, says in ((b"no archive", "不是完好的 .zip"), (zipped({"../a.toml": ""}), "路径不能接收")):
        answer = post(persons["first"], PAGE, rules=(BytesIO(content), "r.zip"), reason="x")
        assert answer.status_code == 400
        assert says in unescape(answer.text)
    same = post(persons["first"], PAGE, rules=(BytesIO(zipped(own.rulebase.files)), "r.zip"), reason="x")
    assert same.status_code == 400
    assert "与使用中的规则库相同" in same.text
    none = post(persons["first"], PAGE, rules=changed(own.rulebase, "own.toml", OWN + "# y\n"), reason=" ")
    assert none.status_code == 400
    assert "须说明理由" in none.text


def test_rules_go_out_as_they_are(own: World, persons: dict[str, Browser], tmp_path: Path) -> None:
    answer = persons["auditor"].get("/p/east/rules.zip")
    assert answer.mimetype == "application/zip"
    assert own.rulebase.digest[:12] in answer.headers["Content-Disposition"]
    unzip(BytesIO(answer.data), tmp_path)
    found = {p.relative_to(tmp_path).as_posix(): p.read_text("utf-8") for p in tmp_path.rglob("*.toml")}
    assert found == dict(own.rulebase.files)


def test_taken_back_and_a_place_that_is_nobodys(own: World, persons: dict[str, Browser]) -> None:
    where = proposed(own, persons["first"], OWN + "# 又\n")
    again = post(persons["second"], PAGE, rules=changed(own.rulebase, "own.toml", OWN + "# 又\n"), reason="x")
    assert again.status_code == 409
    assert "first 张" in again.text
    assert post(persons["second"], f"{where}/plan").status_code == 303
    assert post(persons["second"], f"{where}/withdraw", reason="不改了").status_code == 303
    assert "已撤回" in persons["auditor"].get(where).text
    assert post(persons["second"], f"{where}/withdraw", reason="不改了").status_code == 409
    for path in ("/999999", "/999999/rules.zip"):
        assert persons["first"].get(PAGE + path).status_code == 404
    assert post(persons["first"], PAGE, digest="0" * 64, reason="x").status_code == 404


# ------------------------------------------------------------------------------- programs

API = "plants/east/rules"
FORM = "multipart/form-data"


def archive(own: World, text: str) -> dict[str, Any]:
    return {"data": {"file": changed(own.rulebase, "own.toml", text)}, "content_type": FORM}


def test_programs_propose_plan_sign_and_take_back_with_a_leaf_each(own: World) -> None:
    app = own.app()
    first, second, narrow = (program(own, login, app, **more) for login, more in PROGRAMS)
    with own.register.work() as work:  # whatever another test put into use
        work.activate_rules(own.rulebase.digest)
        act = Act(actor=ACTOR, action="rules:activate", object_type="rules", object_id=own.rulebase.digest)
        work.record(act, None)
    text = OWN.replace("夜班", "程序").replace("night-watch", "by-program")
    before = leaves(own)
    tried = first.post(f"{API}/plan", **archive(own, text))
    assert tried.status_code == 200, tried.text
    assert leaves(own) == before  # nothing is kept
    with own.register.read() as reads:
        count = len(reads.proposals())
    made = first.post(f"{API}/proposals?reason=new", **archive(own, text))
    assert made.status_code == 201, made.text
    body: Any = made.json
    assert leaves(own) == before + 1
    assert (body["state"], body["offers"]) == ("open", ["replan", "withdraw"])
    assert [r["code"] for r in body["refused"]] == ["own-proposal"]
    plan = second.told(f"{body['href']}/plan")
    assert plan == tried.json
    assert [(r["id"], r["change"]) for r in plan["rules"]] == [("by-program", "added")]
    assert {row["plant"] for row in plan["obligations"]["moved"]} == {own.plants[0].key}
    again = first.post(f"{API}/proposals?reason=new", **archive(own, text))
    refusal(again, 409, "already-proposed")
    assert leaves(own) == before + 2
    signed = {"plan": body["plan"], "password": PASSWORD}
    for asking, wish, status, code in (
        (first, signed, 403, "own-proposal"),
        (narrow, signed, 403, "not-for-the-group"),
        (second, signed | {"password": "no"}, 403, "signature-refused"),
        (second, signed | {"plan": "0" * 64}, 409, "plan-is-stale"),
    ):
        count_before = leaves(own)
        told = refusal(asking.post(f"{body['href']}/activate", wish), status, code)
        assert leaves(own) == count_before + 1, code
        assert code != "own-proposal" or told["rule"].startswith("approval.")
    same = second.post(f"{body['href']}/plan", {})
    assert same.status_code == 200, same.text
    count_before = leaves(own)
    done = second.post(f"{body['href']}/activate", signed)
    assert done.status_code == 200, done.text
    assert leaves(own) == count_before + 1
    assert done.json["state"] == "used"  # type: ignore[index] # as above
    refusal(second.post(f"{body['href']}/withdraw", {"reason": "x"}), 409, "no-such-proposal")
    with own.register.read() as reads:
        assert len(reads.proposals()) == count + 1


PROGRAMS: tuple[tuple[str, dict[str, Any]], ...] = (("first", {}), ("second", {}), ("second", {"plant": "east"}))


def test_programs_take_back_and_go_back(own: World) -> None:
    app = own.app()
    first, second = (program(own, login, app) for login in ("first", "second"))
    made = first.post(f"{API}/proposals?reason=new", **archive(own, OWN + "# 程序\n"))
    assert made.status_code == 201, made.text
    before = leaves(own)
    back = second.post(f"{made.json['href']}/withdraw", {"reason": "不改了"})  # type: ignore[index] # as above
    assert back.status_code == 200, back.text
    assert back.json["state"] == "withdrawn"  # type: ignore[index] # as above
    assert leaves(own) == before + 1
    refusal(first.post(f"{API}/returns", {"digest": "0" * 64, "reason": "x"}), 422)
    refusal(first.post(f"{API}/returns", {"digest": own.rulebase.digest, "reason": "x"}), 422, "nothing-changes")
    assert leaves(own) == before + 1


def test_programs_are_told_every_problem_with_its_place(own: World) -> None:
    first, officer = (program(own, login) for login in ("first", "officer"))
    wrong = OWN.replace("may", "might").replace('words  = ["夜班值守"]', "word = 1")
    told = refusal(first.post(f"{API}/plan", **archive(own, wrong)), 422)
    assert all(e["where"].startswith("own.toml:") for e in told["errors"])
    assert len(told["errors"]) >= 2
    refusal(first.post(f"{API}/plan", data=b"PK", content_type="application/octet-stream"), 422, "bad-archive")
    refusal(first.post(f"{API}/proposals", **archive(own, OWN + "# z\n")), 422, "needs-reason")
    refusal(officer.post(f"{API}/proposals?reason=x", **archive(own, OWN + "# z\n")), 403, "not-for-the-group")
    given = first.get(f"{API}/archive")
    assert given.data == zipped(own.rulebase.files)


def test_rules_under_which_a_plants_own_template_would_not_do_are_planned_and_not_put_into_use(
    own: World, persons: dict[str, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    with own.register.work() as work:  # others were put into use before
        work.activate_rules(own.rulebase.digest)
        work.record(Act(actor=ACTOR, action="rules:activate", object_type="rules", object_id="x"), None)
    plain = FakeRules._plants
    one = Unfit("carbon-policy", "0" * 64, (("word/document.xml", Text("缺少<b>培训</b>", "training is left out")),))

    def with_one(self: FakeRules) -> tuple[PlantPlan, ...]:
        first, *rest = plain(self)
        return replace(first, templates=(one,)), *rest

    monkeypatch.setattr(FakeRules, "_plants", with_one)
    where = proposed(own, persons["first"], OWN.replace("夜班", "中班").replace("night", "noon"))
    page = persons["second"].get(where)
    assert Page(page.text).problems() == []
    assert "不符合新规则的模板" in page.text
    assert "缺少&lt;b&gt;培训" in page.text
    west = persons["second"].get(where.replace("/east/", "/west/")).text
    assert "不符合新规则的模板" not in west  # another plant's templates are its own
    before = leaves(own)
    refused = post(persons["second"], f"{where}/activate", plan=plan_of(page.text), password=PASSWORD)
    assert refused.status_code == 409
    assert f"{own.plants[0].key} carbon-policy：缺少" in unescape(refused.text)
    assert leaves(own) == before + 1
    number = int(where.rsplit("/", 1)[1])
    told = program(own, "second").told(f"plants/east/rules/proposals/{number}/plan")
    assert [(row["document"], row["problems"][0]["where"]) for row in told["templates"]] == [
        ("carbon-policy", "word/document.xml")
    ]
    monkeypatch.setattr(FakeRules, "_plants", plain)
    assert post(persons["second"], f"{where}/plan").status_code == 303
    page = persons["second"].get(where)
    done = post(persons["second"], f"{where}/activate", plan=plan_of(page.text), password=PASSWORD)
    assert done.status_code == 303, unescape(done.text)[-1500:]
