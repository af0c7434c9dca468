"""Searching for words in what the plants have, and in the rules."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Iterable
from itertools import islice

from compliance.bootstrap.installation import Installation, opened
from compliance.bootstrap.searching import search_of
from compliance.cli.arguments import command, day
from compliance.cli.output import DONE, print_json, print_table, say
from compliance.core.lists import LARGEST_PAGE
from compliance.core.plants import NoSuchPlant, Plant
from compliance.core.searching import NO_PLANT, Days, Hit, Kind, Piece, Question, Search, question
from compliance.kernel.text import Text

OPEN = "open"


def declare(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the command with its arguments."""
    text = "按词查找业务、文件与规则 / find duties, documents, rules and more by their words"
    find = command(commands, "search", search, text)
    find.add_argument("words", nargs="*", metavar="WORDS", help='词、"短语"、词头* / words, "a phrase", a beginning*')
    find.add_argument("--kind", action="append", choices=[kind.value for kind in Kind], default=[], metavar="K",
                      help="类别，可多次给出 / a kind, may be repeated: " + ", ".join(Kind))  # fmt: skip
    find.add_argument("--from", dest="first", type=day, metavar="DAY", help="日期自 / the first day")
    find.add_argument("--until", dest="last", type=day, metavar="DAY", help="日期至 / the last day")
    find.add_argument("--state", choices=[OPEN, "settled"], help="未了结或已了结 / what is still open, or no longer")
    find.add_argument("--rebuild", action="store_true", help="重建索引 / make the index anew")
    find.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")


def search(args: Namespace) -> int:
    """Answer a question, the latest first; or make the index anew."""
    asked = question(" ".join(args.words)) if args.words or not args.rebuild else None
    with opened(args.data, args.rules) as installation:
        at = search_of(installation)
        plants = _plants(installation, args.plant)
        if args.rebuild:
            entries = at.rebuild()
            say(Text(f"索引已重建：{entries} 条", f"The index was made anew: {entries} entries"))
        if asked is None:
            if args.json:
                print_json({"entries": entries})
            return DONE
        at.refresh()
        hits = list(islice(_every(at, asked, [*plants, NO_PLANT], args), LARGEST_PAGE))
    if args.json:
        print_json({"query": asked.asked, "hits": [_told(hit, plants) for hit in hits]})
    else:
        _print(hits, plants)
    return DONE


def _every(at: Search, asked: Question, plants: list[int], args: Namespace) -> Iterable[Hit]:
    kinds, days = [Kind(kind) for kind in args.kind], Days(args.first, args.last)
    is_open = None if args.state is None else args.state == OPEN
    page = at.find(asked, plants, kinds, "", days, is_open=is_open)
    yield from page.rows
    while page.next:
        page = at.find(asked, plants, kinds, page.next, days, is_open=is_open)
        yield from page.rows


def _plants(installation: Installation, name: str | None) -> dict[int, Plant]:
    with installation.register.read() as reads:
        plants = reads.plants()
    found = {plant.id: plant for plant in plants if name in (None, plant.key, plant.short)}
    if name is not None and not found:
        raise NoSuchPlant(plant=name)
    return found


def _told(hit: Hit, plants: dict[int, Plant]) -> dict[str, object]:
    plant = plants.get(hit.key.plant)
    return {
        "plant": plant.key if plant else None,
        "kind": hit.key.kind,
        "id": hit.key.id,
        "title": hit.entry.title,
        "day": hit.entry.day,
        "snippet": _plain(hit.snippet()),
    }


def _print(hits: list[Hit], plants: dict[int, Plant]) -> None:
    if not hits:
        say(Text("没有找到", "Nothing was found"))
        return
    print_table(
        ("企业 plant", "类别 kind", "编号 id", "标题 title", "日期 day"),
        (
            (
                p.short or p.key if (p := plants.get(h.key.plant)) else "",
                h.key.kind,
                h.key.id,
                h.entry.title,
                h.entry.day,
            )
            for h in hits
        ),
    )


def _plain(pieces: Iterable[Piece]) -> str:
    return "".join(piece.text for piece in pieces)
