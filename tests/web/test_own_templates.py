"""A plant's own templates on their pages: uploaded, looked at as pages, published by another person, gone back from."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.templates import Templates
from compliance.kernel.canonical import digest
from tests.adapters.test_own_templates import OWN, RULE, SHIPPED, everywhere
from tests.docx_files import docx, edited, inserted, paragraph
from tests.web.api_client import program
from tests.web.conftest import Browser
from tests.web.test_pages import Page
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords, fill, make_world, rules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.web.world import World

PAGE = "/p/east/templates"
PDF = b"%PDF-1.4 /Type /Page /Type /Pages /Type/Page"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = make_world(tmp_path_factory.mktemp("templates"), rules())
    for login in ("first", "second"):
        new = NewUser(login, f"{login} 张", None, "east", Role.DOCUMENT_CONTROLLER, PASSWORD)
        add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    yield made
    made.register.close()


@pytest.fixture(scope="module")
def persons(own: World) -> dict[str, Browser]:
    app = own.app()
    services = app.extensions["compliance"]
    desk = replace(own.desk, pages=lambda _: PDF)
    doing = Templates(own.register, desk, lambda: NOW.isoformat(timespec="milliseconds"), lambda _, n: b"PNG%d" % n)
    app.extensions["compliance"] = replace(services, templates=lambda: doing)
    found = {}
    for login in ("first", "second", "auditor", "west"):
        found[login] = Browser(app)
        found[login].sign_in(login)
    return found


def post(browser: Browser, path: str, **form: Any) -> TestResponse:
    browser.get("/profile")
    return browser.post(path, form, content_type="multipart/form-data", buffered=True)


def propose(browser: Browser, data: bytes, **form: Any) -> TestResponse:
    given = {"type": RULE, "reason": "本厂<b>版式</b>", "template": (BytesIO(data), "甲<b>.docx")}
    return post(browser, PAGE, **(given | form))


def test_from_an_upload_to_the_template_in_use_and_back(own: World, persons: dict[str, Browser]) -> None:
    assert "还没有自有模板" in persons["first"].get(PAGE).text
    answer = propose(persons["first"], OWN)
    assert answer.status_code == 303, unescape(answer.text)[-1500:]
    where = str(answer.headers["Location"])
    assert where.endswith(f"{PAGE}/{RULE}/1")
    mine, other = persons["first"].get(where), persons["second"].get(where)
    for page in (mine, other):
        assert Page(page.text).problems() == []
        assert "本厂&lt;b&gt;版式" in page.text
        assert digest(OWN) in page.text
        assert page.text.count('class="page-shot"') == 2
        assert "second 张" in page.text
    assert "提出人与发布人须为不同的人" in mine.text
    assert 'name="password"' not in mine.text
    assert persons["first"].get(f"{where}/pages/2.png").data == b"PNG2"
    assert persons["first"].get(f"{where}/pages/3.png").status_code == 404
    assert persons["first"].get(f"{where}/files/template").data == OWN
    assert persons["first"].get(f"{where}/files/pdf").data == PDF
    assert persons["first"].get(f"{where}/files/other").status_code == 404
    signed = {"seen": digest(OWN), "password": PASSWORD}
    assert post(persons["first"], f"{where}/publish", **signed).status_code == 403
    wrong = post(persons["second"], f"{where}/publish", **(signed | {"password": "no"}))
    assert wrong.status_code == 403
    assert "未签署" in unescape(wrong.text)
    assert post(persons["second"], f"{where}/publish", **signed).status_code == 303
    listing = persons["auditor"].get(PAGE)
    assert Page(listing.text).problems() == []
    assert "自有模板 1" in listing.text
    assert 'type="file"' not in listing.text
    back = post(persons["second"], f"{PAGE}/{RULE}/return", reason="改回")
    assert back.status_code == 303
    shipped = str(back.headers["Location"])
    text = persons["first"].get(shipped).text
    assert "没有样张" in text
    assert post(persons["second"], f"{shipped}/reject", reason="不改").status_code == 303
    assert "已撤回" in persons["first"].get(shipped).text
    with own.register.read() as reads:
        assert [t.state for t in reads.templates(own.plants[0])] == ["withdrawn", "published"]
        assert reads.templates(own.plants[1]) == []
        leaves = [e.action for e in reads.trail(own.plants[0], "template")]
    assert leaves.count("template:publish") == 1
    assert leaves.count("template:refused") == 2


def test_what_is_wrong_is_listed_with_its_place_and_nothing_is_kept(own: World, persons: dict[str, Browser]) -> None:
    with own.register.read() as reads:
        before = list(reads.templates(own.plants[0]))
    for data, said in (
        (edited(docx("甲", "乙 {{ fields.cuase }}<b>"), {}), "word/document.xml 第 2 段“乙 {{ fields.cuase }}”"),
        (everywhere(b"report.mark", b"report.title"), "{{ report.mark }}"),
        (b"PK\x03\x04", "文件已损坏"),
        (b"", "不是 .docx 文件"),
    ):
        answer = propose(persons["first"], data)
        assert answer.status_code == 409
        assert Page(answer.text).problems() == []
        assert said in unescape(answer.text)
    assert propose(persons["first"], OWN, reason=" ").status_code == 400
    assert propose(persons["first"], OWN, type="no-such").status_code == 503
    assert post(persons["first"], PAGE, type=RULE, reason="x").status_code == 400
    assert propose(persons["auditor"], OWN).status_code == 403
    assert propose(persons["west"], OWN).status_code == 404  # another's plant is a missing one
    with own.register.read() as reads:
        assert list(reads.templates(own.plants[0])) == before


def test_the_shipped_template_is_there_to_be_changed(persons: dict[str, Browser]) -> None:
    assert persons["auditor"].get(f"{PAGE}/{RULE}/shipped.docx").data == SHIPPED
    assert persons["auditor"].get(f"{PAGE}/none/shipped.docx").status_code == 404
    assert persons["auditor"].get(f"{PAGE}/{RULE}/99").status_code == 404


def test_a_document_names_the_template_that_made_it_and_who_published_it(
    own: World, persons: dict[str, Browser]
) -> None:
    desk, plant, number = own.desk, own.plants[0], "NCR-2026-0001"
    fill(own, plant)
    where, asking = f"/p/east/documents/{number}/0", program(own, "second")
    with own.register.read() as reads:
        last = max((one.number for one in reads.templates(plant, RULE)), default=0)
    other = edited(SHIPPED, {"word/document.xml": inserted(paragraph("署名版式"))})
    desk.draft(plant, number, ACTOR, again=True)

    def told() -> tuple[str, dict[str, Any]]:
        page = persons["auditor"].get(where)
        assert Page(page.text).problems() == []
        (one,) = asking.told(f"plants/east/documents/{number}/0")["templates"]
        return unescape(page.text).split('id="template"')[1].split("</dd>")[0], one

    shown, one = told()
    in_use = used_now(own)
    assert (one["source"], one["sha256"]) == ("plant" if in_use else "shipped", in_use or digest(SHIPPED))
    assert propose(persons["first"], other).status_code == 303
    assert post(
        persons["second"], f"{PAGE}/{RULE}/{last + 1}/publish", seen=digest(other), password=PASSWORD
    ).status_code == 303  # fmt: skip
    shown, one = told()
    assert "现已更换" in shown
    assert one["in_use"] is False
    desk.draft(plant, number, ACTOR, again=True)
    shown, one = told()
    assert "现已更换" not in shown
    assert f"自有模板 {last + 1}" in shown
    assert "second 张" in shown
    assert (one["source"], one["number"], one["published_by"]) == ("plant", last + 1, "second 张")
    assert (one["sha256"], one["in_use"], one["place"]) == (digest(other), True, 0)
    assert one["published_at"].startswith("2026-11-22T")


def used_now(own: World) -> str | None:
    """The file of the plant's own template in use."""
    with own.register.read() as reads:
        return reads.template_in_use(own.plants[0], RULE)


