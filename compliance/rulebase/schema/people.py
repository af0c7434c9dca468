"""Posts and approvals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compliance.kernel.text import Text
from compliance.rulebase.schema.common import Rule, Value


@dataclass(frozen=True, kw_only=True)
class Post(Rule):
    """A post that rules name; ``words`` are the workbook's words for it; ``never_with`` posts are never joined."""

    words: tuple[str, ...]
    never_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an approval: what is done, by which post (None = anyone entitled); ``named``: as people call it."""

    do: str
    post: str | None = None
    optional: bool = False
    named: Text | None = None

    @property
    def title(self) -> Text:
        """What people call the step, its id where the rule gives no words."""
        return self.named or Text(self.do, self.do)


@dataclass(frozen=True, kw_only=True)
class Approval(Rule):
    """A chain of steps over one kind of thing, the steps that different persons take, posts never held together."""

    applies_to: tuple[str, ...]
    steps: tuple[Step, ...]
    distinct: tuple[tuple[str, ...], ...] = ()
    never_both: tuple[tuple[str, str], ...] = ()
    limits: Mapping[str, Value] = field(default_factory=dict)

    def post_of(self, step: str) -> str | None:
        """The post that takes a step."""
        return next((s.post for s in self.steps if s.do == step), None)
