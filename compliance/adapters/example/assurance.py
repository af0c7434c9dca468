"""Filings, ledger approvals, reviews and audits, events and nonconformities."""

from __future__ import annotations

from datetime import date
from typing import Any

from compliance.adapters.example.days import add_days, add_months, chain_back, month_end
from compliance.adapters.example.sheets import Cell, Cells
from compliance.adapters.example.site import Site
from compliance.adapters.example.words import layout, word
from compliance.core.model import Event, Filing, ImportedNonconformity, LedgerApproval, Review

_INPUTS = tuple(f"input_{letter}" for letter in "abcdefghi")
_OUTPUTS = tuple(f"output_{letter}" for letter in "abcd")


def fill(site: Site) -> None:
    """Add what people filed, approved, reviewed, audited and put right."""
    for month in site.months():
        filed = add_days(month_end(month), site.rng.randrange(*layout()["filing"]["month_days"]))
        _filings(site, month, filed)
        _ledgers(site, month, filed)
    _year_filings(site)
    for review in layout()["rolling_review"]:
        last = add_days(add_months(site.today, -review["months"]), site.rng.randrange(40, 330))
        roll(site, review, last)
    for review in layout()["yearly_review"]:
        for year in site.years:
            _yearly(site, review, date(year, review["month"], site.rng.randrange(5, 25)))
    _events(site)
    for place, case in enumerate(layout()["nonconformity"], 1):
        _nonconformity(site, place, case)


def _filings(site: Site, month: date, filed: date) -> None:
    words = layout()["filing"]
    site.book.add(
        Filing,
        obligation=words["month"],
        period=f"{month:%Y-%m}",
        filed=filed,
        receipt=f"SB{month:%Y%m}{site.rng.randrange(1000, 9999)}",
        attachments=words["month_attachments"],
        filer=site.person("carbon"),
    )
    site.book.add(
        Filing,
        obligation=words["platform"],
        period=f"{month:%Y-%m}",
        filed=add_days(month_end(month), site.rng.randrange(*words["platform_days"])),
        receipt=f"TB{month:%Y%m}{site.rng.randrange(1000, 9999)}",
        attachments=words["platform_attachments"],
        filer=site.person("carbon_checker"),
    )


def _year_filings(site: Site) -> None:
    words = layout()["filing"]
    for year in site.years:
        filed = date(year + 1, words["year_month"], site.rng.randrange(*words["year_days"]))
        site.book.add(
            Filing,
            obligation=words["year"],
            period=f"{year}",
            filed=filed,
            receipt=f"NB{filed:%Y%m%d}",
            attachments=words["year_attachments"],
            filer=site.person("carbon"),
        )


def _ledgers(site: Site, month: date, filed: date) -> None:
    end = month_end(month)
    approved = min(filed, add_days(end, site.rng.randrange(5, 9)))
    for ledger in layout()["ledger"]:
        site.book.add(
            LedgerApproval,
            number=f"{ledger['prefix']}-{month:%Y-%m}",
            ledger=ledger["name"],
            month=f"{month:%Y-%m}",
            preparer=site.person(ledger["preparer"]),
            prepared_on=add_days(end, 2),
            checker=site.person("carbon_checker"),
            checked_on=add_days(end, site.rng.randrange(3, 5)),
            approver=site.person("deputy", approved),
            approved_on=approved,
        )


def roll(site: Site, review: dict[str, Any], last: date) -> None:
    """Add completed reviews of a rolling kind, none late, the last one on ``last``."""
    days = chain_back(last, site.start, review["months"], site.rng.randrange(5, 25))
    for done in days:
        place = sum(1 for _ in site.book.of(Review, type=review["type"])) + 1
        contents: Cells = {}
        if review.get("full"):
            contents = dict.fromkeys((*_INPUTS, *_OUTPUTS), word("present"))
        site.book.add(
            Review,
            number=f"{review['prefix']}-{done:%Y}-{place:02d}",
            type=review["type"],
            planned=add_days(done, -20),
            started=add_days(done, -1),
            completed=done,
            chair=site.person(review["chair"]),
            **contents,
        )


def _yearly(site: Site, review: dict[str, Any], day: date) -> None:
    team = {"auditors": review.get("auditors", []), "department": None}
    for place, audit in enumerate(review.get("audit", [team]), 1):
        begun = add_days(day, place)
        auditors = word("join").join(site.person(key) for key in audit["auditors"])
        site.book.add(
            Review,
            number=f"{review['prefix']}-{day:%Y}-{place:02d}",
            type=review["type"],
            planned=add_days(day, -site.rng.randrange(8, 20)),
            started=begun,
            completed=add_days(begun, site.rng.randrange(3)),
            chair=site.person(review["chair"]),
            auditors=auditors or None,
            department=audit["department"],
        )


def _events(site: Site) -> None:
    for event in layout()["event"]:
        on = site.day_at(event["at"])
        follow: Cells = {
            key: add_days(on, event[key])
            for key in ("context_reviewed", "compliance_evaluated", "special_audit")
            if key in event
        }
        add_event(site, event["type"], on, event["description"], **follow)
    if site.handover is not None:
        description = layout()["handover"]["description"]
        special = add_days(site.handover, 22)
        add_event(site, word("system_change"), site.handover, description, special_audit=special)


def add_event(site: Site, kind: str, on: date, description: str, **follow: Cell) -> None:
    """Add an event with the days on which what it asks for was done."""
    place = sum(1 for _ in site.book.of(Event)) + 1
    number = f"SJ-{on:%Y}-{place:02d}"
    site.book.add(Event, number=number, type=kind, on=on, description=description, **follow)


def _nonconformity(site: Site, place: int, case: dict[str, Any]) -> None:
    recorded = site.day_at(case["at"])
    done = add_days(recorded, site.rng.randrange(15, 36))
    add_case(site, place, case, recorded=recorded, due=add_days(recorded, 38), done=done)


def add_case(site: Site, place: int, case: dict[str, Any], *, recorded: date, due: date, done: date) -> None:
    """Add a nonconformity that takes its way: corrected on ``done``, verified and closed after that."""
    closed = add_days(done, 8)
    texts = ("origin", "category", "grade", "fact", "cause", "cause_code", "action", "criterion")
    state = "closed" if closed <= site.today else "verifying" if done <= site.today else "doing"
    site.book.add(
        ImportedNonconformity,
        number=f"BF-{recorded:%Y}-{place:02d}",
        **{key: case[key] for key in texts},
        recorded=recorded,
        owner=site.person(case["owner"]),
        due=due,
        completed=done,
        verifier=site.person(case["verifier"]),
        verified=add_days(done, 6),
        verdict=word("effective"),
        state=word(state),
        closed=closed,
    )
