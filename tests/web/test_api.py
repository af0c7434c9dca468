"""The API answers what it describes, refuses in one shape, and does what pages do with the same guards and leaves."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.acts import Act
from compliance.core.imports import Entries
from compliance.core.model import PlantFactor
from compliance.kernel.text import Text
from compliance.web.api.openapi import described
from compliance.web.api.operations import OPERATIONS
from compliance.web.api.shapes import Record, Shape, records_of
from compliance.web.services import Corrected, Entered, RowProblem
from tests.web import (
    test_batches,
    test_copies,
    test_group_templates,
    test_own_templates,
    test_proposals,
    test_readers,
)
from tests.web.api_client import ROOT, program
from tests.web.api_client import paths as paths_of
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

    from tests.web.api_client import Program
    from tests.web.world import World


BYTES = "application/octet-stream"


@pytest.fixture
def head(world: World, app: Flask) -> Program:
    return program(world, "head", app)


# ------------------------------------------------------------------------------- description


def test_every_route_is_described_and_every_description_is_a_route(app: Flask) -> None:
    routes = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/"):
            path = "".join(f"{{{part}}}" if is_dynamic else part for is_dynamic, part in _parts(rule))
            routes |= {(path, m) for m in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    told = described("1")
    assert routes == {(path, method.upper()) for path, given in told["paths"].items() for method in given}
    assert len(routes) > 20


def _parts(rule: Any) -> Iterator[tuple[bool, str]]:
    return ((dynamic, data) for dynamic, data in rule._trace if data != "|")


def test_the_description_refers_to_nothing_that_is_absent(head: Program) -> None:
    told = head.told("openapi.json")
    text = json.dumps(told)
    named = {part.split('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert named <= set(told["components"]["schemas"])
    assert told["openapi"] == "3.1.0"


def _shapes() -> Iterator[Shape]:
    for given in OPERATIONS.values():
        yield from filter(None, (given.body, given.answer))
        yield from (query.shape for query in given.query.values())


def test_records_of_one_name_are_one_and_examples_are_valid() -> None:
    by_name: dict[str, Record] = {}
    for shape in _shapes():
        for record in records_of(shape):
            assert by_name.setdefault(record.name, record).members == record.members, record.name
        wrong: list[Any] = []
        shape.read(shape.example(), "#", wrong)
        assert wrong == []


def test_every_answer_is_as_described(world: World, app: Flask) -> None:
    for login in ("head", "chief", "inspector"):
        asking = program(world, login, app)
        for endpoint, path in paths_of(OPERATIONS, "GET"):
            given, answer = OPERATIONS[endpoint], asking.get(path)
            if answer.status_code == 403:
                continue
            assert answer.status_code == 200, (path, answer.text)
            wrong: list[Any] = []
            if given.answer:
                assert answer.mimetype == "application/json"
                given.answer.read(answer.json, "#", wrong)
            assert wrong == [], path
            assert ("ETag" in answer.headers) is given.tagged, path


# ------------------------------------------------------------------------------- requests


RAISE = {"title": "铭牌缺失", "category": "A", "grade": "minor"}
NCS = "plants/east/nonconformities"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"title": "a", "title": "b"}',
        b'{"title": NaN}',
        b'{"title": -Infinity}',
        b'{"title": ' + b"9" * 5000 + b"}",
        b'{"title": 1e' + b"9" * 50 + b"}",
        b"[" * 100_000,
        b'{"title": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"title": "\xff"}',
        "\ufeff{}".encode(),
        b"{} {}",
    ],
)
def test_what_is_no_json_is_refused_with_its_position(head: Program, world: World, data: bytes) -> None:
    before = leaves(world)
    body = refusal(head.post(NCS, data=data, content_type="application/json"), 400, "malformed-json")
    assert body["detail"]["en"] != body["detail"]["zh"]
    assert leaves(world) == before


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ([], "#"),
        (RAISE | {"extra": 1}, "#/extra"),
        ({"title": "x"}, "#/category"),
        (RAISE | {"title": 5}, "#/title"),
        (RAISE | {"title": 1.5}, "#/title"),
        (RAISE | {"title": "a\x00b"}, "#/title"),
        (RAISE | {"title": "x" * 5000}, "#/title"),
        (RAISE | {"title": "  "}, "#/title"),
        (RAISE | {"category": "nope"}, "#/category"),
        (RAISE | {"grade": "nope"}, "#/grade"),
        (RAISE | {"about": "occurrence:999999"}, "#/about"),
        (RAISE | {"about": "nothing"}, "#/about"),
        (RAISE | {"a/b~c": 1}, "#/a~1b~0c"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(head: Program, world: World, body: Any, where: str) -> None:
    before = leaves(world)
    told = refusal(head.post(NCS, body), 422)
    assert where in {e["where"] for e in told["errors"]}
    assert leaves(world) == before


@pytest.mark.parametrize(
    ("question", "where"),
    [
        ("limit=0", "?limit"),
        ("limit=201", "?limit"),
        ("limit=x", "?limit"),
        ("limit=1&limit=2", "?limit"),
        ("from=2026-13-01", "?from"),
        ("state=nope", "?state"),
        ("after=nope", "?after"),
        ("nope=1", "?nope"),
    ],
)
def test_a_wrong_question_is_named(head: Program, question: str, where: str) -> None:
    body = refusal(head.get(f"plants/east/obligations?{question}"), 422)
    assert where in {e["where"] for e in body["errors"]}


def test_other_kinds_of_content_and_too_much_of_it(head: Program) -> None:
    refusal(head.post(NCS, data="a=b", content_type="application/x-www-form-urlencoded"), 415)
    refusal(head.post(NCS, data="{}", content_type="application/json; charset=gbk"), 415)
    refusal(head.post(NCS, RAISE | {"title": "x" * 1_100_000}), 413)
    refusal(head.post("plants/east/files", data="x", content_type="text/plain"), 415)


def test_addresses_and_methods_that_are_not_there(head: Program) -> None:
    for path in (
        "nope",
        "plants/east/nope",
        "plants/east/occurrences/x",
        "plants/east/occurrences/99999999999999999999",
    ):
        refusal(head.get(path), 404)
    refusal(head.get("/api/"), 404)
    answer = head.ask("DELETE", "plants")
    refusal(answer, 405)
    assert "GET" in answer.headers["Allow"]
    refusal(head.get("plants/%00"), 400)


def test_an_unexpected_error_tells_nothing(world: World, head: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("compliance.adapters.lists.SqlLists.findings", broken)
    answer = head.get("plants/east/findings")
    refusal(answer, 500)
    assert "secret" not in answer.text


def test_lists_go_on_where_they_ended(head: Program) -> None:
    for feature in ("obligations", "findings?shown=all", "nonconformities"):
        rows, path = [], f"{ROOT}/plants/east/{feature}{'&' if '?' in feature else '?'}limit=3"
        whole = head.told(path.replace("limit=3", "limit=200"))["rows"]
        while path:
            page = head.told(path)
            assert len(page["rows"]) <= 3
            rows += page["rows"]
            path = page["next"]
        assert rows == whole
        assert rows


# ------------------------------------------------------------------------------- steps


def _handed_in(world: World, app: Flask, number: int) -> tuple[str, dict[str, Any]]:
    """An occurrence of the list with evidence uploaded and handed in by the recorder."""
    recorder, path = program(world, "recorder", app), f"plants/east/occurrences/{number}"
    form = {"file": (BytesIO(b"%PDF-1.4 api " + str(number).encode()), "证据.pdf")}
    uploaded = recorder.post("plants/east/files", data=form, content_type="multipart/form-data")
    assert uploaded.status_code == 201, uploaded.text
    (file,) = uploaded.json["rows"]  # type: ignore[index] # the shape is tested above
    wish = {"step": "submit", "values": {"evidence_day": "2026-11-01"}, "files": [file["sha256"]]}
    before = leaves(world)
    done = recorder.post(f"{path}/steps", wish)
    assert done.status_code == 200, done.text
    assert leaves(world) == before + 1
    body: Any = done.json
    assert body["case"]["steps"][-1]["files"][0]["sha256"] == file["sha256"]
    fetched = recorder.get(body["case"]["steps"][-1]["files"][0]["href"])
    assert fetched.data == b"%PDF-1.4 api " + str(number).encode()
    return path, body


def test_a_file_is_handed_in_and_signed_by_password(world: World, app: Flask) -> None:
    path, told = _handed_in(world, app, 2)
    assert told["case"]["state"] == "submitted"
    checker = program(world, "checker", app)
    before = leaves(world)
    wrong = checker.post(f"{path}/steps", {"step": "check", "password": "wrong"})
    refusal(wrong, 403, "signature-refused")
    assert leaves(world) == before + 1
    done = checker.post(f"{path}/steps", {"step": "check", "password": PASSWORD})
    assert done.status_code == 200, done.text
    step = done.json["case"]["steps"][-1]  # type: ignore[index] # as above
    assert (step["login"], step["signed"]["method"]) == ("checker", "password")
    assert leaves(world) == before + 2


def test_what_the_rule_refuses_names_the_rule_and_leaves_one_leaf(world: World, app: Flask) -> None:
    path, _told = _handed_in(world, app, 3)
    recorder, before = program(world, "recorder", app), leaves(world)
    body = refusal(recorder.post(f"{path}/steps", {"step": "check", "password": PASSWORD}), 403, "may-not-take")
    assert body["rule"] == "occurrence"
    assert leaves(world) == before + 1


def test_who_looked_before_somebody_acted_is_told_so(world: World, app: Flask) -> None:
    recorder, path = program(world, "recorder", app), "plants/east/occurrences/5"
    looked = recorder.get(path)
    seen = {"state": looked.json["case"]["state"], "steps": looked.json["case"]["steps_taken"]}  # type: ignore[index] # as above
    _handed_in(world, app, 5)
    checker = program(world, "checker", app)
    before = leaves(world)
    tag = {"If-Match": looked.headers["ETag"]}
    wish = {"step": "return", "reason": "缺页"}
    assert refusal(checker.post(f"{path}/steps", wish, headers=tag), 409, "stale")["rule"] == "occurrence"
    refusal(checker.post(f"{path}/steps", wish | {"seen": seen}), 409, "stale")
    assert leaves(world) == before + 2
    now = {"If-Match": checker.get(path).headers["ETag"]}
    assert checker.post(f"{path}/steps", wish, headers=now).status_code == 200


@pytest.mark.parametrize(
    ("wish", "where"),
    [
        ({"step": "nope"}, "#/step"),
        ({"step": "submit", "values": {"nope": "1"}}, "#/values/nope"),
        ({"step": "submit", "values": {"evidence_day": "tomorrow"}}, "#/values/evidence_day"),
        ({"step": "submit", "values": {"evidence_day": "2026-11-01"}, "files": ["0" * 64]}, "#/files"),
        ({"step": "submit", "values": {"evidence_day": "2026-11-01"}, "files": ["x"]}, "#/files/0"),
        ({"step": "return", "files": ["0" * 64]}, "#/files"),
        ({"step": "submit", "reason": "x"}, "#/reason"),
        ({"step": "submit", "seen": {"state": "open"}}, "#/seen/steps"),
        ({"step": "submit", "password": 1}, "#/password"),
    ],
)
def test_a_wrong_part_of_a_step_is_named(world: World, app: Flask, wish: Any, where: str) -> None:
    recorder, before = program(world, "recorder", app), leaves(world)
    body = refusal(recorder.post("plants/east/occurrences/6/steps", wish), 422)
    assert where in {e["where"] for e in body["errors"]}
    assert leaves(world) == before


def test_an_upload_of_another_person_or_plant_is_no_file(world: World, app: Flask) -> None:
    for login, plant in (("head", "east"), ("recorder@west", "west")):
        other = program(world, login, app)
        sent = other.post(f"plants/{plant}/files?name=a.pdf", data=b"%PDF-1.4 " + login.encode(), content_type=BYTES)
        digest = sent.json["rows"][0]["sha256"]  # type: ignore[index] # as above
        wish = {"step": "submit", "values": {"evidence_day": "2026-11-01"}, "files": [digest]}
        missing = wish | {"files": ["1" * 64]}
        recorder = program(world, "recorder", app)
        answers = [recorder.post("plants/east/occurrences/6/steps", one) for one in (wish, missing)]
        assert answers[0].text.replace(digest, "1" * 64) == answers[1].text
        refusal(answers[0], 422, "unknown-file")


def test_who_only_looks_uploads_nothing(world: World, app: Flask) -> None:
    guest = program(world, "guest", app)
    before = leaves(world)
    sent = guest.post("plants/east/files", data=b"x", content_type=BYTES)
    refusal(sent, 403, "may-not")
    assert leaves(world) == before + 1


def test_too_many_passwords_say_when_to_try_again(world: World, app: Flask) -> None:
    path, _told = _handed_in(world, app, 8)
    checker = program(world, "checker", app)
    step = next(offer["step"] for offer in checker.told(path)["case"]["offers"] if offer["sign"])
    answers = [checker.post(f"{path}/steps", {"step": step, "password": f"x{n}"}) for n in range(11)]
    refusal(answers[-1], 429, "too-many-tries")
    assert int(answers[-1].headers["Retry-After"]) >= 60
    with world.register.database.work() as connection:
        connection.exec_driver_sql("DELETE FROM sign_in_failure")


# ------------------------------------------------------------------------------- once


def test_a_request_that_is_sent_again_does_nothing_twice(world: World, head: Program) -> None:
    before, key = leaves(world), {"Idempotency-Key": "k-1"}
    first, again = (head.post(NCS, RAISE, headers=key) for _ in range(2))
    assert (first.status_code, first.data, first.headers["ETag"]) == (201, again.data, again.headers["ETag"])
    assert again.status_code == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert leaves(world) == before + 1
    refusal(head.post(NCS, RAISE | {"title": "另一件"}, headers=key), 422, "idempotency-key-reused")
    assert leaves(world) == before + 1
    other = program(world, "checker", head.app).post(NCS, RAISE, headers=key)
    assert other.json["number"] != first.json["number"]  # type: ignore[index] # as above


def test_requests_of_one_key_at_once_do_it_once(world: World, head: Program) -> None:
    before, key = leaves(world), {"Idempotency-Key": "k-5"}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _n: head.post(NCS, RAISE, headers=key), range(6)))
    assert leaves(world) == before + 1
    assert {a.status_code for a in answers} <= {201, 409}
    assert len({a.json["number"] for a in answers if a.status_code == 201}) == 1  # type: ignore[index] # as above


def test_a_refusal_is_answered_again_too_and_leaves_one_leaf(world: World, app: Flask) -> None:
    guest, before, key = program(world, "guest", app), leaves(world), {"Idempotency-Key": "k-2"}
    first, again = (guest.post(NCS, RAISE, headers=key) for _ in range(2))
    assert refusal(first, 403) == refusal(again, 403)
    assert leaves(world) == before + 1


def test_a_request_that_was_cut_off_is_not_repeated(
    world: World, head: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    key = {"Idempotency-Key": "k-3"}
    with monkeypatch.context() as patch:
        patch.setattr("compliance.web.api.nonconformities.raise_nonconformity", broken)
        refusal(head.post(NCS, RAISE, headers=key), 500)
    refusal(head.post(NCS, RAISE, headers=key), 409, "idempotency-key-in-use")


def test_no_mark_of_a_request_can_be_made_without_the_sites_secret(world: World, app: Flask) -> None:
    wish = {"step": "check", "password": PASSWORD}
    program(world, "checker", app).post("plants/east/occurrences/9/steps", wish, headers={"Idempotency-Key": "k-4"})
    with world.register.database.read() as connection:
        kept = connection.exec_driver_sql("SELECT mark, body FROM api_answer WHERE key = 'k-4'").one()
    assert PASSWORD not in str(kept)
    other = world.app(secret=b"t" * 32)
    again = program(world, "checker", other).post(
        "plants/east/occurrences/9/steps", wish, headers={"Idempotency-Key": "k-4"}
    )
    refusal(again, 422, "idempotency-key-reused")


# ------------------------------------------------------------------------------- entries, notices, the rest


ROW = {"table": "instrument_check", "values": {"number": "JD-9", "instrument": "JL-001", "on": "2026-11-01"}}


def test_a_row_is_entered_as_by_the_form(world: World, head: Program) -> None:
    done = head.post("plants/east/entries", ROW | {"reason": "补录"})
    assert (done.status_code, done.json["added"]) == (201, 1)  # type: ignore[index] # as above
    assert world.enterer.calls[-1] == Entries(ROW["table"], (ROW["values"],), "补录")  # type: ignore[arg-type] # one literal
    tables: Mapping[str, Any] = {t["table"]: t for t in head.told("plants/east/entries")["rows"]}
    columns = {c["name"]: c for c in tables["instrument_check"]["columns"]}
    assert (columns["number"]["key"], columns["on"]["type"]) == (True, "day")
    assert columns["type"]["words"]


def test_a_bad_cell_and_a_correction_are_named(world: World, head: Program) -> None:
    tables = {t["table"]: t["columns"] for t in head.told("plants/east/entries")["rows"]}
    heading = next(c["heading"] for c in tables["instrument_check"] if c["name"] == "instrument")
    try:
        world.enterer.answer = Entered(problems=(RowProblem(0, heading, Text("无此仪表", "no such instrument")),))
        body = refusal(head.post("plants/east/entries", ROW), 422)
        assert [e["where"] for e in body["errors"]] == ["#/values/instrument"]
        world.enterer.answer = Entered(corrections=(Corrected(0, heading, "a → b"),))
        body = refusal(head.post("plants/east/entries", ROW), 409, "correction-needs-reason")
        assert body["errors"][0]["where"] == "#/values/instrument"
    finally:
        world.enterer.answer = Entered(added=1)
    values = ROW["values"] | {"nope": "1"}  # type: ignore[operator] # one literal
    assert (
        refusal(head.post("plants/east/entries", ROW | {"values": values}), 422)["errors"][0]["where"]
        == "#/values/nope"
    )


def test_who_may_not_enter_is_refused_with_one_leaf(world: World, app: Flask) -> None:
    inspector, before, calls = program(world, "inspector", app), leaves(world), len(world.enterer.calls)
    refusal(inspector.post("plants/east/entries", ROW), 403, "may-not")
    assert (leaves(world), len(world.enterer.calls)) == (before + 1, calls)


def test_a_factor_is_verified_by_two_persons_with_a_leaf_each(world: World, app: Flask) -> None:
    plant, path = world.plants[0], "plants/east/factors/EF_GRID"
    row = PlantFactor(code="EF_GRID", name="电力", value=536_600, unit="tCO2/MWh", origin="工作簿")
    with world.register.work() as work:
        work.insert_rows(plant, {PlantFactor: [row]})
        work.record(Act(actor=ACTOR, action="plant:import", object_type="plant", object_id=plant.key), plant)
    head, officer, inspector = (program(world, login, app) for login in ("head", "officer", "inspector"))
    before = leaves(world)
    refusal(inspector.post(f"{path}/check", {"source": "公告"}), 403, "may-not")
    checked: Any = officer.post(f"{path}/check", {"source": "公告"}).json
    assert checked["standing"] == "checked"
    refusal(officer.post(f"{path}/confirm", {}), 403, "same-person")
    confirmed: Any = head.post(f"{path}/confirm", {}).json
    assert confirmed["standing"] == "verified"
    assert leaves(world) == before + 4
    refusal(head.post("plants/east/factors/NOTHING/check", {"source": "x"}), 422, "no-such-factor")
    (told,) = [f for f in head.told("plants/east/factors")["rows"] if f["code"] == "EF_GRID"]
    assert (told["standing"], told["checked_against"], told["value"]) == ("verified", "公告", "0.5366")
    refusal(head.get("plants/east/figures?key=E_LINE/K9/2026"), 404)


def test_notices_are_read_and_noted(world: World, head: Program) -> None:
    before = leaves(world)
    assert head.post("plants/east/notices/seen", {"until": 10**6}).json == {"unseen": 0}
    refusal(head.post("plants/east/notices/seen", {}), 422)
    assert leaves(world) == before


def test_a_nonconformity_is_worked_as_on_its_page(world: World, app: Flask) -> None:
    inspector, guest, path = program(world, "inspector", app), program(world, "guest", app), f"{NCS}/NC-2026-0002"
    before = leaves(world)
    refusal(guest.post(f"{path}/steps", {"step": "grade", "values": {"extent": "一期"}}), 403, "may-not-take")
    assert leaves(world) == before + 1
    done = inspector.post(f"{path}/steps", {"step": "grade", "values": {"extent": "一期"}})
    assert done.status_code == 200, done.text
    assert leaves(world) == before + 2
    assert done.json["state"] == done.json["case"]["state"] != "opened"  # type: ignore[index] # as above
    assert done.headers["ETag"] == inspector.get(path).headers["ETag"]


def test_a_document_that_may_not_be_handed_in_is_refused_with_one_leaf(world: World, app: Flask) -> None:
    guest, listing = program(world, "guest", app), program(world, "head", app).told("plants/east/documents")["rows"]
    before = leaves(world)
    body = refusal(guest.post(f"{listing[0]['latest']['href']}/steps", {"step": "submit"}), 403, "may-not-take")
    assert body["rule"]
    assert leaves(world) == before + 1


def test_a_document_is_opened_and_written_as_at_its_page(world: World, app: Flask) -> None:
    new = NewUser("papers", "文控", None, "east", Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    author, guest = program(world, "papers", app), program(world, "guest", app)
    before = leaves(world)
    refusal(guest.post("plants/east/documents", {"rule": "carbon-policy"}), 403, "may-not-take")
    assert leaves(world) == before + 1
    wrong = {"rule": "emissions-ledger", "about": "2026-13"}
    refusal(author.post("plants/east/documents", wrong), 409, "no-such-subject")
    refusal(author.post("plants/east/documents", {"rule": "nothing"}), 503, "no-such-document")
    assert leaves(world) == before + 1
    opened = author.post("plants/east/documents", {"rule": "carbon-policy"})
    assert opened.status_code == 201, opened.text
    assert leaves(world) == before + 2
    path = opened.json["version"]["href"]  # type: ignore[index] # as above
    said = author.post(f"{path}/sections", {"section": "statement", "text": "以数据求真。"})
    assert said.status_code == 200, said.text
    assert leaves(world) == before + 3
    refusal(author.post(f"{path}/sections", {"section": "statement", "rows": [["a"]]}), 409, "bad-content")
    refusal(author.post(f"{path}/sections", {"section": "nothing", "text": "x"}), 422, "no-such-section")
    assert leaves(world) == before + 3


def test_a_change_is_asked_for_and_decided_by_another_with_a_leaf_each(world: World, app: Flask) -> None:
    new = NewUser("changes", "文控", None, "east", Role.DOCUMENT_CONTROLLER, PASSWORD)
    add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    officer, papers, guest = (program(world, login, app) for login in ("officer", "changes", "guest"))
    path = "plants/east/documents/NCR-2026-0001"
    wish = {"reason": "地址变更", "impact": "封面"}
    before = leaves(world)
    refusal(officer.post(f"{path}/change-requests", wish), 409, "not-in-force")
    refusal(papers.post(f"{path}/next", {}), 409, "not-stale")
    assert leaves(world) == before
    with world.register.database.work() as connection:
        connection.exec_driver_sql(
            "UPDATE document_version SET state = 'issued', issued = draft WHERE number = 'NCR-2026-0001'"
        )
    refusal(officer.post(f"{path}/change-requests", {**wish, "reason": ""}), 422)
    assert leaves(world) == before
    asked: Any = officer.post(f"{path}/change-requests", wish)
    assert asked.status_code == 201, asked.text
    assert leaves(world) == before + 1
    decision = f"plants/east/change-requests/{asked.json['number']}/decision"
    refusal(guest.post(decision, {"accept": False, "reason": "不需要"}), 403, "may-not-take")
    assert leaves(world) == before + 2
    refusal(papers.post("plants/east/change-requests/DCR-2026-999/decision", {"accept": False, "reason": "无"}), 404)
    decided: Any = papers.post(decision, {"accept": False, "reason": "不需要"})
    assert decided.status_code == 200, decided.text
    assert leaves(world) == before + 3
    refusal(papers.post(decision, {"accept": True, "reason": "再议"}), 409, "already-decided")
    assert leaves(world) == before + 3
    with world.register.database.work() as connection:
        connection.exec_driver_sql(
            "UPDATE document_version SET state = 'draft', issued = NULL WHERE number = 'NCR-2026-0001'"
        )


def test_rights_say_why_not(head: Program) -> None:
    rows = head.told("plants/east/rights?kind=nonconformity&person=P06")["rows"]
    assert all(row["may"] is False and row["reasons"] for row in rows)
    assert all(row["may"] is None for row in head.told("plants/east/rights")["rows"])
    refusal(head.get("plants/east/rights?person=P99"), 404)


#: Every unsafe operation, and the test that counts what it leaves; a new one says which.
COUNTED = {
    "api.occurrence_step": test_a_file_is_handed_in_and_signed_by_password,
    "api.nonconformity_step": test_a_nonconformity_is_worked_as_on_its_page,
    "api.nonconformity_raise": test_a_request_that_is_sent_again_does_nothing_twice,
    "api.document_step": test_a_document_that_may_not_be_handed_in_is_refused_with_one_leaf,
    "api.document_open": test_a_document_is_opened_and_written_as_at_its_page,
    "api.document_write": test_a_document_is_opened_and_written_as_at_its_page,
    "api.document_next": test_a_change_is_asked_for_and_decided_by_another_with_a_leaf_each,
    "api.document_change": test_a_change_is_asked_for_and_decided_by_another_with_a_leaf_each,
    "api.document_change_decide": test_a_change_is_asked_for_and_decided_by_another_with_a_leaf_each,
    "api.document_copy_give": test_copies.test_programs_keep_the_register_of_copies,
    "api.document_copy_end": test_copies.test_programs_keep_the_register_of_copies,
    "api.document_copy_witness": test_copies.test_programs_keep_the_register_of_copies,
    "api.document_name_readers": test_readers.test_programs_see_name_and_confirm,
    "api.document_read": test_readers.test_programs_see_name_and_confirm,
    "api.files_upload": test_who_only_looks_uploads_nothing,
    "api.entry": test_who_may_not_enter_is_refused_with_one_leaf,
    "api.notices_seen": test_notices_are_read_and_noted,
    "api.factor_check": test_a_factor_is_verified_by_two_persons_with_a_leaf_each,
    "api.factor_confirm": test_a_factor_is_verified_by_two_persons_with_a_leaf_each,
    "api.rules_plan": test_proposals.test_programs_propose_plan_sign_and_take_back_with_a_leaf_each,
    "api.rules_propose": test_proposals.test_programs_propose_plan_sign_and_take_back_with_a_leaf_each,
    "api.rules_activate": test_proposals.test_programs_propose_plan_sign_and_take_back_with_a_leaf_each,
    "api.rules_replan": test_proposals.test_programs_propose_plan_sign_and_take_back_with_a_leaf_each,
    "api.rules_withdraw": test_proposals.test_programs_take_back_and_go_back,
    "api.documents_set": test_batches.test_programs_ask_look_cancel_and_lead_on,
    "api.job_cancel": test_batches.test_programs_ask_look_cancel_and_lead_on,
    "api.job_resume": test_batches.test_programs_ask_look_cancel_and_lead_on,
    **dict.fromkeys(
        [f"api.template_{name}" for name in ("check", "propose", "return", "publish", "reject")],
        test_own_templates.test_programs_check_propose_publish_and_send_back_with_a_leaf_each,
    ),
    **dict.fromkeys(
        [f"api.group_template_{name}" for name in ("check", "propose", "return", "publish", "reject")],
        test_group_templates.test_programs_do_the_same_with_a_leaf_each,
    ),
    "api.rules_return": test_proposals.test_programs_take_back_and_go_back,
}


def test_what_every_unsafe_operation_leaves_is_counted() -> None:
    assert {name for name, given in OPERATIONS.items() if given.method != "GET"} == COUNTED.keys()
