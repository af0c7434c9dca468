"""What the organisation does. No framework is imported here."""

from __future__ import annotations
