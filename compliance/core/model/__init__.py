"""The plant's data: one frozen row type a sheet of the workbook, table and sheet from one declaration."""

from __future__ import annotations
