"""Builds the package; everything else is said in pyproject.toml.

A wheel carries rules/ and doc_templates/ as compliance/_data/, so that the program works from any
folder. An editable install copies nothing: there the folders beside the package are the truth.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CARRIED = ("rules", "doc_templates")


class BuildWithData(build_py):
    """Copies the carried folders into the package that is being built."""

    def run(self) -> None:
        """Build the modules, then lay the data beside them."""
        super().run()
        if self.editable_mode:
            return
        for name in CARRIED:
            target = Path(self.build_lib) / "compliance" / "_data" / name
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(Path(__file__).parent / name, target)


setup(cmdclass={"build_py": BuildWithData})
