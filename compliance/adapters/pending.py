"""Files that a step may name without a new upload: the plant's latest, and uploads that wait for their person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    cast,
    delete,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy import Row as SqlRow
from sqlalchemy.dialects import postgresql, sqlite

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.case_tables import case_step, pending_file
from compliance.adapters.document_tables import document_version
from compliance.adapters.tables import import_batch, object_
from compliance.adapters.trail import moment
from compliance.core.acts import ObjectRef
from compliance.core.cases import CaseKey
from compliance.core.cases.files import IMPORT, PENDING, KeptFile
from compliance.core.controlled import DOCUMENT
from compliance.core.plants import Plant

#: The latest steps, imports and documents whose files are offered.
_NEWEST = 30
_TEXTS = ("a", "b", "files", "name", "sha256", "sm3", "media_type")
_FORM = "application/json"


class SqlFileReads(Connected):
    """Implements ``core.cases.files.FileReads``."""

    def kept_files(self, plant: Plant, login: str, key: CaseKey, digests: Sequence[str] = ()) -> Sequence[KeptFile]:
        """Uploads of this person that wait for the case, and the plant's latest files; those of digests, if given."""
        parts = (
            _waiting(plant, login, key),
            _of_steps(plant, digests),
            _imported(plant, digests),
            _issued(plant, digests),
        )
        picked = (_picked(part, digests, n) for n, part in enumerate(parts))
        rows = self._execute(union_all(*picked))
        found: dict[str, KeptFile] = {}
        for file in (file for row in rows for file in _files(row)):
            if not digests or file.ref.sha256 in digests:
                found.setdefault(file.ref.sha256, file)
        return list(found.values())


class SqlFileChanges(SqlFileReads, Changing):
    """Implements ``core.cases.files.FileWork``: uploads leave no leaf."""

    def keep_pending(self, plant: Plant, login: str, key: CaseKey, files: Sequence[ObjectRef], at: datetime) -> None:
        """Let uploads wait for the case."""
        made = postgresql.insert if self._connection.dialect.name == "postgresql" else sqlite.insert
        of_case = {"plant_id": plant.id, "login": login, "kind": key.kind, "object_id": key.object_id}
        for f in files:
            values = {"sha256": f.sha256, "sm3": f.sm3, "size": f.size, "media_type": f.media_type, "name": f.name}
            new = made(pending_file).values(**of_case, **values, at=moment(at.astimezone(UTC)))
            again = {"at": new.excluded.at, "name": new.excluded.name}
            self._execute(new.on_conflict_do_update(index_elements=[*of_case, "sha256"], set_=again))

    def drop_pending(self, plant: Plant, login: str, key: CaseKey, digests: Sequence[str]) -> None:
        """Uploads that were used wait no more."""
        c = pending_file.c
        self._execute(delete(pending_file).where(_of_person(plant, login, key), c.sha256.in_(digests)))

    def stale_pending(self, before: datetime) -> Sequence[str]:
        """Forget uploads from before a moment; the digests that nothing names any more."""
        c = pending_file.c
        gone = delete(pending_file).where(c.at < moment(before.astimezone(UTC))).returning(c.sha256)
        stale = sorted({row.sha256 for row in self._execute(gone)})
        if not stale:
            return []
        named = union_all(
            select(object_.c.sha256).where(object_.c.sha256.in_(stale)), select(c.sha256).where(c.sha256.in_(stale))
        )
        kept = {row.sha256 for row in self._execute(named)}
        return [digest for digest in stale if digest not in kept]


def _of_person(plant: Plant, login: str, key: CaseKey) -> ColumnElement[bool]:
    c = pending_file.c
    return and_(c.plant_id == plant.id, c.login == login, c.kind == key.kind, c.object_id == key.object_id)


def _columns(source: str, size: ColumnElement[Any] | None = None, **texts: ColumnElement[Any]) -> list[Any]:
    given = [texts.get(name, cast(null(), String)).label(name) for name in _TEXTS]
    return [literal(source).label("source"), *given, (cast(null(), BigInteger) if size is None else size).label("size")]


def _waiting(plant: Plant, login: str, key: CaseKey) -> Select[Any]:
    c = pending_file.c
    texts = {name: c[name] for name in ("name", "sha256", "sm3", "media_type")}
    return select(*_columns(PENDING, c.size, **texts)).where(_of_person(plant, login, key)).order_by(c.id)


def _of_steps(plant: Plant, digests: Sequence[str]) -> Select[Any]:
    c = case_step.c
    query = select(*_columns("step", a=c.kind, b=c.object_id, files=c.files)).where(c.plant_id == plant.id)
    named = or_(*(c.files.contains(digest, autoescape=True) for digest in digests)) if digests else c.files != "[]"
    return query.where(named).order_by(c.at.desc())


def _imported(plant: Plant, digests: Sequence[str]) -> Select[Any]:
    b = import_batch.c
    columns = _columns(IMPORT, object_.c.size, a=cast(b.id, String), **_of_object())
    joined = import_batch.join(object_, object_.c.sha256 == b.workbook)
    here = (b.plant_id == plant.id, _present(digests))
    return select(*columns).select_from(joined).where(*here).order_by(b.id.desc())


def _issued(plant: Plant, digests: Sequence[str]) -> Select[Any]:
    v = document_version.c
    columns = _columns(DOCUMENT, object_.c.size, a=v.number, b=v.label, **_of_object())
    joined = document_version.join(object_, object_.c.sha256 == v.issued)
    here = (v.plant_id == plant.id, _present(digests))
    return select(*columns).select_from(joined).where(*here).order_by(v.issued_at.desc())


def _of_object() -> dict[str, ColumnElement[Any]]:
    o = object_.c
    return {"sha256": o.sha256, "sm3": o.sm3, "media_type": o.media_type}


def _present(digests: Sequence[str]) -> ColumnElement[bool]:
    present = object_.c.state == "present"
    return and_(present, object_.c.sha256.in_(digests)) if digests else present


def _picked(query: Select[Any], digests: Sequence[str], place: int) -> Select[Any]:
    """A part of the union; where files are named, all of them, else the latest."""
    part = (query if digests else query.limit(_NEWEST)).subquery(f"part_{place}")
    return select(part)


def _files(row: SqlRow[Any]) -> Iterator[KeptFile]:
    if row.files is not None:
        yield from (KeptFile(ObjectRef(**one), row.a, row.b) for one in json.loads(row.files))
        return
    ref = ObjectRef(row.sha256, row.sm3, int(row.size), row.media_type, _name(row))
    about = " ".join(part for part in (row.a, row.b) if part)
    yield KeptFile(ref, row.source, about)


def _name(row: SqlRow[Any]) -> str:
    if row.name is not None:
        return str(row.name)
    if row.source == IMPORT:
        return f"import-{row.a}.{'json' if row.media_type == _FORM else 'xlsx'}"
    return f"{row.a} {row.b}.docx"
