"""user add, grant, revoke, deactivate, activate, reset: what they write, say and refuse; the secret of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from compliance.bootstrap import serving
from compliance.bootstrap.installation import build
from compliance.bootstrap.web import web_app
from tests.cli.conftest import Answer, Cli
from tests.web.conftest import Browser

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # each command opens an installation

PASSWORD = "correct horse battery"
WHY = ("--reason", "岗位调整")


@pytest.fixture
def office(fresh: Cli) -> Cli:
    """An empty workspace with one administrator of the group."""
    assert fresh("init").code == 0
    assert add(fresh, "boss", "administrator").code == 0
    return fresh


def add(cli: Cli, login: str, role: str, *more: str) -> Answer:
    return cli("user", "add", login, "--role", role, *more, "--password-stdin", stdin=PASSWORD)


def user(cli: Cli, login: str) -> dict[str, Any]:
    (found,) = [one for one in cli("user", "list", "--json").json if one["login"] == login]
    return dict(found)


def roles(cli: Cli, login: str) -> list[str]:
    return [one["role"] for one in user(cli, login)["memberships"]]


def leaves(cli: Cli, action: str) -> int:
    return sum(row[0] == "audit_entry" and f'"{action}"' in str(row) for row in cli.dump())


def test_an_account_has_an_address_where_one_is_given(office: Cli) -> None:
    assert add(office, "li", "auditor", "--mail", "li@example.org").code == 0
    assert user(office, "li")["mail"] == "li@example.org"
    before = office.dump()
    for wrong in ("li", "li@", "li@example.org\r\nBcc: x@example.org", "李@example.org"):
        refused = add(office, "wang", "auditor", "--mail", wrong)
        assert (refused.code, "bad-mail" in refused.err) == (2, True)
    assert office.dump() == before


def test_a_role_is_given_once_and_taken_with_a_reason(office: Cli) -> None:
    add(office, "li", "auditor")
    for _twice in range(2):
        assert office("user", "grant", "li", "--role", "verifier").code == 0
    assert (roles(office, "li"), leaves(office, "user:grant")) == (["auditor", "verifier"], 1)
    before = office.dump()
    assert office("user", "revoke", "li", "--role", "verifier").code == 2
    for reason in ("", "  ", "长" * 1001):
        refused = office("user", "revoke", "li", "--role", "verifier", "--reason", reason)
        assert (refused.code, "no-reason" in refused.err) == (2, True)
    assert "no-such-role" in office("user", "revoke", "li", "--role", "records", *WHY).err
    assert "no-such-plant" in office("user", "grant", "li", "--role", "records", "--plant", "").err
    assert office.dump() == before
    assert office("user", "revoke", "li", "--role", "verifier", *WHY).code == 0
    assert (roles(office, "li"), leaves(office, "user:revoke")) == (["auditor"], 1)


def test_an_account_is_switched_off_and_on_with_a_reason(office: Cli) -> None:
    add(office, "li", "auditor")
    for verb, active in (("deactivate", False), ("activate", True)):
        before = office.dump()
        assert office("user", verb, "li").code == 2
        assert "no-reason" in office("user", verb, "li", "--reason", " ").err
        assert "no-such-user" in office("user", verb, "nobody", *WHY).err
        assert office.dump() == before
        assert office("user", verb, "li", *WHY).code == 0
        assert (user(office, "li")["active"], leaves(office, f"user:{verb}")) == (active, 1)


def test_the_last_administrator_is_kept(office: Cli) -> None:
    before = user(office, "boss")
    for command in (("deactivate", "boss"), ("revoke", "boss", "--role", "administrator")):
        refused = office("user", *command, *WHY)
        assert (refused.code, "last-administrator" in refused.err) == (2, True)
    assert (user(office, "boss"), leaves(office, "user:refused")) == (before, 2)
    add(office, "heir", "administrator")
    assert office("user", "deactivate", "heir", *WHY).code == 0
    assert office("user", "deactivate", "boss", *WHY).code == 2  # one who is switched off does not count
    assert office("user", "activate", "heir", *WHY).code == 0
    assert office("user", "deactivate", "boss", *WHY).code == 0


def test_a_link_of_the_server_sets_the_password_on_the_page(office: Cli) -> None:
    assert "no-such-user" in office("user", "reset", "nobody").err
    answer = office("user", "reset", "boss", "--json")
    assert (answer.code, answer.json["login"], answer.json["minutes"]) == (0, "boss", 60)
    link = answer.json["link"]
    token = link.rpartition("/")[2]
    assert len(token) >= 43
    assert token not in str(office.dump())
    assert token not in office("user", "list", "--json").out
    newer = office("user", "reset", "boss", "--json").json["link"]
    installation = build(office.folder)
    try:
        app = web_app(installation)
        browser, given = Browser(app), {"new": "another horse", "again": "another horse"}
        assert browser.get("/forgot").status_code == 404  # no mail is configured
        assert "link-ended" in browser.get(link).headers["Location"]  # a newer one took its place
        assert browser.get(newer).status_code == 200
        assert "said=reset" in browser.post(newer, given).headers["Location"]
        assert Browser(app).sign_in("boss", PASSWORD).status_code == 401
        assert Browser(app).sign_in("boss", "another horse").status_code == 302
    finally:
        installation.close()


# --- the secret of a workspace ---------------------------------------------------------------------------------------


def test_every_workspace_has_a_secret_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [Cli(tmp_path / name, capsys, monkeypatch) for name in ("one", "two")]
    assert [cli("init").code for cli in made] == [0, 0]
    first, second = ((cli.folder / "records" / "secret").read_bytes() for cli in made)
    assert first != second
    assert min(len(first), len(second)) >= 32
    assert min(len(set(first)), len(set(second))) > 8


@pytest.mark.parametrize("content", [None, b"", b"short"])
def test_without_its_secret_nothing_is_served(
    office: Cli, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    def never(*_: object, **__: object) -> None:
        message = "it serves"
        raise AssertionError(message)

    monkeypatch.setattr(serving, "create_server", never)
    monkeypatch.setattr(serving.Worker, "start", never)
    secret = office.folder / "records" / "secret"
    secret.unlink() if content is None else secret.write_bytes(content)
    answer = office("serve", "--port", "0")
    assert (answer.code, "secret-lost" in answer.err) == (3, True), answer.err
    assert "records/secret" in answer.err
    assert secret.exists() is (content is not None)
