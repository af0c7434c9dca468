"""Blocks ``[workflow.id]``: states, fields and steps of a case."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.obligations import reminders
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import (
    ActionReminders,
    CaseField,
    CaseState,
    CaseStep,
    FieldType,
    Scalar,
    Timed,
    Workflow,
)


def workflow(table: Table, common: Common) -> Workflow:
    """Read one workflow."""
    return Workflow(
        **common,
        applies_to=table.text("applies_to"),
        start=table.text("start"),
        states=tuple(_state(row) for row in table.tables("states")),
        fields=tuple(_field(row) for row in table.tables("fields")),
        steps=tuple(_step(row) for row in table.tables("steps")),
        reminders=_reminders(table.table("remind", optional=True)),
        requests=_timed(table, "requests"),
        recalls=_timed(table, "recalls"),
    )


def _reminders(table: Table) -> ActionReminders:
    return ActionReminders(table.strings("states", optional=True, empty=True), reminders(table))


def _timed(table: Table, key: str) -> Timed | None:
    if key not in table:
        return None
    member = table.table(key)
    return Timed(member.whole("days", least=1), reminders(member))


def _state(table: Table) -> CaseState:
    return CaseState(table.text("id"), table.languages(), table.flag("final", default=False))


def _field(table: Table) -> CaseField:
    kind = table.choice("type", FieldType, FieldType.TEXT)
    vocabulary = table.text("vocabulary", "", empty=True)
    if bool(vocabulary) != (kind is FieldType.CHOICE):
        table.wrong("vocabulary", "只有 choice 字段须给出词表", "a choice names its vocabulary, no other field does")
    beside = {key: _days(table, key) for key in ("not_after", "not_before", "later_than")}
    if any(beside.values()) and kind is not FieldType.DAY:
        wrong = next(key for key, days in beside.items() if days)
        table.wrong(wrong, "只有 day 字段可与其他日期比较", "a day is held against other days, no other field is")
    return CaseField(table.text("id"), table.languages(), kind, vocabulary, **beside)


def _days(table: Table, key: str) -> tuple[str, ...]:
    """One word or several: ``today`` or fields that hold days."""
    if isinstance(table.data.get(key), str):
        return (table.text(key),)
    return table.strings(key, optional=True, empty=True)


def _step(table: Table) -> CaseStep:
    return CaseStep(
        id=table.text("id"),
        title=table.languages(),
        from_=table.strings("from"),
        to=table.text("to"),
        by=table.strings("by"),
        not_by=table.strings("not_by", optional=True, empty=True),
        not_for=table.strings("not_for", optional=True, empty=True),
        needs=table.strings("needs", optional=True, empty=True),
        offers=table.strings("offers", optional=True, empty=True),
        when=_scalars(table, "when"),
        copies={name: str(value) for name, value in _scalars(table, "copies").items()},
        sign=table.both("sign") if "sign" in table else None,
        reason=table.flag("reason", default=False),
    )


def _scalars(table: Table, key: str) -> Mapping[str, Scalar]:
    found: dict[str, Scalar] = {}
    for name, value in table.values(key).items():
        if isinstance(value, str | int | bool):
            found[name] = value
        else:
            table.wrong(
                f"{key}.{name}", "应为文字、整数或 true/false", "should be a text, a whole number or true/false"
            )
    return found
