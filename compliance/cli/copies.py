"""Commands about controlled copies on paper: the register of them, handing one out, its recall, its end."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path

from compliance.adapters.document_lists import SqlDocumentLists
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import Installation, opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.arguments import command, signer
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core.controlled import DocumentAtHand, at_hand
from compliance.core.copies import ControlledCopy, CopyRow, CopyState, Outcome
from compliance.core.documents import NotIssued
from compliance.core.documents.copies import Copies
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant


def arguments(commands: _SubParsersAction[ArgumentParser]) -> None:
    """The commands of ``copies``."""
    text = "受控副本：登记、发放、收回 / controlled copies on paper"
    below = commands.add_parser("copies", help=text).add_subparsers(required=True, metavar="COMMAND")
    every = command(below, "list", listing, "受控副本登记 / the register of controlled copies")
    every.add_argument("number", nargs="?", metavar="NUMBER", help="仅此文件 / of this document alone")
    every.add_argument("--state", choices=[one.value for one in CopyState], metavar="S", help="/".join(CopyState))
    called = command(below, "recall", recall, "待收回的副本 / copies to be called back: their version has ended")
    giving = command(below, "give", give, "发放有效版本的副本 / hand out a numbered copy of the version in force")
    giving.add_argument("--holder", required=True, metavar="TEXT", help="持有人 / to whom")
    giving.add_argument("--kept-at", required=True, metavar="TEXT", help="存放处 / where it is kept")
    ending = command(below, "return", end, "登记副本的去向 / say that a copy came back, was destroyed or lost")
    kinds = [one.value for one in Outcome]
    ending.add_argument("--outcome", choices=kinds, default=kinds[0], metavar="O", help="/".join(kinds))
    ending.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
    seeing = command(below, "witness", witness, "见证销毁 / witness as a second person that a copy was destroyed")
    load = command(below, "file", file, "写出带编号的副本 / write the file of a copy, numbered on every page")
    load.add_argument("--out", required=True, type=Path, metavar="FILE", help="写入的文件 / the file to write")
    for one in (giving, ending, seeing, load):
        one.add_argument("number", metavar="NUMBER", help="文件编号 / number of the document")
    for one in (ending, seeing, load):
        one.add_argument("copy", type=int, metavar="COPY", help="副本号 / number of the copy")
    for one in (giving, ending, seeing):
        signer(one)
    for one in (every, called, giving, ending, seeing, load):
        one.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def listing(args: Namespace) -> int:
    """The controlled copies of a plant or of one document."""
    return _listed(args, args.number, args.state)


def recall(args: Namespace) -> int:
    """The copies whose version has ended and that have not come back."""
    return _listed(args, None, CopyState.RECALLED)


def give(args: Namespace) -> int:
    """Give out the next numbered copy of the version in force."""
    return _signed(args, _give)


def end(args: Namespace) -> int:
    """Say what became of a copy."""
    return _signed(args, _end)


def witness(args: Namespace) -> int:
    """Witness as a second person that a copy was destroyed."""
    return _signed(args, _witness)


def file(args: Namespace) -> int:
    """Write the file of a copy that is held, with its number and holder on every page."""
    with opened(args.data) as installation:
        use = Copies(desk(installation))
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
            about = use.desk.find(reads, plant, args.number)
            copy = use.held(reads, plant, about, args.copy)
            of = at_hand(reads, plant, f"{about.number}/{copy.label}") or about
        args.out.write_bytes(use.file(of, copy))
    if args.json:
        print_json({"document": of.version.object_id, "copy": copy.copy, "file": str(args.out)})
    else:
        say(str(args.out))
    return DONE


# --- parts -----------------------------------------------------------------------------------------


def _listed(args: Namespace, number: str | None, state: str | None) -> int:
    with opened(args.data) as installation:
        rows = [
            row
            for row in _rows(installation, args)
            if number in (None, row.copy.number) and state in (None, row.state.value)
        ]
    if args.json:
        print_json([_told(row) for row in rows])
    else:
        heading = ("文件 document", "副本号 copy", "持有人 holder", "存放处 kept at", "状态 state")
        shown = ((f"{c.number}/{c.label}", c.copy, c.holder, c.kept_at, row.state) for row in rows for c in (row.copy,))
        print_table(heading, shown)
    return DONE


def _rows(installation: Installation, args: Namespace) -> list[CopyRow]:
    with installation.register.read() as reads:
        plant = choose_plant(reads, args.plant)
    return list(SqlDocumentLists(installation.register.database).copies(plant))


def _signed(args: Namespace, do: Callable[[Copies, Acting, Namespace], ControlledCopy]) -> int:
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _kept(do(Copies(desk(installation)), who, args)))


def _give(use: Copies, who: Acting, args: Namespace) -> ControlledCopy:
    about = _about(use, who.plant, args)
    holding = about.holding(who.installation.clock.today())
    if holding is None:
        raise NotIssued(name=about.number)
    return use.give(who.plant, who.person, holding.object_id, args.holder, args.kept_at)


def _end(use: Copies, who: Acting, args: Namespace) -> ControlledCopy:
    number = _about(use, who.plant, args).number
    return use.end(who.plant, who.person, number, args.copy, args.outcome, args.reason)


def _witness(use: Copies, who: Acting, args: Namespace) -> ControlledCopy:
    return use.witness(who.plant, who.person, _about(use, who.plant, args).number, args.copy)


def _about(use: Copies, plant: Plant, args: Namespace) -> DocumentAtHand:
    with use.desk.register.read() as reads:
        return use.desk.find(reads, plant, args.number)


def _told(row: CopyRow) -> dict[str, object]:
    return {"title": row.title, "state": row.state.value, **_kept(row.copy)}


def _kept(copy: ControlledCopy) -> dict[str, object]:
    return {
        "document": f"{copy.number}/{copy.label}",
        "copy": copy.copy,
        "holder": copy.holder,
        "kept_at": copy.kept_at,
        "given_at": copy.issued_at,
        "given_by": copy.issued_by,
        "outcome": copy.outcome,
        "why": copy.why,
        "ended_at": copy.ended_at,
        "ended_by": copy.ended_by,
        "waits_for_witness": copy.ended_at is not None and not copy.over,
        "witnessed_by": copy.second_by,
    }
