"""What fsck holds confirmations, distributions and days of review to: what the leaves of these acts say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from compliance.adapters.fsck import fsck
from compliance.core.acts import PULSE
from compliance.core.documents.readers import Readers
from compliance.core.documents.standing import come_into_force
from tests.adapters.conftest import act
from tests.adapters.test_cases import TODAY, rules, world
from tests.adapters.test_documents import House, desk_of
from tests.adapters.test_fsck import Store
from tests.adapters.test_readers import house, policy, signed

__all__ = ["house", "rules", "world"]

#: The reviewed version: its number and label, and the day on which it was kept.
NAME, REVIEWED = "POL-2026-01/A/0", date(2027, 2, 1)
_COLUMNS = "name, posts, login, at, read, acted_by"
_INVENTED = f"""INSERT INTO document_reading (plant_id, number, place, account, {_COLUMNS})
SELECT plant_id, number, place, 'U7', {_COLUMNS} FROM document_reading"""
#: A statement that damages the register, and what is said of it.
FAULTS: dict[str, tuple[str, str]] = {
    "invented": (_INVENTED, "no leaf tells that U7 confirmed it"),
    "lost": ("DELETE FROM document_reading", "the confirmation of U5 is not what its leaf tells, or missing"),
    "of another": ("UPDATE document_reading SET account = 'U7'", "no leaf tells that U7 confirmed it"),
    "of another file": (
        "UPDATE document_reading SET read = (SELECT draft FROM document_version)",
        "no leaf tells that U5 confirmed it",
    ),
    "for another": ("UPDATE document_reading SET acted_by = 'U6'", "no leaf tells that U5 confirmed it"),
    "by another": ("UPDATE document_reading SET login = 'x'", "no leaf tells that U5 confirmed it"),
    "of another version": (
        "UPDATE document_reading SET place = 7",
        "POL-2026-01/7 (no leaf tells that U5",
    ),
    "put off": (
        "UPDATE document_version SET review_due = '2030-01-01'",
        "it is to be reviewed by 2030-01-01, its leaves say 2028-02-01",
    ),
    "as before": (
        "UPDATE document_version SET review_due = '2027-03-02'",
        "it is to be reviewed by 2027-03-02, its leaves say 2028-02-01",
    ),
    "never": (
        "UPDATE document_version SET review_due = NULL",
        "it is to be reviewed by None, its leaves say 2028-02-01",
    ),
    "other readers": ("UPDATE document_distribution SET parties = '[]'", "who reads it is not what the leaves tell"),
}


@pytest.fixture
def reviewed(house: House) -> House:
    """A policy that a reader has confirmed, and that was reviewed and kept a year later."""
    name = policy(house)
    assert name == NAME
    plant, person = house.world.plant, house.world.person
    Readers(house.desk).confirm(plant, person("U5"), name)
    later = House(house.world, desk_of(house.world, at=REVIEWED))
    later.take("review-keep", "U3", name, reason="仍适用")
    return later


def faults_of(house: House) -> list[str]:
    report = fsck(house.world.register.database, house.world.vault)
    (found,) = (check for check in report.checks if check.code == "readers")
    return [] if found.ok else [found.detail.en]


def test_what_was_confirmed_named_and_reviewed_is_sound(reviewed: House) -> None:
    plant, person = reviewed.world.plant, reviewed.world.person
    assert faults_of(reviewed) == []
    Readers(reviewed.desk).name(plant, person("U9", "document-controller"), NAME, ["person:U6"], "只发有关岗位")
    reviewed.take("review-revise", "U3", NAME, reason="更正")
    second = signed(reviewed, NAME.replace("A/0", "A/1"), REVIEWED)
    Readers(reviewed.desk).confirm(plant, person("U6"), second)
    assert faults_of(reviewed) == []
    reviewed.take("ask-withdrawal", "U3", second, reason="不再适用")
    reviewed.take("withdraw", "U1", second)
    assert faults_of(reviewed) == []


def test_a_day_that_a_pulse_sets_has_its_leaf(house: House) -> None:
    name = policy(house)
    with house.world.register.work() as work:
        work.save_version(house.world.plant, replace(house.at(name).version, review_due=None))
        work.record(act(), house.world.plant)
    assert "it is to be reviewed by None, its leaves say 2027-03-02" in faults_of(house)[0]
    come_into_force(desk_of(house.world, at=TODAY + timedelta(1)), house.world.plant, PULSE)
    assert faults_of(house) == []


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_named(reviewed: House, name: str) -> None:
    statement, said = FAULTS[name]
    Store(reviewed.world.register, reviewed.world.vault).damage(statement)
    (found,) = faults_of(reviewed)
    assert said in found


def test_a_version_that_has_ended_is_reviewed_no_more(reviewed: House) -> None:
    reviewed.take("ask-withdrawal", "U3", NAME, reason="不再适用")
    reviewed.take("withdraw", "U1", NAME)
    damage = "UPDATE document_version SET review_due = '2028-02-01'"
    Store(reviewed.world.register, reviewed.world.vault).damage(damage)
    assert "it is to be reviewed by 2028-02-01, its leaves say None" in faults_of(reviewed)[0]
