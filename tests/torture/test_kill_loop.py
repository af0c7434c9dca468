"""kill -9 at random moments of import and judging: nothing acknowledged is lost, nothing is half there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOOP = Path(__file__).with_name("kill_loop.py")
SAMPLE, FULL = 8, 200


def run(kills: int, *more: str) -> tuple[int, dict[str, Any]]:
    """Run the loop in a process of its own, which may fork; return its exit code and figures."""
    command = [sys.executable, str(LOOP), "--kills", str(kills), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600)
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    print(f"\n{figures}")
    return done.returncode, figures


def database(request: pytest.FixtureRequest, kind: str) -> list[str]:
    """Return the arguments for a kind of database."""
    return ["--url", request.getfixturevalue("postgres_url")] if kind == "postgresql" else []


def compare(code: int, figures: dict[str, Any], kills: int) -> None:
    assert figures["lost"] == figures["half"] == figures["alarms"] == []
    assert (code, figures["kills"]) == (0, kills)
    assert figures["writing"] >= kills // 2 - 1
    assert figures["acknowledged"] >= kills / 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_few_kills(request: pytest.FixtureRequest, kind: str) -> None:
    compare(*run(SAMPLE, "--seed", "3", *database(request, kind)), SAMPLE)


@pytest.mark.slow
def test_the_loop_notices_a_word_given_too_early() -> None:
    code, figures = run(30, "--sabotage")
    assert code == 1
    assert figures["lost"]


@pytest.mark.torture
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_hundred_kills(request: pytest.FixtureRequest, kind: str) -> None:
    compare(*run(FULL, "--seed", "11", *database(request, kind)), FULL)
