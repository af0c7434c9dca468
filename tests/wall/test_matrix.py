"""Every route by every role in the own and in another plant: what is another's is missing, word for word.

Walked over the program's own map of addresses; a route with a value that is not in the tables fails.
"""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from compliance.core.accounts import NewUser, Role, add_user
from tests.web.conftest import Browser, _world
from tests.web.places import API, VALUES, addresses
from tests.web.world import ACTOR, NOW, PASSWORD, PlainPasswords

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from compliance.rulebase.rulebase import RuleBase
    from tests.web.world import World

pytestmark = pytest.mark.slow

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
#: Values that name a thing of one plant: how the other plant's is found, and one that is nobody's.
NUMBERS = {"obligations": "occurrence", "findings": "finding", "notices": "notice", "batches": "job"}
#: Parts of addresses that name no thing of a plant: words of the rules, tables, places in the plant's own log, steps.
WORDS = frozenset({"section", "step", "kind", "rule", "table", "seq", "verb", "filename", "place", "other", "copy"})
_TOKEN = re.compile(r'(name="csrf_token" value=")[^"]+|(name="csrf-token" content=")[^"]+')


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, rulebase: RuleBase) -> Iterator[World]:
    """Two plants; somebody of each role in the first one alone."""
    made = _world(tmp_path_factory.mktemp("matrix"), rulebase, 20)
    for role in Role:
        new = NewUser(f"only.{role.value}", role.value, None, "east", role, PASSWORD)
        add_user(made.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
    yield made
    made.register.close()


@pytest.fixture(scope="module")
def app(world: World) -> Flask:
    return world.app()


@pytest.fixture(scope="module")
def persons(app: Flask) -> dict[str, Browser]:
    found = {}
    for role in Role:
        found[role.value] = Browser(app)
        assert found[role.value].sign_in(f"only.{role.value}").status_code == 302
    return found


def _routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every route of a plant, by each of its methods."""
    rules = [r for r in app.url_map.iter_rules() if "plant" in r.arguments and not r.endpoint.startswith(API)]
    found = [(r, m) for r in rules for m in sorted(r.methods or ())]
    return [(rule, method) for rule, method in found if method not in {"HEAD", "OPTIONS"}]


def _path(app: Flask, rule: Rule, **given: Any) -> str:
    values = {**VALUES["*"], **VALUES.get(rule.endpoint, {}), **given}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        return str(adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}, force_external=False))


def _ask(browser: Browser, method: str, path: str) -> TestResponse:
    data = {"csrf_token": browser.token} if method in UNSAFE else None
    return browser.client.open(path, method=method, data=data, buffered=True)


def _said(answer: TestResponse, asked: str) -> str:
    """The answer without its anti-forgery token and without what was asked."""
    return _TOKEN.sub("", answer.text).replace(asked, "ASKED")


def test_another_plant_is_missing_for_every_role_by_every_route(app: Flask, persons: dict[str, Browser]) -> None:
    tried = 0
    for rule, method in _routes(app):
        foreign, missing = _path(app, rule, plant="west"), _path(app, rule, plant="nowhere")
        for role, browser in persons.items():
            other, none = _ask(browser, method, foreign), _ask(browser, method, missing)
            assert other.status_code == none.status_code == 404, (role, method, foreign, other.status_code)
            assert _said(other, "west") == _said(none, "nowhere"), (role, method, foreign)
            tried += 1
    assert tried > 8 * len(persons)


def test_a_stranger_is_sent_to_the_sign_in_alike(app: Flask) -> None:
    stranger = Browser(app)
    stranger.get("/sign-in")
    for rule, method in _routes(app):
        answers = [_ask(stranger, method, _path(app, rule, plant=p)) for p in ("east", "west", "nowhere")]
        assert len({a.status_code for a in answers}) == 1, rule
        assert answers[0].status_code in {302, 401}, (rule, answers[0].status_code)


def _foreign(world: World, endpoint: str, name: str) -> tuple[Any, Any]:
    """What the other plant has under this part of an address, and what nobody has."""
    blueprint = endpoint.partition(".")[0]
    with world.register.database.read() as connection:
        west = world.plants[1].id

        def one(query: str) -> Any:
            return connection.exec_driver_sql(query).scalar()

        if name == "number" and blueprint in NUMBERS:
            found = one(f"SELECT max(id) FROM {NUMBERS[blueprint]} WHERE plant_id = {west}")
            return found or 999_998, 999_999
        if name == "number":
            return "NC-2026-0000", "NC-2026-9999"
        if name == "sha256":
            return "0" * 64, "f" * 64
        if name == "account":
            return "login:west", "login:nowhere"
        if name == "code":
            return "F_OF_WEST", "F_OF_NOBODY"
        if name in {"upload", "name", "token", "version", "key"}:
            return "0" * 16, "f" * 16
    message = f"{endpoint}: say what another plant has under <{name}>"
    raise AssertionError(message)


def test_a_thing_of_another_plant_is_missing_under_ones_own(
    app: Flask, world: World, persons: dict[str, Browser]
) -> None:
    """Numbers run over all plants: another's number under the own plant's address is like one that nobody has."""
    looked = 0
    for rule, method in _routes(app):
        for name in sorted(rule.arguments - {"plant"} - WORDS):
            theirs, nobodys = _foreign(world, rule.endpoint, name)
            if name == "number" and not isinstance(theirs, int):
                continue  # both plants number their own from one
            for role, browser in persons.items():
                other = _ask(browser, method, _path(app, rule, **{name: theirs}))
                none = _ask(browser, method, _path(app, rule, **{name: nobodys}))
                assert other.status_code == none.status_code, (role, method, rule, theirs)
                assert _said(other, str(theirs)) == _said(none, str(nobodys)), (role, method, rule)
                if method == "GET" and name != "upload":  # how far an upload is: nothing, for one that is not mine
                    assert other.status_code in {403, 404}, (role, rule, other.status_code)
                looked += 1
    assert looked > 3 * len(persons)


def test_what_a_role_sees_of_its_own_plant_holds_nothing_of_the_other(app: Flask, persons: dict[str, Browser]) -> None:
    """Pages, lists, exports and files: no name, key or number of the second plant in any of them."""
    for endpoint, path in addresses(app, "GET"):
        for role, browser in persons.items():
            answer = browser.get(path)
            assert answer.status_code < 500, (role, path)
            for part in ("西山水泥", "91110000600009876B", "@west", "/p/west"):
                assert part not in _whole(answer), (role, endpoint, part)


def _whole(answer: TestResponse) -> str:
    """Everything that an answer says, workbooks and other archives unpacked."""
    data = answer.get_data()
    if not data.startswith(b"PK"):
        return data.decode(errors="replace")
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return "".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_looking_changes_nothing_whoever_looks(app: Flask, world: World, persons: dict[str, Browser]) -> None:
    def state() -> list[tuple[str, list[Any]]]:
        with world.register.database.read() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return [(n, list(connection.exec_driver_sql(f'SELECT * FROM "{n}"'))) for (n,) in sorted(names)]

    before = state()
    for _endpoint, path in addresses(app, "GET"):
        for browser in persons.values():
            browser.get(path)
    assert state() == before
