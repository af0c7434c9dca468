"""Notices in the register on both databases, and their mail against a server that fails in every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from compliance.adapters.mail import SmtpMailer
from compliance.adapters.register import SqlRegister
from compliance.core.cases import CaseKey
from compliance.core.feeds import NoSuchFeed, make_feed, open_feed, revoke_feed
from compliance.core.model import PersonPeriod
from compliance.core.notices import (
    BadAddress,
    BadHours,
    Category,
    Choice,
    Delivered,
    Mail,
    MailNotSent,
    MailState,
    NoSuchPerson,
    Notice,
    choose,
    deliver,
)
from compliance.core.notices.mailing import LEASE, pause
from compliance.core.plants import Plant
from compliance.kernel.config import Mail as MailConfig
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from tests.adapters.conftest import OFFICER, act, add_plant
from tests.mail_sink import Sink

DAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)


@dataclass
class Time:
    """A moment that a test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class World:
    register: SqlRegister
    plant: Plant
    sink: Sink
    time: Time = field(default_factory=Time)

    def tick(self, worker: str = "w1") -> Delivered:
        config = MailConfig(host="127.0.0.1", port=self.sink.port, sender="carbon@example.org", starttls=False)
        with SmtpMailer(config, patience=5) as mailer:
            return deliver(self.register, mailer, worker, self.time.now)

    def tell(self, *notices: Notice) -> int:
        with self.register.work() as work:
            told = work.add_notices(self.plant, notices, DAY)
            work.record(act("plant:reconcile", self.plant.key, object_type="plant"), self.plant)
        return told

    def states(self) -> list[MailState]:
        with self.register.read() as reads:
            return [n.mail for n in reversed(reads.notices(self.plant))]


def notice(number: int = 1, person: str = "U1") -> Notice:
    said = Text(f"【到期提醒】月报 {number}", f"[Reminder] report {number}")
    return Notice(
        person=person, kind="occurrence", object_id=f"report/P/{number}", rung="before-5", about=DAY, title=said,
        body=Text("事项：月报\n.\n依据：7.2 a)", "What: report\n.\nWhy: clause 7.2 a)"),
    )  # fmt: skip


@pytest.fixture
def world(register: SqlRegister) -> Iterator[World]:
    plant = add_plant(register)
    person = PersonPeriod(
        account="U1", name="李", department=None, posts="碳管理员", since=date(2025, 1, 1), until=None
    )
    with register.work() as work:
        work.insert_rows(plant, {PersonPeriod: [person, replace(person, account="U2")]})
        work.record(act("plant:import", plant.key, object_type="plant"), plant)
    choose(register, plant, Choice("U1", "li@example.org"), OFFICER)
    sink = Sink()
    sink.start()
    yield World(register, plant, sink)
    sink.stop()


def test_a_notice_is_stored_once(world: World) -> None:
    assert world.tell(notice(), notice(2)) == 2
    assert world.tell(notice(), notice(3)) == 1
    with world.register.read() as reads:
        kept = reads.notices(world.plant)
        assert [n.notice.object_id for n in kept] == ["report/P/3", "report/P/2", "report/P/1"]
        assert kept[-1].notice == notice()
        assert set(reads.notice_keys(world.plant)) == {notice(n).key for n in (1, 2, 3)}
        assert reads.notices(world.plant, "U2") == []


def test_many_notices_take_few_statements(world: World) -> None:
    with world.register.work() as work:
        before = work.statements()
        assert work.add_notices(world.plant, [notice(n) for n in range(1200)], DAY) == 1200
        assert work.statements() - before <= 5
        work.record(act("plant:reconcile", world.plant.key, object_type="plant"), world.plant)


def test_who_has_no_address_is_told_in_the_program_alone(world: World) -> None:
    world.tell(notice(1, "U2"), notice(2, "U1"))
    assert world.states() == [MailState.NONE, MailState.QUEUED]
    assert world.tick() == Delivered(sent=1)
    assert [to for to, _ in world.sink.taken] == ["li@example.org"]


def test_a_mail_says_everything_in_both_languages(world: World) -> None:
    world.tell(notice())
    world.tick()
    ((to, mail),) = world.sink.taken
    assert (to, mail["From"], mail["To"]) == ("li@example.org", "carbon@example.org", "li@example.org")
    assert mail["Subject"] == "【到期提醒】月报 1 / [Reminder] report 1"
    assert mail.get_content().splitlines() == [*notice().body.zh.splitlines(), "", *notice().body.en.splitlines()]
    assert mail["Auto-Submitted"] == "auto-generated"
    with world.register.read() as reads:
        (kept,) = reads.notices(world.plant)
    assert (kept.mail, kept.attempts, kept.message_id) == (MailState.SENT, 1, mail["Message-ID"])
    assert kept.sent_at == "2026-06-15T01:00:00.000Z"


