"""What lists and judging read of a worked case: which thing it is about, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from compliance.rulebase.casework import FieldValue


@dataclass(frozen=True, slots=True)
class CaseKey:
    """A case of a plant: ``kind`` is what the workflow applies to, ``object_id`` names the thing."""

    kind: str
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """Where a case stands, for lists and judging; the fold of its steps says the same.

    ``done_on``: the day on which the duty counts as met; ``settled``: the day on which that was accepted.
    """

    key: CaseKey
    state: str
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    owner: str | None = None
    due: date | None = None
    done_on: date | None = None
    settled: date | None = None
