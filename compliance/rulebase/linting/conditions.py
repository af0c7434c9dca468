"""Conditions of findings as claims: which properties they speak of, and what those can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Setting
from compliance.rulebase.linting.reasoning import Claim, Compared, Domain, Given, Place, claims_of
from compliance.rulebase.schema import (
    FactRule,
    FactType,
    InForce,
    Op,
    Pattern,
    PropOf,
    PropType,
    Vocabulary,
)

ON = "on"
_SIGNS: Mapping[Op, str] = {Op.EQ: "=", Op.NE: "≠", Op.LT: "<", Op.LTE: "≤", Op.GT: ">", Op.GTE: "≥"}


def fact_type(setting: Setting, fact: str) -> FactType | None:
    """The signature of a kind of fact by its latest wording; None where it is not known."""
    rules = setting.base.wordings(FactRule, fact)
    return setting.catalogue.get(rules[-1].derivation) if rules else None


def domains_of(setting: Setting, patterns: Sequence[Pattern]) -> dict[Place, Domain] | None:
    """What each property of the patterns can be; None where a kind, property or comparison is not known."""
    found: dict[Place, Domain] = {}
    for pattern in patterns:
        type_ = fact_type(setting, pattern.fact)
        if type_ is None:
            return None
        found |= {(pattern.alias, name): domain for name, domain in _domains(setting, type_).items()}
    for claim in (claim for pattern in patterns for claim in claims_of(pattern)):
        if not _fits(claim, found):
            return None
    return found


def _domains(setting: Setting, type_: FactType) -> dict[str, Domain]:
    found = {ON: Domain(PropType.DAY)}
    for name, kind in type_.properties.items():
        found[name] = Domain(kind, type_.least.get(name), _words(setting, type_.words.get(name)))
    return found


def _words(setting: Setting, vocabulary: str | None) -> frozenset[str] | None:
    """The words of a vocabulary in any of its wordings, and of those that widen it."""
    if vocabulary is None:
        return None
    rules = [v for v in setting.base.of(Vocabulary) if vocabulary in (v.id, v.widens)]
    return frozenset(word.zh for rule in rules for word in rule.words) if rules else None


def _fits(claim: Claim, domains: Mapping[Place, Domain]) -> bool:
    """Whether a comparison is one that may be reasoned about: known properties of one type, in an order if need be."""
    own = domains.get(claim.place)
    if own is None or isinstance(claim, Given):
        return own is not None
    in_order = own.type in {PropType.NUMBER, PropType.DAY}
    if claim.op not in {Op.EQ, Op.NE} and not in_order:
        return False
    if isinstance(claim.other, tuple):
        other = domains.get(claim.other)
        return other is not None and other.type is own.type
    return type(claim.other) is _PYTHON[own.type]


_PYTHON: Mapping[PropType, type] = {
    PropType.TEXT: str,
    PropType.NUMBER: int,
    PropType.FLAG: bool,
    PropType.DAY: date,
}


def standing(days: InForce, patterns: Sequence[Pattern]) -> list[Claim]:
    """What holds without being said: every fact has its day, and the first one's is a day of the wording."""
    return [*_days(patterns[0].alias, days), *(Given((pattern.alias, ON), there=True) for pattern in patterns)]


def _days(alias: str, days: InForce) -> list[Claim]:
    place = (alias, ON)
    until: list[Claim] = [Compared(place, Op.LTE, days.until)] if days.until else []
    return [Compared(place, Op.GTE, days.start), *until]


def named_alike(pattern: Pattern) -> Pattern:
    """A pattern under a name that patterns of other rules have as well, so that both can be compared."""
    same = [
        replace(term, value=replace(term.value, alias="")) if isinstance(term.value, PropOf) else term
        for term in pattern.terms
    ]
    return Pattern(pattern.fact, "", tuple(same))


def shown(claim: Claim) -> Text:
    """A claim as people read it."""
    place = _place(claim.place)
    if isinstance(claim, Given):
        zh, en = ("有值", "is given") if claim.there else ("为空", "is not given")
        return Text(f"{place} {zh}", f"{place} {en}")
    other = _place(claim.other) if isinstance(claim.other, tuple) else _constant(claim.other)
    text = f"{place} {_SIGNS[claim.op]} {other}"
    return Text(text, text)


def _place(place: Place) -> str:
    return ".".join(part for part in place if part)


def _constant(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"“{value}”" if isinstance(value, str) else str(value)
