"""By which template the versions of a document were made: the shipped one, or one of the plant's own, and whose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from compliance.core.controlled import DocumentAtHand, DocumentVersion
from compliance.core.documents import Desk, NoSuchDocument
from compliance.core.plants import Plant
from compliance.core.templates.kept import PUBLISHED, SUPERSEDED, TemplateRegister, TemplateVersion
from compliance.kernel.canonical import digest


class Source(StrEnum):
    """Whose template it is."""

    SHIPPED = "shipped"
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


def origins(register: TemplateRegister, desk: Desk, plant: Plant, about: DocumentAtHand) -> Mapping[int, Origin]:
    """The templates of all versions of a document, by the versions' places; one statement."""
    made, rule_id = [v for v in about.versions if v.template is not None], about.document.rule
    if not made:
        return {}
    with register.read() as reads:
        known = [one for one in reads.templates(plant, rule_id) if one.state in (PUBLISHED, SUPERSEDED)]
    shipped, name = _shipped(desk, rule_id)
    used = next((one.file for one in known if one.state == PUBLISHED and one.file), None) or shipped
    return {v.place: _origin(v, known, name, used) for v in made}


def _origin(version: DocumentVersion, known: Sequence[TemplateVersion], name: str, used: str) -> Origin:
    sha256 = version.template or ""
    own = next((one for one in known if one.file == sha256 and _before(one.decided_at, version.issued_at)), None)
    if own is None:
        return Origin(sha256=sha256, source=Source.SHIPPED, name=name, in_use=sha256 == used)
    return Origin(
        sha256=sha256,
        source=Source.PLANT,
        name=own.file_name,
        in_use=sha256 == used,
        document=own.document,
        number=own.number,
        published_by=own.decided_name or "",
        published_at=own.decided_at,
    )


def _shipped(desk: Desk, rule_id: str) -> tuple[str, str]:
    """Digest and name of the template that all plants have; empty where the rules or the folder have none any more."""
    try:
        rule = desk.rule(rule_id)
        return digest(desk.shipped_template(rule)), rule.template
    except NoSuchDocument:
        return "", rule_id


def _before(published: str | None, issued: str | None) -> bool:
    """Whether a template was in use before a version was issued: what came later did not make it."""
    return not (published and issued) or datetime.fromisoformat(published) <= datetime.fromisoformat(issued)
