"""The plant that newcomers see: a clean one with believable defects, some late, some open, some about to be due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from compliance.adapters.example.assurance import add_case, add_event, roll
from compliance.adapters.example.days import add_days, add_months, month_end
from compliance.adapters.example.metering import items, verify
from compliance.adapters.example.plant import build
from compliance.adapters.example.sheets import Cells, Workbook
from compliance.adapters.example.site import Site
from compliance.adapters.example.trading import move_cash
from compliance.adapters.example.words import layout, word
from compliance.core.model import (
    AccountPower,
    CashTransfer,
    ControlledDocument,
    CrossCheck,
    Filing,
    InstrumentCheck,
    LedgerApproval,
    Reading,
    Review,
    Row,
    TestReport,
    Trade,
)

#: Days from today on which a certificate ends and a review is due.
_CERTIFICATE, _REVIEW = 5, 6


def example_plant(today: date, *, months: int | None = None) -> Workbook:
    """Make the demo's plant: on any day something was late, something is overdue, something is due soon.

    ``months`` of data instead of those of the demo.
    """
    words = layout()["example"]
    site = build(today, months=months or words["months"], seed=words["seed"])
    for change in (*_DEFECTS, _money_came_back):
        change(site)
    return site.book.workbook()


def _remove(site: Site, kind: type[Row], **equal: str) -> None:
    gone = [id(row) for row in site.book.of(kind, **equal)]
    site.book.rows[kind] = [row for row in site.book.rows[kind] if id(row) not in gone]


def _filings(site: Site) -> list[Cells]:
    """The monthly filings that fell due before today, the latest last."""
    rows = site.book.of(Filing, obligation=layout()["filing"]["month"])
    due = add_months(site.today, -1).strftime("%Y-%m")
    if site.today.day <= layout()["example"]["filing_days"]:
        due = add_months(site.today, -2).strftime("%Y-%m")
    return [row for row in rows if str(row["period"]) <= due]


def _filing_overdue(site: Site) -> None:
    rows = site.book.rows[Filing]
    rows.remove(_filings(site)[-1])


def _filing_late(site: Site) -> None:
    row = _filings(site)[-3]
    year, month = str(row["period"]).split("-")
    row["filed"] = add_days(month_end(date(int(year), int(month), 1)), layout()["example"]["filing_days"] + 3)


def _attachment_missing(site: Site) -> None:
    _filings(site)[-6]["attachments"] = word("emission_ledger")


def _review_soon_due(site: Site) -> None:
    review = layout()["rolling_review"][0]
    _remove(site, Review, type=review["type"])
    roll(site, review, add_months(add_days(site.today, _REVIEW), -review["months"]))
    *_, last = site.book.of(Review, type=review["type"])
    last["input_f"] = None


def _certificate_ends_soon(site: Site) -> None:
    instrument = layout()["example"]["expiring_instrument"]
    cycle = next(item.cycle for item in items(site) if item.instrument == instrument)
    _remove(site, InstrumentCheck, instrument=instrument)
    verify(site, instrument, cycle, add_days(site.today, _CERTIFICATE))


def _certificate_renewed_late(site: Site) -> None:
    instrument = layout()["example"]["lapsed_instrument"]
    _remove(site, InstrumentCheck, instrument=instrument)
    cycle = layout()["instrument"]["cycle"]
    verify(site, instrument, cycle, add_days(site.today, 250))
    before = list(site.book.of(InstrumentCheck, instrument=instrument))[-2]
    renewed = add_months(add_days(site.today, 251), -cycle)
    before["valid_until"] = add_days(renewed, -9)


def _checks_missing(site: Site) -> None:
    """The clinker scale was not checked last month, and has not yet been checked this month."""
    months = {f"{add_months(site.today, -n):%Y-%m}" for n in (0, 1)}
    rows = site.book.rows[InstrumentCheck]
    site.book.rows[InstrumentCheck] = [
        row
        for row in rows
        if row["type"] != word("monthly_check")
        or row["instrument"] != layout()["example"]["unchecked_instrument"]
        or str(row["on"])[:7] not in months
    ]


def _own_department_audited(site: Site) -> None:
    department = layout()["example"]["late_department"]
    *_, row = site.book.of(Review, type=word("internal_audit"), department=department)
    row["auditors"] = site.person("production_head")


def _audit_planned_afterwards(site: Site) -> None:
    row = next(site.book.of(Review, type=word("internal_audit")))
    begun = row["started"]
    row["planned"] = add_days(begun, 3) if isinstance(begun, date) else None


def _readings_badly_signed(site: Site) -> None:
    rows = site.book.rows[Reading]
    for place in (len(rows) - 40, len(rows) - 62):
        rows[place]["checker"] = rows[place]["recorder"]
    rows[len(rows) - 85]["checker"] = None


def _days_unread(site: Site) -> None:
    """Two days of one item last week were never entered."""
    days = {add_days(site.today, -n) for n in (5, 6)}
    item = layout()["example"]["unread_item"]
    rows = site.book.rows[Reading]
    site.book.rows[Reading] = [row for row in rows if row["on"] not in days or row["item"] != item]


def _cross_check_open(site: Site) -> None:
    row = site.book.rows[CrossCheck][-1]
    value = row["invoice"]
    row["invoice"] = round(float(value) * 1.1, 2) if isinstance(value, (int, float)) else None


def _trade_and_cash_unseparated(site: Site) -> None:
    trade, cash = site.book.rows[Trade][-1], site.book.rows[CashTransfer][-1]
    trade["confirmer"] = trade["applicant"]
    cash["guardian"] = cash["guardian_approved_on"] = None


def _money_came_back(site: Site) -> None:
    """What the last purchase left of the money approved for it was moved back the same day: the demo has a receipt."""
    *_, deal = site.book.of(Trade, direction=word("buy"))
    on, left = deal["on"], int(str(deal["approved_money"])) - int(str(deal["money"]))
    number = layout()["example"]["receipt"]
    if isinstance(on, date):
        move_cash(site, number, word("cash_out"), str(deal["number"]), left, asked=on, on=on)


def _laboratories_unfit(site: Site) -> None:
    words = layout()["example"]
    reports = list(site.book.of(TestReport, parameter=word("carbon")))
    reports[-2]["laboratory"] = words["unscoped_laboratory"]
    reports[-5]["laboratory"] = words["lapsed_laboratory"]


def _ledgers_badly_signed(site: Site) -> None:
    ledgers = list(site.book.of(LedgerApproval, ledger=word("verification_ledger")))
    ledgers[-4]["checker"] = ledgers[-4]["preparer"]
    ledgers[-7]["approver"] = site.person("ledger")


def _document_wrongly_approved(site: Site) -> None:
    row = next(site.book.of(ControlledDocument, number=layout()["example"]["document"]))
    row["approver"] = site.person("carbon")


def _powers_overlap(site: Site) -> None:
    change = add_months(site.today, -4)
    people = [site.person(key) for key in ("operator", "guardian", "account_owner", "carbon")]
    first = {"operator": people[0], "reviewer": people[1], "supervisor": people[2]}
    second = {"operator": people[3], "reviewer": people[0], "supervisor": people[2]}
    words = layout()["example"]["power"]
    since, until = add_days(site.start, -90), add_days(change, 12)
    site.book.add(AccountPower, **words, **first, since=since, until=until)
    site.book.add(AccountPower, **words, **second, since=change)


def _events_unanswered(site: Site) -> None:
    """One is past its days, one has ten days left (where the plant allows the days of the example)."""
    words = layout()["example"]
    values = layout()["factor"]["values"]
    allowed = next(value for code, _, value, _ in values if code == layout()["example"]["event_factor"])
    add_event(site, word("context_change"), add_days(site.today, -allowed - 8), words["context_event"])
    add_event(site, word("policy_change"), add_days(site.today, 10 - allowed), words["policy_event"])


def _cases_badly_handled(site: Site) -> None:
    words, today = layout()["example"], site.today
    plan = (
        ("self_verified_case", -120, -82, -95),
        ("repeated_case", -60, 12, 8),
        ("overdue_case", -50, -9, 7),
    )
    for place, (case, recorded, due, done) in enumerate(plan, 11):
        days = {"recorded": recorded, "due": due, "done": done}
        moved = {key: add_days(today, offset) for key, offset in days.items()}
        add_case(site, place, words[case], **moved)


_DEFECTS: tuple[Callable[[Site], None], ...] = (
    _filing_overdue,
    _filing_late,
    _attachment_missing,
    _review_soon_due,
    _certificate_ends_soon,
    _certificate_renewed_late,
    _checks_missing,
    _own_department_audited,
    _audit_planned_afterwards,
    _readings_badly_signed,
    _days_unread,
    _cross_check_open,
    _trade_and_cash_unseparated,
    _laboratories_unfit,
    _ledgers_badly_signed,
    _document_wrongly_approved,
    _powers_overlap,
    _events_unanswered,
    _cases_badly_handled,
)
