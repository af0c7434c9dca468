"""Computed figures: a table by code, object and period, each unfolded to readings, factors, formula and rounding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core import factors as verification
from compliance.core.factors import FactorView, Standing
from compliance.core.figures import Figure
from compliance.core.figures.showing import Shown, shown_of
from compliance.core.lookback import Then
from compliance.core.model import CoalSample, CrossCheck, PlantFactor, Surrender, TestReport
from compliance.core.permissions import Permission
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.figuring import Part, Used, rounded
from compliance.rulebase.figuring import shown as as_decimal
from compliance.rulebase.schema import (
    Boundary,
    FigureRule,
    OfFigure,
    PerSurrender,
    Quotient,
    SampleMean,
    Spread,
    SumOfFigures,
)
from compliance.web import access, asked, charts, exports, labels, lookback
from compliance.web.book import book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said

blueprint = Blueprint("figures", __name__)

#: Computed figures that are kept for the next page; a change of the plant's log makes them anew.
_KEPT = 16
_YEAR = len("2026")
_DECIMALS = 6
_LONGEST = 400
_CACHE = "compliance-figures"


@dataclass(frozen=True, slots=True)
class Row:
    """One object of a figure: its values by period."""

    object: str
    by_period: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Block:
    """One figure of the rules with its objects."""

    rule: FigureRule
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a working, as people read it."""

    label: str
    line: str
    month: str
    quantity: str
    times: tuple[tuple[Used, str, FactorView | None, str], ...]
    also: tuple[tuple[Used, str, FactorView | None, str], ...]
    value: str
    readings: str
    below: Figure | None


def shown_now() -> Shown:
    """The figures as of the days that the address asks for, or of today."""
    return shown_then(lookback.then_asked())


def shown_then(then: Then | None) -> Shown:
    """The figures of a look back, or as of today; computed once for each state of the plant's log."""
    then = then or Then(access.services().clock.today())
    bundle, plant = access.services(), access.card().plant
    rulebase = bundle.rules()
    kept: dict[tuple[object, ...], Shown] = current_app.extensions.setdefault(_CACHE, {})
    with bundle.telling.read() as look:
        key = (plant.key, look.version(plant), then, rulebase.digest)
        if key not in kept and then.known_on is None:
            _keep(kept, key, shown_of(look, plant, rulebase, then.as_of))
    if key not in kept:
        _keep(kept, key, bundle.lookback.figures(plant, then))
    return kept[key]


def _keep(kept: dict[tuple[object, ...], Shown], key: tuple[object, ...], shown: Shown) -> None:
    while len(kept) >= _KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = shown


@blueprint.get("/p/<plant>/figures")
def listing() -> ResponseReturnValue:
    """Every figure of a year by code and object, with the three totals apart, and pictures of the months."""
    shown = shown_now()
    years = sorted({f.period[:_YEAR] for f in shown.computed.figures}, reverse=True)
    year = asked.word("year") if asked.word("year") in years else next(iter(years), f"{shown.day:%Y}")
    blocks = _blocks(shown, year)
    return render_template(
        "figures.html", shown=shown, year=year, years=years, blocks=[b for b in blocks if not b.rule.management],
        more=[b for b in blocks if b.rule.management], months=[f"{year}-{m:02}" for m in range(1, 13)],
        totals=_totals(shown, year), memo=_memo(shown, year), quota=_quota(shown), picture=_picture(shown, year),
        asked_days=_asked_days(), then=lookback.then_asked(), amount=amount, unverified=_unverified(shown),
        estimated=any(map(shown.estimated, shown.computed.figures)),
    )  # fmt: skip


@blueprint.get("/p/<plant>/figures/one")
def one() -> ResponseReturnValue:
    """One figure down to its readings, factors, formula and rounding."""
    if not asked.word("key"):
        return redirect(url_for("figures.listing"))
    shown = shown_now()
    figure = shown.by_key.get(asked.word("key")) or abort(404)
    lines = [_line(shown, figure, part) for part in figure.working]
    return render_template(
        "figure.html", shown=shown, figure=figure, lines=lines, used=shown.used(figure),
        unverified=shown.unverified(figure), asked_days=_asked_days(), then=lookback.then_asked(), amount=amount,
        decimal=_plain, book=book(), rule=_rule(figure),
    )  # fmt: skip


@blueprint.get("/p/<plant>/figures.xlsx")
def export() -> ResponseReturnValue:
    """Every figure of every period as a workbook."""
    shown, then = shown_now(), lookback.then_asked()
    known = then.known_on if then else None
    headings = (
        _("代码"), _("指标"), _("对象"), _("期间"), _("数值"), _("单位"), _("小数位"), _("边界"), _("条款"), _("公式"),
        _("未核实的因子"), _("暂估"), _("截至"), *((_("获知日"),) if known else ()),
    )  # fmt: skip
    rows = (
        (
            f.code, said(f.title), f.object, f.period, f.value, f.unit, f.decimals,
            labels.boundary(f.boundary) if f.boundary else "", f.clause, said(f.formula),
            "、".join(v.code for v in shown.unverified(f)), "≈" if shown.estimated(f) else "", shown.day,
            *((known,) if known else ()),
        )
        for f in shown.computed.figures
    )  # fmt: skip
    name = lookback.file_name("figures", then)
    return exports.workbook(name, _("核算指标"), headings, rows)


