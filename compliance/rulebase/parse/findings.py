"""Blocks ``[fact.id]`` and ``[finding.id]``: kinds of facts, and conditions over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table, suggestion
from compliance.rulebase.schema import (
    Consequence,
    FactRule,
    Finding,
    Op,
    Pattern,
    PropOf,
    Scalar,
    Term,
    Ticket,
    Value,
)

#: What a finding may raise.
RAISES = ("nonconformity", "notice")
#: Acts that a finding may refuse: rows entered or imported; a signature; a record given up; a figure defined by a rule.
REFUSES = ("enter", "sign", "dispose", "define")


def fact(table: Table, common: Common) -> FactRule:
    """Read one kind of fact."""
    return FactRule(**common, derivation=table.text("derivation"), with_=table.values("with"))


def finding(table: Table, common: Common) -> Finding:
    """Read one finding."""
    return Finding(
        **common,
        situation=table.text("situation"),
        when=tuple(_pattern(row) for row in table.tables("when")),
        then=_consequence(table.table("then")),
        ticket=table.choice("ticket", Ticket),
        subject=table.text("subject"),
        period=table.text("period", "", empty=True),
        note=table.text("note", "", empty=True),
        message=table.both("message"),
        remedy=table.both("remedy"),
        refuses=_refused(table),
    )


def _refused(table: Table) -> tuple[str, ...]:
    acts = table.strings("refuses", optional=True)
    for act in acts:
        table.one_of("refuses", act, REFUSES)
    return acts


def _consequence(table: Table) -> Consequence:
    raised = table.text("raise")
    table.one_of("raise", raised, RAISES)
    return Consequence(raised, table.text("category"), table.text("grade"))


def _pattern(table: Table) -> Pattern:
    name = table.text("fact")
    alias = table.text("as", name)
    terms = [term for prop, value in table.rest("fact", "as") for term in _terms(table, prop, value)]
    return Pattern(name, alias, tuple(terms))


def _terms(table: Table, prop: str, value: Value) -> Iterator[Term]:
    match value:
        case Mapping() if "of" in value:
            yield Term(prop, Op.EQ, _right(table, prop, value))
        case Mapping():
            if not value:
                table.wrong(prop, "缺少比较", "the comparison is missing")
            for word, right in value.items():
                if _known_op(table, prop, word):
                    yield Term(prop, Op(word), _right(table, prop, right))
        case _:
            yield Term(prop, Op.EQ, _right(table, prop, value))


def _known_op(table: Table, prop: str, word: str) -> bool:
    words = [op.value for op in Op]
    if word in words:
        return True
    hint = suggestion(word, [*words, "of"])
    table.wrong(prop, f"比较“{word}”未知；{hint.zh}", f"comparison '{word}' is unknown; {hint.en}")
    return False


def _right(table: Table, prop: str, value: Value) -> Scalar | date | PropOf:
    match value:
        case {"of": str(name), **more} if not more:
            alias, dot, last = name.rpartition(".")
            return PropOf(alias if dot else "", last)
        case bool() | int() | str() | date():
            return value
    table.wrong(
        prop,
        '应与文字、整数、true/false、日期或 { of = "别名.属性" } 比较',
        'compare with a text, whole number, true/false, day or { of = "alias.property" }',
    )
    return ""
