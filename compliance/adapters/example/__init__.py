"""Workbooks of invented plants, relative to a day: the example of the demo and the ground of the tests."""

from __future__ import annotations

from compliance.adapters.example.defects import example_plant
from compliance.adapters.example.plant import generate
from compliance.adapters.example.sheets import Cell, Sheet, Workbook, write

__all__ = ["Cell", "Sheet", "Workbook", "example_plant", "generate", "write"]
