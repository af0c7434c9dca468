"""Posts that the rules ask for and nobody in the plant holds."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.core.linting.chains import Duty
from compliance.core.linting.plant_checks import CHAIN, POSTS, Case, PlantCheck, PlantRemark, post_title
from compliance.core.linting.staff import PlantSetting
from compliance.kernel.text import Text
from compliance.rulebase.linting.examples import FILE, obligation
from compliance.rulebase.linting.references import names_in
from compliance.rulebase.rulebase import KINDS
from compliance.rulebase.schema import Approval, Document, Obligation, Post, Rule


def _vacant(check: PlantCheck, setting: PlantSetting) -> Iterator[PlantRemark]:
    applies = setting.applying()
    asked: dict[str, list[Rule]] = {}
    for kind in (Obligation, Approval, Document):
        for one in (r for r in setting.base.in_force(kind, setting.day) if applies(r)):
            for name in dict.fromkeys(n.id for n in names_in(one) if KINDS[n.kind] is Post):
                asked.setdefault(name, []).append(one)
    for name, rules in asked.items():
        title = post_title(setting, name)
        if not setting.staff.holders(name):
            zh, en = (
                f"无人任“{title.zh}”，{len(rules)} 条规则需要",
                f"Nobody is {title.en}; rules that ask for it: {len(rules)}",
            )
            duty = Duty(title, (name,), anybody=False)
            yield PlantRemark(
                check=check.id, title=check.title, rules=tuple(rules), what=title, message=Text(zh, en), duties=(duty,)
            )


_DUE = '{ kind = "period-end" }'

CHECK = PlantCheck(
    id="post-vacant",
    title=Text("无人担任的岗位", "A post that nobody holds"),
    run=_vacant,
    firing=(
        Case(FILE + POSTS + obligation("report", _DUE), {"li": ("boss",)}),
        Case(FILE + POSTS + CHAIN, {"li": ("boss",), "wang": ()}),
    ),
    silent=(
        Case(FILE + POSTS + obligation("report", _DUE), {"li": ("clerk",)}),
        Case(FILE + POSTS + obligation("report", _DUE, more='applies_if = { kiln = "yes" }'), {"li": ("boss",)}),
    ),
)
