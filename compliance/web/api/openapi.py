"""The description of the API (OpenAPI 3.1), made from the declarations that read and check its requests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compliance.kernel.text import Text
from compliance.web import access
from compliance.web.api.errors import MEDIA_TYPE, PREFIX, PROBLEM
from compliance.web.api.operations import OPERATIONS, Asked, Operation, operation
from compliance.web.api.shapes import Record, Shape, Word, records_of

_KEY = "Idempotency-Key"
_TAG = {"schema": {"type": "string"}, "description": "names this state of the resource"}


@operation(
    Operation(
        name="openapi",
        method="GET",
        path="/openapi.json",
        title=Text("接口描述（OpenAPI 3.1）", "the description of the API (OpenAPI 3.1)"),
        answer=None,
    )
)
def openapi(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The description."""
    return described(access.services().site.version)


def described(version: str) -> dict[str, Any]:
    """Everything that the API does."""
    paths: dict[str, dict[str, Any]] = {}
    for given in OPERATIONS.values():
        paths.setdefault(PREFIX + given.path, {})[given.method.lower()] = _operation(given)
    return {
        "openapi": "3.1.0",
        "info": {"title": "碳管理合规系统 / Carbon management compliance", "version": version or "0"},
        "paths": paths,
        "components": {
            "schemas": {r.name: r.described() for r in sorted(_records(), key=lambda r: r.name)},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "responses": {
                "Problem": {
                    "description": "拒绝或错误 / a refusal or an error",
                    "content": {MEDIA_TYPE: {"schema": PROBLEM.schema()}},
                }
            },
        },
        "security": [{"token": []}],
    }


def _records() -> Iterator[Record]:
    yield from records_of(PROBLEM)
    for given in OPERATIONS.values():
        yield from records_of(given.body)
        yield from records_of(given.answer)
        for query in given.query.values():
            yield from records_of(query.shape)


def _operation(given: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": given.name,
        "summary": f"{given.title.zh} / {given.title.en}",
        "tags": [given.name.partition("_")[0]],
        "parameters": [*_parameters(given)],
        "responses": {str(given.status): _answer(given), "default": {"$ref": "#/components/responses/Problem"}},
    }
    if given.body:
        found["requestBody"] = {"required": True, "content": _content(given.body)}
    if given.upload:
        bytes_ = {"type": "string", "format": "binary"}
        form = {"type": "object", "additionalProperties": {"type": "array", "items": bytes_}}
        content = {"multipart/form-data": {"schema": form}, "application/octet-stream": {"schema": bytes_}}
        found["requestBody"] = {"required": True, "content": content}
    if given.permission:
        found["x-permission"] = given.permission.value
    return found


def _parameters(given: Operation) -> Iterator[dict[str, Any]]:
    for name, shape in given.parts.items():
        yield {"name": name, "in": "path", "required": True, "schema": shape.schema(), "example": shape.example()}
    for name, query in given.query.items():
        schema = query.shape.schema()
        asked = {"name": name, "in": "query", "description": f"{query.title.zh} / {query.title.en}"}
        yield {**asked, "schema": {"type": "array", "items": schema} if query.many else schema}
    if given.method != "GET":
        yield _header(_KEY, "同一请求重发时不重复办理，一天内有效 / a request sent again does nothing twice, for a day")
    if given.matches:
        yield _header("If-Match", "读取时的 ETag；状态已变则 409 / the ETag that was read; 409 if it has changed")


def _header(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": text, "schema": Word(200).schema()}


def _answer(given: Operation) -> dict[str, Any]:
    if given.name == "openapi":
        return {"description": "OpenAPI", "content": {"application/json": {"schema": {"type": "object"}}}}
    if given.answer is None:
        return {"description": "文件 / the file", "content": {"application/octet-stream": {}}}
    tagged = {"headers": {"ETag": _TAG}} if given.tagged else {}
    return {"description": given.title.en, **tagged, "content": _content(given.answer)}


def _content(shape: Shape) -> dict[str, Any]:
    return {"application/json": {"schema": shape.schema(), "example": shape.example()}}
