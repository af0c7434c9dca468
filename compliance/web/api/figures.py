"""Figures and factors for programs: values, workings, and verifying factors by two persons."""

from __future__ import annotations

from typing import Any

from flask import abort

from compliance.core import factors as verification
from compliance.core.factors import FactorView, Standing
from compliance.core.figures import Figure
from compliance.core.figures.showing import Shown
from compliance.core.permissions import Permission
from compliance.kernel.text import Text
from compliance.rulebase.figuring import Part
from compliance.rulebase.schema import Boundary
from compliance.web import access
from compliance.web.api.operations import Asked, Operation, Query, operation
from compliance.web.api.shapes import NAME, SAID, Day, ListOf, Maybe, Record, Truth, Whole, Word
from compliance.web.api.telling import LOOKBACK, day, said, then_asked
from compliance.web.figures import exact, factors_now, shown_then, who

_NUMBER = Word(100, like="1.5")
_FACTOR = Record(
    "Factor",
    {
        "code": NAME,
        "name": NAME,
        "value": _NUMBER,
        "unit": NAME,
        "source": Word(),
        "own": Truth(),
        "since": Maybe(Day()),
        "until": Maybe(Day()),
        "known": Maybe(Day()),
        "standing": Word(words=tuple(s.value for s in Standing)),
        "verified_by": Word(),
        "checked_against": Maybe(Word()),
    },
)
_FIGURE = Record(
    "Figure",
    {
        "key": NAME,
        "code": NAME,
        "title": SAID,
        "object": NAME,
        "period": NAME,
        "value": _NUMBER,
        "decimals": Whole(),
        "unit": NAME,
        "clause": NAME,
        "management": Truth(),
        "boundary": Maybe(Word(words=tuple(b.value for b in Boundary))),
        "unverified": ListOf(NAME),
        "estimated": Truth(),
    },
)
_USED = Record("FactorUsed", {"name": NAME, "value": _NUMBER, "origin": Word()})
_PART = Record(
    "WorkingPart",
    {
        "item": NAME,
        "line": NAME,
        "month": NAME,
        "quantity": _NUMBER,
        "times": ListOf(_USED),
        "value": _NUMBER,
    },
)
_WORKING = Record("Working", {"formula": SAID, "rule": NAME, "parts": ListOf(_PART), "factors": ListOf(_FACTOR)})
_PARTS = {"plant": NAME, "code": NAME}


@operation(
    Operation(
        name="figures",
        method="GET",
        path="/plants/{plant}/figures",
        title=Text("核算指标；给出 key 时附计算过程", "computed figures; with the working of one if its key is given"),
        parts={"plant": NAME},
        query={
            **LOOKBACK,
            "code": Query(NAME, Text("指标代码", "code of the figure")),
            "key": Query(NAME, Text("代码/对象/期间", "code/object/period")),
        },
        answer=Record(
            "Figures",
            {
                "as_of": Day(),
                "known_on": Maybe(Day()),
                "figures": ListOf(_FIGURE, 100_000),
                "working": Maybe(_WORKING),
            },
        ),
    )
)
def figures(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every figure as of a day; one alone with its working."""
    shown = shown_then(then_asked(asked))
    days = {"as_of": day(shown.day), "known_on": day(shown.rules.known)}
    code, key = asked.query.get("code"), asked.query.get("key")
    if key is not None:
        figure = shown.by_key.get(key) or abort(404)
        return {**days, "figures": [_told(shown, figure)], "working": _working(shown, figure)}
    found = [_told(shown, f) for f in shown.computed.figures if code in (None, f.code)]
    return {**days, "figures": found, "working": None}


@operation(
    Operation(
        name="factors",
        method="GET",
        path="/plants/{plant}/factors",
        title=Text("因子及其核实情况", "factors and how far they are verified"),
        parts={"plant": NAME},
        answer=Record("Factors", {"rows": ListOf(_FACTOR)}),
    )
)
def factors(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every factor that counts."""
    return {"rows": [_factor(one) for one in factors_now().values()]}


@operation(
    Operation(
        name="factor_check",
        method="POST",
        path="/plants/{plant}/factors/{code}/check",
        title=Text("按来源核对因子", "check a factor against its source"),
        parts=_PARTS,
        body=Record("FactorSource", {"source": Word(400, 1)}),
        answer=_FACTOR,
        permission=Permission.ENTER,
    )
)
def check(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Note that a factor's value agrees with a source."""
    bundle, code = access.services(), asked.path["code"]
    verification.check(
        bundle.telling, access.card().plant, code, asked.body["source"], who(), access.actor(), bundle.clock.now()
    )
    return _factor(factors_now()[code])


@operation(
    Operation(
        name="factor_confirm",
        method="POST",
        path="/plants/{plant}/factors/{code}/confirm",
        title=Text("确认他人核对的因子", "confirm a factor that another person has checked"),
        parts=_PARTS,
        body=Record("Nothing", {}),
        answer=_FACTOR,
        permission=Permission.ENTER,
    )
)
def confirm(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Confirm what another person has checked."""
    bundle, code = access.services(), asked.path["code"]
    verification.confirm(bundle.telling, access.card().plant, code, who(), access.actor(), bundle.clock.now())
    return _factor(factors_now()[code])


def _working(shown: Shown, figure: Figure) -> dict[str, Any]:
    return {
        "formula": said(figure.formula),
        "rule": figure.rule,
        "parts": [_part(part) for part in figure.working],
        "factors": [_factor(one) for one in shown.used(figure)],
    }


def _told(shown: Shown, figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "code": figure.code,
        "title": said(figure.title),
        "object": figure.object,
        "period": figure.period,
        "value": figure.shown,
        "decimals": figure.decimals,
        "unit": figure.unit,
        "clause": figure.clause,
        "management": figure.management,
        "boundary": figure.boundary.value if figure.boundary else None,
        "unverified": [one.code for one in shown.unverified(figure)],
        "estimated": shown.estimated(figure),
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "item": part.label,
        "line": part.line,
        "month": part.month,
        "quantity": exact(part.quantity),
        "times": [{"name": u.name, "value": exact(u.value), "origin": u.origin} for u in (*part.used, *part.also)],
        "value": exact(part.value),
    }


def _factor(one: FactorView) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "value": f"{one.value.normalize():f}",
        "unit": one.unit,
        "source": one.source,
        "own": one.own,
        "since": day(one.since),
        "until": day(one.until),
        "known": day(one.known),
        "standing": one.standing.value,
        "verified_by": one.verified_by,
        "checked_against": one.check.source if one.check else None,
    }
