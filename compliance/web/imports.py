"""Importing a workbook, with its report or every problem at once; and the pulse that judges anew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import cast

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from compliance.core.lists import LeafQuery
from compliance.core.permissions import Permission
from compliance.core.ports import Progress
from compliance.kernel.errors import ComplianceError
from compliance.web import access, asked, exports, files
from compliance.web.errors import status_of
from compliance.web.i18n import _, day, said
from compliance.web.services import Imported
from compliance.web.uploads import Result, Step, Uploads

blueprint = Blueprint("imports", __name__)

_LONGEST_REASON = 1000
_IMPORT = "plant:import"


@blueprint.get("/p/<plant>/import")
def form() -> ResponseReturnValue:
    """The form, with the latest imports below it."""
    return _form()


@blueprint.post("/p/<plant>/import")
@access.needs(Permission.IMPORT)
def upload() -> ResponseReturnValue:
    """Import the uploaded workbook, all or nothing, and go to the result."""
    file = request.files.get("workbook")
    if file is None or not file.filename:
        return _form(problem=_("请选择要导入的工作簿文件（.xlsx）")), 400
    if not file.filename.lower().endswith(".xlsx"):
        return _form(problem=_("只接受 .xlsx 工作簿")), 400
    try:
        imported = _import(file)
    except ComplianceError as error:
        return _form(problem=said(error.message)), status_of(error)
    bundle, card = access.services(), access.card()
    result = Result(access.person().id, card.plant.id, files.clean_name(file.filename), bundle.clock.today(), imported)
    return redirect(url_for("imports.result", name=_uploads().keep(result)), 303)


@blueprint.get("/p/<plant>/import/progress/<upload>")
def progress(upload: str) -> ResponseReturnValue:
    """How far an upload of mine is."""
    step = _uploads().step(access.person().id, upload)
    return jsonify({"done": step.done, "of": step.of, "what": step.what} if step else {})


@blueprint.get("/p/<plant>/import/results/<name>")
def result(name: str) -> ResponseReturnValue:
    """The report of an import, or every problem of the workbook."""
    return render_template("import_result.html", result=_result(name), name=name)


@blueprint.get("/p/<plant>/import/results/<name>/problems.xlsx")
def problems(name: str) -> ResponseReturnValue:
    """The problems as a workbook, to work through beside the file."""
    found = _result(name)
    rows = ((p.sheet, p.row, p.column, p.message.zh, p.message.en) for p in found.imported.problems)
    headings = (_("工作表"), _("行"), _("列"), _("问题"), "Problem")
    return exports.workbook(f"import-problems-{found.day:%Y%m%d}.xlsx", _("导入问题"), headings, rows)


@blueprint.post("/p/<plant>/reconcile")
@access.needs(Permission.RECONCILE)
def reconcile() -> ResponseReturnValue:
    """Judge up to today and store what follows."""
    bundle, plant = access.services(), access.card().plant
    done = bundle.reconciler(plant, actor=access.actor())
    flash(
        _(
            "对账完成，判断截至 %(day)s：新发现 %(opened)s 项，消除 %(closed)s 项",
            day=day(done.end),
            opened=done.opened,
            closed=done.closed,
        )
    )
    return redirect(url_for("work.queue"), 303)


def progress_to(upload: str) -> Progress:
    """Where long work after an upload tells how far it is; the page of the upload asks for it."""
    person, uploads, name = access.person(), _uploads(), upload[:64]

    def told(done: int, of: int, what: str) -> None:
        if name:
            uploads.report(person.id, name, Step(done, of, what))

    return told


def _form(problem: str = "") -> str:
    bundle, plant = access.services(), access.card().plant
    recent = bundle.lists.trail(plant, LeafQuery(action=_IMPORT, limit=10, after=asked.word("after")))
    return render_template("import.html", problem=problem, recent=recent)


def _import(file: FileStorage) -> Imported:
    bundle = access.services()
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        path = Path(folder) / "workbook.xlsx"
        file.save(path)
        return bundle.importer(
            path,
            name=files.clean_name(file.filename),
            plant=access.card().plant,
            actor=access.actor(),
            reason=request.form.get("reason", "").strip()[:_LONGEST_REASON],
            progress=progress_to(request.form.get("upload", "")),
        )


def _result(name: str) -> Result:
    found = _uploads().result(name, user=access.person().id, plant=access.card().plant.id)
    if found is None:
        abort(404)
    return found


def _uploads() -> Uploads:
    return cast("Uploads", current_app.extensions["compliance-uploads"])
