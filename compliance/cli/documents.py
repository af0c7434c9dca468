"""Commands about all documents of a plant: drafts of every type of a year."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import opened
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, progress
from compliance.core.documents import Made, draft_all
from compliance.core.looking import choose_plant
from compliance.kernel.canonical import digest
from compliance.rulebase.schema import Strength


def drafts(args: Namespace) -> int:
    """Write a draft of every type of document into a folder, kept nowhere else; 1 where one could not be made."""
    args.out.mkdir(parents=True, exist_ok=True)
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        made = draft_all(desk(installation), plant, str(args.year), progress, every=args.every)
        rows = [_told(one, _written(one, args.out)) for one in made]
    if args.json:
        print_json(rows)
    else:
        heading = ("类别 code", "标题 title", "对象 about", "文件 file", "缺 missing")
        print_table(heading, ((r["code"], r["title"], r["about"], r["file"] or r["error"], _lacks(r)) for r in rows))
    return PROBLEMS if any(row["error"] for row in rows) else DONE


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
