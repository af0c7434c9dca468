"""``config.toml`` as frozen values: an unknown key or a wrong value stops the start, every problem named at once.

The configuration of one installation holds no rule of the standard; those are in ``rules/``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Language, Text

#: Environment variable that names the database and wins over the file.
DATABASE_VARIABLE = "DATABASE_URL"
_LARGEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Site:
    """How the installation presents itself. ``address``: where its pages are reached; empty = mail has no links."""

    name: str = "碳管理合规系统"
    timezone: str = "Asia/Shanghai"
    language: Language = "zh"
    address: str = ""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the web process listens, and what stands before it."""

    host: str = "127.0.0.1"
    port: int = 8000
    hosts: tuple[str, ...] = ()
    https: bool = False
    allow_plain_http: bool = False


@dataclass(frozen=True, slots=True)
class DatabaseConfig:
    """Which register; empty = the embedded SQLite under records/."""

    url: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes mail; an empty ``host`` sends none. The files are relative to the workspace.

    ``smtps``: encrypted from the first octet on, in place of ``starttls``. ``ca_file``: whom to trust besides.
    """

    host: str = ""
    port: int = 587
    sender: str = ""
    starttls: bool = True
    user: str = ""
    password_file: str = ""
    smtps: bool = False
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How long sessions live, unused and in any case, how long a link works, and how long signing goes on."""

    idle_minutes: int = 60
    absolute_hours: int = 12
    reset_minutes: int = 60
    signing_minutes: int = 15


