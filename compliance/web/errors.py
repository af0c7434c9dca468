"""Errors as pages (and as JSON where JSON was asked for). The HTTP status of a refusal is known here alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError

from compliance.core.absences import MayNotSetAbsence, NoSuchAbsence
from compliance.core.accounts import CodeRefused, ProofRefused, TooManyTries
from compliance.core.cases import MayNotRaise, NoSuchCase, SignatureRefused
from compliance.core.documents.copies import SameHand
from compliance.core.documents.readers import NotAsked
from compliance.core.duties import MayNotTake
from compliance.core.factors import SamePerson
from compliance.core.jobs import NoSuchJob, NotYourJob
from compliance.core.lists import BadPosition
from compliance.core.permissions import MayNot
from compliance.core.proposals import NoSuchProposal, NotForTheGroup, OwnProposal
from compliance.core.roster import NotYours
from compliance.core.templates import NoSuchTemplate, NotGroupTemplates, OwnTemplate
from compliance.core.tokens import OnlyReads, TokenRefused
from compliance.kernel.errors import CannotDecide, ComplianceError, Refused, WrongUse
from compliance.web.i18n import _, said
from compliance.web.security import is_api

_LOG = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[ComplianceError], int], ...] = (
    (MayNot, 403),
    (MayNotTake, 403),
    (NotAsked, 403),
    (SameHand, 403),
    (MayNotRaise, 403),
    (MayNotSetAbsence, 403),
    (SamePerson, 403),
    (NotYours, 403),
    (NotYourJob, 403),
    (NoSuchJob, 404),
    (NotForTheGroup, 403),
    (OwnProposal, 403),
    (OwnTemplate, 403),
    (NotGroupTemplates, 403),
    (SignatureRefused, 403),
    (OnlyReads, 403),
    (TokenRefused, 401),
    (TooManyTries, 429),
    (ProofRefused, 403),
    (CodeRefused, 403),
    (NoSuchCase, 404),
    (NoSuchAbsence, 404),
    (NoSuchProposal, 409),
    (NoSuchTemplate, 409),
    (CannotDecide, 503),
    (Refused, 409),
    (WrongUse, 400),
)


def install(app: Flask, to_programs: Callable[[Exception], ResponseReturnValue]) -> None:
    """Answer every error with the status that belongs to it: people in their language, programs in their shape."""

    def either(to_people: Callable[[Any], ResponseReturnValue]) -> Callable[[Any], ResponseReturnValue]:
        return lambda error: to_programs(error) if is_api() else to_people(error)

    app.register_error_handler(HTTPException, either(_http))
    app.register_error_handler(ComplianceError, either(_ours))
    app.register_error_handler(BadPosition, either(lambda _error: _page(400, "bad-position", *_words(400))))
    app.register_error_handler(CSRFError, either(_forged))
    app.register_error_handler(Exception, either(_unexpected))


def status_of(error: ComplianceError) -> int:
    """HTTP status of one of our errors."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def _http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or InternalServerError.code
    if code < 400:  # noqa: PLR2004 - a redirect is no error
        return error.get_response()
    return _page(code, f"http-{code}", *_words(code))


def _ours(error: ComplianceError) -> ResponseReturnValue:
    status = status_of(error)
    title, _hint = _words(status)
    return _page(status, error.code, title, said(error.message))


def _forged(_error: CSRFError) -> ResponseReturnValue:
    return _page(400, "form-expired", _("表单已失效"), _("请返回上一页，刷新后重新提交。没有任何更改。"))


def _unexpected(error: Exception) -> ResponseReturnValue:
    _LOG.exception("unexpected error at %s", request.path, exc_info=error)
    return _page(500, "http-500", *_words(500))


def _words(code: int) -> tuple[str, str]:
    match code:
        case 400:
            return _("请求有误"), _("地址或表单中有无法识别的内容。没有任何更改。")
        case 403:
            return _("没有权限"), _("您可以向系统管理员申请所需的权限。")
        case 404:
            return _("页面不存在"), _("您要找的内容不存在，或您没有查看它的权限。")
        case 405:
            return _("请求方式有误"), _("此地址不接受这种请求。")
        case 409:
            return _("操作未执行"), _("当前状态不允许此操作。没有任何更改。")
        case 413:
            return _("文件过大"), _("上传的内容超过了允许的大小。")
        case 429:
            return _("尝试过于频繁"), _("请稍后再试。")
        case 503:
            return _("暂时无法判断"), _("系统状态不允许安全地给出结论，以前的结论仍然有效。")
        case _other:
            return _("系统出错"), _("错误已经记录，请稍后再试。")


def _page(status: int, code: str, title: str, hint: str) -> ResponseReturnValue:
    accepts = request.accept_mimetypes
    if accepts.best_match(("text/html", "application/json")) == "application/json":
        return jsonify(error={"code": code, "message": hint}), status
    return render_template("error.html", status=status, code=code, title=title, hint=hint), status
