"""Facts about coal samples: how they were composited, handed over and kept (C.6 c)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from fractions import Fraction

from compliance.core.facts.catalogue import DAY, NUMBER, TEXT, InTime, Params, derivation, in_hundredths, row_of, sign
from compliance.core.facts.completeness import completed_month
from compliance.core.model import CoalSample, PlantData, ProductionLine, SampleSlip
from compliance.kernel.quantity import MICRO
from compliance.rulebase.calendar import Period, disposable_from
from compliance.rulebase.evaluator import FactValue


@derivation(
    "coal-composite",
    {
        "line": TEXT,
        "month": TEXT,
        "samples": NUMBER,
        "deviation": TEXT,
        "tolerance": TEXT,
        "worst_sample": TEXT,
        "deviation_to_tolerance": NUMBER,
    },
    ("sample_type", "tolerance"),
    counts=("samples",),
)
def coal_composite(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a line and completed month: how far the worst sample's share is off, 1 above, 0 at, -1 below."""
    for (line, month), samples in _composited(data, params.text("sample_type")).items():
        masses, coals = sum(mass for _, mass, _ in samples), sum(coal for _, _, coal in samples)
        if not masses:
            continue
        worst, off = _worst(samples, masses, coals)
        tolerance = params.factor("tolerance", month.end)
        yield {
            "on": month.end,
            "line": line,
            "month": str(month),
            "samples": len(samples),
            "deviation": in_hundredths(off, up=True),
            "tolerance": None if tolerance is None else in_hundredths(tolerance),
            "worst_sample": worst,
            "deviation_to_tolerance": None if tolerance is None else sign(off - tolerance),
            "row": row_of("coal_sample", worst),
        }


def _worst(samples: list[tuple[str, int, int]], masses: int, coals: int) -> tuple[str, Fraction]:
    """The first sample whose share is farthest from that of all of them, and how far: integers alone, so exact."""
    worst, most, of = "", -1, 1
    for number, mass, coal in samples:
        off, share = abs(mass * coals - coal * masses), coal * masses
        if off * of > most * share:
            worst, most, of = number, off, share
    return worst, Fraction(most, of)


def _composited(data: PlantData, sample_type: str) -> dict[tuple[str, Period], list[tuple[str, int, int]]]:
    """Number, mass and coal of the samples of each line and completed month that went into the composite."""
    lines = {row.line for row in data.rows(ProductionLine)}
    found: dict[tuple[str, str], list[tuple[str, int, int]]] = defaultdict(list)
    months: dict[str, Period | None] = {}
    for row in data.rows(CoalSample):
        name = row.month
        if row.type != sample_type or row.line not in lines or name is None:
            continue
        if name not in months:
            months[name] = completed_month(data, Period.parse(name).start)
        if months[name] is not None and row.mass is not None and row.coal:
            found[row.line, name].append((row.number, row.mass, row.coal))
    return {(line, month): of for (line, name), of in found.items() if (month := months[name]) is not None}


@derivation(
    "sample-handover",
    {"sample": TEXT, "month": TEXT, "slips": NUMBER},
    ("sample_type",),
    counts=("slips",),
    in_time=InTime(),
)
def sample_handover(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a sample of the type: how many slips hand it over."""
    slips = Counter(row.sample for row in data.rows(SampleSlip))
    for row in data.rows(CoalSample):
        if row.type == params.text("sample_type"):
            yield {
                "on": row.sampled or data.as_of,
                "sample": row.number,
                "month": row.month,
                "slips": slips[row.number],
                "row": row_of("coal_sample", row.number),
            }


@derivation(
    "sample-slip",
    {
        "number": TEXT,
        "sample": TEXT,
        "handed": DAY,
        "parts_micro": NUMBER,
        "parts_off_micro": NUMBER,
        "signers": NUMBER,
    },
    ("parts",),
    counts=("signers",),
    in_time=InTime(),
)
def sample_slip(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a slip: its parts, what they are more or less than the rule's number, who gave and who received."""
    for row in data.rows(SampleSlip):
        yield {
            "on": row.on or data.as_of,
            "number": row.number,
            "sample": row.sample,
            "handed": row.on,
            "parts_micro": row.parts,
            "parts_off_micro": None if row.parts is None else row.parts - params.number("parts") * MICRO,
            "signers": (row.giver is not None) + (row.receiver is not None),
            "row": row_of("sample_slip", row.number),
        }


@derivation("disposed-sample", {"sample": TEXT, "sampled": DAY, "disposed": DAY, "disposable": DAY}, ("keep",))
def disposed_sample(data: PlantData, params: Params) -> Iterator[dict[str, FactValue]]:
    """One fact a sample that was disposed of: the first day on which the retention allowed it."""
    for row in data.rows(CoalSample):
        if row.disposed is None or row.sampled is None:
            continue
        keep = params.retention("keep", row.sampled)
        yield {
            "on": row.disposed,
            "sample": row.number,
            "sampled": row.sampled,
            "disposed": row.disposed,
            "disposable": disposable_from(keep, row.sampled) if keep else None,
            "row": row_of("coal_sample", row.number),
        }
