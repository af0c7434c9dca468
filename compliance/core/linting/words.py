"""Words that no column, item or field admits: a condition that waits for one never holds."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.core.model import CompanyItem, Event, Instrument
from compliance.kernel.text import Text
from compliance.rulebase.linting import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import FILE, obligation, rule
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Applicability, Obligation, OnEvent, Rule, Vocabulary, Word, Workflow


def _unknown(setting: Setting) -> Iterator[Seen]:
    base = setting.base
    for duty in base.of(Obligation):
        if isinstance(duty.cadence, OnEvent):
            yield from _each(duty, "cadence", duty.cadence.types, _zh(base, Event.SHEET.column("type").vocabulary))
        yield from _each(duty, "applies_if", duty.applies_if, _items(base))
        yield from _where(base, duty)
    for outside in base.of(Applicability):
        yield from _each(outside, "unless", outside.unless, _items(base))
    for workflow in base.of(Workflow):
        yield from _steps(base, workflow)


def _where(base: RuleBase, duty: Obligation) -> Iterator[Seen]:
    columns = {column.name: column.vocabulary for column in Instrument.SHEET.columns}
    yield from _each(duty, "where", duty.where, set(columns))
    for name, word in duty.where.items():
        if columns.get(name):
            yield from _each(duty, f"where.{name}", [str(word)], _zh(base, columns[name]))


def _steps(base: RuleBase, workflow: Workflow) -> Iterator[Seen]:
    """What a step waits for is a word of its field; a field takes ids of words."""
    for step in workflow.steps:
        yield from _each(workflow, f"{step.id}.when", step.when, {field.id for field in workflow.fields})
        for name, value in step.when.items():
            field = workflow.field(name)
            if field is not None and field.vocabulary:
                known = {word.id for word in _words(base, field.vocabulary)}
                yield from _each(workflow, f"{step.id}.when.{name}", [str(value)], known)


def _each(rule_: Rule, at: str, given: object, known: set[str]) -> Iterator[Seen]:
    for word in (str(word) for word in given if str(word) not in known):  # type: ignore[attr-defined] # any collection
        hint = suggestion(word, known)
        text = Text(f"{at}：没有“{word}”；{hint.zh}", f"{at}: there is no '{word}'; {hint.en}")
        yield Seen(rule_, text, at=f"{at} {word}")


def _items(base: RuleBase) -> set[str]:
    """Items of the plant's profile, by their ids or as the workbook writes them."""
    words = _words(base, CompanyItem.SHEET.column("item").vocabulary)
    return {name for word in words for name in (word.id, word.zh)}


def _zh(base: RuleBase, vocabulary: str) -> set[str]:
    return {word.zh for word in _words(base, vocabulary)}


def _words(base: RuleBase, vocabulary: str) -> list[Word]:
    """The words of a vocabulary in any of its wordings, those that only people enter among them."""
    return [word for v in base.of(Vocabulary) if vocabulary in (v.id, v.widens) for word in v.words]


def _vocabulary(name: str, *words: str) -> str:
    listed = ", ".join(f'{{ id = "{word}", zh = "{word}", en = "{word}" }}' for word in words)
    return rule(f"vocabulary.{name}", f"words = [{listed}]")


def _on_event(word: str) -> str:
    body = f"""
code = "X-1"
cadence = {{ on_event = ["{word}"] }}
due = {{ kind = "days-after", days = 9 }}
opens = {{ kind = "on-event" }}
evidence = {{ by = "event" }}
owner = "clerk"
"""
    return rule("obligation.after", body)


_EVENTS = _vocabulary(Event.SHEET.column("type").vocabulary, "fire", "flood")
_ITEMS = _vocabulary(CompanyItem.SHEET.column("item").vocabulary, "kiln")
_MONTHLY = '{ kind = "period-end" }'

CHECK = Check(
    id="word-unknown",
    title=Text("无处可填的词语", "A word that nothing admits"),
    severity=Severity.ERROR,
    run=_unknown,
    firing=(
        FILE + _EVENTS + _on_event("fier"),
        FILE + _ITEMS + obligation("report", _MONTHLY, more='applies_if = { kilns = "yes" }'),
        FILE + obligation("report", _MONTHLY, more='where = { colour = "red" }'),
    ),
    silent=(
        FILE + _EVENTS + _on_event("flood"),
        FILE + _ITEMS + obligation("report", _MONTHLY, more='applies_if = { kiln = "yes" }'),
    ),
)