def _asked_days() -> dict[str, str]:
    """The days of a look back as the address gives them, for the addresses of the figures beside."""
    return {name: asked.word(name) for name in ("as_of", "known_on") if asked.word(name)}


@blueprint.get("/p/<plant>/factors.xlsx")
def export_factors() -> ResponseReturnValue:
    """Every factor that counts today as a workbook, with who checked and confirmed it."""
    bundle = access.services()
    headings = (
        _("代码"), _("因子"), _("数值"), _("单位"), _("来源"), _("生效"), _("失效"), _("核实状态"), _("核对人"),
        _("确认人"),
    )  # fmt: skip
    rows = (
        (
            f.code, f.name, f.value, f.unit, f.source, f.since, f.until, labels.standing(f.standing).text,
            f.check.checked_name if f.check else f.verified_by, f.check.confirmed_name if f.check else None,
        )
        for f in factors_now().values()
    )  # fmt: skip
    name = f"factors-{access.ref(access.card())}-{bundle.clock.today():%Y%m%d}.xlsx"
    return exports.workbook(name, _("因子"), headings, rows)


# --- factors --------------------------------------------------------------------------------------


@blueprint.get("/p/<plant>/factors")
def factors() -> ResponseReturnValue:
    """Every factor that counts, with value, unit, source, days in force, and who verified it."""
    return _factors()


@blueprint.post("/p/<plant>/factors/<code>/check")
@access.needs(Permission.ENTER)
def check(code: str) -> ResponseReturnValue:
    """Note that a factor's value agrees with a source."""
    bundle, plant = access.services(), access.card().plant
    source = request.form.get("source", "")[: _LONGEST + 1]
    try:
        verification.check(bundle.telling, plant, code, source, who(), access.actor(), bundle.clock.now())
    except ComplianceError as refused:
        return _factors(code, refused)
    flash(_("已记录核对，须由另一人确认。"))
    return redirect(url_for("figures.factors"), 303)


@blueprint.post("/p/<plant>/factors/<code>/confirm")
@access.needs(Permission.ENTER)
def confirm(code: str) -> ResponseReturnValue:
    """Confirm what another person has checked."""
    bundle, plant = access.services(), access.card().plant
    try:
        verification.confirm(bundle.telling, plant, code, who(), access.actor(), bundle.clock.now())
    except ComplianceError as refused:
        return _factors(code, refused)
    flash(_("因子已核实。"))
    return redirect(url_for("figures.factors"), 303)


def who() -> str:
    """The person who acts: the account, so that two sign-ins of one person are one; else the sign-in."""
    user = access.person()
    return user.person or f"login:{user.login}"


def factors_now() -> Mapping[str, FactorView]:
    """Every factor that counts today: three statements."""
    bundle, plant = access.services(), access.card().plant
    with bundle.telling.read() as look:
        rows, checks = look.tables(plant, [PlantFactor])[PlantFactor], look.factor_checks(plant)
        known = verification.known_since(look.factor_versions(plant), bundle.site.zone)
    return verification.factors_of(rows, checks, bundle.rules(), bundle.clock.today(), known)


def _factors(code: str = "", refused: ComplianceError | None = None) -> ResponseReturnValue:
    page = render_template(
        "factors.html", factors=factors_now().values(), code=code, problem=said(refused.message) if refused else "",
        standings=tuple(Standing), me=who(), decimal=_plain,
    )  # fmt: skip
    return page, 200 if refused is None else status_of(refused)


# --- what the pages show --------------------------------------------------------------------------


def _blocks(shown: Shown, year: str) -> list[Block]:
    rules = {rule.id: rule for rule in shown.rules.in_force(FigureRule, shown.day)}
    found: dict[str, dict[str, dict[str, Figure]]] = {}
    for figure in shown.computed.figures:
        if figure.period.startswith(year):
            found.setdefault(figure.rule, {}).setdefault(figure.object, {})[figure.period] = figure
    return [
        Block(rules[name], tuple(Row(obj, periods) for obj, periods in objects.items()))
        for name, objects in found.items()
        if name in rules
    ]


def _totals(shown: Shown, year: str) -> list[tuple[Boundary, Figure]]:
    """The totals of the plant in a year, one a boundary: beside each other, never added."""
    plant_wide = {f.boundary: f for f in shown.computed.figures if f.boundary and f.period == year and f.line is None}
    return [(boundary, plant_wide[boundary]) for boundary in Boundary if boundary in plant_wide]


