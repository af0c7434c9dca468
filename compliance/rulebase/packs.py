"""Packs: rules of other standards beside the main one, each in a folder of its own below ``packs/``.

A rule belongs to the standard in whose folder it stands. The main standard never rests on a pack and one pack never on
another, so that a folder can be taken away and nothing of it is left. A pack whose standard says ``in_use = false``
lies ready: nothing of it is loaded.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from compliance.rulebase.checked import Checked
from compliance.rulebase.schema import (
    PACKS,
    Approval,
    Document,
    Factor,
    FigureRule,
    Finding,
    Ledger,
    Obligation,
    Problem,
    Requirement,
    Rule,
    Slip,
    Standard,
    Workflow,
    pack_of,
)

_KIND = "standard"


def paths(directory: Path, packs: Collection[str] = ()) -> list[Path]:
    """The rule files of a directory without those of packs that lie ready, but for the ones named.

    The main standard's come first: what stands twice is a pack's fault.
    """
    idle = set(lying_ready(directory)) - set(packs)
    homes = {path: pack_of(path.relative_to(directory).as_posix()) for path in sorted(directory.rglob("*.toml"))}
    return sorted((path for path, pack in homes.items() if pack not in idle), key=homes.__getitem__)


def lying_ready(directory: Path) -> tuple[str, ...]:
    """The packs of a directory that say of themselves that they are not in use."""
    folders = sorted(path for path in (directory / PACKS).glob("*") if path.is_dir())
    return tuple(folder.name for folder in folders if any(map(_says_no, sorted(folder.rglob("*.toml")))))


def _says_no(path: Path) -> bool:
    """Whether a file holds a standard that is not in use; what cannot be read is the loader's to report."""
    try:
        standards = tomllib.loads(path.read_text("utf-8")).get(_KIND)
    except (ValueError, OSError):
        return False
    given = standards.values() if isinstance(standards, dict) else ()
    return any(_in_use(block) is False for block in given)


def _in_use(block: Any) -> Any:  # noqa: ANN401 - what stands in a file that nothing has checked
    last = block[-1] if isinstance(block, list) and block else block
    return last.get("in_use") if isinstance(last, Mapping) else None


def check_packs(rules: Sequence[Checked]) -> Iterator[Problem]:
    """Every pack has its standard, says who chose it, and has no name, word or code of another standard."""
    standards = [c for c in rules if isinstance(c.rule, Standard)]
    yield from _placed(standards)
    yield from _alone(rules, {c.rule.id for c in standards})
    yield from _documented(rules, standards)
    yield from _claimed_twice(rules)
    yield from _likened(rules)
    yield from _drafted(rules)


def _placed(standards: Sequence[Checked]) -> Iterator[Problem]:
    main: list[Checked] = []
    for c in standards:
        rule = c.rule
        assert isinstance(rule, Standard)  # noqa: S101 - the caller chose them
        if rule.pack and rule.id != rule.pack:
            zh, en = f"编号应与文件夹 {rule.pack} 同名", f"its id should be the name of its folder, {rule.pack}"
            yield c.problem("", zh, en)
        if rule.pack and not rule.applies_if:
            yield c.problem(
                "applies_if",
                "规则包须写明企业档案中哪一项表示采用它",
                "a pack says by which item of its record a plant chose it",
            )
        if not rule.pack:
            main.append(c)
            if rule.applies_if or not rule.in_use:
                yield c.problem(
                    "", "主标准始终有效", "the main standard always holds: in_use and applies_if are a pack's"
                )
    for c in main:
        if c.rule.id != main[0].rule.id:
            yield c.problem("", f"主标准已是 {_place(main[0])}", f"the main standard is {_place(main[0])} already")


def _alone(rules: Sequence[Checked], standards: Collection[str]) -> Iterator[Problem]:
    told: set[str] = set()
    for c in rules:
        pack = c.rule.pack
        if pack and pack not in standards and pack not in told:
            told.add(pack)
            zh, en = f"规则包缺少 [standard.{pack}]", f"the pack has no [standard.{pack}]"
            yield c.problem("", zh, en)


def _claimed_twice(rules: Sequence[Checked]) -> Iterator[Problem]:
    """What people and scripts know a rule by belongs to one standard."""
    seen: dict[tuple[str, str], Checked] = {}
    for c in rules:
        for key, word in _claims(c.rule):
            first = seen.setdefault((f"{c.rule.kind}.{key}", word), c)
            if first.rule.pack != c.rule.pack:
                yield c.problem(
                    key,
                    f"“{word}”已属于另一标准的 {_place(first)}",
                    f"'{word}' belongs to another standard already: {_place(first)}",
                )


def _claims(rule: Rule) -> list[tuple[str, str]]:
    match rule:
        case Standard():
            return [("code", rule.code), ("source", rule.source.document)]
        case Obligation() | Requirement() | Slip() | Ledger() | Factor() | FigureRule():
            return [("code", rule.code)]
        case Finding():
            return [("situation", rule.situation)]
        case Approval():
            return [("applies_to", thing) for thing in rule.applies_to]
        case Workflow():
            return [("applies_to", rule.applies_to)]
    return []


def _documented(rules: Sequence[Checked], standards: Sequence[Checked]) -> Iterator[Problem]:
    """The statements of a pack are those of its standard's document."""
    documents = {c.rule.pack: c.rule.source.document for c in standards}
    for c in rules:
        wanted = documents.get(c.rule.pack, c.rule.source.document) if c.rule.pack else c.rule.source.document
        if isinstance(c.rule, Requirement) and c.rule.source.document != wanted:
            zh, en = f"规则包的要求应出自《{wanted}》", f"a statement of the pack comes from its standard, {wanted}"
            yield c.problem("source", zh, en)


def _likened(rules: Sequence[Checked]) -> Iterator[Problem]:
    codes = {c.rule.code: c.rule.pack for c in rules if isinstance(c.rule, Requirement)}
    for c in rules:
        for code in c.rule.like if isinstance(c.rule, Requirement) else ():
            if codes.get(code, c.rule.pack) == c.rule.pack:
                zh, en = f"另一标准没有要求“{code}”", f"no other standard has a requirement '{code}'"
                yield c.problem("like", zh, en)


def _drafted(rules: Sequence[Checked]) -> Iterator[Problem]:
    """A state of a case does not know which standards its plant follows."""
    for c in rules:
        if c.rule.pack and isinstance(c.rule, Document) and c.rule.drafted_when and c.rule.drafted_when.workflow:
            zh, en = "规则包的文件只能由义务或人员打开", "a document of a pack is opened by an obligation or a person"
            yield c.problem("drafted_when", zh, en)


def _place(c: Checked) -> str:
    return f"{c.rule.kind}.{c.rule.id} ({c.rule.file}:{c.rule.line})"
