"""Tokens of the API: a person's own keys for programs. A token does what its person may do now, and no more.

The register keeps the hash of a token alone; whoever made it sees it once. A token ends by its own date, when it is
revoked, when its person's account is switched off or on, and when its person's password is set anew: whoever changes a
password because others may know it would otherwise leave a way in. What was ended is forgotten; the trail tells of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from compliance.core.accounts import Membership, NoSuchUser, Session, SignedIn, User, hash_of
from compliance.core.acts import Act, Actor
from compliance.core.plants import NoSuchPlant, Plant
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text

#: How often a token's last use is written.
TOUCH_EVERY = timedelta(minutes=1)
#: The longest that a token may live, and the longest name, and how many living ones a person has.
LONGEST_LIFE = 365
LONGEST_NAME = 100
MOST = 50
#: How a leaf names that somebody acted by a token.
BY_TOKEN = "token"  # noqa: S105 - a word, no secret
_KIND = "token"


class BadToken(WrongUse):
    """A token cannot be made so."""

    code = "bad-token"
    text: ClassVar[Text] = Text(zh="不能建立令牌：{why}", en="The token cannot be made: {why}")


class NoSuchToken(WrongUse):
    """The person has no such token, or it has ended."""

    code = "no-such-token"
    text: ClassVar[Text] = Text(zh="没有令牌“{token}”，或它已失效", en="There is no token {token!r}, or it has ended")


class TokenRefused(Refused):
    """No token came, or one that opens nothing; the answer does not tell which."""

    code = "token-refused"
    text: ClassVar[Text] = Text(
        zh="需要有效的令牌：Authorization: Bearer …", en="A valid token is needed: Authorization: Bearer …"
    )


class OnlyReads(Refused):
    """The token was made for reading alone."""

    code = "only-reads"
    text: ClassVar[Text] = Text(zh="此令牌只能读取", en="This token only reads")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """A token as it is kept. ``plant`` None: every plant of its person; ``read_only``: it changes nothing."""

    id_hash: str
    user_id: int
    name: str
    made_at: datetime
    until: datetime
    read_only: bool = False
    plant: str | None = None
    last_used: datetime | None = None

    @property
    def ref(self) -> str:
        """What names the token to people and in leaves; it opens nothing."""
        return self.id_hash[:16]


@dataclass(frozen=True, slots=True)
class NewToken:
    """What a person wants: a name, how many days it lives, and what it is narrowed to."""

    name: str
    days: int
    read_only: bool = False
    plant: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A new token; ``secret`` is shown this once."""

    token: ApiToken
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bearer(SignedIn):
    """A person who speaks through a token, with the roles of this moment as far as the token lets them count."""

    token: ApiToken

    def actor(self, plant: str | None = None) -> Actor:
        """The person as the trail names them; the token stands in place of a session."""
        return replace(SignedIn.actor(self, plant), auth=BY_TOKEN)


class TokenReads(Protocol):
    """What tokens ask of a look."""

    def plant(self, key: str) -> Plant | None:
        """The plant of a key or short code."""
        ...

    def find_user(self, login: str) -> User | None:
        """The account of a login."""
        ...

    def memberships(self, user_id: int) -> Sequence[Membership]:
        """The roles of an account."""
        ...

    def api_tokens(self, user_id: int) -> Sequence[ApiToken]:
        """The tokens of a person that were not revoked, the newest first."""
        ...

    def bearer(self, id_hash: str) -> tuple[ApiToken, User, Sequence[Membership]] | None:
        """The token of a hash with its person and their roles: one statement, as every request asks it."""
        ...


