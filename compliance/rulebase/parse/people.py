"""Blocks ``[post.id]`` and ``[approval.id]``: posts, and chains of steps by different hands."""

from __future__ import annotations

from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import Approval, Post, Step


def post(table: Table, common: Common) -> Post:
    """Read one post."""
    return Post(
        **common,
        words=table.strings("words", empty=True),
        never_with=table.strings("never_with", optional=True, empty=True),
    )


def approval(table: Table, common: Common) -> Approval:
    """Read one chain of approval."""
    return Approval(
        **common,
        applies_to=table.strings("applies_to"),
        steps=tuple(_step(row) for row in table.tables("steps")),
        distinct=table.groups("distinct"),
        never_both=_pairs(table),
        limits=table.values("limits"),
    )


def _step(table: Table) -> Step:
    named = table.both("title") if "title" in table else None
    return Step(table.text("do"), table.maybe_text("post"), table.flag("optional", default=False), named)


def _pairs(table: Table) -> tuple[tuple[str, str], ...]:
    pairs = []
    for n, group in enumerate(table.groups("never_both")):
        first, second, *more = group
        pairs.append((first, second))
        if more:
            table.wrong(f"never_both[{n}]", "应为两个岗位", "should be a pair of posts")
    return tuple(pairs)
