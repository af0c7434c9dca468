"""Approvals that no set of different persons of the plant can get through."""

from __future__ import annotations

from compliance.core.linting.chains import approvals
from compliance.core.linting.plant_checks import CHAIN, POSTS, Case, PlantCheck
from compliance.core.linting.sticking import stuck
from compliance.kernel.text import Text
from compliance.rulebase.linting.examples import FILE

CHECK = PlantCheck(
    id="approval-stuck",
    title=Text("人手不足、无法完成的审批", "An approval with too few hands"),
    run=stuck(approvals),
    firing=(
        Case(FILE + POSTS + CHAIN, {"li": ("clerk", "boss"), "wang": (), "zhao": ()}),
        Case(FILE + POSTS + CHAIN, {"li": ("clerk",), "wang": ("boss",)}),
    ),
    silent=(
        Case(FILE + POSTS + CHAIN, {"li": ("clerk", "boss"), "wang": ("boss",), "zhao": ()}),
        Case(FILE + POSTS + CHAIN, {"li": ("clerk",), "wang": ("boss",), "zhao": ()}),
    ),
)
