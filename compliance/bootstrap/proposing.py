"""Planning and changing the rule base of an installation."""

from __future__ import annotations

import tempfile
from dataclasses import fields, replace
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

from compliance.adapters.trail import moment
from compliance.adapters.zipped import unzip, zipped
from compliance.bootstrap.documents import desk, rules_for_use
from compliance.bootstrap.installation import Installation, RulesLost, read_kept
from compliance.bootstrap.usecases import jobs_of
from compliance.core.planning import Plan, PlantPlan, Unfit, make_plan, plan_plant, told_unfit
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.core.proposals import PlannedProposals, Proposals, insist_on_templates
from compliance.core.rulebooks import BadRules
from compliance.core.templates import unfit
from compliance.core.templates.fitting import FitReads
from compliance.rulebase.rulebase import RuleBase


def rules_named(installation: Installation, name: str) -> RuleBase:
    """A rule base by its directory, or by the digest of a snapshot that is kept; its documents are checked."""
    path = Path(name)
    if not path.is_dir() and len(name) == _DIGEST and name.isalnum():
        return read_kept(installation.shelf, name)
    return rules_for_use(path, installation.workspace.templates)


_DIGEST = 64


def plan_of(
    installation: Installation, after: RuleBase, progress: Progress | None = None, plant: str | None = None
) -> Plan:
    """What a rule base would do beside the one in use."""
    with installation.register.read() as reads:
        made = make_plan(
            reads,
            installation.current_rules(),
            after,
            [installation.engine],
            installation.clock.today(),
            progress,
            plant,
        )
        plants = tuple(_with_templates(installation, reads, one, after) for one in made.plants)
        return replace(made, plants=plants, templates=_unfit(installation, reads, None, after))


def _with_templates(installation: Installation, reads: FitReads, plan: PlantPlan, after: RuleBase) -> PlantPlan:
    """The plan with the plant's own templates that the rules would not admit."""
    return replace(plan, templates=_unfit(installation, reads, plan.plant, after))


def _unfit(installation: Installation, reads: FitReads, plant: Plant | None, after: RuleBase) -> tuple[Unfit, ...]:
    before, today = installation.current_rules(), installation.clock.today()
    return unfit(reads, desk(installation), plant, before, after, today)


def proposals(installation: Installation, progress: Progress | None = None) -> Proposals:
    """Proposing and activating, on this installation."""
    return Proposals(
        installation.register,
        installation.shelf,
        installation.vault,
        installation.current_rules(),
        installation.clock.today,
        lambda: moment(installation.clock.now().astimezone(UTC)),
        lambda after: plan_of(installation, after, progress),
    )


def planned_proposals(installation: Installation, progress: Progress | None = None) -> PlannedProposals:
    """The same where a plan that takes long is made as a job."""
    plain = proposals(installation, progress)
    return PlannedProposals(
        **{part.name: getattr(plain, part.name) for part in fields(plain)},
        jobs=jobs_of(installation),
        plant_of=lambda after, plant: _plant_of(installation, after, plant),
        group_of=lambda after: _group_of(installation, after),
        rules_of=lambda digest: _kept(installation, digest),
    )


def _plant_of(installation: Installation, after: RuleBase, plant: Plant) -> PlantPlan:
    with installation.register.read() as reads:
        now = reads.plant(plant.key) or plant
        before, today = installation.current_rules(), installation.clock.today()
        planned = plan_plant(reads, now, before, after, [installation.engine], today)
        return _with_templates(installation, reads, planned, after)


def insist_on_fit(installation: Installation, after: RuleBase) -> None:
    """Raise :class:`TemplatesDoNotFit` where a template in use, the group's or a plant's own, would not be admitted."""
    with installation.register.read() as reads:
        found = told_unfit(None, _unfit(installation, reads, None, after))
        for plant in reads.plants():
            found += told_unfit(plant.key, _unfit(installation, reads, plant, after))
    insist_on_templates(found)


def _group_of(installation: Installation, after: RuleBase) -> tuple[Unfit, ...]:
    with installation.register.read() as reads:
        return _unfit(installation, reads, None, after)


def _kept(installation: Installation, digest: str) -> RuleBase | None:
    try:
        return read_kept(installation.shelf, digest)
    except (RulesLost, BadRules):
        return None


class WebRules:
    """Implements ``web.services.RuleChanging`` on an installation."""

    def __init__(self, installation: Installation) -> None:
        """Change the rules of an installation."""
        self._installation = installation

    def proposals(self, progress: Progress | None = None) -> PlannedProposals:
        """Proposing and activating, beside the rules now in use."""
        return planned_proposals(self._installation, progress)

    def unpacked(self, source: BinaryIO) -> RuleBase:
        """The rule base in an archive, checked with its documents; nothing of it stays."""
        with tempfile.TemporaryDirectory(prefix="rules-") as folder:
            unzip(source, Path(folder))
            return rules_for_use(Path(folder), self._installation.workspace.templates)

    def packed(self, rulebase: RuleBase) -> bytes:
        """A rule base as an archive."""
        return zipped(rulebase.files)
