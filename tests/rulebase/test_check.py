"""Every fault that a rule base may have is reported: where it stands, what is wrong, what would be right."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.rulebase.loader import load
from tests.rulebase.conftest import CATALOGUE, READERS, SMALL

if TYPE_CHECKING:
    from tests.rulebase.conftest import Change, Loading

#: Values of every type, most of them wrong wherever they stand.
VALUES = (
    "1",
    "-1",
    "0.5",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    "[1, {}]",
    "2026-01-31",
    "2026-01-31T00:00:00",
    "{ a = [[1]] }",
)

#: What is damaged (file, old, new), the rule that is blamed, and the words that say what would be right.
FAULTS: dict[str, tuple[Change, str, str]] = {
    # the block itself
    "unknown key": (
        ("duties/all.toml", 'approver = "boss"\nremind', 'aprover = "boss"\nremind'),
        "monthly",
        "approver",
    ),
    "unknown key inside": (("duties/all.toml", "months_after = 1", "month_after = 1"), "monthly", "months_after"),
    "missing member": (("people.toml", 'words = ["领导"]\n', ""), "boss", "a list"),
    "missing language": (("people.toml", 'en = "Boss"', 'fr = "Chef"'), "boss", "title.en: missing"),
    "empty text": (("people.toml", 'en = "Boss"', 'en = ""'), "boss", "must not be empty"),
    "wrong type": (("duties/all.toml", 'code = "X-1"\ncadence', "code = 1\ncadence"), "monthly", "1 is not a text"),
    "flag for a number": (("words.toml", "year = 2026", "year = true"), "y2026", "true is not a whole number"),
    "time for a day": (
        ("duties/all.toml", "from = 2026-01-01", "from = 2026-01-01T00:00:00"),
        "review",
        "is not a day such as",
    ),
    "strength": (
        ("duties/all.toml", 'clause = "3", strength = "shall"', 'clause = "3", strength = "shal"'),
        "monthly",
        "did you mean 'shall'",
    ),
    "clause": (("duties/all.toml", 'clause = "3"', 'clause = ""'), "monthly", "source.clause: must not be empty"),
    "waived though demanded": (
        ("duties/all.toml", 'code = "X-1"\ncadence', 'code = "X-1"\nwaivable = true\ncadence'),
        "monthly",
        "nobody waives",
    ),
    "clause with blanks": (("duties/all.toml", 'clause = "3"', 'clause = "3 "'), "monthly", "no blanks"),
    "requirements": (("duties/all.toml", 'requirements = ["R-3"]', "requirements = []"), "monthly", "not be empty"),
    "until before from": (
        ("duties/all.toml", "until = 2025-12-31", "until = 2019-12-31"),
        "review",
        "is before from 2020-01-01",
    ),
    "cadence": (("duties/all.toml", 'every = "month"', 'each_month = "1"'), "monthly", "exactly one of every"),
    "cadence word": (("duties/all.toml", 'every = "month"', 'every = "moon"'), "monthly", "did you mean 'month'"),
    "due kind": (("duties/all.toml", "day-of-month", "day-of-moon"), "monthly", "did you mean 'day-of-month'"),
    "day of month": (("duties/all.toml", "day = 10", "day = 32"), "monthly", "31 days at most"),
    "opens": (("duties/all.toml", "after-period", "after-periods"), "monthly", "did you mean 'after-period'"),
    "retention start": (("duties/all.toml", 'from = "record"', 'from = "birth"'), "samples", "period-end"),
    "retention twice": (("duties/all.toml", "months = 12, f", "years = 1, months = 12, f"), "samples", "either"),
    "retention none": (("duties/all.toml", "months = 12, f", "months = 0, f"), "samples", "too small"),
    "decimal": (("words.toml", '"0.5703"', '"0,5703"'), "grid", "is not a decimal"),
    "float": (("words.toml", '"0.5703"', "0.5703"), "grid", "is not a whole number"),
    "float inside": (("people.toml", '{ parameter = "days" }', "0.5"), "deal", "no floats"),
    "raise": (("findings.toml", '"notice"', '"notise"'), "twice", "did you mean 'notice'"),
    "comparison": (("findings.toml", "gt = 5", "gtt = 5"), "late-deal", "did you mean 'gt'"),
    "make-up day": (("words.toml", "[2026-01-04]", "[2026-01-05]"), "y2026", "no weekend day"),
    "day of another year": (("words.toml", "[2026-01-04]", "[2025-01-04]"), "y2026", "is not in 2026"),
    "value twice": (("people.toml", '"经办人"', '"办事员"'), "clerk", "stands twice"),
    "word twice": (
        ("words.toml", 'id = "major", zh = "严重"', 'id = "major", zh = "一般"'),
        "nonconformity-grade",
        "twice",
    ),
    "id": (("people.toml", "[post.boss]", "[post.Boss]"), "Boss", "only a-z"),
    # names of other rules
    "owner": (("duties/all.toml", 'owner = "clerk"\napprover', 'owner = "clrk"\napprover'), "monthly", "mean 'clerk'"),
    "escalation": (("duties/all.toml", 'to = "boss"', 'to = "bos"'), "monthly", "no post 'bos'"),
    "document": (("duties/all.toml", 'document = "note"', 'document = "nota"'), "after-event", "no document 'nota'"),
    "opened for one record": (
        ("duties/all.toml", 'data = "note"', 'data = "note"\nper = "trade"\ndrafted_when = { obligation = "monthly" }'),
        "note",
        "an obligation opens a document of the plant, a year or a month",
    ),
    "years after a month": (
        (
            "duties/all.toml",
            'data = "note"',
            'data = "note"\nper = "month"\ndrafted_when = { obligation = "monthly", years_after = 1 }',
        ),
        "note",
        "years_after is for one of a year",
    ),
    "parameter": (
        ("duties/all.toml", 'days = { parameter = "days" }', 'days = { parameter = "day" }'),
        "after-event",
        "no parameter 'day'",
    ),
    "retention": (("duties/all.toml", 'retention = "papers"', 'retention = "paper"'), "note", "no retention 'paper'"),
    "disposal": (("duties/all.toml", 'disposal_approval = "deal"', 'disposal_approval = "d"'), "papers", "no approval"),
    "reader": (("duties/all.toml", '{ by = "filing", with', '{ by = "filling", with'), "monthly", "mean 'filing'"),
    "never with": (("people.toml", 'never_with = ["clerk"]', 'never_with = ["clark"]'), "boss", "mean 'clerk'"),
    "step": (("people.toml", '[["ask", "sign"],', '[["ask", "sing"],'), "deal", "mean 'sign'"),
    "limit": (("people.toml", '{ parameter = "days" }', '{ parameter = "dys" }'), "deal", "mean 'days'"),
    "derivation": (("findings.toml", 'derivation = "deals"', 'derivation = "deal"'), "deal", "mean 'deals'"),
    "parameter missing": (("findings.toml", 'approval = "deal", ', ""), "deal", "needs the parameter 'approval'"),
    "parameter too many": (
        ("findings.toml", "with = { approval", "with = { post = 1, approval"),
        "deal",
        "mean 'posts'",
    ),
    "approval of a fact": (("findings.toml", 'approval = "deal"', 'approval = "dael"'), "deal", "mean 'deal'"),
    "fact": (
        (
            "findings.toml",
            '[{ fact = "deal", signed = true, amount = { gt',
            '[{ fact = "dela", signed = true, amount = { gt',
        ),
        "late-deal",
        "mean 'deal'",
    ),
    "category": (
        ("findings.toml", 'category = "a", grade = "minor"', 'category = "b", grade = "minor"'),
        "late-deal",
        "no 'b'",
    ),
    "grade": (("findings.toml", 'grade = "minor"', 'grade = "minr"'), "late-deal", "mean 'minor'"),
    # types
    "property": (("findings.toml", "amount = { gt", "amout = { gt"), "late-deal", "mean 'amount'"),
    "type": (("findings.toml", "gt = 5", 'gt = "5"'), "late-deal", "amount is a number"),
    "flag for text": (
        ("findings.toml", "signed = true, amount = { gt", 'signed = "yes", amount = { gt'),
        "late-deal",
        "is a flag",
    ),
    "no order": (
        ("findings.toml", "signed = true, amount = { gt", "signed = { gt = true }, amount = { gt"),
        "late-deal",
        "no order",
    ),
    "other type": (("findings.toml", 'of = "limit"', 'of = "month"'), "late-deal", "deal.month a text"),
    "other property": (("findings.toml", 'of = "limit"', 'of = "limits"'), "late-deal", "mean 'limit'"),
    "alias": (("findings.toml", 'of = "one.deal"', 'of = "ona.deal"'), "twice", "mean 'one'"),
    "alias twice": (
        ("findings.toml", 'as = "two", deal = { of = "one.deal" }', 'as = "one"'),
        "twice",
        "different names",
    ),
    "given": (("findings.toml", "given = false", "given = 0"), "twice", "true or false"),
    "subject": (
        ("findings.toml", 'subject = "deal"\nperiod = "month"', 'subject = "dela"\nperiod = "month"'),
        "late-deal",
        "mean 'deal'",
    ),
    "place": (("findings.toml", "{deal} was late", "{del} was late"), "late-deal", "mean 'deal'"),
    "braces": (("findings.toml", "{deal} was late", "{deal was late"), "late-deal", "braces"),
    # sense
    "due of another cadence": (
        ("duties/all.toml", 'kind = "day-of-month", day = 10, months_after = 1', 'kind = "after-last"'),
        "monthly",
        "does not go with",
    ),
    "opening without period": (
        (
            "duties/all.toml",
            'opens = { kind = "on-event" }\nevidence = { by = "filing" }',
            'opens = { kind = "period-start" }\nevidence = { by = "filing" }',
        ),
        "tables",
        "only a periodic",
    ),
    "overlap": (
        ("duties/all.toml", "until = 2025-12-31", "until = 2026-01-01"),
        "review",
        "overlaps the wording of line 20",
    ),
    "post's word": (("people.toml", 'words = ["领导"]', 'words = ["办事员"]'), "boss", "belongs to clerk"),
    # examples
    "no example": (
        ("words.toml", "examples = [{ day = 2026-01-04, works = true }, { day = 2026-01-01, works = false }]\n", ""),
        "y2026",
        "at least one",
    ),
    "due day": (
        ("duties/all.toml", "due = 2026-02-10", "due = 2026-02-11"),
        "monthly",
        "computed 2026-02-10, the example says 2026-02-11",
    ),
    "period": (
        ("duties/all.toml", 'period = "2026-01", due', 'period = "2026-Q1", due'),
        "monthly",
        "should be a month",
    ),
    "no period": (("duties/all.toml", 'period = "2026-01", due', 'period = "jan", due'), "monthly", "is written 2026"),
    "rolling": (("duties/all.toml", "due = 2025-02-28", "due = 2025-03-01"), "review", "computed 2025-02-28"),
    "record": (("duties/all.toml", "due = 2026-02-28", "due = 2026-02-27"), "tables", "computed 2026-02-28"),
    "event": (("duties/all.toml", "due = 2026-01-15", "due = 2026-01-16"), "after-event", "computed 2026-01-15"),
    "disposable": (
        ("duties/all.toml", "disposable_from = 2025-02-28", "disposable_from = 2025-03-01"),
        "samples",
        "computed 2025-02-28",
    ),
    "allowed": (
        ("people.toml", 'sign = "li", allowed = false', 'sign = "li", allowed = true'),
        "deal",
        "example 4: computed false",
    ),
    "unknown step": (("people.toml", '{ ask = "li", allowed', '{ asks = "li", allowed'), "deal", "mean 'ask'"),
    "works": (("words.toml", "2026-01-01, works = false", "2026-01-01, works = true"), "y2026", "computed false"),
    "finds": (("findings.toml", "amount = 6", "amount = 5"), "late-deal", "example 1: computed false"),
    "only one way": (
        ("findings.toml", 'deal = "e" }], finds = false', 'deal = "d" }], finds = true'),
        "twice",
        "finds = false is missing",
    ),
    "property of an example": (("findings.toml", "amount = 6", "amout = 6"), "late-deal", "mean 'amount'"),
    "type in an example": (("findings.toml", "amount = 6", 'amount = "6"'), "late-deal", "should be a number"),
    "example of words": (
        ("words.toml", 'unit = "t/MWh"', 'unit = "t/MWh"\nexamples = [{ a = 1 }]'),
        "grid",
        "carry no examples",
    ),
    "beyond the calendar": (
        ("duties/all.toml", "{ on = 2025-03-01, disposable", "{ on = 9999-12-31, disposable"),
        "papers",
        "beyond the calendar",
    ),
    # files
    "schema": (("people.toml", "schema = 1\n", "schema = 2\n"), "", "schema = 1"),
    "kind": (("words.toml", "[factor.grid]", "[factors.grid]"), "", "mean 'factor'"),
    "defaults": (
        ("words.toml", 'source.document = "House rules"', 'source.documents = "House rules"'),
        "defaults",
        "missing",
    ),
    "syntax": (("words.toml", "default = 10", "default = "), "", "at line 11"),
    "headless": (
        ("extra.toml", "", 'schema = 1\npost.maid.title = { zh = "女佣", en = "Maid" }\n'),
        "maid",
        "header [post.maid]",
    ),
    "used elsewhere": (("zoo.toml", "", "schema = 1\n[post.boss]\n"), "boss", "is used in"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_blamed_on_its_rule_with_what_would_be_right(fault: str, loading: Loading) -> None:
    change, rule, words = FAULTS[fault]
    base, problems = loading(change)
    assert base is None
    blamed = [p for p in problems if p.file == change[0] and p.rule == rule and words in p.message.en]
    assert blamed, [str(p) for p in problems]
    assert all(p.message.zh and p.message.zh != p.message.en for p in problems)


#: One fault a rule, and the line on which it stands in the undamaged file.
TWELVE: tuple[tuple[Change, int], ...] = (
    (("people.toml", 'en = "Clerk"', 'en = ""'), 8),
    (("people.toml", 'never_with = ["clerk"]', 'never_with = ["clark"]'), 16),
    (("people.toml", '[["ask", "sign"],', '[["ask", "sing"],'), 27),
    (("duties/all.toml", "months_after = 1 }", "months_after = -1 }"), 12),
    (("duties/all.toml", "due = 2025-02-28", "due = 2025-03-01"), 30),
    (("duties/all.toml", 'clause = "5", strength = "should"', 'clause = "5", strength = "must"'), 46),
    (("duties/all.toml", 'document = "note"', 'document = "nota"'), 64),
    (("duties/all.toml", 'retention = "papers"', "retention = 5"), 76),
    (("duties/all.toml", "disposable_from = 2025-02-28", "disposable_from = 2025-03-01"), 91),
    (("words.toml", '"0.5703"', '"0,5703"'), 19),
    (("words.toml", "[2026-01-04]", "[2026-01-05]"), 38),
    (("findings.toml", "amount = { gt", "amout = { gt"), 17),
)


def test_every_problem_is_reported_at_once_with_its_line(loading: Loading) -> None:
    _, problems = loading(*(change for change, _ in TWELVE))
    expected = sorted((change[0], line) for change, line in TWELVE)
    assert sorted((p.file, p.line) for p in problems) == expected


def test_a_file_that_cannot_be_read_hides_nothing_of_the_others(loading: Loading) -> None:
    _, problems = loading(
        ("people.toml", 'words = ["领导"]', "words = "),
        ("duties/all.toml", "due = 2026-02-10", "due = 2026-02-11"),
        ("words.toml", 'unit = "d"', "unit = 1"),
    )
    assert [(p.file, p.rule) for p in problems] == [
        ("duties/all.toml", "monthly"),
        ("people.toml", ""),
        ("words.toml", "days"),
    ]


def test_a_broken_rule_is_blamed_once_and_not_by_those_who_name_it(loading: Loading) -> None:
    _, problems = loading(("people.toml", 'words = ["办事员", "经办人"]', "words = 1"))
    assert [(p.rule, p.line) for p in problems] == [("clerk", 10)]


@pytest.mark.parametrize(("word", "known"), [("X-1", True), ("monthly", True), ("X-9", False), ("monthy", False)])
def test_a_finding_speaks_of_an_obligation_that_exists(word: str, known: bool, loading: Loading) -> None:  # noqa: FBT001 - a column of the table above
    """Its examples would carry the same slip of the pen, so they cannot show it."""
    when = '{ fact = "deal", as = "one"'
    _, problems = loading(("findings.toml", when, f'{when}, obligation = "{word}"'))
    assert any("there is no obligation" in p.message.en for p in problems) is not known


@pytest.mark.slow
@settings(max_examples=150)
@given(st.data())
def test_no_damage_breaks_the_loader_itself(data: st.DataObject) -> None:
    """Any lines lost, doubled or with a value of another type: problems, never an exception."""
    files = dict(SMALL)
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(files)))
        lines = files[name].split("\n")
        place = data.draw(st.integers(0, len(lines) - 1))
        key = lines[place].partition("=")[0]
        lines[place] = data.draw(
            st.sampled_from(["", lines[place] * 2, *(f"{key}= {v}" for v in VALUES), f"{lines[place]}\n{lines[place]}"])
        )
        files[name] = "\n".join(lines)
    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        base, problems = load(Path(folder), CATALOGUE, READERS)
    assert (base is None) is bool(problems)
    assert all(p.file in files and 1 <= p.line <= files[p.file].count("\n") + 2 for p in problems)
