"""A small rule directory in which every kind of rule stands once and nothing is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from compliance.rulebase.loader import load
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactType, Problem, PropType

CATALOGUE: Mapping[str, FactType] = {
    "deals": FactType(
        "deals",
        {
            "deal": PropType.TEXT,
            "month": PropType.TEXT,
            "obligation": PropType.TEXT,
            "amount": PropType.NUMBER,
            "limit": PropType.NUMBER,
            "signed": PropType.FLAG,
            "done": PropType.DAY,
            "due": PropType.DAY,
        },
        parameters=("approval", "days"),
        optional=("posts",),
    )
}
READERS = frozenset({"filing", "review"})

PEOPLE = """\
schema = 1
# Who does what.
[defaults]
source.document = "House rules"
in_force = { from = 2020-01-01 }

[post.clerk]
title = { zh = "办事员", en = "Clerk" }
source = { clause = "1", strength = "shall" }
words = ["办事员", "经办人"]

[post.boss]
title = { zh = "领导", en = "Boss" }
source = { clause = "1", strength = "shall" }
words = ["领导"]
never_with = ["clerk"]

[approval.deal]
title = { zh = "交易审批", en = "Approval of deals" }
source = { clause = "2 b)", strength = "shall", requirements = ["R-2-b"] }
applies_to = ["deal"]
steps = [
  { do = "ask", post = "clerk" },
  { do = "look", optional = true },
  { do = "sign", post = "boss" },
]
distinct = [["ask", "sign"], ["look", "sign"]]
never_both = [["clerk", "boss"]]
limits = { most = { parameter = "days" } }
examples = [
  { ask = "li", sign = "wang", allowed = true },
  { ask = "li", look = "li", sign = "wang", allowed = true },
  { ask = "li", look = "wang", sign = "wang", allowed = false },
  { ask = "li", sign = "li", allowed = false },
  { ask = "li", allowed = false },
]
"""

DUTIES = """\
schema = 1

[defaults]
source.document = "House rules"
in_force = { from = 2020-01-01 }

[obligation.monthly]
title = { zh = "月报", en = "Monthly report" }
source = { clause = "3", strength = "shall", requirements = ["R-3"] }
code = "X-1"
cadence = { every = "month" }
due = { kind = "day-of-month", day = 10, months_after = 1 }
opens = { kind = "after-period" }
evidence = { by = "filing", with = { code = "X-1" }, asks = [{ zh = "回执", en = "receipt" }] }
owner = "clerk"
approver = "boss"
remind = { days_before = [5, 1], escalate = [{ days_late = 1, to = "boss" }] }
examples = [{ period = "2026-01", due = 2026-02-10 }]

[[obligation.review]]
title = { zh = "评审", en = "Review" }
source = { clause = "4", strength = "shall", requirements = ["R-4"] }
in_force = { from = 2020-01-01, until = 2025-12-31 }
code = "X-2"
cadence = { within_months = 12 }
due = { kind = "after-last" }
opens = { kind = "days-before-due", days = 30 }
evidence = { by = "review" }
owner = "boss"
examples = [{ last = 2024-02-29, due = 2025-02-28 }]

[[obligation.review]]
title = { zh = "评审", en = "Review" }
source = { clause = "4", strength = "shall", requirements = ["R-4"] }
in_force = { from = 2026-01-01 }
code = "X-2"
cadence = { within_months = { parameter = "days" } }
due = { kind = "after-last" }
opens = { kind = "days-before-due", days = 30 }
evidence = { by = "review" }
owner = "boss"
examples = [{ last = 2026-01-31, due = 2026-11-30 }]

[obligation.tables]
title = { zh = "变动表", en = "Change tables" }
source = { clause = "5", strength = "should", requirements = ["R-5"] }
code = "X-3"
cadence = { each = "record" }
due = { kind = "month-end-of-record" }
opens = { kind = "on-event" }
evidence = { by = "filing" }
owner = "clerk"
examples = [{ on = 2026-02-05, due = 2026-02-28 }]

[obligation.after-event]
title = { zh = "补充", en = "Supplement" }
source = { clause = "6", strength = "may", requirements = ["R-6"] }
code = "X-4"
cadence = { on_event = ["change"] }
due = { kind = "days-after", days = { parameter = "days" } }
opens = { kind = "on-event" }
evidence = { by = "review" }
owner = "clerk"
document = "note"
examples = [{ on = 2026-01-05, due = 2026-01-15 }]

[document.note]
title = { zh = "记录", en = "Note" }
source = { clause = "6", strength = "may", requirements = ["R-6"] }
template = "note.docx"
data = "note"
number = "N-{year}-{seq}"
author = "clerk"
approver = "boss"
review_months = 12
retention = "papers"