def test_sending_and_reading_leave_no_leaf(world: World) -> None:
    world.tell(notice())
    with world.register.read() as reads:
        before, ids = reads.version(world.plant), [n.id for n in reads.notices(world.plant)]
    world.tick()
    with world.register.work() as work:
        work.see_notices(world.plant, "U2", ids, NOW)  # not theirs
        assert work.notices(world.plant)[0].seen_at is None
        work.see_notices(world.plant, "U1", ids, NOW)
        work.see_notices(world.plant, "U1", ids, NOW + timedelta(1))
    with world.register.read() as reads:
        assert reads.version(world.plant) == before
        assert reads.notices(world.plant)[0].seen_at == "2026-06-15T01:00:00.000Z"


# --- the server fails ------------------------------------------------------------------------------------------------


def test_a_server_that_is_gone_for_a_day_loses_and_doubles_nothing(world: World) -> None:
    world.tell(*(notice(n) for n in range(8)))
    world.sink.stop()
    for _minute in range(0, 24 * 60, 10):
        assert world.tick() == Delivered(waiting=True) or world.states().count(MailState.QUEUED) == 8
        world.time.later(minutes=10)
    assert world.states() == [MailState.QUEUED] * 8
    world.tell(notice(8))
    world.sink.start()
    world.time.later(hours=1)
    assert world.tick() == Delivered(sent=9)
    assert world.tick() == Delivered()
    assert len(world.sink.ids()) == len(set(world.sink.ids())) == 9


def test_attempts_are_further_and_further_apart(world: World) -> None:
    world.tell(notice())
    world.sink.stop()
    tries = []
    for minute in range(24 * 60):
        before = attempts(world)
        world.tick()
        if attempts(world) > before:
            tries.append(minute)
        world.time.later(minutes=1)
    assert tries[:6] == [0, 1, 3, 7, 15, 31]
    assert {b - a for a, b in pairwise(tries[7:])} == {60}
    assert pause(10**6) == timedelta(hours=1)


def attempts(world: World) -> int:
    with world.register.read() as reads:
        return reads.notices(world.plant)[0].attempts


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "."])
def test_a_server_that_is_busy_is_asked_again(world: World, verb: str) -> None:
    world.tell(notice(), notice(2))
    world.sink.refuse[verb] = "451 later"
    assert world.tick() == Delivered(waiting=True)
    assert sorted(world.states()) == [MailState.QUEUED, MailState.QUEUED]
    world.sink.refuse.clear()
    world.time.later(hours=1)
    assert world.tick() == Delivered(sent=2)
    assert len(set(world.sink.ids())) == len(world.sink.ids()) == 2


@pytest.mark.parametrize("verb", ["RCPT", "DATA", "."])
def test_a_lasting_no_is_believed_and_kept(world: World, verb: str) -> None:
    world.tell(notice())
    world.sink.refuse[verb] = "550 nobody here"
    assert world.tick() == Delivered(failed=1)
    world.sink.refuse.clear()
    world.time.later(days=9)
    assert world.tick() == Delivered()
    with world.register.read() as reads:
        assert reads.notices(world.plant)[0].error == "550 nobody here"


def test_a_no_to_the_sender_is_the_configurations_fault_and_mended(world: World) -> None:
    world.tell(notice())
    world.sink.refuse["MAIL"] = "550 not you"
    assert world.tick() == Delivered(waiting=True)
    assert world.states() == [MailState.QUEUED]


def test_a_lost_answer_repeats_the_mail_under_the_same_id(world: World) -> None:
    world.tell(notice())
    world.sink.hang_up = True
    assert world.tick() == Delivered(waiting=True)
    world.sink.hang_up = False
    world.time.later(minutes=2)
    assert world.tick() == Delivered(sent=1)
    first, second = world.sink.ids()
    assert first == second


class Killed(BaseException):
    """The process dies."""


