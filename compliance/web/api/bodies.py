"""JSON as requests carry it, read without trust: one value for a name, numbers that are numbers, text that is text."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from flask import request

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

#: The most that a body of JSON may weigh.
LARGEST_BODY = 1_000_000
_LONGEST_NUMBER = 20
_BAD = 400


class Malformed(WrongUse):
    """The body is no JSON that is taken; the position is of the text."""

    code = "malformed-json"
    status: ClassVar[int] = _BAD
    text: ClassVar[Text] = Text(zh="请求体不是可接受的 JSON：{why}", en="The body is no JSON that is taken: {why}")


class NotJson(WrongUse):
    """The body is of another kind."""

    code = "not-json"
    status: ClassVar[int] = 415
    text: ClassVar[Text] = Text(zh="请求体须为 application/json（UTF-8）", en="The body is application/json in UTF-8")


def json_body() -> Any:  # noqa: ANN401 - JSON is what it is until it is checked
    """The body of the request. ``NotJson`` or ``Malformed``."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in {"utf-8", "utf8"}:
        raise NotJson
    return parsed(request.get_data())


def parsed(data: bytes) -> Any:  # noqa: ANN401 - as above
    """The value of a text of JSON. ``Malformed``."""
    try:
        found = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_int=_whole,
            parse_float=_short,
        )
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        raise _malformed(f"第 {error.start} 字节不是 UTF-8", f"byte {error.start} is not UTF-8") from error
    except UnicodeEncodeError as error:
        raise _malformed("含有不成对的代理码位", "it holds a lone surrogate") from error
    except json.JSONDecodeError as error:
        zh, en = f"第 {error.lineno} 行第 {error.colno} 列", f"line {error.lineno} column {error.colno}: {error.msg}"
        raise _malformed(zh, en) from error
    except RecursionError as error:
        raise _malformed("嵌套太深", "it is nested too deeply") from error
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _malformed("同一对象有重复的成员", "an object names a member twice")
    return found


def _no_number(text: str) -> Any:  # noqa: ANN401 - never returns
    raise _malformed(f"{text} 不是数", f"{text} is no number")


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise _malformed("整数太长", "a whole number is too long")
    return int(text)


def _short(text: str) -> float:
    """No member is a broken number: quantities are text. It is read so that its place can be named."""
    if len(text) > _LONGEST_NUMBER:
        raise _malformed("数太长", "a number is too long")
    return float(text)


def _malformed(zh: str, en: str) -> Malformed:
    return Malformed(why=Text(zh, en))
