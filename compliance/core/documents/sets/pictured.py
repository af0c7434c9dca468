"""Pictures from the register: who answers for what, which boundary counts which source, and figures month by month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

from compliance.core.documents import pictures
from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import Asked, DataSet, Speaks, unit
from compliance.core.documents.sets.computed import adds, codes, column
from compliance.core.documents.sets.organisation import leads
from compliance.core.documents.values import DRAWN, Names, Value
from compliance.core.figures.quantities import months_over
from compliance.core.model import SHEETS, Department, EmissionSource, PersonPeriod
from compliance.core.people import SEPARATOR, listed
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Post, Scope

_YES_NO = "yes-no"
_RINGS = ("in_management", "in_enterprise", "in_ets")
#: Length of the month's number in an ISO month.
_MONTH = len("12")


def _organisation(asked: Asked) -> Mapping[str, Value]:
    """Who approves, reviews and draws up this document, one under the other, and the departments below them.

    The department that leads carbon management stands out and says so (A.1.3).
    """
    rule = asked.frame.rule
    levels = [_post(asked, post) for post in (rule.approver, rule.countersigner, rule.reviewer, rule.author) if post]
    rows = asked.data.rows(Department)
    leading = [n for n, row in enumerate(rows) if leads(asked, row)]
    mark = Department.SHEET.column("leads").heading
    departments = [[row.name or row.number, *([mark] if n in leading else [])] for n, row in enumerate(rows)]
    return {"organisation_chart": {"picture": pictures.tree(_ORGANISATION.zh, levels, departments, strong=leading)}}


def _post(asked: Asked, post_id: str) -> list[str]:
    post = asked.rulebase.nearest(Post, post_id, asked.day)
    words = post.words if post else ()
    here = [p for p in asked.data.rows(PersonPeriod) if p.since <= asked.day and (not p.until or p.until >= asked.day)]
    names = dict.fromkeys(asked.people.name(p.account) for p in here if not set(words).isdisjoint(listed(p.posts)))
    return [post.title.zh if post else post_id, SEPARATOR.join(names) or EMPTY]


def _boundary(asked: Asked) -> Mapping[str, Value]:
    """Three boundaries in one another; each source stands in the narrowest one that counts it."""
    yes = asked.word(_YES_NO, "yes")
    rings: dict[str, list[str]] = {name: [] for name in _RINGS}
    for row in asked.data.rows(EmissionSource):
        inmost = next((name for name in reversed(_RINGS) if getattr(row, name) == yes), None)
        if inmost:
            rings[inmost].append(f"{row.number} {row.category or ''}")
    shown = [(EmissionSource.SHEET.column(name).heading, items) for name, items in rings.items()]
    return {"boundary": {"picture": pictures.nested(_BOUNDARY.zh, shown)}}


def _chart_names(rulebase: RuleBase, _per: str) -> Names:
    return {"charts": dict.fromkeys(map(column, codes(rulebase)), DRAWN)}


def _charts(asked: Asked) -> Mapping[str, Value]:
    """Every figure of the plant over the months of the document's year; of amounts that lines have, their sum."""
    over = [m for m in months_over(asked.data.data_start, asked.data.data_end) if m.startswith(asked.year)]
    of_plant: dict[tuple[str, str], Decimal] = {}
    of_lines: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for figure in asked.computed.figures:
        if figure.line is None:
            of_plant[figure.code, figure.period] = figure.value
        else:
            of_lines[figure.code, figure.period] += figure.value
    drawn: dict[str, Value] = {}
    for code, rule in codes(asked.rulebase).items():
        values = of_plant if Scope.PLANT in rule.objects else of_lines if adds(rule) else {}
        shown = [(month[-_MONTH:], values[code, month]) for month in over if (code, month) in values]
        drawn[column(code)] = pictures.bars(f"{asked.year} {rule.title.zh}", unit(rule.unit), shown)
    return {"charts": drawn}


_ORGANISATION, _BOUNDARY = Text("组织架构", "organisation"), Text("边界", "boundaries")

PICTURED_SETS: Mapping[str, DataSet] = {
    "organisation_chart": DataSet(
        lambda _r, _p: {"organisation_chart": {"picture": DRAWN}},
        _organisation,
        (Department, PersonPeriod),
        "",
        Speaks.STANDING,
    ),
    "boundary": DataSet(
        lambda _r, _p: {"boundary": {"picture": DRAWN}}, _boundary, (EmissionSource,), "", Speaks.STANDING
    ),
    "charts": DataSet(_chart_names, _charts, tuple(SHEETS)),
}
