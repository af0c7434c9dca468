"""覆盖: each statement of the standard, what meets it, what came of that; the checklist of the internal audit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from compliance.core.applicability import adopted, not_binding
from compliance.core.covering import Last, Standing, Stated, counts_of, stated
from compliance.core.permissions import Permission
from compliance.rulebase.choosing import choices_of
from compliance.rulebase.coverage import MODEL, QUESTION, SECTION, MetBy, chapter_of, coverage
from compliance.rulebase.rulebase import KINDS
from compliance.rulebase.schema import Finding, Obligation, Requirement, Rule, Slip, Strength
from compliance.web import access, asked, exports, labels
from compliance.web.book import book
from compliance.web.i18n import _, said

blueprint = Blueprint("covering", __name__)

_ASKED = ("chapter", "strength", "standing", "standard")


@dataclass(frozen=True, slots=True)
class Clause:
    """The statements of a clause; ``worst``: where the plant stands with them at worst."""

    name: str
    rows: Sequence[Stated]

    @property
    def worst(self) -> Standing:
        """The worst standing among them."""
        return min((row.standing for row in self.rows if row.standing), key=list(Standing).index)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter or annex with its clauses."""

    name: str
    clauses: Sequence[Clause]

    @property
    def rows(self) -> list[Stated]:
        """Every statement of the chapter."""
        return [row for clause in self.clauses for row in clause.rows]


@blueprint.get("/p/<plant>/coverage")
@access.needs(Permission.RULES)
def tree() -> ResponseReturnValue:
    """Chapter, clause, statement; filtered as the address says."""
    every, today = _rows(), access.services().clock.today()
    shown = _chosen(every)
    return render_template(
        "coverage.html",
        chapters=_chapters(shown),
        counts=counts_of(every),
        names=list(dict.fromkeys(chapter_of(row.covered.requirement.code) for row in every)),
        total=len(every),
        shown=len(shown),
        strengths=tuple(Strength),
        standings=tuple(Standing),
        chosen={name: asked.word(name) for name in _ASKED},
        link_of=link_of,
        name_of=name_of,
        chip_of=labels.standing_chip,
        choices=_choices,
        asks=_asks,
        standard=access.services().rules().standard_of(_pack(), today),
        followed=adopted(access.card().profile, access.services().rules(), today),
        book=book(),
    )


@blueprint.get("/p/<plant>/coverage.xlsx")
@access.needs(Permission.RULES)
def export() -> ResponseReturnValue:
    """The same rows as a workbook."""
    headings = (
        _("章"), _("条款"), _("要求编号"), _("要求"), _("力度"), _("状态"), _("由谁满足"), _("企业自定"), _("最近期次"),
        _("未消除的发现"), _("文件"), _("需要的证据"),
    )  # fmt: skip
    rows = (
        (
            chapter_of(q.code), q.source.clause, q.code, said(q.title), labels.strength(q.source.strength).text,
            labels.standing_chip(row.standing or Standing.KEPT).text, "\n".join(name_of(m) for m in row.covered.met_by),
            "\n".join(_choices(row)), "\n".join(_told(one) for one in row.lasts),
            "\n".join(f"{one.situation} × {one.count}" for one in row.wrong), "\n".join(_papers(row)),
            "\n".join(_asks(row)),
        )
        for row, q in ((row, row.covered.requirement) for row in _chosen(_rows()))
    )  # fmt: skip
    return exports.workbook(_named("coverage"), _("标准覆盖"), headings, rows)


@blueprint.get("/p/<plant>/coverage/checklist")
@access.needs(Permission.RULES)
def checklist() -> ResponseReturnValue:
    """The checklist of the internal audit, to print."""
    return render_template(
        "checklist.html",
        chapters=_chapters(_chosen(_rows())),
        looks=_looks,
        found=_found,
        chosen={name: asked.word(name) for name in _ASKED},
    )


@blueprint.get("/p/<plant>/coverage/checklist.xlsx")
@access.needs(Permission.RULES)
def checklist_export() -> ResponseReturnValue:
    """The checklist as a workbook: what the auditor fills in is empty."""
    headings = (
        _("条款"), _("要求编号"), _("要求"), _("力度"), _("审核问题"), _("查看什么"), _("系统找到的证据"),
        _("审核发现"), _("结论"), _("审核员"), _("日期"),
    )  # fmt: skip
    rows = (
        (
            q.source.clause, q.code, said(q.title), labels.strength(q.source.strength).text, said(row.covered.question),
            "\n".join(_looks(row)), "\n".join(_found(row)), None, None, None, None,
        )
        for row, q in ((row, row.covered.requirement) for row in _chosen(_rows()))
    )  # fmt: skip
    return exports.workbook(_named("audit-checklist"), _("内审检查表"), headings, rows)


