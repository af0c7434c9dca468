"""What looking ahead reads of an installation, for any day: the rows of a plant and the occurrences made from them."""

from __future__ import annotations

from datetime import date

from compliance.bootstrap.installation import Installation
from compliance.bootstrap.knowing import tables_known_on
from compliance.core.judged import NONCONFORMITY, OCCURRENCE
from compliance.core.looking import choose_plant, look, own_values
from compliance.core.model import ImportedNonconformity, Instrument, PersonPeriod
from compliance.core.obligations import occurrences_of
from compliance.core.simulating import Known, recorded_of, tickets_of
from compliance.rulebase.rulebase import RuleBase


def known_of(
    installation: Installation, key: str | None, day: date, until: date, rules: RuleBase, known_on: date | None = None
) -> Known:
    """Everything known of a plant on a day, with its occurrences up to another, by these rules.

    ``known_on``: with the plant's factors and parameters as they were known on a day.
    """
    with installation.register.read() as reads:
        plant = choose_plant(reads, key)
        tables, accepted = reads.tables(plant), reads.accepted(plant, OCCURRENCE)
        tables = tables_known_on(installation, reads, plant, tables, known_on)
        absences, cases = reads.absences(plant), reads.case_rows(plant, NONCONFORMITY)
        tickets = reads.nonconformities(plant)
    data = look(plant, tables, rules, day, accepted)
    values = own_values(data)
    return Known(
        plant=plant,
        occurrences=occurrences_of(data, rules, values, until),
        periods=data.rows(PersonPeriod),
        instruments=data.rows(Instrument),
        absences=absences,
        actions=[*tickets_of(cases, tickets), *recorded_of(data.rows(ImportedNonconformity))],
        values=values,
    )
