"""Why a due day is that day: the steps of an occurrence, retraced from the rule and the plant's values.

The register keeps the sentence of a derivation; the steps are retraced from the wording that made it, and are told
only where they lead to that very sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from compliance.core.judged import Occurrence
from compliance.rulebase.calendar import AfterCompletion, Anchor, OfEvent, OfPeriod, OfRecordDay, Period, WorkCalendar
from compliance.rulebase.deriving import Derivation, Sources, Step, derive
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Calendar, Obligation, OnEvent, Periodic, Rolling


class Arguing:
    """Retraces occurrences of one plant."""

    def __init__(self, rulebase: RuleBase, plant_values: Mapping[str, Decimal]) -> None:
        """Take the rules and the plant's own values."""
        self._rulebase = rulebase
        self._sources = Sources(rulebase, plant_values)
        self.calendar = WorkCalendar(rulebase.of(Calendar))

    def of(self, one: Occurrence) -> Derivation | None:
        """The derivation of an occurrence; None where today's rules and values no longer lead to it."""
        rule = self._wording(one)
        if rule is None:
            return None
        found = (derive(rule, anchor, self._sources, self.calendar) for anchor in anchors_of(rule, one))
        return next((d for d in found if (d.when.due, d.when.derivation) == (one.due, one.derivation)), None)

    def steps(self, one: Occurrence) -> list[dict[str, object]] | None:
        """The steps as programs read them."""
        found = self.of(one)
        return [told(step) for step in found.steps] if found else None

    def _wording(self, one: Occurrence) -> Obligation | None:
        wordings = self._rulebase.wordings(Obligation, one.obligation)
        return next((rule for rule in wordings if rule.digest == one.rule_digest), None)


def told(step: Step) -> dict[str, object]:
    """A step as programs read it."""
    return {"step": step.kind.value, "day": step.day, "text": step.text, **step.parts}


def anchors_of(rule: Obligation, one: Occurrence) -> Iterable[Anchor]:
    """The days from which the occurrence may have been counted; a rolling one with or without a completion."""
    match rule.cadence:
        case Periodic():
            return _of_period(one.period)
        case Rolling():
            return AfterCompletion(one.anchor), AfterCompletion(one.anchor, baseline=True)
        case OnEvent():
            return (OfEvent(one.anchor),)
    return (OfRecordDay(one.anchor),)


def _of_period(period: str) -> Iterator[Anchor]:
    try:
        yield OfPeriod(Period.parse(period))
    except ValueError:
        return
