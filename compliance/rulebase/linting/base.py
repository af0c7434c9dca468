"""What every check of the rule base is made of: what it sees, what it says, and how much that weighs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactType, Rule


class Severity(StrEnum):
    """An error keeps a rule base out of use; a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Setting:
    """What checks look at: a rule base, and the derivations that its facts name."""

    base: RuleBase
    catalogue: Mapping[str, FactType]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check says of a rule; ``beside``: the other rule it is about, ``at``: the place inside the rule."""

    rule: Rule
    message: Text
    beside: Rule | None = None
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. ``firing`` and ``silent`` are rule texts in which it speaks and in which it does not."""

    id: str
    title: Text
    severity: Severity
    run: Callable[[Setting], Iterator[Seen]]
    firing: tuple[str, ...]
    silent: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something a check found: in which rule (``kind.id``), where it stands, and by which exception it is excused."""

    check: str
    title: Text
    severity: Severity
    rule: str
    file: str
    line: int
    message: Text
    beside: str = ""
    at: str = ""
    excused_by: str = ""
    reason: Text | None = None

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What an exception must name to excuse exactly this."""
        return self.check, self.rule, self.beside, self.at


def name_of(rule: Rule) -> str:
    """The name of a rule: ``kind.id``."""
    return f"{rule.kind}.{rule.id}"


def remarks_of(check: Check, setting: Setting) -> tuple[Remark, ...]:
    """Everything that one check says, once each, in the order of files and lines."""
    found = {remark.key: remark for remark in (_remark(check, seen) for seen in check.run(setting))}
    return tuple(sorted(found.values(), key=lambda r: (r.file, r.line, r.key)))


def _remark(check: Check, seen: Seen) -> Remark:
    return Remark(
        check=check.id,
        title=check.title,
        severity=check.severity,
        rule=name_of(seen.rule),
        file=seen.rule.file,
        line=seen.rule.line,
        message=seen.message,
        beside=name_of(seen.beside) if seen.beside else "",
        at=seen.at,
    )


def listed(words: Iterable[str]) -> Text:
    """Words in a row, in both languages."""
    shown = list(words)
    return Text("、".join(shown), ", ".join(shown))