@dataclass(frozen=True, slots=True)
class Api:
    """How many days a token of the API lives where its person says nothing else."""

    token_days: int = 90


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration."""

    site: Site = field(default_factory=Site)
    server: Server = field(default_factory=Server)
    database: DatabaseConfig = field(default_factory=DatabaseConfig)
    mail: Mail = field(default_factory=Mail)
    sign_in: SignIn = field(default_factory=SignIn)
    api: Api = field(default_factory=Api)


class BadConfig(CannotDecide):
    """The configuration is wrong; nothing starts."""

    code = "bad-config"
    text: ClassVar[Text] = Text(
        zh="配置文件 {file} 有误：{problems}", en="The configuration {file} is wrong: {problems}"
    )


Check = Callable[[Any], bool]


def _is_zone(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(ZoneInfo(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        return False


def _is_port(value: object) -> bool:
    return type(value) is int and 0 < value <= _LARGEST_PORT


def _is_whole(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_address(value: object) -> bool:
    return value == "" or (isinstance(value, str) and value.isascii() and value.isprintable() and "@" in value[1:-1])


def _is_site(value: object) -> bool:
    """An address of pages: scheme and host, perhaps a port and a path; nothing that leads elsewhere."""
    if value == "":
        return True
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return known and not (parts.query or parts.fragment or parts.username or parts.password)


#: Every key: section, name → what is right, and the test of it.
_KEYS: Mapping[tuple[str, str], tuple[Text, Check]] = {
    ("site", "name"): (Text("一段文字", "text"), _is_text),
    ("site", "timezone"): (Text("时区名，如 Asia/Shanghai", "a time zone such as Asia/Shanghai"), _is_zone),
    ("site", "language"): (Text("zh 或 en", "zh or en"), lambda v: v in ("zh", "en")),
    ("site", "address"): (
        Text("网址，如 https://carbon.example，或空", "an address such as https://carbon.example, or nothing"),
        _is_site,
    ),
    ("server", "host"): (Text("主机名或地址", "a host name or address"), _is_text),
    ("server", "port"): (Text("1 到 65535 的整数", "a whole number from 1 to 65535"), _is_port),
    ("server", "hosts"): (
        Text('主机名列表，如 ["carbon.example"]', 'a list of names such as ["carbon.example"]'),
        _are_texts,
    ),
    ("server", "https"): (Text("true 或 false", "true or false"), _is_flag),
    ("server", "allow_plain_http"): (Text("true 或 false", "true or false"), _is_flag),
    ("database", "url"): (Text("数据库地址或空", "a database URL or nothing"), _is_text),
    ("mail", "host"): (Text("邮件服务器或空", "a mail server or nothing"), _is_text),
    ("mail", "port"): (Text("1 到 65535 的整数", "a whole number from 1 to 65535"), _is_port),
    ("mail", "sender"): (Text("邮件地址或空", "a mail address or nothing"), _is_address),
    ("mail", "starttls"): (Text("true 或 false", "true or false"), _is_flag),
    ("mail", "user"): (Text("一段文字", "text"), _is_text),
    ("mail", "password_file"): (Text("文件名或空", "a file or nothing"), _is_text),
    ("mail", "smtps"): (Text("true 或 false", "true or false"), _is_flag),
    ("mail", "ca_file"): (Text("文件名或空", "a file or nothing"), _is_text),
    ("sign_in", "signing_minutes"): (Text("1 到 60 的整数", "a whole number from 1 to 60"), _is_whole(1, 60)),
    ("sign_in", "idle_minutes"): (Text("5 到 720 的整数", "a whole number from 5 to 720"), _is_whole(5, 720)),
    ("sign_in", "absolute_hours"): (Text("1 到 24 的整数", "a whole number from 1 to 24"), _is_whole(1, 24)),
    ("sign_in", "reset_minutes"): (Text("5 到 1440 的整数", "a whole number from 5 to 1440"), _is_whole(5, 1440)),
    ("api", "token_days"): (Text("1 到 365 的整数", "a whole number from 1 to 365"), _is_whole(1, 365)),
}


def load_config(file: Path, environment: Mapping[str, str]) -> Config:
    """Read the configuration; a missing file means the defaults. Raises :class:`BadConfig` with every problem."""
    try:
        data = tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(file=file.name, problems=str(error)) from error
    problems = [*_problems(data)]
    if problems:
        raise BadConfig(
            file=file.name,
            problems=Text("；".join(p.zh for p in problems), "; ".join(p.en for p in problems)),
        )
    database = DatabaseConfig(**data.get("database", {}))
    url = environment.get(DATABASE_VARIABLE, "") or database.url
    return Config(
        Site(**data.get("site", {})),
        _server(data.get("server", {})),
        DatabaseConfig(url),
        Mail(**data.get("mail", {})),
        SignIn(**data.get("sign_in", {})),
        Api(**data.get("api", {})),
    )


def _server(given: Mapping[str, Any]) -> Server:
    return Server(**{**given, "hosts": tuple(host.lower() for host in given.get("hosts", ()))})


def _problems(data: Mapping[str, object]) -> list[Text]:
    problems: list[Text] = []
    sections = {section for section, _ in _KEYS}
    for section, keys in data.items():
        if section not in sections:
            problems.append(Text(f"没有 [{section}] 这一节", f"there is no section [{section}]"))
            continue
        if not isinstance(keys, dict):
            problems.append(Text(f"{section} 应为一节 [{section}]", f"{section} is one section [{section}]"))
            continue
        problems += [p for name, value in keys.items() if (p := _problem(section, name, value)) is not None]
    mail = data.get("mail")
    if isinstance(mail, dict) and mail.get("host") and not mail.get("sender"):
        problems.append(Text("[mail] 有 host 时须有 sender", "[mail] with a host has a sender too"))
    return problems


def _problem(section: str, name: str, value: object) -> Text | None:
    known = _KEYS.get((section, name))
    if known is None:
        names = [n for s, n in _KEYS if s == section]
        return Text(
            f"[{section}] 没有 {name} 这一项（有 {'、'.join(names)}）",
            f"[{section}] has no key {name} (it has {', '.join(names)})",
        )
    right, check = known
    if check(value):
        return None
    return Text(
        f"[{section}] {name} = {value!r} 不对，应为{right.zh}",
        f"[{section}] {name} = {value!r} is wrong; it is {right.en}",
    )
