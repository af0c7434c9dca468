"""People act on pages: every kind of step, every refusal with its rule, signatures, files, and nobody else's things."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.cases import CaseKey, occurrence_key
from compliance.web.files import clean_name, sniff
from tests.web.conftest import Browser, _world
from tests.web.world import EVIDENCE, EVIDENCE_DIGEST, NOW, PASSWORD, PLAN, STAFF, UNTIL_PROGRESS, drive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from compliance.core.judged import Occurrence
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

TICKET = "/p/east/nonconformities/NC-2026-0000"


@pytest.fixture
def world(tmp_path: Any, rulebase: RuleBase) -> Iterator[World]:
    """A world of one's own: these tests change it."""
    made = _world(tmp_path, rulebase, 20)
    yield made
    made.register.close()


class Office:
    """People at their browsers."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app = world.app()
        self._at: dict[str, Browser] = {}

    def at(self, login: str) -> Browser:
        if login not in self._at:
            self._at[login] = Browser(self.app)
            assert self._at[login].sign_in(login).status_code == 302
        return self._at[login]

    def take(self, login: str, page: str, step: str, files: int = 0, **values: Any) -> TestResponse:
        """Look at the page, fill in the step's form with the marks that the page carries, and send it."""
        browser = self.at(login)
        text = browser.get(page).text
        marks = {n: re.search(rf'name="{n}" value="([^"]*)"', text) for n in ("seen", "seen_steps")}
        data: dict[str, Any] = {n: m[1] if m else self.now(page)[n] for n, m in marks.items()}
        if files:
            data["evidence"] = [(BytesIO(b"%%PDF-1.7 file %d" % n), f"报告 {n}.pdf") for n in range(files)]
        return browser.post(f"{page}/steps/{step}", data | values, content_type="multipart/form-data")

    def now(self, page: str) -> dict[str, str]:
        """What a form of the case's present state would carry, for persons who are offered none."""
        key = self.key(page)
        with self.world.register.read() as reads:
            found = self.world.casework.look(reads, self.world.plants[0], key)
        return {"seen": found.view.state, "seen_steps": str(len(found.steps))}

    def key(self, page: str) -> CaseKey:
        if "nonconformities" in page:
            return CaseKey("nonconformity", page.rsplit("/", 1)[-1])
        return occurrence_key(self.occurrence(int(page.rsplit("/", 1)[-1])))

    def occurrence(self, number: int) -> Occurrence:
        row = self.app.extensions["compliance"].lists.occurrence(self.world.plants[0], number)
        assert row is not None
        found: Occurrence = row.occurrence
        return found

    def state(self, page: str) -> str:
        return self.now(page)["seen"]

    def find(self, *, approver: bool) -> str:
        """The page of an untouched occurrence whose rule has an approver, or none."""
        for number in range(2, 20):
            found = self.occurrence(number)
            if (found.approver == "management-representative") if approver else (found.approver is None):
                return f"/p/east/obligations/{number}"
        message = "the rules of the test world have no such obligation"
        raise AssertionError(message)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def _text(answer: TestResponse) -> str:
    return unescape(answer.text)


def test_evidence_is_handed_in_returned_handed_in_again_checked_and_approved(office: Office) -> None:
    page = office.find(approver=True)
    first = office.take("recorder", page, "submit", files=2, evidence_day="2026-11-20", receipt="HZ-1", note="第一次")
    assert (first.status_code, first.headers["Location"]) == (303, page)
    assert "已办理“提交证据”" in _text(office.at("recorder").get(page))
    assert office.take("checker", page, "return", reason="缺少盖章页").status_code == 303
    assert "退回给我的" in _text(office.at("recorder").get("/p/east/work"))
    assert office.take("recorder", page, "submit", files=1, evidence_day="2026-11-21").status_code == 303
    assert office.take("checker", page, "check", password=PASSWORD).status_code == 303
    assert "等我校核、批准或签署的" in _text(office.at("deputy").get("/p/east/work"))
    assert office.take("deputy", page, "approve", password=PASSWORD).status_code == 303
    assert office.state(page) == "accepted"
    shown = _text(office.at("guest").get(page))
    for part in ("林建 · 记录员", "缺少盖章页", "报告 1.pdf", "HZ-1", "校核无误", "+08:00", "本件已办结"):
        assert part in shown, part
    with office.world.register.read() as reads:
        steps = office.world.casework.look(reads, office.world.plants[0], office.key(page)).steps
    assert [s.step for s in steps] == ["submit", "return", "submit", "check", "approve"]
    assert all(s.signature.covers[:16] in shown for s in steps if s.signature)


