"""The command that prints which rules meet which statement of the standard."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from compliance.bootstrap.installation import read_rules
from compliance.bootstrap.places import shipped
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.kernel.clock import Clock
from compliance.kernel.text import Text
from compliance.rulebase.coverage import Chapter, Covered, by_chapter, coverage
from compliance.rulebase.schema import Strength


def rules_coverage(args: Namespace) -> int:
    """Print the matrix of requirements; one that nothing meets is a problem."""
    rulebase = read_rules(args.rules or shipped("rules"))
    rows = coverage(rulebase, args.as_of or Clock().today())
    if args.json:
        print_json(_shape(rows))
    else:
        _print(rows)
    return PROBLEMS if any(row.gap for row in rows) else DONE


def _shape(rows: Sequence[Covered]) -> dict[str, object]:
    return {
        "requirements": [
            {
                "requirement": row.requirement.code,
                "clause": row.requirement.source.clause,
                "strength": row.requirement.source.strength.value,
                "title": {"zh": row.requirement.title.zh, "en": row.requirement.title.en},
                "met_by": [{"kind": met.kind, "id": met.id} for met in row.met_by],
                "questions": [{"zh": row.question.zh, "en": row.question.en}],
                "organisational": row.organisational,
                "slips": list(row.requirement.slips),
            }
            for row in rows
        ],
        "by_chapter": {chapter.chapter: _chapter(chapter) for chapter in by_chapter(tuple(rows))},
    }


def _chapter(chapter: Chapter) -> dict[str, int]:
    return {
        "requirements": chapter.total,
        "met": chapter.met,
        "gaps": chapter.gaps,
        **{strength.value: chapter.strengths.get(strength, 0) for strength in Strength},
    }


def _print(rows: Sequence[Covered]) -> None:
    print_table(
        ("要求 requirement", "条款 clause", "强度 strength", "由谁满足 met by"),
        (
            (
                row.requirement.code,
                row.requirement.source.clause,
                row.requirement.source.strength.value,
                "、".join(f"{met.kind}:{met.id}" for met in row.met_by) or "— 缺 gap",
            )
            for row in rows
        ),
    )
    print_table(
        ("章 chapter", "要求 all", "满足 met", "缺口 gaps", *(s.value for s in Strength)),
        (
            (c.chapter, c.total, c.met, c.gaps, *(c.strengths.get(s, 0) for s in Strength))
            for c in by_chapter(tuple(rows))
        ),
    )
    asked = [row.requirement.code for row in rows if row.organisational]
    say(
        Text(
            f"仅由内审判断的 {len(asked)} 条：{'、'.join(asked)}",
            f"{len(asked)} judged by the internal audit alone: {', '.join(asked)}",
        )
    )
    gaps = [row.requirement.code for row in rows if row.gap]
    say(Text(f"缺口 {len(gaps)} 条：{'、'.join(gaps)}", f"{len(gaps)} gaps: {', '.join(gaps)}"))
