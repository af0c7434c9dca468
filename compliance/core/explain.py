"""Why: an occurrence, a finding or a nonconformity with rule text, clause, derivation, facts and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import ClassVar

from compliance.core.findings import Judged
from compliance.core.judged import Found, Nonconformity, Occurrence
from compliance.core.obligations.arguing import Arguing
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.choosing import choices_of
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Rule, Standard

Json = Mapping[str, object]


class NothingToExplain(WrongUse):
    """No occurrence, finding or nonconformity has this id as of the day."""

    code = "nothing-to-explain"
    text: ClassVar[Text] = Text(
        zh="没有编号为“{id}”的期次、发现或不符合项", en="No occurrence, finding or nonconformity is called {id!r}"
    )


def explain(
    name: str,
    judged: Judged,
    rulebase: RuleBase,
    tickets: Sequence[Nonconformity],
    history: Sequence[Json],
    values: Mapping[str, Decimal] | None = None,
) -> Json:
    """Explain what an id names: ``OB-…/subject/period``, ``L-…/subject/period`` or a nonconformity's number."""
    ticket = next((n for n in tickets if n.number == name), None)
    if ticket is not None:
        return _of_ticket(ticket, judged, rulebase, history)
    for found in judged.findings:
        if finding_id(found) == name:
            return _of_finding(found, rulebase, history)
    for occurrence in judged.occurrences:
        if name in {occurrence_id(occurrence), "/".join(occurrence.key)}:
            return _of_occurrence(occurrence, rulebase, history, values or {})
    raise NothingToExplain(id=name)


def finding_id(found: Found) -> str:
    """How a finding is named to :func:`explain`."""
    return "/".join(found.key)


def occurrence_id(occurrence: Occurrence) -> str:
    """How an occurrence is named to :func:`explain`."""
    return f"{occurrence.code}/{occurrence.subject}/{occurrence.period}"


def _of_occurrence(one: Occurrence, rulebase: RuleBase, history: Sequence[Json], values: Mapping[str, Decimal]) -> Json:
    rule = _wording(rulebase, one.obligation, one.rule_digest)
    return {
        **_of_rule(rule, rulebase),
        "id": occurrence_id(one),
        "derivation": _both(one.derivation),
        "steps": Arguing(rulebase, values).steps(one),
        "facts": [
            {
                "subject": one.subject,
                "period": one.period,
                "opens": one.opens,
                "due": one.due,
                "effective_workday": one.effective_workday,
                "done_on": one.done_on,
                "state": one.state.value,
            }
        ],
        "history": list(history),
    }


def _of_finding(found: Found, rulebase: RuleBase, history: Sequence[Json]) -> Json:
    rule = _wording(rulebase, found.rule, found.rule_digest)
    return {
        **_of_rule(rule, rulebase),
        "id": finding_id(found),
        "situation": found.situation,
        "derivation": _both(found.message),
        "remedy": _both(found.remedy),
        "facts": [dict(fact) for fact in found.facts],
        "history": list(history),
    }


def _of_ticket(ticket: Nonconformity, judged: Judged, rulebase: RuleBase, history: Sequence[Json]) -> Json:
    gathered = [f for f in judged.findings if (f.rule, f.ticket) == (ticket.rule, ticket.first_group)]
    rule = next(iter(rulebase.named(ticket.rule)), None)
    return {
        **_of_rule(rule, rulebase),
        "id": ticket.number,
        "derivation": _both(ticket.title),
        "facts": [dict(fact) for found in gathered for fact in found.facts],
        "findings": [finding_id(found) for found in gathered],
        "state": ticket.state,
        "opened": ticket.opened,
        "history": list(history),
    }


def _wording(rulebase: RuleBase, rule_id: str, digest: str) -> Rule | None:
    return rulebase.worded(rule_id, digest)


def _standard(rule: Rule, rulebase: RuleBase) -> Json | None:
    """The standard that a rule is of: the clause alone does not say it."""
    found = [s for s in rulebase.of(Standard) if s.pack == rule.pack][-1:]
    return {"id": found[0].id, "code": found[0].code, "edition": _both(found[0].edition)} if found else None


def _of_rule(rule: Rule | None, rulebase: RuleBase) -> Json:
    if rule is None:
        return {"rule": None, "standard": None, "text": None, "clause": None, "strength": None}
    return {
        "rule": rule.id,
        "title": _both(rule.title),
        "text": rule.text,
        "clause": rule.source.clause,
        "strength": rule.source.strength.value,
        "standard": _standard(rule, rulebase),
        "requirements": list(rule.source.requirements),
        "plants_choice": [_both(choice) for choice in choices_of(rule)],
        "file": f"{rule.file}:{rule.line}",
    }


def _both(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}
