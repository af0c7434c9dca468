"""Commands that make documents."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.documents import draft_report
from compliance.bootstrap.installation import OPERATOR, opened
from compliance.cli.output import DONE, print_json, say
from compliance.core.looking import choose_plant
from compliance.kernel.text import Text


def report(args: Namespace) -> int:
    """Draft the report on a nonconformity, keep it, and write it to a file."""
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        drafted = draft_report(installation, plant, args.number, OPERATOR)
        with installation.vault.open(drafted.file.sha256) as file:
            args.out.write_bytes(file.read())
    if args.json:
        print_json(
            {
                "number": drafted.number,
                "file": str(args.out),
                "sha256": drafted.file.sha256,
                "data": drafted.context,
                "template": drafted.template,
                "rule": drafted.rule,
            }
        )
    else:
        say(Text(f"已起草 {drafted.number}：{args.out}", f"Drafted {drafted.number}: {args.out}"))
    return DONE