[retention.papers]
title = { zh = "资料", en = "Papers" }
source = { clause = "7", strength = "shall", requirements = ["R-7"] }
applies_to = ["paper"]
keep = { years = 5, from = "year-end" }
disposal_approval = "deal"
examples = [{ on = 2025-03-01, disposable_from = 2031-01-01 }, { period = "2025", disposable_from = 2031-01-01 }]

[retention.samples]
title = { zh = "样品", en = "Samples" }
source = { clause = "7", strength = "shall", requirements = ["R-7"] }
applies_to = ["sample"]
keep = { months = 12, from = "record" }
examples = [{ on = 2024-02-29, disposable_from = 2025-02-28 }]
"""

WORDS = """\
schema = 1

[defaults]
source.document = "House rules"
in_force = { from = 2020-01-01 }

[parameter.days]
title = { zh = "天数", en = "Days" }
source = { clause = "8", strength = "shall" }
code = "DAYS"
default = 10
unit = "d"
demanded = "at-most"

[factor.grid]
title = { zh = "电力", en = "Grid" }
source = { clause = "8", strength = "fact" }
code = "EF"
value = "0.5703"
unit = "t/MWh"

[vocabulary.nonconformity-category]
title = { zh = "类别", en = "Category" }
source = { clause = "8", strength = "fact" }
words = [{ id = "a", zh = "甲", en = "A" }]

[vocabulary.nonconformity-grade]
title = { zh = "等级", en = "Grade" }
source = { clause = "8", strength = "fact" }
words = [{ id = "minor", zh = "一般", en = "minor" }, { id = "major", zh = "严重", en = "major" }]

[calendar.y2026]
title = { zh = "日历", en = "Calendar" }
source = { clause = "9", strength = "fact" }
year = 2026
published = true
off = [2026-01-01, 2026-01-02]
work = [2026-01-04]
examples = [{ day = 2026-01-04, works = true }, { day = 2026-01-01, works = false }]
"""

FINDINGS = """\
schema = 1

[defaults]
source.document = "House rules"
in_force = { from = 2020-01-01 }

[fact.deal]
title = { zh = "交易", en = "Deal" }
source = { clause = "2", strength = "shall" }
derivation = "deals"
with = { approval = "deal", days = { parameter = "days" } }

[finding.late-deal]
title = { zh = "交易逾期", en = "Late deal" }
source = { clause = "2", strength = "shall", requirements = ["R-2"] }
situation = "S-1"
when = [{ fact = "deal", signed = true, amount = { gt = 5, lt = { of = "limit" } }, done = { gt = { of = "due" } } }]
then = { raise = "nonconformity", category = "a", grade = "minor" }
ticket = "each"
subject = "deal"
period = "month"
message = { zh = "{deal} 逾期至 {done}", en = "{deal} was late: {done}" }
remedy = { zh = "补做", en = "make it good" }
examples = [
  { facts = [
    { fact = "deal", signed = true, amount = 6, limit = 7, done = 2026-01-02, due = 2026-01-01 },
  ], finds = true },
  { facts = [
    { fact = "deal", signed = true, amount = 5, limit = 7, done = 2026-01-02, due = 2026-01-01 },
  ], finds = false },
  { facts = [], finds = false },
]

[finding.twice]
title = { zh = "重复", en = "Twice" }
source = { clause = "2", strength = "shall", requirements = ["R-2"] }
situation = "S-2"
when = [
  { fact = "deal", as = "one" },
  { fact = "deal", as = "two", deal = { of = "one.deal" }, done = { given = false } },
]
then = { raise = "notice", category = "a", grade = "major" }
ticket = "subject"
subject = "deal"
period = ""
message = { zh = "{deal}", en = "{deal}" }
remedy = { zh = "查", en = "look" }
examples = [
  { facts = [{ fact = "deal", deal = "d" }, { fact = "deal", deal = "d", done = 2026-01-01 }], finds = true },
  { facts = [{ fact = "deal", deal = "d" }, { fact = "deal", deal = "e" }], finds = false },
]
"""

SMALL: Mapping[str, str] = {
    "people.toml": PEOPLE,
    "duties/all.toml": DUTIES,
    "words.toml": WORDS,
    "findings.toml": FINDINGS,
}

#: ``(file, old text, new text)``: what is changed in the small directory.
Change = tuple[str, str, str]
Loading = Callable[..., tuple[RuleBase | None, tuple[Problem, ...]]]


@pytest.fixture
def loading(tmp_path: Path) -> Loading:
    """Load the small directory with some places changed; each old text must stand there once."""

    def loaded(*changes: Change) -> tuple[RuleBase | None, tuple[Problem, ...]]:
        files = dict(SMALL)
        for name, old, new in changes:
            assert files.get(name, "").count(old) == 1 or name not in files, old
            files[name] = files[name].replace(old, new) if name in files else new
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return load(tmp_path, CATALOGUE, READERS)

    return loaded


@pytest.fixture
def small(loading: Loading) -> RuleBase:
    """The small rule base."""
    base, problems = loading()
    assert problems == ()
    assert base is not None
    return base
