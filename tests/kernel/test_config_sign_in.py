"""The part of the configuration about signing in."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.kernel.config import BadConfig, SignIn, load_config

#: Least and most of each key.
BOUNDS = {"idle_minutes": (5, 720), "absolute_hours": (1, 24), "reset_minutes": (5, 1440), "signing_minutes": (1, 60)}


def load(folder: Path, line: str) -> SignIn:
    (folder / "config.toml").write_text(f"[sign_in]\n{line}\n", "utf-8")
    return load_config(folder / "config.toml", {}).sign_in


def test_without_it_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path, "") == SignIn(idle_minutes=60, absolute_hours=12, reset_minutes=60, signing_minutes=15)


@pytest.mark.parametrize("key", BOUNDS)
def test_the_bounds_are_taken_and_nothing_beyond(tmp_path: Path, key: str) -> None:
    least, most = BOUNDS[key]
    for inside in (least, most):
        assert getattr(load(tmp_path, f"{key} = {inside}"), key) == inside
    for outside in (least - 1, most + 1, 0, -60, f"{least}.0", f'"{least}"', "true", "inf", f"[{least}]"):
        with pytest.raises(BadConfig) as caught:
            load(tmp_path, f"{key} = {outside}")
        assert f"[sign_in] {key} = " in caught.value.message.en
        assert f"a whole number from {least} to {most}" in caught.value.message.en
        assert f"{least} 到 {most} 的整数" in caught.value.message.zh


def test_a_key_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig) as caught:
        load(tmp_path, "tries = 1000")
    assert "[sign_in] has no key tries" in caught.value.message.en
