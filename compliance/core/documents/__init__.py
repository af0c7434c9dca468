"""Controlled documents: what fills them, what their templates may say, and that they say what the data say."""

from __future__ import annotations

from compliance.core.documents.drafting import DraftedDocument, Filling, draft, render_checked
from compliance.core.documents.plan import TemplateProblem, check_names
from compliance.core.documents.ports import Inspected, NotRendered, Renderer, TemplateRefused
from compliance.core.documents.readback import TextDiffers, compare
from compliance.core.documents.report import (
    NONCONFORMITY_REPORT,
    Frame,
    nonconformity_report,
    report_names,
    report_number,
)
from compliance.core.documents.values import Context, IllegalText, Names, NotPlain, Rows, check_values, names_in

__all__ = [
    "NONCONFORMITY_REPORT",
    "Context",
    "DraftedDocument",
    "Filling",
    "Frame",
    "IllegalText",
    "Inspected",
    "Names",
    "NotPlain",
    "NotRendered",
    "Renderer",
    "Rows",
    "TemplateProblem",
    "TemplateRefused",
    "TextDiffers",
    "check_names",
    "check_values",
    "compare",
    "draft",
    "names_in",
    "nonconformity_report",
    "render_checked",
    "report_names",
    "report_number",
]
