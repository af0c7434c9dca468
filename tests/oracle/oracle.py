"""Judge a workbook by brute force, straight from the meaning of the sheets and situations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.oracle import conduct, data, duties, trading
from tests.oracle.standing import Plant, Workbook, read

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

__all__ = ["IN_SCOPE", "SITUATIONS", "Finding", "Workbook", "judge", "read"]

Finding = tuple[str, str, str]

SITUATIONS = conduct.RULES | duties.RULES | data.RULES | trading.RULES
IN_SCOPE = sorted(SITUATIONS)


def judge(
    workbook: Workbook, as_of: dt.date | None = None, situations: Iterable[str] = tuple(IN_SCOPE)
) -> set[Finding]:
    """Give (situation, subject, period) of all findings on a day, or on the workbook's own day."""
    plant = Plant(workbook, as_of)
    return {(code, subject, period) for code in situations for subject, period in SITUATIONS[code](plant)}
