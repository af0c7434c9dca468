"""What the source leaves open in a rule, so that its value here is a default of the plant's choice."""

from __future__ import annotations

from compliance.kernel.text import Text
from compliance.rulebase.schema import Obligation, Parameter, Rule

#: The members of an obligation that may be the plant's choice, in words.
_NAMES = {
    "cadence": Text("周期", "how often"),
    "due": Text("到期日", "the due day"),
    "owner": Text("责任岗位", "the owner"),
    "approver": Text("批准岗位", "the approver"),
}


def choices_of(rule: Rule) -> tuple[Text, ...]:
    """What of a rule the plant chooses; nothing where the source says it all."""
    match rule:
        case Obligation(choices=choices):
            return tuple(_NAMES[choice] for choice in choices)
        case Parameter(demanded="", default=default, unit=unit, code=code):
            where = Text(f"，代码 {code}", f", code {code}") if code else Text("", "")
            given = f"{default} {unit}"
            return (Text(f"数值（默认 {given}{where.zh}）", f"the value (default {given}{where.en})"),)
        case _:
            return ()
