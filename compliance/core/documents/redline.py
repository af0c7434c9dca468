"""The comparison of two versions of a document: the later with its changes against the earlier marked in the file."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from compliance.core.cases import NoSuchCase
from compliance.core.controlled import DOCUMENT, DocumentAtHand, DocumentVersion
from compliance.core.documents.gathering import Gathering
from compliance.core.documents.ports import Redlined
from compliance.core.documents.tracing import TraceReads
from compliance.core.plants import Plant

_DRAFTED = f"{DOCUMENT}:draft"
#: How the markup of a word processor writes a moment.
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"
_MOST = 200


def redlined(desk: Gathering, plant: Plant, about: DocumentAtHand, other: DocumentVersion) -> Redlined:
    """The version at hand with its changes against another one, as of whoever drafted it, and when."""
    old, new = (desk.read(version.issued or version.draft) for version in (other, about.version))
    author, at = _drafted(desk, plant, about.version)
    return desk.renderer.redline(old, new, author, at)


def compared(
    desk: Gathering, plant: Plant, number: str, label: str, other: str
) -> tuple[DocumentAtHand, DocumentVersion]:
    """Two versions of a document by their labels; raises :class:`NoSuchCase`."""
    with desk.register.read() as reads:
        about = desk.find(reads, plant, f"{number}/{label}")
    before = next((v for v in about.versions if v.label == other), None)
    if before is None:
        raise NoSuchCase(name=f"{number}/{other}")
    return about, before


def before(about: DocumentAtHand) -> DocumentVersion | None:
    """What a version is compared with unless another is asked for: the one in force, else the one before it."""
    earlier = [v for v in about.versions if v.place < about.version.place and (v.issued or v.draft)]
    return next((v for v in reversed(earlier) if v.in_force), earlier[-1] if earlier else None)


def at_place(about: DocumentAtHand, place: int) -> DocumentAtHand | None:
    """The same document with the version at a place."""
    version = next((v for v in about.versions if v.place == place), None)
    return replace(about, version=version) if version else None


def _drafted(desk: Gathering, plant: Plant, version: DocumentVersion) -> tuple[str, str]:
    """Who drafted the present file of a version, and when."""
    with desk.register.read() as reads:
        entries = cast("TraceReads", reads).trail(plant, DOCUMENT, version.object_id, limit=_MOST)
    for entry in entries:
        leaf: dict[str, Any] = json.loads(entry.leaf)
        if leaf["action"] == _DRAFTED:
            return leaf["actor"]["name"], datetime.fromisoformat(leaf["at"]).astimezone(UTC).strftime(_MOMENT)
    return version.number, f"{version.opened.isoformat()}T00:00:00Z"