def test_a_refusal_names_the_rule_and_the_reason_and_keeps_what_was_typed(office: Office) -> None:
    page = office.find(approver=True)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    refused = office.take("recorder", page, "check", password=PASSWORD, note="我自己看过了")
    assert refused.status_code == 403
    for part in ("规则 occurrence", "您已办理“提交证据”", "我自己看过了"):
        assert part in _text(refused), part
    assert office.state(page) == "submitted"


def test_the_page_says_what_blocks_each_step_and_who_may_take_it(office: Office) -> None:
    text = _text(office.at("guest").get(office.find(approver=True)))
    for part in ("目前没有您可以办理的步骤", "您的岗位和权限不办理此步", "部门人员", "/rules/workflow/occurrence"):
        assert part in text, part
    assert "/steps/" not in text


def test_a_verifier_sees_and_never_acts(office: Office) -> None:
    page = office.find(approver=True)
    answer = office.take("guest", page, "submit", files=1, evidence_day="2026-11-20")
    assert (answer.status_code, office.state(page)) == (403, "open")
    raised = office.at("guest").post("/p/east/nonconformities/new", {"title": "x", "category": "A", "grade": "minor"})
    assert raised.status_code == 403
    assert "登记不符合项" not in _text(office.at("guest").get("/p/east/nonconformities"))


def test_a_wrong_password_signs_nothing_and_many_are_refused(office: Office) -> None:
    page = office.find(approver=True)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    answers = [office.take("checker", page, "check", password=f"no{n}", note="已核对") for n in range(11)]
    assert [a.status_code for a in answers] == [403] * 10 + [429]
    assert "密码不正确，未签署" in _text(answers[0])
    assert "已核对" in _text(answers[0])
    assert "no0" not in answers[0].text
    assert office.take("checker", page, "check", password=PASSWORD).status_code == 429
    assert office.state(page) == "submitted"


def test_a_right_password_forgets_the_wrong_ones(office: Office) -> None:
    page = office.find(approver=True)
    for _round in range(2):
        office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
        for _n in range(9):
            assert office.take("checker", page, "check", password="no").status_code == 403
        assert office.take("checker", page, "check", password=PASSWORD).status_code == 303
        office.take("deputy", page, "return", reason="再来")


def test_who_acts_on_an_old_page_is_told(office: Office) -> None:
    page = office.find(approver=True)
    old = office.now(page)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    office.at("head").get(page)
    late = office.at("head").post(f"{page}/steps/submit", old | {"evidence_day": "2026-11-19", "note": "晚了一步"})
    assert late.status_code == 409
    assert "他人已办理" in _text(late)
    assert "晚了一步" in _text(late)
    assert office.at("head").post(f"{page}/steps/submit", {"evidence_day": "2026-11-19"}).status_code == 409


def test_same_state_with_other_content_is_not_what_was_seen(office: Office) -> None:
    page = office.find(approver=True)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    old = office.now(page)
    office.take("checker", page, "return", reason="再来")
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-21")
    office.at("deputy").get(page)
    late = office.at("deputy").post(f"{page}/steps/check", old | {"password": PASSWORD})
    assert (late.status_code, office.state(page)) == (409, "submitted")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"evidence_day": "2026-13-40"}, "须为日期"),
        ({"evidence_day": "2027-01-01"}, "不得晚于今天"),
        ({"evidence_day": ""}, "请填写"),
        ({"evidence_day": "2026-11-20", "note": "x" * 4001}, "最多 4000 字"),
    ],
)
def test_a_bad_value_is_told_at_its_field_with_what_was_typed(
    office: Office, values: dict[str, str], said: str
) -> None:
    page = office.find(approver=True)
    answer = office.take("recorder", page, "submit", files=1, receipt="HZ-7<b>", **values)
    assert answer.status_code in {400, 403}
    wrong = re.findall(r'class="field wrong">.*?</p>', answer.text, re.DOTALL)
    assert any(said in unescape(w) for w in wrong)
    assert "HZ-7&lt;b&gt;" in answer.text
    assert office.state(page) == "open"


