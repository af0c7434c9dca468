"""Notices in the register: implements ``core.notices.NoticeWork`` and ``core.feeds.FeedWork``.

Telling is part of the pulse's act. Reading a notice and sending its mail are no acts: they change nothing of the plant
and leave no leaf, so they bypass the check that every change leaves one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy import Row as SqlRow

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.case_tables import case_step, work_case
from compliance.adapters.notice_tables import feed_token, notice, notice_choice
from compliance.adapters.tables import plant as plant_table
from compliance.adapters.trail import moment
from compliance.core.cases import CaseKey
from compliance.core.feeds import FeedToken
from compliance.core.notices import Category, Choice, Mail, MailState, Notice, OpenCase, StoredNotice, message_id
from compliance.core.plants import Plant
from compliance.kernel.text import Text

_KEY = ("person", "kind", "object_id", "rung", "about")
#: Rows of one statement: databases limit its values.
_AT_ONCE = 500
#: Objects named in one statement: both databases take so many values.
_NAMED = 10_000
_KEYS = select(*(notice.c[name] for name in _KEY)).where(notice.c.plant_id == bindparam("asked"))
#: Joins what is muted.
_AND = ","
#: Length of the day in an ISO moment.
_DAY = len("2026-01-01")


class SqlNoticeReads(Connected):
    """The reading half."""

    def open_cases(self, plant: Plant, settled: Mapping[str, Sequence[str]]) -> Sequence[OpenCase]:
        """Cases outside the settled states of their kind, with their steps."""
        c, s = work_case.c, case_step.c
        same = and_(s.plant_id == c.plant_id, s.kind == c.kind, s.object_id == c.object_id)
        query = (
            select(c.kind, c.object_id, c.state, c.owner, c.due, s.step, s.account, s.at)
            .select_from(work_case.join(case_step, same))
            .where(c.plant_id == plant.id, ~_settled(settled))
            .order_by(c.id, s.seq)
        )
        cases: dict[CaseKey, OpenCase] = {}
        for row in self._execute(query):
            case = cases.setdefault(CaseKey(row.kind, row.object_id), _open_case(row))
            steps = (*case.steps, (row.step, row.account))
            cases[case.key] = replace(case, steps=steps, last=date.fromisoformat(row.at[:_DAY]))
        return list(cases.values())

    def settled_cases(self, plant: Plant, settled: Mapping[str, Sequence[str]]) -> Collection[CaseKey]:
        """Keys of the cases in a settled state of their kind."""
        c = work_case.c
        query = select(c.kind, c.object_id).where(c.plant_id == plant.id, _settled(settled))
        return {CaseKey(row.kind, row.object_id) for row in self._execute(query)}

    def notice_keys(self, plant: Plant) -> Iterator[tuple[str, str, str, str, date]]:
        """What was told already, some rows in memory at a time."""
        keys = self._connection.execute(_KEYS, {"asked": plant.id}, execution_options={"yield_per": _AT_ONCE})
        return map(tuple, keys)

    def _told(self, plant: Plant, new: Iterable[Notice]) -> set[tuple[str, str, str, str, date]]:
        """Those of some notices that were told already."""
        names = sorted({one.object_id for one in new})
        parts = [names[start : start + _NAMED] for start in range(0, len(names), _NAMED)]
        asked = _KEYS.where(notice.c.object_id.in_(bindparam("objects", expanding=True)))
        return {tuple(r) for part in parts for r in self._execute(asked, {"asked": plant.id, "objects": part})}

    def choices(self, plant: Plant) -> Sequence[Choice]:
        """What the persons of a plant have chosen."""
        c = notice_choice.c
        query = select(notice_choice).where(c.plant_id == plant.id).order_by(c.person)
        return [_choice(row) for row in self._execute(query)]

    def notices(self, plant: Plant, person: str | None = None) -> Sequence[StoredNotice]:
        """The notices of a plant or of one person, newest first."""
        query = select(notice).where(notice.c.plant_id == plant.id).order_by(notice.c.id.desc())
        if person is not None:
            query = query.where(notice.c.person == person)
        return [stored_notice(row) for row in self._execute(query)]

    def feed_tokens(self, plant: Plant) -> Sequence[FeedToken]:
        """The tokens of a plant, revoked ones included, oldest first."""
        query = _tokens().where(feed_token.c.plant_id == plant.id)
        return [_token(row) for row in self._execute(query.order_by(feed_token.c.made_at, feed_token.c.id_hash))]

    def find_feed(self, id_hash: str) -> FeedToken | None:
        """The token of a hash."""
        row = self._execute(_tokens().where(feed_token.c.id_hash == id_hash)).first()
        return _token(row) if row else None


class SqlNoticeChanges(SqlNoticeReads, Changing):
    """The writing half."""

    def add_notices(self, plant: Plant, new: Sequence[Notice], told: date) -> int:
        """Store what was not told yet; how many notices that is. A person with an address gets mail queued."""
        known, chosen = self._told(plant, new), {c.person: c for c in self.choices(plant)}
        mailed = [(n, (c := chosen.get(n.person)) is not None and c.mails(n.rung)) for n in new if n.key not in known]
        values = [_values(plant, n, told, mailed=by_mail) for n, by_mail in mailed]
        for start in range(0, len(values), _AT_ONCE):
            self._change(insert(notice).values(values[start : start + _AT_ONCE]))
        return len(values)

    def see_notices(self, plant: Plant, person: str, ids: Sequence[int], at: datetime) -> None:
        """Note that a person has read own notices; no act, so no leaf."""
        c = notice.c
        own = and_(c.plant_id == plant.id, c.person == person, c.id.in_(ids), c.seen_at.is_(None))
        self._execute(update(notice).where(own).values(seen_at=moment(at)))

    def see_all_notices(self, plant: Plant, person: str, newest: int, at: datetime) -> None:
        """Note that a person has read every own notice up to a number; no act, so no leaf."""
        c = notice.c
        own = and_(c.plant_id == plant.id, c.person == person, c.id <= newest, c.seen_at.is_(None))
        self._execute(update(notice).where(own).values(seen_at=moment(at)))

    def save_choice(self, plant: Plant, choice: Choice) -> None:
        """Keep what a person has chosen."""
        self._change(_without(plant, choice.person))
        quiet_from, quiet_until = choice.quiet or (None, None)
        values = {
            "plant_id": plant.id, "person": choice.person, "mail": choice.mail, "weekly": choice.weekly,
            "quiet_from": quiet_from, "quiet_until": quiet_until, "muted": _AND.join(choice.muted) or None,
        }  # fmt: skip
        self._change(insert(notice_choice).values(values))

    def claim_mail(self, worker: str, domain: str, now: datetime, lost: datetime, clock: str = "") -> Mail | None:
        """Take the next mail that is due, or one whose worker took it before ``lost`` and has died; no leaf."""
        c, chosen = notice.c, notice_choice.c
        waits = and_(c.mail == MailState.QUEUED.value, func.coalesce(c.next_try, "") <= moment(now))
        left = and_(c.mail == MailState.SENDING.value, c.claimed_at <= moment(lost))
        of_person = and_(chosen.plant_id == c.plant_id, chosen.person == c.person, chosen.mail.is_not(None))
        query = (
            select(notice, chosen.mail.label("address"), plant_table.c.key.label("plant_key"), plant_table.c.short)
            .select_from(notice.join(notice_choice, of_person).join(plant_table))
            .where(or_(waits, left), _awake(clock))
            .order_by(c.id)
            .limit(1)
        )
        row = self._execute(query).first()
        if row is None:
            return None
        name = row.message_id or message_id(row.plant_key, _notice(row), domain)
        claimed = {"claimed_by": worker, "claimed_at": moment(now), "attempts": row.attempts + 1, "message_id": name}
        self._execute(update(notice).where(c.id == row.id).values(mail=MailState.SENDING.value, **claimed))
        return Mail(
            id=row.id,
            to=row.address,
            subject=f"{row.title_zh} / {row.title_en}",
            text=f"{row.body_zh}\n\n{row.body_en}\n",
            message_id=name,
            attempt=row.attempts + 1,
            plant=row.short or row.plant_key,
        )

    def settle_mail(self, mail: Mail, state: MailState, now: datetime, retry: datetime | None, error: str) -> None:
        """Note what became of a claimed mail; no leaf. Another worker's later claim stands."""
        mine = and_(notice.c.id == mail.id, notice.c.attempts == mail.attempt)
        values = {
            "mail": state.value,
            "next_try": moment(retry) if retry else None,
            "claimed_by": None,
            "claimed_at": None,
            "sent_at": moment(now) if state is MailState.SENT else None,
            "error": error or None,
        }
        self._execute(update(notice).where(mine).values(values))

    def add_feed(self, plant: Plant, token: FeedToken, at: datetime) -> None:
        """Keep a new token by its hash."""
        values = {"id_hash": token.id_hash, "plant_id": plant.id, "person": token.person, "made_at": moment(at)}
        self._change(insert(feed_token).values(values))

    def revoke_feed(self, token: FeedToken, at: datetime) -> None:
        """End a token."""
        self._change(update(feed_token).where(feed_token.c.id_hash == token.id_hash).values(revoked_at=moment(at)))


