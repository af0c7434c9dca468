"""The command that reads a rule base for what cannot be meant."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from compliance.bootstrap.installation import read_rules
from compliance.bootstrap.places import shipped
from compliance.cli.output import DONE, PROBLEMS, print_json, say
from compliance.core.linting import Remark, lint_rules, open_remarks
from compliance.kernel.text import Text


def rules_lint(args: Namespace) -> int:
    """Print what the checks say of a rule base; one remark that no exception explains is a problem."""
    remarks = lint_rules(read_rules(args.rules or shipped("rules")))
    left = open_remarks(remarks)
    if args.json:
        excused = [{**told(r), "exception": r.excused_by, "reason": r.reason} for r in remarks if r.excused_by]
        print_json({"remarks": [told(remark) for remark in left], "excused": excused})
    else:
        _print(remarks, left)
    return PROBLEMS if left else DONE


def told(remark: Remark) -> dict[str, object]:
    """A remark as plain JSON."""
    names = ("check", "title", "severity", "rule", "beside", "at", "file", "line", "message")
    return {name: getattr(remark, name) for name in names}


def _print(remarks: Sequence[Remark], left: Sequence[Remark]) -> None:
    for remark in left:
        print(line_of(remark))
    for remark in (r for r in remarks if r.excused_by):
        print(f"{line_of(remark)}  — {remark.excused_by}: {remark.reason}")
    excused = len(remarks) - len(left)
    say(Text(f"发现 {len(left)} 处，另有 {excused} 处例外", f"{len(left)} remark(s), and {excused} excused"))


def line_of(remark: Remark) -> str:
    """A remark in one line: place, check, rule, sentence."""
    return f"{remark.file}:{remark.line}: {remark.severity.value} {remark.check} [{remark.rule}] {remark.message}"
