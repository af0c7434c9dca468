"""The web program of an installation: the services that its pages call."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from flask import Flask

from compliance.adapters.accounts import Argon2
from compliance.adapters.change_requests import SqlRequestLists
from compliance.adapters.codes import OneTimeCodes
from compliance.adapters.document_lists import SqlDocumentLists
from compliance.adapters.lists import SqlLists
from compliance.bootstrap.documents import desk, requests_of, watch
from compliance.bootstrap.entering import WebEnterer
from compliance.bootstrap.health import health_of
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.jobs import batches
from compliance.bootstrap.knowing import KeptRules, lookback_of
from compliance.bootstrap.links import limits_of, link_sender
from compliance.bootstrap.proposing import WebRules
from compliance.bootstrap.searching import search_of
from compliance.bootstrap.templates import templates
from compliance.bootstrap.usecases import casework, deputies, enter_post, import_file, pulse
from compliance.core.acts import Actor
from compliance.core.imports import ImportRefused
from compliance.core.ledgers import Ledgers
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.web.app import create_app
from compliance.web.services import (
    CellProblem,
    Health,
    Imported,
    Reconciled,
    Services,
    SheetCount,
    Site,
)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: Bytes of a secret that nobody guesses: as many as a new workspace gets.
_SECRET_BYTES = 32


class SecretLost(CannotDecide):
    """The secret of the cookies is missing or cut short: forms could be forged, so nothing is served."""

    code = "secret-lost"
    text: ClassVar[Text] = Text(
        zh="密钥文件 {file} 缺失或不足 {least} 字节；请从备份恢复，或写入 {least} 个随机字节（权限 600）",
        en="The secret {file} is missing or shorter than {least} bytes; restore it from the backup, "
        "or put {least} random bytes there (mode 600)",
    )


def web_app(installation: Installation) -> Flask:
    """The Flask program around an installation."""
    passwords = Argon2()
    return create_app(
        Services(
            site=_site(installation),
            clock=installation.clock,
            lists=SqlLists(installation.register.database),
            register=installation.register,
            passwords=passwords,
            codes=OneTimeCodes(),
            limits=limits_of(installation),
            forgot=link_sender(installation, passwords),
            rules=installation.current_rules,
            lookback=lookback_of(installation),
            snapshots=KeptRules(installation),
            changing=WebRules(installation),
            importer=WebImporter(installation),
            batches=lambda: batches(installation),
            ledgers=Ledgers(installation.register, installation.current_rules, installation.clock.today),
            reconciler=WebReconciler(installation),
            casework=lambda: casework(installation),
            desk=lambda: desk(installation),
            templates=lambda: templates(installation, served=True),
            watch=lambda: watch(installation),
            requests=lambda: requests_of(installation),
            asking=SqlRequestLists(installation.register.database),
            papers=SqlDocumentLists(installation.register.database),
            search=search_of(installation),
            deputies=lambda: deputies(installation),
            posts=lambda plant, entry, actor: enter_post(installation, plant, entry, actor),
            vault=installation.vault,
            enterer=WebEnterer(installation),
            telling=installation.register,
            api=installation.register,
            health=lambda: [Health(c.check, c.ok, c.message, c.mend, c.figures) for c in health_of(installation)],
        )
    )


def _site(installation: Installation) -> Site:
    config = installation.config
    return Site(
        name=config.site.name,
        secret=_secret(installation.workspace.secret),
        zone=installation.clock.zone,
        language=config.site.language,
        https=config.server.https,
        hosts=config.server.hosts,
        version=version("compliance"),
        address=config.site.address.rstrip("/"),
        token_days=config.api.token_days,
        plain_http_warning=not config.server.https and config.server.host not in _LOOPBACK,
    )


def _secret(file: Path) -> bytes:
    content = file.read_bytes() if file.is_file() else b""
    if len(content) < _SECRET_BYTES:
        raise SecretLost(file=file, least=_SECRET_BYTES)
    return content


class WebImporter:
    """Imports on behalf of a person."""

    def __init__(self, installation: Installation) -> None:
        """Work on the installation."""
        self._installation = installation

    def __call__(
        self, path: Path, *, name: str, plant: Plant, actor: Actor, reason: str, progress: Progress
    ) -> Imported:
        """Import; the workbook must be the page's plant's own."""
        report = import_file(
            self._installation,
            path,
            actor,
            reason or None,
            progress,
            name=name,
            only=plant.key,
        )
        if isinstance(report, ImportRefused):
            return Imported(
                plant.key, problems=tuple(CellProblem(p.sheet, p.row, p.column, p.message) for p in report.problems)
            )
        return Imported(
            report.plant,
            tuple(SheetCount(n, c.rows, c.added, c.changed, c.unchanged) for n, c in report.sheets.items()),
        )


class WebReconciler:
    """Runs the pulse on behalf of a person."""

    def __init__(self, installation: Installation) -> None:
        """Work on the installation."""
        self._installation = installation

    def __call__(self, plant: Plant, *, actor: Actor) -> Reconciled:
        """Move the mark to today."""
        with self._installation.register.read() as reads:
            current = reads.plant(plant.key) or plant
        today = self._installation.clock.today()
        done = pulse(self._installation, actor).reconcile(current, today)
        watch(self._installation).check(current)
        return Reconciled(done.start, done.end, done.opened, done.closed, done.statements)
