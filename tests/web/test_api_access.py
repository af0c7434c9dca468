"""Who gets in at the API: by a token alone, with its person's rights of this moment, in its person's plants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from compliance.core.accounts import Role, deactivate, grant, revoke
from compliance.core.tokens import revoke_token
from compliance.web.api.operations import OPERATIONS
from compliance.web.security import FILE_POLICY, POLICY
from tests.web.api_client import ROOT, Program, make, paths, program
from tests.web.conftest import Browser
from tests.web.test_statements import MOST, Counter
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, NOW, PASSWORD, STAFF

if TYPE_CHECKING:
    from flask import Flask

    from tests.web.world import World

METHODS = ("GET", "POST")
_UPLOADS = ("files_upload", "rules_plan", "rules_propose", "template_check", "template_propose")
BODIES = dict.fromkeys((f"api.{name}" for name in _UPLOADS), "application/octet-stream")


def _ask(asking: Program, endpoint: str, method: str, path: str) -> object:
    kind = BODIES.get(endpoint, "application/json") if method == "POST" else None
    return asking.ask(method, path, data=b"{}" if kind else None, content_type=kind)


def test_every_operation_has_a_method_that_is_walked() -> None:
    assert {given.method for given in OPERATIONS.values()} == set(METHODS)


@pytest.mark.parametrize("said", [None, "", "Bearer", "Bearer x", "Basic b2ZmaWNlcjp4", "x" * 9000, "Bearer \u00e9"])
def test_nobody_gets_in_without_a_token(app: Flask, world: World, said: str | None) -> None:
    nobody = Program(app, None, {"Authorization": said} if said is not None else {})
    before = leaves(world)
    for method in METHODS:
        for _endpoint, path in paths(OPERATIONS, method):
            answer = nobody.ask(method, path, data=b"{}", content_type="application/json")
            refusal(answer, 401, "token-refused")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert leaves(world) == before


def test_a_session_is_no_token(app: Flask) -> None:
    browser = Browser(app)
    browser.sign_in("officer")
    assert browser.get("/p/east/work").status_code == 200
    for method in METHODS:
        for _endpoint, path in paths(OPERATIONS, method):
            answer = browser.client.open(path, method=method, data={"csrf_token": browser.token})
            assert answer.status_code == 401, path


def test_a_token_is_no_session_and_is_not_heard_in_an_address(app: Flask, world: World) -> None:
    secret = make(world, "officer").secret
    client = app.test_client()
    assert client.get("/p/east/work", headers={"Authorization": f"Bearer {secret}"}).status_code == 302
    for name in ("token", "access_token"):
        assert client.get(f"{ROOT}/plants?{name}={secret}").status_code == 401
    client.set_cookie("session", secret)
    assert client.get(f"{ROOT}/plants").status_code == 401


@pytest.mark.parametrize("login", ["officer", *STAFF])
def test_a_plant_of_others_is_answered_like_one_that_is_not_there(app: Flask, world: World, login: str) -> None:
    asking, before = program(world, login, app), leaves(world)
    for method in METHODS:
        for endpoint, path in paths(OPERATIONS, method, plant="west"):
            if "/plants/" not in path:
                continue
            theirs = _ask(asking, endpoint, method, path)
            nobodys = _ask(asking, endpoint, method, path.replace("/west", "/nowhere", 1))
            assert refusal(theirs, 404) == refusal(nobodys, 404), path  # type: ignore[arg-type] # answers
            assert theirs.data == nobodys.data, path  # type: ignore[attr-defined] # as above
    assert leaves(world) == before
    assert [p["short"] for p in asking.told("plants")["rows"]] == ["east"]


def test_an_object_of_another_plant_is_answered_like_a_missing_one(app: Flask, world: World) -> None:
    chief, officer = program(world, "chief", app), program(world, "officer", app)
    for kind, feature in (("occurrences", "obligations"), ("findings", "findings")):
        foreign = chief.told(f"plants/west/{feature}")["rows"][0]["id"]
        theirs, missing = officer.get(f"plants/east/{kind}/{foreign}"), officer.get(f"plants/east/{kind}/999999")
        assert refusal(theirs, 404) == refusal(missing, 404)
        assert theirs.data == missing.data
        assert foreign not in {row["id"] for row in officer.told(f"plants/east/{feature}?limit=200")["rows"]}


def test_a_token_of_one_plant_opens_that_alone(app: Flask, world: World) -> None:
    narrow = program(world, "chief", app, plant="east")
    assert [p["short"] for p in narrow.told("plants")["rows"]] == ["east"]
    assert narrow.get("plants/east").status_code == 200
    theirs, nobodys = narrow.get("plants/west"), narrow.get("plants/nowhere")
    assert refusal(theirs, 404) == refusal(nobodys, 404)


def test_a_token_that_reads_changes_nothing(app: Flask, world: World) -> None:
    reader = program(world, "officer", app, read_only=True)
    assert reader.get("plants/east").status_code == 200
    for endpoint, path in paths(OPERATIONS, "POST"):
        before = leaves(world)
        refusal(_ask(reader, endpoint, "POST", path), 403, "only-reads")  # type: ignore[arg-type] # answers
        assert leaves(world) == before + 1, path


def test_reading_changes_nothing(app: Flask, world: World) -> None:
    asking = program(world, "officer", app)
    asking.get("me")  # the first use is noted

    def state() -> list[object]:
        with world.register.database.read() as connection:
            tables = (
                "occurrence",
                "finding",
                "nonconformity",
                "audit_entry",
                "api_token",
                "membership",
                "plant",
                "case_step",
            )
            return [connection.exec_driver_sql(f"SELECT * FROM {t}").fetchall() for t in tables]

    before = state()
    for _endpoint, path in paths(OPERATIONS, "GET"):
        asking.get(path)
    assert state() == before


def test_rights_end_with_the_role_the_account_and_the_token(app: Flask, world: World) -> None:
    grant(world.register, "auditor", plant="west", role=Role.AUDITOR, actor=ACTOR, now=NOW)
    made = make(world, "auditor")
    asking = Program(app, made.secret)
    assert asking.get("plants/west").status_code == 200
    revoke(world.register, "auditor", plant="west", role=Role.AUDITOR, actor=ACTOR, now=NOW, reason="调岗")
    refusal(asking.get("plants/west"), 404)
    assert asking.get("plants/east").status_code == 200
    revoke_token(world.register, "auditor", made.token.ref, ACTOR, NOW)
    refusal(asking.get("plants/east"), 401)
    again = Program(app, make(world, "auditor").secret)
    assert again.get("plants/east").status_code == 200
    deactivate(world.register, "auditor", ACTOR, NOW, "离职")
    refusal(again.get("plants/east"), 401)


def test_every_answer_is_guarded_refusals_too(app: Flask, world: World) -> None:
    asking = program(world, "officer", app)
    for endpoint, path in paths(OPERATIONS, "GET"):
        headers = asking.get(path).headers
        assert headers["Content-Security-Policy"] == (FILE_POLICY if endpoint.endswith("_file") else POLICY), path
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers
    assert asking.get("nope").headers["Content-Security-Policy"] == POLICY


def test_a_strangers_body_is_not_read(app: Flask) -> None:
    from io import BytesIO

    class Unread(BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the body was read")

    answer = app.test_client().open(
        f"{ROOT}/plants/east/files",
        method="POST",
        input_stream=Unread(),
        content_length=1000,
        content_type="multipart/form-data; boundary=x",
    )
    assert answer.status_code == 401


@pytest.mark.slow
def test_no_look_asks_more_than_eight_statements_at_any_size(world: World, big_world: World) -> None:
    counts = []
    for one in (world, big_world):
        asking, found = program(one, "officer"), {}
        asking.get("me")
        counter = Counter(one)
        for endpoint, path in paths(OPERATIONS, "GET"):
            counter.seen.clear()
            assert asking.get(path).status_code == 200, path
            found[endpoint] = len(counter.seen)
        counts.append(found)
    assert {k: n for k, n in counts[1].items() if n > MOST} == {}
    assert counts[0] == counts[1]


# ------------------------------------------------------------------------------- the profile


def test_a_person_makes_and_ends_a_token_on_the_profile(app: Flask, world: World) -> None:
    browser, before = Browser(app), leaves(world)
    browser.sign_in("deputy")
    form = {"name": "报表", "days": "30", "plant": world.plants[0].key, "read_only": "yes"}
    refused = browser.post("/profile/tokens", form | {"password": "wrong"})
    assert refused.status_code == 403
    assert "报表" in refused.text
    assert browser.post("/profile/tokens", form | {"password": PASSWORD, "days": "366"}).status_code == 400
    made = browser.post("/profile/tokens", form | {"password": PASSWORD})
    secret = re.search(r'id="f-secret"[^>]*value="([^"]+)"', made.text)
    assert secret is not None
    assert leaves(world) == before + 3  # signed in, refused once, made once
    asking = Program(app, secret[1])
    assert asking.told("me") | {"token": "", "until": ""} == {
        "login": "deputy",
        "name": "沈亦安",
        "account": "P03",
        "token": "",
        "token_name": "报表",
        "read_only": True,
        "plant": world.plants[0].key,
        "until": "",
    }
    listed = browser.get("/profile/tokens").text
    assert secret[1] not in listed
    assert "报表" in browser.get("/profile").text
    address = f"/profile/tokens/{asking.told('me')['token']}/revoke"
    assert address in listed
    assert browser.post(address).status_code == 303
    refusal(asking.get("me"), 401)
    assert leaves(world) == before + 4
    assert browser.post(address).status_code == 400
