"""Facts about controlled documents and the organisation (4.2, 4.4.1, C.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import cast

from compliance.core.distribution import Distribution, readers_of
from compliance.core.facts.catalogue import DAY, FLAG, NUMBER, TEXT, InTime, Params, days_between, derivation, row_of
from compliance.core.model import AskedVersion, ControlledDocument, Department, PersonPeriod, PlantData
from compliance.core.people import People
from compliance.kernel.quantity import MICRO
from compliance.rulebase.calendar import add_days
from compliance.rulebase.evaluator import FactValue
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactRule

#: The derivation that counts who has confirmed documents, and its parameter that names those issued here, by class.
_ACKNOWLEDGEMENT, _ISSUED_HERE = "document-acknowledgement", "documents"
#: What the rows of documents issued here are called.
_DOCUMENT = "document"
#: How many are to confirm a version, and how many did, in 10⁻⁶ as a sheet counts them; None: not known.
_Counts = tuple[int | None, int | None]


@derivation(
    "document-approval",
    {"version": TEXT, "document_class": TEXT, "approved": DAY, "approver": TEXT, "approver_holds_post": FLAG},
    ("approval",),
    sheet=ControlledDocument,
)
def document_approval(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an approved document of the approval's classes: whether the approver holds the post on that day."""
    people = People(data.rows(PersonPeriod))
    for row in data.rows(ControlledDocument):
        if row.approved is None:
            continue
        approval = params.approval("approval", row.approved)
        if approval is None or row.document_class not in approval.applies_to:
            continue
        words = params.post_words(approval.post_of("approve"), row.approved)
        yield {
            "on": row.approved,
            "version": f"{row.number}/{row.version}",
            "document_class": row.document_class,
            "approved": row.approved,
            "approver": row.approver,
            "approver_holds_post": None if row.approver is None else people.holds(row.approver, words, row.approved),
            "row": row_of("controlled_document", row.number, row.version),
        }


def documents_asked(rulebase: RuleBase) -> tuple[str, ...]:
    """The documents whose readers' confirmations count for findings, whatever the wording that names them."""
    rules = (rule for rule in rulebase.of(FactRule) if rule.derivation == _ACKNOWLEDGEMENT)
    return tuple(dict.fromkeys(document for rule in rules for document in _classes(rule)))


def _classes(rule: FactRule) -> Mapping[str, str]:
    """The class of each document of the rule base that the rule counts the readers of."""
    given = cast("Mapping[str, Iterable[Mapping[str, str]]]", rule.with_.get(_ISSUED_HERE, {}))
    return {named["document"]: kind for kind, several in given.items() for named in several}


def _turns_of_readers(data: PlantData, params: Params) -> Iterator[date]:
    """The days on which a version is asked, confirmed or ends, and on which its readers come, go or are late."""
    if not data.asked:
        return
    days = params.number("days")
    for period in data.rows(PersonPeriod):
        yield period.since
        yield add_days(period.since, days + 1)
        if period.until is not None:
            yield add_days(period.until, 1)
    for version in data.asked:
        yield from version.turns()
        yield add_days(version.asked, days + 1)


@derivation(
    _ACKNOWLEDGEMENT,
    {
        "version": TEXT,
        "document_class": TEXT,
        "effective": DAY,
        "due": DAY,
        "days_late": NUMBER,
        "readers_micro": NUMBER,
        "confirmed_micro": NUMBER,
    },
    ("days",),
    optional=(_ISSUED_HERE,),
    sheet=ControlledDocument,
    in_time=InTime(ages={"days_late": "due"}, turns=_turns_of_readers),
)
def document_acknowledgement(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an effective document: who is to confirm it by when, and how many did; ``days_late`` counts to today.

    A row of the sheet counts as it says; of a version issued here (of the documents given) those are counted who are
    asked and who have confirmed. Where a version stands in both, the larger of each count holds: the sheet's persons
    may be the same ones. Who comes to be asked later has as many days from then on, and is not counted before.
    """
    classes = _classes(params.rule)
    here = {f"{v.number}/{v.label}": v for v in data.asked if v.rule in classes and v.asks(data.as_of)}
    days = params.number("days")
    for row in data.rows(ControlledDocument):
        if row.effective is None:
            continue
        version = f"{row.number}/{row.version}"
        counts: _Counts = (row.readers, row.confirmed)
        if (issued := here.pop(version, None)) is not None:
            counts = _larger(counts, _counted(issued, data, params, days))
        of_row = row_of(ControlledDocument.SHEET.table, row.number, row.version)
        yield _confirmed(version, row.document_class, row.effective, days, data.as_of, counts, of_row)
    for version, issued in here.items():
        counts, of_row = _counted(issued, data, params, days), row_of(_DOCUMENT, issued.number, issued.label)
        yield _confirmed(version, classes[issued.rule], issued.effective, days, data.as_of, counts, of_row)


def _confirmed(
    version: str, kind: str | None, effective: date, days: int, on: date, counts: _Counts, row: str
) -> dict[str, FactValue]:
    due = add_days(effective, days)
    return {
        "on": effective,
        "version": version,
        "document_class": kind,
        "effective": effective,
        "due": due,
        "days_late": days_between(due, on),
        "readers_micro": counts[0],
        "confirmed_micro": counts[1],
        "row": row,
    }


def _larger(one: _Counts, other: _Counts) -> _Counts:
    first, second = (max((n for n in pair if n is not None), default=None) for pair in zip(one, other, strict=True))
    return first, second


def _counted(version: AskedVersion, data: PlantData, params: Params, days: int) -> _Counts:
    """How many are asked on the day of judging, and how many of them have confirmed by it."""
    on = data.as_of
    asked = Distribution(
        number=version.number, place=0, parties=version.parties, days=version.days, asked=version.asked
    )
    done = dict.fromkeys(version.done(on))
    readers = readers_of(asked, data.rows(PersonPeriod), done, params.rulebase, on)
    waiting = [r for r in readers if not r.confirmed and r.since > version.effective and add_days(r.since, days) >= on]
    return (len(readers) - len(waiting)) * MICRO, sum(r.confirmed for r in readers) * MICRO


def _turns_of_leaders(data: PlantData, params: Params) -> Iterator[date]:
    """The days from which a department leads, and those from which it does so no more."""
    del params
    for row in data.rows(Department):
        if row.leads_from is not None:
            yield row.leads_from
        if row.leads_until is not None:
            yield add_days(row.leads_until, 1)


@derivation(
    "lead-departments",
    {"subject": TEXT, "leaders": NUMBER},
    ("subject", "leads"),
    counts=("leaders",),
    in_time=InTime(turns=_turns_of_leaders),
)
def lead_departments(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact: how many departments lead carbon management on the day."""
    leaders = [
        row
        for row in data.rows(Department)
        if row.leads == params.text("leads")
        and row.leads_from is not None
        and row.leads_from <= data.as_of
        and (row.leads_until is None or data.as_of <= row.leads_until)
    ]
    yield {
        "on": data.as_of,
        "subject": params.text("subject"),
        "leaders": len(leaders),
        "row": row_of("department", *(row.number for row in leaders)),
    }
