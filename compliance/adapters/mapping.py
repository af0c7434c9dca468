"""What judging yields, as rows of the register and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Any

from sqlalchemy import Row as SqlRow

from compliance.core.judged import (
    Found,
    Nonconformity,
    Occurrence,
    OccurrenceState,
    StoredFinding,
)
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.evaluator import FactValue

Values = dict[str, Any]
_DAY = "day"


def plant_of(row: SqlRow[Any]) -> Plant:
    """A plant, of a row that has its columns."""
    return Plant(row.id, row.key, row.short, row.name, row.data_start, row.data_end, row.onboarded, row.mark)


def plant_values(plant: Plant) -> Values:
    """The columns of a plant, without its id."""
    return {
        "key": plant.key,
        "short": plant.short,
        "name": plant.name,
        "data_start": plant.data_start,
        "data_end": plant.data_end,
        "onboarded": plant.onboarded,
        "mark": plant.mark,
    }


def occurrence_values(plant: Plant, it: Occurrence) -> Values:
    """The columns of an occurrence."""
    return {
        "plant_id": plant.id,
        "obligation": it.obligation,
        "subject": it.subject,
        "period": it.period,
        "code": it.code,
        **_both("title", it.title),
        "clause": it.clause,
        "strength": it.strength,
        "opens": it.opens,
        "due": it.due,
        "effective_workday": it.effective_workday,
        "provisional": it.provisional,
        "state": it.state.value,
        "done_on": it.done_on,
        **_both("derivation", it.derivation),
        "owner": it.owner,
        "approver": it.approver,
        "rule_digest": it.rule_digest,
        "anchor": it.anchor,
        "ruleset": it.ruleset,
        "numbers": json.dumps(dict(it.numbers), sort_keys=True),
    }


def occurrence_of(row: SqlRow[Any]) -> Occurrence:
    """The occurrence of a row. What thousands of them have in common is kept once, for a judgement holds them all."""
    return Occurrence(
        obligation=intern(row.obligation),
        code=intern(row.code),
        title=Text(intern(row.title_zh), intern(row.title_en)),
        clause=intern(row.clause),
        strength=intern(row.strength),
        subject=intern(row.subject),
        period=intern(row.period),
        opens=row.opens,
        due=row.due,
        effective_workday=row.effective_workday,
        provisional=row.provisional,
        state=OccurrenceState(row.state),
        done_on=row.done_on,
        derivation=Text(row.derivation_zh, row.derivation_en),
        owner=intern(row.owner),
        approver=row.approver and intern(row.approver),
        rule_digest=intern(row.rule_digest),
        anchor=row.anchor,
        ruleset=intern(row.ruleset or ""),
        numbers=_numbers(row.numbers or "{}"),
    )


@lru_cache(maxsize=1000)
def _numbers(text: str) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(json.loads(text).items()))


def finding_values(plant: Plant, stored: StoredFinding) -> Values:
    """The columns of a finding, without its id."""
    it = stored.found
    return {
        "plant_id": plant.id,
        "situation": it.situation,
        "subject": it.subject,
        "period": it.period,
        "rule": it.rule,
        **_both("title", it.title),
        "clause": it.clause,
        "strength": it.strength,
        "note": it.note,
        "category": it.category,
        "grade": it.grade,
        **_both("message", it.message),
        **_both("remedy", it.remedy),
        "facts": facts_text(it.facts),
        "ticket": it.ticket,
        "rule_digest": it.rule_digest,
        "ruleset": it.ruleset,
        "first_seen": stored.first_seen,
        "withdrawn": stored.withdrawn,
        "nonconformity": stored.nonconformity,
    }


def finding_of(row: SqlRow[Any]) -> StoredFinding:
    """The finding of a row."""
    found = Found(
        situation=row.situation,
        rule=row.rule,
        title=Text(row.title_zh, row.title_en),
        clause=row.clause,
        strength=row.strength,
        subject=row.subject,
        period=row.period,
        note=row.note,
        category=row.category,
        grade=row.grade,
        message=Text(row.message_zh, row.message_en),
        remedy=Text(row.remedy_zh, row.remedy_en),
        facts=facts_of(row.facts),
        ticket=row.ticket,
        rule_digest=row.rule_digest,
        ruleset=row.ruleset or "",
    )
    return StoredFinding(
        id=row.id,
        found=found,
        first_seen=row.first_seen,
        withdrawn=row.withdrawn,
        nonconformity=row.nonconformity,
    )


def nonconformity_values(plant: Plant, it: Nonconformity) -> Values:
    """The columns of a nonconformity."""
    return {
        "plant_id": plant.id,
        "number": it.number,
        "rule": it.rule,
        "group": it.group,
        **_both("title", it.title),
        "category": it.category,
        "grade": it.grade,
        "state": it.state,
        "opened": it.opened,
        "origin": it.origin,
    }


def nonconformity_of(row: SqlRow[Any]) -> Nonconformity:
    """The nonconformity of a row."""
    return Nonconformity(
        number=row.number,
        rule=row.rule,
        group=row.group,
        title=Text(row.title_zh, row.title_en),
        category=row.category,
        grade=row.grade,
        state=row.state,
        opened=row.opened,
        origin=row.origin,
    )


def facts_text(facts: Sequence[Mapping[str, FactValue]]) -> str:
    """The facts of a finding as JSON that gives every value its type back; days are ``{"day": …}``."""
    tagged = [{name: _tagged(value) for name, value in fact.items()} for fact in facts]
    return json.dumps(tagged, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def facts_of(text: str) -> tuple[Mapping[str, FactValue], ...]:
    """The facts that :func:`facts_text` wrote."""
    return tuple({name: _untagged(v) for name, v in fact.items()} for fact in json.loads(text))


def _tagged(value: FactValue) -> object:
    return {_DAY: value.isoformat()} if isinstance(value, date) else value


def _untagged(value: Any) -> FactValue:  # noqa: ANN401 - what JSON yields
    if isinstance(value, dict):
        return date.fromisoformat(value[_DAY])
    plain: str | int | bool | None = value
    return plain


def _both(name: str, text: Text) -> Values:
    return {f"{name}_zh": text.zh, f"{name}_en": text.en}
