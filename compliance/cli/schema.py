"""The command that prints the rule language: a page for people, a JSON schema for editors."""

from __future__ import annotations

from argparse import Namespace

from compliance.cli.output import DONE, print_json
from compliance.rulebase.language_page import page
from compliance.rulebase.language_schema import schema, schema_of


def rules_schema(args: Namespace) -> int:
    """Print which members a rule has, of one kind or of all."""
    if args.json:
        print_json(schema_of(args.kind) if args.kind else schema())
    else:
        print(page(args.kind), end="")
    return DONE
