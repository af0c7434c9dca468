"""Plans of rules as jobs: a part a plant, watched, ended and led on, put together, and signed by who has seen it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from compliance.adapters.trail import moment
from compliance.core.acts import Act, Actor
from compliance.core.jobs import CANCELLED, DONE, Job, Runner
from compliance.core.jobs.running import LEASE
from compliance.core.proposals import PLANNING, NoPlanYet, kept_plan
from tests.web.api_client import program
from tests.web.test_proposals import OWN, archive, own, persons, plan_of, post, proposed
from tests.web.told import leaves, refusal
from tests.web.world import ACTOR, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.core.planning import PlantPlan
    from compliance.core.plants import Plant
    from compliance.core.proposals import Proposal
    from compliance.rulebase.rulebase import RuleBase
    from tests.web.conftest import Browser
    from tests.web.world import World

__all__ = ["own", "persons"]
API = "plants/east/rules"
_NUMBERS = count(1)


@pytest.fixture(autouse=True)
def _many(own: World) -> Iterator[None]:
    """Two plants are too many to wait for."""
    few, own.at_once = own.at_once, 1
    yield
    own.at_once = few
    finish(own)


@pytest.fixture
def where(own: World, persons: dict[str, Browser]) -> str:
    """A proposal of a rule base of its own, whose plan is asked for."""
    return proposed(own, persons["first"], another())


def another() -> str:
    return OWN.replace("night-watch", f"post-{next(_NUMBERS)}")


def hands(own: World, name: str = "one") -> Runner:
    kinds = {PLANNING: own.changes.proposals()}
    return Runner(own.register, kinds, name, own.clock.now, lambda at: moment(at.astimezone(UTC)))


def finish(own: World) -> None:
    while hands(own).step():
        pass


def at(own: World, where: str) -> Proposal:
    with own.register.read() as reads:
        found = reads.numbered_proposal(int(where.rsplit("/", 1)[1]))
    assert found is not None
    return found


def job_of(own: World, where: str) -> Job:
    found = own.changes.proposals().planning(at(own, where))
    assert found is not None
    return found


def after_of(own: World, where: str) -> RuleBase:
    found = own.changes.proposals().rules_of(at(own, where).digest)
    assert found is not None
    return found


def planned(own: World, where: str) -> dict[str, int]:
    """The length of the log at which each plant was planned."""
    with own.register.read() as reads:
        return {part.plant: part.made.version for part in reads.plan_parts(at(own, where).id)}


def touch(own: World, *plants: Plant) -> None:
    """Let somebody change plants."""
    with own.register.work() as work:
        for plant in plants:
            work.record(Act(actor=ACTOR, action="stage:set", object_type="plant", object_id=plant.key), plant)


def test_a_plan_is_made_plant_by_plant_while_the_page_shows_how_far(
    own: World, persons: dict[str, Browser], where: str
) -> None:
    first = persons["first"]
    page = first.get(where).text
    assert 'data-job="' in page
    assert 'name="plan"' not in page
    for behind in range(4):
        far: Any = first.get(f"{where}/plan/progress").json
        assert (far["behind"], far["of"]) == (behind, 3)
        assert (at(own, where).plan == "") is (behind < 3)
        hands(own).step()
    page = persons["second"].get(where).text
    assert 'data-job="' not in page
    assert plan_of(page) == at(own, where).plan
    assert first.get(f"{where}?part=moved").text.count('<tr class="row"') == 1  # of this plant alone
    job = job_of(own, where)
    assert job.state == DONE
    assert f"documents/sets/{job.id}" not in first.get("/p/east/documents/sets").text  # it is no set of documents
    assert first.get(f"/p/east/documents/sets/{job.id}").status_code == 404


def test_it_is_the_plan_that_is_made_in_one_go(own: World, where: str) -> None:
    finish(own)
    doing = own.changes.proposals()
    kept = kept_plan(own.vault, at(own, where))
    assert kept is not None
    assert {**kept, "lint": []} == {**doing.plan_of(after_of(own, where)).shape, "lint": []}
    assert set(kept["plants"]) == {plant.key for plant in own.plants}


def test_nobody_signs_before_the_plan_is_there_and_then_signs_that_of_the_moment(
    own: World, persons: dict[str, Browser], where: str
) -> None:
    second = persons["second"]
    early = post(second, f"{where}/activate", plan="", password=PASSWORD)
    assert (early.status_code, "计划尚未算出" in early.text) == (409, True)
    finish(own)
    seen = at(own, where).plan
    touch(own, *own.plants)
    old = post(second, f"{where}/activate", plan=seen, password=PASSWORD)
    assert (old.status_code, "有 2 家企业发生变化" in old.text) == (409, True)
    other = post(second, f"{where}/activate", plan="0" * 64, password=PASSWORD)
    assert other.status_code == 409
    before = planned(own, where)
    assert post(second, f"{where}/plan").status_code == 303
    finish(own)
    after = planned(own, where)
    assert all(after[key] > before[key] for key in before)
    assert at(own, where).plan == seen  # what changed is not what was planned
    touch(own, own.plants[1])  # one alone is planned once more while the person waits
    wrong = post(second, f"{where}/activate", plan="0" * 64, password=PASSWORD)
    assert (wrong.status_code, "计划与所见不同" in wrong.text) == (409, True)
    with own.register.read() as reads:
        assert reads.active_rules() == own.rulebase.digest
    assert post(second, f"{where}/activate", plan=seen, password=PASSWORD).status_code == 303
    assert at(own, where).state == "used"
    assert planned(own, where) == {}
    with own.register.work() as work:
        work.activate_rules(own.rulebase.digest)
        work.record(Act(actor=ACTOR, action="rules:activate", object_type="rules", object_id=own.rulebase.digest), None)


def test_what_is_ended_is_led_on_and_plants_that_stayed_the_same_are_not_planned_again(
    own: World, persons: dict[str, Browser], where: str
) -> None:
    hands(own).step()
    (done,) = planned(own, where)
    assert post(persons["second"], f"{where}/plan/cancel").status_code == 303
    finish(own)
    job = job_of(own, where)
    assert (job.state, job.done) == (CANCELLED, 1)
    assert "计划未算完" in persons["first"].get(where).text
    assert post(persons["second"], f"{where}/plan/cancel").status_code == 409  # it is over
    assert post(persons["officer"], f"{where}/plan/cancel").status_code == 403  # of one plant alone
    asked: list[str] = []
    doing = own.changes.proposals()

    def noted(after: RuleBase, plant: Plant) -> PlantPlan:
        asked.append(plant.key)
        return doing.plant_of(after, plant)

    assert post(persons["second"], f"{where}/plan").status_code == 303
    runner = replace(hands(own), kinds={PLANNING: replace(doing, plant_of=noted)})
    while runner.step():
        pass
    assert asked == [plant.key for plant in own.plants if plant.key != done]
    assert at(own, where).plan


def test_a_worker_that_was_killed_leaves_what_it_had_kept_to_the_next(own: World, where: str) -> None:
    class Killed(BaseException):
        """The process is gone."""

    doing, dead = own.changes.proposals(), own.plants[1].key

    def killed(after: RuleBase, plant: Plant) -> PlantPlan:
        if plant.key == dead:
            raise Killed
        return doing.plant_of(after, plant)

    dying = replace(hands(own, "dying"), kinds={PLANNING: replace(doing, plant_of=killed)})
    assert dying.step()
    with pytest.raises(Killed):
        dying.step()
    assert not hands(own, "next").step()  # it may be alive still
    own.clock.hands[0] += LEASE * 2
    while hands(own, "next").step():
        pass
    assert job_of(own, where).state == DONE
    assert set(planned(own, where)) == {plant.key for plant in own.plants}


def test_whoever_lost_the_right_plans_nothing(own: World, where: str) -> None:
    doing = own.changes.proposals()
    hands(own).step()
    nobody = replace(hands(own), kinds={PLANNING: replace(doing, register=Demoted(own.register, "first"))})
    while nobody.step():
        pass
    job = job_of(own, where)
    assert (job.state, job.done, job.failed) == (DONE, 1, 2)
    with own.register.read() as reads:
        whys = [item.why.zh for item in reads.job_items(job.id) if item.why]
    assert all("规则对所有企业生效" in why for why in whys)
    assert at(own, where).plan == ""


def test_a_plan_with_a_gap_is_none(own: World, persons: dict[str, Browser], where: str) -> None:
    doing, bad = own.changes.proposals(), own.plants[1]

    def broken(after: RuleBase, plant: Plant) -> PlantPlan:
        if plant.key == bad.key:
            raise NoPlanYet
        return doing.plant_of(after, plant)

    runner = replace(hands(own), kinds={PLANNING: replace(doing, plant_of=broken)})
    while runner.step():
        pass
    with own.register.read() as reads:
        items = reads.job_items(job_of(own, where).id)
    assert [item.state for item in items].count(DONE) == 1
    assert items[-1].why is not None
    assert "有 1 家企业" in items[-1].why.zh
    assert bad.name not in items[-1].why.zh
    assert "计划未算完" in persons["first"].get(where).text
    assert at(own, where).plan == ""
    own.changes.proposals().jobs.resume(Actor("first", "first", "", "test"), job_of(own, where).id)
    finish(own)
    assert at(own, where).plan


@dataclass
class Demoted:
    """The register after a person has lost the roles."""

    register: Any
    login: str

    @contextmanager
    def read(self) -> Iterator[Any]:
        with self.register.read() as reads:
            users = [(user, () if user.login == self.login else given) for user, given in reads.users()]
            yield Looking(reads, users)

    def work(self) -> Any:
        return self.register.work()


class Looking:
    """A look that lists other accounts."""

    def __init__(self, reads: Any, users: Any) -> None:
        self._reads, self._users = reads, users

    def users(self) -> Any:
        return self._users

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reads, name)


def test_programs_wait_for_a_plan_too(own: World) -> None:
    app = own.app()
    first, second = (program(own, login, app) for login in ("first", "second"))
    text, before = another(), leaves(own)
    tried = first.post(f"{API}/plan", **archive(own, text))
    assert tried.status_code == 200, tried.text
    assert list(tried.json["plants"]) == [own.plants[0].key]  # type: ignore[index] # as above
    assert leaves(own) == before
    made: Any = first.post(f"{API}/proposals?reason=new", **archive(own, text)).json
    assert leaves(own) == before + 2  # the proposal, and the job
    assert made["plan"] is None
    assert (made["planning"]["state"], made["planning"]["of"]) == ("waiting", 3)
    refusal(second.get(f"{made['href']}/plan"), 409, "no-plan-yet")
    finish(own)
    told = second.told(made["href"])
    assert (told["planning"]["state"], told["planning"]["done"]) == ("done", 3)
    assert second.told(f"{made['href']}/plan")["plan"] == told["plan"]
    before = leaves(own)
    again: Any = second.post(f"{made['href']}/plan", {}).json
    assert again["planning"]["number"] > made["planning"]["number"]
    assert leaves(own) == before + 1
    stopped = second.post(f"plants/east/jobs/{again['planning']['number']}/cancel", {})
    assert (stopped.status_code, stopped.json["state"]) == (200, "cancelled")  # type: ignore[index] # as above
