"""The values that a step takes: each checked as its field says, and days against other days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol
from unicodedata import category

from compliance.core.acts import ObjectRef
from compliance.core.model import PersonPeriod
from compliance.core.people import People
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.casework import FieldValue, Values
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import TODAY, CaseField, CaseStep, FieldType, Vocabulary, Workflow

#: Longest text that a field takes.
LONGEST = 4000
#: The field of a reason, which every workflow has, and its title.
REASON, REASON_TITLE = "reason", Text("理由", "reason")


class BadValue(WrongUse):
    """A field holds what it cannot hold."""

    code = "bad-value"
    text: ClassVar[Text] = Text(zh="“{field}”填写不正确：{right}", en="{field} is not right: {right}")


class Rows(Protocol):
    """Where the plant's persons are looked up."""

    def tables(self, plant: Plant, kinds: Sequence[type] | None = None) -> Tables:
        """Rows of a plant."""
        ...


@dataclass(frozen=True, slots=True)
class Checking:
    """What checking a step's values needs; ``fields`` is what the case holds before the step."""

    rows: Rows
    plant: Plant
    rulebase: RuleBase
    today: date
    workflow: Workflow
    fields: Values

    def taken(
        self, step: CaseStep, given: Mapping[str, FieldValue], files: Sequence[ObjectRef]
    ) -> dict[str, FieldValue]:
        """The values of the step's own fields, checked; anything else that came along is not taken."""
        taken: dict[str, FieldValue] = {}
        days: list[CaseField] = []
        for name in (*step.needs, *step.offers):
            known = self.workflow.field(name)
            if known is None:
                continue
            if known.type is FieldType.FILES:
                taken |= {name: tuple(dict.fromkeys(f.sha256 for f in files))} if files else {}
                continue
            value = given.get(name)
            if isinstance(value, str) and value.strip():
                taken[name] = self._checked(known, value.strip())
                days += [known] if known.type is FieldType.DAY else []
        for known in days:
            for why in self._out_of_order(known, str(taken[known.id]), {**self.fields, **taken}):
                raise BadValue(field=known.title, right=why)
        reason = given.get(REASON)
        if step.reason and isinstance(reason, str) and reason.strip():
            taken[REASON] = _text(REASON_TITLE, reason.strip())
        return taken

    def _checked(self, known: CaseField, value: str) -> str:
        match known.type:
            case FieldType.DAY:
                return _day(known.title, value)
            case FieldType.CHOICE:
                words = self.rulebase.nearest(Vocabulary, known.vocabulary, self.today)
                ids = [w.id for w in words.words] if words else []
                if value not in ids:
                    raise BadValue(field=known.title, right="、".join(ids))
                return value
            case FieldType.PERSON:
                periods = self.rows.tables(self.plant, [PersonPeriod])[PersonPeriod]
                if not People([p for p in periods if isinstance(p, PersonPeriod)]).here(value, self.today):
                    raise BadValue(field=known.title, right=_A_PERSON)
                return value
            case _:
                return _text(known.title, value)

    def _out_of_order(self, known: CaseField, value: str, fields: Values) -> Iterator[Text]:
        """What is wrong with a day beside today and the other days of the case; ISO days compare as text."""
        for name in known.not_after:
            if (other := self._other(name, fields)) and value > other:
                yield self._says(name, "不得晚于", "not after")
        for name in known.not_before:
            if (other := self._other(name, fields)) and value < other:
                yield self._says(name, "不得早于", "not before")
        for name in known.later_than:
            if (other := self._other(name, fields)) and value <= other:
                yield self._says(name, "须晚于", "later than")

    def _other(self, name: str, fields: Values) -> str:
        return self.today.isoformat() if name == TODAY else str(fields.get(name) or "")

    def _says(self, name: str, zh: str, en: str) -> Text:
        other = self.workflow.field(name)
        title = other.title if other else _TODAY
        return Text(f"{zh}{title.zh}", f"{en} {title.en}")


def _day(title: Text, value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError as error:
        raise BadValue(field=title, right=_AN_ISO_DAY) from error
    if day.isoformat() != value:  # other spellings of ISO 8601 are no days of ours
        raise BadValue(field=title, right=_AN_ISO_DAY)
    return value


def _text(title: Text, value: str) -> str:
    """A text that documents and XML can carry whole."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(plain) > LONGEST or not all(map(_shown, plain)):
        raise BadValue(field=title, right=_SHORTER)
    return plain


def _shown(char: str) -> bool:
    """Whether a character shows itself; the wide blanks of Chinese text do, though Python calls them unprintable."""
    return char.isprintable() or char in "\n\t" or category(char) == "Zs"


_TODAY = Text("今天", "today")
_A_PERSON = Text("须为本企业人员的账号", "an account of a person of the plant")
_AN_ISO_DAY = Text("须为日期，如 2026-01-31", "a day such as 2026-01-31")
_SHORTER = Text("最多 4000 字，不含控制字符", "at most 4000 characters, none of them control characters")
