"""Commands about documents that are not what would be drawn up now: which and why, and drafting the next version."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.documents import watch
from compliance.bootstrap.installation import opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table
from compliance.core.documents import Drift
from compliance.core.looking import choose_plant


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
