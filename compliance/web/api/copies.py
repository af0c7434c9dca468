"""Controlled copies of documents: the register, giving out, ending and witnessing, with the guards of their pages."""

from __future__ import annotations

from typing import Any

from compliance.core.copies import ControlledCopy, Outcome
from compliance.core.documents.copies import LONGEST, Copies
from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, operation
from compliance.web.api.shapes import NAME, ListOf, Maybe, Moment, Record, Whole, Word
from compliance.web.api.telling import moment
from compliance.web.versions import about_version
from compliance.web.writing import writer

_PARTS = {"plant": NAME, "number": NAME}
_ONE = {**_PARTS, "copy": Whole(1)}
_COPY = Record(
    "ControlledCopy",
    {
        "copy": Whole(),
        "version": NAME,
        "holder": Word(),
        "kept_at": Word(),
        "issued_at": Moment(),
        "issued_by": Word(),
        "state": NAME,
        "outcome": Maybe(NAME),
        "why": Word(),
        "ended_at": Maybe(Moment()),
        "ended_by": Word(),
        "witness": Word(),
    },
)
_COPIES = Record("ControlledCopies", {"rows": ListOf(_COPY)})


@operation(
    Operation(
        name="document_copies",
        method="GET",
        path="/plants/{plant}/documents/{number}/copies",
        title=Text("文件的受控副本", "the controlled copies of a document"),
        parts=_PARTS,
        answer=_COPIES,
    )
)
def copies(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The copies of a document by their numbers."""
    return _told(asked)


@operation(
    Operation(
        name="document_copy_give",
        method="POST",
        path="/plants/{plant}/documents/{number}/copies",
        title=Text("发放现行版本的受控副本", "give out a numbered copy of the version in force"),
        parts=_PARTS,
        body=Record("CopyWish", {"holder": Word(LONGEST), "kept_at": Word(LONGEST)}),
        answer=_COPIES,
    )
)
def give(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Give out the next copy."""
    about, body = about_version(asked.path["number"], None), asked.body
    holding = about.holding(access.services().clock.today()) or about.version
    _use().give(access.card().plant, writer(), holding.object_id, body["holder"], body["kept_at"])
    return _told(asked)


@operation(
    Operation(
        name="document_copy_end",
        method="POST",
        path="/plants/{plant}/documents/{number}/copies/{copy}/end",
        title=Text("登记副本的去向", "say what became of a copy"),
        parts=_ONE,
        body=Record("CopyEnd", {"outcome": Word(words=tuple(Outcome)), "why": Word(LONGEST)}),
        answer=_COPIES,
    )
)
def end(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Returned, destroyed or lost, with a reason."""
    number, copy, body = about_version(asked.path["number"], None).number, asked.path["copy"], asked.body
    _use().end(access.card().plant, writer(), number, copy, body["outcome"], body["why"])
    return _told(asked)


@operation(
    Operation(
        name="document_copy_witness",
        method="POST",
        path="/plants/{plant}/documents/{number}/copies/{copy}/witness",
        title=Text("作为第二人见证销毁", "witness as a second person that a copy was destroyed"),
        parts=_ONE,
        body=Record("CopyWitness", {}),
        answer=_COPIES,
    )
)
def witness(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A second person, where the rules want one of disposal."""
    number = about_version(asked.path["number"], None).number
    _use().witness(access.card().plant, writer(), number, asked.path["copy"])
    return _told(asked)


def _use() -> Copies:
    return Copies(access.services().desk())


def _told(asked: Asked) -> dict[str, Any]:
    about = about_version(asked.path["number"], None)
    ended = {v.place: v.ended_at is not None for v in about.versions}
    with _use().desk.register.read() as look:
        found = look.copies(access.card().plant, about.number)
    return {"rows": [_copy(one, version_ended=ended.get(one.place, True)) for one in found]}


def _copy(copy: ControlledCopy, *, version_ended: bool) -> dict[str, Any]:
    return {
        "copy": copy.copy,
        "version": copy.label,
        "holder": copy.holder,
        "kept_at": copy.kept_at,
        "issued_at": moment(copy.issued_at),
        "issued_by": copy.issued_name,
        "state": copy.state(version_ended=version_ended).value,
        "outcome": copy.outcome or None,
        "why": copy.why,
        "ended_at": moment(copy.ended_at) if copy.ended_at else None,
        "ended_by": copy.ended_name,
        "witness": copy.second_name,
    }
