"""Controlled documents: what fills them, what their templates may say, and that they say what the data say."""

from __future__ import annotations

from compliance.core.documents.basis import Basis
from compliance.core.documents.bulk import Made, draft_all
from compliance.core.documents.change_requests import (
    ChangeRequest,
    RequestLists,
    RequestQuery,
    RequestRow,
    Requests,
    Use,
)
from compliance.core.documents.control import (
    CONTROL_NAMES,
    SIGNERS,
    Frame,
    NotSigned,
    control_of,
    finished,
    marked,
    signers_of,
    unchanged,
)
from compliance.core.documents.desk import Desk, Drafts
from compliance.core.documents.differing import Difference
from compliance.core.documents.drift import Drift, NotStale, Reason, Watch
from compliance.core.documents.gathering import NoSuchDocument, NotADraft, NotIssued, document_names, frozen
from compliance.core.documents.issuing import Issued, NothingYet, issue_all
from compliance.core.documents.lists import DocumentLists, DocumentQuery, DocumentRow
from compliance.core.documents.plan import TemplateProblem, check_names, dotted
from compliance.core.documents.ports import Block, Inspected, NotRendered, Piece, Redlined, Renderer, TemplateRefused
from compliance.core.documents.readback import TextDiffers, compare
from compliance.core.documents.redline import at_place, before, compared, redlined
from compliance.core.documents.rendering import MEDIA_TYPE, render_checked
from compliance.core.documents.report import NONCONFORMITY_REPORT, nonconformity_report, report_names
from compliance.core.documents.sections import content_of, missing, written_of
from compliance.core.documents.sets import DATA_SETS, SUBJECTS, DataSet, NoSuchSubject, Subject, record_type
from compliance.core.documents.values import Context, IllegalText, Names, NotPlain, Rows, check_values, names_in
from compliance.core.documents.writing import (
    LONGEST_SECTION,
    AlreadyOpened,
    BadContent,
    NoSuchSection,
    NotWritable,
    checked_content,
    written_about,
)

__all__ = [
    "CONTROL_NAMES",
    "DATA_SETS",
    "LONGEST_SECTION",
    "MEDIA_TYPE",
    "NONCONFORMITY_REPORT",
    "SIGNERS",
    "SUBJECTS",
    "AlreadyOpened",
    "BadContent",
    "Basis",
    "Block",
    "ChangeRequest",
    "Context",
    "DataSet",
    "Desk",
    "Difference",
    "DocumentLists",
    "DocumentQuery",
    "DocumentRow",
    "Drafts",
    "Drift",
    "Frame",
    "IllegalText",
    "Inspected",
    "Issued",
    "Made",
    "Names",
    "NoSuchDocument",
    "NoSuchSection",
    "NoSuchSubject",
    "NotADraft",
    "NotIssued",
    "NotPlain",
    "NotRendered",
    "NotSigned",
    "NotStale",
    "NotWritable",
    "NothingYet",
    "Piece",
    "Reason",
    "Redlined",
    "Renderer",
    "RequestLists",
    "RequestQuery",
    "RequestRow",
    "Requests",
    "Rows",
    "Subject",
    "TemplateProblem",
    "TemplateRefused",
    "TextDiffers",
    "Use",
    "Watch",
    "at_place",
    "before",
    "check_names",
    "check_values",
    "checked_content",
    "compare",
    "compared",
    "content_of",
    "control_of",
    "document_names",
    "dotted",
    "draft_all",
    "finished",
    "frozen",
    "issue_all",
    "marked",
    "missing",
    "names_in",
    "nonconformity_report",
    "record_type",
    "redlined",
    "render_checked",
    "report_names",
    "signers_of",
    "unchanged",
    "written_about",
    "written_of",
]
