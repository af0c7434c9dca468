"""HTTP in, HTML and JSON out."""

from __future__ import annotations
