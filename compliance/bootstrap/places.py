"""Where things lie: the shipped rules, and the folders of a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import compliance


def shipped(name: str) -> Path:
    """What travels with the program (``rules``, ``doc_templates``, ``config.toml``): in the wheel, else beside it."""
    package = Path(compliance.__file__).parent
    carried = package / "_data" / name
    return carried if carried.exists() else package.parent / name


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation's folder: config.toml and records/."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.root / "config.toml"

    @property
    def records(self) -> Path:
        """Register, files, rule snapshots, keys of cookies."""
        return self.root / "records"

    @property
    def demo(self) -> Path:
        """Marks a demo workspace; only there may the day be chosen."""
        return self.records / "demo"

    @property
    def templates(self) -> Path:
        """Templates of this installation's own; one of the same name goes before the shipped one."""
        return self.root / "doc_templates"

    @property
    def secret(self) -> Path:
        """The random secret of this installation's cookies."""
        return self.records / "secret"

    @property
    def exists(self) -> bool:
        """Whether the folder has been made a workspace."""
        return self.records.is_dir() and self.config.is_file()
