"""Which other rules a rule names, and where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from compliance.rulebase.check_workflow import POST
from compliance.rulebase.rulebase import KINDS
from compliance.rulebase.schema import (
    Applicability,
    Approval,
    Document,
    FactRule,
    Finding,
    Obligation,
    Ref,
    Reminders,
    Retention,
    Rule,
    Vocabulary,
    Workflow,
)


class Named(NamedTuple):
    """A rule that another one names, and the member in which it does."""

    kind: str
    id: str
    key: str


def names_in(rule: Rule) -> Iterator[Named]:
    """Every rule that a rule names; what a post may not be joined with is no use of it."""
    match rule:
        case Obligation():
            yield from _obligation(rule)
        case FactRule():
            yield from _free(rule.with_, "with")
            naming = ("approval", "post", "vocabulary")
            yield from (Named(kind, name, "with") for kind in naming if isinstance(name := rule.with_.get(kind), str))
        case Finding():
            yield from (Named("fact", pattern.fact, "when") for pattern in rule.when)
        case Approval():
            yield from (Named("post", step.post, "steps") for step in rule.steps if step.post)
            yield from _free(rule.limits, "limits")
        case Document():
            yield from _document(rule)
        case Workflow():
            yield from _workflow(rule)
        case Retention(disposal_approval=str(approval)):
            yield Named("approval", approval, "disposal_approval")
        case Vocabulary(widens=str(widened)):
            yield Named("vocabulary", widened, "widens")
        case Applicability():
            yield from _free(rule.unless, "unless")


def _obligation(rule: Obligation) -> Iterator[Named]:
    yield from (Named("post", getattr(rule, key), key) for key in ("owner", "approver") if getattr(rule, key))
    yield from _told(rule.reminders)
    if rule.document:
        yield Named("document", rule.document, "document")
    for key, numbers in (("cadence", rule.cadence), ("due", rule.due)):
        for member in ("within_months", "month", "day", "days"):
            yield from _refs(getattr(numbers, member, None), key)
    for key, table in (("evidence", rule.evidence.with_), ("where", rule.where), ("applies_if", rule.applies_if)):
        yield from _free(table, key)


def _told(reminders: Reminders, key: str = "remind") -> Iterable[Named]:
    return (Named("post", one.to, key) for one in reminders.escalate)


def _document(rule: Document) -> Iterator[Named]:
    posts = ("author", "reviewer", "countersigner", "approver")
    yield from (Named("post", getattr(rule, key), key) for key in posts if getattr(rule, key))
    yield Named("retention", rule.retention, "retention")
    yield from _refs(rule.review_months, "review_months")
    yield from _refs(rule.read_days, "read_days")
    yield from (Named("post", r.removeprefix(POST), "readers") for r in rule.readers if r.startswith(POST))
    if rule.drafted_when and rule.drafted_when.obligation:
        yield Named("obligation", rule.drafted_when.obligation, "drafted_when")


def _workflow(rule: Workflow) -> Iterator[Named]:
    yield from (
        Named("post", who.removeprefix(POST), "steps") for step in rule.steps for who in step.by if who.startswith(POST)
    )
    yield from (Named("vocabulary", field.vocabulary, "fields") for field in rule.fields if field.vocabulary)
    yield from _told(rule.reminders.ladder)
    for key, timed in (("requests", rule.requests), ("recalls", rule.recalls)):
        yield from _told(timed.ladder, key) if timed else ()


def _free(table: Mapping[str, object], key: str) -> Iterator[Named]:
    for value in table.values():
        yield from _refs(value, key)


def _refs(value: object, key: str) -> Iterator[Named]:
    match value:
        case Ref(name):
            yield Named("parameter", name, key)
        case Mapping():
            for word, inner in value.items():
                if len(value) == 1 and word in KINDS and isinstance(inner, str):
                    yield Named(str(word), inner, key)
                yield from _refs(inner, key)
        case tuple():
            for inner in value:
                yield from _refs(inner, key)
