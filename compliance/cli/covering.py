"""The command that prints which rules meet which statement of the standard."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import date

from compliance.bootstrap.installation import opened, read_rules
from compliance.bootstrap.places import shipped
from compliance.bootstrap.usecases import papers_of
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.cli.standards import met_of, pack_asked, standard_told
from compliance.core.applicability import not_binding, profile_of
from compliance.core.covering import Facts, Stated, counts_of, facts_of, stated
from compliance.core.facts.documents import documents_asked
from compliance.core.judged import OCCURRENCE
from compliance.core.looking import choose_plant, judge_as_of, look
from compliance.core.resting import stored_until
from compliance.kernel.clock import Clock
from compliance.kernel.text import Text
from compliance.rulebase.choosing import choices_of
from compliance.rulebase.coverage import Chapter, MetBy, by_chapter, coverage
from compliance.rulebase.packs import lying_ready
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Strength

#: What is said of an occurrence.
_OF_LAST = ("obligation", "code", "subject", "period", "due", "state", "done_on")


def rules_coverage(args: Namespace) -> int:
    """Print the matrix of requirements, with a plant where it stands; one that nothing meets is a problem."""
    if args.plant is not None:
        rows, base, day = _of_plant(args)
    else:
        base, day = _directory(args), args.as_of or Clock().today()
        rows = tuple(Stated(row, None) for row in coverage(base, day, pack_asked(base, args.standard, day)))
    if args.json:
        print_json(_shape(rows, base, day, args.standard))
    else:
        _print(rows)
    return PROBLEMS if any(row.covered.gap for row in rows) else DONE


def _directory(args: Namespace) -> RuleBase:
    """The rules of a directory; one who names a standard may mean a pack that lies ready."""
    directory = args.rules or shipped("rules")
    return read_rules(directory, lying_ready(directory) if args.standard else ())


def _of_plant(args: Namespace) -> tuple[tuple[Stated, ...], RuleBase, date]:
    with opened(args.data, args.rules) as installation:
        base, day = installation.rulebase, args.as_of or installation.clock.today()
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
            tables = reads.tables(plant)
            accepted, asked = reads.accepted_and_asked(plant, OCCURRENCE, documents_asked(base))
        engines = (installation.engine,)
        judged = facts_of(judge_as_of(plant, tables, base, engines, day, stored_until(day), accepted, asked))
        told = Facts(judged.lasts, judged.wrong, papers_of(installation, plant))
        documents = not_binding(profile_of(look(plant, tables, base, day)), base, day)
    return stated(coverage(base, day, pack_asked(base, args.standard, day)), told, documents), base, day


def _shape(rows: Sequence[Stated], base: RuleBase, day: date, name: str | None) -> dict[str, object]:
    standard = base.standard_of(pack_asked(base, name, day), day)
    return {
        "standard": standard_told(standard) if standard else None,
        "standards": [{**standard_told(s), **met_of(base, s, day)} for s in base.standards(day)],
        "requirements": [_row(row, base) for row in rows],
        "by_chapter": {c.chapter: _chapter(c) for c in by_chapter(tuple(row.covered for row in rows))},
        **({"by_standing": {k.value: n for k, n in counts_of(rows).items()}} if rows and rows[0].standing else {}),
    }


def _row(row: Stated, base: RuleBase) -> dict[str, object]:
    requirement = row.covered.requirement
    return {
        "requirement": requirement.code,
        "clause": requirement.source.clause,
        "strength": requirement.source.strength.value,
        "title": _both(requirement.title),
        "met_by": [{"kind": met.kind, "id": met.id, **_choices(met, base)} for met in row.covered.met_by],
        "questions": [_both(row.covered.question)],
        "organisational": row.covered.organisational,
        "slips": list(requirement.slips),
        "like": list(requirement.like),
        **(_standing(row) if row.standing else {}),
    }


def _choices(met: MetBy, base: RuleBase) -> dict[str, object]:
    rules = [rule for rule in base.named(met.id) if rule.kind == met.kind]
    found = [_both(choice) for rule in rules[-1:] for choice in choices_of(rule)]
    return {"plants_choice": found} if found else {}


def _standing(row: Stated) -> dict[str, object]:
    return {
        "standing": row.standing,
        "occurrences": [{name: getattr(one, name) for name in _OF_LAST} for one in row.lasts],
        "findings": [{"situation": w.situation, "rule": w.rule, "count": w.count} for w in row.wrong],
        "documents": [{"document": p.rule, "count": p.documents, "in_force": p.in_force} for p in row.papers],
    }


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _chapter(chapter: Chapter) -> dict[str, int]:
    return {
        "requirements": chapter.total,
        "met": chapter.met,
        "gaps": chapter.gaps,
        **{strength.value: chapter.strengths.get(strength, 0) for strength in Strength},
    }


def _print(every: Sequence[Stated]) -> None:
    rows = [row.covered for row in every]
    print_table(
        ("要求 requirement", "条款 clause", "强度 strength", "状态 standing", "由谁满足 met by"),
        (
            (
                row.requirement.code,
                row.requirement.source.clause,
                row.requirement.source.strength.value,
                one.standing or "",
                "— 缺 gap" if row.gap else "、".join(f"{met.kind}:{met.id}" for met in row.met_by),
            )
            for one, row in zip(every, rows, strict=True)
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
