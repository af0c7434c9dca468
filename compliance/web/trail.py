"""The audit trail of a plant: every act, its leaf and hash, and the rows that facts rest on."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.core.judged import OCCURRENCE
from compliance.core.lists import LARGEST_EXPORT, LeafQuery
from compliance.web import access, asked, exports, labels, sources
from compliance.web.i18n import _

blueprint = Blueprint("trail", __name__)


@blueprint.get("/p/<plant>/trail")
def listing() -> ResponseReturnValue:
    """The leaves, newest first; of one object, act or actor when the address says so."""
    query = _query()
    return render_template(
        "trail.html",
        query=query,
        page=access.services().lists.trail(access.card().plant, query),
        active=sum(bool(part) for part in (query.object_type, query.object_id, query.action, query.actor)),
    )


@blueprint.get("/p/<plant>/trail.xlsx")
def export() -> ResponseReturnValue:
    """The same leaves as a workbook, all pages, with their whole hashes."""
    bundle = access.services()
    page = bundle.lists.trail(access.card().plant, replace(_query(), after="", limit=LARGEST_EXPORT))
    headings = (
        _("序号"), _("时间"), _("操作"), _("操作人"), _("身份"), _("对象类型"), _("对象编号"), _("原因"), _("哈希"),
    )  # fmt: skip
    rows = (
        (
            leaf.seq, leaf.occurred, labels.action(leaf.action), leaf.actor_name, labels.role(leaf.role),
            leaf.object_type, leaf.object_id, leaf.reason, leaf.hash,
        )
        for leaf in page.rows
    )  # fmt: skip
    name = f"trail-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("审计追踪"), headings, rows)


def _query() -> LeafQuery:
    return LeafQuery(
        object_type=asked.word("type"),
        object_id=asked.word("id"),
        action=asked.word("action"),
        actor=asked.word("actor"),
        after=asked.word("after"),
    )


@blueprint.get("/p/<plant>/trail/<int:seq>")
def leaf(seq: int) -> ResponseReturnValue:
    """One leaf in full."""
    found = access.services().lists.leaf(access.card().plant, seq)
    if found is None:
        abort(404)
    return render_template("leaf.html", leaf=found, about=sources.case_address(found.object_type, found.object_id))


@blueprint.get("/p/<plant>/data/<table>/<path:key>")
def source(table: str, key: str) -> ResponseReturnValue:
    """One row of a sheet, as the register holds it now; an occurrence has a page of its own."""
    bundle, plant = access.services(), access.card().plant
    parts = key.split(sources.SEPARATOR)
    if table == OCCURRENCE:
        number = bundle.lists.occurrence_number(plant, parts)
        if number is None:
            abort(404)
        return redirect(url_for("obligations.occurrence", number=number))
    found = sources.find(table)
    row = bundle.lists.source(plant, table, parts) if found else None
    if found is None or row is None:
        abort(404)
    shown = key.replace(sources.SEPARATOR, " · ")
    return render_template(
        "source.html", sheet=found.SHEET, cells=sources.cells(found, row), key=shown, about=f"{table}:{key}"
    )
