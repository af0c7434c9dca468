"""The rule language as a JSON schema, for editors that complete and check TOML while one writes.

It knows the shape of a block and nothing of other rules: what it refuses the loader refuses too; names that must exist,
days and worked examples only the loader checks. A TOML day stands as a text of its ISO form.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compliance.rulebase.language import Member, Tables, Type, Variant, language
from compliance.rulebase.loader import SCHEMA

Json = dict[str, Any]
DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ID = "^[a-z0-9-]+$"
_TRIMMED = r"^\S(.*\S)?$"
_DAY: Json = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_BOTH: Json = {
    "type": "object",
    "properties": {"zh": {"type": "string", "pattern": _TRIMMED}, "en": {"type": "string", "pattern": _TRIMMED}},
    "required": ["zh", "en"],
    "additionalProperties": False,
}


def schema() -> Json:
    """The schema of a rule file."""
    kinds = language()
    return {
        "$schema": DRAFT,
        "title": "规则文件 / a rule file",
        "type": "object",
        "properties": {"schema": {"const": SCHEMA}, "defaults": _defaults(), **{kind: _blocks(kind) for kind in kinds}},
        "required": ["schema"],
        "additionalProperties": False,
        "$defs": {kind: _table("", tables) for kind, tables in kinds.items()},
    }


def schema_of(kind: str) -> Json:
    """The schema of one block of a kind."""
    return {"$schema": DRAFT, "title": f"[{kind}.…]", **_table("", language()[kind])}


def _defaults() -> Json:
    """What a file says once for all its blocks."""
    day = dict.fromkeys(("from", "until", "known", "until_known"), _DAY)
    document: Json = {"document": {"type": "string", "pattern": _TRIMMED}}
    return {
        "type": "object",
        "properties": {
            "source": {
                "type": "object",
                "properties": document,
                "required": ["document"],
                "additionalProperties": False,
            },
            "in_force": {"type": "object", "properties": day, "required": ["from"], "additionalProperties": False},
        },
        "additionalProperties": False,
    }


def _blocks(kind: str) -> Json:
    """Every id of a kind: one wording, or several that followed one another."""
    block = {"$ref": f"#/$defs/{kind}"}
    wordings = {"anyOf": [block, {"type": "array", "items": block, "minItems": 1}]}
    return {"type": "object", "patternProperties": {_ID: wordings}, "additionalProperties": False}


def _table(path: str, tables: Tables) -> Json:
    ways = [_way(path, variant, tables) for variant in tables[path]]
    return ways[0] if len(ways) == 1 else {"anyOf": ways}


def _way(path: str, variant: Variant, tables: Tables) -> Json:
    members = {key: _member(path, key, member, variant, tables) for key, member in variant.members.items()}
    needed = [key for key, member in variant.members.items() if member.required]
    return {
        "type": "object",
        "properties": members,
        **({"required": needed} if needed else {}),
        "additionalProperties": variant.opened,
    }


def _member(path: str, key: str, member: Member, variant: Variant, tables: Tables) -> Json:
    words = variant.given.get(key, member.words)
    below = f"{path}.{key}" if path else key
    kinds = [_type(kind, _left(member, words), below, tables) for kind in member.types]
    return kinds[0] if len(kinds) == 1 else {"anyOf": kinds}


def _left(member: Member, words: tuple[str, ...]) -> Member:
    """A member with the words that this way of writing leaves."""
    return Member(member.types, member.required, words, member.least, member.empty)


def _type(kind: Type, member: Member, path: str, tables: Tables) -> Json:
    match kind:
        case Type.TABLE:
            return _table(path, tables)
        case Type.TABLES:
            return _listed(_table(f"{path}[]", tables) if f"{path}[]" in tables else {"type": "object"}, member)
        case Type.TEXTS:
            return {**_listed(_text(member.words, empty=False), member), "uniqueItems": True}
        case Type.TEXT:
            return _text(member.words, empty=member.empty)
        case Type.WHOLE:
            return _whole(member)
        case Type.NUMBER:
            parameter = {"parameter": {"type": "string", "minLength": 1}}
            named = {
                "type": "object",
                "properties": parameter,
                "required": ["parameter"],
                "additionalProperties": False,
            }
            return {"anyOf": [_whole(member), named]}
    return _PLAIN[kind]


def _text(words: tuple[str, ...], *, empty: bool) -> Json:
    if words:
        return {"enum": list(words)}
    return {"type": "string"} if empty else {"type": "string", "pattern": r"^(?!\s)[\s\S]*\S$"}


def _whole(member: Member) -> Json:
    return {"type": "integer", **({} if member.least is None else {"minimum": member.least})}


def _listed(items: Json, member: Member) -> Json:
    return {"type": "array", "items": items, **({} if member.empty else {"minItems": 1})}


_PLAIN: Mapping[Type, Json] = {
    Type.LINES: {"type": "string"},
    Type.FLAG: {"type": "boolean"},
    Type.DAY: _DAY,
    Type.BOTH: _BOTH,
    Type.WHOLES: {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
    Type.DAYS: {"type": "array", "items": _DAY, "uniqueItems": True},
    Type.GROUPS: {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "minItems": 2}},
    Type.LISTS: {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    Type.FREE: {"type": "object"},
    Type.ROWS: {"type": "array", "items": {"type": "object"}},
}
