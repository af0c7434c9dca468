"""What authors write into a document: paragraphs, tables and choices, section by section; and what is still missing.

A section that nobody has written yet says what the rule proposes. What was written stands apart from the data, so that
data may be drawn anew at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from compliance.core.controlled import Content
from compliance.core.documents.pictures import Picture, cycle, flow, is_picture
from compliance.core.documents.values import DRAWN, Context, Names, Rows, Value
from compliance.rulebase.schema import Document, Section, SectionKind

Written = Mapping[str, Content]
#: The groups in which templates find what was written.
TEXT, TABLE, CHOICE, DRAWING = "text", "table", "choice", "drawing"
#: How the paragraphs of a section are drawn.
_DRAWN: Mapping[str, Callable[[str, Sequence[str]], Picture]] = {"flow": flow, "cycle": cycle}
_NOTHING = ("", "—")


def written_names(rule: Document) -> Names:
    """What the sections of a rule offer to its template."""
    return {
        TEXT: {s.id: Rows({"line": None}) for s in _of(rule, SectionKind.FREE)},
        TABLE: {
            s.id: Rows({"no": None, **dict.fromkeys(c.id for c in s.columns)}) for s in _of(rule, SectionKind.TABLE)
        },
        CHOICE: dict.fromkeys(s.id for s in _of(rule, SectionKind.CHOICE)),
        DRAWING: {s.id: DRAWN for s in rule.sections if s.drawn},
    }


def written_of(rule: Document, written: Written) -> dict[str, Value]:
    """The sections as a template is filled with them."""
    return {
        TEXT: {s.id: [{"line": line} for line in lines(content_of(s, written))] for s in _of(rule, SectionKind.FREE)},
        TABLE: {s.id: _rows(s, content_of(s, written)) for s in _of(rule, SectionKind.TABLE)},
        CHOICE: {s.id: _word(s, content_of(s, written)) for s in _of(rule, SectionKind.CHOICE)},
        DRAWING: {s.id: _DRAWN[s.drawn](s.title.zh, lines(content_of(s, written))) for s in rule.sections if s.drawn},
    }


def content_of(section: Section, written: Written) -> Content:
    """What a section says: as it was written, else as the rule proposes."""
    found = written.get(section.id)
    if found is not None:
        return found
    return section.rows if section.kind is SectionKind.TABLE else section.default


def lines(content: Content) -> list[str]:
    """The paragraphs of a text."""
    return [line.strip() for line in content.split("\n") if line.strip()] if isinstance(content, str) else []


def missing(rule: Document, context: Context) -> tuple[Section, ...]:
    """Sections that say nothing: nobody wrote them, the register has no data, or a row lacks what it must say."""
    return tuple(s for s in rule.sections if not all(_whole(s, _at(name, context)) for name in wanted_by(s)))


def _whole(section: Section, value: Value) -> bool:
    """Whether a value says something, and each of its rows every column that must be filled and a number where due."""
    rows = [row for row in value if isinstance(row, Mapping)] if isinstance(value, Sequence) else []
    filled = all(_said(row[name]) for row in rows for name in section.must)
    return _said(value) and filled and all(_number(row[name]) for row in rows for name in section.figures)


def _number(value: Value) -> bool:
    """Whether a cell says a number; what does not apply (—) is left as it is, for ``must`` to judge."""
    text = value.strip() if isinstance(value, str) else ""
    return text in _NOTHING or any(character.isdigit() for character in text)


def wanted_by(section: Section) -> Sequence[str]:
    """The names of the data that a section says."""
    match section.kind:
        case SectionKind.DATA:
            return section.needs
        case SectionKind.FREE:
            return (f"{TEXT}.{section.id}",)
        case SectionKind.TABLE:
            return (f"{TABLE}.{section.id}",)
        case SectionKind.CHOICE:
            return (f"{CHOICE}.{section.id}",)


def _at(name: str, context: Context) -> Value:
    value: Value = context
    for part in name.split("."):
        value = value.get(part, "") if isinstance(value, Mapping) else ""
    return value


def _said(value: Value) -> bool:
    if isinstance(value, str):
        return value.strip() not in _NOTHING
    if is_picture(value):
        return True
    if isinstance(value, Mapping):
        return any(_said(inner) for inner in value.values())
    return bool(value)


def _rows(section: Section, content: Content) -> list[Mapping[str, Value]]:
    names = [c.id for c in section.columns]
    given = [] if isinstance(content, str) else [cells for cells in content if any(cell.strip() for cell in cells)]
    padded = ((*cells, *("" for _ in names))[: len(names)] for cells in given)
    return [{"no": str(n), **dict(zip(names, cells, strict=True))} for n, cells in enumerate(padded, 1)]


def _word(section: Section, content: Content) -> str:
    return next((word.zh for word in section.words if word.id == content), "")


def _of(rule: Document, kind: SectionKind) -> Iterator[Section]:
    return (s for s in rule.sections if s.kind is kind)
