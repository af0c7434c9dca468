"""Strategies, deals with their money, account powers, monthly assets and the surrender."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from compliance.adapters.example.days import add_days, month_end
from compliance.adapters.example.sheets import Cell
from compliance.adapters.example.site import Site
from compliance.adapters.example.words import layout, word
from compliance.core.model import (
    AccountPower,
    CashTransfer,
    MonthlyAsset,
    PaymentVoucher,
    Surrender,
    Trade,
    TradingStrategy,
)

_CENT = 100
_LEND = 10000
#: (year, asset, direction) -> tonnes; (month, asset) -> tonnes in and out.
_Deals = dict[tuple[int, str, str], int]
_Flows = dict[tuple[str, str], list[int]]


def fill(site: Site) -> None:
    """Add the market's side of a plant."""
    deals: _Deals = defaultdict(int)
    flows: _Flows = defaultdict(lambda: [0, 0])
    for year in site.years:
        _strategies(site, year)
        for deal in layout()["deal"]:
            on = date(year, *deal["on"])
            if site.start <= on <= site.today:
                _deal(site, deal, on)
                deals[year, deal["asset"], deal["direction"]] += deal["amount"]
                flows[f"{on:%Y-%m}", deal["asset"]][deal["direction"] == word("sell")] += deal["amount"]
    for year in range(site.start.year - 1, site.today.year + 1):
        _surrender(site, year, deals, flows)
    _powers(site)
    _assets(site, flows)


def _strategies(site: Site, year: int) -> None:
    for strategy in layout()["strategy"]:
        low, high = strategy["prices"]
        single, amount, money = strategy["caps"]
        site.book.add(
            TradingStrategy,
            number=f"CL-{year}-{strategy['code']}-1",
            year=f"{year}",
            asset=strategy["asset"],
            direction=strategy["direction"],
            window_from=date(year, 3, 1),
            window_until=date(year, 12, 20),
            lowest_price=low,
            highest_price=high,
            quantity_cap=single,
            year_quantity_cap=amount,
            year_money_cap=money,
            approver=site.person("top"),
            approved=date(year, 1, 12),
        )


def _deal(site: Site, deal: dict[str, Any], on: date) -> None:
    place = sum(1 for _ in site.book.of(Trade)) + 1
    number = f"JY-{on:%Y}-{place:03d}"
    money = deal["amount"] * deal["price"] // _CENT
    buys = deal["direction"] == word("buy")
    approved = add_days(on, -1)
    site.book.add(
        Trade,
        number=number,
        asset=deal["asset"],
        direction=deal["direction"],
        on=on,
        price=deal["price"] / _CENT,
        amount=deal["amount"],
        money=money,
        approved_money=-(-money // _LEND) * _LEND if buys else None,
        applicant=site.person("operator"),
        applied_on=add_days(on, -3),
        risk_reviewer=site.person("guardian"),
        risk_reviewed_on=add_days(on, -2),
        funds_approver=site.person("deputy", approved),
        funds_approved_on=approved,
        order_giver=site.person("account_owner"),
        ordered_on=on,
        confirmer=site.person("confirmer"),
        confirmed_on=on,
        ledger_keeper=site.person("ledger"),
        ledger_updated_on=on,
    )
    if buys:
        _money(site, place, number, money, on)


def _money(site: Site, place: int, trade: str, money: int, on: date) -> None:
    owner: dict[str, Cell] = {"account_owner": site.person("account_owner"), "account_owner_approved_on": on}
    move_cash(site, f"CR-{place:04d}", word("cash_in"), trade, money, asked=add_days(on, -1), on=on, **owner)
    site.book.add(
        PaymentVoucher,
        number=f"QZ-{place:04d}",
        trade=trade,
        money=money,
        funded=on,
        writer=site.person("carbon"),
        finance_clerk=site.person("clerk"),
    )


def move_cash(
    site: Site, number: str, direction: str, trade: str, money: int, *, asked: date, on: date, **more: Cell
) -> None:
    """Add a transfer that was asked for and guarded on one day, reviewed by finance and made on another."""
    site.book.add(
        CashTransfer,
        number=number,
        direction=direction,
        trade=trade,
        money=money,
        applicant=site.person("operator"),
        applied_on=asked,
        guardian=site.person("guardian"),
        guardian_approved_on=asked,
        finance_reviewer=site.person("finance"),
        finance_reviewed_on=on,
        **more,
        transferred=on,
    )


def _surrender(site: Site, year: int, deals: _Deals, flows: _Flows) -> None:
    words = layout()["surrender"]
    due = words["a_line"] * len(site.lines) + 10 * site.rng.randrange(-900, 900)
    done, tables, deadline = (date(year + 1, *words[key]) for key in ("completed", "tables", "deadline"))
    site.book.add(
        Surrender,
        number=f"LY-{year}",
        year=f"{year}",
        due_amount=due,
        allocated=due - words["short"],
        carried_over=words["carried"],
        bought=deals[year + 1, word("allowance"), word("buy")],
        sold=deals[year + 1, word("allowance"), word("sell")],
        pledged=0,
        ccer_held=deals[year + 1, word("ccer"), word("buy")],
        allowances_surrendered=due,
        ccer_surrendered=0,
        deadline=deadline,
        completed=done,
        allowance_table_on=tables,
        ccer_table_on=tables,
    )
    flow = flows[f"{done:%Y-%m}", word("allowance")]
    flow[0] += due - words["short"]
    flow[1] += due


def _powers(site: Site) -> None:
    for power in layout()["power"]:
        operator, reviewer, supervisor = (site.person(key) for key in power["persons"])
        site.book.add(
            AccountPower,
            number=power["number"],
            type=power["type"],
            operator=operator,
            reviewer=reviewer,
            supervisor=supervisor,
            since=add_days(site.start, -site.rng.randrange(60, 400)),
        )


def _assets(site: Site, flows: _Flows) -> None:
    held = {word("allowance"): layout()["surrender"]["opening"], word("ccer"): 0}
    for month in site.months():
        if month_end(month) >= site.today:
            continue
        for asset, opening in held.items():
            plus, minus = flows[f"{month:%Y-%m}", asset]
            held[asset] = opening + plus - minus
            site.book.add(
                MonthlyAsset,
                month=f"{month:%Y-%m}",
                asset=asset,
                opening=opening,
                increase=plus,
                decrease=minus,
                closing=held[asset],
                registry=held[asset],
            )
