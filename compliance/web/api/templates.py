"""Templates of documents: by which one a version was made."""

from __future__ import annotations

from typing import Any

from compliance.core.controlled import DocumentAtHand
from compliance.core.templates import Source
from compliance.web.api.shapes import NAME, SHA256, Maybe, Moment, Record, Truth, Whole, Word
from compliance.web.api.telling import moment
from compliance.web.own_templates import origins_of

VERSION_TEMPLATE = Record(
    "VersionTemplate",
    {
        "place": Whole(),
        "label": NAME,
        "sha256": SHA256,
        "source": Word(words=tuple(Source)),
        "name": NAME,
        "in_use": Truth(),
        "number": Maybe(Whole()),
        "published_by": Word(),
        "published_at": Maybe(Moment()),
    },
)


def made_with(about: DocumentAtHand) -> list[dict[str, Any]]:
    """By which template each version was made; one that was never drafted by none yet."""
    found = origins_of(about)
    return [
        {
            "place": v.place,
            "label": v.label,
            "sha256": made.sha256,
            "source": made.source.value,
            "name": made.name,
            "in_use": made.in_use,
            "number": made.number,
            "published_by": made.published_by,
            "published_at": moment(made.published_at) if made.published_at else None,
        }
        for v in about.versions
        if (made := found.get(v.place))
    ]
