"""Rows to typed facts: the closed catalogue of named, pure derivations."""

from __future__ import annotations
