"""A clean plant: a workbook in which nothing is wrong on its own as-of day."""

from __future__ import annotations

import random
from datetime import date

from compliance.adapters.example import assurance, metering, organisation, sampling, trading
from compliance.adapters.example.days import add_days, add_months
from compliance.adapters.example.sheets import Book, Workbook
from compliance.adapters.example.site import LONG, Site


def generate(today: date, *, months: int = 18, lines: int = 1, seed: int = 1, name: str | None = None) -> Workbook:
    """Make the workbook of a clean plant whose data end on ``today``; the same arguments give the same cells.

    ``months`` counts the calendar months of the data, the last one being the month of ``today``.
    """
    return build(today, months=months, lines=lines, seed=seed, name=name).book.workbook()


def build(today: date, *, months: int = 18, lines: int = 1, seed: int = 1, name: str | None = None) -> Site:
    """Make the rows of a clean plant."""
    start = add_months(today.replace(day=1), 1 - months)
    handover = add_days(start, (today - start).days // 2) if months >= LONG else None
    site = Site(
        today=today,
        start=start,
        lines=[f"K{n}" for n in range(1, lines + 1)],
        rng=random.Random(f"{seed}/{lines}/{months}"),  # noqa: S311 - repeatable invention, no secret
        book=Book(today),
        handover=handover,
    )
    organisation.fill(site, name)
    metering.fill(site)
    sampling.fill(site)
    assurance.fill(site)
    trading.fill(site)
    return site
