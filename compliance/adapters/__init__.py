"""The outside world, one module per thing."""

from __future__ import annotations
