"""The calendar as RFC 5545 wants it: lines, folding, escaping, lasting ids, alarms; and whose duties it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.calendar_feed import LINE, escaped, feed_text, folded, uid_of
from compliance.core.distribution import InForce
from compliance.core.documents.reviews import reviews_of
from compliance.core.facts import CATALOGUE
from compliance.core.feeds import FeedToken, calendar_of, hash_of_feed
from compliance.core.judged import Occurrence, OccurrenceState
from compliance.core.model import PersonPeriod
from compliance.core.obligations import READERS
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Obligation
from tests.conftest import ROOT

PLANT = Plant(1, "91110000600001234A", None, "示例,水泥;厂", date(2025, 1, 1), date(2026, 5, 1), date(2026, 3, 1))
TODAY = date(2026, 6, 8)
S = OccurrenceState


@pytest.fixture(scope="module")
def rulebase() -> RuleBase:
    base, problems = load(ROOT / "rules", CATALOGUE, READERS)
    assert base is not None, problems
    return base


def occurrence(rulebase: RuleBase, obligation: str = "monthly-report", state: S = S.OPEN) -> Occurrence:
    due = date(2026, 6, 10)
    rule = rulebase.nearest(Obligation, obligation, due)
    assert rule is not None
    return Occurrence(
        obligation=obligation, code=rule.code, title=rule.title, clause=rule.source.clause, strength="shall",
        subject=PLANT.key, period="2026-05", opens=due - timedelta(9), due=due, effective_workday=due,
        provisional=False, state=state, done_on=None, derivation=Text("次月 10 日; 不顺延", "day 10, not moved"),
        owner=rule.owner, approver=rule.approver, rule_digest="", anchor=due,
    )  # fmt: skip


def read(text: str) -> list[str]:
    """The lines of a calendar, unfolded."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= LINE
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def plain(written: str) -> str:
    """An escaped value as it was."""
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], written)


def test_an_event_says_everything(rulebase: RuleBase) -> None:
    one = occurrence(rulebase)
    lines = read(feed_text(PLANT, [one], rulebase, TODAY, 41))
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    values = dict(line.split(":", 1) for line in lines[: lines.index("BEGIN:VALARM")])
    assert values["UID"] == uid_of(PLANT, one)
    assert values["SEQUENCE"] == "41"
    assert values["DTSTAMP"] == "20260608T000000Z"
    assert values["DTSTART;VALUE=DATE"] == "20260610"
    assert values["DTEND;VALUE=DATE"] == "20260611"
    assert plain(values["SUMMARY"]) == f"{one.title.zh}（2026-05）"
    said = plain(values["DESCRIPTION"])
    for part in (PLANT.name, one.clause, one.derivation.zh, one.derivation.en, one.title.en, "2026-06-10"):
        assert part in said
    assert [line for line in lines if line.startswith("TRIGGER")] == ["TRIGGER:-P5D", "TRIGGER:-P1D"]
    assert lines.count("BEGIN:VALARM") == lines.count("END:VALARM") == lines.count("ACTION:DISPLAY") == 2


def test_only_what_is_to_do_stands_in_it_by_due_day(rulebase: RuleBase) -> None:
    one = occurrence(rulebase)
    all_states = [replace(one, state=state, due=one.due - timedelta(n), period=str(n)) for n, state in enumerate(S)]
    lines = read(feed_text(PLANT, all_states, rulebase, TODAY, 1))
    starts = [line for line in lines if line.startswith("DTSTART")]
    assert len(starts) == 3
    assert starts == sorted(starts)
    assert sum("【已逾期】" in line for line in lines if line.startswith("SUMMARY")) == 1


def test_the_id_is_the_occurrences_whatever_else_changes(rulebase: RuleBase) -> None:
    one = occurrence(rulebase)
    moved = replace(one, due=one.due + timedelta(9), state=S.OVERDUE, title=Text("新", "new"))
    assert uid_of(PLANT, one) == uid_of(PLANT, moved)
    others = [replace(one, period="2026-06"), replace(one, subject="M-1"), replace(one, obligation="x")]
    assert len({uid_of(PLANT, o) for o in (one, *others)} | {uid_of(replace(PLANT, key="other"), one)}) == 5


