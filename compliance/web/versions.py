"""The version of a document that an address names."""

from __future__ import annotations

from dataclasses import replace

from flask import abort

from compliance.core.controlled import DocumentAtHand, at_hand
from compliance.web import access


def about_version(number: str, place: int | None) -> DocumentAtHand:
    """The version at a place, without one the latest; 404 where there is none."""
    with access.services().casework().register.read() as reads:
        found = at_hand(reads, access.card().plant, number)
    if found is None or "/" in number:
        abort(404)
    if place is None:
        return found
    version = next((v for v in found.versions if v.place == place), None)
    if version is None:
        abort(404)
    return replace(found, version=version)
