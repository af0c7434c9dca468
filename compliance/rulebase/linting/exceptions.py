"""Explained exceptions: each excuses exactly one remark, and one that excuses none is a remark itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from compliance.kernel.text import Text
from compliance.rulebase.linting.base import Remark, Severity, name_of
from compliance.rulebase.schema import LintException

UNUSED, TWICE = "exception-unused", "exception-twice"
_TITLES: Mapping[str, Text] = {
    UNUSED: Text("不需要的例外", "An exception that excuses nothing"),
    TWICE: Text("同一发现的第二个例外", "A second exception for one remark"),
}
_SEVERITY: Mapping[str, Severity] = {UNUSED: Severity.WARNING, TWICE: Severity.ERROR}


def excused(remarks: Sequence[Remark], exceptions: Sequence[LintException]) -> tuple[Remark, ...]:
    """The remarks, each with the exception that excuses it, and what is wrong with the exceptions themselves."""
    by_key: dict[tuple[str, str, str, str], LintException] = {}
    wrong: list[Remark] = []
    known = {remark.key for remark in remarks}
    for one in exceptions:
        first = by_key.setdefault(_key(one), one)
        if first is not one:
            zh, en = f"{name_of(first)} 已说明同一发现", f"{name_of(first)} excuses the same remark"
            wrong.append(_remark(TWICE, one, Text(zh, en)))
        elif _key(one) not in known:
            wrong.append(_remark(UNUSED, one, _nearest(one, remarks)))
    return (*(_excused(remark, by_key) for remark in remarks), *wrong)


def _key(one: LintException) -> tuple[str, str, str, str]:
    return one.check, one.rule, one.beside, one.at


def _excused(remark: Remark, by_key: Mapping[tuple[str, str, str, str], LintException]) -> Remark:
    one = by_key.get(remark.key)
    return remark if one is None else replace(remark, excused_by=name_of(one), reason=one.reason)


def _remark(check: str, one: LintException, message: Text) -> Remark:
    return Remark(
        check=check,
        title=_TITLES[check],
        severity=_SEVERITY[check],
        rule=name_of(one),
        file=one.file,
        line=one.line,
        message=message,
    )


def _nearest(one: LintException, remarks: Sequence[Remark]) -> Text:
    """What would be right: the remarks of the rule, as an exception names them."""
    near = [_named(r) for r in remarks if r.rule == one.rule]
    zh, en = f"{one.rule} 没有这样的发现", f"{one.rule} has no such remark"
    if not near:
        return Text(zh, en)
    return Text(f"{zh}；现有：{'；'.join(near)}", f"{en}; there is: {'; '.join(near)}")


def _named(remark: Remark) -> str:
    return ", ".join(_members(remark))


def _members(remark: Remark) -> Iterator[str]:
    for name in ("check", "beside", "at"):
        if value := getattr(remark, name):
            yield f'{name} = "{value}"'
