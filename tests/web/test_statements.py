"""At most eight statements a page, the same at twenty and at two thousand rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from tests.web.conftest import Browser
from tests.web.places import AFTER_UPLOAD, addresses

if TYPE_CHECKING:
    from tests.web.world import World

MOST = 8
#: The same pages looking back, with what was known then; each judges on a day of its own, so that nothing is kept yet.
BACK = {name: f"as_of=2026-07-{10 + n}&known_on=2026-07-0{1 + n}" for n, name in enumerate((
    "obligations.listing", "findings.listing", "figures.listing", "obligations.export", "findings.export",
    "figures.export",
))}  # fmt: skip


class Counter:
    """Counts what reaches the database, but for the beginnings of transactions."""

    def __init__(self, world: World) -> None:
        self.seen: list[str] = []
        for engine in (world.register.database.reader, world.register.database.writer):
            event.listen(engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            self.seen.append(statement)


def _counts(world: World) -> dict[str, int]:
    app = world.app()
    browser = Browser(app)
    browser.sign_in("officer")
    counter = Counter(world)
    found = {}
    for endpoint, path in addresses(app, "GET"):
        if endpoint not in AFTER_UPLOAD:
            counter.seen.clear()
            assert browser.get(path).status_code in {200, 302}, path
            found[endpoint] = len(counter.seen)
        if endpoint in BACK:
            counter.seen.clear()
            assert browser.get(f"{path}?{BACK[endpoint]}").status_code == 200, path
            found[f"{endpoint} looking back"] = len(counter.seen)
    return found


@pytest.mark.slow
def test_no_page_asks_more_than_eight_statements_at_any_size(world: World, big_world: World) -> None:
    small, big = _counts(world), _counts(big_world)
    assert {k: n for k, n in big.items() if n > MOST} == {}
    assert small == big
    assert big["obligations.listing"] > 0
    assert {name for name in BACK if big.get(f"{name} looking back", 0) < 4} == set()
