"""The statements of the source document, the places where it contradicts itself, and what is meant as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Rule, Value


@dataclass(frozen=True, kw_only=True)
class Requirement(Rule):
    """A statement of the document. Other rules answer to it by naming its ``code`` in ``source.requirements``.

    ``holds``: how the model of the plant itself keeps it. ``asks``: it is judged at the internal audit, by this
    question. ``slips``: ids of the slips that touch it.
    """

    code: str
    holds: Text | None = None
    asks: Text | None = None
    slips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference as the document prints it, and what it means."""

    said: str
    means: str


@dataclass(frozen=True, kw_only=True)
class Slip(Rule):
    """A contradiction or slip of the document, and how it is treated here."""

    code: str
    treatment: Text
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Applicability(Rule):
    """Whom a document does not bind: a plant whose profile says what ``unless`` says (id of a company item → word).

    There its obligations and findings do not hold, and pages show the ``notice``. What a plant never said excludes
    nobody.
    """

    unless: Mapping[str, Value]
    notice: Text


@dataclass(frozen=True, kw_only=True)
class LintException(Rule):
    """One remark of the linter that is meant as it stands: of which check, on which rule (``kind.id``), and why.

    ``beside`` is the other rule of the remark, ``at`` its place inside the rule, where the remark has them.
    """

    check: str
    rule: str
    reason: Text
    beside: str = ""
    at: str = ""
