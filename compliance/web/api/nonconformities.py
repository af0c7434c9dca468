"""Nonconformities: the list, each with its case, and raising one."""

from __future__ import annotations

from typing import Any

from flask import abort
from werkzeug.exceptions import NotFound

from compliance.core.cases import BadValue, Raised, case_of, raise_nonconformity
from compliance.core.judged import NONCONFORMITY
from compliance.core.lists import NonconformityQuery, NonconformityRow
from compliance.kernel.text import Text
from compliance.web import access, cases
from compliance.web.api.cases import CASE, STEP, BadCaseValue, file_of, take, told
from compliance.web.api.errors import WrongValues
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, SHA256, Day, Maybe, Record, Truth, Whole, Word, Wrong, page_of
from compliance.web.api.telling import PAGING, asked_for, day, here, page, said
from compliance.web.book import CATEGORY_MEANING, book
from compliance.web.cases import Opened
from compliance.web.tickets import About, about_of

_NO_OBJECT = Text("写作 类型:编号，且为本企业已有的对象", "is written type:id and names an object of the plant")

_PARTS = {"plant": NAME, "number": NAME}
_ROW = Record(
    "Nonconformity",
    {
        "number": NAME,
        "title": SAID,
        "category": NAME,
        "grade": NAME,
        "state": NAME,
        "opened": Day(),
        "origin": NAME,
        "rule": NAME,
        "owner": Maybe(NAME),
        "due": Maybe(Day()),
        "findings": Whole(),
        "standing": Whole(),
        "href": Word(1000, like="/api/v1/…"),
    },
)
_DETAIL = Record("NonconformityDetail", {**_ROW.members, "case": CASE})
_RAISE = Record(
    "NonconformityWish",
    {"title": Word(shortest=1), "category": NAME, "grade": NAME, "about": Word(500, like="occurrence:1")},
    frozenset({"about"}),
)
_FILTERS = {
    "state": Query(NAME, Text("状态", "state")),
    "category": Query(NAME, Text("类别", "category")),
    "grade": Query(NAME, Text("分级", "grade")),
    "owner": Query(NAME, Text("责任人账号", "account of the owner")),
    "late": Query(Truth(), Text("只要超期的", "those that are late alone")),
}


@operation(
    Operation(
        name="nonconformities",
        method="GET",
        path="/plants/{plant}/nonconformities",
        title=Text("不符合项清单，新的在前", "nonconformities, newest first"),
        parts={"plant": NAME},
        query={**_FILTERS, **PAGING},
        answer=page_of("Nonconformities", _ROW),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of nonconformities."""
    q = asked.query
    query = NonconformityQuery(
        **{name: q.get(name, "") for name in ("state", "category", "grade", "owner")},
        late_on=access.services().clock.today() if q.get("late") else None,
        settled=book().settled(NONCONFORMITY),
        **asked_for(asked),
    )
    return page(access.services().lists.nonconformities(access.card().plant, query), _told)


@operation(
    Operation(
        name="nonconformity",
        method="GET",
        path="/plants/{plant}/nonconformities/{number}",
        title=Text("一个不符合项及其办理", "one nonconformity with its case"),
        parts=_PARTS,
        answer=_DETAIL,
        tagged=True,
    )
)
def nonconformity(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One nonconformity."""
    row = _row(asked.path["number"])
    return _detail(row, _case(row))


@operation(
    Operation(
        name="nonconformity_raise",
        method="POST",
        path="/plants/{plant}/nonconformities",
        title=Text("登记不符合项", "raise a nonconformity"),
        parts={"plant": NAME},
        body=_RAISE,
        answer=_DETAIL,
        status=201,
        tagged=True,
    )
)
def raising(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Open a nonconformity with the next number of the plant's series."""
    plant, casework, body = access.card().plant, access.services().casework(), asked.body
    about = _about(body.get("about", ""))
    with casework.register.read() as reads:
        periods = cases.periods(reads, plant)
    wish = Raised(body["title"], body["category"], body["grade"], about.ref if about else "")
    try:
        opened = raise_nonconformity(casework, plant, cases.acting(periods), wish)
    except BadValue as error:
        raise BadCaseValue(error, _place(wish)) from error
    row = _row(opened.number)
    return _detail(row, _case(row))


@operation(
    Operation(
        name="nonconformity_step",
        method="POST",
        path="/plants/{plant}/nonconformities/{number}/steps",
        title=Text("办理一步", "take a step"),
        parts=_PARTS,
        body=STEP,
        answer=_DETAIL,
        tagged=True,
        matches=True,
    )
)
def step(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Take a step of the nonconformity's case; the nonconformity as it is then."""
    row = _row(asked.path["number"])
    take(_case(row), asked, lambda case: _detail(row, case))
    return nonconformity(asked)


@operation(
    Operation(
        name="nonconformity_file",
        method="GET",
        path="/plants/{plant}/nonconformities/{number}/files/{sha256}",
        title=Text("一步提交的文件", "a file that a step handed in"),
        parts={**_PARTS, "sha256": SHA256},
    )
)
def file(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """A file that was handed in for the nonconformity."""
    return file_of(_case(_row(asked.path["number"])), asked.path["sha256"])


def _about(ref: str) -> About | None:
    """What the nonconformity was found on; one that the plant does not have is a wrong value."""
    if not ref:
        return None
    try:
        found = about_of(ref)
    except NotFound:
        found = None
    if found is None:
        raise WrongValues([Wrong("#/about", _NO_OBJECT)])
    return found


def _row(number: str) -> NonconformityRow:
    return access.services().lists.nonconformity(access.card().plant, number) or abort(404)


def _case(row: NonconformityRow) -> Opened:
    return cases.opened(case_of(row.nonconformity), row.nonconformity)


def _place(wish: Raised) -> str:
    """The part of the body that a bad value came from."""
    words = book().vocabularies.get(CATEGORY_MEANING, {})
    if wish.title.strip() and wish.category not in words:
        return "#/category"
    return "#/grade" if wish.title.strip() and wish.grade not in book().grades else "#/title"


def _detail(row: NonconformityRow, case: Opened) -> dict[str, Any]:
    base = _told(row)
    return base | {"case": told(case, lambda sha256: f"{base['href']}/files/{sha256}")}


def _told(row: NonconformityRow) -> dict[str, Any]:
    n = row.nonconformity
    return {
        "number": n.number,
        "title": said(n.title),
        "category": n.category,
        "grade": n.grade,
        "state": n.state,
        "opened": day(n.opened),
        "origin": n.origin,
        "rule": n.rule,
        "owner": row.owner,
        "due": day(row.due),
        "findings": row.findings,
        "standing": row.standing,
        "href": here("nonconformities", n.number),
    }
