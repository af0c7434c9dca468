"""Reads the cells of .xlsx workbooks, also of those that someone made to do harm.

The directory of the archive is examined before anything is unpacked (:mod:`archive`); the XML of each sheet is then
streamed (:mod:`rows`). Formulas and error values are seen as what they are and never as their cached values.
"""

from __future__ import annotations

from compliance.adapters.workbook.archive import UnsafeWorkbook
from compliance.adapters.workbook.parts import XlsxWorkbooks

__all__ = ["UnsafeWorkbook", "XlsxWorkbooks"]
