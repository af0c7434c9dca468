"""The running program with the example plant, its demo sign-ins, and a browser to look at it with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from compliance.adapters.accounts import Argon2
from compliance.adapters.example import example_plant, write
from compliance.bootstrap.demo import _accounts
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import import_file, pulse
from compliance.bootstrap.web import web_app
from compliance.core.accounts import NewUser, Role, add_user
from compliance.core.imports import ImportReport
from tests.web.served import served
from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from compliance.core.plants import Plant

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass(frozen=True)
class House:
    """The running program: its address, the plant's name in addresses, its workbook, the demo's sign-ins."""

    url: str
    plant: str
    workbook: Path
    installation: Installation
    of: Plant
    passwords: Mapping[str, str]
    accounts: Mapping[str, str | None]

    def page(self, path: str) -> str:
        return f"{self.url}/p/{self.plant}/{path}"


def open_house(folder: Path) -> Iterator[House]:
    """Make the demo, serve it, and close it again."""
    make_workspace(folder / "ws", demo=True)
    installation = build(folder / "ws", today=TODAY)
    workbook = folder / "example.xlsx"
    write(example_plant(TODAY), workbook)
    report = import_file(installation, workbook, OPERATOR, None, lambda *_: None)
    assert isinstance(report, ImportReport), report
    with installation.register.read() as reads:
        plant = reads.plant(report.plant)
    assert plant is not None
    pulse(installation).reconcile(plant, TODAY)
    new = NewUser("wangmin", "王敏", None, plant.key, Role.COMPLIANCE_OFFICER, PASSWORD)
    add_user(installation.register, Argon2(), new, actor=OPERATOR, now=installation.clock.now())
    made = _accounts(installation, plant)
    with served(web_app(installation)) as address:
        yield House(
            address,
            plant.short or plant.key,
            workbook,
            installation,
            plant,
            {a["login"]: a["password"] for a in made} | {"wangmin": PASSWORD},
            {a["login"]: a["person"] for a in made},
        )
    installation.close()
