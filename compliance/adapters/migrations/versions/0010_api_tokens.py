"""Tokens of programs that speak to the API."""

from __future__ import annotations

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """New tables alone."""
