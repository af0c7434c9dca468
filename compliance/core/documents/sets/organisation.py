"""The plant itself: its master data, its people and the posts that they hold on the document's day, its instruments."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace

from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import Asked, DataSet, Speaks, numbered, quantity, texts, unit
from compliance.core.documents.sets.sheets import columns_of, rows_of
from compliance.core.documents.values import Names, Rows, Value
from compliance.core.factors import of_calculation
from compliance.core.model import (
    CollectionItem,
    CompanyItem,
    Department,
    Instrument,
    InstrumentCheck,
    PersonPeriod,
    PlantFactor,
)
from compliance.core.people import SEPARATOR, listed
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Factor, Post, Vocabulary

_ITEMS, _CHECK, _RESULT, _YES_NO = "company-item", "check-type", "check-result", "yes-no"


def named(word_id: str) -> str:
    """The id of a word as a template may name it."""
    return word_id.replace("-", "_")


def _words(rulebase: RuleBase, vocabulary: str) -> Iterator[tuple[str, str]]:
    """Ids and words of a vocabulary in its latest wording."""
    for rule in rulebase.wordings(Vocabulary, vocabulary)[-1:]:
        yield from ((word.id, word.zh) for word in rule.words)


# --- profile ----------------------------------------------------------------------------------------


def _profile_names(rulebase: RuleBase, _per: str) -> Names:
    return {"profile": texts(*(named(word_id) for word_id, _ in _words(rulebase, _ITEMS)), "subject", "period")}


def _profile(asked: Asked) -> Mapping[str, Value]:
    said = {row.item: _apart(row.content or EMPTY) for row in asked.data.rows(CompanyItem)}
    items: dict[str, Value] = {named(i): said.get(word, EMPTY) for i, word in _words(asked.rulebase, _ITEMS)}
    return {"profile": {**items, "subject": asked.subject.about, "period": asked.subject.period or EMPTY}}


def _apart(content: str) -> str:
    """A large number, or several, with their thousands apart; anything else as it was said."""
    return re.sub(r"\d+", lambda found: f"{int(found[0]):,}", content) if _AMOUNTS.fullmatch(content) else content


#: Amounts of tonnes: longer than a year, shorter than a credit code.
_AMOUNTS = re.compile(r"[1-9]\d{4,8}([、，,；; ]+[1-9]\d{4,8})*")


def profile_words(rulebase: RuleBase) -> Mapping[str, str]:
    """The words of the items of the profile by the names that templates use."""
    return {named(word_id): word for word_id, word in _words(rulebase, _ITEMS)}


# --- people and posts -------------------------------------------------------------------------------

_PERSON = texts("no", "account", "name", "department", "posts", "since")
_POST = texts("no", "post", "holders", "departments", "clause")


def _people(asked: Asked) -> Mapping[str, Value]:
    present = [p for p in rows_of(asked, PersonPeriod, "") if p.since <= asked.day]  # type: ignore[attr-defined] # rows of this type
    return {"people": numbered({name: row[name] for name in _PERSON if name in row} for row in map(asked.row, present))}


def _posts(asked: Asked) -> Mapping[str, Value]:
    here = [p for p in asked.data.rows(PersonPeriod) if p.since <= asked.day and (not p.until or p.until >= asked.day)]
    rows: list[Mapping[str, Value]] = []
    for post in asked.rulebase.in_force(Post, asked.day):
        holding = [p for p in here if not set(post.words).isdisjoint(listed(p.posts))]
        rows.append(
            {
                "post": post.title.zh,
                "holders": SEPARATOR.join(dict.fromkeys(asked.people.name(p.account) for p in holding)) or EMPTY,
                "departments": SEPARATOR.join(dict.fromkeys(p.department or "" for p in holding)) or EMPTY,
                "clause": post.source.clause,
            }
        )
    return {"posts": numbered(rows)}


def leads(asked: Asked, row: Department) -> bool:
    """Whether a department leads carbon management on the document's day; without days it always does."""
    begun = row.leads_from is None or row.leads_from <= asked.day
    lasts = row.leads_until is None or row.leads_until >= asked.day
    return row.leads == asked.word(_YES_NO, "yes") and begun and lasts


def _lead(asked: Asked) -> Mapping[str, Value]:
    leading = [d.name or d.number for d in asked.data.rows(Department) if leads(asked, d)]
    return {"lead": {"department": SEPARATOR.join(leading) or EMPTY}}


# --- instruments and the monitoring plan ------------------------------------------------------------

_CERTIFIED = ("checked", "valid_until", "body", "certificate", "state")


