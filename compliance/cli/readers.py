"""Commands about the readers of a document: who is asked, and confirming having read it."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.output import DONE, print_json, print_table
from compliance.core.distribution import Reader, coverage_of
from compliance.core.documents.readers import Readers
from compliance.core.looking import choose_plant


def listed(args: Namespace) -> int:
    """Who reads a version of a document, by when, and who has confirmed."""
    with opened(args.data) as installation:
        use, today = Readers(desk(installation)), installation.clock.today()
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
            about = use.desk.find(reads, plant, args.number)
            asking = use.asking(reads, plant, about.version, use.desk.rule(about.document.rule))
    covered = coverage_of(asking.readers, today)
    if args.json:
        print_json(
            {
                "document": about.version.object_id,
                "parties": list(asking.distribution.parties) if asking.distribution else [],
                "asked": covered.asked,
                "confirmed": covered.confirmed,
                "late": covered.late,
                "percent": covered.percent,
                "readers": [_told(r) | {"late": r.late(today)} for r in asking.readers],
            }
        )
    else:
        heading = ("账号 account", "姓名 name", "期限 due", "确认 confirmed")
        rows = ((r.account, r.name, r.due.isoformat(), _told(r)["confirmed_at"] or "") for r in asking.readers)
        print_table(heading, rows)
    return DONE


def confirm(args: Namespace) -> int:
    """Confirm having read a version; each reader in person."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _confirmed(who, args))


def _confirmed(who: Acting, args: Namespace) -> dict[str, object]:
    reading = Readers(desk(who.installation)).confirm(who.plant, who.person, args.number)
    return {"number": reading.number, "reader": reading.account, "at": reading.at, "read": reading.read}


def _told(reader: Reader) -> dict[str, object]:
    return {
        "account": reader.account,
        "name": reader.name,
        "department": reader.department,
        "posts": reader.posts,
        "due": reader.due.isoformat(),
        "confirmed": reader.confirmed,
        "confirmed_at": reader.reading.at if reader.reading else None,
    }
