"""What docs/api.md shows works: each of its curl commands is run against the program."""

from __future__ import annotations

import re
import shlex
from io import BytesIO
from typing import TYPE_CHECKING, Any

from compliance.web.api.operations import OPERATIONS
from tests.conftest import ROOT as TOP
from tests.web.api_client import make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.web.world import World

TEXT = (TOP / "docs" / "api.md").read_text(encoding="utf-8")


def commands() -> Iterator[str]:
    for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").strip().splitlines()


def _ask(app: Flask, command: str, known: dict[str, str]) -> Any:
    """Run a curl command, as far as the page uses curl."""
    words = shlex.split(re.sub(r"\$([A-Z0-9]+)", lambda m: known[m[1]], command))
    assert words.pop(0) == "curl"
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    address = ""
    while words:
        match words.pop(0):
            case "-H":
                name, _colon, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                more["data"] = words.pop(0).encode()
            case "-F":
                name, _equals, file = words.pop(0).partition("=@")
                more["data"] = {name: (BytesIO(b"%PDF-1.4 shown in the docs"), file)}
            case given:
                address = given
    return app.test_client().open(address, method="POST" if more else "GET", headers=headers, **more)


def test_the_commands_of_the_page_work(app: Flask, world: World) -> None:
    known = {"TOKEN": make(world, "recorder").secret, "SITE": "", "PLANT": "east", "OCCURRENCE": "2"}
    seen = 0
    for command in commands():
        answer = _ask(app, command, known)
        assert answer.status_code in {200, 201}, (command, answer.text)
        rows = answer.json.get("rows") or [{}]
        if "-F" in command:
            known["SHA256"] = rows[0]["sha256"]
        seen += 1
    assert seen >= 14


def test_the_page_names_every_feature() -> None:
    parts = [given.path.split("/") for given in OPERATIONS.values()]
    features = {part[3] for part in parts if len(part) > 3}
    assert {f for f in features if f"/{f}" not in TEXT} == set()
