"""kill -9 of the web server while people hand in, sign, raise and issue: nothing told is lost or half there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

LOOP = Path(__file__).with_name("kill_acts.py")
SAMPLE, FULL = 8, 200


def run(kills: int, *more: str) -> tuple[int, dict[str, Any]]:
    """Run the loop in a process of its own, which may fork; return its exit code and figures."""
    command = [sys.executable, str(LOOP), "--kills", str(kills), *more]
    root = {"PYTHONPATH": str(LOOP.parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=3600, env=os.environ | root)
    assert done.stdout, done.stderr
    figures = json.loads(done.stdout)
    print(f"\n{figures}")
    return done.returncode, figures


def compare(code: int, figures: dict[str, Any], kills: int) -> None:
    assert figures["lost"] == figures["half"] == figures["alarms"] == []
    assert (code, figures["kills"]) == (0, kills)
    assert figures["inside"] >= kills // 2
    assert figures["acknowledged"] >= kills * 3
    for kind in ("signed", "raised", "files", "issued"):
        assert figures[kind] > 0


@pytest.mark.slow
def test_a_few_kills() -> None:
    compare(*run(SAMPLE, "--seed", "3"), SAMPLE)


@pytest.mark.slow
def test_the_loop_notices_a_word_given_too_early() -> None:
    code, figures = run(20, "--sabotage")
    assert code == 1
    assert figures["lost"]


@pytest.mark.torture
def test_two_hundred_kills() -> None:
    compare(*run(FULL, "--seed", "11"), FULL)
