"""Looking back: what would be concluded of a plant as of a day, with what was known on a day. Nothing is written.

The command line, the pages and the API all ask here, so that none concludes otherwise than another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import ClassVar, Protocol

from compliance.core.factors import FactorCheck, Gathered, known_checks, known_factors
from compliance.core.facts.documents import documents_asked
from compliance.core.figures.showing import LARGE, Shown, show
from compliance.core.findings import Judged
from compliance.core.judged import OCCURRENCE, Occurrence
from compliance.core.judgement import Engine
from compliance.core.looking import Accepted, judge_as_of, look, own_values
from compliance.core.model import SHEETS, AskedVersion, PlantData, PlantFactor, Row
from compliance.core.obligations import occurrences_of
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.core.resting import AHEAD, stored_until
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase

#: Every sheet but those that are large: they are read together.
_SMALL = tuple(kind for kind in SHEETS if kind not in LARGE)


class TooFarAhead(WrongUse):
    """The day to judge lies further ahead than occurrences are stored."""

    code = "too-far-ahead"
    text: ClassVar[Text] = Text(
        zh="截至日 {day} 过晚；至多为 {last}", en="{day} is too far ahead to judge; {last} is the last day"
    )


@dataclass(frozen=True, slots=True)
class Then:
    """What a look back asks: judged as on a day, with what was known on another (None: all that is known now)."""

    as_of: date
    known_on: date | None = None

    @property
    def until(self) -> date:
        """How far ahead occurrences are looked at: as far as the pulse of that day would store them."""
        return stored_until(self.as_of)


def asked(as_of: date | None, known_on: date | None, today: date) -> Then | None:
    """What two days ask (None: nothing of the past); a day further ahead than anything is stored is refused."""
    if as_of is None and known_on is None:
        return None
    if as_of is not None and as_of > today + AHEAD:
        raise TooFarAhead(day=as_of, last=today + AHEAD)
    return Then(as_of or today, known_on)


class LookbackReads(Protocol):
    """What looking back asks of a look: two statements for rows and factors, and a third to judge."""

    def tables(self, plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Tables:
        """Rows of a plant, one statement a sheet."""
        ...

    def gathered_with_factors(self, plant: Plant, kinds: Sequence[type[Row]]) -> Gathered:
        """Rows of several small sheets with all that was known of factors, by one statement."""
        ...

    def accepted_and_asked(
        self, plant: Plant, kind: str, rules: Sequence[str]
    ) -> tuple[Accepted, Sequence[AskedVersion]]:
        """Settled cases of a kind by object, and versions of documents of these rules issued to readers."""
        ...


class LookbackRegister(Protocol):
    """The register as looking back needs it; nothing can be written through it."""

    def read(self) -> AbstractContextManager[LookbackReads]:
        """Open a look."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """A plant with the rules, rows, settled duties and readers that count in a look back."""

    plant: Plant
    then: Then
    rules: RuleBase
    tables: Tables
    accepted: Accepted
    checks: Sequence[FactorCheck]
    asked: Sequence[AskedVersion] = ()

    def data(self) -> PlantData:
        """The plant's rows as they stood on the day."""
        return look(self.plant, self.tables, self.rules, self.then.as_of, self.accepted, self.asked)

    def values(self) -> dict[str, Decimal]:
        """The plant's own factors and parameters."""
        return own_values(self.data())

    def occurrences(self, until: date) -> list[Occurrence]:
        """Every occurrence as far as a day."""
        data = self.data()
        return occurrences_of(data, self.rules, own_values(data), until)

    def judged(self, engines: Sequence[Engine], until: date | None = None) -> Judged:
        """Everything that would be concluded."""
        day = self.then.as_of
        return judge_as_of(self.plant, self.tables, self.rules, engines, day, until or day, self.accepted, self.asked)

    def figures(self) -> Shown:
        """Every figure as it would be computed."""
        return show(self.plant, self.tables, self.checks, self.rules, self.then.as_of)


@dataclass(frozen=True, slots=True)
class Lookback:
    """Looks back in a register. ``rules``: the rule base of a day's knowledge, or (None) the one in use."""

    register: LookbackRegister
    rules: Callable[[date | None], RuleBase]
    engines: Sequence[Engine]
    zone: tzinfo

    def held(self, plant: Plant, then: Then, *, judging: bool = True) -> Held:
        """What counts of a plant; its own factors, and who had verified them, as they were known.

        ``judging``: with the duties that are settled and who was asked to read, which figures do not ask for.
        """
        rules = self.rules(then.known_on)
        with self.register.read() as reads:
            small = reads.gathered_with_factors(plant, _SMALL)
            tables = {**small.tables, **reads.tables(plant, LARGE)}
            settled = reads.accepted_and_asked(plant, OCCURRENCE, documents_asked(rules)) if judging else ({}, ())
        checks = small.checks
        if then.known_on is not None:
            tables[PlantFactor] = known_factors(small.versions, then.known_on, self.zone)
            checks = known_checks(checks, then.known_on, self.zone)
        return Held(plant, then, rules, tables, settled[0], checks, settled[1])

    def judged(self, plant: Plant, then: Then) -> tuple[RuleBase, Judged]:
        """What would be concluded, with occurrences as far as a pulse stores them, and the rules that say so."""
        held = self.held(plant, then)
        return held.rules, held.judged(self.engines, then.until)

    def figures(self, plant: Plant, then: Then) -> Shown:
        """The figures as they would be computed."""
        return self.held(plant, then, judging=False).figures()
