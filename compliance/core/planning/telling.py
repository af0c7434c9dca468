"""A plan as plain JSON: what commands print, programs get, and the trail keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from compliance.core.judged import Found, Occurrence
from compliance.core.linting import Remark, told_remark
from compliance.core.linting.plant_checks import PlantRemark
from compliance.core.planning.plants import Changed, Moved, PlantPlan, Unfit
from compliance.core.planning.texts import RuleChange, Shortened

#: The kinds of rules that the shape names by themselves.
_OWN = {"document": "documents", "approval": "approvals", "retention": "retention"}


def told(
    before: str,
    after: str,
    rules: Sequence[RuleChange],
    refused: Sequence[Shortened],
    plants: Sequence[PlantPlan],
    remarks: Sequence[Remark] = (),
    templates: Sequence[Unfit] = (),
) -> dict[str, object]:
    """The plan; lists of several plants name the plant in every row. ``remarks``: what the lint says of the rules.

    ``templates``: the group's that the rules would not admit; their rows name no plant.
    """
    of_kind = {name: _of_kind(rules, kind) for kind, name in _OWN.items()}
    return {
        "before": before,
        "after": after,
        "obligations": _obligations(plants),
        "findings": _findings(plants),
        "retention": {
            **of_kind["retention"],
            "moved": [
                {
                    "plant": p.plant.key,
                    "document": one.document,
                    "before": one.before.isoformat() if one.before else None,
                    "after": one.after.isoformat(),
                }
                for p in plants
                for one in p.lengthened
            ],
            "refused": [_short(one) for one in refused],
        },
        "documents": of_kind["documents"],
        "approvals": of_kind["approvals"],
        "rules": [_rule(change) for change in rules],
        "lint": [told_remark(remark) for remark in remarks],
        "templates": [
            *told_unfit(None, templates),
            *(row for p in plants for row in told_unfit(p.plant.key, p.templates)),
        ],
        "staffing": [_staffing(p, remark) for p in plants for remark in p.stuck],
        "plants": {p.plant.key: {"name": p.plant.name, "day": p.day.isoformat(), **_counts(p)} for p in plants},
    }


def told_part(plan: PlantPlan) -> dict[str, object]:
    """What a plan says of one plant alone; a part to be put together with those of others."""
    whole: dict[str, Any] = told("", "", (), (), (plan,))
    part = {name: whole[name] for name in ("obligations", "findings", "templates", "staffing", "plants")}
    return {**part, "retention": {"moved": whole["retention"]["moved"]}}


def put_together(texts: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """The plan of several plants: what is told of the texts alone, and the part of each plant in its order."""

    def rows(name: str) -> dict[str, Any]:
        return {
            key: [*given, *(row for part in parts for row in part[name].get(key, ()))]
            for key, given in texts[name].items()
        }

    lists = {name: rows(name) for name in ("obligations", "findings", "retention")}
    flat = {
        name: [*texts[name], *(row for part in parts for row in part.get(name, ()))]
        for name in ("templates", "staffing")
    }
    return {
        **texts,
        **lists,
        **flat,
        "plants": {key: one for part in parts for key, one in part["plants"].items()},
    }


def narrowed(plan: Mapping[str, Any], plant: str, seen: Callable[[str], bool]) -> dict[str, Any]:
    """A told plan as one plant may see it: the rules, its own rows, and the counts of the plants that are ``seen``.

    The group's templates are everybody's.
    """

    def own(part: Mapping[str, Any]) -> dict[str, Any]:
        return {name: [row for row in rows if row.get("plant", plant) == plant] for name, rows in part.items()}

    parts = {name: own(plan[name]) for name in ("obligations", "findings", "retention")}
    flat = {
        name: [row for row in plan.get(name, ()) if row["plant"] in (None, plant)] for name in ("templates", "staffing")
    }
    plants = {key: found for key, found in plan["plants"].items() if seen(key)}
    return {"lint": [], **plan, **parts, **flat, "plants": plants}


def told_unfit(plant: str | None, found: Sequence[Unfit]) -> list[dict[str, Any]]:
    """Templates that rules would not admit, of the plant of a key or of the group."""

    def one(it: Unfit) -> dict[str, Any]:
        problems = [{"where": where, "zh": text.zh, "en": text.en} for where, text in it.problems]
        return {"plant": plant, "document": it.document, "file": it.file, "problems": problems}

    return [one(it) for it in found]


def _staffing(plan: PlantPlan, remark: PlantRemark) -> dict[str, object]:
    texts = {"title": remark.title, "what": remark.what, "message": remark.message}
    both = {name: {"zh": text.zh, "en": text.en} for name, text in texts.items()}
    return {"plant": plan.plant.key, "check": remark.check, **both, "rules": list(remark.names)}


def _counts(plan: PlantPlan) -> dict[str, int]:
    names = ("added", "removed", "moved", "reworded", "left", "raised", "withdrawn", "changed", "tickets", "lengthened")
    return {name: len(getattr(plan, name)) for name in names}


def _of_kind(rules: Iterable[RuleChange], kind: str) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {"added": [], "removed": [], "changed": []}
    for change in rules:
        if change.kind == kind:
            found[change.how].append({"id": change.id, "title": _said(change), "clause": change.title.source.clause})
    return found


def _rule(change: RuleChange) -> dict[str, object]:
    return {
        "kind": change.kind,
        "id": change.id,
        "change": change.how,
        "title": _said(change),
        "clause": change.title.source.clause,
        "diff": list(change.diff),
    }


def _said(change: RuleChange) -> Mapping[str, str]:
    return {"zh": change.title.title.zh, "en": change.title.title.en}


def _short(one: Shortened) -> dict[str, object]:
    return {
        "record": one.record,
        "rule": one.rule,
        "clause": one.clause,
        "day": one.day.isoformat(),
        "before": one.before.isoformat(),
        "after": one.after.isoformat() if one.after else None,
    }


def _obligations(plants: Sequence[PlantPlan]) -> dict[str, list[object]]:
    return {
        "added": [_occurrence(p, o) for p in plants for o in p.added],
        "removed": [_occurrence(p, o) for p in plants for o in p.removed],
        "moved": [_moved(p, m) for p in plants for m in p.moved],
        "reworded": [_occurrence(p, m.after) for p in plants for m in p.reworded],
        "left": [_occurrence(p, o) for p in plants for o in p.left],
    }


def _occurrence(plan: PlantPlan, it: Occurrence) -> dict[str, object]:
    return {
        "plant": plan.plant.key,
        "obligation": it.obligation,
        "code": it.code,
        "clause": it.clause,
        "subject": it.subject,
        "period": it.period,
        "due": it.due.isoformat(),
        "state": it.state.value,
    }


def _moved(plan: PlantPlan, it: Moved) -> dict[str, object]:
    before = {"due_before": it.before.due.isoformat(), "state_before": it.before.state.value}
    return _occurrence(plan, it.after) | before


def _findings(plants: Sequence[PlantPlan]) -> dict[str, list[object]]:
    return {
        "raised": [_finding(p, f) for p in plants for f in p.raised],
        "withdrawn": [_finding(p, f) for p in plants for f in p.withdrawn],
        "changed": [_changed(p, c) for p in plants for c in p.changed],
        "tickets": [_finding(p, f) for p in plants for f in p.tickets],
    }


def _finding(plan: PlantPlan, it: Found) -> dict[str, object]:
    return {
        "plant": plan.plant.key,
        "situation": it.situation,
        "rule": it.rule,
        "clause": it.clause,
        "subject": it.subject,
        "period": it.period,
        "category": it.category,
        "grade": it.grade,
    }


def _changed(plan: PlantPlan, it: Changed) -> dict[str, object]:
    before = {"category_before": it.before.category, "grade_before": it.before.grade, "rule_before": it.before.rule}
    return _finding(plan, it.after) | before
