"""The part of the configuration about mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.kernel.config import BadConfig, Mail, load_config


def test_mail_is_off_until_a_server_is_named(tmp_path: Path) -> None:
    assert load_config(tmp_path / "config.toml", {}).mail == Mail()
    assert Mail().host == ""
    assert Mail().starttls


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('host = "mail.example"', "[mail] with a host has a sender"),
        ('sender = "nobody"', "[mail] sender = 'nobody' is wrong"),
        ('sender = "李@example.org"', "[mail] sender = "),
        ('sender = "a@b\\r\\nBcc: c@d"', "[mail] sender = "),
        ("port = 0", "[mail] port = 0 is wrong"),
        ('starttls = "no"', "[mail] starttls = 'no' is wrong"),
        ('password = "secret"', "[mail] has no key password"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, named: str) -> None:
    (tmp_path / "config.toml").write_text(f"[mail]\n{text}\n", "utf-8")
    with pytest.raises(BadConfig) as caught:
        load_config(tmp_path / "config.toml", {})
    assert named in caught.value.message.en


def test_a_server_with_a_sender_is_taken(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[mail]\nhost = "mail.example"\nsender = "a@b.example"\n', "utf-8")
    assert load_config(tmp_path / "config.toml", {}).mail == Mail(host="mail.example", sender="a@b.example")
