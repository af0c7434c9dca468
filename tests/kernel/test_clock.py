from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from compliance.kernel import clock as module
from compliance.kernel.clock import Clock


def freeze(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    class Frozen(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]  # the one form that is called
            assert tz is UTC
            return moment

    monkeypatch.setattr(module, "datetime", Frozen)


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Asia/Shanghai", datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), date(2026, 3, 31)),
        ("Asia/Shanghai", datetime(2026, 3, 31, 16, 0, tzinfo=UTC), date(2026, 4, 1)),
        ("UTC", datetime(2026, 3, 31, 23, 59, tzinfo=UTC), date(2026, 3, 31)),
        ("America/New_York", datetime(2026, 4, 1, 3, 59, tzinfo=UTC), date(2026, 3, 31)),
    ],
)
def test_today_is_the_calendar_day_at_the_site(
    monkeypatch: pytest.MonkeyPatch, zone: str, moment: datetime, day: date
) -> None:
    freeze(monkeypatch, moment)
    assert Clock(ZoneInfo(zone)).today() == day


def test_now_is_utc_to_the_millisecond(monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(monkeypatch, datetime(2026, 3, 31, 1, 2, 3, 456_999, tzinfo=UTC))
    now = Clock().now()
    assert now == datetime(2026, 3, 31, 1, 2, 3, 456_000, tzinfo=UTC)
    assert now.utcoffset() == timedelta(0)


def test_a_pinned_day_stands_still_while_time_runs_on(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 3, 31, 1, 2, 3, tzinfo=UTC)
    freeze(monkeypatch, moment)
    clock = Clock(pinned=date(2030, 1, 1))
    assert clock.today() == date(2030, 1, 1)
    assert clock.now() == moment


def test_the_site_is_in_china_unless_told_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(monkeypatch, datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert Clock().today() == date(2027, 1, 1)
