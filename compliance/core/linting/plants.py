"""Reading the rules in a plant: posts that nobody holds, and what no set of different persons can get through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from compliance.core.absences import AbsenceReads
from compliance.core.applicability import Profile, profile_in
from compliance.core.linting import stuck_approvals, stuck_cases, vacant
from compliance.core.linting.plant_checks import PlantCheck, PlantRemark
from compliance.core.linting.staff import PlantSetting, staff_of
from compliance.core.model import CompanyItem
from compliance.core.plants import Plant
from compliance.core.roster import Member, roster
from compliance.rulebase.rulebase import RuleBase

#: Every check of a plant, in the order in which people read them.
PLANT_CHECKS: Final[tuple[PlantCheck, ...]] = (stuck_approvals.CHECK, stuck_cases.CHECK, vacant.CHECK)


def lint_plant(members: Iterable[Member], profile: Profile, base: RuleBase, on: date) -> tuple[PlantRemark, ...]:
    """Everything that the persons of a plant cannot do as of a day, of what the rules ask of it."""
    setting = PlantSetting(base, on, staff_of(members, base, on), profile)
    return tuple(remark for check in PLANT_CHECKS for remark in check.run(check, setting))


def staffed(reads: AbsenceReads, plant: Plant, base: RuleBase, on: date) -> tuple[list[Member], Profile]:
    """The persons of a plant and what it says of itself: what :func:`lint_plant` looks at."""
    return roster(reads, plant, base, on), profile_in(reads.tables(plant, [CompanyItem])[CompanyItem])


def stuck_by(reads: AbsenceReads, plant: Plant, before: RuleBase, after: RuleBase, on: date) -> tuple[PlantRemark, ...]:
    """What the persons of a plant cannot do of what changed rules ask, and was no remark under those in use."""
    there = staffed(reads, plant, before, on)
    known = {remark.key for remark in lint_plant(*there, before, on)}
    return tuple(remark for remark in lint_plant(*there, after, on) if remark.key not in known)
