"""A template looked at before anybody proposes it: what it may say, what it must show, and a document made with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from compliance.core.documents.bulk import latest_of
from compliance.core.documents.gathering import Gathering, frozen
from compliance.core.documents.pictures import flow
from compliance.core.documents.plan import Node, TemplateProblem, check_names, shown
from compliance.core.documents.rendering import render_checked
from compliance.core.documents.sections import wanted_by
from compliance.core.documents.values import Context, Drawn, Names, Rows, Shape, Value
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document, Section, Strength

#: What every controlled document shows: its mark (draft, withdrawn), number and version, and who signed.
_ALWAYS = ("report.mark", "control.number", "control.version")
_SIGNERS = ("author.name", "reviewer.name", "approver.name")
_BODY = "word/document.xml"
_ROWS = 2


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a template found: problems bar it, ``lacks`` are advised sections that it leaves out."""

    problems: tuple[TemplateProblem, ...] = ()
    lacks: tuple[Section, ...] = ()
    sample: bytes = b""


def check_template(desk: Gathering, plant: Plant | None, rule: Document, data: bytes) -> Checked:
    """Look at a template; without problems a document is made of the plant's data, and says what they say.

    Without a plant the data are made up: everybody looks at the group's templates, nobody at another plant's data.

    Raises what :func:`render_checked` raises where the document cannot be made.
    """
    names = desk.names(rule)
    found = desk.renderer.inspect(data)
    unknown = [p for part, nodes in found.parts.items() for p in check_names(part, nodes, names)]
    if found.problems or unknown:
        return Checked((*found.problems, *dict.fromkeys(unknown)))
    problems, lacks = demanded(rule, found.parts)
    if problems:
        return Checked(problems, lacks)
    return Checked((), lacks, render_checked(desk.renderer, data, _sample(desk, plant, rule, names), names))


def demanded(
    rule: Document, parts: Mapping[str, Sequence[Node]]
) -> tuple[tuple[TemplateProblem, ...], tuple[Section, ...]]:
    """What a template must show and does not, and the advised sections that it leaves out."""
    used = {".".join(path) for nodes in parts.values() for path in shown(nodes)}
    problems = [_not_shown(name) for name in (*_ALWAYS, *_SIGNERS) if name not in used and _applies(rule, name)]
    lacks = []
    for section in rule.sections:
        if missing := [name for name in wanted_by(section) if not _shows(used, name, section)]:
            if section.strength is Strength.SHALL:
                problems.append(_dropped(section, missing))
            elif section.strength is Strength.SHOULD:
                lacks.append(section)
    return tuple(problems), tuple(lacks)


def example_of(names: Names) -> Context:
    """Made-up data in the shape of names: every place is told by its own name."""
    return {name: _example(name, shape) for name, shape in names.items()}


def _example(name: str, shape: Shape) -> Value:
    match shape:
        case None:
            return f"〔{name}〕"
        case Rows(names):
            return [{inner: _example(f"{name}.{inner}", of) for inner, of in names.items()} for _ in range(_ROWS)]
        case Drawn():
            return flow(name, ["1", "2"])
        case Mapping():
            return {inner: _example(f"{name}.{inner}", of) for inner, of in shape.items()}
    raise TypeError(name)


def _sample(desk: Gathering, plant: Plant | None, rule: Document, names: Names) -> Context:
    subject = latest_of(desk, plant, rule) if plant else None
    if plant is None or subject is None:
        return frozen(example_of(names))
    with desk.register.read() as reads:
        return frozen(desk.context(reads, plant, subject.about, rule, None))


def _applies(rule: Document, name: str) -> bool:
    return rule.reviewer is not None or not name.startswith("reviewer")


def _shows(used: set[str], name: str, section: Section) -> bool:
    """Whether a name is shown, or the picture that the program draws of the section."""
    instead = (f"drawing.{section.id}", f"{section.id}.picture")
    return any(u == name or u.startswith(f"{name}.") or u in instead for u in used)


def _not_shown(name: str) -> TemplateProblem:
    shown_as = "{{ " + name + " }}"
    return TemplateProblem(
        _BODY, Text(f"受控文件须显示 {shown_as}", f"a controlled document shows {shown_as}; the template does not")
    )


def _dropped(section: Section, missing: Sequence[str]) -> TemplateProblem:
    title, names, shows = section.title, ", ".join((section.id, *section.requirements)), ", ".join(missing)
    return TemplateProblem(
        _BODY,
        Text(
            f"缺少应有的内容“{title.zh}”（{names}）；模板应显示 {shows}",
            f"the required section {title.en!r} is left out ({names}); the template is to show {shows}",
        ),
    )