def test_programs_check_propose_publish_and_send_back_with_a_leaf_each(own: World, persons: dict[str, Browser]) -> None:
    app = persons["first"].client.application
    first, second = program(own, "first", app), program(own, "second", app)
    looker, stranger = program(own, "auditor", app), program(own, "west", app)
    path, other = "plants/east/templates", edited(SHIPPED, {"word/document.xml": inserted(paragraph("接口版式"))})
    sent = {"content_type": "application/octet-stream"}
    ask = f"?type={RULE}&name=own.docx"
    before = leaves(own)
    checked = first.post(f"{path}/check{ask}", data=other, **sent)
    assert checked.json == {"sha256": digest(other), "problems": [], "lacks": []}
    bad = docx("甲", "乙 {{ fields.cuase }}")
    (problem,) = first.post(f"{path}/check{ask}", data=bad, **sent).json["problems"]  # type: ignore[index] # JSON
    assert (problem["part"], problem["paragraph"], problem["around"]) == (
        "word/document.xml", 2, "乙 {{ fields.cuase }}",
    )  # fmt: skip
    assert leaves(own) == before  # checking is no act
    assert refusal(looker.post(f"{path}/check{ask}", data=other, **sent), 403)
    assert refusal(looker.post(f"{path}{ask}&reason=x", data=other, **sent), 403)
    assert refusal(stranger.post(f"{path}{ask}&reason=x", data=other, **sent), 404)
    assert refusal(first.post(f"{path}?type=no-such&reason=x", data=other, **sent), 422)
    assert refusal(first.post(f"{path}{ask}", data=other, **sent), 422)  # no reason
    assert leaves(own) == before + 2
    refused = refusal(first.post(f"{path}{ask}&reason=x", data=bad, **sent), 409, "template-refused")
    assert [wrong["where"] for wrong in refused["errors"]] == ["word/document.xml:2"]
    assert leaves(own) == before + 3
    made = first.post(f"{path}{ask}&reason=%E7%89%88%E5%BC%8F", data=other, **sent)
    assert made.status_code == 201, made.text
    one: Any = made.json
    assert (one["state"], one["sha256"], one["login"], one["refused"]["code"]) == (
        "open", digest(other), "first", "own-template",
    )  # fmt: skip
    assert "second" in one["may_publish"]
    at = f"{path}/{RULE}/{one['number']}"
    assert second.get(f"{at}/files/template").data == other
    assert looker.get(f"{path}/{RULE}/shipped").data == SHIPPED
    signed = {"seen": digest(other), "password": PASSWORD}
    assert leaves(own) == before + 4
    assert refusal(first.post(f"{at}/publish", signed), 403, "own-template")
    assert refusal(second.post(f"{at}/publish", signed | {"seen": digest(OWN)}), 409, "other-file")
    done = second.post(f"{at}/publish", signed)
    assert (done.status_code, done.json["state"], done.json["decided_by"]) == (200, "published", "second")  # type: ignore[index] # JSON
    assert leaves(own) == before + 7
    (kind,) = looker.told(f"{path}?type={RULE}")["types"]
    assert (kind["document"], kind["in_use"]) == (RULE, one["number"])
    back: Any = second.post(f"{path}/{RULE}/returns", {"reason": "改回"}).json
    assert (back["sha256"], back["state"]) == (None, "open")
    where = f"{path}/{RULE}/{back['number']}"
    taken: Any = second.post(f"{where}/reject", {"reason": "不改"}).json
    assert taken["state"] == "withdrawn"
    assert leaves(own) == before + 9