def test_without_evidence_nothing_is_handed_in(office: Office) -> None:
    page = office.find(approver=True)
    answer = office.take("recorder", page, "submit", evidence_day="2026-11-20")
    assert answer.status_code == 403
    assert "缺少“证据文件”" in _text(answer)


def test_files_come_back_byte_for_byte_and_are_never_shown_as_pages(office: Office) -> None:
    answer = office.at("guest").get(f"/p/east/obligations/1/files/{EVIDENCE_DIGEST}")
    assert answer.data == EVIDENCE
    headers = answer.headers
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for other in ("0" * 64, EVIDENCE_DIGEST[:-1], "..%2f..%2fsecret"):
        assert office.at("guest").get(f"/p/east/obligations/1/files/{other}").status_code == 404
    assert office.at("guest").get(f"/p/east/obligations/2/files/{EVIDENCE_DIGEST}").status_code == 404


def test_a_damaged_file_is_not_given_out(office: Office) -> None:
    path = office.world.vault.path(EVIDENCE_DIGEST)
    path.chmod(0o640)
    path.write_bytes(b"%PDF-1.4 another evidence..")
    answer = office.at("guest").get(f"/p/east/obligations/1/files/{EVIDENCE_DIGEST}")
    assert answer.status_code == 503
    assert "已损坏" in answer.text


def test_what_a_file_is_its_bytes_tell(office: Office) -> None:
    page = office.find(approver=True)
    browser = office.at("recorder")
    browser.get(page)
    page_file = (BytesIO(b"<html><script>alert(1)</script>"), "../../etc/发票<1>.pdf", "application/pdf")
    data = office.now(page) | {"evidence_day": "2026-11-20", "evidence": page_file}
    assert browser.post(f"{page}/steps/submit", data, content_type="multipart/form-data").status_code == 303
    link = re.search(rf'href="({page}/files/[0-9a-f]+)"', browser.get(page).text)
    assert link is not None
    got = browser.get(link[1])
    assert got.mimetype == "text/plain"
    assert "etc" not in got.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"PK\x03\x04 broken", "application/zip"),
        ("中文".encode("gb18030"), "text/plain"),
        (b"MZ\x90\x00\x03", "application/octet-stream"),
        (b"", "text/plain"),
    ],
)
def test_kinds(content: bytes, kind: str) -> None:
    assert sniff(BytesIO(content)) == kind


