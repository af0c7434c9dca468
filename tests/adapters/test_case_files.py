"""Files of steps without a new upload: what the plant keeps, what waits for its person, and what goes after a day."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from compliance.adapters.case_tables import pending_file
from compliance.adapters.fsck import fsck
from compliance.adapters.vault import FileVault, NoSuchFile
from compliance.core.acts import ObjectRef
from compliance.core.cases import CaseKey, UnknownFile
from compliance.core.cases.files import IMPORT, PENDING, WAITS, clear_away
from compliance.core.model import PersonPeriod
from tests.adapters.conftest import START, act
from tests.adapters.test_cases import TICKET, World, rules, walk, world

__all__ = ["rules", "world"]

LATER = START + WAITS + timedelta(minutes=1)


def kept(at: World, key: CaseKey, login: str = "u3.department", *digests: str) -> dict[str, str]:
    with at.register.read() as reads:
        return {k.ref.sha256: k.source for k in reads.kept_files(at.plant, login, key, digests)}


def pending(at: World) -> int:
    with at.register.database.read() as connection:
        return connection.execute(select(func.count()).select_from(pending_file)).scalar_one()


def upload(at: World, key: CaseKey, text: str, login: str = "u3.department") -> ObjectRef:
    file = at.file(text)
    at.casework.keep_uploads(at.plant, login, key, [file])
    return file


def grown_old(vault: FileVault, file: ObjectRef) -> None:
    before = (START - timedelta(hours=1)).timestamp()
    os.utime(vault.path(file.sha256), (before, before))


def test_a_file_of_another_case_serves_again_with_the_same_digest(world: World) -> None:
    walk(world, world.report, [("submit", "U3"), ("return", "U5")])
    first = world.steps(world.report)[0].files[0]
    wish = replace(world.wish(world.report, "submit"), files=(), existing=(first.sha256,))
    world.take("U3", wish)
    again = world.steps(world.report)[-1]
    assert again.files == (first,)
    assert again.values["evidence"] == (first.sha256,)
    other = replace(world.wish(world.check, "submit"), files=(), existing=(first.sha256, first.sha256))
    world.take("U8", other)
    assert world.steps(world.check)[0].files == (first,)
    assert fsck(world.register.database, world.vault).ok


def test_a_workbook_that_was_imported_is_evidence(world: World) -> None:
    book, rows = world.file("workbook"), world.file("manifest")
    with world.register.work() as work:
        work.record_import(world.plant, book, rows, {})
        work.record(replace(act(), objects=(book, rows)), world.plant)
    assert kept(world, world.report)[book.sha256] == IMPORT
    assert rows.sha256 not in kept(world, world.report)
    world.take("U3", replace(world.wish(world.report, "submit"), files=(), existing=(book.sha256,)))
    assert world.steps(world.report)[0].files[0].sha256 == book.sha256


def test_a_file_of_another_plant_is_an_unknown_file(world: World) -> None:
    with world.register.work() as work:
        west = work.add_plant(replace(world.plant, key="91110000600005678B", short="west"))
        person = PersonPeriod(
            account="U3", name="U3", department="碳管理部", posts="碳管理员", since=START.date(), until=None
        )
        work.insert_rows(west, {PersonPeriod: [person]})
        with world.register.read() as reads:
            report = reads.occurrence(world.plant, *world.report.object_id.split("/"))
        assert report is not None
        work.save_occurrences(west, [report], [])
        work.record(act(), west)
    there = replace(world, plant=west)
    there.take("U3", there.wish(world.report, "submit"))
    secret = there.steps(world.report)[0].files[0].sha256
    there.casework.keep_uploads(west, "u3.department", world.report, [there.file("theirs")])
    waiting = there.file("theirs").sha256
    for digest in (secret, waiting, "0" * 64, "x"):
        before = world.counts()
        with pytest.raises(UnknownFile):
            world.take("U3", replace(world.wish(world.report, "submit"), files=(), existing=(digest,)))
        assert world.counts() == before
        assert digest not in kept(world, world.report)


def test_an_upload_waits_for_its_own_person_and_case_until_it_is_used(world: World) -> None:
    file = upload(world, world.report, "waits")
    assert kept(world, world.report)[file.sha256] == PENDING
    assert file.sha256 not in kept(world, world.report, "u4.department")
    assert file.sha256 not in kept(world, TICKET)
    for who, key in (("U4", world.report), ("U8", world.check)):
        with pytest.raises(UnknownFile):
            world.take(who, replace(world.wish(key, "submit"), files=(), existing=(file.sha256,)))
    # A refusal, late or early, leaves it waiting.
    assert "is missing" in world.refused(
        "U3", replace(world.wish(world.report, "submit"), values={}, files=(), existing=(file.sha256,))
    )
    assert kept(world, world.report)[file.sha256] == PENDING
    world.take("U3", replace(world.wish(world.report, "submit"), files=(), existing=(file.sha256,)))
    assert kept(world, world.report)[file.sha256] == "occurrence"
    assert pending(world) == 0


def test_waiting_leaves_no_leaf_and_fsck_knows_it(world: World) -> None:
    before = world.counts()
    file = upload(world, world.report, "waits")
    upload(world, world.report, "waits")
    assert world.counts() == before
    assert pending(world) == 1
    grown_old(world.vault, file)
    late = LATER + timedelta(days=1)
    assert fsck(world.register.database, world.vault, now=late).ok
    world.vault.path(file.sha256).unlink()
    assert not fsck(world.register.database, world.vault, now=late).ok


def test_what_no_step_used_goes_after_a_day_and_what_is_named_stays(world: World) -> None:
    lost, used, shared = (upload(world, world.report, text) for text in ("lost", "used", "shared"))
    upload(world, TICKET, "shared", "u9.department")
    with world.register.work() as work:
        work.record(replace(act(), objects=(used,)), world.plant)
    for file in (lost, used, shared):
        grown_old(world.vault, file)
    assert clear_away(world.register, world.vault, START + timedelta(hours=23)) == 0
    with world.register.work() as work:  # this one was handed in again just now
        work.keep_pending(world.plant, "u9.department", TICKET, [shared], LATER)
    before = world.counts()
    assert clear_away(world.register, world.vault, LATER) == 1
    assert world.counts() == before
    with pytest.raises(NoSuchFile):
        world.vault.open(lost.sha256)
    for file in (used, shared):
        world.vault.open(file.sha256).close()
    assert pending(world) == 1
    assert fsck(world.register.database, world.vault, now=LATER).ok


def test_a_file_that_was_handed_in_again_just_now_is_not_removed(vault: FileVault) -> None:
    def put() -> ObjectRef:
        return vault.put(io.BytesIO(b"again"), name="a", media_type="text/plain")

    file = put()
    grown_old(vault, file)
    put()
    assert not vault.remove(file.sha256, START)
    vault.open(file.sha256).close()
    grown_old(vault, file)
    assert vault.remove(file.sha256, START)
    assert not vault.remove(file.sha256, START)
    assert put() == file
    assert list(vault.staging.iterdir()) == []
