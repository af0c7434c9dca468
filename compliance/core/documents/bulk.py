"""Which documents a plant has in a year or a month: one of each type for the plant, the periods and their records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.core.documents.gathering import Gathering
from compliance.core.documents.rendering import render_checked
from compliance.core.documents.sections import missing
from compliance.core.documents.sets import Subject, made_in, meant, record_type
from compliance.core.documents.sets.base import MONTH, PLANT, YEAR_LONG, within
from compliance.core.figures.quantities import months_over
from compliance.core.judged import NONCONFORMITY, Nonconformity
from compliance.core.looking import look
from compliance.core.model import PlantData
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.kernel.errors import ComplianceError
from compliance.rulebase.schema import Document, Section


def subjects_of(
    rule: Document, plant: Plant, period: str, data: PlantData, nonconformities: Sequence[Nonconformity]
) -> list[Subject]:
    """Everything in a year or a month that a document of a rule is on, the earliest first.

    A month has neither the documents of the plant nor those of its year.
    """
    whole_year = len(period) == YEAR_LONG
    match rule.per:
        case "plant":
            found = [plant.key] if whole_year else []
        case "year":
            found = [period] if whole_year else []
        case "month":
            found = [m for m in months_over(data.data_start, data.data_end) if within(m, period)]
        case "nonconformity":
            found = [n.number for n in nonconformities if within(n.opened, period)]
        case _:
            found = _records(rule, period, data, timeless=whole_year)
    return [Subject(rule.per, about) for about in found]


def _records(rule: Document, period: str, data: PlantData, *, timeless: bool) -> list[str]:
    """The records that a rule means and that were made in a period; of a table that knows no time, all or none."""
    kind = record_type(rule.per)
    if kind is None:
        return []
    always = not kind.SHEET.decides
    rows = [
        row for row in data.rows(kind) if meant(rule, row) and (timeless if always else within(made_in(row), period))
    ]
    return [str(row.key()[0]) for row in sorted(rows, key=made_in)]


def blank(rule: Document, year: str) -> Subject | None:
    """What stands for a type of which a year has nothing: its first month, or an empty form; nothing for a month."""
    if len(year) != YEAR_LONG:
        return None
    if rule.per == MONTH:
        return Subject(MONTH, f"{date(int(year), 1, 1):%Y-%m}")
    return Subject(rule.per, "") if rule.per == NONCONFORMITY or record_type(rule.per) else None


@dataclass(frozen=True, slots=True)
class Made:
    """One document that was made, or why it could not be; ``missing`` are the sections that say nothing yet."""

    rule: Document
    subject: Subject
    file: bytes = b""
    missing: tuple[Section, ...] = ()
    error: ComplianceError | None = None

    @property
    def name(self) -> str:
        """What its file is called: code, title and what it is on."""
        about = self.subject.about if self.subject.per != PLANT else ""
        parts = (self.rule.code or self.rule.id, self.rule.title.zh, about)
        return "_".join(part.replace("/", "-") for part in parts if part)


def draft_all(desk: Gathering, plant: Plant, year: str, progress: Progress, *, every: bool = False) -> Iterator[Made]:
    """A draft of every type, kept nowhere: of each the latest of the year, or ``every`` one of it."""
    wanted = latest_of_each(desk, plant, year, every=every)
    for n, (rule, subject) in enumerate(wanted, 1):
        yield _made(desk, plant, rule, subject)
        progress(n, len(wanted), rule.title.zh)


def latest_of_each(
    desk: Gathering, plant: Plant, year: str, *, every: bool = False, issuable: bool = False
) -> list[tuple[Document, Subject]]:
    """Of every type what its latest document of a year is on, or ``every`` one; without any, an empty form.

    ``issuable`` leaves out tickets that do not yet stand where their report is drawn up, and goes back to earlier years
    of the plant's data where a year has no record.
    """
    today = desk.casework.today()
    rules = sorted(desk.casework.rulebase.in_force(Document, today), key=lambda r: (r.code, r.id))
    with desk.register.read() as reads:
        follows = desk.follows(reads, plant)
        rules = [rule for rule in rules if follows(rule)]
        kinds = [kind for rule in rules if (kind := record_type(rule.per))]
        tables = reads.tables(plant, list(dict.fromkeys(kinds)))
        data = look(plant, tables, desk.casework.rulebase, today)
        tickets = reads.nonconformities(plant)
    years = _years_back(year, data) if issuable else (year,)
    return [
        (rule, one)
        for rule in rules
        for one in _wanted(rule, plant, years, data, _to_report(rule, tickets) if issuable else tickets, every=every)
    ]


def _years_back(year: str, data: PlantData) -> tuple[str, ...]:
    """A year and those before it in which the plant has data, the latest first."""
    return (year, *(str(one) for one in range(int(year) - 1, data.data_start.year - 1, -1)))


def _to_report(rule: Document, tickets: Sequence[Nonconformity]) -> Sequence[Nonconformity]:
    """The tickets that stand where the rule has their report drawn up."""
    when = rule.drafted_when
    return [ticket for ticket in tickets if when is None or when.state in (None, ticket.state)]


def latest_of(desk: Gathering, plant: Plant, rule: Document) -> Subject | None:
    """What the latest document of a rule is on this year, or an empty form; None where it can be on nothing yet."""
    today = desk.casework.today()
    kind = record_type(rule.per)
    with desk.register.read() as reads:
        tables = reads.tables(plant, [kind] if kind else [])
        tickets = reads.nonconformities(plant)
    data = look(plant, tables, desk.casework.rulebase, today)
    return next(iter(_wanted(rule, plant, (f"{today:%Y}",), data, tickets, every=False)), None)


def _wanted(
    rule: Document,
    plant: Plant,
    years: Sequence[str],
    data: PlantData,
    tickets: Sequence[Nonconformity],
    *,
    every: bool,
) -> list[Subject]:
    each = (subjects_of(rule, plant, year, data, tickets) for year in years)
    found = next((subjects for subjects in each if subjects), [])
    empty = blank(rule, years[0])
    if not found and empty:
        return [empty]
    return found if every else found[-1:]


def _made(desk: Gathering, plant: Plant, rule: Document, subject: Subject) -> Made:
    try:
        with desk.register.read() as reads:
            context = desk.context(reads, plant, subject.about, rule, None)
            template = desk.template_of(reads, plant, rule)
        file = render_checked(desk.renderer, template, context, desk.names(rule))
    except ComplianceError as error:
        return Made(rule, subject, error=error)
    return Made(rule, subject, file, missing(rule, context) if subject.about else ())  # an empty form lacks nothing
