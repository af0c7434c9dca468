"""config.toml: defaults without it, the values in it, and every problem of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from compliance.kernel.config import BadConfig, Config, load_config
from compliance.kernel.errors import CannotDecide


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def wrong(file: Path, text: str) -> BadConfig:
    file.write_text(text, "utf-8")
    with pytest.raises(BadConfig) as refused:
        load_config(file, {})
    return refused.value


def test_no_file_and_an_empty_file_mean_the_defaults(file: Path) -> None:
    assert load_config(file, {}) == Config()
    file.write_text("[server]\n", "utf-8")
    assert load_config(file, {}) == Config()


def test_every_key_is_taken(file: Path) -> None:
    file.write_text(
        '[site]\nname = "甲厂"\ntimezone = "UTC"\nlanguage = "en"\n'
        '[server]\nhost = "0.0.0.0"\nport = 1\nhosts = ["Carbon.Example"]\nhttps = true\nallow_plain_http = true\n'
        '[database]\nurl = "postgresql+psycopg://h/d"\n',
        "utf-8",
    )
    config = load_config(file, {})
    assert (config.site.name, config.site.timezone, config.site.language) == ("甲厂", "UTC", "en")
    assert (config.server.host, config.server.port) == ("0.0.0.0", 1)  # noqa: S104 - a value, nothing listens
    assert config.server.hosts == ("carbon.example",)  # as requests are compared
    assert config.server.https
    assert config.server.allow_plain_http
    assert config.database.url == "postgresql+psycopg://h/d"


@pytest.mark.parametrize(
    ("given", "url"),
    [({}, "sqlite:///a"), ({"DATABASE_URL": ""}, "sqlite:///a"), ({"DATABASE_URL": "sqlite:///b"}, "sqlite:///b")],
)
def test_the_environment_wins_where_it_names_a_database(file: Path, given: dict[str, str], url: str) -> None:
    file.write_text('[database]\nurl = "sqlite:///a"\n', "utf-8")
    assert load_config(file, given).database.url == url


@pytest.mark.parametrize(
    ("section", "line"),
    [
        ("site", "name = 1"),
        ("site", 'timezone = "Asia"'),  # a folder of zones
        ("site", 'timezone = "Asia/Nowhere"'),
        ("site", 'timezone = ""'),
        ("site", 'timezone = "../etc"'),
        ("site", 'timezone = "tzdata.zi"'),  # a file, and no zone
        ("site", "timezone = 8"),
        ("site", 'language = "fr"'),
        ("site", 'language = ["zh"]'),
        ("server", "host = 1"),
        ("server", "port = 0"),
        ("server", "port = 65536"),
        ("server", 'port = "8000"'),
        ("server", "port = 80.5"),
        ("server", "port = true"),
        ("server", 'hosts = "carbon.example"'),
        ("server", "hosts = [1]"),
        ("server", 'hosts = ["carbon.example", ""]'),
        ("server", "https = 1"),
        ("server", 'allow_plain_http = "yes"'),
        ("database", "url = false"),
    ],
)
def test_a_wrong_value_is_named_with_what_would_be_right(file: Path, section: str, line: str) -> None:
    error = wrong(file, f"[{section}]\n{line}\n")
    name = line.partition(" = ")[0]
    assert isinstance(error, CannotDecide)
    for said in (error.message.zh, error.message.en):
        assert f"[{section}] {name} = " in said
        assert "config.toml" in said
    assert "应为" in error.message.zh
    assert "it is" in error.message.en


def test_every_problem_is_named_at_once(file: Path) -> None:
    error = wrong(file, 'top = 1\n[site]\nnme = "x"\n[server]\nport = -1\n[sever]\nport = 1\n[[database]]\nurl = ""\n')
    for said in (
        "没有 [top]",
        "nme",
        "有 name、timezone、language",
        "port = -1",
        "没有 [sever]",
        "应为一节 [database]",
    ):
        assert said in error.message.zh
    for said in (
        "section [top]",
        "nme",
        "it has name, timezone, language",
        "port = -1",
        "[sever]",
        "one section [data",
    ):
        assert said in error.message.en


@pytest.mark.parametrize("content", [b"[site\n", b"\xff\xfe[site]\n", b'[site]\nname = "a"\nname = "b"\n'])
def test_what_is_no_toml_is_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(BadConfig, match=r"config\.toml"):
        load_config(file, {})
