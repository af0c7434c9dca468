"""What plant.toml holds."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def layout() -> dict[str, Any]:
    """The whole of plant.toml. It is read once and never changed."""
    text = resources.files("compliance.adapters.example").joinpath("plant.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def word(name: str) -> str:
    """The word of the workbook that is known here under a name."""
    return str(layout()["word"][name])
