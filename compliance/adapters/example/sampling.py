"""Laboratories, coal samples with their reports and slips, the fuel ledger and the cross-checks."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from compliance.adapters.example.days import add_days, add_months, month_end
from compliance.adapters.example.metering import Item, items
from compliance.adapters.example.sheets import Cell, Cells
from compliance.adapters.example.site import Site
from compliance.adapters.example.words import layout, word
from compliance.core.model import (
    AlternativeFuel,
    CoalSample,
    CrossCheck,
    Laboratory,
    Reading,
    SampleSlip,
    TestReport,
)

#: (line, item, first day of the month) -> the rows.
_Readings = dict[tuple[Cell, Cell, date], list[Cells]]


def fill(site: Site) -> None:
    """Add all that the laboratory and the month's end bring."""
    _laboratories(site)
    readings = _readings_by_month(site)
    for item in items(site):
        for month in site.months():
            rows = readings[item.line, item.name, month]
            if item.words["class"] == word("coal_class") and rows:
                _coal_month(site, item, month, rows)
            if item.words["class"] == word("alternative_class") and month_end(month) < site.today:
                _fuel_month(site, item, month, rows)
    for month in site.months():
        if month_end(month) < site.today:
            _cross_check(site, month, readings)


def _readings_by_month(site: Site) -> _Readings:
    out: _Readings = defaultdict(list)
    for row in site.book.of(Reading):
        on = row["on"]
        if isinstance(on, date):
            out[row["line"], row["item"], on.replace(day=1)].append(row)
    return out


def _laboratories(site: Site) -> None:
    for laboratory in layout()["laboratory"]:
        marks: Cells = {}
        for mark in ("cma", "cnas"):
            if mark in laboratory:
                before, after = laboratory[f"{mark}_months"]
                marks[mark] = laboratory[mark]
                marks[f"{mark}_from"] = add_months(site.start, -before)
                marks[f"{mark}_until"] = add_months(site.today if after > 0 else site.start, after)
        site.book.add(
            Laboratory,
            number=laboratory["number"],
            name=laboratory["name"],
            scope=laboratory["scope"],
            **marks,
        )


def _coal_month(site: Site, item: Item, month: date, rows: list[Cells]) -> None:
    composited = add_days(month_end(month), site.rng.randrange(2, 5))
    disposed = add_days(add_months(month_end(month), layout()["sampling"]["kept_months"]), site.rng.randrange(1, 20))
    for row in rows:
        if row["amount"]:
            _daily_sample(site, row, composited, disposed)
    sample = f"KM-{item.line}-{month:%Y%m}"
    masses = [row["mass"] for row in site.book.of(CoalSample, line=item.line, month=f"{month:%Y-%m}")]
    site.book.add(
        CoalSample,
        number=sample,
        type=word("monthly_sample"),
        line=item.line,
        sampled=composited,
        month=f"{month:%Y-%m}",
        mass=round(sum(m for m in masses if isinstance(m, (int, float))), 2),
        place=layout()["sampling"]["place"].format(n=1),
        **_sample_persons(site),
    )
    laboratory = site.rng.choice([x["number"] for x in layout()["laboratory"] if x.get("used")])
    site.book.add(
        SampleSlip,
        number=f"JJ-{item.line}-{month:%Y%m}",
        sample=sample,
        on=composited,
        parts=2,
        giver=site.person("sampler"),
        receiver=site.rng.choice(layout()["sampling"]["receivers"]),
        laboratory=laboratory,
    )
    _reports(site, item.line, month, sample, laboratory, add_days(composited, 5))


def _sample_persons(site: Site) -> Cells:
    return {"sampler": site.person("sampler"), "preparer": site.person("sample_preparer")}


def _daily_sample(site: Site, row: Cells, composited: date, disposed: date) -> None:
    amount, on = row["amount"], row["on"]
    if not isinstance(amount, (int, float)) or not isinstance(on, date):
        raise TypeError(row)
    site.book.add(
        CoalSample,
        number=f"KC-{row['line']}-{on:%Y%m%d}",
        type=word("daily_sample"),
        line=row["line"],
        sampled=on,
        month=f"{on:%Y-%m}",
        coal=amount,
        carbon=site.rng.randint(5900, 6300) / 10000,
        mass=round(amount / 4, 2) if composited <= site.today else None,
        place=layout()["sampling"]["place"].format(n=on.month),
        disposed=disposed,
        disposal_approver=site.person("laboratory_head"),
        **_sample_persons(site),
    )


def _reports(site: Site, line: str, month: date, sample: str, laboratory: str, tested: date) -> None:
    words = layout()["sampling"]
    for kind, letter, result in (
        ("carbon", "C", site.rng.randint(5950, 6250) / 10000),
        ("calorific", "Q", site.rng.randint(22500, 23500) / 1000),
    ):
        site.book.add(
            TestReport,
            number=f"BG-{line}-{month:%Y%m}-{letter}",
            sample=sample,
            line=line,
            month=f"{month:%Y-%m}",
            parameter=word(kind),
            result=result,
            unit=words[f"{kind}_unit"],
            basis=word("as_received"),
            method=words[f"{kind}_method"],
            laboratory=laboratory,
            tested=tested,
            issued=add_days(tested, 2),
        )


def _total(rows: list[Cells]) -> int:
    """The sum of the readings in hundredths."""
    return sum(round(m * 100) for row in rows if isinstance(m := row["amount"], (int, float)))


def _fuel_month(site: Site, item: Item, month: date, rows: list[Cells]) -> None:
    site.book.add(
        AlternativeFuel,
        month=f"{month:%Y-%m}",
        line=item.line,
        fuel=item.name,
        origin=site.rng.choice(layout()["sampling"]["fuel_origins"]),
        amount=_total(rows) / 100,
        calorific_value=site.rng.randint(14000, 16500) / 1000,
        carbon=site.rng.randint(3800, 4400) / 10000,
        biomass=site.rng.randint(350, 550) / 10,
    )


def _cross_check(site: Site, month: date, readings: _Readings) -> None:
    for check in layout()["cross_check"]:
        total = sum(
            _total(readings[item.line, item.name, month])
            for item in items(site)
            if item.words["class"] in check["classes"]
        )
        production, voucher, invoice, meter = (total * site.rng.randint(9970, 10030) // 10000 / 100 for _ in range(4))
        site.book.add(
            CrossCheck,
            month=f"{month:%Y-%m}",
            item=check["item"],
            unit=check["unit"],
            production=production,
            voucher=voucher,
            invoice=invoice,
            meter=meter,
        )
