"""企业集团: every plant of a person side by side, sorted and filtered, and as a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from compliance.core.desk import PlantView
from compliance.core.judged import NONCONFORMITY
from compliance.web import access, asked, exports
from compliance.web.book import book
from compliance.web.i18n import _

blueprint = Blueprint("grouped", __name__)

#: By what the plants are sorted: the worst first; plants without a day stand where they are least worth a look.
_ORDERS: Mapping[str, Callable[[PlantView], Any]] = {
    "name": attrgetter("plant.name"),
    "worst": lambda v: v.worst or date.max,
    "overdue": lambda v: -v.overdue,
    "week": lambda v: -v.within_week,
    "nonconformities": lambda v: -v.nonconformities,
    "late": lambda v: -v.late_actions,
    "unsigned": lambda v: -v.unsigned,
    "recorded": lambda v: v.recorded or date.min,
}


def page() -> str:
    """The page of the group."""
    views, order, find = _asked()
    return render_template(
        "group.html", views=views, grades=_grades(views), order=order, find=find, book=book(), orders=_orders()
    )


@blueprint.get("/group.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook."""
    views, _order, _find = _asked()
    grades, rules, today = _grades(views), book(), access.services().clock.today()
    headings = [
        _("企业"), _("统一社会信用代码"), _("最早逾期"), _("已逾期"), _("7 天内到期"), _("未消除的发现"),
        *(_("未关闭不符合项：%(grade)s", grade=rules.grade(g)) for g in grades),
        _("超期的纠正措施"), _("未批准月份"), _("数据记录至"), _("判断截至"),
    ]  # fmt: skip
    rows = (
        (
            v.plant.name, v.plant.key, v.worst, v.overdue, v.within_week, v.findings,
            *(v.grades.get(g, 0) for g in grades), v.late_actions, v.unsigned, v.recorded, v.plant.mark,
        )
        for v in views
    )  # fmt: skip
    return exports.workbook(f"group-{today:%Y%m%d}.xlsx", _("企业集团"), headings, rows)


def _asked() -> tuple[Sequence[PlantView], str, str]:
    bundle = access.services()
    order, find = asked.word("sort"), asked.word("find")
    views = bundle.lists.group_view(access.person().id, bundle.clock.today(), book().settled(NONCONFORMITY))
    kept = [v for v in views if not find or find.lower() in f"{v.plant.name} {v.plant.key} {v.plant.short}".lower()]
    return sorted(kept, key=_ORDERS[order]) if order in _ORDERS else kept, order, find


def _grades(views: Sequence[PlantView]) -> list[str]:
    """Grades as the rule base orders them, then others that occur."""
    known = list(book().grades)
    return known + sorted({g for v in views for g in v.grades} - set(known))


def _orders() -> list[tuple[str, str]]:
    return [
        ("name", _("企业")),
        ("worst", _("最早逾期")),
        ("overdue", _("已逾期")),
        ("week", _("7 天内到期")),
        ("nonconformities", _("未关闭的不符合项")),
        ("late", _("超期的纠正措施")),
        ("unsigned", _("未批准月份")),
        ("recorded", _("数据记录至")),
    ]