def _memo(shown: Shown, year: str) -> list[Figure]:
    """What the widest total adds to the narrower ones, shown as a memo: the parts that only it is made of."""
    totals = dict(_totals(shown, year))
    if Boundary.MANAGEMENT not in totals or Boundary.ENTERPRISE not in totals:
        return []
    of = shown.rules.in_force(FigureRule, shown.day)
    parts = {rule.id: set(rule.shape.figures) for rule in of if isinstance(rule.shape, SumOfFigures)}
    only = parts[totals[Boundary.MANAGEMENT].rule] - parts[totals[Boundary.ENTERPRISE].rule]
    return [f for f in shown.computed.figures if f.rule in only and f.period == year]


def _quota(shown: Shown) -> list[tuple[Figure, str, str]]:
    """Each surrender's figure with a plain sentence and its tone."""
    found = []
    for figure in shown.computed.figures:
        rule = _rule(figure)
        if rule is not None and isinstance(rule.shape, PerSurrender):
            gap = any(term.minus for term in rule.shape.terms)
            found.append((figure, *labels.quota(figure, amount(figure), gap=gap)))
    return sorted(found, key=lambda one: (one[0].period, one[0].code), reverse=True)


def _rule(figure: Figure) -> FigureRule | None:
    found = book().wording(figure.rule, figure.rule_digest)
    return found if isinstance(found, FigureRule) else None


def _picture(shown: Shown, year: str) -> charts.Emissions | None:
    """The months of the plant's own total, with the figure that divides it by what was made."""
    months = [f"{year}-{m:02}" for m in range(1, 13)]
    total = next((f for b, f in _totals(shown, year) if b is Boundary.LINE), None)
    if total is None:
        return None
    rules = shown.rules.in_force(FigureRule, shown.day)
    ratio = next((r for r in rules if total.rule in _divided(r)), None)
    bars = [shown.by_key.get(f"{total.code}/{total.object}/{m}") for m in months]
    line = [shown.by_key.get(f"{ratio.code}/{total.object}/{m}") if ratio else None for m in months]
    return charts.emissions(months, bars, line, said(total.title), said(ratio.title) if ratio else "")


def _divided(rule: FigureRule) -> set[str]:
    """The figures that a quotient divides."""
    return {p.figure for p in rule.shape.over if isinstance(p, OfFigure)} if isinstance(rule.shape, Quotient) else set()


def _unverified(shown: Shown) -> list[FactorView]:
    """Every factor that figures rest on and nobody has verified."""
    used = {v.code: v for f in shown.computed.figures for v in shown.used(f)}
    return [v for v in used.values() if v.standing is not Standing.VERIFIED]


def _line(shown: Shown, figure: Figure, part: Part) -> Line:
    times, also = (tuple(_of(shown, u) for u in some) for some in (part.used, part.also))
    readings = ""
    if part.month and part.line and shown.part_of(figure, part) is None:
        readings = url_for("daily.grid", line=part.line, month=part.month)
    elif figure.period and part.label and not part.month:
        readings = _row_of(figure, part)
    return Line(
        _label(figure, part), part.line, part.month, exact(part.quantity), times, also, exact(part.value), readings,
        shown.part_of(figure, part),
    )  # fmt: skip


def _of(shown: Shown, used: Used) -> tuple[Used, str, FactorView | None, str]:
    """What took part, its value, the factor that it is, and where a test report is."""
    return used, exact(used.value), shown.factors.get(used.name), _from(used)


def _label(figure: Figure, part: Part) -> str:
    """What a line is about: an item, a sample, or a column of a sheet by its heading."""
    rule = _rule(figure)
    shape = rule.shape if rule is not None else None
    kind = Surrender if isinstance(shape, PerSurrender) else CrossCheck if isinstance(shape, Spread) else None
    label = part.label
    for column in sorted(kind.SHEET.columns if kind else (), key=lambda c: -len(c.name)):
        label = label.replace(column.name, column.heading)
    return label


def _row_of(figure: Figure, part: Part) -> str:
    """The row that a line without month stands for: a coal sample."""
    rule = _rule(figure)
    if rule is not None and isinstance(rule.shape, SampleMean):
        return url_for("trail.source", table=CoalSample.SHEET.table, key=part.label)
    return ""


def _from(used: Used) -> str:
    """The address of the test report that a value is from; empty where it is a factor."""
    if used.name.isascii() or not used.origin:
        return ""
    return url_for("trail.source", table=TestReport.SHEET.table, key=used.origin)


def amount(figure: Figure) -> str:
    """A figure with separators, and exactly the decimals of its rule."""
    return f"{figure.value or abs(figure.value):,.{figure.decimals}f}"


def exact(value: Fraction) -> str:
    """An exact fraction as people read it; one with more decimals than are shown is marked."""
    text = as_decimal(rounded(value, _DECIMALS), _DECIMALS).rstrip("0").rstrip(".")
    return text if (value * 10**_DECIMALS).denominator == 1 else f"≈{text}"


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
