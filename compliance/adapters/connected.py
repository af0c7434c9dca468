"""Whoever speaks to the register through one connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Executable


class Connected:
    """Whoever speaks through one connection."""

    def __init__(self, connection: Connection, zone: tzinfo = UTC) -> None:
        """Speak through a connection; moments become days in the plant's time zone."""
        self._connection = connection
        self._zone = zone

    def day_of(self, moment: str) -> date:
        """The plant's day of a moment as it is kept."""
        return datetime.fromisoformat(moment).astimezone(self._zone).date()

    def _execute(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - a CursorResult
        """Execute a statement; one that is made once for all takes its ``values`` here."""
        return self._connection.execute(statement, values)


class Changing(Connected):
    """Whoever changes the register through one connection."""

    def _change(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401 - a CursorResult
        """Execute a change that must leave a leaf."""
        return self._execute(statement, values)
