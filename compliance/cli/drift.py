"""Commands about documents that are not what would be drawn up now: which and why, and drafting the next version."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.documents import desk, watch
from compliance.bootstrap.installation import opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table
from compliance.core.documents import Drift, compared, redlined
from compliance.core.looking import choose_plant
from compliance.kernel.canonical import digest


def drift(args: Namespace) -> int:
    """Compare every document in force with today; 1 where one is stale."""
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        found = watch(installation).check(plant)
    if args.json:
        print_json([_told(one) for one in found])
    else:
        rows = [(one, reason) for one in found for reason in one.reasons]
        heading = ("编号 number", "自 since", "原因 reason")
        print_table(heading, ((one.number, one.since, str(reason.text)) for one, reason in rows))
    return PROBLEMS if any(one.stale for one in found) else DONE


def draft_next(args: Namespace) -> int:
    """Open the next version of a stale document with the reasons as its note, and draft it with today's data."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _next(who, args))


def redline(args: Namespace) -> int:
    """Write a version with its changes against an earlier one, tracked as a word processor does."""
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        at = desk(installation)
        about, other = compared(at, plant, args.number, args.to, args.from_)
        made = redlined(at, plant, about, other)
    args.out.write_bytes(made.file)
    told = {
        "document": about.version.object_id,
        "from": other.label,
        "to": about.version.label,
        "changed": sum(block.changed for block in made.blocks),
        "file": str(args.out),
        "sha256": digest(made.file),
    }
    if args.json:
        print_json(told)
    else:
        print_table(("文件 file", "改动处 changed"), [(told["file"], told["changed"])])
    return DONE


def _next(who: Acting, args: Namespace) -> dict[str, object]:
    version = watch(who.installation).draft_next(who.plant, who.person, args.number)
    return {
        "document": version.object_id,
        "number": version.number,
        "version": version.label,
        "state": version.state,
        "why": version.why,
    }


def _told(one: Drift) -> dict[str, object]:
    return {
        "number": one.number,
        "place": one.place,
        "compared": one.day,
        "stale": one.stale,
        "since": one.since,
        "reasons": [{"kind": r.kind, "what": r.what, "text": r.text} for r in one.reasons],
    }
