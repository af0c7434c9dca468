"""Addresses in templates: a page holds a hundred, and most are the same on every page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask import Flask, g, request

from compliance.web import access


def install(app: Flask) -> None:
    """Let templates write addresses through :func:`url_for`."""
    app.jinja_env.globals.update(url_for=url_for)


def url_for(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - as Flask's own
    """As Flask's; an address is worked out once for its plant and values, as it depends on nothing else."""
    plain = tuple((k, tuple(v) if type(v) is list else v) for k, v in values.items())
    if not all(type(value) in (str, int, tuple) for _name, value in plain):
        return flask.url_for(endpoint, **values)
    plant = access.ref(g.card) if "card" in g else ""
    return _address(request.script_root, plant, endpoint, plain)


@lru_cache(maxsize=8192)
def _address(_root: str, _plant: str, endpoint: str, values: tuple[tuple[str, Any], ...]) -> str:
    return flask.url_for(endpoint, **dict(values))
