"""The snapshots that replaying looks through: the present rule base first; the register only if it must be asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import event

from compliance.bootstrap.knowing import KeptRules
from compliance.bootstrap.usecases import pulse
from compliance.core.replaying import Replayer
from tests.system.conftest import TODAY
from tests.system.test_reconcile import the_plant

if TYPE_CHECKING:
    from compliance.bootstrap.installation import Installation


def test_what_was_kept_without_its_rule_base_is_replayed_by_the_present_one_unasked(
    installation: Installation,
) -> None:
    asked: list[str] = []
    event.listen(installation.register.database.reader, "before_cursor_execute", lambda *a: asked.append(a[2]))
    pulse(installation).reconcile(the_plant(installation), TODAY)
    with installation.register.read() as reads:
        (plant,) = reads.plants()
        occurrences = reads.occurrences(plant)
    one = replace(occurrences[0], ruleset="")
    asked.clear()
    assert Replayer(KeptRules(installation)).occurrence(one, plant.mark).same
    assert asked == []
    unknown = replace(one, rule_digest="0" * 64)
    assert Replayer(KeptRules(installation)).occurrence(unknown, plant.mark).rule is None
    assert asked, "other snapshots were looked for"
