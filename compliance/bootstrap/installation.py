"""One installation, built: config → clock → register, vault → rule base → engines. The only place that constructs."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from compliance.adapters.engine import DurableEngine
from compliance.adapters.register import SqlRegister, open_register
from compliance.adapters.shelf import RuleShelf
from compliance.adapters.vault import FileVault
from compliance.bootstrap.places import Workspace, shipped
from compliance.core.acts import Actor
from compliance.core.facts import CATALOGUE
from compliance.core.obligations import READERS
from compliance.core.rulebooks import BadRules, activate
from compliance.kernel.clock import Clock
from compliance.kernel.config import Config, load_config
from compliance.kernel.errors import CannotDecide, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Problem

#: Who acts when a command is typed on the server.
OPERATOR = Actor("cli", "命令行", "operator", "local")


class NoWorkspace(WrongUse):
    """The folder is no workspace."""

    code = "no-workspace"
    text: ClassVar[Text] = Text(
        zh="“{folder}”不是工作区；先运行 compliance --data {folder} init（或 demo）",
        en="{folder} is no workspace; run compliance --data {folder} init (or demo) first",
    )


class WorkspaceExists(WrongUse):
    """The folder is a workspace already; nothing is overwritten."""

    code = "workspace-exists"
    text: ClassVar[Text] = Text(
        zh="“{folder}”已是工作区，未作改动", en="{folder} is a workspace already; nothing was changed"
    )


class OnlyInDemo(WrongUse):
    """The day may be chosen in a demo workspace only."""

    code = "only-in-demo"
    text: ClassVar[Text] = Text(
        zh="只有演示工作区可以指定日期或对账到未来",
        en="Only in a demo workspace may the day be chosen or lie in the future",
    )


class RulesLost(CannotDecide):
    """The snapshot of a rule base that was put into use is gone or altered."""

    code = "rules-lost"
    text: ClassVar[Text] = Text(
        zh="已启用规则库的快照 {digest} 缺失或被改动",
        en="The snapshot {digest} of the activated rule base is missing or altered",
    )


def check_rules(directory: Path, packs: Collection[str] = ()) -> tuple[RuleBase | None, tuple[Problem, ...]]:
    """Load and check a rule directory: the rule base, or every problem; ``packs`` that lie ready are taken in too."""
    return load(directory, CATALOGUE, READERS, packs=packs)


def read_rules(directory: Path, packs: Collection[str] = ()) -> RuleBase:
    """Load a rule directory; raise :class:`BadRules` if anything is wrong with it."""
    rulebase, problems = check_rules(directory, packs)
    if rulebase is None or problems:
        raise BadRules(problems)
    return rulebase


@dataclass
class Installation:
    """Everything built. ``rulebase`` is the activated one, or (``given``) the one of ``--rules``."""

    workspace: Workspace
    config: Config
    clock: Clock
    register: SqlRegister
    vault: FileVault
    shelf: RuleShelf
    rulebase: RuleBase
    engine: DurableEngine
    given: bool = False

    def current_rules(self, *, surely: bool = False) -> RuleBase:
        """The rule base in use now: another process may have put another one into use.

        A file beside the snapshots hints at it; ``surely`` asks the register, and sets the hint right.
        """
        if self.given:
            return self.rulebase
        if surely or self.shelf.hint() not in ("", self.rulebase.digest):
            with self.register.read() as reads:
                digest = reads.active_rules()
            if digest and digest != self.rulebase.digest:
                self.rulebase = read_kept(self.shelf, digest)
            if self.shelf.hint() != self.rulebase.digest:
                self.shelf.note(self.rulebase.digest)
        return self.rulebase

    def close(self) -> None:
        """End the engine's worker and the register's connections."""
        self.engine.close()
        self.register.close()


@contextmanager
def opened(data: Path, rules: Path | None = None, today: date | None = None) -> Iterator[Installation]:
    """Open the installation of a folder. ``rules`` judges with another directory without activating it."""
    installation = build(data, rules, today)
    try:
        yield installation
    finally:
        installation.close()


def build(data: Path, rules: Path | None = None, today: date | None = None) -> Installation:
    """Build an installation that the caller closes."""
    workspace = Workspace(data)
    if not workspace.exists:
        raise NoWorkspace(folder=data)
    if today is not None and not workspace.demo.exists():
        raise OnlyInDemo
    config = load_config(workspace.config, os.environ)
    clock = Clock(ZoneInfo(config.site.timezone), today)
    register = open_register(workspace.records, config.database.url or None, clock)
    shelf = RuleShelf(workspace.records / "rules")
    rulebase = read_rules(rules) if rules else _activated(register, shelf)
    vault, engine = FileVault(workspace.records / "vault"), DurableEngine()
    return Installation(workspace, config, clock, register, vault, shelf, rulebase, engine, given=rules is not None)


def _activated(register: SqlRegister, shelf: RuleShelf) -> RuleBase:
    """The activated rule base; on a fresh register the shipped one is activated first."""
    with register.read() as reads:
        digest = reads.active_rules()
    if digest is None:
        rulebase = read_rules(shipped("rules"))
        activate(register, shelf, rulebase, OPERATOR)
        return rulebase
    return read_kept(shelf, digest)


def read_kept(shelf: RuleShelf, digest: str) -> RuleBase:
    """A snapshot of the shelf; raise :class:`RulesLost` if it is gone or altered."""
    if not shelf.directory(digest).is_dir():
        raise RulesLost(digest=digest)
    rulebase = read_rules(shelf.directory(digest))
    if rulebase.digest != digest:
        raise RulesLost(digest=digest)
    return rulebase


def make_workspace(data: Path, *, demo: bool = False) -> Workspace:
    """Make an empty workspace: folders, configuration, secret, register with the shipped rule base."""
    workspace = Workspace(data)
    if workspace.exists:
        raise WorkspaceExists(folder=data)
    workspace.records.mkdir(parents=True, exist_ok=True)
    if not workspace.config.exists():
        shutil.copyfile(shipped("config.toml"), workspace.config)
    _write_secret(workspace.secret)
    if demo:
        workspace.demo.touch()
    build(data).close()
    return workspace


def _write_secret(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
