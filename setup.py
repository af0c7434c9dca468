"""Builds the package; everything else is said in pyproject.toml.

A wheel carries rules/, doc_templates/ and config.toml as compliance/_data/, so that the program works
from any folder. An editable install copies nothing: there what lies beside the package is the truth.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

FOLDERS = ("rules", "doc_templates")
FILES = ("config.toml",)


class BuildWithData(build_py):
    """Copies the carried folders into the package that is being built."""

    def run(self) -> None:
        """Build the modules, then lay the data beside them."""
        super().run()
        if self.editable_mode:
            return
        root, data = Path(__file__).parent, Path(self.build_lib) / "compliance" / "_data"
        for name in FOLDERS:
            shutil.rmtree(data / name, ignore_errors=True)
            shutil.copytree(root / name, data / name)
        for name in FILES:
            shutil.copy(root / name, data / name)


setup(cmdclass={"build_py": BuildWithData})