@pytest.mark.parametrize(
    ("given", "clean"),
    [("C:\\a\\b.pdf", "b.pdf"), ("../../x", "x"), ("", "file"), ("a\x00\u202eb.pdf", "ab.pdf"), ("..", "file")],
)
def test_names_are_made_harmless(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_files_have_limits(world: World) -> None:
    office = Office(world)
    office.app = world.app(largest_file=10, largest_upload=20_000)
    page = office.find(approver=True)
    browser = office.at("recorder")
    for data, status in (
        ([(BytesIO(b"x" * 11), "a.txt")], 400),
        ([(BytesIO(b""), "a.txt")], 400),
        ([(BytesIO(b"x"), f"{n}.txt") for n in range(21)], 400),
        ([(BytesIO(b"x" * 30_000), "a.txt")], 413),
    ):
        browser.get(page)
        form = office.now(page) | {"evidence_day": "2026-11-20", "evidence": data}
        answer = browser.post(f"{page}/steps/submit", form, content_type="multipart/form-data")
        assert answer.status_code == status
    assert office.state(page) == "open"


def test_a_nonconformity_from_record_to_closure(office: Office) -> None:
    files = {"report-progress": 1, "complete": 1}
    for login, step, values in (
        *UNTIL_PROGRESS[1:],
        ("head", "ask-extension", {"new_due": "2026-12-31", "reason": "外检排期"}),
        ("deputy", "grant-extension", {}),
        ("head", "complete", {"completed": "2026-11-22"}),
    ):
        answer = office.take(login, TICKET, step, files=files.get(step, 0), password=PASSWORD, **values)
        assert answer.status_code == 303, (step, _text(answer))
    assert "2026年12月31日" in office.at("guest").get(TICKET).text
    self_verified = office.take("head", TICKET, "verify", verification="有效", verified="2026-11-22", password=PASSWORD)
    assert self_verified.status_code == 403
    for part in ("您是本件的“责任人”", "规则 nonconformity"):
        assert part in _text(self_verified), part
    verified = office.take(
        "inspector", TICKET, "verify", verification="证书已覆盖", verified="2026-11-22", password=PASSWORD
    )
    assert verified.status_code == 303
    assert office.take("deputy", TICKET, "close", password=PASSWORD).status_code == 303
    shown = _text(office.at("guest").get(TICKET))
    for part in ("关闭", "孟启 · P04", "外检排期", "验证有效", "同意关闭", "补检定并修订计划", "本件已办结"):
        assert part in shown, part


def test_an_empty_field_says_not_yet_and_every_field_is_there(office: Office) -> None:
    text = _text(office.at("guest").get("/p/east/nonconformities/NC-2026-0002"))
    for title in ("不符合事实", "影响范围", "应急处置", "根本原因", "纠正措施", "验证标准", "证据文件", "验证情况"):
        assert f"<dt>{title}</dt>" in text
    assert text.count("尚无") > 8


def test_choices_and_persons_are_offered_in_words(office: Office) -> None:
    text = _text(office.at("officer").get("/p/east/nonconformities/NC-2026-0002"))
    for word in ("严重", "一般", "轻微"):
        assert f">{word}</option>" in text
    office.at("officer").speak("en")
    assert ">critical</option>" in office.at("officer").get("/p/east/nonconformities/NC-2026-0002").text
    world = office.world
    drive(world, world.plants[0], CaseKey("nonconformity", "NC-2026-0000"), UNTIL_PROGRESS[1:3])
    assert "林建 · P01 · 记录员" in _text(office.at("head").get(TICKET))


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        ({"owner": "P99"}, 400, "须为本企业人员的账号"),
        ({"due": "bald"}, 400, "须为日期"),
        ({"criterion": " "}, 403, "缺少“验证标准”"),
    ],
)
def test_a_plan_with_a_hole_comes_back(office: Office, change: dict[str, str], status: int, said: str) -> None:
    drive(office.world, office.world.plants[0], CaseKey("nonconformity", "NC-2026-0000"), UNTIL_PROGRESS[1:3])
    answer = office.take("head", TICKET, "plan", 0, **(PLAN | change))
    assert answer.status_code == status
    assert said in _text(answer)
    assert PLAN["action"] in _text(answer)


def test_a_nonconformity_is_raised_from_what_it_was_found_on(office: Office) -> None:
    form = _text(office.at("inspector").get("/p/east/nonconformities/new?about=finding:1"))
    assert 'name="about" value="finding:1"' in form
    assert "第 0 条" in form
    raised = {"title": "秤体未贴检定标识", "category": "C", "grade": "minor", "about": "instrument:JL-001"}
    answer = office.at("inspector").post("/p/east/nonconformities/new", raised)
    assert answer.status_code == 303
    page = _text(office.at("inspector").get(answer.headers["Location"]))
    assert "秤体未贴检定标识" in page
    assert "审核发现" in page
    trail = _text(office.at("inspector").get("/p/east/trail?type=nonconformity&action=nonconformity:raise"))
    assert "登记不符合项" in trail


@pytest.mark.parametrize(
    "change", [{"title": " "}, {"category": "Z"}, {"grade": "huge"}, {"title": "x" * 4001}, {"title": "a\x07b"}]
)
def test_a_bad_nonconformity_comes_back_with_what_was_typed(office: Office, change: dict[str, str]) -> None:
    browser = office.at("head")
    browser.get("/p/east/nonconformities/new")
    typed = {"title": "秤体未贴标识", "category": "C", "grade": "minor"} | change
    answer = browser.post("/p/east/nonconformities/new", typed)
    assert answer.status_code == 400
    assert len(re.findall('class="wrong-text"', answer.text)) == 1
    assert 'value="minor" selected' in answer.text or typed["grade"] != "minor"


@pytest.mark.parametrize("about", ["occurrence:999999", "finding:999999", "instrument:NONE", "user_account:officer"])
def test_about_names_only_what_the_plant_has(office: Office, about: str) -> None:
    assert office.at("head").get(f"/p/east/nonconformities/new?about={about}").status_code == 404
    form = {"title": "x", "category": "A", "grade": "minor", "about": about}
    office.at("head").get("/p/east/nonconformities/new")
    assert office.at("head").post("/p/east/nonconformities/new", form).status_code == 404