def _instruments(asked: Asked) -> Mapping[str, Value]:
    latest: dict[str, InstrumentCheck] = {}
    monthly, passed = asked.word(_CHECK, "monthly-check"), asked.word(_RESULT, "pass")
    for check in asked.data.rows(InstrumentCheck):
        if check.type != monthly and check.result == passed and check.on and check.instrument:
            known = latest.get(check.instrument)
            if known is None or known.on is None or check.on > known.on:
                latest[check.instrument] = check
    rows = [{**asked.row(i), **_certified(asked, i, latest.get(i.number))} for i in asked.data.rows(Instrument)]
    return {"instruments": numbered(rows)}


def _certified(asked: Asked, instrument: Instrument, check: InstrumentCheck | None) -> Mapping[str, Value]:
    until = check.valid_until if check else None
    state = _VALID if until and until >= asked.day else _LAPSED
    word = asked.word(_INSTRUMENTS, state if instrument.in_service(asked.day) else _OUT)
    return {
        "checked": check.on.isoformat() if check and check.on else EMPTY,
        "valid_until": until.isoformat() if until else EMPTY,
        "body": (check.body if check else None) or EMPTY,
        "certificate": (check.certificate if check else None) or EMPTY,
        "state": word,
    }


#: The vocabulary of the states of instruments, and its words.
_INSTRUMENTS, _STATES = "instrument-state", ("certified", "uncertified", "out")
_VALID, _LAPSED, _OUT = _STATES
_PLAN = texts("no", "item", "item_class", "unit", "frequency", "lines", "department")


def _plan(asked: Asked) -> Mapping[str, Value]:
    """What is collected, one line an item: where, how often, and who answers for it."""
    lines: dict[str, list[CollectionItem]] = defaultdict(list)
    for row in asked.data.rows(CollectionItem):
        if row.until is None or row.until >= asked.day:
            lines[row.item].append(row)
    return {
        "plan": numbered(
            {
                "item": item,
                "item_class": rows[0].item_class or EMPTY,
                "unit": rows[0].unit or EMPTY,
                "frequency": rows[0].frequency or EMPTY,
                "lines": SEPARATOR.join(dict.fromkeys(r.line for r in rows)),
                "department": SEPARATOR.join(dict.fromkeys(r.department or "" for r in rows)) or EMPTY,
            }
            for item, rows in lines.items()
        )
    }


_FACTOR = texts("no", "code", "name", "value", "unit", "origin")


def _factors(asked: Asked) -> Mapping[str, Value]:
    """The factors of calculation: the plant's own, and those of the rules that it does not replace."""
    listed = of_calculation(asked.rulebase, asked.day)
    own = {row.code: row for row in asked.data.rows(PlantFactor) if listed(row.code)}
    rows: list[Mapping[str, Value]] = [
        {
            "code": row.code,
            "name": row.name or EMPTY,
            "value": quantity(row.value) if row.value is not None else EMPTY,
            "unit": unit(row.unit or EMPTY),
            "origin": row.origin or EMPTY,
        }
        for row in own.values()
    ]
    for rule in asked.rulebase.in_force(Factor, asked.day):
        if rule.code not in own and listed(rule.code):
            value = f"{rule.value:f}"
            rows.append(
                {
                    "code": rule.code,
                    "name": rule.title.zh,
                    "value": value,
                    "unit": unit(rule.unit),
                    "origin": rule.source.document,
                }
            )
    return {"factors": numbered(rows)}


_SETS: Mapping[str, DataSet] = {
    "profile": DataSet(_profile_names, _profile, (CompanyItem,)),
    "people": DataSet(lambda _r, _p: {"people": Rows(_PERSON)}, _people, (PersonPeriod,)),
    "posts": DataSet(lambda _r, _p: {"posts": Rows(_POST)}, _posts, (PersonPeriod,)),
    "lead": DataSet(lambda _r, _p: {"lead": texts("department")}, _lead, (Department,)),
    "instruments": DataSet(
        lambda _r, _p: {"instruments": Rows({"no": None, **columns_of(Instrument), **texts(*_CERTIFIED)})},
        _instruments,
        (Instrument, InstrumentCheck, PersonPeriod),
        words={_INSTRUMENTS: _STATES},
    ),
    "plan": DataSet(lambda _r, _p: {"plan": Rows(_PLAN)}, _plan, (CollectionItem,)),
    "factors": DataSet(lambda _r, _p: {"factors": Rows(_FACTOR)}, _factors, (PlantFactor,)),
}
#: All of them say how the plant is set up.
ORGANISATION_SETS: Mapping[str, DataSet] = {name: replace(one, speaks=Speaks.STANDING) for name, one in _SETS.items()}
