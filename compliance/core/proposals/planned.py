"""Plans that are made as jobs: a part for each plant, kept until the proposal is decided, put together at the end.

A few plants are planned while the person waits. More are a job's, whose progress the page of the proposal shows; a
part that was kept is not made again while its plant and the rules in use are what they were. Whoever signs signs the
plan of that moment: what has changed since is planned once more, and where that is too much the signature is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from compliance.core.accounts import SignedIn, User
from compliance.core.acts import Actor
from compliance.core.jobs import Job, JobItem, Jobs, JobWork, Keep
from compliance.core.planning import PlantPlan, Unfit, plan_with, put_together, told_part
from compliance.core.plants import Plant
from compliance.core.proposals.kept import OPEN, Made, Planned, PlanPart, Proposal, ProposalReads
from compliance.core.proposals.proposing import Proposals, open_proposal
from compliance.core.proposals.refusals import (
    NoSuchProposal,
    NotForTheGroup,
    PlanIncomplete,
    PlanIsOld,
)
from compliance.core.proposals.who import able_of
from compliance.kernel.canonical import digest_of
from compliance.kernel.text import Text, counted
from compliance.rulebase.rulebase import RuleBase

#: The kind of jobs, what one is about, and its items: a plant each, and the whole at the end.
PLANNING: Final = "rules-plan"
_DIGEST, _NUMBER = "digest", "proposal"
_PART, _WHOLE = "part", "whole"
_TOGETHER = Text("汇总为一份计划", "Putting the plan together")
#: How many plants are planned while somebody waits.
AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class ToldPlan:
    """A plan that was put together from what was told of each plant."""

    shape: Mapping[str, object]

    @property
    def digest(self) -> str:
        """Names exactly this plan, as if it had been made in one go."""
        return digest_of(self.shape)


@dataclass(frozen=True, kw_only=True)
class PlannedProposals(Proposals):
    """The same acts where the plan may take longer than anybody waits. ``plant_of`` plans one plant.

    ``group_of``: the group's templates that a rule base would not admit.
    """

    jobs: Jobs
    plant_of: Callable[[RuleBase, Plant], PlantPlan]
    group_of: Callable[[RuleBase], tuple[Unfit, ...]]
    rules_of: Callable[[str], RuleBase | None]
    at_once: int = AT_ONCE

    def put_forward(self, after: RuleBase, person: SignedIn, reason: str) -> Proposal:
        """Propose a rule base; its plan is made at once where that is soon done, and by a job where it is not."""
        if self._few():
            return self.propose(after, person, reason)[0]
        with self.putting_forward(after, person, reason) as why:
            made = self.added(after, person, why, None)
        self._ask(made, person)
        return made

    def plan_anew(self, after: RuleBase, person: SignedIn) -> Proposal | None:
        """Plan an open proposal anew; None where a job does it."""
        if self._few():
            return self.replan(after, person)[0]
        with self.still_open(after, person) as found:
            self._ask(found, person)
        return None

    def planning(self, found: Proposal) -> Job | None:
        """The job that planned a proposal last, if any did."""
        with self.jobs.register.read() as reads:
            return reads.newest_job(PLANNING, self._about(found))

    def plan_here(self, after: RuleBase, plant: Plant) -> Planned:
        """What a rule base would do that nobody has proposed: to every plant where they are few, else to this one."""
        if self._few():
            return self.plan_of(after)
        return self._whole(after, [told_part(self.plant_of(after, plant))])

    def plan_to_sign(self, after: RuleBase, found: Proposal) -> Planned:
        """The plan of this moment: kept parts that still hold, and the others made anew, if they are few."""
        if self._few():
            return self.plan_of(after)
        with self.register.read() as reads:
            plants, made = reads.plants(), self._made(reads)
            kept = {part.plant: part for part in reads.plan_parts(found.id)}
        gone = [p for p in plants if p.key not in kept or kept[p.key].made != made[p.key]]
        if len(gone) > self.at_once:
            raise PlanIsOld(plants=_plants(len(gone)))
        anew = {plant.key: told_part(self.plant_of(after, plant)) for plant in gone}
        return self._whole(after, [anew.get(p.key) or kept[p.key].told for p in plants])

    # --- the job

    def do(self, job: Job, item: JobItem, keep: Keep) -> Mapping[str, str] | None:
        """Plan one plant, or put the parts together, by the rights that whoever asked has now."""
        with self.register.read() as reads:
            actor = self._asker(reads, job)
            found = reads.numbered_proposal(int(job.parameters[_NUMBER]))
        after = self.rules_of(found.digest) if found and found.state == OPEN else None
        if found is None or after is None:
            raise NoSuchProposal(digest=job.parameters[_DIGEST])
        if item.name == _WHOLE:
            self._together(found, after, actor, keep)
        else:
            self._part(found, after, item, keep)
        return None

    def _part(self, found: Proposal, after: RuleBase, item: JobItem, keep: Keep) -> None:
        with self.register.read() as reads:
            plant = next(p for p in reads.plants() if p.key == item.plant)
            made = self._made(reads)[plant.key]  # before it is planned: what changes meanwhile is planned once more
            kept = {part.plant: part.made for part in reads.plan_parts(found.id)}
        part = None
        if kept.get(plant.key) != made:
            part = PlanPart(plant.key, made, told_part(self.plant_of(after, plant)))
        with self.register.work() as work:
            open_proposal(work, found.digest)
            if part is not None:
                work.keep_plan_part(found, plant, part)
            keep(cast("JobWork", work), {"version": str(made.version)})

    def _together(self, found: Proposal, after: RuleBase, actor: Actor, keep: Keep) -> None:
        with self.register.read() as reads:
            plants = reads.plants()
            kept = {p.plant: p for p in reads.plan_parts(found.id) if p.made.before == self.before.digest}
        missing = sum(plant.key not in kept for plant in plants)
        if missing:  # how many, not which: who looks may not see every plant
            raise PlanIncomplete(plants=_plants(missing))
        plan = self._whole(after, [kept[plant.key].told for plant in plants])
        file = self.keep(plan)
        with self.register.work() as work:
            found = open_proposal(work, found.digest)
            if (plan.digest, self.before.digest) != (found.plan, found.before):
                self.planned_anew(work, found, plan, file, actor)
            keep(cast("JobWork", work), {"plan": plan.digest})

    def _asker(self, reads: ProposalReads, job: Job) -> Actor:
        able = able_of(reads)
        user: User | None = next((one for one in able.users if one.login == job.login), None)
        if user is None:
            raise NotForTheGroup(rule=self.named)
        roles = sorted({member.role for member in reads.memberships(user.id)})
        return Actor(user.login, user.name, "、".join(roles), "job")

    # --- what is asked and kept

    def _ask(self, found: Proposal, person: SignedIn) -> Job:
        with self.register.read() as reads:
            plants = reads.plants()
        items = [
            JobItem(place=n, plant=p.key, name=_PART, about="", title=Text(p.name, p.name))
            for n, p in enumerate(plants)
        ]
        last = JobItem(place=len(items), plant=plants[0].key, name=_WHOLE, about="", title=_TOGETHER)
        return self.jobs.ask(person.actor(), PLANNING, None, self._about(found), [*items, last])

    def _about(self, found: Proposal) -> dict[str, str]:
        return {_NUMBER: str(found.id), _DIGEST: found.digest}

    def _made(self, reads: ProposalReads) -> dict[str, Made]:
        plants = reads.plants()
        versions = reads.versions(plants)
        return {p.key: Made(self.before.digest, versions[p.key], p.mark or self.today()) for p in plants}

    def _whole(self, after: RuleBase, parts: Sequence[Mapping[str, Any]]) -> ToldPlan:
        texts = plan_with(self.before, after, self.today(), templates=self.group_of(after))
        return ToldPlan(put_together(texts.shape, parts))

    def _few(self) -> bool:
        """Whether all plants are planned while somebody waits."""
        with self.register.read() as reads:
            return len(reads.plants()) <= self.at_once


def _plants(number: int) -> Text:
    return Text(f"{number} 家企业", counted(number, "plant"))
