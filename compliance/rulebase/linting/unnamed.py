"""Posts and parameters that no rule names: nothing depends on them."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity
from compliance.rulebase.linting.examples import FILE, obligation, post, rule
from compliance.rulebase.linting.references import names_in
from compliance.rulebase.rulebase import KINDS
from compliance.rulebase.schema import Parameter, Post


def _unnamed(setting: Setting) -> Iterator[Seen]:
    named = {(n.kind, n.id) for kind in KINDS.values() for rule in setting.base.of(kind) for n in names_in(rule)}
    for kind in (Post, Parameter):
        for one in setting.base.of(kind):
            if (one.kind, one.id) not in named:
                yield Seen(one, Text("没有规则提到它", "no rule names it"))


_DUE = '{ kind = "period-end" }'
_DAYS = 'code = "DAYS"\ndefault = 1\nunit = "d"'

CHECK = Check(
    id="rule-unnamed",
    title=Text("没有规则提到的岗位或参数", "A post or parameter that no rule names"),
    severity=Severity.WARNING,
    run=_unnamed,
    firing=(
        FILE + post("clerk") + post("boss") + obligation("report", _DUE),
        FILE + rule("parameter.days", _DAYS),
    ),
    silent=(
        FILE + post("clerk") + obligation("report", _DUE),
        FILE
        + post("clerk")
        + rule("parameter.days", _DAYS)
        + obligation("report", '{ kind = "days-after", days = { parameter = "days" } }'),
    ),
)
