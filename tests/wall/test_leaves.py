"""Exactly one leaf an act: every unsafe route, every command and every job of the worker, walked.

What is not in the tables here fails: a new route, command or job says which leaves its success and its refusal leave.
"""

from __future__ import annotations

import io
import re
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from inspect import getsource
from typing import TYPE_CHECKING, Any

import pyotp
import pytest
from sqlalchemy import text

from compliance.adapters.accounts import Argon2
from compliance.adapters.zipped import zipped
from compliance.bootstrap import worker
from compliance.bootstrap.installation import OPERATOR
from compliance.bootstrap.web import web_app
from compliance.cli.main import main, parser
from compliance.core.accounts import NewUser, Role, add_user
from compliance.kernel.canonical import digest
from tests.adapters.test_group_templates import GROUP
from tests.adapters.test_own_templates import OWN
from tests.cli.conftest import live_on
from tests.conftest import ROOT
from tests.wall.stage import EVIDENCE
from tests.web.conftest import Browser
from tests.web.house import open_house
from tests.web.places import API
from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from werkzeug.test import TestResponse

    from tests.web.house import House

pytestmark = pytest.mark.slow

#: Tables that tell of an attempt or of reading, not of the plant.
TELLING = frozenset({"audit_entry", "audit_node", "log_head", "sign_in_failure", "session", "known_device"})
AROUND = ["session:sign-in", "session:sign-out"]


