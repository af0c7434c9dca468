"""Facts about trades: the chain of steps, the strategy of the year, what was traded under it, the money (6.2.2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise
from operator import attrgetter

from compliance.core.facts.catalogue import (
    DAY,
    FLAG,
    NUMBER,
    TEXT,
    InTime,
    Params,
    Steps,
    derivation,
    repeated,
    row_of,
    within,
)
from compliance.core.model import PaymentVoucher, PersonPeriod, PlantData, Trade, TradingStrategy
from compliance.core.people import People
from compliance.rulebase.evaluator import FactValue


@derivation(
    "trade-steps",
    {
        "number": TEXT,
        "dealt": DAY,
        "applied": DAY,
        "missing_cells": NUMBER,
        "steps_out_of_order": NUMBER,
        "repeated_persons": NUMBER,
        "approver": TEXT,
        "approved": DAY,
        "approver_holds_post": FLAG,
    },
    ("approval", "columns", "applies", "decides"),
    counts=("missing_cells", "steps_out_of_order", "repeated_persons"),
    in_time=InTime(),
)
def trade_steps(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a trade: empty persons and days of its steps, their order, persons that come again.

    ``applies`` and ``decides`` name the first step and the one whose post is looked up on its day.
    """
    people = People(data.rows(PersonPeriod))
    columns = params.steps("columns")
    for row in data.rows(Trade):
        persons, days = steps_of(row, columns)
        approver, approved = (getattr(row, name) for name in columns[params.text("decides")])
        yield {
            "on": row.on or data.as_of,
            "number": row.number,
            "dealt": row.on,
            "applied": getattr(row, columns[params.text("applies")][1]),
            "missing_cells": persons.count(None) + days.count(None),
            "steps_out_of_order": _out_of_order(days),
            "repeated_persons": repeated(*persons),
            "approver": approver,
            "approved": approved,
            "approver_holds_post": _holds(people, approver, approved, params),
            "row": row_of("trade", row.number),
        }


def steps_of(row: object, columns: Steps) -> tuple[list[str | None], list[date | None]]:
    """The persons and the days of the steps, in the order of the rule."""
    return [getattr(row, person) for person, _ in columns.values()], [getattr(row, day) for _, day in columns.values()]


def _out_of_order(days: Sequence[date | None]) -> int:
    """How many of the given days are before the given one that precedes them."""
    return sum(1 for before, after in pairwise(day for day in days if day is not None) if after < before)


def _holds(people: People, approver: str | None, on: date | None, params: Params) -> bool | None:
    if approver is None or on is None:
        return None
    approval = params.approval("approval", on)
    words = params.post_words(approval.post_of(params.text("decides")) if approval else None, on)
    return people.holds(approver, words, on)


@derivation(
    "trade-strategy",
    {
        "number": TEXT,
        "dealt": DAY,
        "asset": TEXT,
        "direction": TEXT,
        "strategies": NUMBER,
        "strategy": TEXT,
        "window_from": DAY,
        "window_until": DAY,
        "price_micro": NUMBER,
        "lowest_price_micro": NUMBER,
        "highest_price_micro": NUMBER,
        "amount_micro": NUMBER,
        "amount_cap_micro": NUMBER,
        "year_amount_micro": NUMBER,
        "year_amount_cap_micro": NUMBER,
        "year_money_micro": NUMBER,
        "year_money_cap_micro": NUMBER,
    },
    counts=("strategies",),
)
def trade_strategy(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a trade of known day, asset and direction: its strategy, and the year's sums up to this trade."""
    del params
    strategies = _strategies(data.rows(TradingStrategy))
    for (year, asset, direction), trades in _of_year(data.rows(Trade)).items():
        approved = strategies.get((year, asset, direction), [])
        amount = money = 0
        for dealt, row in trades:
            amount, money = amount + (row.amount or 0), money + (row.money or 0)
            ready = [s for day, s in approved if day <= dealt]
            yield {
                "on": dealt,
                "number": row.number,
                "dealt": dealt,
                "asset": asset,
                "direction": direction,
                "strategies": len(ready),
                "price_micro": row.price,
                "amount_micro": row.amount,
                "year_amount_micro": within(amount),
                "year_money_micro": within(money),
                **_limits(ready[-1] if ready else None),
                "row": row_of("trade", row.number),
            }


_Kind = tuple[str, str, str]


def _of_year(rows: Iterable[Trade]) -> dict[_Kind, list[tuple[date, Trade]]]:
    """The trades of a year, asset and direction in the order of their days, then of their numbers."""
    found: dict[_Kind, list[tuple[date, Trade]]] = defaultdict(list)
    for row in rows:
        if row.on is not None and row.asset is not None and row.direction is not None:
            found[str(row.on.year), row.asset, row.direction].append((row.on, row))
    return {kind: sorted(trades, key=lambda t: (t[0], t[1].number)) for kind, trades in found.items()}


def _strategies(rows: Iterable[TradingStrategy]) -> dict[_Kind, list[tuple[date, TradingStrategy]]]:
    """The approved strategies of a year, asset and direction, the latest approved last."""
    found: dict[_Kind, list[tuple[date, TradingStrategy]]] = defaultdict(list)
    for row in sorted(rows, key=attrgetter("number")):
        if row.approved is not None and row.year is not None and row.asset is not None and row.direction is not None:
            found[row.year, row.asset, row.direction].append((row.approved, row))
    return {kind: sorted(approved, key=lambda s: s[0]) for kind, approved in found.items()}


def _limits(strategy: TradingStrategy | None) -> dict[str, FactValue]:
    if strategy is None:
        return {}
    return {
        "strategy": strategy.number,
        "window_from": strategy.window_from,
        "window_until": strategy.window_until,
        "lowest_price_micro": strategy.lowest_price,
        "highest_price_micro": strategy.highest_price,
        "amount_cap_micro": strategy.quantity_cap,
        "year_amount_cap_micro": strategy.year_quantity_cap,
        "year_money_cap_micro": strategy.year_money_cap,
    }


@derivation(
    "trade-payment",
    {"number": TEXT, "dealt": DAY, "vouchers": NUMBER, "paid_micro": NUMBER, "approved_money_micro": NUMBER},
    counts=("vouchers",),
    in_time=InTime(),
)
def trade_payment(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a trade: the money of its payment vouchers, and the money that was approved."""
    del params
    vouchers: dict[str, list[int]] = defaultdict(list)
    for voucher in data.rows(PaymentVoucher):
        if voucher.trade is not None:
            vouchers[voucher.trade].append(voucher.money or 0)
    for row in data.rows(Trade):
        paid = vouchers.get(row.number, [])
        yield {
            "on": row.on or data.as_of,
            "number": row.number,
            "dealt": row.on,
            "vouchers": len(paid),
            "paid_micro": within(sum(paid)),
            "approved_money_micro": row.approved_money,
            "row": row_of("trade", row.number),
        }


@derivation("payment-voucher", {"number": TEXT, "trade": TEXT, "funded": DAY, "dealt": DAY}, in_time=InTime())
def payment_voucher(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a payment voucher: when the account was funded, and when its trade was dealt."""
    del params
    dealt = {row.number: row.on for row in data.rows(Trade)}
    for row in data.rows(PaymentVoucher):
        yield {
            "on": row.funded or data.as_of,
            "number": row.number,
            "trade": row.trade,
            "funded": row.funded,
            "dealt": dealt.get(row.trade or ""),
            "row": row_of("payment_voucher", row.number),
        }
