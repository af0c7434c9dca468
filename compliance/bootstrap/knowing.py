"""The rule base with the knowledge of an earlier day, from the snapshots that an installation keeps."""

from __future__ import annotations

from datetime import date

from compliance.bootstrap.installation import Installation, read_kept
from compliance.core.knowing import Activation, in_use_on, with_knowledge_of
from compliance.rulebase.rulebase import RuleBase


def rules_known_on(installation: Installation, day: date | None) -> RuleBase:
    """The rule base to judge with: of a day's knowledge, or (None) the one in use.

    The snapshot is the one in use on that day; a directory given by ``--rules`` was never in use, so it is taken as
    it is. Either is judged without the wordings that were not known yet.
    """
    if day is None:
        return installation.rulebase
    base = installation.rulebase if installation.given else _in_use_on(installation, day)
    return with_knowledge_of(base, day, installation.clock.today())


def activations(installation: Installation) -> list[Activation]:
    """Every activation, the earliest first, by days at the site."""
    zone = installation.clock.zone
    with installation.register.read() as reads:
        found = reads.activations()
    return [Activation(at.astimezone(zone).date(), digest) for at, digest in found]


def _in_use_on(installation: Installation, day: date) -> RuleBase:
    digest = in_use_on(activations(installation), day)
    if digest is None or digest == installation.rulebase.digest:
        return installation.rulebase
    return read_kept(installation.shelf, digest)
