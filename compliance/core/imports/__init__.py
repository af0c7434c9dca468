"""Import of a plant's workbook: examined whole, then stored all or nothing.

``cells`` reads one cell, ``tables`` one sheet, ``references`` and ``company`` what needs several; ``examine`` puts them
in order. ``changes`` compares with what is stored, ``manifest`` writes down every row, ``use_case`` does it all.
"""

from __future__ import annotations

from compliance.core.imports.cells import BadCell
from compliance.core.imports.changes import SheetCount
from compliance.core.imports.entry import ENTERABLE, FIRST_ROW, Entries, Entry, NotEntered, enter, enter_rows, kind_of
from compliance.core.imports.examine import Examined, examine
from compliance.core.imports.guard import RowGuard
from compliance.core.imports.problems import DataProblem, together
from compliance.core.imports.use_case import (
    Admission,
    AnotherPlant,
    ChangedMeanwhile,
    CorrectionNeedsReason,
    FileChanged,
    ImportRefused,
    ImportReport,
    RowsRefused,
    UnreadableFile,
    import_workbook,
)

__all__ = [
    "ENTERABLE",
    "FIRST_ROW",
    "Admission",
    "AnotherPlant",
    "BadCell",
    "ChangedMeanwhile",
    "CorrectionNeedsReason",
    "DataProblem",
    "Entries",
    "Entry",
    "Examined",
    "FileChanged",
    "ImportRefused",
    "ImportReport",
    "NotEntered",
    "RowGuard",
    "RowsRefused",
    "SheetCount",
    "UnreadableFile",
    "enter",
    "enter_rows",
    "examine",
    "import_workbook",
    "kind_of",
    "together",
]