def _awake(clock: str) -> ColumnElement[bool]:
    """Whether a time of day lies outside the quiet hours that were chosen, which may go over midnight."""
    c = notice_choice.c
    if not clock:
        return true()
    by_day = and_(c.quiet_from < c.quiet_until, c.quiet_from <= clock, literal(clock) < c.quiet_until)
    by_night = and_(c.quiet_from > c.quiet_until, or_(c.quiet_from <= clock, literal(clock) < c.quiet_until))
    return or_(c.quiet_from.is_(None), not_(or_(by_day, by_night)))


def _choice(row: SqlRow[Any]) -> Choice:
    quiet = (row.quiet_from, row.quiet_until) if row.quiet_from and row.quiet_until else None
    muted = tuple(Category(name) for name in row.muted.split(_AND)) if row.muted else ()
    return Choice(row.person, row.mail, row.weekly, quiet, muted)


def _settled(settled: Mapping[str, Sequence[str]]) -> ColumnElement[bool]:
    c = work_case.c
    return or_(*(and_(c.kind == kind, c.state.in_(list(states))) for kind, states in settled.items()))


def _without(plant: Plant, person: str) -> Delete:
    return delete(notice_choice).where(notice_choice.c.plant_id == plant.id, notice_choice.c.person == person)


def _values(plant: Plant, new: Notice, told: date, *, mailed: bool) -> dict[str, object]:
    return {
        "plant_id": plant.id,
        **{name: getattr(new, name) for name in _KEY},
        "title_zh": new.title.zh,
        "title_en": new.title.en,
        "body_zh": new.body.zh,
        "body_en": new.body.en,
        "told": told,
        "mail": (MailState.QUEUED if mailed else MailState.NONE).value,
        "attempts": 0,
    }


def _open_case(row: SqlRow[Any]) -> OpenCase:
    return OpenCase(
        key=CaseKey(row.kind, row.object_id),
        state=row.state,
        owner=row.owner,
        due=row.due,
        steps=(),
        last=date.fromisoformat(row.at[:_DAY]),
    )


def _notice(row: SqlRow[Any]) -> Notice:
    return Notice(
        **{name: getattr(row, name) for name in _KEY},
        title=Text(row.title_zh, row.title_en),
        body=Text(row.body_zh, row.body_en),
    )


def stored_notice(row: SqlRow[Any]) -> StoredNotice:
    """A row of the table."""
    same = ("id", "told", "seen_at", "attempts", "next_try", "message_id", "sent_at", "error")
    return StoredNotice(notice=_notice(row), mail=MailState(row.mail), **{name: getattr(row, name) for name in same})


def _tokens() -> Any:  # noqa: ANN401 - a select
    c = feed_token.c
    joined = feed_token.join(plant_table)
    return select(c.id_hash, plant_table.c.key, c.person, c.made_at, c.revoked_at).select_from(joined)


def _token(row: SqlRow[Any]) -> FeedToken:
    return FeedToken(row.id_hash, row.key, row.person, row.made_at, row.revoked_at)
