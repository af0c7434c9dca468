"""From TOML tables to the frozen types of the rule language, one module a family of kinds."""

from __future__ import annotations