@dataclass
class Dying:
    """A mailer that dies before or after the server took the mail."""

    mailer: SmtpMailer
    after: bool

    @property
    def domain(self) -> str:
        return self.mailer.domain

    def send(self, mail: Mail, at: datetime) -> None:
        if self.after:
            self.mailer.send(mail, at)
        raise Killed


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_while_sending_is_followed_by_another(world: World, *, after: bool) -> None:
    world.tell(notice(), notice(2))
    config = MailConfig(host="127.0.0.1", port=world.sink.port, sender="carbon@example.org", starttls=False)
    with SmtpMailer(config, patience=5) as mailer, pytest.raises(Killed):
        deliver(world.register, Dying(mailer, after), "w1", world.time.now)
    assert sorted(world.states()) == [MailState.QUEUED, MailState.SENDING]
    assert world.tick("w2") == Delivered(sent=1)  # the claimed one may still be on its way
    world.time.later(seconds=LEASE.total_seconds())
    assert world.tick("w2") == Delivered(sent=1)
    assert world.tick("w2") == Delivered()
    assert len(set(world.sink.ids())) == 2
    assert len(world.sink.ids()) == 2 + after


def test_two_workers_never_hold_one_mail(world: World) -> None:
    world.tell(notice(), notice(2))
    with world.register.work() as work:
        first = work.claim_mail("w1", "example.org", NOW, NOW - LEASE)
    with world.register.work() as work:
        second = work.claim_mail("w2", "example.org", NOW, NOW - LEASE)
        third = work.claim_mail("w3", "example.org", NOW, NOW - LEASE)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert third is None
    with world.register.work() as work:
        again = work.claim_mail("w2", "example.org", NOW + LEASE, NOW)
        assert again is not None
        assert (again.id, again.attempt, again.message_id) == (first.id, 2, first.message_id)
        work.settle_mail(first, MailState.QUEUED, NOW, NOW, "late")  # the dead one wakes: its claim is over
    assert world.states() == [MailState.SENDING, MailState.SENDING]


def test_nothing_listens(sqlite_register: SqlRegister) -> None:
    sink = Sink()
    sink.start()
    sink.stop()
    mailer = SmtpMailer(MailConfig(host="127.0.0.1", port=sink.port, sender="a@b.example", starttls=False))
    mail = Mail(id=1, to="x@y.example", subject="s", text="t", message_id="<1@b>", attempt=1)
    with pytest.raises(MailNotSent):
        mailer.send(mail, NOW)


# --- choices, cases, feeds -------------------------------------------------------------------------------------------


def test_a_choice_is_an_act_and_the_same_again_is_none(world: World) -> None:
    with world.register.read() as reads:
        before = reads.version(world.plant)
    choose(world.register, world.plant, Choice("U1", "li@example.org"), OFFICER)
    with world.register.read() as reads:
        assert reads.version(world.plant) == before
    choose(world.register, world.plant, Choice("U1", None, weekly=True), OFFICER)
    with world.register.read() as reads:
        assert reads.version(world.plant) == before + 1
        assert reads.choices(world.plant) == [Choice("U1", None, weekly=True)]


@pytest.mark.parametrize("mail", ["", "li", "li@", "@x", "a b@x", "a@x\nBcc: b@x", "a@x, b@x", "<a@x>", "李@例.cn"])
def test_what_is_no_address_is_refused(world: World, mail: str) -> None:
    with pytest.raises(BadAddress):
        choose(world.register, world.plant, Choice("U1", mail), OFFICER)


def test_nobody_chooses_for_a_stranger(world: World) -> None:
    with pytest.raises(NoSuchPerson):
        choose(world.register, world.plant, Choice("U9", None), OFFICER)


def test_a_feed_opens_until_it_is_revoked(world: World) -> None:
    rules = RuleBase(())
    token = make_feed(world.register, world.plant, "U1", OFFICER, NOW)
    with world.register.read() as reads:
        assert open_feed(reads, token, rules, DAY).startswith("BEGIN:VCALENDAR\r\n")
        (kept,) = reads.feed_tokens(world.plant)
        with pytest.raises(NoSuchFeed):
            open_feed(reads, kept.name, rules, DAY)
    assert token not in repr(kept)
    revoke_feed(world.register, world.plant, kept.name, OFFICER, NOW)
    with world.register.read() as reads, pytest.raises(NoSuchFeed):
        open_feed(reads, token, rules, DAY)
    with pytest.raises(NoSuchFeed):
        revoke_feed(world.register, world.plant, kept.name, OFFICER, NOW)
    with pytest.raises(NoSuchPerson):
        make_feed(world.register, world.plant, "U9", OFFICER, NOW)


def test_a_feed_of_somebody_who_has_left_opens_nothing_and_the_plants_own_goes_on(world: World) -> None:
    rules = RuleBase(())
    mine, all_of_it = (make_feed(world.register, world.plant, who, OFFICER, NOW) for who in ("U1", None))
    with world.register.work() as work:
        rows = work.tables(world.plant, [PersonPeriod])[PersonPeriod]
        (person,) = (p for p in rows if isinstance(p, PersonPeriod) and p.account == "U1")
        work.update_rows(world.plant, {PersonPeriod: [replace(person, until=DAY)]})
        work.record(act(object_type="plant"), world.plant)
    after = DAY + timedelta(days=1)
    with world.register.read() as reads:
        assert open_feed(reads, mine, rules, DAY).startswith("BEGIN:VCALENDAR")  # the last day is one of theirs
        with pytest.raises(NoSuchFeed):
            open_feed(reads, mine, rules, after)
        assert open_feed(reads, all_of_it, rules, after).startswith("BEGIN:VCALENDAR")


