"""Blocks of controlled documents: what they are made from, and the sections that they must or should have."""

from __future__ import annotations

import re
from string import Formatter

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import (
    Document,
    DraftedWhen,
    FindingsShown,
    Only,
    Section,
    SectionKind,
    Strength,
    Versions,
    Word,
)

#: What a template may call a section or a column.
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def document(table: Table, common: Common) -> Document:
    """Read one controlled document."""
    return Document(
        **common,
        template=table.text("template"),
        data=_data(table),
        number=table.text("number"),
        author=table.text("author"),
        reviewer=table.maybe_text("reviewer"),
        countersigner=table.maybe_text("countersigner"),
        approver=table.text("approver"),
        review_months=table.number("review_months", least=1) if "review_months" in table else None,
        retention=table.text("retention"),
        drafted_when=_drafted_when(table.table("drafted_when")) if "drafted_when" in table else None,
        versions=_versions(table.table("versions")) if "versions" in table else None,
        sections=_sections(table),
        code=table.text("code", ""),
        per=table.text("per", "plant"),
        only=_only(table.table("only")) if "only" in table else None,
        aliases=tuple(row.languages() for row in table.tables("aliases", optional=True)),
        distribution=table.both("distribution") if "distribution" in table else None,
        readers=table.strings("readers", optional=True, empty=True),
        read_days=table.number("read_days", least=1) if "readers" in table else None,
        deputies_read=table.flag("deputies_read", default=False),
        findings=_findings(table.table("findings")) if "findings" in table else None,
    )


def _data(table: Table) -> tuple[str, ...]:
    """One data set by its name, or a list of them."""
    if isinstance(table.data.get("data"), str):
        return (table.text("data"),)
    return table.strings("data", optional=True, empty=True)


def _drafted_when(table: Table) -> DraftedWhen:
    if "obligation" in table:
        after = table.whole("years_after", 0, least=0)
        return DraftedWhen(obligation=table.text("obligation"), years_after=after)
    return DraftedWhen(table.text("workflow"), table.text("state"))


def _only(table: Table) -> Only:
    return Only(table.text("column"), table.text("word"))


def _findings(table: Table) -> FindingsShown:
    shown = FindingsShown(table.strings("categories", optional=True), table.strings("chapters", optional=True))
    if not shown.categories and not shown.chapters:
        table.wrong("categories", "须写 categories 或 chapters", "name categories, chapters, or both")
    return shown


def _sections(table: Table) -> tuple[Section, ...]:
    found = tuple(_section(row) for row in table.tables("sections", optional=True))
    _named_once(table, "sections", [s.id for s in found])
    return found


def _section(row: Table) -> Section:
    kind = row.choice("kind", SectionKind, SectionKind.FREE)
    found = Section(
        id=row.text("id"),
        title=row.both("title"),
        kind=kind,
        strength=row.choice("strength", Strength, Strength.MAY),
        requirements=row.strings("requirements", optional=True, empty=True),
        hint=row.both("hint") if "hint" in row else None,
        default=row.paragraphs("default") if kind in _WRITTEN else "",
        needs=row.strings("needs") if kind is SectionKind.DATA else (),
        columns=_words(row, "columns") if kind is SectionKind.TABLE else (),
        rows=_rows(row) if kind is SectionKind.TABLE else (),
        must=row.strings("must", optional=True) if kind is SectionKind.TABLE else (),
        figures=row.strings("figures", optional=True) if kind is SectionKind.TABLE else (),
        words=_words(row, "words") if kind is SectionKind.CHOICE else (),
        drawn=_drawn(row) if kind is SectionKind.FREE else "",
    )
    if not _NAME.fullmatch(found.id):
        row.wrong("id", "只能含 a-z、0-9 和 _，以字母开头", "only a-z, 0-9 and _, beginning with a letter")
    for key, named in (("must", found.must), ("figures", found.figures)):
        for name in sorted(set(named) - {c.id for c in found.columns}):
            row.wrong(key, f"没有列“{name}”", f"there is no column '{name}'")
    if found.kind is SectionKind.CHOICE and found.default and found.default not in {w.id for w in found.words}:
        row.wrong("default", "不在 words 之中", "is none of the words")
    return found


def _drawn(row: Table) -> str:
    found = row.maybe_text("drawn") or ""
    if found:
        row.one_of("drawn", found, DRAWINGS)
    return found


#: How the paragraphs of a section may also be drawn: steps in a row, or steps that begin anew.
DRAWINGS = ("flow", "cycle")
#: Sections that a person fills with words; a choice begins with the id of one.
_WRITTEN = (SectionKind.FREE, SectionKind.CHOICE)


def _words(row: Table, key: str) -> tuple[Word, ...]:
    found = tuple(Word(w.text("id"), w.text("zh"), w.text("en")) for w in row.tables(key))
    _named_once(row, key, [w.id for w in found])
    for word in found:
        if key == "columns" and not _NAME.fullmatch(word.id):
            row.wrong(key, f"“{word.id}”只能含 a-z、0-9 和 _", f"'{word.id}': only a-z, 0-9 and _")
    return found


def _rows(row: Table) -> tuple[tuple[str, ...], ...]:
    """What a table begins with: every row as long as its head."""
    width = len(row.data.get("columns", ()))  # type: ignore[arg-type] # the columns themselves are read above
    given = row.lists("rows")
    for n, cells in enumerate(given):
        if len(cells) != width:
            row.wrong(f"rows[{n}]", f"应有 {width} 格", f"should have {width} cells")
    return given


def _named_once(table: Table, key: str, ids: list[str]) -> None:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        table.wrong(key, f"“{name}”重复", f"'{name}' stands twice")


def _versions(table: Table) -> Versions:
    found = Versions(table.text("form"), table.text("editions"), table.whole("revisions", 1, least=1))
    if not fills(found.form, edition="A", revision=0):
        table.wrong(
            "form",
            "应为如 {edition}/{revision} 的写法，两者都须出现",
            "should be written like {edition}/{revision} and hold both",
        )
    return found


def fills(form: str, **values: object) -> bool:
    """Whether a form can be filled, says every value, and names nothing else."""
    try:
        named = {name for _, name, _, _ in Formatter().parse(form) if name is not None}
        form.format(**values)
    except (ValueError, IndexError, KeyError, AttributeError, TypeError):
        return False
    return named == set(values)
