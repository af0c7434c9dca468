"""By which template the versions of a document were made: the shipped one, the group's or the plant's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from compliance.core.controlled import DocumentAtHand, DocumentVersion
from compliance.core.documents import Desk, NoSuchDocument
from compliance.core.plants import Plant
from compliance.core.templates.kept import PUBLISHED, SUPERSEDED, TemplateRegister, TemplateVersion
from compliance.kernel.canonical import digest


class Source(StrEnum):
    """Whose template it is."""

    SHIPPED = "shipped"
    GROUP = "group"
    PLANT = "plant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A template that made a version. ``in_use``: a draft of today would be made with it; the rest of its own alone."""

    sha256: str
    source: Source
    name: str
    in_use: bool
    document: str = ""
    number: int | None = None
    published_by: str = ""
    published_at: str | None = None


#: Templates that were in use at some time, the nearest first: the plant's own go before the group's.
_Known = Sequence[tuple[Source, Sequence[TemplateVersion]]]


def origins(register: TemplateRegister, desk: Desk, plant: Plant, about: DocumentAtHand) -> Mapping[int, Origin]:
    """The templates of all versions of a document, by the versions' places: one statement."""
    made, rule_id = [v for v in about.versions if v.template is not None], about.document.rule
    if not made:
        return {}
    with register.read() as reads:
        near = zip((Source.PLANT, Source.GROUP), reads.templates_near(plant, rule_id), strict=True)
    known = [(source, [one for one in some if one.state in (PUBLISHED, SUPERSEDED)]) for source, some in near]
    shipped, name = _shipped(desk, rule_id)
    published = (one.file for _source, some in known for one in some if one.state == PUBLISHED and one.file)
    used = next(published, None) or shipped
    return {v.place: _origin(v, known, name, used) for v in made}


def _origin(version: DocumentVersion, known: _Known, name: str, used: str) -> Origin:
    sha256 = version.template or ""
    by = [
        (source, one)
        for source, some in known
        for one in some
        if one.file == sha256 and _before(one.decided_at, version.issued_at)
    ]
    if not by:
        return Origin(sha256=sha256, source=Source.SHIPPED, name=name, in_use=sha256 == used)
    source, one = max(by, key=_nearness)
    return Origin(
        sha256=sha256,
        source=source,
        name=one.file_name,
        in_use=sha256 == used,
        document=one.document,
        number=one.number,
        published_by=one.decided_name or "",
        published_at=one.decided_at,
    )


def _nearness(by: tuple[Source, TemplateVersion]) -> tuple[bool, datetime, int]:
    """Of several with the same bytes the plant's own made it while that is in use, else the one published last."""
    source, one = by
    at = datetime.fromisoformat(one.decided_at) if one.decided_at else datetime.min.replace(tzinfo=UTC)
    return source is Source.PLANT and one.state == PUBLISHED, at, one.number


def _shipped(desk: Desk, rule_id: str) -> tuple[str, str]:
    """Digest and name of the shipped template; empty where the rules or the folder have none any more."""
    try:
        rule = desk.rule(rule_id)
        return digest(desk.shipped_template(rule)), rule.template
    except NoSuchDocument:
        return "", rule_id


def _before(published: str | None, issued: str | None) -> bool:
    """Whether a template was in use before a version was issued: what came later did not make it."""
    return not (published and issued) or datetime.fromisoformat(published) <= datetime.fromisoformat(issued)
