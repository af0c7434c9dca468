"""The standard, its statements, the places where it contradicts itself, and what is meant as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Rule, Value


@dataclass(frozen=True, kw_only=True)
class Standard(Rule):
    """The standard that a rule base, or a pack beside it, turns into rules; its ``id`` is the pack's folder.

    ``code`` and ``edition`` as people cite it; ``skeleton``: only its outline is worked out; ``statements``: how many
    requirements its register holds, so that none is lost (None: not said). Of a pack alone:
    ``in_use`` says whether its rules hold at all, ``applies_if`` what a plant says of itself that chose it.
    """

    code: str
    edition: Text
    skeleton: bool = False
    statements: int | None = None
    in_use: bool = True
    applies_if: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Requirement(Rule):
    """A statement of the document. Other rules answer to it by naming its ``code`` in ``source.requirements``.

    ``holds``: how the model of the plant itself keeps it. ``asks``: the question of the internal audit about it.
    ``organisational``: the audit alone judges it; without a rule it is no gap then. ``slips``: ids of the slips that
    touch it. ``like``: codes of statements of other standards that ask for the same.
    """

    code: str
    holds: Text | None = None
    asks: Text | None = None
    organisational: bool = False
    slips: tuple[str, ...] = ()
    like: tuple[str, ...] = ()


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
class Ledger(Rule):
    """A ledger that is kept current: ``sheets`` name the tables that it is kept in, ``kept_by`` what demands entries.

    ``classes``: of daily readings only those of items of these classes (ids of the words); ``only``: rows whose columns
    say this alone.
    """

    code: str
    kept_by: tuple[str, ...]
    sheets: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    only: Mapping[str, Value] = field(default_factory=dict)


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
