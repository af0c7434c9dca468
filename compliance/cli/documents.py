"""Commands about all documents of a plant: drafts of every type, opening one, writing a section of its draft."""

from __future__ import annotations

import csv
from argparse import Namespace
from io import StringIO
from pathlib import Path
from typing import ClassVar

from compliance.bootstrap.documents import answers, desk, samples
from compliance.bootstrap.installation import OnlyInDemo, opened
from compliance.bootstrap.usecases import people_here
from compliance.cli.acting import Acting, NoSuchFileHere, answered, password_of, signed
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, progress
from compliance.core.controlled import Content
from compliance.core.documents import Desk, Issued, Made, NothingYet, draft_all, issue_all
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant
from compliance.kernel.canonical import digest
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.schema import Section, SectionKind, Strength


def drafts(args: Namespace) -> int:
    """Write a draft of every type of document into a folder, kept nowhere else; 1 where one could not be made."""
    args.out.mkdir(parents=True, exist_ok=True)
    with opened(args.data, args.rules) as installation:
        with installation.register.read() as reads:
            plants = reads.plants() if args.all else [choose_plant(reads, args.plant)]
        rows = [row for plant in plants for row in _drafted(desk(installation), plant, args)]
    if args.json:
        print_json(rows)
    else:
        heading = ("类别 code", "标题 title", "对象 about", "文件 file", "缺 missing")
        print_table(heading, ((r["code"], r["title"], r["about"], r["file"] or r["error"], _lacks(r)) for r in rows))
    return PROBLEMS if any(row["error"] for row in rows) else DONE


def _drafted(at: Desk, plant: Plant, args: Namespace) -> list[dict[str, object]]:
    """The drafts of a plant; of every plant each has a folder of its own, and its key in the answer."""
    folder = args.out / (plant.short or plant.key) if args.all else args.out
    folder.mkdir(parents=True, exist_ok=True)
    made = draft_all(at, plant, args.month or str(args.year), progress, every=args.every)
    told = [_told(one, _written(one, folder)) for one in made]
    return [{"plant": plant.key, **row} for row in told] if args.all else told


def issue_every(args: Namespace) -> int:
    """In a demo workspace: open, draft, sign and issue a document of every type as the example accounts."""
    with opened(args.data) as installation:
        if not installation.workspace.demo.exists():
            raise OnlyInDemo
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        people = people_here(installation, plant)
        year = str(args.year or installation.clock.today().year)
        sample, fields = samples(installation), answers(installation)
        found = list(issue_all(desk(installation), plant, people, year, progress, sample=sample, answers=fields))
    if args.json:
        print_json([_issued(one) for one in found])
    else:
        heading = ("文件 document", "编号 number", "状态 state", "原因 error")
        print_table(heading, ((o.rule.id, o.number, o.state, o.error.message if o.error else "") for o in found))
    return PROBLEMS if any(one.error and not isinstance(one.error, NothingYet) for one in found) else DONE


def _issued(one: Issued) -> dict[str, object]:
    return {
        "document": one.rule.id,
        "code": one.rule.code,
        "about": one.subject.about,
        "number": one.number,
        "state": one.state,
        "error": {"code": one.error.code, "message": one.error.message} if one.error else None,
    }


def open_one(args: Namespace) -> int:
    """Open a document on the plant, a period or a record."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _opened(who, args))


def write(args: Namespace) -> int:
    """Write a section of a draft from a file: a text with a paragraph a line, or a table as CSV without heads."""
    password = password_of(args)
    if not args.file.is_file():
        raise NoSuchFileHere(path=str(args.file))
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _write(who, args))


def _opened(who: Acting, args: Namespace) -> dict[str, object]:
    version = desk(who.installation).open(who.plant, who.person, args.rule, args.about or "")
    return {"document": version.object_id, "number": version.number, "version": version.label, "state": version.state}


def _write(who: Acting, args: Namespace) -> dict[str, object]:
    at = desk(who.installation)
    with at.register.read() as reads:
        rule = at.rule(at.find(reads, who.plant, args.number).document.rule)
    section = rule.section(args.section)
    version = at.write(who.plant, who.person, args.number, args.section, _content(args.file, section))
    return {"document": version.object_id, "section": args.section, "drafted": version.draft is not None}


def _content(path: Path, section: Section | None) -> Content:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotText(path=str(path)) from error
    if section is None or section.kind is not SectionKind.TABLE:
        return text
    return tuple(tuple(cells) for cells in csv.reader(StringIO(text)) if any(cells))


class NotText(WrongUse):
    """The file of a section is no text."""

    code = "not-text"
    text: ClassVar[Text] = Text(zh="“{path}”不是 UTF-8 文字", en="{path!r} is no UTF-8 text")


def _written(made: Made, folder: Path) -> Path | None:
    if made.error is not None:
        return None
    path = folder / f"{made.name}.docx"
    path.write_bytes(made.file)
    return path


def _told(made: Made, path: Path | None) -> dict[str, object]:
    error = {"code": made.error.code, "message": made.error.message} if made.error else None
    return {
        "document": made.rule.id,
        "code": made.rule.code,
        "title": made.rule.title,
        "per": made.subject.per,
        "about": made.subject.about,
        "file": str(path) if path else None,
        "sha256": digest(made.file) if path else None,
        "missing": [
            {"section": s.id, "title": s.title, "strength": s.strength, "requirements": list(s.requirements)}
            for s in made.missing
            if s.strength in (Strength.SHALL, Strength.SHOULD)
        ],
        "error": error,
    }


def _lacks(row: dict[str, object]) -> str:
    missing = row["missing"]
    return "、".join(str(one["section"]) for one in missing) if isinstance(missing, list) else ""
