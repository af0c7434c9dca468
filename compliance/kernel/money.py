"""Amounts of money in the capital figures that Chinese vouchers carry beside the digits: no stroke alters them."""

from __future__ import annotations

from compliance.kernel.quantity import MICRO

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_BASE = len(_DIGITS)
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_GROUP, _FEN = 4, 100
#: From here on an amount has no capital figures here: 10¹² yuan.
_TOO_LARGE = _BASE ** (_GROUP * len(_GROUPS))


def capitals(micro: int) -> str:
    """An amount of yuan (10⁻⁶) in capital figures; empty where it is no whole number of fen, or too large."""
    fen, rest = divmod(abs(micro), MICRO // _FEN)
    yuan, cents = divmod(fen, _FEN)
    if rest or yuan >= _TOO_LARGE:
        return ""
    whole = f"{_whole(yuan)}元" if yuan or not cents else ""
    return f"人民币{'负' if micro < 0 else ''}{whole}{_cents(cents, after=bool(yuan))}"


def _whole(yuan: int) -> str:
    said, zero = "", not yuan
    for place, digit in reversed(list(enumerate(map(int, reversed(str(yuan)))))):
        group, within = divmod(place, _GROUP)
        if digit:
            said += ("零" if zero and said else "") + _DIGITS[digit] + _PLACES[within]
        zero = not digit
        if not within and yuan // _BASE**place % _BASE**_GROUP:
            said += _GROUPS[group]
    return said or _DIGITS[0]


def _cents(cents: int, *, after: bool) -> str:
    jiao, fen = divmod(cents, _BASE)
    if not cents:
        return "整"
    tens = f"{_DIGITS[jiao]}角" if jiao else "零" if after else ""
    return tens + (f"{_DIGITS[fen]}分" if fen else "整")
