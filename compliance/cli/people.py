"""Commands about who stands in for whom, and about handing over open work. The password signs each time."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.installation import opened
from compliance.bootstrap.usecases import casework, deputies
from compliance.cli.acting import answered, password_of, signed
from compliance.cli.output import DONE, print_json, print_table
from compliance.core.absences import Wanted
from compliance.core.handover import HandedOver, hand_over
from compliance.core.looking import choose_plant
from compliance.core.people import Absence


def deputy_set(args: Namespace) -> int:
    """Set an absence with its deputy."""
    password = password_of(args)
    wanted = Wanted(args.absent, args.deputy, args.since, args.until, args.reason)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _absence(deputies(installation).set(who.plant, who.person, wanted)))


def deputy_end(args: Namespace) -> int:
    """End an absence early: from now on nobody stands in."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(
            args,
            acting,
            lambda who: _absence(deputies(installation).end(who.plant, who.person, args.number, args.reason)),
        )


def deputy_list(args: Namespace) -> int:
    """Absences that run or are ahead; with ``--all`` those that are over too."""
    with opened(args.data) as installation, installation.register.read() as reads:
        today = installation.clock.today()
        found = [a for a in reads.absences(choose_plant(reads, args.plant)) if args.all or a.stands(today)]
    if args.json:
        print_json([_absence(one) for one in found])
    else:
        print_table(
            ("编号 no.", "离岗 absent", "代理 deputy", "起 since", "止 until", "提前结束 ended", "理由 reason"),
            ((a.id, a.absent, a.deputy, a.since, a.until, a.ended_on, a.reason) for a in found),
        )
    return DONE


def handover(args: Namespace) -> int:
    """Hand the open actions of one person over to another: one step a case."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(
            args,
            acting,
            lambda who: _handed(
                hand_over(casework(installation), who.plant, who.person, old=args.old, new=args.new, reason=args.reason)
            ),
        )


def _absence(one: Absence) -> dict[str, object]:
    return {
        "number": one.id,
        "absent": one.absent,
        "deputy": one.deputy,
        "since": one.since,
        "until": one.until,
        "reason": one.reason,
        "set_by": one.set_by,
        "ended_on": one.ended_on,
        "ended_by": one.ended_by,
    }


def _handed(handed: HandedOver) -> dict[str, object]:
    return {
        "handed_over": [key.object_id for key in handed.done],
        "kept": [{"case": k.key.object_id, "why": k.why.message} for k in handed.kept],
    }
