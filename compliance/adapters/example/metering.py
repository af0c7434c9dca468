"""The collection plan, instruments with their checks, and the daily readings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from compliance.adapters.example.days import add_days, add_months, chain_back, span
from compliance.adapters.example.site import LONG, Site
from compliance.adapters.example.words import layout, word
from compliance.core.model import CollectionItem, Instrument, InstrumentCheck, MissingData, Reading

#: Days of the kiln's stop and of the missing data, from the first day of the second month.
_STOP = range(12, 16)
_MISSING = range(20, 22)


@dataclass(frozen=True)
class Item:
    """One item of one line, or of the whole plant."""

    line: str
    words: dict[str, Any]
    instrument: str

    @property
    def name(self) -> str:
        """The item's name."""
        return str(self.words["name"])

    @property
    def cycle(self) -> int:
        """Months between two verifications of its instrument."""
        return int(self.words.get("cycle", layout()["instrument"]["cycle"]))


def items(site: Site) -> Iterator[Item]:
    """All items of the plant."""
    for words in layout()["item"]:
        for line in site.lines if words.get("each_line") else [word("plant")]:
            yield Item(line, words, words["instrument"].format(line=line))


def fill(site: Site) -> None:
    """Add plan, instruments, checks and readings."""
    for item in items(site):
        _plan(site, item)
        _instrument(site, item)
        verify(site, item.instrument, item.cycle, _expiry(site, item.cycle))
        if item.words.get("key"):
            _check_monthly(site, item.instrument)
    _spare(site)
    _readings(site)


def _plan(site: Site, item: Item) -> None:
    site.book.add(
        CollectionItem,
        line=item.line,
        item=item.name,
        item_class=item.words["class"],
        unit=item.words["unit"],
        frequency=word("daily"),
        since=site.start,
        department=item.words["department"],
    )


def _instrument(site: Site, item: Item) -> None:
    words = layout()["instrument"]
    site.book.add(
        Instrument,
        number=item.instrument,
        name=item.words["instrument_name"],
        model=f"{words['model']}-{site.rng.randrange(10, 99)}",
        accuracy=words["accuracy"],
        place=words["place"].format(line=item.line, item=item.name),
        purpose=words["purpose"].format(line=item.line, item=item.name),
        cycle=item.cycle,
        keeper=site.person("instruments"),
        department=words["department"],
        key_instrument=word("yes" if item.words.get("key") else "no"),
        commissioned=add_days(site.start, -site.rng.randrange(900, 2500)),
    )


def _spare(site: Site) -> None:
    spare = layout()["spare"]
    first = layout()["item"][0]
    item = Item(site.lines[0], first | {"instrument_name": spare["name"]}, spare["instrument"])
    _instrument(site, item)
    *_, row = site.book.of(Instrument)
    row["stopped_from"] = add_days(site.start, -400)


def _expiry(site: Site, cycle: int) -> date:
    """The last day of the certificate that is valid today."""
    return add_days(site.today, site.rng.randrange(40, cycle * 25))


def verify(site: Site, instrument: str, cycle: int, expiry: date) -> None:
    """Add certificates without a gap over all data, the last one valid until ``expiry``."""
    bodies = layout()["instrument"]["bodies"]
    made = add_days(add_months(expiry, -cycle), 1)
    days = chain_back(made, site.start, cycle, site.rng.randrange(4, 20))
    for place, on in enumerate(days, 1):
        site.book.add(
            InstrumentCheck,
            number=f"JD-{instrument}-{place:02d}",
            instrument=instrument,
            type=word("verification"),
            on=on,
            valid_until=add_days(add_months(on, cycle), -1) if on != made else expiry,
            result=word("passed"),
            error=site.rng.randrange(-40, 40) / 100,
            body=site.rng.choice(bodies),
            certificate=f"ZS{on:%Y%m%d}{site.rng.randrange(1000):03d}",
        )


def _check_monthly(site: Site, instrument: str) -> None:
    for month in site.months():
        site.book.add(
            InstrumentCheck,
            number=f"XJ-{instrument}-{month:%Y%m}",
            instrument=instrument,
            type=word("monthly_check"),
            on=month.replace(day=site.rng.randrange(1, 28)),
            result=word("passed"),
            error=site.rng.randrange(-30, 30) / 100,
            body=site.person("instruments"),
        )


def _readings(site: Site) -> None:
    quiet = add_months(site.start, 1)
    is_long = add_months(site.start, LONG - 1) <= site.today
    stop = {add_days(quiet, n) for n in _STOP} if is_long else set()
    lost = {add_days(quiet, n) for n in _MISSING} if is_long else set()
    all_items = list(items(site))
    for on in span(site.start, site.last):
        for place, item in enumerate(all_items):
            if on in lost and item.name == layout()["missing"]["item"]:
                continue
            _reading(site, item, on, place % 2 + 1, stopped=on in stop and item.line in site.lines)
    if lost:
        _missing(site, min(lost), max(lost))


def _reading(site: Site, item: Item, on: date, pair: int, *, stopped: bool) -> None:
    base, spread = item.words["base"], item.words["spread"]
    site.book.add(
        Reading,
        on=on,
        line=item.line,
        item=item.name,
        amount=0 if stopped else site.rng.randint(base - spread, base + spread) / 100,
        unit=item.words["unit"],
        instrument=item.instrument,
        recorder=site.person(f"recorder{pair}"),
        checker=site.person(f"checker{pair}"),
        remark=word("stop_remark") if stopped else None,
    )


def _missing(site: Site, first: date, last: date) -> None:
    words = layout()["missing"]
    lost = [item for item in items(site) if item.name == words["item"]]
    for number, item in enumerate(lost, 1):
        largest = (item.words["base"] + item.words["spread"]) / 100
        site.book.add(
            MissingData,
            number=f"QS-{number:03d}",
            line=item.line,
            item=item.name,
            since=first,
            until=last,
            reason=words["reason"],
            method=words["method"],
            effect=word("upward"),
            substitute=largest,
            candidate1=largest,
            candidate2=item.words["base"] / 100,
            proof=words["proof"],
            approver=site.person("carbon"),
        )
