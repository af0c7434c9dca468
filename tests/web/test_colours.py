"""Text stands out from its ground, in light and in the dark: WCAG 2.1 AA, computed from the style sheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "compliance" / "web" / "static" / "app.css").read_text(encoding="utf-8")
#: Text on ground, by the names of the style sheet.
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "accent") for ground in ("paper", "surface", "raised")),
    *((tone, f"{tone}-soft") for tone in ("bad", "warn", "good", "open", "accent")),
    *((tone, "surface") for tone in ("bad", "warn", "good", "open")),
    ("accent-ink", "accent"),
    ("rail-ink", "rail"),
    ("rail-dim", "rail"),
]
AA = 4.5


def _colours(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
    text = light if scheme == "light" else light + dark
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", text))


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_black_on_white_is_twenty_one() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_stands_out(scheme: str, text: str, ground: str) -> None:
    colours = _colours(scheme)
    assert contrast(colours[text], colours[ground]) >= AA
