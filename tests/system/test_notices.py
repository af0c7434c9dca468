"""A plant day by day: the pulse tells, the worker mails, the command line shows it; nothing twice, nothing lost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.bootstrap.installation import OPERATOR, Installation
from compliance.bootstrap.notices import NoMailPassword, calendar, send_mail
from compliance.bootstrap.usecases import check_store, pulse
from compliance.bootstrap.worker import tick
from compliance.cli.main import main
from compliance.core.model import PersonPeriod
from compliance.core.notices import Choice, Delivered, Holders, MailState, StoredNotice, choose
from compliance.core.plants import Plant
from compliance.kernel.config import Mail
from tests.mail_sink import Sink
from tests.system.conftest import TODAY


@pytest.fixture
def sink() -> Iterator[Sink]:
    server = Sink()
    server.start()
    yield server
    server.stop()


def the_plant(installation: Installation) -> Plant:
    with installation.register.read() as reads:
        return reads.plants()[0]


def told(installation: Installation) -> list[StoredNotice]:
    with installation.register.read() as reads:
        return list(reads.notices(the_plant(installation)))


def reconcile(installation: Installation, days: int = 0) -> int:
    return pulse(installation).reconcile(the_plant(installation), TODAY + timedelta(days)).statements


def holders(installation: Installation, days: int = 0) -> Holders:
    with installation.register.read() as reads:
        periods = reads.tables(the_plant(installation), [PersonPeriod])[PersonPeriod]
    people = [p for p in periods if isinstance(p, PersonPeriod)]
    return Holders(people, installation.rulebase, TODAY + timedelta(days))


def test_a_pulse_tells_once_and_a_second_one_writes_nothing(installation: Installation) -> None:
    assert the_plant(installation).onboarded == TODAY
    assert reconcile(installation) <= 80
    first = told(installation)
    assert first
    with installation.register.read() as reads:
        before = reads.version(the_plant(installation))
    reconcile(installation)
    with installation.register.read() as reads:
        assert reads.version(the_plant(installation)) == before
    assert told(installation) == first


def test_the_first_day_tells_one_digest_a_person_and_no_old_duty(installation: Installation) -> None:
    reconcile(installation)
    kept = [n.notice for n in told(installation)]
    assert {n.rung for n in kept if n.about <= TODAY} == {"backlog"}
    assert max(Counter(n.person for n in kept if n.rung == "backlog").values()) == 1
    assert all(n.about > TODAY for n in kept if n.rung != "backlog")


def test_days_go_by_and_every_notice_is_of_its_day_and_its_people(installation: Installation) -> None:
    reconcile(installation)
    for days in range(1, 31):
        known = {n.id for n in told(installation)}
        assert reconcile(installation, days) <= 80
        posts = holders(installation, days)
        for one in (n for n in told(installation) if n.id not in known):
            day = TODAY + timedelta(days)
            assert one.told == day
            assert one.notice.person in posts.accounts
            kind, _, number = one.notice.rung.partition("-")
            late = (day - one.notice.about).days
            assert late == int(number) if kind == "late" else late == -int(number), one.notice
    keys = [n.notice.key for n in told(installation)]
    assert len(keys) == len(set(keys))
    assert {n.notice.rung.partition("-")[0] for n in told(installation)} >= {"before", "late", "backlog"}
    assert check_store(installation, deep=False).ok


def test_missed_days_are_caught_up_and_tell_of_a_thing_once(installation: Installation) -> None:
    reconcile(installation)
    known = {n.id for n in told(installation)}
    reconcile(installation, 25)
    new = [n for n in told(installation) if n.id not in known]
    assert {n.told for n in new} == {TODAY + timedelta(25)}
    assert max(Counter((n.notice.person, n.notice.object_id) for n in new).values()) == 1
    known = {n.id for n in told(installation)}
    reconcile(installation, 25)
    assert {n.id for n in told(installation)} == known


def test_the_leaf_of_the_pulse_says_how_many_were_told(installation: Installation) -> None:
    reconcile(installation)
    with installation.register.read() as reads:
        (leaf,) = reads.trail(the_plant(installation), limit=1)
    assert leaf.action == "plant:reconcile"
    assert f'{{"f":"notices","new":"{len(told(installation))}","old":null}}'.encode() in leaf.leaf


def mailed(installation: Installation, sink: Sink) -> str:
    """Give the keeper of the reports an address, and the installation a server."""
    person = holders(installation).of("carbon-department")[0]
    choose(installation.register, the_plant(installation), Choice(person, "a@example.org", weekly=True), OPERATOR)
    mail = Mail(host="127.0.0.1", port=sink.port, sender="carbon@example.org", starttls=False)
    installation.config = replace(installation.config, mail=mail)
    return person


def test_the_workers_tick_reconciles_and_mails(installation: Installation, sink: Sink) -> None:
    person = mailed(installation, sink)
    assert tick(installation) == 1
    queued = [n for n in told(installation) if n.notice.person == person]
    assert queued
    assert {n.mail for n in queued} == {MailState.SENT}
    assert {n.mail for n in told(installation) if n.notice.person != person} <= {MailState.NONE}
    assert {n.message_id for n in queued} == set(sink.ids())
    assert len(sink.taken) == len(queued)
    assert tick(installation) == 0
    assert len(sink.taken) == len(queued)
    assert check_store(installation, deep=False).ok


def test_a_tick_with_the_server_down_still_reconciles(installation: Installation, sink: Sink) -> None:
    mailed(installation, sink)
    sink.stop()
    assert tick(installation) == 1
    assert MailState.QUEUED in {n.mail for n in told(installation)}
    assert the_plant(installation).mark == TODAY


def test_without_a_server_nothing_is_sent_and_a_lost_password_is_named(installation: Installation) -> None:
    assert send_mail(installation, "w") == Delivered()
    mail = Mail(host="127.0.0.1", port=9, sender="a@example.org", user="a", password_file="records/none")
    installation.config = replace(installation.config, mail=mail)
    with pytest.raises(NoMailPassword):
        send_mail(installation, "w")


def test_the_calendar_shows_what_is_stored_to_do(installation: Installation) -> None:
    reconcile(installation)
    plant = the_plant(installation)
    person = holders(installation).of("carbon-department")[0]
    with installation.register.read() as reads:
        open_ = [o for o in reads.occurrences(plant) if o.state.value in {"upcoming", "open", "overdue"}]
    whole, own = calendar(installation, plant, None), calendar(installation, plant, person)
    assert whole.count("BEGIN:VEVENT") == len(open_)
    mine = holders(installation).held_by(person)
    assert own.count("BEGIN:VEVENT") == sum(o.owner in mine for o in open_) > 0
    assert calendar(installation, plant, None) == whole


def test_the_commands_of_telling(
    installation: Installation, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    reconcile(installation)
    person = holders(installation).of("carbon-department")[0]
    data = ["--data", str(installation.workspace.root)]

    def run(*arguments: str) -> tuple[int, str]:
        code = main([*data, *arguments])
        return code, capsys.readouterr().out

    assert run("notify", person, "--mail", "li@example.org", "--weekly") == (0, "")
    code, out = run("notices", "--json", "--person", person)
    assert (code, {n["person"] for n in json.loads(out)}) == (0, {person})
    assert run("notices")[0] == 0
    assert run("notify", "nobody")[0] == run("calendar", "--person", "nobody", "--out", "x")[0] == 2
    assert run("notify", person, "--mail", "no address")[0] == 2
    assert run("calendar", "--person", person, "--out", str(tmp_path / "a.ics"))[0] == 0
    assert (tmp_path / "a.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    code, token = run("feed", "make", "--person", person)
    assert (code, len(token.strip())) == (0, 43)
    (feed,) = json.loads(run("feed", "list", "--json")[1])
    assert feed["revoked"] is None
    assert run("feed", "revoke", feed["feed"])[0] == 0
    assert run("feed", "revoke", feed["feed"])[0] == 2
    assert json.loads(run("feed", "list", "--json")[1])[0]["revoked"]
    assert token.strip() not in run("feed", "list")[1]
