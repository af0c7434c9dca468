"""What signing in needs beside accounts: tries, devices, one-time codes, links, half-done sign-ins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select, update

from compliance.adapters.connected import Changing, Connected
from compliance.adapters.sign_in_tables import half_sign_in, known_device, password_link, recovery_code
from compliance.adapters.tables import sign_in_failure, user_account
from compliance.adapters.trail import moment
from compliance.core.accounts import Half, Link


class SqlSignInReads(Connected):
    """The looks of ``core.accounts.AccountReads`` that are about proofs."""

    def tries(self, login: str, since: datetime) -> Sequence[tuple[str, datetime]]:
        """From where and when a login was tried in vain, from a moment on."""
        table = sign_in_failure
        query = select(table.c.address, table.c.at).where(table.c.login == login, table.c.at > moment(since))
        return [(row.address, _read(row.at)) for row in self._execute(query)]

    def knows_device(self, device_hash: str, user_id: int | None = None) -> bool:
        """Whether somebody (this person) has signed in from a device before."""
        query = select(known_device.c.user_id).where(known_device.c.id_hash == device_hash)
        if user_id is not None:
            query = query.where(known_device.c.user_id == user_id)
        return self._execute(query.limit(1)).first() is not None

    def code_secret(self, user_id: int) -> str | None:
        """The secret of a person's one-time codes, also while it is still to be confirmed."""
        found: str | None = self._execute(
            select(user_account.c.code_secret).where(user_account.c.id == user_id)
        ).scalar()
        return found

    def recovery_codes(self, user_id: int) -> int:
        """How many recovery codes of a person are left."""
        left = and_(recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None))
        count: int = self._execute(select(func.count()).select_from(recovery_code).where(left)).scalar_one()
        return count

    def half(self, id_hash: str) -> Half | None:
        """The half-done sign-in of a token's hash."""
        row = self._execute(select(half_sign_in).where(half_sign_in.c.id_hash == id_hash)).first()
        return Half(row.user_id, _read(row.until)) if row else None

    def link(self, id_hash: str) -> Link | None:
        """The link of a token's hash."""
        row = self._execute(select(password_link).where(password_link.c.id_hash == id_hash)).first()
        return Link(row.user_id, _read(row.until), row.ended_at is not None, row.made_by) if row else None


class SqlSignInChanges(Changing):
    """The changes of ``core.accounts.AccountWork`` that are about proofs."""

    def note_try(self, login: str, place: str, now: datetime, keep_from: datetime) -> None:
        """Count a try, and forget those before a moment; no act, so no leaf."""
        self._execute(delete(sign_in_failure).where(sign_in_failure.c.at <= moment(keep_from)))
        self._execute(insert(sign_in_failure).values(login=login, address=place, at=moment(now)))

    def stay_tried(self, login: str, place: str) -> None:
        """Write the tries as they are: a login that nobody has costs the write that a refusal's leaf costs."""
        self._execute(update(sign_in_failure).where(_tries(login, place)).values(login=login))

    def clear_tries(self, login: str, place: str) -> None:
        """Forget the tries of a login from a place."""
        self._execute(delete(sign_in_failure).where(_tries(login, place)))

    def know_device(self, device_hash: str, user_id: int, now: datetime) -> None:
        """Keep that a person signed in from a device; no act, so no leaf."""
        seen = update(known_device).where(known_device.c.id_hash == device_hash, known_device.c.user_id == user_id)
        if not self._execute(seen.values(seen_at=moment(now))).rowcount:
            values = {"id_hash": device_hash, "user_id": user_id, "made_at": moment(now), "seen_at": moment(now)}
            self._execute(insert(known_device).values(values))

    def propose_secret(self, user_id: int, secret: str) -> None:
        """Keep a secret that is still to be confirmed; no act, so no leaf."""
        off = and_(user_account.c.id == user_id, user_account.c.code_since.is_(None))
        self._execute(update(user_account).where(off).values(code_secret=secret, code_step=None))

    def switch_codes(self, user_id: int, since: datetime | None, recovery_hashes: Sequence[str]) -> None:
        """Ask for one-time codes from now on, with new recovery codes; or (None) no more, and forget the secret."""
        values: dict[str, object] = {"code_since": moment(since)} if since else {"code_since": None}
        if since is None:
            values |= {"code_secret": None, "code_step": None}
        self._change(update(user_account).where(user_account.c.id == user_id).values(**values))
        self._change(delete(recovery_code).where(recovery_code.c.user_id == user_id))
        if recovery_hashes:
            rows = [{"user_id": user_id, "code_hash": one} for one in recovery_hashes]
            self._change(insert(recovery_code).values(rows))

    def take_step(self, user_id: int, step: int) -> bool:
        """Use up a step of time; False if it or a later one was used. Part of an act, so no leaf of its own."""
        unused = or_(user_account.c.code_step.is_(None), user_account.c.code_step < step)
        taken = update(user_account).where(user_account.c.id == user_id, unused).values(code_step=step)
        return bool(self._execute(taken).rowcount)

    def take_recovery_code(self, user_id: int, code_hash: str, now: datetime) -> bool:
        """Use up a recovery code; False if there is none such left."""
        table = recovery_code
        left = and_(table.c.user_id == user_id, table.c.code_hash == code_hash, table.c.used_at.is_(None))
        # Counted as a change only where there is one: a wrong code changes nothing and leaves the refusal's leaf.
        if self._execute(select(table.c.user_id).where(left)).first() is None:
            return False
        return bool(self._change(update(table).where(left).values(used_at=moment(now))).rowcount)

    def add_half(self, id_hash: str, half: Half) -> None:
        """Keep a half-done sign-in in place of earlier ones of the person; no act, so no leaf."""
        self.remove_halves(half.user_id)
        values = {"id_hash": id_hash, "user_id": half.user_id, "until": moment(half.until)}
        self._execute(insert(half_sign_in).values(values))

    def remove_halves(self, user_id: int) -> None:
        """Forget the half-done sign-ins of a person; no act, so no leaf."""
        self._execute(delete(half_sign_in).where(half_sign_in.c.user_id == user_id))

    def add_link(self, id_hash: str, link: Link, now: datetime) -> None:
        """Keep a new link; earlier ones of the person end."""
        self.end_links(link.user_id, now)
        values = {"user_id": link.user_id, "made_at": moment(now), "until": moment(link.until)}
        self._change(insert(password_link).values(id_hash=id_hash, made_by=link.made_by, **values))

    def end_links(self, user_id: int, now: datetime) -> None:
        """End every link of a person."""
        living = and_(password_link.c.user_id == user_id, password_link.c.ended_at.is_(None))
        self._change(update(password_link).where(living).values(ended_at=moment(now)))


def _tries(login: str, place: str) -> Any:  # noqa: ANN401 - a boolean expression
    return and_(sign_in_failure.c.login == login, sign_in_failure.c.address == place)


def _read(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
