"""Accounts switched off and on, roles taken: sessions end, the last administrator stays, each act leaves one leaf."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from compliance.core.accounts import (
    LastAdministrator,
    Membership,
    NoReason,
    NoSuchRole,
    NoSuchUser,
    Role,
    SignInRefused,
    User,
    activate,
    add_user,
    current,
    deactivate,
    grant,
    revoke,
)
from tests.adapters.conftest import OFFICER, add_plant
from tests.adapters.test_accounts import NEW, NOW, PLAIN, enter, leaves, user

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister

__all__ = ["user"]
WHY = "调离本岗"


def actions(register: SqlRegister) -> list[object]:
    return [leaf["action"] for leaf in leaves(register)]


def test_an_account_off_is_out_at_once_and_on_again_signs_in_anew(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    assert deactivate(register, "wang", OFFICER, NOW, WHY) == replace(user, active=False)
    assert current(register, token, NOW) is None
    with pytest.raises(SignInRefused):
        enter(register)
    last = leaves(register)[-2]
    assert (last["action"], last["object"]) == ("user:deactivate", {"type": "user", "id": "wang"})
    assert (last["changes"], last["reason"]) == ([{"f": "active", "old": True, "new": False}], WHY)
    assert activate(register, "wang", OFFICER, NOW, "返岗") == user
    assert current(register, token, NOW) is None
    assert enter(register)[0].user == user


def test_what_is_so_already_is_not_done_again(register: SqlRegister, user: User) -> None:
    activate(register, "wang", OFFICER, NOW, WHY)
    deactivate(register, "wang", OFFICER, NOW, WHY)
    deactivate(register, "wang", OFFICER, NOW, WHY)
    assert actions(register) == ["user:add", "user:deactivate"]
    assert user.active


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 1001, "a\x00b"])
def test_a_reason_is_needed(register: SqlRegister, user: User, reason: str) -> None:
    for act in (deactivate, activate):
        with pytest.raises(NoReason):
            act(register, "wang", OFFICER, NOW, reason)
    with pytest.raises(NoReason):
        revoke(register, "wang", plant=None, role=NEW.role, actor=OFFICER, now=NOW, reason=reason)
    assert actions(register) == ["user:add"]
    assert user.active


def test_a_change_of_roles_ends_the_sessions(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    grant(register, "wang", plant=None, role=Role.AUDITOR, actor=OFFICER, now=NOW)
    assert current(register, token, NOW) is None
    _, token = enter(register)
    revoke(register, "wang", plant=None, role=Role.AUDITOR, actor=OFFICER, now=NOW, reason=WHY)
    assert current(register, token, NOW) is None
    with register.read() as look:
        assert look.memberships(user.id) == [Membership(None, NEW.role)]
    assert leaves(register)[-1]["changes"] == [
        {"f": "plant", "old": None, "new": None},
        {"f": "role", "old": "auditor", "new": None},
    ]


def test_who_and_what_is_not_there_is_said(register: SqlRegister, user: User) -> None:
    plant = add_plant(register)
    with pytest.raises(NoSuchUser):
        deactivate(register, "li", OFFICER, NOW, WHY)
    with pytest.raises(NoSuchRole):  # the role in the group is none in the plant
        revoke(register, "wang", plant=plant.key, role=NEW.role, actor=OFFICER, now=NOW, reason=WHY)
    assert actions(register) == ["user:add"]
    assert user.active


def test_the_last_administrator_stays(register: SqlRegister) -> None:
    plant = add_plant(register)
    boss = replace(NEW, login="boss", role=Role.ADMINISTRATOR, plant=plant.key)
    add_user(register, PLAIN, boss, actor=OFFICER, now=NOW)
    gone = {"plant": plant.key, "role": Role.ADMINISTRATOR, "actor": OFFICER, "now": NOW, "reason": WHY}
    for _ in range(2):
        with pytest.raises(LastAdministrator):
            deactivate(register, "boss", OFFICER, NOW, WHY)
        with pytest.raises(LastAdministrator):
            revoke(register, "boss", **gone)  # type: ignore[arg-type] # a test's shorthand
        # Another plant's administrator, and one who is off, are no administrators here.
        other = replace(boss, login="off")
        with register.read() as look:
            known = look.find_user("off")
        if known is None:
            add_user(register, PLAIN, other, actor=OFFICER, now=NOW)
            deactivate(register, "off", OFFICER, NOW, WHY)
    assert actions(register).count("user:refused") == 4
    assert leaves(register)[-1]["object"] == {"type": "user", "id": "boss"}
    grant(register, "off", plant=None, role=Role.ADMINISTRATOR, actor=OFFICER, now=NOW)
    with pytest.raises(LastAdministrator):
        deactivate(register, "boss", OFFICER, NOW, WHY)
    activate(register, "off", OFFICER, NOW, WHY)  # one of the group serves every plant
    revoke(register, "boss", **gone)  # type: ignore[arg-type] # a test's shorthand
    deactivate(register, "boss", OFFICER, NOW, WHY)
    with pytest.raises(LastAdministrator):
        deactivate(register, "off", OFFICER, NOW, WHY)
