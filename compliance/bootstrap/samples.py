"""Samples of documents: what an author would write into one of a type, beside its template."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from compliance.bootstrap.places import shipped
from compliance.core.controlled import Content
from compliance.core.documents import BadContent, IllegalText, checked_content, missing, written_of
from compliance.core.documents.sections import CHOICE, TABLE, TEXT, Written
from compliance.rulebase.schema import Document, Section, SectionKind, Strength

#: Where samples lie beside templates, and how their groups name the kinds of sections.
FOLDER = "samples"
_GROUPS: Mapping[SectionKind, str] = {
    SectionKind.FREE: TEXT,
    SectionKind.TABLE: TABLE,
    SectionKind.CHOICE: CHOICE,
}


def sample_path(rule: Document, own: Path | None = None) -> Path | None:
    """The sample of a type: the installation's own, else the shipped one; None where there is none."""
    name = f"{Path(rule.template).stem}.toml"
    paths = (folder / FOLDER / name for folder in (own, shipped("doc_templates")) if folder is not None)
    return next((path for path in paths if path.is_file()), None)


def sample_of(rule: Document, own: Path | None = None) -> Written:
    """What the sample of a type says, section by section; nothing where there is none."""
    given = _given(rule, own)
    found = {s.id: given.get(_GROUPS[s.kind], {}).get(s.id) for s in rule.sections if s.kind in _GROUPS}
    return {name: _content(said) for name, said in found.items() if said is not None}


def fields_of(rule: Document, own: Path | None = None) -> Mapping[str, str]:
    """What the sample of a report on a case says in the fields of the case."""
    return {name: str(said) for name, said in _given(rule, own).get("fields", {}).items()}


def _given(rule: Document, own: Path | None) -> Mapping[str, Any]:
    path = sample_path(rule, own)
    return tomllib.loads(path.read_text(encoding="utf-8")) if path else {}


def wrong_samples(rule: Document, own: Path | None = None) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the sample of a type: sections that it does not know, do not fit or stay unwritten."""
    path = sample_path(rule, own)
    if path is None or not rule.sections:
        return
    try:
        given = _given(rule, own)
        said = sample_of(rule, own)
    except (ValueError, TypeError, AttributeError) as error:
        yield "sample", f"{path.name}：{error}", f"{path.name}: {error}"
        return
    unknown = [f"{group}.{name}" for group, names in given.items() for name in names if not _known(rule, group, name)]
    yield from (
        ("sample", f"{path.name}：没有章节“{name}”", f"{path.name}: there is no section '{name}'") for name in unknown
    )
    for section in (s for s in rule.sections if s.id in said):
        try:
            checked_content(section, said[section.id])
        except (BadContent, IllegalText) as wrong:
            yield "sample", f"{path.name}：{wrong.message.zh}", f"{path.name}: {wrong.message.en}"
            return
    for section in missing(rule, written_of(rule, said)):
        if section.kind in _GROUPS and section.strength is Strength.SHALL:
            title = section.title
            yield "sample", f"{path.name}：“{title.zh}”未写全", f"{path.name}: {title.en} is not written in full"


def _known(rule: Document, group: str, name: str) -> bool:
    section: Section | None = rule.section(name)
    return section is not None and _GROUPS.get(section.kind) == group


def _content(said: object) -> Content:
    """A text, or rows of cells; raises :class:`TypeError`."""
    if isinstance(said, str):
        return said.strip()
    if not isinstance(said, list):
        raise TypeError(type(said).__name__)
    return tuple(tuple(str(cell) for cell in row) for row in said)
