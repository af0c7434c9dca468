"""Small rules for the examples of checks, and the derivations that they name."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.rulebase.schema import FactType, PropType

#: What the examples' facts are made of.
CATALOGUE: Mapping[str, FactType] = {
    "deals": FactType(
        "deals",
        {
            "deal": PropType.TEXT,
            "grade": PropType.TEXT,
            "missing": PropType.NUMBER,
            "amount": PropType.NUMBER,
            "limit": PropType.NUMBER,
            "signed": PropType.FLAG,
            "done": PropType.DAY,
            "due": PropType.DAY,
        },
        optional=("days", "post"),
        least={"missing": 0},
        words={"grade": "grades"},
    ),
    "visits": FactType("visits", {"visitor": PropType.TEXT}),
}
FILE = "schema = 1\n"
#: A kind of fact and its words, which examples of conditions speak of.
DEALS = """
[fact.deal]
title = { zh = "交易", en = "Deals" }
source = { document = "House", clause = "1", strength = "shall" }
in_force = { from = 2020-01-01 }
derivation = "deals"
with = {}

[vocabulary.grades]
title = { zh = "等级", en = "Grades" }
source = { document = "House", clause = "1", strength = "fact" }
in_force = { from = 2020-01-01 }
words = [{ id = "high", zh = "高", en = "high" }, { id = "low", zh = "低", en = "low" }]
"""


def rule(name: str, body: str, *, days: str = "from = 2020-01-01", requirement: str = "R-1") -> str:
    """A rule ``kind.id`` with its members beside those that every rule has."""
    return f"""
[[{name}]]
title = {{ zh = "甲", en = "A" }}
source = {{ document = "House", clause = "1", strength = "shall", requirements = ["{requirement}"] }}
in_force = {{ {days} }}
{body}
"""


def finding(name: str, when: str, *, grade: str = "high", days: str = "from = 2020-01-01") -> str:
    """A finding over deals."""
    body = f"""
situation = "X-1"
when = [{when}]
then = {{ raise = "notice", category = "a", grade = "{grade}" }}
ticket = "each"
subject = "deal"
message = {{ zh = "甲", en = "a" }}
remedy = {{ zh = "乙", en = "b" }}
"""
    return rule(f"finding.{name}", body, days=days)


def obligation(name: str, due: str, *, more: str = "", requirement: str = "R-1", owner: str = "clerk") -> str:
    """A monthly duty whose evidence is one filing."""
    body = f"""
code = "X-{name}"
cadence = {{ every = "month" }}
due = {due}
opens = {{ kind = "after-period" }}
evidence = {{ by = "filing", with = {{ name = "report" }} }}
owner = "{owner}"
{more}
"""
    return rule(f"obligation.{name}", body, requirement=requirement)


def post(name: str, *, days: str = "from = 2020-01-01", more: str = "") -> str:
    """A post with a word of its own."""
    return rule(f"post.{name}", f'words = ["{name}"]\n{more}', days=days)