@dataclass
class Whole:
    """The whole program on the example plant, with a few more sign-ins."""

    house: House
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = web_app(self.house.installation)

    @property
    def plant(self) -> str:
        return self.house.plant

    def password(self, login: str) -> str:
        return self.house.passwords.get(login, PASSWORD)

    def at(self, login: str) -> Browser:
        if login not in self.browsers:
            browser = Browser(self.app)
            assert browser.sign_in(login, self.password(login)).status_code == 302, login
            self.browsers[login] = browser
        return self.browsers[login]

    def post(self, login: str, path: str, **form: Any) -> TestResponse:
        browser = self.at(login)
        browser.get("/profile")
        return browser.post(path.replace("PLANT", self.plant), form, content_type="multipart/form-data")

    def cli(self, *arguments: str, stdin: str = "") -> tuple[int, str]:
        said, streams = io.StringIO(), (sys.stdin, sys.stdout, sys.stderr)
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(stdin), said, said
        try:
            code = main(["--data", str(self.house.installation.workspace.root), *arguments])
        except SystemExit as ended:
            code = int(str(ended.code))
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
        return code, said.getvalue()

    def leaves(self) -> list[str]:
        with self.house.installation.register.database.read() as connection:
            return [str(k) for (k,) in connection.execute(text("SELECT kind FROM audit_entry ORDER BY rowid"))]

    def rows(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table that tells of the plant."""
        with self.house.installation.register.database.read() as connection:
            names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
            return {
                name: [tuple(r) for r in connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall()]
                for (name,) in names.fetchall()
                if name not in TELLING
            }

    def change(self, statement: str) -> None:
        with self.house.installation.register.database.work() as connection:
            connection.exec_driver_sql(statement)

    def one(self, query: str) -> Any:
        with self.house.installation.register.database.read() as connection:
            return connection.exec_driver_sql(query).scalar()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    with pytest.MonkeyPatch.context() as patch:
        live_on(patch, TODAY)
        for house in open_house(tmp_path_factory.mktemp("whole")):
            for login, role in (
                ("boss", Role.ADMINISTRATOR),
                ("boss2", Role.ADMINISTRATOR),
                ("looker", Role.VERIFIER),
                ("coder", Role.VERIFIER),
            ):
                new = NewUser(login, login, None, house.of.key, role, PASSWORD)
                at = house.installation
                add_user(at.register, Argon2(), new, actor=OPERATOR, now=at.clock.now())
            yield Whole(house)


# --- routes ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """One request: who, where, with what; the status, and the kinds of the leaves that it leaves."""

    login: str
    path: str
    form: dict[str, Any] | Callable[[Whole], dict[str, Any]]
    status: int
    leaves: list[str]


def _workbook(whole: Whole) -> dict[str, Any]:
    return {"workbook": (io.BytesIO(whole.house.workbook.read_bytes()), "e.xlsx"), "reason": "再次导入"}


def _corrected(whole: Whole) -> dict[str, Any]:
    """One row that the workbook has otherwise."""
    whole.change("UPDATE instrument SET name = '别名' WHERE id = (SELECT min(id) FROM instrument)")
    return _workbook(whole)


def _archive(**more: str) -> dict[str, Any]:
    """The shipped rules as an archive, with a file more."""
    files = {f.relative_to(ROOT / "rules").as_posix(): f.read_text("utf-8") for f in (ROOT / "rules").rglob("*.toml")}
    return {"rules": (io.BytesIO(zipped(files | more)), "r.zip"), "reason": "新规"}


def _changed_rules(_whole: Whole) -> dict[str, Any]:
    return _archive(**{"own.toml": "schema = 1\n# 一 one\n"})


def _other_rules(_whole: Whole) -> dict[str, Any]:
    return _archive(**{"own.toml": "schema = 1\n# 二 two\n"})


def _wrong_rules(_whole: Whole) -> dict[str, Any]:
    return _archive(**{"own.toml": "schema = 2\n"})


TEMPLATE = "/p/PLANT/templates/nonconformity-report"
GROUP_TEMPLATE = "/p/PLANT/group-templates/nonconformity-report"
#: What publishing it signs, with the password.
SEEN = {"seen": digest(OWN), "password": PASSWORD}
SEEN_GROUP = SEEN | {"seen": digest(GROUP)}


def _template(data: bytes) -> Callable[[Whole], dict[str, Any]]:
    """A template of a type, uploaded with a reason."""
    return lambda _whole: {
        "type": "nonconformity-report",
        "template": (io.BytesIO(data), "own.docx"),
        "reason": "本厂版式",
    }


def _signing(password: str) -> Callable[[Whole], dict[str, Any]]:
    """The plan that waits, signed."""

    def form(whole: Whole) -> dict[str, Any]:
        plan = whole.one("SELECT plan FROM rules_proposal WHERE state = 'open' ORDER BY id DESC")
        return {"plan": plan, "password": password}

    return form


def _behind(whole: Whole) -> dict[str, Any]:
    """The mark of yesterday."""
    whole.change("UPDATE plant SET mark = '2026-11-21'")
    return {}


def _current(whole: Whole) -> dict[str, Any]:
    """Nothing is left to judge: what follows is judged for itself alone."""
    whole.cli("reconcile")
    return {}


def _evidence(_whole: Whole) -> dict[str, Any]:
    return {
        "seen": "open",
        "seen_steps": "0",
        "evidence_day": "2026-11-20",
        "evidence": (io.BytesIO(EVIDENCE), "x.pdf"),
    }


def _step(_whole: Whole) -> dict[str, Any]:
    return {"seen": "opened", "seen_steps": "0", "extent": "一期", "fact": "秤停", "grade": "major"}


def _check(_whole: Whole) -> dict[str, Any]:
    return {"instrument": "NONE", "on": "x"}


def _new_check(whole: Whole) -> dict[str, Any]:
    """A check of an instrument that nobody has entered."""
    instrument = whole.one("SELECT number FROM instrument WHERE key_instrument = '是' ORDER BY number")
    row = {"number": "JL-WALL", "instrument": instrument, "type": "月度校验", "on": TODAY.isoformat(), "result": "合格"}
    return row | {"error": "0.1", "body": "设备部"}


def _new_reading(whole: Whole) -> dict[str, Any]:
    """A field of the month's grid that is empty."""
    line = whole.one("SELECT line FROM production_line ORDER BY line")
    page = whole.at("officer").get(f"/p/{whole.plant}/daily?line={line}&month={TODAY:%Y-%m}").text
    field = re.search(r'name="(a\.[^"]+)"[^>]*value=""', page)
    assert field is not None
    return {"line": line, "month": f"{TODAY:%Y-%m}", field[1]: "1", "checker": ""}


def _codes(whole: Whole) -> dict[str, Any]:
    """The code of the secret that the page shows, and the password."""
    found = re.search(r'class="secret">([^<]+)<', whole.at("coder").get("/profile/codes").text)
    if found:
        SECRET.append(found[1].replace(" ", ""))
    CLOCKS.append(whole.house.installation.clock.now())
    # A code counts once: the later one is of the next half minute.
    return {"password": PASSWORD, "code": pyotp.TOTP(SECRET[-1]).at(CLOCKS[-1], counter_offset=1 - bool(found))}


SECRET: list[str] = []
CLOCKS: list[datetime] = []


def _other_session(whole: Whole) -> dict[str, Any]:
    """Another session of the same person, as the profile lists it."""
    assert Browser(whole.app).sign_in("boss", PASSWORD).status_code == 302
    found = re.search(r'name="session" value="([0-9a-f]+)"', whole.at("boss").get("/profile").text)
    assert found is not None
    return {"session": found[1]}


def _others(whole: Whole) -> dict[str, Any]:
    assert Browser(whole.app).sign_in("boss", PASSWORD).status_code == 302
    return {}


PERSON = "/p/PLANT/people/ACCOUNT/acts"
AWAY = {"deputy": "DEPUTY", "since": "2026-11-23", "until": "2026-11-25", "reason": "年休假"}
RENEW = {"password": PASSWORD, "new": "another horse 电池", "again": "another horse 电池"}
NEW = {"title": "秤停", "category": "A", "grade": "major"}
#: Every unsafe route: what it leaves when it does what it is for, and when somebody known is refused.
ROUTES: dict[str, list[Asked]] = {
    "identity.enter": [
        Asked("", "/sign-in", {"login": "boss", "password": PASSWORD}, 302, ["session:sign-in"]),
        Asked("", "/sign-in", {"login": "boss", "password": "no"}, 401, ["session:refused"]),
        Asked("", "/sign-in", {"login": "nobody", "password": "no"}, 401, []),  # nobody whom a leaf could name
    ],
    "identity.sign_out": [Asked("boss2", "/sign-out", {}, 302, ["session:sign-out"])],
    "identity.choose_language": [Asked("boss", "/language", {"language": "zh"}, 302, [])],  # a cookie, no act
    "obligations.step": [
        Asked("department", "/p/PLANT/obligations/OPEN/steps/submit", _evidence, 303, ["occurrence:submit"]),
        Asked("looker", "/p/PLANT/obligations/OTHER/steps/submit", _evidence, 403, ["occurrence:refused"]),
    ],
    "tickets.step": [
        Asked("officer", "/p/PLANT/nonconformities/NC/steps/grade", _step, 303, ["nonconformity:grade"]),
        Asked("looker", "/p/PLANT/nonconformities/NC/steps/grade", _step, 409, ["nonconformity:refused"]),
    ],
    "tickets.raised": [
        Asked("officer", "/p/PLANT/nonconformities/new", NEW, 303, ["nonconformity:raise"]),
        Asked("looker", "/p/PLANT/nonconformities/new", NEW, 403, ["nonconformity:refused"]),
        Asked("officer", "/p/PLANT/nonconformities/new", NEW | {"grade": "?"}, 400, []),
    ],
    "imports.upload": [
        Asked("officer", "/p/PLANT/import", _corrected, 303, ["plant:import"]),
        Asked("officer", "/p/PLANT/import", {}, 400, []),
        Asked("looker", "/p/PLANT/import", {}, 403, ["plant:refused"]),
    ],
    "proposals.activate": [
        Asked("officer", "/p/PLANT/rules/proposals", _changed_rules, 303, ["rules:propose"]),
        Asked("officer", "/p/PLANT/rules/proposals/PROPOSAL/activate", _signing(PASSWORD), 403, ["rules:refused"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/activate", _signing("no"), 403, ["rules:refused"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/activate", {"password": PASSWORD}, 409, ["rules:refused"]),
        Asked("looker", "/p/PLANT/rules/proposals/PROPOSAL/activate", {}, 403, ["plant:refused"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/activate", _signing(PASSWORD), 303, ["rules:activate"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/activate", {}, 409, []),  # it is in use
    ],
    "proposals.propose": [
        Asked("officer", "/p/PLANT/rules/proposals", _other_rules, 303, ["rules:propose"]),
        Asked("officer", "/p/PLANT/rules/proposals", _other_rules, 409, ["rules:refused"]),  # it waits already
        Asked("officer", "/p/PLANT/rules/proposals", _changed_rules, 400, []),  # it is in use
        Asked("officer", "/p/PLANT/rules/proposals", _wrong_rules, 400, []),
        Asked("officer", "/p/PLANT/rules/proposals", {}, 400, []),
        Asked("looker", "/p/PLANT/rules/proposals", {}, 403, ["plant:refused"]),
    ],
    "proposals.replan": [
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/plan", {}, 303, []),  # the same plan
        Asked("looker", "/p/PLANT/rules/proposals/PROPOSAL/plan", {}, 403, ["plant:refused"]),
    ],
    "proposals.cancel": [
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/plan/cancel", {}, 404, []),  # no job plans it
        Asked("looker", "/p/PLANT/rules/proposals/PROPOSAL/plan/cancel", {}, 403, ["plant:refused"]),
    ],
    "proposals.withdraw": [
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/withdraw", {}, 400, []),  # no reason
        Asked("looker", "/p/PLANT/rules/proposals/PROPOSAL/withdraw", {}, 403, ["plant:refused"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/withdraw", {"reason": "不改了"}, 303, ["rules:withdraw"]),
        Asked("wangmin", "/p/PLANT/rules/proposals/PROPOSAL/withdraw", {"reason": "不改了"}, 409, []),  # it is
    ],
    "imports.reconcile": [
        Asked("officer", "/p/PLANT/reconcile", _behind, 303, ["plant:reconcile"]),
        Asked("looker", "/p/PLANT/reconcile", {}, 403, ["plant:refused"]),
    ],
    "entries.entered": [
        Asked("officer", "/p/PLANT/entries/instrument_check/new", _check, 400, []),
        Asked("looker", "/p/PLANT/entries/instrument_check/new", _check, 403, ["plant:refused"]),
        Asked("officer", "/p/PLANT/entries/instrument_check/new", _new_check, 303, ["plant:enter", "plant:reconcile"]),
    ],
    "daily.record": [
        Asked("officer", "/p/PLANT/daily", {"line": "", "month": "2026-11"}, 303, []),  # nothing was filled in
        Asked("looker", "/p/PLANT/daily", {"line": "", "month": "2026-11"}, 403, ["plant:refused"]),
        Asked("department", "/p/PLANT/daily", _new_reading, 303, ["plant:enter", "plant:reconcile"]),
    ],
    "notices.seen": [Asked("officer", "/p/PLANT/notices/seen", {"newest": "1"}, 303, [])],  # reading is no act
    "notices.chosen": [
        Asked("department", "/p/PLANT/notices/choices", {"mail": "a@b.example", "weekly": "1"}, 303, ["notice:choose"]),
        Asked("looker", "/p/PLANT/notices/choices", {"mail": "a@b.example"}, 404, []),  # has no account to be told by
    ],
    "notices.make": [Asked("department", "/p/PLANT/notices/feeds", {}, 200, ["feed:make"])],
    "notices.revoke": [Asked("department", "/p/PLANT/notices/feeds/FEED/revoke", {}, 303, ["feed:revoke"])],
    "figures.check": [
        Asked("officer", "/p/PLANT/factors/FACTOR/check", {"source": "x" * 401}, 400, []),
        Asked("officer", "/p/PLANT/factors/FACTOR/check", {"source": "通知 第 3 页"}, 303, ["factor:check"]),
        Asked("looker", "/p/PLANT/factors/FACTOR/check", {"source": "y"}, 403, ["plant:refused"]),
    ],
    "figures.confirm": [
        Asked("officer", "/p/PLANT/factors/SECONDFACTOR/confirm", {}, 400, []),  # nobody has checked it
        Asked("officer", "/p/PLANT/factors/SECONDFACTOR/check", {"source": "通知"}, 303, ["factor:check"]),
        Asked("officer", "/p/PLANT/factors/SECONDFACTOR/confirm", {}, 403, ["factor:refused"]),  # checked it himself
        Asked("department", "/p/PLANT/factors/SECONDFACTOR/confirm", {}, 303, ["factor:confirm"]),
        Asked("looker", "/p/PLANT/factors/SECONDFACTOR/confirm", {}, 403, ["plant:refused"]),
    ],
    "notices.make_for_plant": [
        Asked("boss", "/p/PLANT/notices/plant-feeds", {}, 200, ["feed:make"]),
        Asked("department", "/p/PLANT/notices/plant-feeds", {}, 403, ["plant:refused"]),
    ],
    "notices.revoke_of_plant": [
        Asked("boss", "/p/PLANT/notices/plant-feeds/PLANTFEED/revoke", {}, 303, ["feed:revoke"]),
        Asked("department", "/p/PLANT/notices/plant-feeds/PLANTFEED/revoke", {}, 403, ["plant:refused"]),
    ],
    "people.act": [
        Asked("boss", f"{PERSON}/off", {"login": "checker", "reason": "离职"}, 303, ["user:deactivate"]),
        Asked("boss", f"{PERSON}/on", {"login": "checker", "reason": "回来"}, 303, ["user:activate"]),
        Asked("boss", f"{PERSON}/give", {"login": "checker", "role": "records"}, 303, ["user:grant"]),
        Asked("boss", f"{PERSON}/take", {"login": "checker", "role": "records", "reason": "x"}, 303, ["user:revoke"]),
        Asked("looker", f"{PERSON}/off", {"login": "checker", "reason": "x"}, 403, ["plant:refused"]),
        Asked("looker", f"{PERSON}/absence", AWAY, 403, ["absence:refused"]),
        Asked("boss", f"{PERSON}/absence", AWAY, 303, ["absence:set"]),
    ],
    "credentials.password": [
        Asked("boss2", "/profile/password", RENEW, 302, ["password:change"]),
        Asked("boss2", "/profile/password", RENEW, 403, ["user:proof-refused"]),
    ],
    "credentials.mail": [
        Asked("boss", "/profile/mail", {"mail": "b@c.example", "password": PASSWORD}, 302, ["user:mail"]),
        Asked("boss", "/profile/mail", {"mail": "b@c.example", "password": "no"}, 403, ["user:proof-refused"]),
    ],
    "tokens.make": [
        Asked("boss", "/profile/tokens", {"name": "t", "days": "1", "password": PASSWORD}, 200, ["token:make"]),
        Asked("boss", "/profile/tokens", {"name": "u", "days": "1", "password": "no"}, 403, ["user:proof-refused"]),
        Asked("boss", "/profile/tokens", {"name": "t", "days": "1", "password": PASSWORD}, 400, []),  # the name again
    ],
    "tokens.revoke": [
        Asked("boss", "/profile/tokens/TOKEN/revoke", {}, 303, ["token:revoke"]),
        Asked("boss", "/profile/tokens/0123456789abcdef/revoke", {}, 400, []),
    ],
    # The secret is nobody's proof until it is confirmed; a wrong code is a refusal.
    "credentials.begin_codes": [Asked("coder", "/profile/codes/begin", {}, 303, [])],
    "credentials.confirm_codes": [
        Asked("coder", "/profile/codes/confirm", {"password": "no", "code": "1"}, 403, ["user:proof-refused"]),
        Asked("coder", "/profile/codes/confirm", _codes, 200, ["codes:on"]),
        # Only who has codes can switch them off, so that stands here.
        Asked("coder", "/profile/codes/off", {"password": "no", "code": "1"}, 403, ["user:proof-refused"]),
        Asked("coder", "/profile/codes/off", _codes, 302, ["codes:off"]),
    ],
    "credentials.codes_off": [
        Asked("looker", "/profile/codes/off", {"password": "no", "code": "1"}, 409, []),
    ],
    "credentials.end_session": [
        Asked("boss", "/profile/sessions/end", {"session": "?"}, 400, []),
        Asked("boss", "/profile/sessions/end", _other_session, 302, ["session:end"]),
    ],
    "credentials.end_other_sessions": [
        Asked("boss", "/profile/sessions/end-others", _others, 302, ["session:end-others"]),
        Asked("boss", "/profile/sessions/end-others", {}, 302, []),  # there is none
    ],
    "templates.propose": [
        Asked("looker", "/p/PLANT/templates", {}, 403, ["plant:refused"]),
        Asked("officer", "/p/PLANT/templates", {}, 400, []),
        Asked("officer", "/p/PLANT/templates", _template(b"x"), 409, ["template:refused"]),
        Asked("officer", "/p/PLANT/templates", _template(OWN), 303, ["template:propose"]),
        Asked("officer", "/p/PLANT/templates", _template(OWN), 409, ["template:refused"]),  # one waits
    ],
    "templates.publish": [
        Asked("officer", f"{TEMPLATE}/1/publish", SEEN, 403, ["template:refused"]),
        Asked("wangmin", f"{TEMPLATE}/1/publish", SEEN | {"password": "no"}, 403, ["template:refused"]),
        Asked("wangmin", f"{TEMPLATE}/1/publish", SEEN | {"seen": ""}, 409, ["template:refused"]),
        Asked("looker", f"{TEMPLATE}/1/publish", {}, 403, ["plant:refused"]),
        Asked("wangmin", f"{TEMPLATE}/1/publish", SEEN, 303, ["template:publish"]),
        Asked("wangmin", f"{TEMPLATE}/1/publish", SEEN, 409, []),
    ],
    "templates.reject": [
        Asked("wangmin", f"{TEMPLATE}/return", {"reason": "改回"}, 303, ["template:propose"]),
        Asked("officer", f"{TEMPLATE}/2/reject", {}, 400, []),  # no reason
        Asked("looker", f"{TEMPLATE}/2/reject", {}, 403, ["plant:refused"]),
        Asked("officer", f"{TEMPLATE}/2/reject", {"reason": "不改"}, 303, ["template:reject"]),
        Asked("officer", f"{TEMPLATE}/2/reject", {"reason": "不改"}, 409, []),
    ],
    "templates.make_pages": [
        Asked("looker", f"{TEMPLATE}/9/pages", {}, 403, ["plant:refused"]),
        Asked("officer", f"{TEMPLATE}/9/pages", {}, 404, []),
    ],
    "templates.go_back": [
        Asked("looker", f"{TEMPLATE}/return", {"reason": "改回"}, 403, ["plant:refused"]),
        Asked("wangmin", f"{TEMPLATE}/return", {}, 400, []),
    ],
    # Of the group; officer and wangmin hold their roles in the one plant that there is, which is every plant.
    "group_templates.propose": [
        Asked("looker", "/p/PLANT/group-templates", {}, 403, ["plant:refused"]),
        Asked("officer", "/p/PLANT/group-templates", {}, 400, []),
        Asked("officer", "/p/PLANT/group-templates", _template(b"x"), 409, ["group-template:refused"]),
        Asked("officer", "/p/PLANT/group-templates", _template(GROUP), 303, ["group-template:propose"]),
        Asked("officer", "/p/PLANT/group-templates", _template(GROUP), 409, ["group-template:refused"]),
    ],
    "group_templates.publish": [
        Asked("officer", f"{GROUP_TEMPLATE}/1/publish", SEEN_GROUP, 403, ["group-template:refused"]),
        Asked(
            "wangmin", f"{GROUP_TEMPLATE}/1/publish", SEEN_GROUP | {"password": "no"}, 403, ["group-template:refused"]
        ),
        Asked("wangmin", f"{GROUP_TEMPLATE}/1/publish", SEEN_GROUP | {"seen": ""}, 409, ["group-template:refused"]),
        Asked("looker", f"{GROUP_TEMPLATE}/1/publish", {}, 403, ["plant:refused"]),
        Asked("wangmin", f"{GROUP_TEMPLATE}/1/publish", SEEN_GROUP, 303, ["group-template:publish"]),
        Asked("wangmin", f"{GROUP_TEMPLATE}/1/publish", SEEN_GROUP, 409, []),
    ],
    "group_templates.reject": [
        Asked("wangmin", f"{GROUP_TEMPLATE}/return", {"reason": "改回"}, 303, ["group-template:propose"]),
        Asked("officer", f"{GROUP_TEMPLATE}/2/reject", {}, 400, []),  # no reason
        Asked("looker", f"{GROUP_TEMPLATE}/2/reject", {}, 403, ["plant:refused"]),
        Asked("officer", f"{GROUP_TEMPLATE}/2/reject", {"reason": "不改"}, 303, ["group-template:reject"]),
        Asked("officer", f"{GROUP_TEMPLATE}/2/reject", {"reason": "不改"}, 409, []),
    ],
    "group_templates.make_pages": [
        Asked("looker", f"{GROUP_TEMPLATE}/9/pages", {}, 403, ["plant:refused"]),
        Asked("officer", f"{GROUP_TEMPLATE}/9/pages", {}, 404, []),
    ],
    "group_templates.go_back": [
        Asked("looker", f"{GROUP_TEMPLATE}/return", {"reason": "改回"}, 403, ["plant:refused"]),
        Asked("wangmin", f"{GROUP_TEMPLATE}/return", {}, 400, []),
    ],
    # Nobody is signed in who asks for a link or uses one; what they lead to is tests/web/test_sign_in.py.
    "links.ask": [Asked("", "/forgot", {"login": "nobody"}, 404, [])],  # no mail is set up here
    "links.use": [Asked("", "/reset/x", {"new": "another horse 1", "again": "another horse 1"}, 302, [])],
    "documents.step": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/steps/submit", {}, 404, [])],
    "documents.draft": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/draft", {}, 404, [])],
    "change_requests.ask": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/change", {}, 404, [])],
    "change_requests.decide": [Asked("officer", "/p/PLANT/change-requests/DCR-2026-001/accept", {}, 404, [])],
    "drift.draft_next": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/next", {}, 404, [])],
    "copies.give": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/copies", {}, 404, [])],
    "copies.end": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/copies/1/end", {}, 404, [])],
    "copies.witness": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/copies/1/witness", {}, 404, [])],
    "marking.ask": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/marked", {}, 404, [])],
    "readers.name": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/readers", {}, 404, [])],
    "readers.confirm": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/read", {}, 404, [])],
    "batches.cancel": [
        Asked("officer", "/p/PLANT/documents/sets", {"month": "2026-10"}, 303, ["job:ask"]),
        Asked("auditor", "/p/PLANT/documents/sets/JOB/cancel", {}, 403, ["job:refused"]),
        Asked("officer", "/p/PLANT/documents/sets/JOB/cancel", {}, 303, ["job:cancel"]),
        Asked("officer", "/p/PLANT/documents/sets/JOB/cancel", {}, 409, []),  # it is over
    ],
    "batches.resume": [
        Asked("auditor", "/p/PLANT/documents/sets/JOB/resume", {}, 403, ["job:refused"]),
        Asked("officer", "/p/PLANT/documents/sets/JOB/resume", {}, 303, ["job:resume"]),
        Asked("officer", "/p/PLANT/documents/sets/JOB/resume", {}, 409, []),  # it waits
    ],
    "batches.start": [
        Asked("officer", "/p/PLANT/documents/sets", {"month": "26"}, 400, []),
        Asked("officer", "/p/PLANT/documents/sets", {"month": "1999-01"}, 409, []),
        Asked("auditor", "/p/PLANT/documents/sets", {"month": "2026-10"}, 403, ["document:refused"]),
        Asked("officer", "/p/PLANT/documents/sets", {"month": "2026-10"}, 303, []),  # it waits already
        Asked("officer", "/p/PLANT/documents/sets", {"month": "2026-09"}, 303, ["job:ask"]),
    ],
    "writing.open_one": [
        Asked("officer", "/p/PLANT/documents/open", {"rule": "carbon-policy", "about": "2026"}, 409, []),
        Asked("auditor", "/p/PLANT/documents/open", {"rule": "carbon-policy"}, 403, ["document:refused"]),
    ],
    "writing.write": [Asked("officer", "/p/PLANT/documents/NONE-2026-0001/0/sections/x", {"text": ""}, 404, [])],
    "identity.give_code": [Asked("", "/sign-in/code", {"code": "123456"}, 302, [])],  # nobody is half in
}


def _path(whole: Whole, path: str) -> str:
    opened = "SELECT id FROM occurrence WHERE state IN ('open', 'overdue') AND owner = 'carbon-department' ORDER BY id"
    named: dict[str, Callable[[], Any]] = {
        "OPEN": lambda: whole.one(opened),
        "OTHER": lambda: whole.one(f"{opened} DESC"),
        "NC": lambda: whole.one("SELECT number FROM nonconformity ORDER BY id"),
        "SECONDFACTOR": lambda: whole.one("SELECT code FROM plant_factor ORDER BY code LIMIT 1 OFFSET 2"),
        "FACTOR": lambda: whole.one("SELECT min(code) FROM plant_factor"),
        "PLANTFEED": lambda: whole.one("SELECT substr(id_hash, 1, 16) FROM feed_token WHERE person IS NULL"),
        "FEED": lambda: whole.one("SELECT substr(id_hash, 1, 16) FROM feed_token WHERE person IS NOT NULL"),
        "ACCOUNT": lambda: whole.house.accounts["checker"],
        "JOB": lambda: whole.one("SELECT max(id) FROM job"),
        "PROPOSAL": lambda: whole.one("SELECT max(id) FROM rules_proposal"),
        "TOKEN": lambda: whole.one("SELECT substr(id_hash, 1, 16) FROM api_token WHERE name = 't'"),
    }
    for name, found in named.items():
        if f"/{name}" in path:
            path = path.replace(f"/{name}", f"/{found()}")
    return path


def unsafe(whole: Whole) -> set[str]:
    """The unsafe routes of pages; those of programs have a table of their own in tests/web/test_api.py."""
    rules = [r for r in whole.app.url_map.iter_rules() if not r.endpoint.startswith(API)]
    return {r.endpoint for r in rules if r.methods and r.methods & {"POST", "PUT", "PATCH", "DELETE"}}


def test_every_unsafe_route_is_in_the_table(whole: Whole) -> None:
    assert unsafe(whole) - ROUTES.keys() == set()


def test_requests_leave_what_the_table_says(whole: Whole) -> None:
    # One test: what a later row looks for, an earlier one has made.
    for endpoint in sorted(ROUTES):
        _ask(whole, endpoint)


def _ask(whole: Whole, endpoint: str) -> None:
    if endpoint not in unsafe(whole):
        pytest.fail(f"{endpoint} is gone: take it out of the table")
    for asked in ROUTES[endpoint]:
        form: dict[str, Any] = asked.form if isinstance(asked.form, dict) else asked.form(whole)
        form = {k: whole.house.accounts["deputy"] if v == "DEPUTY" else v for k, v in form.items()}
        browser = whole.at(asked.login) if asked.login else Browser(whole.app)
        browser.get("/profile" if asked.login else "/sign-in")
        path = _path(whole, asked.path).replace("PLANT", whole.plant)
        before, rows = whole.leaves(), whole.rows()
        answer = browser.post(path, form, content_type="multipart/form-data")
        assert answer.status_code == asked.status, (asked, unescape(answer.text)[-800:])
        assert sorted(new(before, whole.leaves())) == sorted(asked.leaves), asked
        if answer.status_code >= 400:
            assert changed(rows, whole.rows()) == [], asked
        if endpoint == "identity.sign_out":
            whole.browsers.pop(asked.login)


def new(before: list[str], now: list[str]) -> list[str]:
    rest = list(now)
    for kind in before:
        rest.remove(kind)
    return rest


def changed(before: dict[str, list[tuple[Any, ...]]], now: dict[str, list[tuple[Any, ...]]]) -> list[str]:
    return [name for name in now if now[name] != before.get(name)]


# --- commands --------------------------------------------------------------------------------------------------------

#: Commands that make or hold a workspace or a process: their own tests run them.
NOT_HERE = {
    "init": "makes another workspace",
    "demo": "makes another workspace",
    "serve": "does not end",
    "worker": "does not end; its jobs are walked below",
    "rules activate": "puts other rules into use; tests/cli/test_keeping.py",
    "rules plan": "looks ahead; tests/system/test_plan.py",
    "rules propose": "proposes other rules; tests/system/test_plan.py",
    "rules withdraw": "takes a proposal back; tests/system/test_plan.py",
    "rules proposals": "lists them; tests/system/test_plan.py",
    "report": "writes a document; tests/cli/test_reporting.py",
    "act": "tests/wall/test_guards.py takes every step by it",
    "case": "looks at one case; tests/cli/test_acting.py",
    "explain": "looks at one thing; tests/cli/test_judging.py",
}


def commands() -> dict[str, ArgumentParser]:
    """Every command by its words."""
    found: dict[str, ArgumentParser] = {}

    def walk(top: ArgumentParser, words: tuple[str, ...]) -> None:
        below = [a for a in top._actions if isinstance(a, _SubParsersAction)]
        if not below:
            found[" ".join(words)] = top
        for action in below:
            for name, one in action.choices.items():
                walk(one, (*words, name))

    walk(parser(), ())
    return found


LOOKS: dict[str, list[str]] = {
    "fsck": [],
    "doctor": [],
    "rules check": [],
    "rules lint": [],
    "rules coverage": [],
    "rules schema": [],
    "rules standards": [],
    "occurrences": ["--from", "2026-11-01", "--to", "2026-11-30"],
    "findings": [],
    "facts": ["--kind", "reading"],
    "figures": [],
    "replay": [],
    "notices": [],
    "missing": [],
    "calendar": ["--out", "OUT"],
    "collisions": [],
    "factor list": [],
    "simulate": [],
    "search": ["校准"],
    "feed list": [],
    "user list": [],
    "deputy list": [],
    "document list": [],
}
#: Documents are drafted, signed and issued by their own tests.
NOT_HERE |= {f"document {name}": "tests/adapters/test_documents.py" for name in ("draft", "show", "issue", "download")}
NOT_HERE |= {f"documents {name}": "tests/system/test_drift.py" for name in ("drift", "next")}
NOT_HERE |= {f"document {name}": "tests/cli/test_all_documents.py" for name in ("readers", "read")}
NOT_HERE |= {f"documents {n}": "tests/system/test_drift.py" for n in ("where-used", "changes", "ask-change")}
NOT_HERE |= {"documents decide-change": "tests/system/test_drift.py"}
_COPIES = ("list", "recall", "give", "return", "witness", "file")
NOT_HERE |= {f"copies {name}": "tests/cli/test_copies.py" for name in _COPIES}
NOT_HERE |= {"documents redline": "only reads; tests/adapters/test_redline.py"}
_ALL = ("list", "draft-all", "issue-all", "open", "write")
NOT_HERE |= {f"documents {name}": "tests/cli/test_all_documents.py" for name in _ALL}
NOT_HERE |= {f"jobs {name}": "tests/cli/test_jobs.py" for name in ("list", "show", "cancel", "resume")}
_TEMPLATES = ("check", "propose", "return", "publish", "reject", "list")
NOT_HERE |= {f"templates {name}": "tests/cli/test_templates.py" for name in _TEMPLATES}
NOT_HERE |= {"user reset": "makes a link; tests/cli/test_accounts.py"}
NOT_HERE |= {"document act": "tests/wall/test_guards.py tries every guard by it"}
SIGNED = ["--as", "LOGIN", "--password-stdin"]


@dataclass(frozen=True)
class Typed:
    """One command: its arguments, who signs it, its exit code, and the kinds of the leaves that it leaves."""

    arguments: list[str]
    code: int
    leaves: list[str]
    login: str = ""
    prepare: Callable[[Whole], object] = lambda _whole: None


ABSENT = ["--since", "2026-12-01", "--until", "2026-12-02", "--reason", "出差"]
EVENT = [f"--field={one}" for one in ("number=SJ-WALL", "type=其他", "on=2026-11-20", "description=更换磨机衬板")]
WORDS = ["--title", "秤停", "--category", "A", "--grade", "major"]
ACTS: dict[str, list[Typed]] = {
    "nonconformity raise": [
        Typed([*WORDS, *SIGNED], 0, ["nonconformity:raise", *AROUND], "officer"),
        Typed([*WORDS, *SIGNED], 1, ["nonconformity:refused", *AROUND], "looker"),
    ],
    "enter": [
        Typed(["instrument_check", "--field", "x=1", *SIGNED], 1, ["plant:refused", *AROUND], "looker"),
        Typed(["event", *EVENT, *SIGNED], 0, ["plant:enter", *AROUND], "officer", prepare=_current),
    ],
    "import": [Typed(["WORKBOOK", "--reason", "再次"], 0, ["plant:import"], prepare=_corrected)],
    "reconcile": [Typed([], 0, ["plant:reconcile"], prepare=_behind)],
    "notify": [Typed(["ACCOUNT", "--weekly"], 0, ["notice:choose"])],
    "feed make": [Typed(["--person", "ACCOUNT"], 0, ["feed:make"])],
    "feed revoke": [Typed(["FEED"], 0, ["feed:revoke"])],
    "factor check": [
        Typed(["FACTOR2", "--source", "来源", *SIGNED], 1, ["plant:refused", *AROUND], "looker"),
        Typed(["FACTOR2", "--source", "来源", *SIGNED], 0, ["factor:check", *AROUND], "officer"),
    ],
    "factor confirm": [
        Typed(["FACTOR2", *SIGNED], 1, ["factor:refused", *AROUND], "officer"),
        Typed(["FACTOR2", *SIGNED], 0, ["factor:confirm", *AROUND], "department"),
    ],
    "deputy set": [
        Typed(["ACCOUNT", "DEPUTY", *ABSENT, *SIGNED], 1, ["absence:refused", *AROUND], "looker"),
        Typed(["ACCOUNT", "DEPUTY", *ABSENT, *SIGNED], 0, ["absence:set", *AROUND], "boss"),
    ],
    "deputy end": [Typed(["ABSENCE", "--reason", "回来", *SIGNED], 0, ["absence:end", *AROUND], "boss")],
    "handover": [
        Typed(["ACCOUNT", "DEPUTY", "--reason", "换岗", *SIGNED], 1, ["nonconformity:refused", *AROUND], "looker"),
        Typed(["ACCOUNT", "DEPUTY", "--reason", "换岗", *SIGNED], 0, [*AROUND], "officer"),  # nothing is open
    ],
    "token make": [Typed(["boss", "--name", "脚本", "--read-only"], 0, ["token:make"])],
    "token list": [Typed(["boss"], 0, [])],
    "token revoke": [Typed(["boss", "脚本"], 0, ["token:revoke"])],
    "user grant": [Typed(["checker", "--role", "records"], 0, ["user:grant"])],
    "user revoke": [Typed(["checker", "--role", "records", "--reason", "换岗"], 0, ["user:revoke"])],
    "user deactivate": [Typed(["checker", "--reason", "离职"], 0, ["user:deactivate"])],
    "user activate": [Typed(["checker", "--reason", "回来"], 0, ["user:activate"])],
    "user add": [
        Typed(["somebody", "--role", "records", "--password-stdin"], 0, ["user:add"]),
        Typed(["somebody", "--role", "records", "--password-stdin"], 2, ["user:refused"]),
    ],
}


def test_every_command_is_in_a_table() -> None:
    assert commands().keys() - NOT_HERE.keys() - LOOKS.keys() - ACTS.keys() == set()


@pytest.mark.parametrize("why", sorted(set(NOT_HERE.values())))
def test_a_command_is_excused_by_a_test_that_exists(why: str) -> None:
    for named in re.findall(r"tests/[a-z_/]+\.py", why):
        assert (ROOT / named).is_file(), named


@pytest.mark.parametrize("name", sorted(LOOKS))
def test_looking_changes_nothing(whole: Whole, name: str, tmp_path: Any) -> None:
    if name not in commands():
        pytest.fail(f"{name} is gone: take it out of the table")
    before, rows = whole.leaves(), whole.rows()
    arguments = [a.replace("OUT", str(tmp_path / "out")) for a in LOOKS[name]]
    code, said = whole.cli(*name.split(), *arguments)
    assert code in {0, 1}, said
    assert new(before, whole.leaves()) == []
    assert changed(rows, whole.rows()) == []


def test_commands_leave_what_the_table_says(whole: Whole) -> None:
    # One test, as above: a feed is made before it is ended.
    for name in ACTS:
        _type(whole, name)


def _type(whole: Whole, name: str) -> None:
    if name not in commands():
        pytest.fail(f"{name} is gone: take it out of the table")
    for typed in ACTS[name]:
        named = {
            "WORKBOOK": str(whole.house.workbook),
            "ACCOUNT": whole.house.accounts["department"] or "",
            "FEED": str(whole.one("SELECT substr(id_hash, 1, 16) FROM feed_token WHERE revoked_at IS NULL") or ""),
            "LOGIN": typed.login,
            "FACTOR2": str(whole.one("SELECT max(code) FROM plant_factor")),
            "DEPUTY": whole.house.accounts["deputy"] or "",
            "ABSENCE": str(whole.one("SELECT max(id) FROM absence") or ""),
        }
        typed.prepare(whole)
        before, rows = whole.leaves(), whole.rows()
        password = whole.password(typed.login)
        code, said = whole.cli(*name.split(), *(named.get(a, a) for a in typed.arguments), stdin=password + "\n")
        assert code == typed.code, (typed, said)
        assert sorted(new(before, whole.leaves())) == sorted(typed.leaves), typed
        if code:
            assert changed(rows, whole.rows()) == [], typed


# --- the worker's jobs -----------------------------------------------------------------------------------------------

#: What a tick calls, and why it leaves what it leaves.
JOBS = {
    "_reconcile": "one leaf of the pulse for each plant that is behind",
    "_send_mail": "none: a mail tells of acts, it is none",
    "_make_documents": "two for each document that an obligation asks for: opened, drafted",
    "_clear_away": "none: the files were never part of an act",
}


def test_a_tick_leaves_one_leaf_for_each_plant_that_is_behind(whole: Whole) -> None:
    called = set(re.findall(r"\b(_[a-z_]+)\(", getsource(worker.tick))) - {"_name"}
    assert called - JOBS.keys() == set()
    at = whole.house.installation
    before, documents = whole.leaves(), len(whole.rows()["document"])
    worker.tick(at)
    opened = len(whole.rows()["document"]) - documents
    # Judged up to today already: what it opens is all.
    assert Counter(new(before, whole.leaves())) == {"document:open": opened, "document:draft": opened}
    assert opened > 0
    before = whole.leaves()
    worker.tick(at)
    assert new(before, whole.leaves()) == []
    _behind(whole)
    worker.tick(at)
    assert new(before, whole.leaves()) == ["plant:reconcile"]
    worker.tick(at)
    assert new(before, whole.leaves()) == ["plant:reconcile"]