def test_another_plants_things_are_not_there(office: Office) -> None:
    west = office.world.plants[1]
    lists = office.app.extensions["compliance"].lists
    theirs = next(n for n in range(1, 60) if lists.occurrence(west, n))
    browser = office.at("deputy")
    browser.get("/p/east/work")
    form = {"seen": "open", "seen_steps": "0", "evidence_day": "2026-11-20", "password": PASSWORD}
    for path in (f"/p/east/obligations/{theirs}", "/p/east/nonconformities/NC-2026-0399"):
        assert browser.get(path).status_code == 404
        assert browser.post(f"{path}/steps/submit", form).status_code == 404
        assert browser.get(f"{path}/files/{EVIDENCE_DIGEST}").status_code == 404
    assert browser.post("/p/east/obligations/1/steps/nix", form).status_code == 404


def test_a_step_without_the_forms_token_is_refused(office: Office) -> None:
    page = office.find(approver=True)
    office.at("recorder").get(page)
    answer = office.at("recorder").client.post(f"{page}/steps/submit", data=office.now(page))
    assert (answer.status_code, office.state(page)) == (400, "open")


def test_the_list_shows_owner_due_and_filters(office: Office) -> None:
    browser = office.at("officer")
    text = _text(browser.get("/p/east/nonconformities?owner=P04"))
    assert "NC-2026-0001" in text
    assert "NC-2026-0002" not in text
    assert "孟启" in text
    assert "NC-2026-0001" in browser.get("/p/east/nonconformities?state=in-progress").text
    assert "NC-2026-0001" not in browser.get("/p/east/nonconformities?late=yes").text
    office.world.clock.hands[0] = NOW.replace(month=12, day=20)
    browser.sign_in("officer")
    assert "NC-2026-0001" in browser.get("/p/east/nonconformities?late=yes").text


def test_the_matrix_says_who_may_and_why_not(office: Office) -> None:
    browser = office.at("officer")
    text = _text(browser.get("/p/east/rights?kind=occurrence&person=P01"))
    for part in ("林建", "记录员", "可以", "您的岗位和权限不办理此步", "办理“提交证据”的人"):
        assert part in text, part
    assert "本件的“责任人”" in _text(browser.get("/p/east/rights?kind=nonconformity&person=P03"))
    assert browser.get("/p/east/rights?person=nobody&duty=nix").status_code == 200


def test_the_trail_leads_back_to_the_case(office: Office) -> None:
    listing = office.at("officer").get("/p/east/trail?type=nonconformity&id=NC-2026-0000").text
    leaf = re.search(r"/p/east/trail/\d+", listing)
    assert leaf is not None
    text = office.at("officer").get(leaf[0]).text
    assert 'href="/p/east/nonconformities/NC-2026-0000"' in text
    assert "登记事实并分级" in text
    handed = office.at("officer").get("/p/east/trail?action=occurrence:submit").text
    leaf = re.search(r"/p/east/trail/\d+", handed)
    assert leaf is not None
    there = re.search(r'href="(/p/east/data/occurrence/[^"]+)"', office.at("officer").get(leaf[0]).text)
    assert there is not None
    assert office.at("officer").get(there[1]).headers["Location"] == "/p/east/obligations/1"


def test_my_queue_holds_my_actions_and_what_waits_for_me(office: Office) -> None:
    head = _text(office.at("head").get("/p/east/work"))
    assert "我的纠正措施" in head
    assert "NC-2026-0001" in head
    checker = _text(office.at("checker").get("/p/east/work"))
    assert "等我校核、批准或签署的" in checker
    assert "我的纠正措施" not in checker
    assert "等我处置的不符合项" in _text(office.at("officer").get("/p/east/work"))
    assert "等我" not in _text(office.at("guest").get("/p/east/work"))


def test_every_staff_member_gets_every_page(office: Office) -> None:
    for login in STAFF:
        for path in ("work", "obligations/1", "nonconformities/NC-2026-0001", "nonconformities", "rights"):
            assert office.at(login).get(f"/p/east/{path}").status_code == 200
