"""Kinds of cases that no set of different persons of the plant can bring to an end."""

from __future__ import annotations

from compliance.core.linting.chains import cases
from compliance.core.linting.plant_checks import FLOW, POSTS, Case, PlantCheck
from compliance.core.linting.sticking import stuck
from compliance.kernel.text import Text
from compliance.rulebase.linting.examples import FILE, obligation

_DUE = '{ kind = "period-end" }'
CHECK = PlantCheck(
    id="case-stuck",
    title=Text("人手不足、无法办结的事项", "A case with too few hands"),
    run=stuck(cases),
    firing=(
        Case(FILE + POSTS + FLOW + obligation("report", _DUE, more='approver = "boss"'), {"li": ("clerk", "boss")}),
    ),
    silent=(
        Case(
            FILE + POSTS + FLOW + obligation("report", _DUE, more='approver = "boss"'),
            {"li": ("clerk", "boss"), "wang": ("clerk",)},
        ),
    ),
)
