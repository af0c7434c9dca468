"""How a plant stands: what the register answers is what a judgement that nothing stored answers."""

from __future__ import annotations

from datetime import timedelta

from compliance.adapters.standing import SqlStanding
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.usecases import pulse
from compliance.core.covering import Last, facts_of
from compliance.core.judged import OccurrenceState as State
from compliance.core.lists import TO_DO
from compliance.core.looking import judge_as_of
from compliance.core.resting import stored_until
from compliance.rulebase.schema import Obligation
from tests.system.conftest import TODAY


def test_of_what_is_to_be_done_the_next_one_counts_and_of_what_is_done_the_last(installation: Installation) -> None:
    with installation.register.read() as reads:
        (plant,) = reads.plants()
        tables = reads.tables(plant)
    pulse(installation).reconcile(plant, TODAY)
    duties = tuple(o.id for o in installation.rulebase.of(Obligation))
    kept = SqlStanding(installation.register.database).standing(plant, duties)
    judged = judge_as_of(plant, tables, installation.rulebase, (), TODAY, stored_until(TODAY))
    ahead = 0
    for last in kept.lasts:
        dues = [o.due for o in judged.occurrences if (o.obligation, o.state) == (last.obligation, last.state)]
        assert dues, last
        assert last.due == (min(dues) if last.state in TO_DO else max(dues)), last
        ahead += last.state is State.UPCOMING and max(dues) - last.due > timedelta(days=60)
    assert ahead, "no duty has a second occurrence ahead: the test would see nothing"
    assert {_plain(last) for last in kept.lasts} == {_plain(last) for last in facts_of(judged).lasts}


def _plain(last: Last) -> tuple[str, State, object]:
    return last.obligation, last.state, last.due
