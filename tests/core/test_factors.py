"""Factors are verified by two persons, for the value that stands there; figures know what they rest on."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from compliance.core import factors
from compliance.core.acts import Act, Actor
from compliance.core.factors import (
    AlreadyVerified,
    BadSource,
    FactorCheck,
    FactorVersion,
    NoSuchFactor,
    NothingToConfirm,
    SamePerson,
    Standing,
    factors_of,
)
from compliance.core.figures.showing import show
from compliance.core.model import CollectionItem, PlantFactor, ProductionLine, Reading, Row
from tests.core.world import plant, row, shipped, tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from compliance.core.plants import Plant
    from compliance.core.ports import Tables

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)
ON = date(2025, 4, 1)
ACTOR = Actor("officer", "方", "compliance-officer", "password")
MICRO = 10**6


@dataclass
class Register:
    """Keeps checks and leaves in memory."""

    rows: list[Row]
    checks: list[FactorCheck] = field(default_factory=list)
    leaves: list[Act] = field(default_factory=list)

    @contextmanager
    def work(self) -> Iterator[Register]:
        yield self

    def tables(self, _plant: Plant, kinds: Sequence[type[Row]] | None = None) -> Tables:
        return {kind: [r for r in self.rows if isinstance(r, kind)] for kind in kinds or ()}

    def factor_checks(self, _plant: Plant) -> Sequence[FactorCheck]:
        return self.checks

    def factor_versions(self, _plant: Plant) -> Sequence[FactorVersion]:
        return ()

    def add_factor_check(self, _plant: Plant, new: FactorCheck) -> None:
        self.checks.append(replace(new, id=len(self.checks) + 1))

    def confirm_factor_check(self, _plant: Plant, number: int, by: str, name: str, at: datetime) -> None:
        done = [replace(c, confirmed_by=by, confirmed_name=name, confirmed_at=at.isoformat()) for c in self.checks]
        self.checks = [new if old.id == number else old for old, new in zip(self.checks, done, strict=True)]

    def record(self, act: Act, _plant: Plant | None) -> int:
        self.leaves.append(act)
        return len(self.leaves)


def factor(code: str = "EF_GRID", value: str = "0.5366") -> Row:
    return row(PlantFactor, code=code, name="电力", value=int(Decimal(value) * MICRO), unit="tCO2/MWh", origin="工作簿")


def check(register: Register, by: str = "U1", code: str = "EF_GRID", source: str = "公告 2024 年第 12 号") -> None:
    factors.check(register, plant(), code, source, by, ACTOR, NOW)


def confirm(register: Register, by: str = "U2", code: str = "EF_GRID") -> None:
    factors.confirm(register, plant(), code, by, ACTOR, NOW)


def standing(register: Register) -> Standing:
    return factors_of(register.rows, register.checks, shipped(), ON)["EF_GRID"].standing


def test_two_persons_verify_a_factor_one_after_the_other() -> None:
    register = Register([factor()])
    assert standing(register) is Standing.UNVERIFIED
    check(register)
    assert standing(register) is Standing.CHECKED
    confirm(register)
    assert standing(register) is Standing.VERIFIED
    assert [leaf.action for leaf in register.leaves] == ["factor:check", "factor:confirm"]
    with pytest.raises(AlreadyVerified):
        check(register)
    with pytest.raises(AlreadyVerified):
        confirm(register, "U3")


def test_who_checked_does_not_confirm_and_the_refusal_leaves_a_leaf() -> None:
    register = Register([factor()])
    check(register)
    with pytest.raises(SamePerson):
        confirm(register, "U1")
    assert standing(register) is Standing.CHECKED
    assert register.leaves[-1].action == "factor:refused"


def test_a_corrected_value_is_unverified_again() -> None:
    register = Register([factor()])
    check(register)
    confirm(register)
    register.rows = [factor(value="0.6")]
    assert standing(register) is Standing.UNVERIFIED
    with pytest.raises(NothingToConfirm):
        confirm(register)
    check(register)
    assert standing(register) is Standing.CHECKED


@pytest.mark.parametrize("source", ["", "  ", "x" * 401, "a\x00b"])
def test_a_source_is_one_line(source: str) -> None:
    register = Register([factor()])
    with pytest.raises(BadSource):
        check(register, source=source)
    assert register.leaves == []


def test_what_the_plant_does_not_have_cannot_be_verified() -> None:
    with pytest.raises(NoSuchFactor):
        check(Register([factor()]), code="NOTHING")
    with pytest.raises(NothingToConfirm):
        confirm(Register([factor()]))


def shown(*checks: FactorCheck) -> Any:
    given = (
        row(ProductionLine, line="K1", clinker_class="X"),
        row(CollectionItem, line="K1", item="熟料", item_class="熟料"),
        row(CollectionItem, line="全厂", item="外购电", item_class="外购电"),
        row(Reading, on=date(2025, 1, 10), line="K1", item="熟料", amount=1000 * MICRO),
        row(Reading, on=date(2025, 1, 10), line="全厂", item="外购电", amount=10 * MICRO),
        factor("EF_CLK_X", "0.5"),
        factor("EF_GRID", "0.5"),
    )
    return show(plant(), tables(*given), checks, shipped(), ON)


def test_a_figure_names_every_unverified_factor_also_through_other_figures() -> None:
    found = shown()
    line, total = found.by_key["E_LINE/K1/2025-01"], found.by_key["E_MGT/全厂/2025"]
    assert [f.code for f in found.unverified(line)] == ["EF_CLK_X"]
    assert [f.code for f in found.unverified(total)] == ["EF_CLK_X", "EF_GRID"]
    assert [f.code for f in found.used(found.by_key["INTENSITY/全厂/2025-01"])] == ["EF_CLK_X"]


def test_a_verified_factor_is_named_no_more() -> None:
    done = FactorCheck(
        id=1, code="EF_CLK_X", value=MICRO // 2, source="s", checked_by="a", checked_name="a", checked_at="",
        confirmed_by="b", confirmed_name="b", confirmed_at="",
    )  # fmt: skip
    found = shown(done)
    assert found.unverified(found.by_key["E_LINE/K1/2025-01"]) == []
    assert [f.code for f in found.unverified(found.by_key["E_MGT/全厂/2025"])] == ["EF_GRID"]


# ------------------------------------------------------------------------------- what was known when

SITE = ZoneInfo("Asia/Shanghai")


def version(code: str, value: str, at: str) -> FactorVersion:
    found = factor(code, value)
    assert isinstance(found, PlantFactor)
    return FactorVersion(found, datetime.fromisoformat(at))


VERSIONS = [
    version("B", "1", "2026-01-10T02:00:00+00:00"),
    version("A", "1", "2026-01-10T02:00:00+00:00"),
    version("A", "2", "2026-02-10T16:30:00+00:00"),  # half past midnight of the 11th at the site
    version("C", "5", "2026-03-01T02:00:00+00:00"),
    version("A", "2", "2026-03-02T02:00:00+00:00"),  # another source, the same value
]


@pytest.mark.parametrize(
    ("day", "known"),
    [
        (date(2025, 1, 1), {"A": 1, "B": 1}),
        (date(2026, 1, 10), {"A": 1, "B": 1}),
        (date(2026, 2, 10), {"A": 1, "B": 1}),
        (date(2026, 2, 11), {"A": 2, "B": 1}),
        (date(2026, 3, 1), {"A": 2, "B": 1, "C": 5}),
    ],
)
def test_factors_are_those_that_were_known_at_the_end_of_the_day(day: date, known: dict[str, int]) -> None:
    rows = factors.known_factors(VERSIONS, day, SITE)
    assert {r.code: (r.value or 0) // MICRO for r in rows} == known
    assert [r.code for r in rows] == sorted(known)


def test_what_was_corrected_on_the_first_day_is_not_what_was_known_before_it() -> None:
    same_day = [version("A", "1", "2026-01-10T02:00:00+00:00"), version("A", "9", "2026-01-10T05:00:00+00:00")]
    for day, value in ((date(2026, 1, 9), 1), (date(2026, 1, 10), 9)):
        assert [(r.value or 0) // MICRO for r in factors.known_factors(same_day, day, SITE)] == [value]


def test_nothing_known_is_nothing() -> None:
    assert factors.known_factors((), ON, SITE) == ()
    assert factors.known_since((), SITE) == {}


def test_since_when_the_present_value_is_known() -> None:
    found = factors.known_since(VERSIONS, SITE)
    assert found == {"A": date(2026, 2, 11), "B": date(2026, 1, 10), "C": date(2026, 3, 1)}


def test_checks_are_those_of_the_day() -> None:
    one = FactorCheck(
        id=1, code="A", value=1, source="s", checked_by="U1", checked_name="甲", checked_at="2026-02-01T02:00:00+00:00",
        confirmed_by="U2", confirmed_name="乙", confirmed_at="2026-02-03T02:00:00+00:00",
    )  # fmt: skip
    days = (date(2026, 1, 31), date(2026, 2, 2), date(2026, 2, 3))
    none, checked, confirmed = (factors.known_checks([one], day, SITE) for day in days)
    assert none == []
    assert [c.confirmed_by for c in checked] == [None]
    assert confirmed == [one]
