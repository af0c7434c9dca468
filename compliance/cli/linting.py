"""The command that reads a rule base for what cannot be meant."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from compliance.bootstrap.installation import opened, read_rules
from compliance.bootstrap.places import shipped
from compliance.cli.output import DONE, PROBLEMS, print_json, say
from compliance.core.linting import Remark, lint_rules, open_remarks, told_remark
from compliance.core.linting.plant_checks import PlantRemark
from compliance.core.linting.plants import lint_plant, staffed
from compliance.core.looking import choose_plant
from compliance.kernel.text import Text
from compliance.rulebase.packs import lying_ready
from compliance.rulebase.rulebase import RuleBase


def rules_lint(args: Namespace) -> int:
    """Print what the checks say of a rule base and, with a plant, what its persons cannot do; a remark is a problem.

    Without a plant the packs that lie ready are read too: what nobody uses yet can be meant all the same.
    """
    if args.plant is None and args.as_of is None:
        directory = args.rules or shipped("rules")
        return _answer(args, read_rules(directory, lying_ready(directory)), None)
    with opened(args.data, args.rules) as installation:
        base, day = installation.rulebase, args.as_of or installation.clock.today()
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
            there = lint_plant(*staffed(reads, plant, base, day), base, day)
    return _answer(args, base, Looked(plant.key, day, there))


@dataclass(frozen=True, slots=True)
class Looked:
    """What the plant of a key cannot do as of a day."""

    plant: str
    day: date
    remarks: tuple[PlantRemark, ...]


def _answer(args: Namespace, base: RuleBase, there: Looked | None) -> int:
    remarks = lint_rules(base)
    left = open_remarks(remarks)
    if args.json:
        excused = [{**told_remark(r), "exception": r.excused_by, "reason": r.reason} for r in remarks if r.excused_by]
        of_plant = {"plant": _plant(there)} if there else {}
        print_json({"remarks": [told_remark(remark) for remark in left], "excused": excused, **of_plant})
    else:
        _print(remarks, left)
        for one in there.remarks if there else ():
            print(f"{there.plant if there else ''} {one.check}: {one.what} — {one.message} [{', '.join(one.names)}]")
    return PROBLEMS if left or (there and there.remarks) else DONE


def _plant(there: Looked) -> dict[str, object]:
    return {"key": there.plant, "as_of": there.day, "remarks": [_of_plant(remark) for remark in there.remarks]}


def _of_plant(remark: PlantRemark) -> dict[str, object]:
    names = ("check", "title", "severity", "what", "message")
    duties = [{"title": d.title, "posts": d.posts, "roles": d.roles} for d in remark.duties]
    shape = {name: getattr(remark, name) for name in names}
    return {**shape, "rules": remark.names, "duties": duties, "persons": remark.persons}


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
