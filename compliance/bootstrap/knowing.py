"""The rule bases that an installation put into use: the one of a day's knowledge, and each by its digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from compliance.bootstrap.installation import Installation, RulesLost, read_kept
from compliance.core.factors import FactorReads, known_factors
from compliance.core.knowing import Activation, in_use_on, with_knowledge_of
from compliance.core.lookback import Lookback
from compliance.core.model import PlantFactor
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.core.rulebooks import BadRules
from compliance.rulebase.rulebase import RuleBase


def rules_known_on(installation: Installation, day: date | None) -> RuleBase:
    """The rule base to judge with: of a day's knowledge, or (None) the one in use.

    The snapshot is the one in use on that day; a directory given by ``--rules`` was never in use, so it is taken as
    it is. Either is judged without the wordings that were not known yet.
    """
    if day is None:
        return installation.current_rules()
    base = installation.current_rules() if installation.given else _in_use_on(installation, day)
    return with_knowledge_of(base, day, installation.clock.today())


def lookback_of(installation: Installation) -> Lookback:
    """Looking back in an installation, with the snapshots that it put into use and its engines."""
    rules = partial(rules_known_on, installation)
    return Lookback(installation.register, rules, (installation.engine,), installation.clock.zone)


def tables_known_on(
    installation: Installation, reads: FactorReads, plant: Plant, tables: Tables, day: date | None
) -> Tables:
    """The rows of a plant with its factors and parameters as they were known on a day (None: as they stand)."""
    if day is None:
        return tables
    return {**tables, PlantFactor: known_factors(reads.factor_versions(plant), day, installation.clock.zone)}


def activations(installation: Installation) -> list[Activation]:
    """Every activation, the earliest first, by days at the site."""
    zone = installation.clock.zone
    with installation.register.read() as reads:
        found = reads.activations()
    return [Activation(at.astimezone(zone).date(), digest) for at, digest in found]


class KeptRules:
    """Implements ``core.replaying.Snapshots`` on the shelf; each snapshot is read once."""

    def __init__(self, installation: Installation) -> None:
        """Read the snapshots of an installation."""
        self._installation = installation
        self._read: dict[str, RuleBase | None] = {}

    def __call__(self, digest: str) -> RuleBase | None:
        """The snapshot of a digest; None if it is gone or altered."""
        if digest not in self._read:
            self._read[digest] = self._kept(digest)
        return self._read[digest]

    def every(self) -> Iterator[RuleBase]:
        """Every snapshot that is still there, the latest first."""
        current = "" if self._installation.given else self._installation.current_rules().digest
        if current:  # the latest is at hand: most wordings are found without asking the register
            yield self._installation.rulebase
        digests = dict.fromkeys(a.digest for a in reversed(activations(self._installation)))
        yield from (base for digest in digests if digest != current and (base := self(digest)) is not None)

    def _kept(self, digest: str) -> RuleBase | None:
        if digest == self._installation.rulebase.digest:
            return self._installation.rulebase
        try:
            return read_kept(self._installation.shelf, digest)
        except (RulesLost, BadRules):
            return None


def _in_use_on(installation: Installation, day: date) -> RuleBase:
    digest = in_use_on(activations(installation), day)
    if digest is None or digest == installation.current_rules().digest:
        return installation.current_rules()
    return read_kept(installation.shelf, digest)
