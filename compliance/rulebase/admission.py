"""Which facts may be judged: kind, properties and values as the rule base declares them, before any engine looks.

Facts of one kind and shape are looked at column by column. Only where a column is not plainly sound are the facts taken
one after the other, in their order: what is refused, and with which words, is decided there alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import NoneType
from typing import Any, Final

from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import KIND, ON, Fact, FactValue
from compliance.rulebase.schema import PropType

MAX_PROPERTIES: Final = 200
MAX_TEXT: Final = 8000
_RESERVED: Final = frozenset({"id", "sid"})
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
#: What XML 1.0 cannot carry, NUL and halves of surrogate pairs among it.
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PYTHON: Final[Mapping[PropType, type]] = {
    PropType.TEXT: str,
    PropType.NUMBER: int,
    PropType.FLAG: bool,
    PropType.DAY: date,
}


class FactRefused(CannotDecide):
    """A fact is not what its kind declares: nothing is judged."""

    code = "fact-refused"
    text = Text(
        zh="事实不可判定：种类“{kind}”的属性“{prop}”取值 {value}：{reason}",
        en='Fact cannot be judged: property "{prop}" of kind "{kind}" is {value}: {reason}',
    )


def check_facts(facts: Sequence[Fact], types: Mapping[str, Mapping[str, PropType]]) -> None:
    """Raise FactRefused for the first fact whose kind, properties or values are not as declared."""
    if not _plainly_sound(facts, types):
        _check_each(facts, types)


def _check_each(facts: Sequence[Fact], types: Mapping[str, Mapping[str, PropType]]) -> None:
    checked: dict[str, Mapping[str, type]] = {}
    for fact in facts:
        kind = fact.get(KIND)
        declared = checked.get(kind) if type(kind) is str else None
        if declared is None:
            declared = checked[str(kind)] = _declared(kind, types)
        if type(fact.get(ON)) is not date:
            _refuse(kind, ON, fact.get(ON), "须为日期", "must be a day")
        for prop, value in fact.items():
            if value is not None:
                _check_value(kind, prop, value, declared)
            elif prop not in declared:
                _refuse(kind, prop, value, "未声明的属性", "no such property")


def _declared(kind: FactValue, types: Mapping[str, Mapping[str, PropType]]) -> Mapping[str, type]:
    if type(kind) is not str or kind not in types:
        _refuse(kind, KIND, kind, "未声明的种类", "no such kind")
        raise AssertionError
    for prop in types[kind]:
        if prop in _RESERVED or not _NAME.fullmatch(prop):
            _refuse(kind, prop, None, "属性名不可用", "not a usable name of a property")
    declared = {prop: _PYTHON[kind_of] for prop, kind_of in types[kind].items()} | {
        KIND: str,
        ON: date,
    }
    if len(declared) > MAX_PROPERTIES:
        _refuse(kind, "*", len(declared), "属性过多", f"more than {MAX_PROPERTIES} properties")
    return declared


def _check_value(kind: FactValue, prop: str, value: FactValue, declared: Mapping[str, type]) -> None:
    expected = declared.get(prop)
    if expected is None:
        _refuse(kind, prop, value, "未声明的属性", "no such property")
    elif type(value) is not expected:
        _refuse(
            kind,
            prop,
            value,
            f"类型须为 {expected.__name__}",
            f"must be of type {expected.__name__}",
        )
    elif isinstance(value, str):
        if len(value) >= MAX_TEXT:
            _refuse(kind, prop, value[:40], "文字过长", f"text of {MAX_TEXT} characters or more")
        if _UNPRINTABLE.search(value):
            _refuse(kind, prop, value[:40], "含不可用字符", "text holds characters that cannot be kept")
    elif expected is int and not -(2**63) <= value < 2**63:  # type: ignore[operator]  # type(value) is int here
        _refuse(kind, prop, value, "超出 64 位整数", "number beyond 64 bits")


def _refuse(kind: FactValue, prop: str, value: FactValue, zh: str, en: str) -> None:
    raise FactRefused(kind=kind, prop=prop, value=repr(value), reason=Text(zh=zh, en=en))


# --- column by column ------------------------------------------------------------------------------------------------


def _plainly_sound(facts: Sequence[Fact], types: Mapping[str, Mapping[str, PropType]]) -> bool:
    """Whether every column of every kind holds what it may; what is not proved here is looked at fact by fact."""
    shapes: dict[tuple[str, ...], dict[FactValue, list[Iterable[FactValue]]]] = {}
    for fact in facts:
        shapes.setdefault(tuple(fact), {}).setdefault(fact.get(KIND), []).append(fact.values())
    declared: dict[str, Mapping[str, type]] = {}
    for shape, kinds in shapes.items():
        for kind, rows in kinds.items():
            if type(kind) is not str or kind not in types:
                return False
            if kind not in declared:
                declared[kind] = _declared(kind, types)
            if ON not in shape or not declared[kind].keys() >= {*shape}:
                return False
            columns = zip(shape, zip(*rows, strict=True), strict=True)
            if not all(_sound(column, declared[kind][prop], prop) for prop, column in columns):
                return False
    return True


def _sound(column: Sequence[FactValue], expected: type, prop: str) -> bool:
    found = {*map(type, column)}
    if prop not in {KIND, ON}:
        found.discard(NoneType)
    if not found:
        return True
    if found != {expected}:
        return False
    values: Any = {*column} - {None}
    if expected is int:
        return bool(min(values) >= -(2**63) and max(values) < 2**63)
    if expected is str:
        return max(map(len, values)) < MAX_TEXT and not _UNPRINTABLE.search("".join(values))
    return True
