"""Who has not recorded on a day, on an installation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compliance.adapters.desk import SqlDesk
from compliance.bootstrap.installation import Installation
from compliance.core.plants import Plant
from compliance.core.recording import Gap, missing


def missing_on(installation: Installation, plant: Plant, day: date) -> Sequence[Gap]:
    """The gaps of a day."""
    daily = SqlDesk(installation.register.database).daily(plant, day, day)
    return missing(daily, plant, installation.current_rules(), day, day)
