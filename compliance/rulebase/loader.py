"""From a directory of TOML files to a checked rule base, or to every problem there is, at once."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from compliance.kernel.text import Text
from compliance.rulebase.check import check
from compliance.rulebase.checked import Checked
from compliance.rulebase.examples import recompute
from compliance.rulebase.packs import paths
from compliance.rulebase.parse import documents, figures, findings, obligations, people, requirements, tables, workflows
from compliance.rulebase.parse.common import Common, common, digest_of_block, with_defaults
from compliance.rulebase.parse.position import Place, places
from compliance.rulebase.parse.table import Faults, Table, suggestion
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.rulebase.schema import FactType, Problem, Rule

#: How many files' rules a process keeps: those of four rule bases of today's size.
_KEPT = 256
#: Version of the language that this program reads.
SCHEMA = 1
_ID = re.compile(r"[a-z0-9-]+")
#: A key of more parts than any rule has.
_DEEP = re.compile(r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){12}""")
#: Reads the block of each kind.
PARSERS: Mapping[str, Callable[[Table, Common], Rule]] = {
    "obligation": obligations.obligation,
    "fact": findings.fact,
    "finding": findings.finding,
    "post": people.post,
    "approval": people.approval,
    "workflow": workflows.workflow,
    "retention": tables.retention,
    "document": documents.document,
    "calendar": tables.calendar,
    "factor": tables.factor,
    "parameter": tables.parameter,
    "figure": figures.figure,
    "vocabulary": tables.vocabulary,
    "requirement": requirements.requirement,
    "slip": requirements.slip,
    "ledger": requirements.ledger,
    "applicability": requirements.applicability,
    "exception": requirements.exception,
    "standard": requirements.standard,
}


@dataclass(frozen=True, slots=True)
class _File:
    """What one file gave: its rules with their positions, ids that stand there, problems."""

    path: str
    text: str
    rules: tuple[Checked, ...]
    known: frozenset[tuple[str, str]]
    problems: tuple[Problem, ...]


def load(
    directory: Path, catalogue: Mapping[str, FactType], readers: Collection[str], *, packs: Collection[str] = ()
) -> tuple[RuleBase | None, tuple[Problem, ...]]:
    """Read and check every ``*.toml`` below a directory.

    ``catalogue``: the derivations that facts may name; ``readers``: the readers that may complete
    an obligation. A rule base is returned only if there is no problem. A pack that is not in use is left out whole;
    ``packs`` names those to be taken in all the same.
    """
    files = [_read(path, directory) for path in paths(directory, packs)]
    if not files:
        return None, (_problem(".", 1, "没有规则文件（*.toml）", "there are no rule files (*.toml)"),)
    rules = [checked for file in files for checked in file.rules]
    base = RuleBase(
        rules=tuple(checked.rule for checked in rules),
        files={file.path: file.text for file in files},
    )
    known = frozenset(pair for file in files for pair in file.known)
    problems = [problem for file in files for problem in file.problems]
    problems += _in_two_files(files)
    problems += check(base, rules, known, catalogue, readers)
    problems += recompute(base, _sound(rules, problems), known, catalogue)
    ordered = tuple(sorted(set(problems), key=lambda p: (p.file, p.line, p.rule, p.message.en)))
    return (None if ordered else base), ordered


def _sound(rules: list[Checked], problems: list[Problem]) -> list[Checked]:
    """The rules without a problem of their own: the examples of the others would only echo it."""
    hurt = {(problem.file, problem.rule) for problem in problems}
    return [c for c in rules if (c.rule.file, c.rule.id) not in hurt]


def _read(path: Path, directory: Path) -> _File:
    name = path.relative_to(directory).as_posix()
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        problem = _problem(name, line, "不是 UTF-8 文字", "not UTF-8 text; save it as UTF-8")
        return _File(name, "", (), frozenset(), (problem,))
    return _parsed(name, text)


@lru_cache(maxsize=_KEPT)
def _parsed(name: str, text: str) -> _File:
    """What a file of this text holds; it depends on nothing else, so rule bases that share a file read it once."""
    if (deep := _DEEP.search(text)) is not None:
        # The parser would take memory and time by the square of such a key's length.
        line = text.count("\n", 0, deep.start()) + 1
        problem = _problem(name, line, "键名层级过深", "a key has too many parts")
        return _File(name, text, (), frozenset(), (problem,))
    found = places(text)
    known = frozenset((place.kind, place.id) for place in found)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _File(name, text, (), known, (_syntax(name, text, error),))
    except RecursionError:
        return _File(name, text, (), known, (_problem(name, 1, "括号嵌套过深", "brackets are nested too deeply"),))
    rules, problems = _blocks(name, data, found)
    return _File(name, text, tuple(rules), known, tuple(problems))


