"""What a pulse tells of cases: a return to whoever handed in, and silence over what was accepted."""

from __future__ import annotations

import io
from datetime import date, timedelta

from compliance.bootstrap.installation import Installation
from compliance.bootstrap.usecases import casework, pulse
from compliance.core.cases import OCCURRENCE, CaseKey, Wish
from compliance.core.duties import person_of
from compliance.core.model import PersonPeriod
from compliance.core.notices import Notice
from compliance.core.people import People
from compliance.core.plants import Plant
from tests.sign_ins import sign_in
from tests.system.conftest import TODAY


def the_plant(at: Installation) -> Plant:
    with at.register.read() as reads:
        return reads.plants()[0]


def take(at: Installation, key: CaseKey, account: str, step: str, day: date | None = None) -> None:
    plant = the_plant(at)
    with at.register.read() as reads:
        periods = [p for p in reads.tables(plant, [PersonPeriod])[PersonPeriod] if isinstance(p, PersonPeriod)]
    roles = frozenset({"compliance-officer"})
    sign_in(at.register, plant, account, account, *roles)
    who = person_of(account, account, account, roles, People(periods), at.rulebase, TODAY)
    files = (at.vault.put(io.BytesIO(b"%PDF"), name="证据.pdf", media_type="application/pdf"),) if day else ()
    values = {"evidence_day": day.isoformat()} if day else {"reason": "附件缺页"}
    casework(at).take(plant, who, Wish(key, step, values, files), signed=True)


def told_on(at: Installation, days: int) -> list[Notice]:
    """What the pulse of a day told."""
    pulse(at).reconcile(the_plant(at), TODAY + timedelta(days))
    with at.register.read() as reads:
        return [n.notice for n in reads.notices(the_plant(at)) if n.told == TODAY + timedelta(days)]


def test_a_return_is_told_once_to_whoever_handed_it_in(installation: Installation) -> None:
    told_on(installation, 0)
    key = CaseKey(OCCURRENCE, f"monthly-report/{the_plant(installation).key}/2026-05")
    take(installation, key, "U004", "submit", TODAY)
    take(installation, key, "U005", "return")
    returned = [n for n in told_on(installation, 1) if n.rung.startswith("returned")]
    assert [(n.person, n.kind, n.object_id) for n in returned] == [("U004", OCCURRENCE, key.object_id)]
    assert [n for n in told_on(installation, 2) if n.rung.startswith("returned")] == []
    take(installation, key, "U004", "submit", TODAY)
    take(installation, key, "U005", "return")
    again = [n for n in told_on(installation, 3) if n.rung.startswith("returned")]
    assert [n.rung for n in again] == ["returned-4"]
    assert again[0].body.zh.count(the_plant(installation).name) == 1
