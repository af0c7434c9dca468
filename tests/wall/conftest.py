"""One stage for all tests of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.wall.stage import Stage, command_line, set_up, waiving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.rulebase.rulebase import RuleBase


@pytest.fixture(scope="session")
def rulebase(tmp_path_factory: pytest.TempPathFactory) -> RuleBase:
    return waiving(tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, rulebase: RuleBase) -> Iterator[Stage]:
    """The plant of everybody, open by web and command line."""
    with pytest.MonkeyPatch.context() as patch, command_line(patch, rulebase):
        made = set_up(tmp_path_factory.mktemp("wall") / "workspace", rulebase)
        yield made
        made.world.register.close()
