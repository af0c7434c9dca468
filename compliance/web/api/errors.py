"""Errors of the API: one shape (RFC 9457) for every refusal, with the status that the pages' table gives."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import ClassVar

from flask import Response, request
from werkzeug.exceptions import HTTPException

from compliance.core.accounts import TooManyTries
from compliance.core.documents import TemplateRefused
from compliance.core.lists import BadPosition
from compliance.core.tokens import TokenRefused
from compliance.kernel.errors import ComplianceError, Refused, WrongUse
from compliance.kernel.text import Text
from compliance.web.api.shapes import SAID, ListOf, Record, Whole, Word, Wrong
from compliance.web.errors import status_of

MEDIA_TYPE = "application/problem+json"
PREFIX = "/api/v1"
PROBLEM = Record(
    "Problem",
    {
        "type": Word(200, like="urn:compliance:problem:http-404"),
        "title": Word(200, like="未找到 / Not found"),
        "status": Whole(400, 599),
        "code": Word(100, like="http-404"),
        "detail": SAID,
        "errors": ListOf(Record("Wrong", {"where": Word(500, like="#/title"), **SAID.members})),
        "rule": Word(200, like="nonconformity"),
    },
    frozenset({"rule"}),
)
_LOG = logging.getLogger(__name__)
_WRONG_VALUES, _WRONG_REQUEST, _BROKEN, _REDIRECTS = 422, 400, 500, 400
#: How many places of a template are named, and how long the name of one may be.
_MOST, _LONGEST_PLACE = 200, 500
_TITLES = {
    400: Text("请求有误", "Bad request"),
    401: Text("需要令牌", "A token is needed"),
    403: Text("没有权限", "Not permitted"),
    404: Text("不存在，或您没有查看它的权限", "Not found, or not for you to see"),
    405: Text("此地址不接受这种请求", "The address takes no such request"),
    409: Text("当前状态不允许", "The present state does not allow it"),
    413: Text("内容过大", "Too large"),
    415: Text("内容类型不接受", "The kind of content is not taken"),
    422: Text("内容不正确", "The content is not right"),
    429: Text("尝试过于频繁", "Too many tries"),
    503: Text("暂时无法判断", "Cannot decide now"),
}
_UNEXPECTED = Text("系统出错，错误已经记录", "Something went wrong; the error was noted")


class WrongValues(WrongUse):
    """Values of the request are not right; each is named with its place."""

    code = "wrong-values"
    text: ClassVar[Text] = Text(
        zh="请求中有不正确的值，没有任何更改", en="Values of the request are not right; nothing was changed"
    )

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        """Keep what is wrong, by place."""
        super().__init__()
        self.wrong = tuple(wrong)


class Stale(Refused):
    """Somebody acted since the caller looked."""

    code = "stale"
    text: ClassVar[Text] = Text(
        zh="您看过之后状态已变化，请重新读取", en="Its state has changed since you looked; read it again"
    )


def problem(error: Exception) -> Response:
    """The answer to any error."""
    match error:
        case ComplianceError():
            return _ours(error)
        case BadPosition():
            return _ours(WrongValues([Wrong("?after", _POSITION)]))
        case HTTPException():
            code = error.code or _BROKEN
            if code < _REDIRECTS:
                return Response(status=code, headers=[("Location", str(getattr(error, "new_url", PREFIX)))])
            found = _answer(code, f"http-{code}", _TITLES.get(code, _UNEXPECTED))
            if allowed := getattr(error, "valid_methods", None):
                found.headers["Allow"] = ", ".join(allowed)
            return found
        case _:
            _LOG.exception("unexpected error at %s", request.path, exc_info=error)
            return _answer(_BROKEN, "http-500", _UNEXPECTED)


def status(error: ComplianceError) -> int:
    """The pages' status; what pages call a bad request was understood here, so its content is wrong."""
    own: int | None = getattr(error, "status", None)
    found = own or status_of(error)
    return _WRONG_VALUES if found == _WRONG_REQUEST and own is None else found


def _ours(error: ComplianceError) -> Response:
    wrong = error.wrong if isinstance(error, WrongValues) else getattr(error, "places", ())
    if isinstance(error, TemplateRefused):
        wrong = [Wrong(f"{p.place}:{p.paragraph}"[:_LONGEST_PLACE], p.text) for p in error.problems[:_MOST]]
    rule = error.values.get("rule")
    found = _answer(status(error), error.code, error.message, wrong, str(rule) if rule else "")
    if isinstance(error, TokenRefused):
        given = 'error="invalid_token"' if request.headers.get("Authorization") else 'realm="api"'
        found.headers["WWW-Authenticate"] = f"Bearer {given}"
    if isinstance(error, TooManyTries):
        found.headers["Retry-After"] = str(int(str(error.values["minutes"])) * 60)
    return found


def _answer(code: int, name: str, detail: Text, wrong: Sequence[Wrong] = (), rule: str = "") -> Response:
    title = _TITLES.get(code, _UNEXPECTED)
    body = {
        "type": f"urn:compliance:problem:{name}",
        "title": f"{title.zh} / {title.en}",
        "status": code,
        "code": name,
        "detail": {"zh": detail.zh, "en": detail.en},
        "errors": [{"where": w.where, "zh": w.what.zh, "en": w.what.en} for w in wrong],
        **({"rule": rule} if rule else {}),
    }
    return Response(json.dumps(body, ensure_ascii=False), status=code, content_type=MEDIA_TYPE)


_POSITION = Text("不是本列表给出的位置", "is no position that this list gave")
