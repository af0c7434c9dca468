"""The use cases of an installation, with what they work on filled in."""

from __future__ import annotations

from pathlib import Path

from compliance.adapters.fsck import FsckReport, fsck
from compliance.adapters.workbook import XlsxWorkbooks
from compliance.bootstrap.installation import Installation
from compliance.core.absences import Deputies
from compliance.core.accounts import SignedIn
from compliance.core.acts import PULSE, Actor
from compliance.core.cases import Casework
from compliance.core.duties import Person, people_of, person_of
from compliance.core.imports import Entry, ImportRefused, ImportReport, enter, import_workbook
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.core.reconcile import Pulse
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Vocabulary


def vocabularies(rulebase: RuleBase) -> dict[str, Vocabulary]:
    """The words that columns admit: the latest wording of each vocabulary."""
    return {rule.id: rule for rule in rulebase.of(Vocabulary)}


def import_file(
    installation: Installation,
    path: Path,
    actor: Actor,
    reason: str | None,
    progress: Progress,
    *,
    name: str = "",
    only: str | None = None,
) -> ImportReport | ImportRefused:
    """Import a workbook, all or nothing; ``only`` admits the workbook of that plant alone."""
    return import_workbook(
        path,
        register=installation.register,
        vault=installation.vault,
        workbooks=XlsxWorkbooks(),
        vocabularies=vocabularies(installation.rulebase),
        actor=actor,
        today=installation.clock.today(),
        reason=reason,
        progress=progress,
        name=name or path.name,
        only=only,
    )


def pulse(installation: Installation, actor: Actor = PULSE) -> Pulse:
    """The pulse of this installation."""
    return Pulse(installation.register, installation.vault, installation.rulebase, (installation.engine,), actor)


def check_store(installation: Installation, *, deep: bool) -> FsckReport:
    """Check register, files and trail."""
    return fsck(installation.register.database, installation.vault, deep=deep)


def casework(installation: Installation) -> Casework:
    """Working cases on this installation."""
    return Casework(
        installation.register,
        installation.rulebase,
        installation.clock.now,
        installation.clock.today,
    )


def person_in(installation: Installation, signed_in: SignedIn, plant: Plant) -> Person:
    """The person of a sign-in in a plant, today."""
    with installation.register.read() as reads:
        people = people_of(reads, plant)
    user = signed_in.user
    return person_of(
        user.login,
        user.person,
        user.name,
        frozenset(role.value for role in signed_in.roles_in(plant.key)),
        people,
        installation.rulebase,
        installation.clock.today(),
    )


def deputies(installation: Installation) -> Deputies:
    """Setting and ending absences on this installation."""
    return Deputies(installation.register, installation.rulebase, installation.clock.now, installation.clock.today)


def enter_row(installation: Installation, plant: Plant, entry: Entry, actor: Actor) -> ImportReport | ImportRefused:
    """Enter one row by a form; who may is the caller's to ask (``Permission.ENTER``)."""
    return enter(
        entry,
        plant,
        register=installation.register,
        vault=installation.vault,
        vocabularies=vocabularies(installation.rulebase),
        actor=actor,
        today=installation.clock.today(),
    )
