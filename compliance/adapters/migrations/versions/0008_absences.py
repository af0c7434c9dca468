"""Absences and who stands in."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """New tables alone."""
