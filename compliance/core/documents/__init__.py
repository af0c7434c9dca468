"""Controlled documents: what fills them, what their templates may say, and that they say what the data say."""

from __future__ import annotations

from compliance.core.documents.control import (
    CONTROL_NAMES,
    SIGNERS,
    Frame,
    NotSigned,
    control_of,
    finished,
    marked,
    unchanged,
)
from compliance.core.documents.desk import Desk, Drafts
from compliance.core.documents.gathering import NoSuchDocument, NotADraft, NotIssued, frozen
from compliance.core.documents.lists import DocumentLists, DocumentQuery, DocumentRow
from compliance.core.documents.plan import TemplateProblem, check_names
from compliance.core.documents.ports import Inspected, NotRendered, Renderer, TemplateRefused
from compliance.core.documents.readback import TextDiffers, compare
from compliance.core.documents.rendering import MEDIA_TYPE, render_checked
from compliance.core.documents.report import NONCONFORMITY_REPORT, nonconformity_report, report_names
from compliance.core.documents.sets import DATA_SETS, DataSet
from compliance.core.documents.values import Context, IllegalText, Names, NotPlain, Rows, check_values, names_in

__all__ = [
    "CONTROL_NAMES",
    "DATA_SETS",
    "MEDIA_TYPE",
    "NONCONFORMITY_REPORT",
    "SIGNERS",
    "Context",
    "DataSet",
    "Desk",
    "DocumentLists",
    "DocumentQuery",
    "DocumentRow",
    "Drafts",
    "Frame",
    "IllegalText",
    "Inspected",
    "Names",
    "NoSuchDocument",
    "NotADraft",
    "NotIssued",
    "NotPlain",
    "NotRendered",
    "NotSigned",
    "Renderer",
    "Rows",
    "TemplateProblem",
    "TemplateRefused",
    "TextDiffers",
    "check_names",
    "check_values",
    "compare",
    "control_of",
    "finished",
    "frozen",
    "marked",
    "names_in",
    "nonconformity_report",
    "render_checked",
    "report_names",
    "unchanged",
]
