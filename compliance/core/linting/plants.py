"""Reading the rules in a plant: posts that nobody holds, and what no set of different persons can get through."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from compliance.core.applicability import Profile
from compliance.core.linting import stuck_approvals, stuck_cases, vacant
from compliance.core.linting.plant_checks import PlantCheck, PlantRemark
from compliance.core.linting.staff import PlantSetting, staff_of
from compliance.core.roster import Member
from compliance.rulebase.rulebase import RuleBase

#: Every check of a plant, in the order in which people read them.
PLANT_CHECKS: Final[tuple[PlantCheck, ...]] = (stuck_approvals.CHECK, stuck_cases.CHECK, vacant.CHECK)


def lint_plant(members: Iterable[Member], profile: Profile, base: RuleBase, on: date) -> tuple[PlantRemark, ...]:
    """Everything that the persons of a plant cannot do as of a day, of what the rules ask of it."""
    setting = PlantSetting(base, on, staff_of(members, base, on), profile)
    return tuple(remark for check in PLANT_CHECKS for remark in check.run(check, setting))
