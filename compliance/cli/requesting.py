"""Commands about requests to change documents in force: where a document is used, asking, deciding, the list."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction

from compliance.adapters.change_requests import SqlRequestLists
from compliance.bootstrap.documents import requests_of
from compliance.bootstrap.installation import opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.arguments import command, signer
from compliance.cli.output import DONE, print_json, print_table
from compliance.core.documents import ChangeRequest, RequestQuery
from compliance.core.documents.change_requests import STATES
from compliance.core.lists import LARGEST_EXPORT
from compliance.core.looking import choose_plant


def arguments(below: _SubParsersAction[ArgumentParser]) -> None:
    """The commands below ``documents``."""
    used = command(below, "where-used", where_used, "文件用在何处 / what leads to a document")
    every = command(below, "changes", listing, "变更申请清单 / requests to change documents")
    every.add_argument("--state", choices=STATES, metavar="S", help="/".join(STATES))
    asking = command(below, "ask-change", ask, "申请变更有效文件 / ask for a change of a document in force")
    for one in (used, asking):
        one.add_argument("number", metavar="NUMBER", help="文件编号 / number of the document")
    asking.add_argument("--impact", required=True, metavar="TEXT", help="影响 / what it touches")
    decided = command(below, "decide-change", decide, "决定变更申请 / accept or reject a request")
    decided.add_argument("request", metavar="REQUEST", help="申请编号 / number of the request, such as DCR-2026-001")
    verdicts = ("accept", "reject")
    decided.add_argument("verdict", choices=verdicts, metavar="accept|reject", help="决定 / what is decided")
    for one in (asking, decided):
        one.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
        signer(one)
    for one in (used, every, asking, decided):
        one.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def where_used(args: Namespace) -> int:
    """What leads to a document."""
    with opened(args.data) as installation, installation.register.read() as reads:
        plant, at = choose_plant(reads, args.plant), requests_of(installation)
        uses = at.where_used(reads, plant, at.desk.find(reads, plant, args.number))
    if args.json:
        print_json([{"kind": u.kind, "what": u.what, "text": u.text} for u in uses])
    else:
        print_table(("种类 kind", "编号 what", "名称 text"), ((u.kind, u.what, str(u.text)) for u in uses))
    return DONE


def listing(args: Namespace) -> int:
    """The requests of a plant, newest first."""
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        query = RequestQuery(state=args.state or "", limit=LARGEST_EXPORT)
        rows = SqlRequestLists(installation.register.database).requests(plant, query).rows
    if args.json:
        print_json([_told(row.request) for row in rows])
    else:
        shown = ((r.number, r.document, r.state, r.asked_name, r.reason) for r in (row.request for row in rows))
        print_table(("编号 number", "文件 document", "状态 state", "申请人 by", "理由 reason"), shown)
    return DONE


def ask(args: Namespace) -> int:
    """Ask for a change of a document in force."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _ask(who, args))


def decide(args: Namespace) -> int:
    """Accept or reject a request."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _decide(who, args))


def _ask(who: Acting, args: Namespace) -> dict[str, object]:
    at = requests_of(who.installation)
    return _told(at.ask(who.plant, who.person, args.number, args.reason, args.impact))


def _decide(who: Acting, args: Namespace) -> dict[str, object]:
    at = requests_of(who.installation)
    return _told(at.decide(who.plant, who.person, args.request, accept=args.verdict == "accept", why=args.reason))


def _told(it: ChangeRequest) -> dict[str, object]:
    return {
        "number": it.number,
        "document": it.document,
        "place": it.place,
        "state": it.state,
        "reason": it.reason,
        "impact": it.impact,
        "asked_by": it.asked_by,
        "asked_at": it.asked_at,
        "decided_by": it.decided_by,
        "decided_at": it.decided_at,
        "decision": it.decision,
        "version": it.version,
        "uses": [{"kind": u.kind, "what": u.what, "text": u.text} for u in it.uses],
    }
