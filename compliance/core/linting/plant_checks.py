"""What a check of a plant is made of: what it sees, what it says, and plants as its examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from compliance.core.linting.chains import Duty
from compliance.core.linting.staff import PlantSetting
from compliance.kernel.text import Text
from compliance.rulebase.linting import Severity
from compliance.rulebase.linting.base import name_of
from compliance.rulebase.linting.examples import post, rule
from compliance.rulebase.schema import Post, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRemark:
    """Something that the rules ask and the plant's persons cannot do: which rules, what sticks, who is there for it."""

    check: str
    title: Text
    severity: Severity = Severity.WARNING
    rules: tuple[Rule, ...]
    what: Text
    message: Text
    duties: tuple[Duty, ...] = ()
    persons: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The rules as ``kind.id``."""
        return tuple(name_of(rule) for rule in self.rules)

    @property
    def key(self) -> tuple[str, Text, Text]:
        """What tells one remark from another: the check, what it is about, and what it says."""
        return self.check, self.what, self.message


@dataclass(frozen=True, slots=True)
class Case:
    """An example of a plant: rules, and persons with their posts."""

    rules: str
    persons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantCheck:
    """One check of a plant, with plants in which it speaks and in which it does not."""

    id: str
    title: Text
    run: Callable[[PlantCheck, PlantSetting], Iterator[PlantRemark]]
    firing: tuple[Case, ...]
    silent: tuple[Case, ...]


def post_title(setting: PlantSetting, name: str) -> Text:
    """What people call a post."""
    found = setting.base.nearest(Post, name, setting.day)
    return found.title if found else Text(name, name)


# --- what examples are made of ---------------------------------------------------------------------------------------

POSTS = post("clerk") + post("boss")
CHAIN = rule(
    "approval.payment",
    """applies_to = ["payment"]
steps = [{ do = "ask" }, { do = "look", post = "clerk" }, { do = "sign", post = "boss" }]
distinct = [["ask", "look", "sign"]]""",
)
FLOW = rule(
    "workflow.occurrence",
    """applies_to = "occurrence"
start = "open"
states = [
  { id = "open", zh = "开", en = "open" },
  { id = "asked", zh = "问", en = "asked" },
  { id = "done", zh = "完", en = "done", final = true },
]
fields = [{ id = "note", zh = "注", en = "note", type = "text" }]
steps = [
  { id = "hand-in", zh = "交", en = "hand in", from = ["open"], to = "asked", by = ["rule:owner"] },
  { id = "ok", zh = "准", en = "agree", from = ["asked"], to = "done", by = ["rule:approver"], not_by = ["hand-in"] },
]""",
)
