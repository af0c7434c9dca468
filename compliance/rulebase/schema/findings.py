"""Facts and findings: typed properties, patterns over them, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Op, PropType, Rule, Scalar, Ticket, Value


@dataclass(frozen=True, slots=True)
class FactType:
    """Signature of a derivation: its typed properties, and the names of the parameters it must be given.

    ``least``: numbers that are never below; ``words``: texts that a vocabulary of the rules admits, by its id.
    """

    derivation: str
    properties: Mapping[str, PropType]
    parameters: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    least: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FactRule(Rule):
    """A kind of fact: a derivation of the catalogue with the rule's own classes, posts and numbers.

    ``with_`` values may be ``{ approval = "id" }``, ``{ parameter = "id" }``, ``{ post = "id" }`` references, resolved
    by the loader's checker and handed to the derivation by :mod:`compliance.core.facts`.
    """

    derivation: str
    with_: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class PropOf:
    """Another property on the right of a comparison: ``{ of = "alias.property" }`` (alias empty = the same fact)."""

    alias: str
    prop: str


@dataclass(frozen=True, slots=True)
class Term:
    """``property = value`` (eq) or ``property = { lt = 5 }``; the value is a constant or another property."""

    prop: str
    op: Op
    value: Scalar | date | PropOf


@dataclass(frozen=True, slots=True)
class Pattern:
    """One fact that must be there, with all its terms true. ``fact`` is the id of a fact rule."""

    fact: str
    alias: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Consequence:
    """What a finding leads to: ``raise`` nonconformity | notice, with category and grade (ids of vocabularies)."""

    raise_: str
    category: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class Finding(Rule):
    """Something wrong.

    ``when``: patterns over facts, all needed. ``subject``/``period``/``note`` name properties of the first pattern's
    fact (``period``/``note`` may be empty). ``message`` may hold ``{property}`` places.

    Facts are judged by the wording in force on the fact's own day. ``refuses``: the acts that are not done where what
    they would leave, or they themselves, are wrong so.
    """

    situation: str
    when: tuple[Pattern, ...]
    then: Consequence
    ticket: Ticket
    subject: str
    period: str
    message: Text
    remedy: Text
    note: str = ""
    refuses: tuple[str, ...] = ()
