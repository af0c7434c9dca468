"""Factors of a plant: an imported one is unverified until one person has checked it and another agrees.

What was checked is the value that stood there: a factor that is corrected later is unverified again. Every check stays;
the latest of a code counts. Factors of the rules say themselves who verified them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from decimal import Decimal
from enum import StrEnum
from string import Formatter
from typing import ClassVar, Protocol

from compliance.core.acts import Act, Actor
from compliance.core.model import PlantFactor, Row
from compliance.core.plants import Plant
from compliance.core.ports import Tables
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.quantity import from_micro
from compliance.kernel.text import Text
from compliance.rulebase.figuring import factor_codes
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Factor, FigureRule

_LONGEST = 400


class Standing(StrEnum):
    """How far a factor is verified."""

    UNVERIFIED = "unverified"
    CHECKED = "checked"
    VERIFIED = "verified"


class NoSuchFactor(WrongUse):
    """The plant has no factor of this code with a value."""

    code = "no-such-factor"
    text: ClassVar[Text] = Text(zh="本企业没有因子“{factor}”", en="The plant has no factor {factor!r}")


class BadSource(WrongUse):
    """The source against which a factor was checked is one line of text."""

    code = "bad-source"
    text: ClassVar[Text] = Text(
        zh="请填写核对所据的来源（一行，最多 {most} 字，如文件名称、文号、页码）",
        en="Say the source it was checked against: one line of at most {most} characters (document, number, page)",
    )


class NothingToConfirm(WrongUse):
    """Nobody has checked the value that stands there now."""

    code = "nothing-to-confirm"
    text: ClassVar[Text] = Text(
        zh="因子“{factor}”的现值尚未有人核对", en="Nobody has checked the value that {factor!r} has now"
    )


class AlreadyVerified(Refused):
    """The value is verified; only another value can be checked anew."""

    code = "already-verified"
    text: ClassVar[Text] = Text(zh="因子“{factor}”的现值已核实", en="The value that {factor!r} has now is verified")


class SamePerson(Refused):
    """Who checked a factor does not confirm it."""

    code = "same-person"
    text: ClassVar[Text] = Text(
        zh="核对人不得自行确认，须由另一人确认因子“{factor}”",
        en="Who checked {factor!r} does not confirm it; another person must",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorCheck:
    """A value that was checked against a source, and who confirmed it. Persons are accounts or ``login:…``."""

    id: int
    code: str
    value: int
    source: str
    checked_by: str
    checked_name: str
    checked_at: str
    confirmed_by: str | None = None
    confirmed_name: str | None = None
    confirmed_at: str | None = None


@dataclass(frozen=True, slots=True)
class FactorVersion:
    """A value that a factor of the plant had, and the moment from which the register knew it."""

    row: PlantFactor
    known: datetime


@dataclass(frozen=True, slots=True)
class Gathered:
    """Rows of several sheets of a plant, with every check of its factors and every value that they have had."""

    tables: Tables
    checks: Sequence[FactorCheck]
    versions: Sequence[FactorVersion]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorView:
    """A factor as it counts. ``until`` None: no end; ``own``: of the plant.

    Two times: ``since`` is the first day in force (None: a plant's own value holds on every day), ``known`` since when
    it is known.
    """

    code: str
    name: str
    value: Decimal
    unit: str
    source: str
    own: bool
    standing: Standing
    since: date | None = None
    until: date | None = None
    known: date | None = None
    check: FactorCheck | None = None
    verified_by: str = ""


class FactorReads(Protocol):
    """What factors ask of a look."""

    def tables(self, plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Tables:
        """Rows of a plant."""
        ...

    def factor_checks(self, plant: Plant) -> Sequence[FactorCheck]:
        """Every check of a plant's factors, the oldest first."""
        ...

    def factor_versions(self, plant: Plant) -> Sequence[FactorVersion]:
        """Every value that the plant's factors have had, the oldest first."""
        ...


class FactorWork(FactorReads, Protocol):
    """What factors ask of a writing transaction."""

    def add_factor_check(self, plant: Plant, new: FactorCheck) -> None:
        """Store a check (its id is given by the register)."""
        ...

    def confirm_factor_check(self, plant: Plant, number: int, by: str, name: str, at: datetime) -> None:
        """Note who confirmed a check."""
        ...

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class FactorRegister(Protocol):
    """The register as factors need it."""

    def work(self) -> AbstractContextManager[FactorWork]:
        """Open a writing transaction."""
        ...


def check(register: FactorRegister, plant: Plant, code: str, source: str, by: str, actor: Actor, now: datetime) -> None:
    """Note that the value of a factor agrees with a source. ``by``: the person's account, or ``login:…``."""
    said = " ".join(source.split())
    if not said or len(said) > _LONGEST or not said.isprintable():
        raise BadSource(most=_LONGEST)
    with register.work() as work:
        row = _row(work, plant, code)
        latest = _latest(work.factor_checks(plant)).get(code)
        if latest is not None and latest.value == row.value and latest.confirmed_by:
            raise AlreadyVerified(factor=code)
        at = now.isoformat(timespec="milliseconds")
        new = FactorCheck(
            id=0, code=code, value=row.value or 0, source=said, checked_by=by, checked_name=actor.name, checked_at=at
        )
        work.add_factor_check(plant, new)
        work.record(_act(actor, "check", code, (("value", _said(new.value)), ("source", said))), plant)


def confirm(register: FactorRegister, plant: Plant, code: str, by: str, actor: Actor, now: datetime) -> None:
    """Confirm the latest check of a factor; :class:`SamePerson` leaves a leaf and changes nothing else."""
    with register.work() as work:
        row = _row(work, plant, code)
        latest = _latest(work.factor_checks(plant)).get(code)
        if latest is None or latest.value != row.value:
            raise NothingToConfirm(factor=code)
        if latest.confirmed_by:
            raise AlreadyVerified(factor=code)
        if latest.checked_by != by:
            work.confirm_factor_check(plant, latest.id, by, actor.name, now)
            given = (("value", _said(latest.value)), ("source", latest.source), ("checked_by", latest.checked_by))
            work.record(_act(actor, "confirm", code, given), plant)
            return
    refusal = SamePerson(factor=code)
    with register.work() as work:
        work.record(_act(actor, "refused", code, (), refusal.message.zh), plant)
    raise refusal


def known_factors(versions: Sequence[FactorVersion], day: date, zone: tzinfo) -> tuple[PlantFactor, ...]:
    """The plant's factors as they were known at the end of a day; before the first ones were known, the first ones."""
    days = [(one.known.astimezone(zone).date(), one.row) for one in versions]
    first = min((known for known, _row in days), default=day)
    found: dict[str, PlantFactor] = {}
    for known, row in days:
        if known <= day or (known == first and row.code not in found):  # what was corrected that day is not the first
            found[row.code] = row
    return tuple(sorted(found.values(), key=lambda row: row.code))


def known_checks(checks: Iterable[FactorCheck], day: date, zone: tzinfo) -> list[FactorCheck]:
    """The checks of factors as they stood at the end of a day."""

    def then(at: str | None) -> bool:
        return at is not None and datetime.fromisoformat(at).astimezone(zone).date() <= day

    none = {"confirmed_by": None, "confirmed_name": None, "confirmed_at": None}
    return [c if then(c.confirmed_at) else replace(c, **none) for c in checks if then(c.checked_at)]  # type: ignore[arg-type] # by name


def factors_of(
    rows: Iterable[Row],
    checks: Iterable[FactorCheck],
    rulebase: RuleBase,
    on: date,
    known: Mapping[str, date] | None = None,
) -> Mapping[str, FactorView]:
    """Every factor that counts for a plant on a day, by code: its own, and those of the rules that it does not give.

    ``known``: since when the values of its own ones are known.
    """
    latest = _latest(checks)
    found = {f.code: _of_rules(f) for f in rulebase.in_force(Factor, on)}
    for row in rows:
        if isinstance(row, PlantFactor) and row.value is not None:
            found[row.code] = _own(row, row.value, latest.get(row.code), (known or {}).get(row.code))
    return dict(sorted(found.items()))


def of_calculation(rulebase: RuleBase, on: date) -> Callable[[str], bool]:
    """Whether a code is of a factor that figures multiply quantities by; limits, tolerances and days are none."""
    named = {code for rule in rulebase.in_force(FigureRule, on) for code in factor_codes(rule.shape)}
    codes = re.compile("|".join(map(_any_of, sorted(named))) or r"(?!)")
    return lambda code: codes.fullmatch(code) is not None


def known_since(versions: Iterable[FactorVersion], zone: tzinfo) -> dict[str, date]:
    """Since when the present value of each factor is known: the day from which it has not been another."""
    found: dict[str, tuple[int | None, date]] = {}
    for one in versions:
        if one.row.code not in found or found[one.row.code][0] != one.row.value:
            found[one.row.code] = (one.row.value, one.known.astimezone(zone).date())
    return {code: day for code, (_value, day) in found.items()}


def _any_of(code: str) -> str:
    """The pattern of a code in which places stand for words."""
    pieces = Formatter().parse(code)
    return "".join(re.escape(text) + (".+" if place is not None else "") for text, place, *_ in pieces)


def _own(row: PlantFactor, value: int, last: FactorCheck | None, known: date | None) -> FactorView:
    valid = last if last is not None and last.value == value else None
    standing = Standing.UNVERIFIED if valid is None else Standing.VERIFIED if valid.confirmed_by else Standing.CHECKED
    return FactorView(
        code=row.code,
        name=row.name or row.code,
        value=from_micro(value),
        unit=row.unit or "",
        source=row.origin or "",
        own=True,
        known=known,
        standing=standing,
        check=valid,
        verified_by=(valid.confirmed_name or "") if valid else "",
    )


def _of_rules(rule: Factor) -> FactorView:
    return FactorView(
        code=rule.code,
        name=rule.title.zh,
        value=rule.value,
        unit=rule.unit,
        source=f"{rule.source.document} {rule.source.clause}",
        own=False,
        standing=Standing.VERIFIED if rule.verified_by else Standing.UNVERIFIED,
        since=rule.in_force.start,
        until=rule.in_force.until,
        known=rule.known,
        verified_by=rule.verified_by or "",
    )


def _latest(checks: Iterable[FactorCheck]) -> dict[str, FactorCheck]:
    return {one.code: one for one in sorted(checks, key=lambda c: c.id)}


def _row(reads: FactorReads, plant: Plant, code: str) -> PlantFactor:
    rows = (r for r in reads.tables(plant, [PlantFactor])[PlantFactor] if isinstance(r, PlantFactor))
    found = next((r for r in rows if r.code == code and r.value is not None), None)
    if found is None:
        raise NoSuchFactor(factor=code[:80])
    return found


def _said(value: int) -> str:
    return f"{from_micro(value):f}"


def _act(actor: Actor, verb: str, code: str, given: Sequence[tuple[str, str]], reason: str = "") -> Act:
    changes = tuple({"f": name, "old": None, "new": value} for name, value in given)
    return Act(
        actor=actor,
        action=f"factor:{verb}",
        object_type="factor",
        object_id=code,
        changes=changes,
        reason=reason,
    )
