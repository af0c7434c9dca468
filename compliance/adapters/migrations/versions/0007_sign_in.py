"""One-time codes, links that set a password anew, and when an account ended."""

from __future__ import annotations

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """New tables alone."""
