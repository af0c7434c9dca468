"""What documents cost against the bare template library, on the same templates and data, in one run.

``python benchmarks/documents.py [--check] [--json] [--rounds 5] [--every 1]``: fills every template that the rules name
with a value in each of its places, in turn by docxtpl alone (file read, filled and saved in this process, nothing
checked) and by the program (template checked, values checked, filled in a process of its own with its limits, packed in
a fixed order, read again in another process and compared). Printed are the throughput of the program as a share of the
bare one, of all templates and of the slowest, and how much more two processes make than one. ``--every 3`` takes every
third template. ``--check`` ends with 1 where a figure is beyond its limit. The best of the rounds counts, as the noise
of a shared machine only ever adds.
"""

from __future__ import annotations

import argparse
import gc
import io
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import Environment

from compliance.adapters.docx.emf import emf_of
from compliance.adapters.docx.nursery import nursery
from compliance.adapters.docx.renderer import DocxRenderer
from compliance.bootstrap.installation import read_rules
from compliance.core.documents import Context, Names, Rows, document_names, render_checked
from compliance.core.documents.pictures import PICTURE, flow, is_picture
from compliance.core.documents.values import Drawn, Shape, Value
from compliance.rulebase.schema import Document

ROOT = Path(__file__).resolve().parent.parent
#: Rows of every list: as many as a ledger of a month has, about.
ROWS = 12
LEAST_SHARE = 0.6
LEAST_OF_TWO = 1.7
CORES = 2
_ROUND = 3


@dataclass(frozen=True, slots=True)
class Case:
    """A template with what fills it."""

    name: str
    template: bytes
    names: Names
    context: Context


def _cases(every: int) -> list[Case]:
    """One of every template that the rules name."""
    rulebase = read_rules(ROOT / "rules")
    rules = {rule.template: rule for rule in rulebase.of(Document)}
    found = []
    for name, rule in sorted(rules.items())[::every]:
        names = document_names(rule, rulebase)
        context = {inner: _value(inner, shape) for inner, shape in names.items()}
        found.append(Case(name, (ROOT / "doc_templates" / name).read_bytes(), names, context))
    return found


def _value(name: str, shape: Shape) -> Value:
    match shape:
        case None:
            return f"{name} 水泥熟料生产线 1,234.56 & <t>"
        case Rows(names):
            return [_group(f"{name}{n}", names) for n in range(ROWS)]
        case Drawn():
            return flow(name, ["核算", "报告", "核查", "履约"])
        case _:
            return _group(name, shape)


def _group(name: str, shapes: Mapping[str, Shape]) -> Mapping[str, Value]:
    return {inner: _value(f"{name}.{inner}", shape) for inner, shape in shapes.items()}


class _Items(Environment):
    """Columns are called ``items`` too: a dot leads to what the data hold."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value of a name."""
        return self.getitem(obj, attribute)


def _bare(case: Case) -> bytes:
    """What the library's own page says to do; a picture's file is made, and shown as nothing."""
    template, out = DocxTemplate(io.BytesIO(case.template)), io.BytesIO()
    template.render(_without_pictures(case.context), _Items(autoescape=True))
    template.save(out)
    return out.getvalue()


def _without_pictures(value: Context) -> dict[str, object]:
    return {name: _shown(inner) for name, inner in value.items()}


def _shown(value: object) -> object:
    if is_picture(value) and isinstance(value, Mapping):
        emf_of({PICTURE: value[PICTURE]})
        return ""
    if isinstance(value, Mapping):
        return {name: _shown(inner) for name, inner in value.items()}
    return [_shown(inner) for inner in value] if isinstance(value, list) else value


def _guarded(case: Case) -> bytes:
    return render_checked(DocxRenderer(), case.template, case.context, case.names)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _compare(cases: Sequence[Case], rounds: int) -> dict[str, tuple[float, float]]:
    """The best time of each template by both, asked in turn."""
    for case in cases:  # templates are read, libraries loaded
        _bare(case)
        _guarded(case)
    gc.collect()
    gc.freeze()
    taken: dict[str, tuple[list[float], list[float]]] = {case.name: ([], []) for case in cases}
    for _ in range(rounds):
        for case in cases:
            taken[case.name][0].append(_timed(lambda case=case: _bare(case)))  # type: ignore[misc] # mypy cannot infer a bound default
            taken[case.name][1].append(_timed(lambda case=case: _guarded(case)))  # type: ignore[misc] # the same
    return {name: (min(bare), min(guarded)) for name, (bare, guarded) in taken.items()}


# --- two processes --------------------------------------------------------------------------------


def _work(every: int) -> float:
    """Every template once, in a process of a pool that has read them before."""
    global _KEPT  # noqa: PLW0603 - a process of the pool keeps its cases
    if not _KEPT:
        _KEPT = _cases(every)
        for case in _KEPT:
            _guarded(case)
    return _timed(lambda: [_guarded(case) for case in _KEPT])


_KEPT: list[Case] = []


def _of_two(every: int, rounds: int) -> float:
    """How much more two processes make than one in the same time; the best of the rounds of each, in turn."""
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as one, ProcessPoolExecutor(1, mp_context=context) as other:
        for pool in (one, other):
            pool.submit(_work, every).result()
        alone, both = [], []
        for _ in range(rounds):
            alone.append(one.submit(_work, every).result())
            both.append(max(each.result() for each in [pool.submit(_work, every) for pool in (one, other)]))
    return 2 * min(alone) / min(both)


# --- saying ---------------------------------------------------------------------------------------


def _measured(every: int, rounds: int) -> dict[str, float]:
    times = _compare(_cases(every), rounds)
    nursery().close()
    bare, guarded = (sum(pair[n] for pair in times.values()) for n in (0, 1))
    return {
        "templates": len(times),
        "bare_ms": 1000 * bare / len(times),
        "guarded_ms": 1000 * guarded / len(times),
        "share": bare / guarded,
        "least_share": min(b / g for b, g in times.values()),
        "two_processes": _of_two(every, rounds),
        "load": os.getloadavg()[0],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found = _measured(args.every, args.rounds)
    if args.json:
        sys.stdout.write(json.dumps({name: round(value, _ROUND) for name, value in found.items()}, indent=2) + "\n")
    else:
        print(f"{found['templates']:.0f} templates, load of the machine {found['load']:.1f}")
        print(f"bare docxtpl {found['bare_ms']:.1f} ms a document, with every guard {found['guarded_ms']:.1f} ms")
        print(f"throughput of bare docxtpl that is kept: {found['share']:.2f} (at least {LEAST_SHARE})")
        print(f"  of the template that keeps least: {found['least_share']:.2f}")
        print(f"two processes make {found['two_processes']:.2f} times what one makes (at least {LEAST_OF_TWO})")
    few = (os.cpu_count() or 1) < CORES
    bad = found["share"] < LEAST_SHARE or (not few and found["two_processes"] < LEAST_OF_TWO)
    return int(args.check and bad)


if __name__ == "__main__":
    sys.exit(main())
