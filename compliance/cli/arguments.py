"""What commands declare alike: their name and help, days, and who signs."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace, _SubParsersAction
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from compliance.kernel.clock import FIRST_YEAR, LAST_YEAR

Command = Callable[[Namespace], int]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def command(
    commands: _SubParsersAction[ArgumentParser], name: str, act: Command, text: str, *, json: bool = True
) -> ArgumentParser:
    """Add a command with its help; ``json``: it can answer in JSON alone."""
    added: ArgumentParser = commands.add_parser(name, help=text, description=text)
    added.set_defaults(command=act)
    if json:
        added.add_argument("--json", action="store_true", help="只输出 JSON / JSON alone on stdout")
    return added


def signer(of: ArgumentParser, *, required: bool = True) -> None:
    """Ask who acts, and how the password comes."""
    of.add_argument("--as", dest="login", required=required, metavar="LOGIN", help="谁办理 / who acts")
    of.add_argument("--password-stdin", action="store_true", help="从标准输入读密码 / password from stdin")


def day(text: str) -> date:
    """A day as arguments give it."""
    # Other spellings of ISO 8601 are no days of ours.
    if _DAY.fullmatch(text):
        with suppress(ValueError):
            return date.fromisoformat(text)
    raise ArgumentTypeError(f"“{text}”不是日期，应写作 YYYY-MM-DD / {text!r} is no day: write YYYY-MM-DD")


def judged_day(text: str) -> date:
    """A day that something is judged as of."""
    found = day(text)
    if FIRST_YEAR <= found.year <= LAST_YEAR:
        return found
    raise ArgumentTypeError(
        f"“{text}”不在 {FIRST_YEAR} 至 {LAST_YEAR} 年之间 / {text!r} is not within {FIRST_YEAR} to {LAST_YEAR}"
    )
