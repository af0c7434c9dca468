"""台账: how fresh each ledger of the plant is, what is overdue in it by which rule, and what is due next."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from compliance.core.judged import OccurrenceState
from compliance.core.ledgers import Keeping
from compliance.web import access, exports
from compliance.web.i18n import _, said
from compliance.web.labels import Chip

blueprint = Blueprint("ledgers", __name__)


@blueprint.get("/p/<plant>/ledgers")
def listing() -> ResponseReturnValue:
    """Every ledger."""
    found = access.services().ledgers.of(access.card().plant)
    return render_template(
        "ledgers.html",
        rows=found,
        counts={one: sum(row.standing is one for row in found) for one in Keeping},
        chip_of=chip_of,
        late=OccurrenceState.OVERDUE.value,
    )


@blueprint.get("/p/<plant>/ledgers.xlsx")
def export() -> ResponseReturnValue:
    """The same as a workbook."""
    bundle, card = access.services(), access.card()
    headings = (
        _("编号"), _("台账名称"), _("条款"), _("数据至"), _("行数"), _("状态"), _("逾期"), _("逾期自"), _("下一到期日"),
    )  # fmt: skip
    rows = (
        (
            one.rule.code, said(one.rule.title), one.rule.source.clause, one.kept.newest or "", one.kept.rows,
            chip_of(one.standing).text,
            "；".join(f"{said(d.rule.title)} {d.rule.source.clause} × {d.overdue}" for d in one.overdue),
            min((d.since for d in one.overdue if d.since), default=None), one.next,
        )
        for one in bundle.ledgers.of(card.plant)
    )  # fmt: skip
    name = f"ledgers-{access.ref(card)}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("台账"), headings, rows)


def chip_of(standing: Keeping) -> Chip:
    """Whether a ledger is kept current."""
    chips = {
        Keeping.CURRENT: (_("及时"), "✓", "good"),
        Keeping.BEHIND: (_("未及时更新"), "!", "bad"),
        Keeping.EMPTY: (_("尚无记录"), "○", "calm"),
    }
    return Chip(*chips[standing])