def _syntax(file: str, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    place = re.search(r"at line (\d+)", str(error))
    line = int(place.group(1)) if place else text.count("\n") + 1
    return _problem(file, line, f"TOML 语法错误：{error}", f"TOML syntax: {error}")


def _blocks(file: str, data: Mapping[str, Any], found: list[Place]) -> tuple[list[Checked], list[Problem]]:
    defaults = data.get("defaults", {})
    problems = _file_problems(file, data, defaults)
    rules: list[Checked] = []
    left = {key: [p for p in found if (p.kind, p.id) == key] for key in {(p.kind, p.id) for p in found}}
    for kind in (kind for kind in data if kind in PARSERS):
        for rule_id, given in _ids(data[kind]):
            blocks = given if isinstance(given, list) else [given]
            seen = left.get((kind, rule_id), [])
            for n, block in enumerate(blocks):
                place = seen[n] if n < len(seen) else Place(kind, rule_id, 1, {}, "")
                checked, wrong = _block(file, place, block, defaults)
                rules += [checked] if checked else []
                problems += wrong
                if not place.text:
                    problems.append(
                        _problem(
                            file,
                            1,
                            f"{kind}.{rule_id} 应以标题 [{kind}.{rule_id}] 开头",
                            f"{kind}.{rule_id} needs a header [{kind}.{rule_id}]",
                            rule_id,
                        )
                    )
    return rules, problems


def _ids(given: object) -> list[tuple[str, Any]]:
    return list(given.items()) if isinstance(given, dict) else []


def _block(file: str, place: Place, block: object, defaults: Mapping[str, Any]) -> tuple[Checked | None, list[Problem]]:
    faults = Faults(file, place.id, place.line, place.keys)
    if not isinstance(block, dict):
        faults.add("", "应为表 [kind.id]", "should be a table [kind.id]")
        return None, faults.found
    if not _ID.fullmatch(place.id):
        faults.add("", f"编号 {place.id} 只能含 a-z、0-9 和 -", f"id {place.id}: only a-z, 0-9 and -")
    whole = with_defaults(block, defaults)
    table = Table(whole, faults)
    rule = PARSERS[place.kind](table, common(table, place, file))
    table.done()
    if faults.found:
        return None, faults.found
    return Checked(replace(rule, digest=digest_of_block(place, whole)), place.keys), []


def _file_problems(file: str, data: Mapping[str, Any], defaults: object) -> list[Problem]:
    found = []
    if data.get("schema") != SCHEMA or data.get("schema") is True:
        found.append(_problem(file, 1, f"文件应声明 schema = {SCHEMA}", f"the file must say schema = {SCHEMA}"))
    known = {"schema", "defaults", *KINDS}
    for key, value in data.items():
        if key not in known:
            hint = suggestion(key, known)
            found.append(_problem(file, 1, f"未知的规则种类 {key}；{hint.zh}", f"unknown kind {key}; {hint.en}"))
        elif key in KINDS and not isinstance(value, dict):
            found.append(_problem(file, 1, f"{key} 应写作 [{key}.编号]", f"write {key} as [{key}.id]"))
    return found + _default_problems(file, defaults)


def _default_problems(file: str, defaults: object) -> list[Problem]:
    faults = Faults(file, "defaults", 1, {})
    if not isinstance(defaults, dict):
        faults.add("", "defaults 应为表", "defaults should be a table")
        return faults.found
    table = Table(defaults, faults, "defaults")
    if "source" in table:
        table.table("source").text("document")
    if "in_force" in table:
        days = table.table("in_force")
        days.day("from")
        for name in ("until", "known", "until_known"):
            days.maybe_day(name)
    table.done()
    return faults.found


def _in_two_files(files: list[_File]) -> list[Problem]:
    """An id stands in one file: all its wordings together."""
    counts = Counter(pair for file in files for pair in file.known)
    found: list[Problem] = []
    for key in (key for key, count in counts.items() if count > 1):
        homes = [file for file in files if key in file.known]
        first = homes[0]
        place = f"{first.path}:{_line(first, key)}"
        for file in homes[1:]:
            line = _line(file, key)
            found.append(
                _problem(
                    file.path,
                    line,
                    f"编号 {key[0]}.{key[1]} 已在 {place} 使用；同一编号的各版本应写在一个文件里",
                    f"id {key[0]}.{key[1]} is used in {place}; keep its wordings in one file",
                    key[1],
                )
            )
    return found


def _line(file: _File, key: tuple[str, str]) -> int:
    return next(place.line for place in places(file.text) if (place.kind, place.id) == key)


def _problem(file: str, line: int, zh: str, en: str, rule: str = "") -> Problem:
    return Problem(file, line, rule, Text(zh, en))
