"""What programs are told when they are refused, and the count of leaves that an act leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.web.api.errors import MEDIA_TYPE, PROBLEM

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.web.world import World


def refusal(answer: TestResponse, status: int, code: str = "") -> Any:
    """The body of a refusal, which has the one shape."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == MEDIA_TYPE
    wrong: list[Any] = []
    PROBLEM.read(answer.json, "#", wrong)
    assert wrong == []
    body: Any = answer.json
    assert body["status"] == status
    assert not code or body["code"] == code
    return body


def leaves(world: World) -> int:
    with world.register.database.read() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM audit_entry").scalar() or 0)