def test_a_feed_of_another_plant_is_not_revoked_from_here(world: World) -> None:
    other = add_plant(world.register, "91110000600009999B")
    make_feed(world.register, other, None, OFFICER, NOW)
    with world.register.read() as reads:
        (kept,) = reads.feed_tokens(other)
    with pytest.raises(NoSuchFeed):
        revoke_feed(world.register, world.plant, kept.name, OFFICER, NOW)


def test_no_case_is_open_where_none_was_worked(world: World) -> None:
    with world.register.read() as reads:
        assert list(reads.open_cases(world.plant, {"occurrence": ["accepted"]})) == []
        assert CaseKey("occurrence", "x") not in reads.settled_cases(world.plant, {"occurrence": ["accepted"]})


# --- what persons choose ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "until"), [("08:30", "12:00"), ("22:00", "09:01")])
def test_mail_waits_for_the_end_of_quiet_hours_and_is_not_lost(world: World, since: str, until: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")  # the clock of the test stands at nine o'clock there
    choose(world.register, world.plant, Choice("U1", "li@example.org", quiet=(since, until)), OFFICER)
    world.tell(notice(), replace(notice(2), rung="late-1"))
    config = MailConfig(host="127.0.0.1", port=world.sink.port, sender="carbon@example.org", starttls=False)
    with SmtpMailer(config, patience=5) as mailer:
        assert deliver(world.register, mailer, "w1", world.time.now, zone=zone) == Delivered()
        assert world.states() == [MailState.QUEUED] * 2
        world.time.later(hours=3)
        assert deliver(world.register, mailer, "w1", world.time.now, zone=zone) == Delivered(sent=2)
        world.time.later(hours=9)
        assert deliver(world.register, mailer, "w1", world.time.now, zone=zone) == Delivered()
    assert len(world.sink.ids()) == 2


@pytest.mark.parametrize("hours", [("22", "07:00"), ("22:00", "22:00"), ("25:00", "07:00"), ("22:00", "")])
def test_what_are_no_hours_is_refused(world: World, hours: tuple[str, str]) -> None:
    with pytest.raises(BadHours):
        choose(world.register, world.plant, Choice("U1", "li@example.org", quiet=hours), OFFICER)


def test_what_is_muted_stands_in_the_program_and_escalation_cannot_be_muted(world: World) -> None:
    choose(world.register, world.plant, Choice("U1", "li@example.org", muted=tuple(Category)), OFFICER)
    late = replace(notice(2), rung="late-1")
    assert world.tell(notice(), late, replace(notice(3), rung="returned-2")) == 3
    assert sorted(world.states()) == sorted([MailState.NONE, MailState.QUEUED, MailState.NONE])
    assert world.tick() == Delivered(sent=1)
    assert not any(category.has("late-1") for category in Category)
    with world.register.read() as reads:
        assert reads.choices(world.plant)[0].muted == tuple(Category)


def test_a_mail_leads_to_the_page_of_its_notice(world: World) -> None:
    world.tell(notice())
    config = MailConfig(host="127.0.0.1", port=world.sink.port, sender="carbon@example.org", starttls=False)
    with SmtpMailer(config, patience=5) as mailer:
        deliver(world.register, mailer, "w1", world.time.now, address="https://carbon.example")
    with world.register.read() as reads:
        number = reads.notices(world.plant)[0].id
    named = world.plant.short or world.plant.key
    assert f"https://carbon.example/p/{named}/notices/{number}" in world.sink.taken[0][1].get_content()


def test_reading_everything_leaves_no_leaf_and_nothing_unread(world: World) -> None:
    world.tell(*(notice(n) for n in range(3)), notice(9, "U2"))
    with world.register.read() as reads:
        before, newest = reads.version(world.plant), reads.notices(world.plant, "U1")[0].id
    with world.register.work() as work:
        work.see_all_notices(world.plant, "U1", newest, world.time.now())
    with world.register.read() as reads:
        assert all(n.seen_at for n in reads.notices(world.plant, "U1"))
        assert not any(n.seen_at for n in reads.notices(world.plant, "U2"))
        assert reads.version(world.plant) == before
