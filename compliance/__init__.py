"""Rules-driven compliance and document management for the carbon management of cement plants."""

from __future__ import annotations
