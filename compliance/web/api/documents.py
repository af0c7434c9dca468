"""Controlled documents: the list, each version with its case, and the files that are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import abort

from compliance.core.cases import CaseKey
from compliance.core.controlled import DOCUMENT, Content, ControlledDocument, DocumentAtHand, DocumentVersion, at_hand
from compliance.core.documents import LONGEST_SECTION, DocumentQuery, DocumentRow, Reason, redlined
from compliance.kernel.text import Text
from compliance.web import access, cases
from compliance.web.api.cases import CASE, STEP, take, told
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import (
    NAME,
    SAID,
    SHA256,
    Day,
    ListOf,
    Maybe,
    Moment,
    Record,
    Truth,
    Whole,
    Word,
    page_of,
)
from compliance.web.api.telling import PAGING, asked_for, day, here, moment, page, said
from compliance.web.api.templates import VERSION_TEMPLATE, made_with
from compliance.web.cases import Opened
from compliance.web.comparing import sent, versions
from compliance.web.documents import file_of_version
from compliance.web.writing import latest, writer

_PARTS = {"plant": NAME, "number": NAME, "place": Whole()}
_VERSION = Record(
    "DocumentVersion",
    {
        "place": Whole(),
        "label": NAME,
        "state": NAME,
        "in_force": Truth(),
        "waits": Truth(),
        "review_due": Maybe(Day()),
        "opened": Day(),
        "why": Word(),
        "draft": Maybe(SHA256),
        "issued": Maybe(SHA256),
        "pdf": Maybe(SHA256),
        "effective": Maybe(Day()),
        "issued_at": Maybe(Moment()),
        "ended_at": Maybe(Moment()),
        "ended_why": Word(),
        "superseded_by": Maybe(NAME),
        "href": Word(1000, like="/api/v1/…"),
    },
)
_STALE = Record(
    "DocumentStale",
    {
        "since": Day(),
        "reasons": ListOf(
            Record(
                "StaleReason",
                {"kind": Word(words=("template", "rule", "factor", "data")), "what": Word(1000), "text": SAID},
            )
        ),
    },
)
_DIFFERENCE = Record(
    "DataDifference",
    {"path": Word(1000), "place": SAID, "before": Maybe(Word(LONGEST_SECTION)), "after": Maybe(Word(LONGEST_SECTION))},
)
_ROW = Record(
    "Document",
    {
        "number": NAME,
        "rule": NAME,
        "kind": NAME,
        "about": Word(1000),
        "title": SAID,
        "retention": NAME,
        "opened": Day(),
        "retain_until": Maybe(Day()),
        "latest": _VERSION,
        "in_force": Maybe(NAME),
        "stale": Maybe(_STALE),
    },
)
_DETAIL = Record(
    "DocumentDetail",
    {
        **_ROW.members,
        "version": _VERSION,
        "versions": ListOf(_VERSION),
        "templates": ListOf(VERSION_TEMPLATE),
        "case": CASE,
    },
)
_WISH = Record("DocumentWish", {"rule": NAME, "about": Word(100, like="2026-06")}, frozenset({"about"}))
_SECTION = Record(
    "DocumentSection",
    {"section": NAME, "text": Word(LONGEST_SECTION), "rows": ListOf(ListOf(Word(LONGEST_SECTION)))},
    frozenset({"text", "rows"}),
)


@operation(
    Operation(
        name="documents",
        method="GET",
        path="/plants/{plant}/documents",
        title=Text("受控文件清单，新的在前", "controlled documents, newest first"),
        parts={"plant": NAME},
        query={
            "state": Query(NAME, Text("最新版本的状态", "state of the latest version")),
            "about": Query(NAME, Text("所据对象", "the object that it is on")),
            "stale": Query(Word(words=("1",)), Text("仅过时的", "only those that are stale")),
            **PAGING,
        },
        answer=page_of("Documents", _ROW),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of documents."""
    words = {name: asked.query.get(name, "") for name in ("state", "about")}
    asked_of = DocumentQuery(**words, stale=bool(asked.query.get("stale")), **asked_for(asked))
    query = replace(asked_of, on=_today())
    return page(access.services().papers.documents(access.card().plant, query), _listed)


