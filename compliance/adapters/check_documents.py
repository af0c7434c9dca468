"""Checks controlled documents: numbers, versions, files, states, and how long they are kept.

``deep`` also reads each issued file again: it must say the frozen data, and nothing that nobody signed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from sqlalchemy import Connection, select

from compliance.adapters.case_tables import case_step
from compliance.adapters.cases import step_of
from compliance.adapters.document_copies import faults_of_copies
from compliance.adapters.document_tables import document, document_version
from compliance.adapters.documents import document_of, version_of
from compliance.adapters.docx.renderer import DocxRenderer
from compliance.adapters.tables import number_series, object_, plant
from compliance.adapters.vault import FileVault
from compliance.core.cases import StoredStep
from compliance.core.controlled import DOCUMENT, DRAFT, EFFECTIVE, ISSUED_FILE, ControlledDocument, DocumentVersion
from compliance.core.documents import NotRendered, TextDiffers, compare, signers_of, unchanged
from compliance.core.integrity import Check, check
from compliance.kernel.errors import ComplianceError

_Key = tuple[int, str]
_DAY_LONG = len("2026-01-01")


def check_documents(connection: Connection, vault: FileVault, *, deep: bool = False) -> Check:
    """Every document and every version of it."""
    names = {row.id: row.key for row in connection.execute(select(plant.c.id, plant.c.key))}
    found, versions, steps = _documents(connection), _versions(connection), _steps(connection)
    rows = connection.execute(select(object_.c.sha256, object_.c.retain_until))
    kept: dict[str, object] = {row.sha256: row for row in rows}
    faults = [f"{names.get(plant_id, plant_id)} {why}" for plant_id, why in _numbers(connection, found)]
    faults += [f"{names.get(plant_id, plant_id)} {why}" for plant_id, why in faults_of_copies(connection)]
    for key in sorted(found.keys() | versions.keys()):
        known, all_versions = found.get(key), versions.get(key, [])
        wrong_here = _of_document(known, all_versions, steps, key[0])
        faults += [f"{names.get(key[0], key[0])} {key[1]}{label} ({why})" for label, why in wrong_here]
        for version in all_versions if known else ():
            until = known.retain_until if known else None
            wrong = (*_files(version, kept, until), *(_deep(version, steps, key[0], vault) if deep else ()))
            faults += [f"{names.get(key[0], key[0])} {version.object_id} ({why})" for why in wrong]
    return check("documents", sum(map(len, versions.values())), faults)


def _documents(connection: Connection) -> dict[_Key, ControlledDocument]:
    rows = connection.execute(select(document)).mappings().all()
    return {(row["plant_id"], row["number"]): document_of(dict(row)) for row in rows}


def _versions(connection: Connection) -> dict[_Key, list[DocumentVersion]]:
    c = document_version.c
    found: dict[_Key, list[DocumentVersion]] = defaultdict(list)
    for row in connection.execute(select(document_version).order_by(c.plant_id, c.number, c.place)):
        found[row.plant_id, row.number].append(version_of(row))
    return found


def _steps(connection: Connection) -> dict[_Key, list[StoredStep]]:
    c = case_step.c
    found: dict[_Key, list[StoredStep]] = defaultdict(list)
    for row in connection.execute(select(case_step).where(c.kind == DOCUMENT).order_by(c.object_id, c.seq)):
        try:
            found[row.plant_id, row.object_id].append(step_of(row))
        except (ValueError, TypeError, AttributeError):
            continue  # the check of cases names it
    return found


def _numbers(connection: Connection, found: dict[_Key, ControlledDocument]) -> Iterator[tuple[int, str]]:
    """Series without gap or double, up to the number that comes next."""
    places: dict[tuple[int, str], list[int]] = defaultdict(list)
    for (plant_id, _), known in found.items():
        places[plant_id, known.series].append(known.place)
    c = number_series.c
    for row in connection.execute(select(number_series).where(c.series.startswith(f"{DOCUMENT}/"))):
        taken = sorted(places.pop((row.plant_id, row.series), []))
        if taken != list(range(1, row.next)):
            yield row.plant_id, f"{row.series} (1 to {row.next - 1} expected, found {taken})"
    for (plant_id, series), taken in places.items():
        yield plant_id, f"{series} (numbers {sorted(taken)} without a series)"


def _of_document(
    known: ControlledDocument | None, versions: Sequence[DocumentVersion], steps: dict[_Key, list[StoredStep]], of: int
) -> Iterator[tuple[str, str]]:
    if known is None or not versions:
        yield "", "versions without a document" if versions else "a document without versions"
        return
    if [v.place for v in versions] != list(range(len(versions))):
        yield "", "a version is missing"
    if any(not _planned(later) for _, later in pairwise([v for v in versions if v.in_force])):
        yield "", "more than one version is in force"
    for version in versions:
        taken = steps.get((of, version.object_id), [])
        state = taken[-1].state if taken else DRAFT
        if version.state != state:
            yield f"/{version.label}", f"its row says {version.state}, its steps {state}"
        yield from ((f"/{version.label}", why) for why in _issue(version, taken))


def _planned(version: DocumentVersion) -> bool:
    """Whether it was issued to hold from a later day on: until then, and until the next tick, the one before stands."""
    return version.effective is not None and version.effective.isoformat() > str(version.issued_at)[:_DAY_LONG]


def _issue(version: DocumentVersion, taken: Sequence[StoredStep]) -> Iterator[str]:
    """Whether what was issued, and when, is what the step that issued it says."""
    issued = next((s for s in taken if ISSUED_FILE in s.values), None)
    said = issued.values[ISSUED_FILE] if issued else (None, None)
    if (version.issued, version.issued_data) != said:
        yield "the issued file is not the one that its step names"
    if issued and version.effective != date.fromisoformat(str(issued.values.get(EFFECTIVE))):
        yield "its effective day is not the one of its step"
    if issued and version.issued_at != issued.at:
        yield "its moment of issue is not the one of its step"


def _files(version: DocumentVersion, kept: dict[str, object], until: date | None) -> Iterator[str]:
    for sha256 in version.files:
        row = kept.get(sha256)
        if row is None:
            yield f"file {sha256} has no row"
        elif version.issued is not None and not _long_enough(row, until, version):
            yield f"file {sha256} is kept for too short"
    if version.issued is not None and until is None:
        yield "it was issued and has no day until which it is kept"


def _long_enough(row: object, until: date | None, version: DocumentVersion) -> bool:
    """Files of the latest ending are kept as long as the document says; those of earlier versions began earlier."""
    retained: date | None = getattr(row, "retain_until", None)
    return retained is not None and (not version.in_force or until is None or retained >= until)


def _deep(version: DocumentVersion, steps: dict[_Key, list[StoredStep]], of: int, vault: FileVault) -> Iterator[str]:
    if version.issued is None or version.issued_data is None:
        return
    try:
        yield from _says(version, steps.get((of, version.object_id), []), vault)
    except (ComplianceError, OSError, ValueError, KeyError, TypeError) as error:
        yield f"it cannot be read: {error}"


def _says(version: DocumentVersion, taken: Sequence[StoredStep], vault: FileVault) -> Iterator[str]:
    frozen, issued = (json.loads(_read(vault, name)) for name in (version.data, version.issued_data))
    if not unchanged(frozen, issued):
        yield "the data that were issued are not those that were frozen"
    for name, step_id in signers_of(frozen).items():
        signed = next((s.name for s in reversed(taken) if s.step == step_id), "")
        if issued[name]["name"] != signed:
            yield f"it names {issued[name]['name']} for {step_id}, who signed is {signed}"
    renderer = DocxRenderer()
    inspected = renderer.inspect(_read(vault, version.template))
    if inspected.problems:
        raise NotRendered(reason=inspected.problems[0].text)
    try:
        compare(inspected.parts, issued, renderer.read(_read(vault, version.issued), tuple(inspected.parts)))
    except TextDiffers as differs:
        yield f"its text is not what its data say: {differs.message.en}"


def _read(vault: FileVault, sha256: str | None) -> bytes:
    with vault.open(str(sha256)) as file:
        return file.read()
