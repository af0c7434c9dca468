"""Tokens of the API in the register: what opens, what ends them, what stays on the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from compliance.adapters.codes import OneTimeCodes
from compliance.adapters.tables import user_account
from compliance.adapters.token_tables import api_token
from compliance.core import answers, tokens
from compliance.core.accounts import (
    Door,
    Membership,
    Origin,
    Role,
    activate,
    change_password,
    deactivate,
    grant,
    make_link,
    revoke,
    sign_in,
    use_link,
)
from compliance.core.accounts import Entered as SignedInNow
from compliance.core.plants import NoSuchPlant
from tests.web.world import ACTOR, NOW, PASSWORD, MovableClock, PlainPasswords, World, furnish, rules

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister
    from compliance.rulebase.rulebase import RuleBase

WANTED = tokens.NewToken("scada", 30)
SOON = NOW + timedelta(hours=1)


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    return rules()


@pytest.fixture
def world(register: SqlRegister, rulebase: RuleBase) -> World:
    return furnish(register, MovableClock(), rulebase)


def _make(world: World, wanted: tokens.NewToken = WANTED, login: str = "head") -> tokens.Made:
    return tokens.make_token(world.register, login, wanted, ACTOR, NOW)


def _opens(world: World, made: tokens.Made) -> bool:
    try:
        tokens.open_token(world.register, made.secret, SOON)
    except tokens.TokenRefused:
        return False
    return True


def _leaves(world: World) -> list[str]:
    with world.register.read() as look:
        return [entry.action for entry in look.trail(None)]


def _door(world: World) -> Door:
    return Door(world.register, PlainPasswords(), OneTimeCodes())


def test_a_token_opens_as_its_person_and_only_its_hash_is_kept(world: World) -> None:
    before = len(_leaves(world))
    made = _make(world)
    assert _leaves(world)[: len(_leaves(world)) - before] == ["token:make"]
    bearer = tokens.open_token(world.register, made.secret, SOON)
    assert (bearer.user.login, bearer.memberships) == (
        "head",
        (Membership(world.plants[0].key, Role.DEPARTMENT),),
    )
    assert bearer.actor(world.plants[0].key).auth == "token"
    assert bearer.actor().session == made.token.ref
    assert len(made.secret) >= 43
    assert made.secret not in repr(made)
    with world.register.database.read() as connection:
        row = connection.execute(api_token.select()).one()
    assert made.secret not in str(row)


@pytest.mark.parametrize("secret", ["", "x", "x" * 5000, "\ud800", "0" * 43])
def test_what_is_no_token_opens_nothing(world: World, secret: str) -> None:
    _make(world)
    with pytest.raises(tokens.TokenRefused):
        tokens.open_token(world.register, secret, SOON)


def test_a_token_ends_on_its_own_day(world: World) -> None:
    made = _make(world, replace(WANTED, days=1))
    tokens.open_token(world.register, made.secret, NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(tokens.TokenRefused):
        tokens.open_token(world.register, made.secret, NOW + timedelta(days=1))
    assert tokens.my_tokens(world.register, made.token.user_id, NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "wanted",
    [
        replace(WANTED, days=0),
        replace(WANTED, days=366),
        replace(WANTED, name="  "),
        replace(WANTED, name="x" * 101),
        replace(WANTED, name="a\x00b"),
    ],
)
def test_a_token_that_cannot_be_is_refused(world: World, wanted: tokens.NewToken) -> None:
    before = _leaves(world)
    with pytest.raises(tokens.BadToken):
        _make(world, wanted)
    assert _leaves(world) == before


def test_two_living_tokens_never_share_a_name(world: World) -> None:
    _make(world)
    with pytest.raises(tokens.BadToken):
        _make(world)


def test_the_plant_of_a_token_is_one_of_its_person(world: World) -> None:
    for plant in ("west", "nowhere"):
        with pytest.raises(NoSuchPlant):
            _make(world, replace(WANTED, plant=plant))


def test_a_token_of_one_plant_counts_the_roles_there_alone(world: World) -> None:
    made = _make(world, replace(WANTED, plant="east"), "chief")
    east = world.plants[0].key
    assert tokens.open_token(world.register, made.secret, SOON).memberships == (Membership(east, Role.AUDITOR),)
    # A role in another plant is none in the token's.
    grant(world.register, "head", plant="west", role=Role.COMPLIANCE_OFFICER, actor=ACTOR, now=NOW)
    bearer = tokens.open_token(world.register, _make(world, replace(WANTED, plant="east")).secret, SOON)
    assert bearer.memberships == (Membership(east, Role.DEPARTMENT),)
    assert bearer.roles_in(world.plants[1].key) == frozenset()


def test_a_token_that_stayed_though_its_account_is_off_opens_nothing(world: World) -> None:
    """Switching an account off ends its tokens; one that is left all the same opens nothing."""
    made = _make(world)
    with world.register.database.work() as connection:
        connection.execute(update(user_account).where(user_account.c.login == "head").values(active=False))
    assert not _opens(world, made)


def test_revoking_ends_a_token_at_once_with_one_leaf(world: World) -> None:
    made, other = _make(world), _make(world, replace(WANTED, name="other"))
    before = len(_leaves(world))
    with pytest.raises(tokens.NoSuchToken):
        tokens.revoke_token(world.register, "officer", made.token.ref, ACTOR, NOW)
    tokens.revoke_token(world.register, "head", made.token.ref, ACTOR, NOW)
    assert len(_leaves(world)) == before + 1
    assert (_opens(world, made), _opens(world, other)) == (False, True)
    with pytest.raises(tokens.NoSuchToken):
        tokens.revoke_token(world.register, "head", made.token.ref, ACTOR, NOW)


def test_a_switched_off_account_has_no_tokens_also_when_it_is_switched_on_again(world: World) -> None:
    made = _make(world)
    deactivate(world.register, "head", ACTOR, NOW, "离职")
    assert not _opens(world, made)
    activate(world.register, "head", ACTOR, NOW, "返岗")
    assert not _opens(world, made)


def test_a_password_set_anew_ends_tokens(world: World) -> None:
    changed, linked = _make(world), _make(world, login="checker")
    door = _door(world)
    entered = sign_in(door, login="head", password=PASSWORD, origin=Origin("a"), now=NOW)
    assert isinstance(entered, SignedInNow)
    change_password(door, entered.signed_in, old=PASSWORD, new="another long one", origin=Origin("a"), now=NOW)
    link = make_link(door, "checker", ACTOR, NOW)
    assert _opens(world, linked)
    use_link(door, link, "another long one", address="a", now=NOW)
    assert (_opens(world, changed), _opens(world, linked)) == (False, False)


def test_roles_are_those_of_the_moment(world: World) -> None:
    made, east = _make(world), world.plants[0].key
    grant(world.register, "head", plant="east", role=Role.AUDITOR, actor=ACTOR, now=NOW)
    bearer = tokens.open_token(world.register, made.secret, SOON)
    assert bearer.roles_in(east) == {Role.DEPARTMENT, Role.AUDITOR}
    for role in (Role.AUDITOR, Role.DEPARTMENT):
        revoke(world.register, "head", plant="east", role=role, actor=ACTOR, now=NOW, reason="调岗")
    assert tokens.open_token(world.register, made.secret, SOON).memberships == ()


def test_the_last_use_is_written_at_most_once_a_minute(world: World) -> None:
    made = _make(world)

    def used(after: timedelta) -> object:
        tokens.open_token(world.register, made.secret, NOW + after)
        return tokens.my_tokens(world.register, made.token.user_id, NOW)[0].last_used

    assert used(timedelta(0)) == used(timedelta(seconds=59)) == NOW
    assert used(timedelta(seconds=60)) == NOW + timedelta(seconds=60)


def test_a_reading_token_that_writes_leaves_one_leaf(world: World) -> None:
    reads = tokens.open_token(world.register, _make(world, replace(WANTED, read_only=True)).secret, SOON)
    before = len(_leaves(world))
    with pytest.raises(tokens.OnlyReads):
        tokens.refuse_writing(world.register, reads)
    assert _leaves(world)[: len(_leaves(world)) - before] == ["token:refused"]


def test_an_answer_is_given_once_and_kept_a_day(world: World) -> None:
    user = _make(world).token.user_id
    assert answers.claim(world.register, user, "k", "mark", NOW) is None
    with pytest.raises(answers.StillAnswering):
        answers.claim(world.register, user, "k", "mark", NOW)
    given = answers.Answer(201, '{"a": 1}', '"e"')
    with world.register.work() as work:
        work.keep_answer(user, "k", given)
    assert answers.claim(world.register, user, "k", "mark", SOON) == given
    with pytest.raises(answers.KeyReused):
        answers.claim(world.register, user, "k", "other", SOON)
    assert answers.claim(world.register, user + 1, "k", "other", SOON) is None
    assert answers.claim(world.register, user, "k", "other", NOW + answers.KEPT) is None


@pytest.mark.parametrize("key", ["", "x" * 201, "a\n", "钥匙"])
def test_a_key_that_no_header_carries_is_refused(world: World, key: str) -> None:
    with pytest.raises(answers.BadKey):
        answers.claim(world.register, 1, key, "mark", NOW)
