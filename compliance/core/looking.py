"""Looking at a plant as of a day: rows from the register, the plant's own parameters, the judgement of both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from compliance.core.findings import Judged, judge_plant
from compliance.core.judgement import Engine
from compliance.core.model import AskedVersion, PlantData, PlantFactor, Row, as_of
from compliance.core.plants import NamePlant, NoPlantYet, NoSuchPlant, Plant
from compliance.core.ports import Reads, Tables
from compliance.kernel.quantity import from_micro
from compliance.rulebase.rulebase import RuleBase


def choose_plant(reads: Reads, key: str | None) -> Plant:
    """The plant named, or the only one there is."""
    if key is not None:
        plant = reads.plant(key)
        if plant is None:
            raise NoSuchPlant(plant=key)
        return plant
    plants = reads.plants()
    if len(plants) == 1:
        return plants[0]
    if not plants:
        raise NoPlantYet
    raise NamePlant(plants="、".join(p.key for p in plants))


#: Duties settled, by ``obligation/subject/period``: the day that counts (None: waived), the day of acceptance.
Accepted = Mapping[str, tuple[date | None, date]]


def look(
    plant: Plant,
    tables: Tables,
    rulebase: RuleBase,
    day: date,
    accepted: Accepted | None = None,
    asked: Iterable[AskedVersion] = (),
) -> PlantData:
    """The plant's rows, the duties met by accepted evidence, and who was asked to read, as they stood on a day."""

    def words(vocabulary: str, word_id: str) -> str:
        word = rulebase.word(vocabulary, word_id, day)
        return word.zh if word else ""

    data = as_of(
        plant.key,
        day,
        data_start=plant.data_start,
        data_end=plant.data_end,
        tables=tables,
        words=words,
        accepted=accepted,
        onboarded=plant.onboarded,
    )
    return replace(data, asked=tuple(asked))


def own_values(data: PlantData) -> dict[str, Decimal]:
    """The plant's own factors and parameters by code."""
    return values_in(data.rows(PlantFactor))


def values_in(rows: Iterable[Row]) -> dict[str, Decimal]:
    """The factors and parameters that rows of their sheet give, by code; they hold on every day."""
    return {r.code: from_micro(r.value) for r in rows if isinstance(r, PlantFactor) and r.value is not None}


def judge_as_of(
    plant: Plant,
    tables: Tables,
    rulebase: RuleBase,
    engines: Sequence[Engine],
    day: date,
    until: date | None = None,
    accepted: Accepted | None = None,
    asked: Iterable[AskedVersion] = (),
) -> Judged:
    """Everything that holds at a plant as of a day; nothing is written."""
    data = look(plant, tables, rulebase, day, accepted, asked)
    return judge_plant(data, rulebase, engines, own_values(data), until)
