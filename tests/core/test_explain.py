"""Why an occurrence, a finding or a nonconformity is: rule text, clause, facts, in both languages."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import pytest

from compliance.core.explain import NothingToExplain, explain, finding_id, occurrence_id
from compliance.core.findings import Judged, judge_plant
from compliance.core.judged import Nonconformity
from compliance.core.model import Filing, PersonPeriod, Reading
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from tests.core.world import KEY, row, seen, shipped

ON = date(2025, 3, 20)
HISTORY = [{"seq": 1, "action": "plant:import"}]


@cache
def judged() -> Judged:
    rows = [
        row(Filing, obligation="OB-M10", period="2025-01", filed=date(2025, 2, 11), attachments="碳排放数据台账"),
        row(Reading, on=date(2025, 1, 2), line="K1", item="熟料", recorder="a", checker="a"),
        row(Reading, on=date(2025, 1, 3), line="K1", item="熟料", recorder="a", checker="a"),
        row(PersonPeriod, account="a", since=date(2020, 1, 1), department="一部"),
    ]
    return judge_plant(seen(*rows, on=ON), shipped(), (), {})


def why(name: str, *tickets: Nonconformity) -> dict[str, Any]:
    return dict(explain(name, judged(), shipped(), tickets, HISTORY))


def test_every_occurrence_and_every_finding_can_be_explained_by_its_id() -> None:
    assert len(judged().findings) >= 5
    assert len(judged().occurrences) >= 10
    for found in judged().findings:
        answer = why(finding_id(found))
        assert (answer["id"], answer["rule"], answer["situation"]) == (finding_id(found), found.rule, found.situation)
        assert answer["facts"] == [dict(f) for f in found.facts]
    for one in judged().occurrences:
        answer = why(occurrence_id(one))
        assert (answer["id"], answer["rule"]) == (occurrence_id(one), one.obligation)


def test_ids_are_told_apart() -> None:
    names = [finding_id(f) for f in judged().findings] + [occurrence_id(o) for o in judged().occurrences]
    assert len(set(names)) == len(names)


def test_an_occurrence_tells_rule_text_clause_derivation_and_its_days() -> None:
    answer = why(f"OB-M10/{KEY}/2025-01")
    assert answer["rule"] == "monthly-report"
    assert answer["text"].startswith("[obligation.monthly-report]")
    assert "day = 10" in answer["text"]
    assert (answer["clause"], answer["strength"]) == ("C.3 e)", "informative")
    assert answer["requirements"] == ["R-C.3-e2"]
    assert answer["file"].startswith("obligations/filings.toml:")
    assert "2025-02-10" in answer["derivation"]["zh"]
    assert "2025-02-10" in answer["derivation"]["en"]
    assert answer["facts"] == [
        {
            "subject": KEY,
            "period": "2025-01",
            "opens": date(2025, 2, 1),
            "due": date(2025, 2, 10),
            "effective_workday": date(2025, 2, 10),
            "done_on": date(2025, 2, 11),
            "state": "done-late",
        }
    ]
    assert answer["history"] == HISTORY


def test_an_occurrence_answers_to_its_key_too() -> None:
    assert why(f"monthly-report/{KEY}/2025-01") == why(f"OB-M10/{KEY}/2025-01")


def test_a_finding_tells_message_remedy_and_the_facts_it_rests_on() -> None:
    answer = why("L-20a/OB-M10/2025-01")
    assert answer["title"].keys() == answer["derivation"].keys() == answer["remedy"].keys() == {"zh", "en"}
    assert all(answer["derivation"].values())
    assert answer["text"].startswith("[finding.")
    assert answer["facts"][0]["days_late"] == 1
    assert answer["clause"]


def _ticket(**given: Any) -> Nonconformity:
    signed = next(f for f in judged().findings if f.situation == "L-10b")
    values: dict[str, Any] = {
        "number": "NC-2025-0001",
        "rule": signed.rule,
        "group": signed.ticket,
        "title": signed.title,
        "category": signed.category,
        "grade": signed.grade,
        "state": "opened",
        "opened": ON,
        "origin": "rule",
    }
    return Nonconformity(**(values | given))


def test_a_nonconformity_gathers_the_findings_of_its_group() -> None:
    answer = why("NC-2025-0001", _ticket())
    assert answer["findings"] == ["L-10b/K1/熟料/2025-01-02", "L-10b/K1/熟料/2025-01-03"]
    assert len(answer["facts"]) == 2
    assert (answer["id"], answer["state"], answer["opened"]) == ("NC-2025-0001", "opened", ON)
    assert answer["text"].startswith("[finding.")


def test_a_nonconformity_whose_findings_ceased_or_whose_rule_is_gone_is_still_explained() -> None:
    ceased = why("NC-2025-0001", _ticket(group="other"))
    assert (ceased["findings"], ceased["facts"]) == ([], [])
    assert ceased["clause"]
    gone = why("NC-2025-0001", _ticket(rule="no-such-rule", title=Text("旧", "old")))
    assert (gone["rule"], gone["text"], gone["clause"], gone["strength"]) == (None, None, None, None)
    assert gone["derivation"] == {"zh": "旧", "en": "old"}


@pytest.mark.parametrize("name", ["", "OB-M10", f"OB-M10/{KEY}/2024-12", "L-20a/OB-M10/2025-02x", "NC-2025-0002"])
def test_an_unknown_id_is_wrong_use_and_named(name: str) -> None:
    with pytest.raises(NothingToExplain) as refused:
        why(name, _ticket())
    assert isinstance(refused.value, WrongUse)
    assert f"“{name}”" in refused.value.message.zh
