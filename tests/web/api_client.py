"""A program at the API: it carries a token, and nothing else."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from compliance.core.tokens import Made, NewToken, make_token
from tests.web.places import value_of
from tests.web.world import ACTOR, NOW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from compliance.web.api.operations import Operation
    from tests.web.world import World

ROOT = "/api/v1"


@dataclass
class Program:
    """Speaks through one token; ``secret`` None: it has none."""

    app: Flask
    secret: str | None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        headers = dict(self.headers) | more.pop("headers", {})
        if self.secret is not None:
            headers["Authorization"] = f"Bearer {self.secret}"
        if body is not None:
            more |= {"data": json.dumps(body), "content_type": "application/json"}
        address = path if path.startswith("/") else f"{ROOT}/{path}"
        return self.app.test_client(use_cookies=False).open(
            address, method=method, headers=headers, buffered=True, **more
        )

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> TestResponse:
        return self.ask("POST", path, body, **more)

    def told(self, path: str) -> Any:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.json


#: Names of tokens: no two living ones are the same.
_MADE = itertools.count()


def make(world: World, login: str, **more: Any) -> Made:
    """A new token of a person."""
    with world.register.read() as look:
        user = look.find_user(login)
        assert user is not None
        count = len(look.api_tokens(user.id))
    if count >= 40:
        with world.register.database.work() as connection:
            # Its own older ones alone: whoever made one a moment ago goes on with it.
            own = f"SELECT rowid FROM api_token WHERE user_id = {user.id} ORDER BY rowid"
            connection.exec_driver_sql(f"DELETE FROM api_token WHERE rowid IN ({own} LIMIT {count // 2})")
    return make_token(world.register, login, NewToken(f"t{next(_MADE)}", 30, **more), ACTOR, NOW)


def program(world: World, login: str | None, app: Flask | None = None, **more: Any) -> Program:
    """A program of a person."""
    return Program(app or world.app(), make(world, login, **more).secret if login else None)


def paths(operations: dict[str, Operation], method: str, plant: str = "east") -> Iterator[tuple[str, str]]:
    """Endpoint and path of every operation of a method, with values that exist in the test world."""
    for endpoint, given in operations.items():
        if given.method == method:
            yield endpoint, ROOT + given.path.format(**{n: value_of(endpoint, n, plant) for n in given.parts})