class TokenWork(TokenReads, Protocol):
    """What tokens ask of a writing transaction."""

    def add_api_token(self, token: ApiToken) -> None:
        """Keep a new token by its hash."""
        ...

    def touch_api_token(self, id_hash: str, now: datetime) -> None:
        """Note the last use of a token; no act, so no leaf."""
        ...

    def remove_api_token(self, id_hash: str) -> None:
        """Forget a token."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class TokenRegister(Protocol):
    """The register as tokens need it."""

    def read(self) -> AbstractContextManager[TokenReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[TokenWork]:
        """Open a writing transaction."""
        ...


def make_token(register: TokenRegister, login: str, wanted: NewToken, actor: Actor, now: datetime) -> Made:
    """Make a token for the person of a login. ``NoSuchUser``, ``NoSuchPlant`` or ``BadToken``."""
    name = " ".join(wanted.name.split())
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadToken(why=_NAME.fill(most=LONGEST_NAME))
    if not 1 <= wanted.days <= LONGEST_LIFE:
        raise BadToken(why=_LIFE.fill(most=LONGEST_LIFE))
    secret = secrets.token_urlsafe(32)
    with register.work() as work:
        user = _user(work, login)
        living = [t for t in work.api_tokens(user.id) if now < t.until]
        if not user.active or len(living) >= MOST or any(t.name == name for t in living):
            raise BadToken(why=_ENDED if not user.active else _MANY.fill(most=MOST) if len(living) >= MOST else _TAKEN)
        token = ApiToken(
            id_hash=hash_of(secret),
            user_id=user.id,
            name=name,
            made_at=now,
            until=now + timedelta(days=wanted.days),
            read_only=wanted.read_only,
            plant=_plant(work, user, wanted.plant) if wanted.plant else None,
        )
        work.add_api_token(token)
        work.record(_act(actor, "token:make", token, user), None)
    return Made(token, secret)


def revoke_token(register: TokenRegister, login: str, ref: str, actor: Actor, now: datetime) -> ApiToken:
    """End a token of a person by its short name or the name that the person gave it. ``NoSuchToken``."""
    with register.work() as work:
        user = _user(work, login)
        known = [t for t in work.api_tokens(user.id) if now < t.until]
        found = next((t for t in known if ref in {t.ref, t.name}), None)
        if found is None:
            raise NoSuchToken(token=ref[:LONGEST_NAME])
        work.remove_api_token(found.id_hash)
        work.record(_act(actor, "token:revoke", found, user, ended=True), None)
    return found


def my_tokens(register: TokenRegister, user_id: int, now: datetime) -> list[ApiToken]:
    """The living tokens of a person, the newest first."""
    with register.read() as look:
        return [t for t in look.api_tokens(user_id) if now < t.until]


def open_token(register: TokenRegister, secret: str, now: datetime) -> Bearer:
    """Who speaks through a token; its last use is written at most once a minute. ``TokenRefused``."""
    with register.read() as look:
        found = look.bearer(hash_of(secret)) if secret else None
    if found is None or now >= found[0].until or not found[1].active:
        raise TokenRefused
    token, user, given = found
    if token.last_used is None or now - token.last_used >= TOUCH_EVERY:
        with register.work() as work:
            work.touch_api_token(token.id_hash, now)
    # The token stands where pages have a session: leaves and steps then name it by its ref.
    session = Session(token.id_hash, user.id, token.made_at, now, token.until)
    return Bearer(user, tuple(_narrowed(token, given)), session, token)


def refuse_writing(register: TokenRegister, bearer: Bearer) -> None:
    """Raise ``OnlyReads`` where the token only reads; that somebody tried leaves a leaf."""
    if not bearer.token.read_only:
        return
    with register.work() as work:
        refusal = OnlyReads()
        act = Act(
            actor=bearer.actor(),
            action="token:refused",
            object_type=_KIND,
            object_id=bearer.token.ref,
            reason=refusal.message.zh,
        )
        work.record(act, None)
    raise refusal


def _narrowed(token: ApiToken, given: Sequence[Membership]) -> list[Membership]:
    """Roles as far as the token counts them: in its plant alone, those of the group included."""
    if token.plant is None:
        return list(given)
    return [Membership(token.plant, m.role) for m in given if m.plant in (None, token.plant)]


def _user(look: TokenReads, login: str) -> User:
    user = look.find_user(login)
    if user is None:
        raise NoSuchUser(login=login)
    return user


def _plant(look: TokenReads, user: User, key: str) -> str:
    """The key of a plant in which the person has a role; another's is answered like a missing one."""
    plant = look.plant(key)
    if plant is None or all(m.plant not in (None, plant.key) for m in look.memberships(user.id)):
        raise NoSuchPlant(plant=key)
    return plant.key


def _act(actor: Actor, action: str, token: ApiToken, user: User, *, ended: bool = False) -> Act:
    said = {
        "login": user.login,
        "name": token.name,
        "until": token.until.isoformat(timespec="seconds"),
        "plant": token.plant,
        "read_only": token.read_only,
    }
    changes = tuple(
        {"f": name, "old": value if ended else None, "new": None if ended else value}
        for name, value in said.items()
        if value not in (None, False)
    )
    return Act(actor=actor, action=action, object_type=_KIND, object_id=token.ref, changes=changes)


_NAME = Text("名称须为 1 至 {most} 个可见字符", "its name has 1 to {most} visible characters")
_LIFE = Text("有效天数须为 1 至 {most}", "it lives 1 to {most} days")
_TAKEN = Text("已有同名的有效令牌", "a living token has that name already")
_MANY = Text("有效令牌最多 {most} 个", "a person has at most {most} living tokens")
_ENDED = Text("账号已停用", "the account is switched off")
