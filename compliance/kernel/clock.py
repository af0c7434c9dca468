"""The one caller of the wall clock. Everything else gets ``today`` and ``now`` as parameters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

#: Years that a day may lie in: what is judged further away takes minutes and means nothing.
FIRST_YEAR, LAST_YEAR = 1990, 2200


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the site reads it.

    ``pinned`` is the day that a demo workspace pretends to live on; its time of day runs on.
    """

    zone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    pinned: date | None = None

    def now(self) -> datetime:
        """The present moment in UTC, to the millisecond."""
        moment = datetime.now(UTC)  # noqa: TID251 - this module is the one caller of the wall clock
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def today(self) -> date:
        """The calendar day at the site."""
        return self.pinned or self.now().astimezone(self.zone).date()
