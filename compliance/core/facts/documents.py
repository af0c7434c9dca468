"""Facts about controlled documents and the organisation (4.2, 4.4.1, C.1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compliance.core.facts.catalogue import DAY, FLAG, NUMBER, TEXT, InTime, Params, days_between, derivation, row_of
from compliance.core.model import ControlledDocument, Department, PersonPeriod, PlantData
from compliance.core.people import People
from compliance.rulebase.calendar import add_days
from compliance.rulebase.evaluator import FactValue


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


@derivation(
    "document-acknowledgement",
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
    sheet=ControlledDocument,
    in_time=InTime(ages={"days_late": "due"}),
)
def document_acknowledgement(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact an effective document: who is to confirm it by when, and how many did; ``days_late`` counts to today."""
    days = params.number("days")
    for row in data.rows(ControlledDocument):
        if row.effective is None:
            continue
        due = add_days(row.effective, days)
        yield {
            "on": row.effective,
            "version": f"{row.number}/{row.version}",
            "document_class": row.document_class,
            "effective": row.effective,
            "due": due,
            "days_late": days_between(due, data.as_of),
            "readers_micro": row.readers,
            "confirmed_micro": row.confirmed,
            "row": row_of("controlled_document", row.number, row.version),
        }


def _turns_of_leaders(data: PlantData) -> Iterator[date]:
    """The days from which a department leads, and those from which it does so no more."""
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