@operation(
    Operation(
        name="document",
        method="GET",
        path="/plants/{plant}/documents/{number}/{place}",
        title=Text("文件的一个版本及其办理", "one version of a document with its case"),
        parts=_PARTS,
        answer=_DETAIL,
        tagged=True,
    )
)
def document(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One version."""
    about = _about(asked)
    return _detail(about, _case(about))


@operation(
    Operation(
        name="document_open",
        method="POST",
        path="/plants/{plant}/documents",
        title=Text("建立文件；草稿随后生成", "open a document; its draft follows"),
        parts={"plant": NAME},
        body=_WISH,
        answer=_DETAIL,
        status=201,
        tagged=True,
    )
)
def opening(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Open a document on the plant (nothing given), a year, a month or a record."""
    body, plant = asked.body, access.card().plant
    version = access.services().desk().open(plant, writer(), body["rule"], body.get("about", ""))
    return _told(version.number, version.place)


@operation(
    Operation(
        name="document_next",
        method="POST",
        path="/plants/{plant}/documents/{number}/next",
        title=Text("为过时的文件起草下一版", "draft the next version of a stale document"),
        parts={"plant": NAME, "number": NAME},
        answer=_DETAIL,
        status=201,
        tagged=True,
    )
)
def draft_next(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Open the next version with the reasons as its note, drafted with the data of today."""
    about = latest(asked.path["number"])
    version = access.services().watch().draft_next(access.card().plant, writer(), about.number)
    return _told(version.number, version.place)


@operation(
    Operation(
        name="document_write",
        method="POST",
        path="/plants/{plant}/documents/{number}/{place}/sections",
        title=Text("编写草稿的一节：文字或表格的行", "write a section of a draft: a text, or the rows of a table"),
        parts=_PARTS,
        body=_SECTION,
        answer=_DETAIL,
        tagged=True,
    )
)
def write(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Keep what a section says; the draft made before is void and made anew."""
    about, body = _about(asked), asked.body
    content: Content = tuple(tuple(cells) for cells in body["rows"]) if "rows" in body else body.get("text", "")
    access.services().desk().write(access.card().plant, writer(), about.version.object_id, body["section"], content)
    return _told(about.number, about.version.place)


@operation(
    Operation(
        name="document_step",
        method="POST",
        path="/plants/{plant}/documents/{number}/{place}/steps",
        title=Text("办理一步；发布时先生成正式文件", "take a step; issuing renders the final file first"),
        parts=_PARTS,
        body=STEP,
        answer=_DETAIL,
        tagged=True,
        matches=True,
    )
)
def step(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Take a step of the version's case; the version as it is then."""
    about = _about(asked)
    take(_case(about), asked, lambda case: _detail(about, case))
    return document(asked)


@operation(
    Operation(
        name="document_file",
        method="GET",
        path="/plants/{plant}/documents/{number}/{place}/files/{kind}",
        title=Text("版本的文件", "a file of the version"),
        parts={**_PARTS, "kind": Word(words=("draft", "issued", "pdf", "copy"))},
    )
)
def file(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """A file of the version: draft, issued, pdf; ``copy`` is an ended version with its mark on every page."""
    return file_of_version(_about(asked), asked.path["kind"])


@operation(
    Operation(
        name="document_fresh",
        method="GET",
        path="/plants/{plant}/documents/{number}/{place}/fresh",
        title=Text("草稿数据与现行数据的差别", "what a draft would say otherwise with the data of today"),
        parts=_PARTS,
        answer=Record("FreshData", {"differences": ListOf(_DIFFERENCE)}),
    )
)
def fresh(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The places in which the data of a draft differ from those of today; none of what is no draft."""
    found = access.services().watch().fresh_data(access.card().plant, _about(asked))
    told = [{"path": d.path, "place": said(d.place), "before": d.before, "after": d.after} for d in found]
    return {"differences": told}


@operation(
    Operation(
        name="document_redline_file",
        method="GET",
        path="/plants/{plant}/documents/{number}/{place}/redline/{other}",
        title=Text("带修订标记的文件：与另一版的差别", "the version with its changes against another one tracked"),
        parts={**_PARTS, "other": Whole()},
    )
)
def redline(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """The version as a .docx that tracks its changes against another version."""
    about, before = versions(asked.path["number"], asked.path["place"], asked.path["other"])
    return sent(about, before, redlined(access.services().desk(), access.card().plant, about, before))


def _file_of(version: DocumentVersion, sha256: str) -> str | None:
    """The address of a file of the version; what it was filled with has none."""
    kind = {version.draft: "draft", version.issued: "issued", version.pdf: "pdf"}.get(sha256)
    return here("documents", version.number, version.place, "files", kind) if kind else None


def _today() -> date:
    return access.services().clock.today()


def _told(number: str, place: int) -> dict[str, Any]:
    about = _at(number, place)
    return _detail(about, _case(about))


def _about(asked: Asked) -> DocumentAtHand:
    return _at(asked.path["number"], asked.path["place"])


def _at(number: str, place: int) -> DocumentAtHand:
    with access.services().casework().register.read() as reads:
        found = at_hand(reads, access.card().plant, number)
    version = next((v for v in found.versions if v.place == place), None) if found else None
    if found is None or version is None:
        abort(404)
    return replace(found, version=version)


def _case(about: DocumentAtHand) -> Opened:
    return cases.opened(CaseKey(DOCUMENT, about.version.object_id), about)


def _detail(about: DocumentAtHand, case: Opened) -> dict[str, Any]:
    current, latest = about.holding(_today()), about.versions[-1]
    version = _version(about.version)
    found = access.services().watch().kept(access.card().plant, about.number)
    return {
        **_document(about.document),
        "latest": _version(latest),
        "in_force": current.label if current else None,
        "stale": _stale(found.since, found.reasons) if found and current and found.place == current.place else None,
        "version": version,
        "versions": [_version(v) for v in about.versions],
        "templates": made_with(about),
        "case": told(case, lambda sha256: _file_of(about.version, sha256)),
    }


def _listed(row: DocumentRow) -> dict[str, Any]:
    return {
        **_document(row.document),
        "latest": _version(row.version),
        "in_force": row.in_force or None,
        "stale": _stale(row.stale, row.reasons),
    }


def _stale(since: date | None, reasons: Sequence[Reason]) -> dict[str, Any] | None:
    if since is None:
        return None
    told = [{"kind": r.kind, "what": r.what, "text": said(r.text)} for r in reasons]
    return {"since": day(since), "reasons": told}


def _document(document: ControlledDocument) -> dict[str, Any]:
    return {
        "number": document.number,
        "rule": document.rule,
        "kind": document.kind,
        "about": document.about,
        "title": said(document.title),
        "retention": document.retention,
        "opened": day(document.opened),
        "retain_until": day(document.retain_until),
    }


def _version(version: DocumentVersion) -> dict[str, Any]:
    return {
        "place": version.place,
        "label": version.label,
        "state": version.state,
        "in_force": version.in_force and not version.waits(_today()),
        "waits": version.waits(_today()),
        "review_due": day(version.review_due),
        "opened": day(version.opened),
        "why": version.why,
        "draft": version.draft,
        "issued": version.issued,
        "pdf": version.pdf,
        "effective": day(version.effective),
        "issued_at": moment(version.issued_at) if version.issued_at else None,
        "ended_at": moment(version.ended_at) if version.ended_at else None,
        "ended_why": version.ended_why,
        "superseded_by": version.superseded_by,
        "href": here("documents", version.number, version.place),
    }