def test_the_same_register_gives_the_same_bytes(rulebase: RuleBase) -> None:
    made = [occurrence(rulebase), occurrence(rulebase, "emission-ledger")]
    assert feed_text(PLANT, made, rulebase, TODAY, 1) == feed_text(PLANT, made[::-1], rulebase, TODAY, 1)


@given(st.text())
def test_any_text_is_folded_within_octets_and_comes_back(text: str) -> None:
    line = "DESCRIPTION:" + escaped(text.encode("utf-8", "ignore").decode())
    parts = list(folded(line))
    assert all(len(part.encode()) <= LINE for part in parts)
    assert all(part.startswith(" ") for part in parts[1:])
    assert parts[0] + "".join(part[1:] for part in parts[1:]) == line
    assert not set("\r\n\0") & set(line)


@given(st.text(st.sampled_from('a,;\\\n碳 n:"')))
def test_escaping_can_be_undone(text: str) -> None:
    assert plain(escaped(text)) == text
    assert "\n" not in escaped(text)


def test_a_hostile_title_adds_no_line(rulebase: RuleBase) -> None:
    evil = replace(occurrence(rulebase), title=Text("月报\r\nATTENDEE:x\u2028END:VEVENT", "x\nEND:VCALENDAR"))
    lines = read(feed_text(PLANT, [evil], rulebase, TODAY, 1))
    assert lines.count("END:VEVENT") == lines.count("END:VCALENDAR") == 1
    assert not any(line.startswith("ATTENDEE") for line in lines)


class Look:
    """A look at a plant with three persons."""

    def __init__(self, made: list[Occurrence], papers: Sequence[InForce] = ()) -> None:
        self.made, self.papers = made, papers

    def tables(self, plant: Plant, kinds: object = None) -> dict[type, list[PersonPeriod]]:
        held = [("U1", "碳管理员", None), ("U2", "计量管理员", date(2026, 6, 7)), ("U3", "计量管理员", None)]
        return {
            PersonPeriod: [
                PersonPeriod(account=a, name=a, department=None, posts=p, since=date(2025, 1, 1), until=until)
                for a, p, until in held
            ]
        }

    def occurrences(self, plant: Plant) -> list[Occurrence]:
        return self.made

    def in_force(self, plant: Plant) -> Sequence[InForce]:
        return self.papers

    def version(self, plant: Plant) -> int:
        return 3


@pytest.mark.parametrize(("person", "codes"), [(None, 2), ("U1", 1), ("U2", 0), ("U3", 1), ("U9", 0)])
def test_a_person_sees_the_duties_of_the_posts_of_today(rulebase: RuleBase, person: str | None, codes: int) -> None:
    look = Look([occurrence(rulebase), occurrence(rulebase, "instrument-calibration")])
    text = calendar_of(look, PLANT, person, rulebase, TODAY)  # type: ignore[arg-type] # the part that is asked
    assert text.count("BEGIN:VEVENT") == codes


def paper(rule: str, due: date | None = date(2026, 7, 1), **more: Any) -> InForce:
    """A document in force, by its rule."""
    given: dict[str, Any] = {"number": f"{rule}-01", "kind": "plant", "about": PLANT.key, "place": 0, "label": "A/0"}
    given |= {"title": Text("碳管理,方针;", "Carbon; policy"), "state": "issued", "effective": date(2025, 7, 1)}
    return InForce(rule=rule, review_due=due, **given | more)


def test_a_review_of_a_document_stands_among_the_duties(rulebase: RuleBase) -> None:
    made = reviews_of([paper("carbon-policy", date(2026, 6, 9))], rulebase, TODAY)
    lines = read(feed_text(PLANT, [occurrence(rulebase)], rulebase, TODAY, 41, "zh", made))
    starts = [line.partition(":")[2] for line in lines if line.startswith("DTSTART")]
    assert starts == ["20260609", "20260610"]
    (summary,) = [plain(line) for line in lines if line.startswith("SUMMARY") and "评审" in line]
    assert summary == "SUMMARY:定期评审《碳管理,方针;》"
    (said,) = [plain(line) for line in lines if line.startswith("DESCRIPTION") and "carbon-policy-01/A/0" in line]
    assert {"期限：2026-06-09", "依据：4.3", "Periodic review of Carbon; policy", "Due: 2026-06-09"} <= set(
        said.split("\n")
    )
    assert next(line for line in lines if line.startswith("CATEGORIES")) == "CATEGORIES:DOC-POL"
    assert lines[: lines.index("END:VEVENT")].count("BEGIN:VALARM") == 4
    late = feed_text(PLANT, [], rulebase, date(2026, 6, 10), 41, "en", made)
    assert "SUMMARY:[Overdue] Periodic review of Carbon\\; policy" in read(late)


