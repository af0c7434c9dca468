"""Two versions of a document beside each other: on a page, and as a file that tracks the changes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, abort, render_template, send_file
from flask.typing import ResponseReturnValue

from compliance.core.controlled import DocumentAtHand, DocumentVersion
from compliance.core.documents import MEDIA_TYPE, Block, Redlined, at_place, redlined
from compliance.web import access, writing
from compliance.web.security import FILE_POLICY

blueprint = Blueprint("comparing", __name__)

#: How many unchanged paragraphs and rows stand before and after a changed one.
_AROUND = 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocks that follow one another, or how many are left out because nothing changed in them."""

    blocks: Sequence[Block] = ()
    left_out: int = 0


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/against/<int:other>")
def page(number: str, place: int, other: int) -> ResponseReturnValue:
    """What changed between two versions."""
    about, before = versions(number, place, other)
    made = redlined(access.services().desk(), access.card().plant, about, before)
    frames = [block for block in made.blocks if block.part != _BODY and block.changed]
    body = [block for block in made.blocks if block.part == _BODY]
    return render_template(
        "document_changes.html",
        about=about,
        version=about.version,
        other=before,
        frames=frames,
        stretches=_stretches(body),
        number_changed=sum(block.changed for block in made.blocks),
    )


@blueprint.get("/p/<plant>/documents/<number>/<int:place>/against/<int:other>/redline.docx")
def file(number: str, place: int, other: int) -> ResponseReturnValue:
    """The later version as a file that tracks the changes."""
    about, before = versions(number, place, other)
    return sent(about, before, redlined(access.services().desk(), access.card().plant, about, before))


def sent(about: DocumentAtHand, before: DocumentVersion, made: Redlined) -> Response:
    """The file as a download that is named after both versions."""
    labels = "-".join(v.label.replace("/", "-") for v in (before, about.version))
    answer = send_file(
        io.BytesIO(made.file),
        mimetype=MEDIA_TYPE,
        as_attachment=True,
        download_name=f"{about.number}-{labels}-redline.docx",
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


def versions(number: str, place: int, other: int) -> tuple[DocumentAtHand, DocumentVersion]:
    """Two versions that have files; 404 where one is missing."""
    latest = writing.latest(number)
    about, before = at_place(latest, place), at_place(latest, other)
    if about is None or before is None or not all(v.issued or v.draft for v in (about.version, before.version)):
        abort(404)
    return about, before.version


def _stretches(blocks: Sequence[Block]) -> list[Stretch]:
    """Changed blocks with what stands about them; the rest is counted."""
    changed = [n for n, block in enumerate(blocks) if block.changed]
    near = {m for n in changed for m in range(n - _AROUND, n + _AROUND + 1)}
    found: list[Stretch] = []
    at = 0
    while at < len(blocks):
        end = at
        while end < len(blocks) and (end in near) == (at in near):
            end += 1
        found.append(Stretch(blocks[at:end]) if at in near else Stretch(left_out=end - at))
        at = end
    return found


_BODY = "word/document.xml"
