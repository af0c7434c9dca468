"""The use cases of an installation, with what they work on filled in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import ClassVar

from compliance.adapters.fsck import FsckReport, fsck
from compliance.adapters.standing import SqlStanding
from compliance.adapters.trail import moment
from compliance.adapters.workbook import XlsxWorkbooks
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.knowing import KeptRules
from compliance.core.absences import Deputies
from compliance.core.accounts import SignedIn
from compliance.core.acts import PULSE, Actor
from compliance.core.cases import Casework
from compliance.core.covering import Paper
from compliance.core.duties import Person, people_of, person_of
from compliance.core.imports import (
    Admission,
    Entry,
    ImportRefused,
    ImportReport,
    RowGuard,
    enter,
    import_workbook,
    together,
)
from compliance.core.jobs import Jobs
from compliance.core.plants import Plant
from compliance.core.ports import Progress
from compliance.core.reconcile import Pulse
from compliance.kernel.errors import CannotDecide, WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Parameter, Vocabulary

_LOG = logging.getLogger(__name__)
#: How far a plant may be behind for an act to catch it up at once.
_NEAR = timedelta(weeks=1)


class PostRefused(WrongUse):
    """A period of a person does not hold; every bad field is named."""

    code = "post-refused"
    text: ClassVar[Text] = Text(zh="任职未写入：{problems}", en="The post was not entered: {problems}")


def vocabularies(rulebase: RuleBase) -> dict[str, Vocabulary]:
    """The words that columns admit: the latest wording of each vocabulary."""
    return {rule.id: rule for rule in rulebase.of(Vocabulary)}


def entered_words(rulebase: RuleBase) -> dict[str, Vocabulary]:
    """The words that a form admits: those of workbooks, and what only people enter."""
    found = vocabularies(rulebase)
    for rule in [rule for rule in found.values() if rule.widens is not None]:
        base = found[rule.widens or ""]
        found[base.id] = replace(base, words=base.words + rule.words)
    return found


#: What gives the words of columns.
Words = Callable[[RuleBase], Mapping[str, Vocabulary]]


def admission(installation: Installation, words: Words = vocabularies) -> Admission:
    """What admits rows by the rules in use."""
    rules = installation.current_rules()
    return Admission(words(rules), RowGuard(rules, installation.clock.today()), rules.of(Parameter))


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
        admits=admission(installation),
        actor=actor,
        today=installation.clock.today(),
        reason=reason,
        progress=progress,
        name=name or path.name,
        only=only,
    )


def pulse(installation: Installation, actor: Actor = PULSE) -> Pulse:
    """The pulse of this installation."""
    return Pulse(installation.register, installation.vault, installation.current_rules(), (installation.engine,), actor)


def check_store(installation: Installation, *, deep: bool) -> FsckReport:
    """Check register, files and trail."""
    snapshots = KeptRules(installation)
    return fsck(installation.register.database, installation.vault, deep=deep, snapshots=snapshots)


def casework(installation: Installation) -> Casework:
    """Working cases on this installation."""
    return Casework(
        installation.register,
        installation.current_rules(),
        installation.clock.now,
        installation.clock.today,
        lambda plant: catch_up(installation, plant),
    )


def jobs_of(installation: Installation) -> Jobs:
    """Asking for jobs on this installation."""
    return Jobs(installation.register, lambda: moment(installation.clock.now().astimezone(UTC)))


def catch_up(installation: Installation, plant: Plant) -> None:
    """Judge a plant anew after an act: lists and findings follow at once. The act stands whatever comes of it.

    A plant that was never judged, or that is far behind, waits for the pulse that is due anyway.
    """
    today = installation.clock.today()
    with installation.register.read() as reads:
        current = reads.plant(plant.key)
    if current is None or current.mark is None or today - current.mark > _NEAR:
        return
    try:
        pulse(installation).reconcile(current, today)
    except CannotDecide:
        _LOG.exception("after an act at %s", plant.key)


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
        installation.current_rules(),
        installation.clock.today(),
    )


def people_here(installation: Installation, plant: Plant) -> list[Person]:
    """Everybody who signs in and has a role in a plant, as they stand today."""
    today = installation.clock.today()
    with installation.register.read() as reads:
        people = people_of(reads, plant)
        return [
            person_of(
                user.login,
                user.person,
                user.name,
                frozenset(m.role.value for m in memberships if m.plant in (None, plant.key)),
                people,
                installation.current_rules(),
                today,
            )
            for user, memberships in reads.users()
            if user.active
        ]


def papers_of(installation: Installation, plant: Plant) -> Sequence[Paper]:
    """The documents that a plant has, by their rule."""
    return SqlStanding(installation.register.database).standing(plant, ()).papers


def deputies(installation: Installation) -> Deputies:
    """Setting and ending absences on this installation."""
    return Deputies(
        installation.register, installation.current_rules(), installation.clock.now, installation.clock.today
    )


def enter_post(installation: Installation, plant: Plant, entry: Entry, actor: Actor) -> None:
    """Enter a period of a person by a form; who may is the caller's to ask (``Permission.ADMINISTRATOR``)."""
    report = enter(
        entry,
        plant,
        register=installation.register,
        vault=installation.vault,
        admits=admission(installation, entered_words),
        actor=actor,
        today=installation.clock.today(),
        administered=True,
    )
    if isinstance(report, ImportRefused):
        raise PostRefused(problems=together(report.problems))


def enter_row(installation: Installation, plant: Plant, entry: Entry, actor: Actor) -> ImportReport | ImportRefused:
    """Enter one row by a form; who may is the caller's to ask (``Permission.ENTER``)."""
    report = enter(
        entry,
        plant,
        register=installation.register,
        vault=installation.vault,
        admits=admission(installation, entered_words),
        actor=actor,
        today=installation.clock.today(),
    )
    if not isinstance(report, ImportRefused):
        catch_up(installation, plant)
    return report
