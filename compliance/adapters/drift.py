"""What drafts rest on, and what comparing documents came to, in the register."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, delete, insert, select

from compliance.adapters.document_tables import document, document_version
from compliance.adapters.documents import SqlDocumentChanges, SqlDocumentReads, document_of, version_of
from compliance.adapters.drift_tables import document_basis, document_drift
from compliance.core.controlled import DocumentAtHand
from compliance.core.documents import Basis, Drift, Reason
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.text import Text


class SqlDriftReads(SqlDocumentReads):
    """The reading half of ``core.documents.drift``."""

    def basis(self, plant: Plant, number: str, place: int) -> Basis | None:
        """What a version rests on; None of one that was drafted before this was kept."""
        c = document_basis.c
        query = select(document_basis).where(c.plant_id == plant.id, c.number == number, c.place == place)
        row = self._execute(query).first()
        return basis_of_row(row) if row else None

    def held(self, plant: Plant) -> Sequence[DocumentAtHand]:
        """Every issued version that has not ended, with its document and no other version: one statement."""
        d, v = document, document_version
        same = and_(v.c.plant_id == d.c.plant_id, v.c.number == d.c.number)
        named = [*(d.c[n].label(f"d_{n}") for n in d.c.keys()), *(c for c in v.c if c.key != "plant_id")]  # noqa: SIM118 - columns
        holds = (d.c.plant_id == plant.id, v.c.issued.is_not(None), v.c.ended_at.is_(None))
        found = []
        for row in self._execute(select(*named).join(v, same).where(*holds).order_by(d.c.number, v.c.place)):
            columns = {n: getattr(row, f"d_{n}") for n in d.c.keys()}  # noqa: SIM118 - columns
            version = version_of(row)
            found.append(DocumentAtHand(document_of(columns), version, (version,)))
        return found

    def drifts(self, plant: Plant) -> Mapping[str, Drift]:
        """What comparing came to last, by the numbers of documents."""
        query = select(document_drift).where(document_drift.c.plant_id == plant.id)
        return {row.number: drift_of_row(row) for row in self._execute(query.order_by(document_drift.c.number))}

    def drift(self, plant: Plant, number: str) -> Drift | None:
        """What comparing one document came to last."""
        c = document_drift.c
        row = self._execute(select(document_drift).where(c.plant_id == plant.id, c.number == number)).first()
        return drift_of_row(row) if row else None


class SqlDriftChanges(SqlDriftReads, SqlDocumentChanges):
    """The writing half."""

    def keep_basis(self, plant: Plant, number: str, place: int, basis: Basis) -> None:
        """Keep what a draft rests on, in place of what the draft before did."""
        c = document_basis.c
        values = {"ruleset": basis.ruleset, "version": basis.version, "day": basis.day}
        values |= {"factors": canonical({code: dict(facts) for code, facts in basis.factors.items()}).decode()}
        key = {"plant_id": plant.id, "number": number, "place": place}
        self._put(document_basis, and_(c.plant_id == plant.id, c.number == number, c.place == place), {**key, **values})

    def keep_drifts(self, plant: Plant, found: Sequence[Drift]) -> None:
        """Keep what comparing came to, of these documents alone; it follows from what is stored and leaves no leaf."""
        c = document_drift.c
        for one in found:
            self._execute(delete(document_drift).where(c.plant_id == plant.id, c.number == one.number))
        rows = [_values(plant, one) for one in found]
        if rows:
            self._connection.execute(insert(document_drift), rows)


def basis_of_row(row: Any) -> Basis:  # noqa: ANN401 - a row
    """What a draft rests on, of its row."""
    return Basis(ruleset=row.ruleset, version=row.version, day=row.day, factors=json.loads(row.factors))


def drift_of_row(row: Any) -> Drift:  # noqa: ANN401 - a row
    """What comparing came to, of its row."""
    return Drift(
        number=row.number,
        place=row.place,
        version=row.version,
        ruleset=row.ruleset,
        template=row.template,
        day=row.day,
        since=row.since,
        reasons=reasons_of(row.reasons),
    )


def reasons_of(kept: str) -> tuple[Reason, ...]:
    """Reasons as they are kept."""
    return tuple(Reason(one["kind"], one["what"], Text(one["zh"], one["en"])) for one in json.loads(kept))


def _values(plant: Plant, it: Drift) -> dict[str, object]:
    reasons = [{"kind": r.kind, "what": r.what, "zh": r.text.zh, "en": r.text.en} for r in it.reasons]
    return {
        "plant_id": plant.id,
        "number": it.number,
        "place": it.place,
        "version": it.version,
        "ruleset": it.ruleset,
        "template": it.template,
        "day": it.day,
        "since": it.since,
        "reasons": canonical(reasons).decode(),
    }