@blueprint.get("/p/<plant>/coverage/slips")
@access.needs(Permission.RULES)
def slips() -> ResponseReturnValue:
    """Where the standard contradicts itself, how it is treated, and references as printed and as meant."""
    base, today = access.services().rules(), access.services().clock.today()
    touched: dict[str, list[str]] = {}
    for requirement in base.in_force(Requirement, today):
        for name in requirement.slips:
            touched.setdefault(name, []).append(requirement.code)
    found = sorted(base.in_force(Slip, today), key=lambda slip: slip.code)
    return render_template("slips.html", slips=found, touched=touched)


def link_of(met: MetBy) -> tuple[str, str] | None:
    """The kind and id of the rule's page; what meets a statement without a rule has none."""
    if met.kind == SECTION:
        return "document", met.id.partition("/")[0]
    return (met.kind, met.id) if met.kind in KINDS else None


def name_of(met: MetBy) -> str:
    """What meets a statement, in words."""
    if met.kind in (MODEL, QUESTION):
        return _("由数据模型保证") if met.kind == MODEL else _("内审提问")
    if met.kind == SECTION:
        document, _slash, section = met.id.partition("/")
        return _("文件章节：%(name)s", name=f"{book().title(document)} {section}")
    rule = _rule(met)
    return labels.kind(met.kind) + _("：") + (said(rule.title) if rule else met.id)


def _rows() -> tuple[Stated, ...]:
    bundle, plant = access.services(), access.card().plant
    base, today = bundle.rules(), bundle.clock.today()
    facts = bundle.lists.standing(plant, [rule.id for rule in base.in_force(Obligation, today)])
    pack = _pack()
    return stated(coverage(base, today, pack), facts, not_binding(access.card().profile, base, today))


def _pack() -> str:
    """The pack of the standard that the address asks for; empty for the main one, and for one that nobody knows."""
    base, today = access.services().rules(), access.services().clock.today()
    found = base.standard_named(asked.word("standard"), today)
    return found.pack if found else ""


def _chosen(rows: Sequence[Stated]) -> list[Stated]:
    chapter, strength, standing = (asked.word(name) for name in ("chapter", "strength", "standing"))
    return [
        row
        for row in rows
        if (not chapter or chapter_of(row.covered.requirement.code) == chapter)
        and (not strength or row.covered.requirement.source.strength.value == strength)
        and (not standing or row.standing == standing)
    ]


def _chapters(rows: Sequence[Stated]) -> list[Chapter]:
    return [
        Chapter(name, [Clause(clause, list(group)) for clause, group in groupby(of, _clause)])
        for name, of in groupby(rows, lambda row: chapter_of(row.covered.requirement.code))
    ]


def _clause(row: Stated) -> str:
    """The clause without its item: 6.1.2 of 6.1.2 a)."""
    return row.covered.requirement.source.clause.partition(" ")[0]


def _rule(met: MetBy) -> Rule | None:
    return next((rule for rule in book().by_id.get(met.id, ()) if rule.kind == met.kind), None)


def _rules(row: Stated) -> Iterator[Rule]:
    yield from (rule for rule in map(_rule, row.covered.met_by) if rule is not None)


def _choices(row: Stated) -> list[str]:
    """What the plant chooses in the rules that meet a statement."""
    return [
        said(rule.title) + _("：") + _("、").join(said(c) for c in found)
        for rule in _rules(row)
        if (found := choices_of(rule))
    ]


def _asks(row: Stated) -> list[str]:
    """The evidence that obligations ask for."""
    return list(dict.fromkeys(said(a) for r in _rules(row) if isinstance(r, Obligation) for a in r.evidence.asks))


def _looks(row: Stated) -> list[str]:
    """What an auditor looks at: the evidence asked for, and what the program judges or keeps."""
    judged = [_("系统判定：%(name)s", name=said(r.title)) for r in _rules(row) if isinstance(r, Finding)]
    others = [name_of(m) for m in row.covered.met_by if m.kind not in {"obligation", "finding", "fact", QUESTION}]
    return [*_asks(row), *judged, *others] or [_("面谈及现场记录")]


def _found(row: Stated) -> list[str]:
    """What the program has found of evidence."""
    return [
        *(_told(one) for one in row.lasts),
        *(_("%(situation)s：%(count)s 项未消除", situation=w.situation, count=w.count) for w in row.wrong),
        *_papers(row),
    ]


def _told(one: Last) -> str:
    done = f" {one.done_on}" if one.done_on else ""
    return f"{one.code} {one.period} {labels.state_chip(one.state).text}{done}"


def _papers(row: Stated) -> list[str]:
    return [
        _("%(title)s：%(count)s 份，%(held)s 份有效", title=book().title(p.rule), count=p.documents, held=p.in_force)
        for p in row.papers
    ]


def _named(what: str) -> str:
    return f"{what}-{access.ref(access.card())}-{access.services().clock.today():%Y%m%d}.xlsx"
