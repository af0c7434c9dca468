"""Words every room uses; imports nothing of ours."""

from __future__ import annotations
