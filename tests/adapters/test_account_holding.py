"""Accounts switched off and on, roles taken: sessions end, the last administrator stays, each act leaves one leaf."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from compliance.bootstrap.installation import OPERATOR
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
    make_link,
    revoke,
)
from compliance.core.acts import Actor
from compliance.core.permissions import MayNot
from tests.adapters.conftest import add_plant
from tests.adapters.test_accounts import NEW, NOW, PLAIN, door, enter, leaves, user

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.adapters.register import SqlRegister

__all__ = ["user"]
WHY = "调离本岗"


def actions(register: SqlRegister) -> list[object]:
    return [leaf["action"] for leaf in leaves(register)]


def test_an_account_off_is_out_at_once_and_on_again_signs_in_anew(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    assert deactivate(register, "wang", OPERATOR, NOW, WHY) == replace(user, active=False)
    assert current(register, token, NOW) is None
    with pytest.raises(SignInRefused):
        enter(register)
    last = leaves(register)[-2]
    assert (last["action"], last["object"]) == ("user:deactivate", {"type": "user", "id": "wang"})
    assert (last["changes"], last["reason"]) == ([{"f": "active", "old": True, "new": False}], WHY)
    assert activate(register, "wang", OPERATOR, NOW, "返岗") == user
    assert current(register, token, NOW) is None
    assert enter(register)[0].user == user


def test_what_is_so_already_is_not_done_again(register: SqlRegister, user: User) -> None:
    activate(register, "wang", OPERATOR, NOW, WHY)
    deactivate(register, "wang", OPERATOR, NOW, WHY)
    deactivate(register, "wang", OPERATOR, NOW, WHY)
    assert actions(register) == ["user:add", "user:deactivate"]
    assert user.active


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 1001, "a\x00b"])
def test_a_reason_is_needed(register: SqlRegister, user: User, reason: str) -> None:
    for act in (deactivate, activate):
        with pytest.raises(NoReason):
            act(register, "wang", OPERATOR, NOW, reason)
    with pytest.raises(NoReason):
        revoke(register, "wang", plant=None, role=NEW.role, actor=OPERATOR, now=NOW, reason=reason)
    assert actions(register) == ["user:add"]
    assert user.active


def test_a_change_of_roles_ends_the_sessions(register: SqlRegister, user: User) -> None:
    _, token = enter(register)
    grant(register, "wang", plant=None, role=Role.AUDITOR, actor=OPERATOR, now=NOW)
    assert current(register, token, NOW) is None
    _, token = enter(register)
    revoke(register, "wang", plant=None, role=Role.AUDITOR, actor=OPERATOR, now=NOW, reason=WHY)
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
        deactivate(register, "li", OPERATOR, NOW, WHY)
    with pytest.raises(NoSuchRole):  # the role in the group is none in the plant
        revoke(register, "wang", plant=plant.key, role=NEW.role, actor=OPERATOR, now=NOW, reason=WHY)
    assert actions(register) == ["user:add"]
    assert user.active


def test_the_last_administrator_stays(register: SqlRegister) -> None:
    plant = add_plant(register)
    boss = replace(NEW, login="boss", role=Role.ADMINISTRATOR, plant=plant.key)
    add_user(register, PLAIN, boss, actor=OPERATOR, now=NOW)
    gone = {"plant": plant.key, "role": Role.ADMINISTRATOR, "actor": OPERATOR, "now": NOW, "reason": WHY}
    for _ in range(2):
        with pytest.raises(LastAdministrator):
            deactivate(register, "boss", OPERATOR, NOW, WHY)
        with pytest.raises(LastAdministrator):
            revoke(register, "boss", **gone)  # type: ignore[arg-type] # a test's shorthand
        # Another plant's administrator, and one who is off, are no administrators here.
        other = replace(boss, login="off")
        with register.read() as look:
            known = look.find_user("off")
        if known is None:
            add_user(register, PLAIN, other, actor=OPERATOR, now=NOW)
            deactivate(register, "off", OPERATOR, NOW, WHY)
    assert actions(register).count("user:refused") == 4
    assert leaves(register)[-1]["object"] == {"type": "user", "id": "boss"}
    grant(register, "off", plant=None, role=Role.ADMINISTRATOR, actor=OPERATOR, now=NOW)
    with pytest.raises(LastAdministrator):
        deactivate(register, "boss", OPERATOR, NOW, WHY)
    activate(register, "off", OPERATOR, NOW, WHY)  # one of the group serves every plant
    revoke(register, "boss", **gone)  # type: ignore[arg-type] # a test's shorthand
    deactivate(register, "boss", OPERATOR, NOW, WHY)
    with pytest.raises(LastAdministrator):
        deactivate(register, "off", OPERATOR, NOW, WHY)


def made(register: SqlRegister, login: str, role: Role, plant: str | None) -> Actor:
    """Return an account of a role as it acts through a page."""
    add_user(register, PLAIN, replace(NEW, login=login, role=role, plant=plant), actor=OPERATOR, now=NOW)
    return Actor(login, login, role.value, "session")


def every_act(register: SqlRegister, plant: str | None, actor: Actor) -> list[Callable[[], object]]:
    """Return everything that may be done to the account wang, in a plant or in the group."""
    at = {"plant": plant, "role": NEW.role, "actor": actor, "now": NOW}
    new = replace(NEW, login=f"of-{actor.id}", plant=plant)
    return [
        lambda: grant(register, "wang", **at),  # type: ignore[arg-type] # a test's shorthand
        lambda: add_user(register, PLAIN, new, actor=actor, now=NOW),
        lambda: make_link(door(register), "wang", actor, NOW),
        lambda: deactivate(register, "wang", actor, NOW, WHY),
        lambda: activate(register, "wang", actor, NOW, WHY),
        lambda: revoke(register, "wang", reason=WHY, **at),  # type: ignore[arg-type] # a test's shorthand
    ]


def test_who_does_not_administer_there_changes_no_account(register: SqlRegister) -> None:
    east, west = add_plant(register, "EAST").key, add_plant(register, "WEST").key
    add_user(register, PLAIN, replace(NEW, plant=east), actor=OPERATOR, now=NOW)
    strangers = (
        made(register, "elsewhere", Role.ADMINISTRATOR, west),
        made(register, "officer", Role.COMPLIANCE_OFFICER, None),
        Actor("nobody", "无", "administrator", "session"),
        Actor("cli", "命令行", "operator", "session"),  # the operator's name alone opens nothing
    )
    for stranger in strangers:
        for do in every_act(register, east, stranger):
            before = leaves(register)
            with register.read() as look:
                known = look.users()
            with pytest.raises(MayNot):
                do()
            with register.read() as look:
                assert look.users() == known
            after = leaves(register)
            assert [leaf["action"] for leaf in after[len(before) :]] == ["user:refused"]
            assert after[-1]["actor"]["id"] == stranger.id  # type: ignore[index] # a leaf's actor


@pytest.mark.parametrize("of_group", [True, False])
def test_who_administers_there_does_it_all(register: SqlRegister, *, of_group: bool) -> None:
    plant = add_plant(register).key
    add_user(register, PLAIN, replace(NEW, plant=plant), actor=OPERATOR, now=NOW)
    boss = made(register, "boss", Role.ADMINISTRATOR, None if of_group else plant)
    for do in every_act(register, plant, boss):
        do()
    assert "user:refused" not in actions(register)


def test_a_part_elsewhere_and_a_lost_role_count(register: SqlRegister) -> None:
    plant = add_plant(register).key
    boss = made(register, "boss", Role.ADMINISTRATOR, plant)
    made(register, "other", Role.ADMINISTRATOR, None)
    add_user(register, PLAIN, NEW, actor=OPERATOR, now=NOW)  # of the group
    with pytest.raises(MayNot):
        deactivate(register, "wang", boss, NOW, WHY)
    with pytest.raises(MayNot):
        grant(register, "wang", plant=None, role=Role.AUDITOR, actor=boss, now=NOW)
    grant(register, "wang", plant=plant, role=Role.AUDITOR, actor=boss, now=NOW)
    revoke(register, "boss", plant=plant, role=Role.ADMINISTRATOR, actor=OPERATOR, now=NOW, reason=WHY)
    with pytest.raises(MayNot):  # a page made before is of no use
        revoke(register, "wang", plant=plant, role=Role.AUDITOR, actor=boss, now=NOW, reason=WHY)
