"""The data of the report on a nonconformity: plain texts, every word from the rules or the register.

``fields`` holds the latest value of every field of the workflow, ``told`` every value that a field was ever given with
who gave it and when, ``steps`` the whole history with signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from compliance.core.cases import REASON, REASON_TITLE, Looked, StoredStep
from compliance.core.documents.control import CONTROL_NAMES, EMPTY, SHOWN_DIGEST, Frame, control_of, moment
from compliance.core.documents.values import Context, Names, Rows, Value
from compliance.core.judged import NONCONFORMITY, Found, Nonconformity, StoredFinding
from compliance.core.plants import Plant
from compliance.rulebase.casework import FieldValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FieldType, Obligation, Vocabulary, Workflow

#: The name by which rules ask for these data.
NONCONFORMITY_REPORT = NONCONFORMITY
_CATEGORY, _MEANING, _GRADE = "nonconformity-category", "nonconformity-category-meaning", "nonconformity-grade"
_YES_NO = "yes-no"

_TEXTS = Mapping[str, None]
_CASE: _TEXTS = dict.fromkeys(("number", "title", "category", "meaning", "grade", "state", "opened", "clauses"))
_FINDING: _TEXTS = dict.fromkeys(("number", "clause", "subject", "period", "message", "seen", "withdrawn"))
_TOLD: _TEXTS = dict.fromkeys(("at", "name", "text"))
_STEP: _TEXTS = dict.fromkeys(("number", "title", "name", "posts", "at", "said", "meaning", "digest"))
_FILE: _TEXTS = dict.fromkeys(("name", "digest", "size"))


def report_names(workflow: Workflow) -> Names:
    """Every name that a template of this report may use."""
    fields = [f.id for f in workflow.fields]
    return {
        **CONTROL_NAMES,
        "case": _CASE,
        "findings": Rows(_FINDING),
        "fields": dict.fromkeys(fields),
        "told": {name: Rows(_TOLD) for name in fields},
        "steps": Rows(_STEP),
        "files": Rows(_FILE),
    }


def nonconformity_report(
    looked: Looked,
    nonconformity: Nonconformity,
    plant: Plant,
    findings: Iterable[StoredFinding],
    rulebase: RuleBase,
    frame: Frame,
) -> Context:
    """The data of the report as plain texts, lists and groups."""
    shown = _Shown(looked.thing.workflow, rulebase, frame)
    found = [f for f in findings if f.nonconformity == nonconformity.number]
    fields = {f.id: shown.value(f.id, looked.view.fields.get(f.id)) for f in looked.thing.workflow.fields}
    return {
        **control_of(plant, rulebase, frame),
        "case": shown.case(nonconformity, looked.view.state, found),
        "findings": [shown.finding(number, f) for number, f in enumerate(found, 1)],
        "fields": fields,
        "told": {f.id: shown.told(f.id, looked.steps) for f in looked.thing.workflow.fields},
        "steps": [shown.step(number, s) for number, s in enumerate(looked.steps, 1)],
        "files": [
            {"name": f.name, "digest": f.sha256[:SHOWN_DIGEST], "size": str(f.size)}
            for s in looked.steps
            for f in s.files
        ],
    }


def empty_report(workflow: Workflow, plant: Plant, rulebase: RuleBase, frame: Frame) -> Context:
    """The report on nothing: the form as a plant without nonconformities has it, every field open."""
    fields = [f.id for f in workflow.fields]
    return {
        **control_of(plant, rulebase, frame),
        "case": dict.fromkeys(_CASE, EMPTY),
        "findings": [],
        "fields": dict.fromkeys(fields, EMPTY),
        "told": {name: [] for name in fields},
        "steps": [],
        "files": [],
    }


@dataclass(frozen=True, slots=True)
class _Shown:
    """Values as the document shows them."""

    workflow: Workflow
    rulebase: RuleBase
    frame: Frame

    def case(self, it: Nonconformity, state: str, found: Sequence[StoredFinding]) -> Mapping[str, str]:
        known = self.workflow.state(state)
        clauses = dict.fromkeys(f.found.clause for f in found)
        return {
            "number": it.number,
            "title": it.title.zh,
            "category": self.word(_CATEGORY, it.category),
            "meaning": self.word(_MEANING, it.category),
            "grade": self.word(_GRADE, it.grade),
            "state": known.title.zh if known else state,
            "opened": it.opened.isoformat(),
            "clauses": "、".join(clauses) or EMPTY,
        }

    def finding(self, number: int, stored: StoredFinding) -> Mapping[str, str]:
        found = stored.found
        return {
            "number": str(number),
            "clause": found.clause,
            "subject": duty_titles(self.rulebase).get(found.subject, found.subject),
            "period": found.period or EMPTY,
            "message": told_by_name(found, self.frame.people),
            "seen": stored.first_seen.isoformat(),
            "withdrawn": stored.withdrawn.isoformat() if stored.withdrawn else EMPTY,
        }

    def told(self, name: str, steps: Sequence[StoredStep]) -> list[Mapping[str, Value]]:
        return [
            {"at": moment(s.at, self.frame.zone), "name": s.name, "text": self.value(name, s.values[name])}
            for s in steps
            if name in s.values
        ]

    def step(self, number: int, step: StoredStep) -> Mapping[str, str]:
        known = self.workflow.step(step.step)
        signature = step.signature
        return {
            "number": str(number),
            "title": known.title.zh if known else step.step,
            "name": step.name,
            "posts": step.posts or EMPTY,
            "at": moment(step.at, self.frame.zone),
            "said": self._said(step.values) or EMPTY,
            "meaning": signature.meaning.zh if signature else EMPTY,
            "digest": (signature.covers if signature else step.digest)[:SHOWN_DIGEST],
        }

    def value(self, name: str, value: FieldValue | None) -> str:
        known = self.workflow.field(name)
        if value is None or value in ("", ()):
            return EMPTY
        if isinstance(value, bool):
            return self.word(_YES_NO, "yes" if value else "no")
        if isinstance(value, tuple):
            return "、".join(digest[:SHOWN_DIGEST] for digest in value)
        match known.type if known else FieldType.TEXT:
            case FieldType.CHOICE:
                return self.word(known.vocabulary if known else "", value)
            case FieldType.PERSON:
                return self.frame.people.get(value, value)
            case _:
                return value

    def word(self, vocabulary: str, word: str) -> str:
        rule = self.rulebase.nearest(Vocabulary, vocabulary, self.frame.printed)
        return next((w.zh for w in rule.words if w.id == word), word) if rule else word

    def _said(self, values: Mapping[str, FieldValue]) -> str:
        lines = []
        for name, value in values.items():
            known = self.workflow.field(name)
            title = known.title.zh if known else REASON_TITLE.zh if name == REASON else name
            lines.append(f"{title}：{self.value(name, value)}")
        return "\n".join(lines)


def duty_titles(rulebase: RuleBase) -> Mapping[str, str]:
    """The titles of obligations by the codes that the register and findings name them by."""
    return {rule.code: rule.title.zh for rule in rulebase.of(Obligation)}


def told_by_name(found: Found, people: Mapping[str, str]) -> str:
    """What a finding says, with the names of those whose accounts its facts tell."""
    told = {value for fact in found.facts for value in fact.values() if isinstance(value, str) and value in people}
    if not told:
        return found.message.zh
    # One pass over whole words: U1 is not the beginning of U10, and a name that was put in is not looked at again.
    accounts = "|".join(re.escape(account) for account in sorted(told, key=len, reverse=True))
    whole = rf"(?<![0-9A-Za-z])(?:{accounts})(?![0-9A-Za-z])"
    return re.sub(whole, lambda at: people[at[0]], found.message.zh)