def test_a_review_keeps_its_id_whatever_its_day(rulebase: RuleBase) -> None:
    def uid(*papers: InForce) -> list[str]:
        made = reviews_of(papers, rulebase, TODAY)
        return [line for line in read(feed_text(PLANT, [], rulebase, TODAY, 1, "zh", made)) if line.startswith("UID")]

    one = paper("carbon-policy")
    assert uid(one) == uid(replace(one, review_due=date(2027, 7, 1)))
    assert len({*uid(one), *uid(replace(one, label="A/1")), *uid(replace(one, number="x"))}) == 3


@pytest.mark.parametrize(("person", "shown"), [(None, 2), ("U1", 1), ("U2", 0), ("U3", 1), ("U9", 0)])
def test_a_person_sees_the_reviews_of_the_posts_of_today(rulebase: RuleBase, person: str | None, shown: int) -> None:
    """One policy is the department's; of another rule the metrologist draws the document up."""
    rules = tuple(
        replace(r, author="metrology") if isinstance(r, Document) and r.id == "quality-control-plan" else r
        for r in rulebase.rules
    )
    base = replace(rulebase, rules=rules)
    papers = [paper("carbon-policy"), paper("quality-control-plan"), paper("management-rules", None)]
    papers.append(paper("carbon-targets", state="revising"))
    text = calendar_of(Look([], papers), PLANT, person, base, TODAY)  # type: ignore[arg-type] # the part that is asked
    assert text.count("BEGIN:VEVENT") == shown


def test_the_name_of_a_token_is_not_the_token() -> None:
    token = FeedToken(hash_of_feed("secret"), PLANT.key, None, "")
    assert token.name in token.id_hash
    assert hash_of_feed(token.id_hash) != token.id_hash


def test_an_event_names_the_last_working_day_and_marks_doubt(rulebase: RuleBase) -> None:
    one = occurrence(rulebase)
    early = replace(one, effective_workday=one.due - timedelta(3), provisional=True)
    for language, said in (("zh", "最后一个工作日：2026-06-07（暂定）"), ("en", "2026-06-07 (provisional)")):
        text = feed_text(PLANT, [early], rulebase, TODAY, 1, language)  # type: ignore[arg-type] # two of two languages
        (description,) = [line for line in read(text) if line.startswith("DESCRIPTION:") and "2026-06-07" in line]
        assert said in plain(description)
    assert "暂定" not in feed_text(PLANT, [one], rulebase, TODAY, 1)


def test_every_component_has_what_the_format_demands(rulebase: RuleBase) -> None:
    """RFC 5545: one VCALENDAR with VERSION and PRODID; each VEVENT one UID, DTSTAMP, DTSTART; each VALARM a trigger."""
    lines = read(
        feed_text(PLANT, [occurrence(rulebase), occurrence(rulebase, "management-review")], rulebase, TODAY, 7)
    )
    stack: list[tuple[str, list[str]]] = []
    seen: list[tuple[str, list[str]]] = []
    for line in lines:
        name, _colon, value = line.partition(":")
        if name == "BEGIN":
            stack.append((value, []))
        elif name == "END":
            kind, names = stack.pop()
            assert kind == value
            seen.append((kind, names))
        else:
            stack[-1][1].append(name.partition(";")[0])
    assert stack == []
    demanded = {
        "VCALENDAR": {"VERSION", "PRODID"},
        "VEVENT": {"UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY"},
        "VALARM": {"ACTION", "TRIGGER", "DESCRIPTION"},
    }
    assert {kind for kind, _ in seen} == set(demanded)
    for kind, names in seen:
        assert demanded[kind] <= set(names)
        assert len(set(names)) == len(names), (kind, names)
