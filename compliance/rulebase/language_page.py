"""The reference of the rule language as a page: its members from the parsers, their meaning from ``language.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from compliance.kernel.text import Text
from compliance.rulebase.language import Member, Tables, Type, Variant, language

_EVERY = "every"
_COMMON = ("title", "source", "in_force", "examples")
_TYPES: Mapping[Type, str] = {
    Type.TEXT: "文字 text",
    Type.LINES: "多行文字 text of lines",
    Type.WHOLE: "整数 whole number",
    Type.NUMBER: '整数或 `{ parameter = "…" }` whole number or parameter',
    Type.FLAG: "`true` / `false`",
    Type.DAY: "日期 day",
    Type.BOTH: '`{ zh = "…", en = "…" }`',
    Type.TEXTS: "文字列表 list of texts",
    Type.WHOLES: "整数列表 list of whole numbers",
    Type.DAYS: "日期列表 list of days",
    Type.GROUPS: "文字组的列表 list of groups of texts",
    Type.LISTS: "文字列表的列表 list of lists of texts",
    Type.FREE: "自由表 free table",
    Type.ROWS: "自由表的列表 list of free tables",
    Type.TABLE: "表 table",
    Type.TABLES: "表的列表 list of tables",
}
_HEAD = """\
# The members of the rule language / 规则语言成员表

Made by `compliance rules schema` from the program that reads the rules; a test compares. How the language is meant,
with an example of each kind, stands in [rules.md](rules.md). `compliance rules schema --json` prints the same as a
JSON schema for editors. 由读取规则的程序生成，测试比对；各种规则的用法与例子见 rules.md。

A member marked ✱ must be given. 标 ✱ 的必须写明。
"""
_COLUMNS = "| Member 成员 | ✱ | What stands there 写什么 | Meaning 含义 |\n|---|---|---|---|\n"


@cache
def meanings() -> Mapping[str, Mapping[str, Text]]:
    """What each member means, by kind and path."""
    return {kind: {path: Text(said["zh"], said["en"]) for path, said in of.items()} for kind, of in _texts().items()}


@cache
def _texts() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return tomllib.loads((files("compliance.rulebase") / "language.toml").read_text("utf-8"))


def page(kind: str | None = None) -> str:
    """The whole reference, or the part of it that tells of one kind."""
    kinds = language()
    if kind is not None:
        return _kind(kind, kinds[kind])
    common = f"## Every block 每个块\n\n{_COLUMNS}{''.join(_common(next(iter(kinds.values()))))}"
    return "\n".join([_HEAD, common, *(_kind(kind, tables) for kind, tables in kinds.items())])


@dataclass(frozen=True, slots=True)
class Row:
    """A member as the reference shows it; ``given``: the words with which alone it may stand."""

    path: str
    member: Member
    given: Mapping[str, tuple[str, ...]]


def rows(kind: str, tables: Tables) -> Iterator[Row]:
    """Every member of a kind but the common ones; what is written like another one stands there alone."""
    like = {path: said["like"] for path, said in _texts()[kind].items() if "like" in said}
    for path, ways in sorted(tables.items(), key=lambda item: _bare(item[0]).split(".")):
        for row in _once(_bare(path), ways):
            first = row.path.partition(".")[0]
            if first not in _COMMON and not any(_told(row.path, name, other, kind) for name, other in like.items()):
                yield row


def _told(path: str, name: str, other: str, kind: str) -> bool:
    """Whether a member stands under a name that is written like another one, where its meaning is said."""
    below = path.removeprefix(f"{name}.")
    return below != path and path not in meanings()[kind] and f"{other}.{below}" in meanings()[kind]


def _once(path: str, ways: tuple[Variant, ...]) -> Iterator[Row]:
    """A member that several ways of writing have stands once; one that only some have says with which word."""
    for key in dict.fromkeys(key for way in ways for key in way.members):
        holders = [way for way in ways if key in way.members]
        names = {name for way in holders for name in way.given} if len(holders) < len(ways) else set()
        given = {name: tuple(word for way in holders for word in way.given[name]) for name in sorted(names)}
        members = [way.members[key] for way in holders]
        needed = all(member.required for member in members) and (len(holders) == len(ways) or bool(given))
        yield Row(f"{path}.{key}" if path else key, replace(members[0], required=needed), given)


def _bare(path: str) -> str:
    return path.replace("[]", "")


def _common(tables: Tables) -> Iterator[str]:
    for name in _COMMON:
        yield _line(_EVERY, Row(name, tables[""][0].members[name], {}))
        yield from (_line(_EVERY, row) for row in _once(name, tables.get(name, ())))


def _kind(kind: str, tables: Tables) -> str:
    about = meanings()[kind][""]
    lines = "".join(_line(kind, row) for row in rows(kind, tables))
    return f"## {kind} {about.zh}\n\n{about.en}.\n\n{_COLUMNS}{lines}"


def _line(kind: str, row: Row) -> str:
    said, like = meanings()[kind][row.path], _texts()[kind][row.path].get("like")
    where = "".join(f" ({name} = {' / '.join(words)})" for name, words in row.given.items())
    mark = "✱" if row.member.required else ""
    alike = f" （写法同 / written like `{like}`）" if like else ""
    return f"| `{row.path}`{where} | {mark} | {_stands(row.member)} | {said.zh} / {said.en}{alike} |\n"


def _stands(member: Member) -> str:
    """What may stand there, in words."""
    shown = " 或 or ".join(_TYPES[kind] for kind in member.types)
    least = f" ≥ {member.least}" if member.least else ""
    words = "：" + "、".join(f"`{word}`" for word in member.words) if member.words else ""
    return shown + least + words
