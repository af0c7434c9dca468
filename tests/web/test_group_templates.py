"""The group's templates on pages and for programs: seen under every plant, changed by persons of the whole group."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.accounts import NewUser, Role, add_user, grant
from compliance.core.templates import Templates
from compliance.kernel.canonical import digest
from tests.adapters.test_group_templates import GROUP
from tests.adapters.test_own_templates import OWN, RULE, everywhere
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.test_own_templates import PDF, post
from tests.web.test_pages import Page
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords, fill, make_world, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.web.world import World

PAGE = "/p/east/group-templates"
NUMBER = "NCR-2026-0001"
FORM = {"content_type": "application/octet-stream"}


@pytest.fixture
def own(tmp_path: Any) -> Iterator[World]:
    made = make_world(tmp_path, rules())
    for login in ("first", "second"):
        new = NewUser(login, f"{login} 张", None, None, Role.DOCUMENT_CONTROLLER, PASSWORD)
        add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    new = NewUser("east", "east 李", None, "east", Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    yield made
    made.register.close()


@pytest.fixture
def persons(own: World) -> dict[str, Browser]:
    app = own.app()
    desk = replace(own.desk, pages=lambda _: PDF)
    doing = Templates(own.register, desk, lambda: NOW.isoformat(timespec="milliseconds"), lambda _, n: b"PNG%d" % n)
    app.extensions["compliance"] = replace(app.extensions["compliance"], templates=lambda: doing)
    found = {}
    for login in ("first", "second", "east", "auditor", "west"):
        found[login] = Browser(app)
        found[login].sign_in(login)
    return found


def propose(browser: Browser, data: bytes = GROUP, page: str = PAGE, **form: Any) -> TestResponse:
    given = {"type": RULE, "reason": "集团<b>版式</b>", "template": (BytesIO(data), "集<b>.docx")}
    return post(browser, page, **(given | form))


def group_leaves(own: World) -> list[str]:
    with own.register.read() as reads:
        return [e.action for e in reads.trail(None, "group-template", limit=50)][::-1]


def test_from_an_upload_to_every_plant_without_one_of_its_own(own: World, persons: dict[str, Browser]) -> None:
    first, second, west = persons["first"], persons["second"], persons["west"]
    assert "还没有集团模板" in first.get(PAGE).text
    answer = propose(first)
    assert answer.status_code == 303, unescape(answer.text)[-1500:]
    where = str(answer.headers["Location"])
    assert where.endswith(f"{PAGE}/{RULE}/1")
    for page in (first.get(where), second.get(where), west.get(where.replace("/east/", "/west/"))):
        assert Page(page.text).problems() == []
        assert "集团&lt;b&gt;版式" in page.text
        assert page.text.count('class="page-shot"') == 2
        assert "second 张" in page.text
        assert "east 李" not in page.text  # who has the role in one plant publishes none
    assert "提出人与发布人须为不同的人" in first.get(where).text
    assert west.get(f"{where.replace('/east/', '/west/')}/pages/2.png").data == b"PNG2"
    assert west.get(f"{where.replace('/east/', '/west/')}/files/template").data == GROUP
    assert west.get(f"{where}/files/template").status_code == 404  # under a plant that is not theirs
    signed = {"seen": digest(GROUP), "password": PASSWORD}
    assert post(first, f"{where}/publish", **signed).status_code == 403
    assert post(second, f"{where}/publish", **(signed | {"password": "no"})).status_code == 403
    assert post(second, f"{where}/publish", **signed).status_code == 303
    for browser, plant in ((persons["auditor"], "east"), (west, "west")):
        listing = browser.get(f"/p/{plant}/templates")
        assert Page(listing.text).problems() == []
        assert "集团模板 1" in listing.text
        assert f"/p/{plant}/group-templates/{RULE}/1" in listing.text
    mine = propose(persons["east"], OWN, "/p/east/templates")
    assert mine.status_code == 303
    assert post(second, f"/p/east/templates/{RULE}/1/publish", seen=digest(OWN), password=PASSWORD).status_code == 303
    assert "集团模板 1" not in persons["auditor"].get("/p/east/templates").text
    shown = unescape(first.get(where).text).split('id="h-apart"')[1].split("</section>")[0]
    assert own.plants[0].name in shown
    seen_by_west = west.get(where.replace("/east/", "/west/")).text
    assert own.plants[0].name not in seen_by_west
    back = post(second, f"{PAGE}/{RULE}/return", reason="不再统一")
    assert back.status_code == 303
    gone = str(back.headers["Location"])
    assert "没有样张" in first.get(gone).text
    assert post(first, f"{gone}/publish", seen="", password=PASSWORD).status_code == 303
    assert "集团模板 1" not in west.get("/p/west/templates").text
    assert group_leaves(own) == [
        "group-template:propose", "group-template:refused", "group-template:refused", "group-template:publish",
        "group-template:propose", "group-template:publish",
    ]  # fmt: skip


def test_a_role_in_one_plant_looks_and_changes_nothing(own: World, persons: dict[str, Browser]) -> None:
    east = persons["east"]
    page = east.get(PAGE)
    assert Page(page.text).problems() == []
    assert 'type="file"' not in page.text
    assert "集团模板适用于所有企业" in page.text
    assert 'type="file"' in east.get("/p/east/templates").text
    refused = propose(east)
    assert refused.status_code == 403
    assert "集团模板适用于所有企业" in refused.text
    assert group_leaves(own) == ["group-template:refused"]
    assert propose(persons["auditor"]).status_code == 403
    assert propose(persons["west"]).status_code == 404
    assert group_leaves(own) == ["group-template:refused"]  # the others' refusals are their plant's
    assert propose(persons["first"]).status_code == 303
    looked = east.get(f"{PAGE}/{RULE}/1").text
    assert 'name="password"' not in looked
    assert 'id="reason"' not in looked
    assert post(east, f"{PAGE}/{RULE}/1/publish", seen=digest(GROUP), password=PASSWORD).status_code == 403
    assert post(east, f"{PAGE}/{RULE}/1/reject", reason="x").status_code == 403
    with own.register.read() as reads:
        assert [one.state for one in reads.templates(None)] == ["open"]
    grant(own.register, "east", plant="west", role=Role.COMPLIANCE_OFFICER, actor=ACTOR, now=NOW)
    east.sign_in("east")  # other roles end the session
    assert post(east, f"{PAGE}/{RULE}/1/publish", seen=digest(GROUP), password=PASSWORD).status_code == 303


def test_what_is_wrong_is_listed_with_its_place(own: World, persons: dict[str, Browser]) -> None:
    answer = propose(persons["first"], everywhere(b"report.mark", b"report.title"))
    assert answer.status_code == 409
    assert Page(answer.text).problems() == []
    assert "word/document.xml" in unescape(answer.text)
    assert "受控文件须显示 {{ report.mark }}" in unescape(answer.text)
    assert group_leaves(own) == ["group-template:refused"]


def test_a_document_names_the_groups_template(own: World, persons: dict[str, Browser]) -> None:
    fill(own, own.plants[0])
    with own.register.read() as reads:
        last = max((one.number for one in reads.templates(None, RULE)), default=0)
    assert propose(persons["first"]).status_code == 303
    place = f"{PAGE}/{RULE}/{last + 1}"
    assert post(persons["second"], f"{place}/publish", seen=digest(GROUP), password=PASSWORD).status_code == 303
    own.desk.draft(own.plants[0], NUMBER, ACTOR, again=True)
    page = persons["auditor"].get(f"/p/east/documents/{NUMBER}/0")
    assert Page(page.text).problems() == []
    shown = unescape(page.text).split('id="template"')[1].split("</dd>")[0]
    assert f"集团模板 {last + 1}" in shown
    assert f'href="{place}"' in shown
    (one,) = program(own, "second").told(f"plants/east/documents/{NUMBER}/0")["templates"]
    assert (one["source"], one["number"], one["sha256"], one["in_use"]) == ("group", last + 1, digest(GROUP), True)
    assert f"{NUMBER}/A/0" in persons["first"].get(place).text
    assert NUMBER not in persons["west"].get(place.replace("/east/", "/west/")).text  # another plant's document


def test_programs_do_the_same_with_a_leaf_each(own: World, persons: dict[str, Browser]) -> None:
    app = persons["first"].client.application
    first, second, east = (program(own, login, app) for login in ("first", "second", "east"))
    narrow, west = program(own, "second", app, plant="east"), program(own, "west", app)
    path, ask = "plants/east/group-templates", f"?type={RULE}&name=group.docx"
    before = leaves(own)
    checked = east.post(f"{path}/check{ask}", data=GROUP, **FORM)  # looking is no act, and keeps nothing
    assert checked.json == {"sha256": digest(GROUP), "problems": [], "lacks": []}
    assert leaves(own) == before
    for who in (east, narrow):
        assert refusal(who.post(f"{path}{ask}&reason=x", data=GROUP, **FORM), 403, "not-group-templates")
    assert leaves(own) == before + 2
    made = first.post(f"{path}{ask}&reason=x", data=GROUP, **FORM)
    assert made.status_code == 201, made.text
    one: Any = made.json
    assert (one["href"], one["may_publish"]) == (f"/api/v1/plants/east/group-templates/{RULE}/1", ["second"])
    at = f"{path}/{RULE}/1"
    assert west.get(f"{at.replace('east', 'west')}/files/template").data == GROUP
    signed = {"seen": digest(GROUP), "password": PASSWORD}
    assert refusal(first.post(f"{at}/publish", signed), 403, "own-template")
    assert refusal(second.post(f"{at}/publish", signed | {"seen": digest(OWN)}), 409, "other-file")
    refusal(narrow.post(f"{at}/publish", signed), 403, "not-group-templates")
    assert leaves(own) == before + 6
    assert second.post(f"{at}/publish", signed).status_code == 200
    for plant, who in (("east", east), ("west", west)):
        (kind,) = who.told(f"plants/{plant}/templates?type={RULE}")["types"]
        assert (kind["in_use"], kind["of_group"]) == (None, 1)
    (kind,) = east.told(f"{path}?type={RULE}")["types"]
    assert (kind["in_use"], kind["of_group"]) == (1, 1)
    assert refusal(first.post(f"{path}{ask}&reason=x", data=GROUP, **FORM), 409, "same-template")
    count = leaves(own)
    back: Any = second.post(f"{path}/{RULE}/returns", {"reason": "改回"}).json
    assert (back["sha256"], back["state"]) == (None, "open")
    assert second.post(f"{path}/{RULE}/{back['number']}/reject", {"reason": "不改"}).json["state"] == "withdrawn"  # type: ignore[index] # JSON
    assert leaves(own) == count + 2
