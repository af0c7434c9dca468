"""Findings, each explained down to rule text and facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from compliance.core.facts import decimal_of
from compliance.core.judged import Found
from compliance.core.lists import LARGEST_EXPORT, FindingQuery, LeafQuery
from compliance.core.lookback import Then
from compliance.rulebase.evaluator import FactValue
from compliance.web import access, asked, exports, lookback, replays, scope, sources
from compliance.web.book import Book, book
from compliance.web.facts import property_name
from compliance.web.i18n import _, said

blueprint = Blueprint("findings", __name__)

_STANDING: Mapping[str, bool | None] = {"": True, "standing": True, "withdrawn": False, "all": None}


@blueprint.get("/p/<plant>/findings")
def listing() -> ResponseReturnValue:
    """The list, filtered as the address says."""
    bundle, plant = access.services(), access.card().plant
    query = _query()
    parts = (query.situation, query.grade, query.category, query.subject, query.period, query.of)
    then = lookback.then_asked()
    of = lookback.concluded(then) if then else None
    return render_template(
        "findings.html",
        query=query,
        shown=request.args.get("shown", "standing"),
        standard=asked.word("standard"),
        of=of,
        page=lookback.findings(of, query) if of else bundle.lists.findings(plant, query),
        choices=of.choices if of else bundle.lists.choices(plant),
        active=sum(bool(part) for part in parts) + (query.standing is not True),
        book=book(),
    )


@blueprint.get("/p/<plant>/findings.xlsx")
def export() -> ResponseReturnValue:
    """The same rows as a workbook, all pages."""
    bundle, plant = access.services(), access.card().plant
    query = replace(_query(), after="", limit=LARGEST_EXPORT)
    if then := lookback.then_asked():
        return _then_workbook(then, query)
    page = bundle.lists.findings(plant, query)
    rules = book()
    headings = (*_headings(), _("首次发现"), _("消除日期"), _("不符合项编号"))
    rows = ((*_cells(s.found, rules), s.first_seen, s.withdrawn, s.nonconformity) for s in page.rows)
    return exports.workbook(lookback.file_name("findings", None), _("发现清单"), headings, rows)


def _then_workbook(then: Then, query: FindingQuery) -> ResponseReturnValue:
    """What would hold then, each row with the days that were asked."""
    page, rules = lookback.findings(lookback.concluded(then), query), book()
    headings = (*_headings(), _("截至日"), _("获知日"))
    rows = ((*_cells(found, rules), then.as_of, then.known_on) for found in page.rows)
    return exports.workbook(lookback.file_name("findings", then), _("发现清单"), headings, rows)


def _headings() -> tuple[str, ...]:
    return (
        _("情形"), _("标题"), _("对象"), _("期间"), _("说明"), _("处置建议"), _("类别"), _("分级"), _("条款"),
        *((_("标准"),) if len(scope.followed()) > 1 else ()),
    )  # fmt: skip


def _cells(found: Found, rules: Book) -> tuple[exports.Value, ...]:
    return (
        found.situation, said(found.title), found.subject, found.period, said(found.message), said(found.remedy),
        rules.meaning(found.category), rules.grade(found.grade), found.clause,
        *((scope.code_of(found.rule, found.rule_digest),) if len(scope.followed()) > 1 else ()),
    )  # fmt: skip


@blueprint.get("/p/<plant>/findings/<int:number>")
def finding(number: int) -> ResponseReturnValue:
    """One finding: what is wrong, by which rule, on which facts, what to do."""
    bundle, plant = access.services(), access.card().plant
    stored = bundle.lists.finding(plant, number)
    if stored is None:
        abort(404)
    found = stored.found
    judged = replays.of_finding(found)
    return render_template(
        "finding.html",
        stored=stored,
        found=found,
        rule=judged.rule,
        judged=judged,
        facts=[_fact(fact) for fact in found.facts],
        property_name=property_name,
        trail=bundle.lists.trail(plant, LeafQuery(object_type="finding", object_id=str(number), limit=20)),
        book=book(),
    )


def _query() -> FindingQuery:
    return FindingQuery(
        standing=_STANDING.get(request.args.get("shown", ""), True),
        situation=asked.word("situation"),
        grade=asked.word("grade"),
        category=asked.word("category"),
        subject=asked.word("subject"),
        period=asked.word("period"),
        of=scope.asked_rules(asked.word("standard")),
        after=asked.word("after"),
    )


@dataclass(frozen=True, slots=True)
class _Fact:
    """A fact as a page shows it: its kind, the row it rests on, and name, value and address of each property."""

    kind: str
    origin: sources.Origin | None
    properties: list[tuple[str, FactValue, str]]


def _fact(fact: Mapping[str, FactValue]) -> _Fact:
    shown = [(n, decimal_of(n, v) or v, sources.address(n, v)) for n, v in fact.items() if n not in ("kind", "row")]
    return _Fact(str(fact.get("kind") or ""), sources.origin(fact.get("row")), shown)
