"""The audit trail of a plant: every act, its leaf and hash, and the rows that facts rest on."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from compliance.core.judged import OCCURRENCE
from compliance.core.lists import LeafQuery
from compliance.web import access, asked, sources

blueprint = Blueprint("trail", __name__)


@blueprint.get("/p/<plant>/trail")
def listing() -> ResponseReturnValue:
    """The leaves, newest first; of one object, act or actor when the address says so."""
    query = LeafQuery(
        object_type=asked.word("type"),
        object_id=asked.word("id"),
        action=asked.word("action"),
        actor=asked.word("actor"),
        after=asked.word("after"),
    )
    return render_template(
        "trail.html",
        query=query,
        page=access.services().lists.trail(access.card().plant, query),
        active=sum(bool(part) for part in (query.object_type, query.object_id, query.action, query.actor)),
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
