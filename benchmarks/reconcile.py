"""What judging costs: engines, rows to facts, a quiet next day, and memory; all as ratios of one run.

``python benchmarks/reconcile.py [--check] [--json] [--plants 1,10,100] [--months 24] [--rounds 5] [--pulses 1000]``:
imports the example plant and copies its rows under other keys until there are so many plants. Measured,
each in turn with what it is compared with, the best of the rounds: facts → findings by both engines with the transfer
against bare durable-rules on the same facts (clipspy and zen-engine beside it where they are installed; the program
needs neither); register → facts against a plain SELECT of the same rows; the pulse of the next day against a full
judgement of the same day; the resident memory of a thousand pulses, plant after plant.
``--check`` ends with 1 if a limit is not kept.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import func, select

from compliance.adapters.example import Workbook, example_plant, generate, write
from compliance.adapters.tables import occurrence, sheets
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace
from compliance.bootstrap.usecases import import_file, pulse
from compliance.core.acts import Act
from compliance.core.facts import fact_types, facts_of
from compliance.core.imports import ImportReport
from compliance.core.judged import OCCURRENCE
from compliance.core.judgement import judge
from compliance.core.looking import look, own_values
from compliance.core.model import CompanyItem
from compliance.core.obligations import occurrences_of
from compliance.core.plants import Plant
from compliance.rulebase.evaluator import Fact, JudgingRule, judging_rule
from compliance.rulebase.schema import Finding, Op, PropOf, Term

TODAY = date(2026, 6, 15)
#: The limits: multiples of what is bare, the share of a full judgement, growth from 3 months to all of them.
MOST_FINDING, MOST_READING, MOST_QUIET, MOST_GROWTH, MOST_MEMORY = 2.5, 3.0, 0.02, 1.2, 1.05
MOST_STATEMENTS = 80
SHORT = 3
BATCH = 1000
#: Days that follow one another: each is a pulse, some have work of their own.
DAYS = 14
#: Pulses before memory is looked at first, and the days between two changes of the plant in that run.
WARM, CHANGED = 200, 25

Work = Callable[[], object]
Rules = Sequence[JudgingRule]


def taken(work: Work) -> float:
    """Seconds that some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def computed() -> float:
    """Seconds of computing so far, of this process and of its engine's."""
    return time.process_time() + sum(map(_computed_by, psutil.Process().children()))


def _computed_by(process: psutil.Process) -> float:
    with suppress(OSError, AttributeError, OverflowError):  # the clock of another process, where the system has one
        return time.clock_gettime(~process.pid << 3 | 2)
    times = process.cpu_times()
    return float(times.user + times.system)


@dataclass(frozen=True, slots=True)
class Time:
    """Seconds that passed, and seconds of computing."""

    passed: float
    computing: float

    def __add__(self, other: Time) -> Time:
        """Both one after the other."""
        return Time(self.passed + other.passed, self.computing + other.computing)


def paired(works: Mapping[str, Work], rounds: int) -> dict[str, Time]:
    """The best of the rounds of each work; they take turns, so that another's load meets all of them alike."""
    passed: dict[str, list[float]] = {name: [] for name in works}
    computing: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            gc.collect()
            started = computed()
            passed[name].append(taken(work))
            computing[name].append(computed() - started)
    return {name: Time(min(passed[name]), min(computing[name])) for name in works}


# --- plants ----------------------------------------------------------------------------------------------------------


@contextmanager
def installed(workbook: Workbook) -> Iterator[Installation]:
    """An installation with one plant, judged once."""
    with tempfile.TemporaryDirectory() as folder:
        workspace, book = Path(folder) / "workspace", Path(folder) / "plant.xlsx"
        make_workspace(workspace, demo=True)
        write(workbook, book)
        installation = build(workspace, None, TODAY)
        try:
            report = import_file(installation, book, OPERATOR, None, lambda *_: None)
            if not isinstance(report, ImportReport):
                sys.exit(f"not imported: {report.problems[:5]}")
            pulse(installation).reconcile(plants(installation)[0], TODAY)
            yield installation
        finally:
            installation.close()


def plants(installation: Installation) -> Sequence[Plant]:
    with installation.register.read() as reads:
        return reads.plants()


def multiply(installation: Installation, count: int) -> None:
    """Copy the first plant's rows under other keys until there are so many plants."""
    first, *others = plants(installation)
    with installation.register.read() as reads:
        rows = reads.tables(first)
    for number in range(len(others) + 2, count + 1):
        with installation.register.work() as work:
            copy = replace(first, id=0, key=f"{first.key}-{number}", short=f"P{number}", mark=None)
            plant = work.add_plant(copy)
            work.insert_rows(plant, rows)
            work.record(Act(actor=OPERATOR, action="plant:import", object_type="plant", object_id=plant.key), plant)


def facts_for(installation: Installation, plant: Plant) -> list[Fact]:
    """Register to facts: rows, occurrences up to the day, derivations."""
    rulebase = installation.rulebase
    with installation.register.read() as reads:
        data = look(plant, reads.tables(plant), rulebase, TODAY, reads.accepted(plant, OCCURRENCE))
    values = own_values(data)
    occurrences = occurrences_of(data, rulebase, values, data.as_of)
    kinds = frozenset(pattern.fact for rule in rulebase.of(Finding) for pattern in rule.when)
    return list(facts_of(data, rulebase, occurrences, values, kinds))


def select_rows(installation: Installation, plant: Plant) -> int:
    """A plain SELECT of the same rows, each value of its type, in the order of their keys."""
    with installation.register.database.read() as connection:
        count = 0
        for kind, table in sheets.items():
            columns = [table.c[column.name] for column in kind.SHEET.columns]
            order = [table.c[name] for name in kind.SHEET.key]
            query = select(*columns).where(table.c.plant_id == plant.id).order_by(*order)
            count += len(connection.execute(query).fetchall())
    return count


# --- other engines on the same facts ---------------------------------------------------------------------------------


class Bare:
    """durable-rules as it comes: its C functions in this process, whole facts under their own names, no guards."""

    name = "durable-rules"

    def __init__(self, rules: Rules, facts: Sequence[Fact]) -> None:
        self._facts = _by_kind(facts)
        self._rules = {kind: of for kind, of in _rules_by_kind(rules).items() if kind in self._facts}

    def __call__(self) -> int:
        """Judge everything; how many conclusions there are."""
        return sum(self._judge(kind) for kind in self._rules)

    def _judge(self, kind: str) -> int:
        import durable_rules_engine as library

        definition = {f"r{n}": {"all": [{"m": _durable(rule)}]} for n, rule in enumerate(self._rules[kind])}
        handle = library.create_ruleset("r", json.dumps({"b": {"all": [{"m": {"kind": ""}}]}, **definition}))
        found = 0
        library.assert_facts(handle, '[{"id":"0","kind":""}]')
        for start in range(0, len(self._facts[kind]), BATCH):
            batch = json.dumps(self._facts[kind][start : start + BATCH], ensure_ascii=False, default=date.toordinal)
            _, state = library.assert_facts(handle, batch)
            started = library.start_action_for_state(handle, state)
            messages = started and started[1]
            while messages:
                found += "b" not in json.loads(messages)
                messages = library.complete_and_start_action(handle, state)
        library.delete_state(handle, "0")
        library.delete_ruleset(handle)
        return found


def _durable(rule: JudgingRule) -> dict[str, Any]:
    terms: list[dict[str, Any]] = [{"kind": rule.patterns[0].fact}]
    for term in rule.patterns[0].terms:
        value = {"$m": term.value.prop} if isinstance(term.value, PropOf) else _plain(term.value)
        match term.op:
            case Op.GIVEN:
                terms.append({"$neq": {term.prop: None}} if value else {term.prop: None})
            case Op.EQ:
                terms.append({term.prop: value})
            case _:
                terms.append({f"${'neq' if term.op is Op.NE else term.op.value}": {term.prop: value}})
    return {"$and": [*terms, {"$gte": {"on": rule.start.toordinal()}}]}


class Clips:
    """clipspy: one environment, a template a kind, everything asserted, then run."""

    name, needs = "clipspy", "clips"

    def __init__(self, rules: Rules, facts: Sequence[Fact]) -> None:
        self._rules = [rule for rule in rules if rule.patterns[0].fact in _by_kind(facts)]
        self._facts = {
            kind: [{k: _clips(v) for k, v in fact.items() if k not in ("kind", "id")} for fact in of]
            for kind, of in _by_kind(facts).items()
        }

    def __call__(self) -> int:
        """Judge everything; how many conclusions there are."""
        import clips

        environment, found = clips.Environment(), [0]

        def count() -> None:
            found[0] += 1

        environment.define_function(count, name="count")
        for kind, facts in self._facts.items():
            slots = " ".join(f"(slot {name})" for name in sorted({name for fact in facts for name in fact}))
            environment.build(f"(deftemplate {kind} {slots})")
        for number, rule in enumerate(self._rules):
            environment.build(_clips_rule(number, rule))
        for kind, facts in self._facts.items():
            template = environment.find_template(kind)
            for fact in facts:
                template.assert_fact(**fact)
        environment.run()
        return found[0]


def _clips(value: Any) -> Any:
    import clips

    if value is None or isinstance(value, bool):
        return clips.Symbol({None: "nil", True: "TRUE", False: "FALSE"}[value])
    return _plain(value)


def _clips_rule(number: int, rule: JudgingRule) -> str:
    terms = rule.patterns[0].terms
    used = sorted({p for t in terms for p in (t.prop, *([t.value.prop] if isinstance(t.value, PropOf) else []))})
    tests = " ".join(_clips_test(term) for term in terms)
    slots = " ".join(f"({name} ?{name})" for name in used)
    return f"(defrule r{number} ({rule.patterns[0].fact} {slots}) (test (and TRUE {tests})) => (count))"


def _clips_test(term: Term) -> str:
    if term.op is Op.GIVEN:
        return f"({'neq' if term.value else 'eq'} ?{term.prop} nil)"
    other = f"?{term.value.prop}" if isinstance(term.value, PropOf) else _clips_constant(term.value)
    there = f"(neq ?{term.prop} nil) (neq {other} nil)"
    sign = {Op.EQ: "eq", Op.NE: "neq", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}[term.op]
    return f"{there} ({sign} ?{term.prop} {other})"


def _clips_constant(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(_clips(value))


class Zen:
    """zen-engine: a decision table a kind, one evaluation a fact (it looks at one fact at a time)."""

    name, needs = "zen-engine", "zen"

    def __init__(self, rules: Rules, facts: Sequence[Fact]) -> None:
        self._facts = {k: [{p: _plain(v) for p, v in f.items()} for f in of] for k, of in _by_kind(facts).items()}
        self._tables = {k: _zen_table(of) for k, of in _rules_by_kind(rules).items() if k in self._facts}

    def __call__(self) -> int:
        """Judge everything; how many conclusions there are."""
        import zen

        engine, found = zen.ZenEngine(), 0
        for kind, table in self._tables.items():
            decision = engine.create_decision(table)
            found += sum(len(decision.evaluate(fact)["result"]) for fact in self._facts[kind])
        return found


def _zen_table(rules: Rules) -> str:
    rows = [
        {"_id": str(n), "w": " and ".join(map(_zen_test, r.patterns[0].terms)), "o": str(n)}
        for n, r in enumerate(rules)
    ]
    table = {"hitPolicy": "collect", "inputs": [{"id": "w", "name": "when"}], "rules": rows}
    content = table | {"outputs": [{"id": "o", "name": "rule", "field": "rule"}]}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in"},
        {"id": "t", "type": "decisionTableNode", "name": "t", "content": content},
        {"id": "out", "type": "outputNode", "name": "out"},
    ]
    edges = [{"id": f"{a}{b}", "sourceId": a, "targetId": b} for a, b in (("in", "t"), ("t", "out"))]
    return json.dumps({"nodes": nodes, "edges": edges})


def _zen_test(term: Term) -> str:
    if term.op is Op.GIVEN:
        return f"{term.prop} {'!=' if term.value else '=='} null"
    other = term.value.prop if isinstance(term.value, PropOf) else json.dumps(_plain(term.value), ensure_ascii=False)
    sign = {Op.EQ: "==", Op.NE: "!=", Op.LT: "<", Op.LTE: "<=", Op.GT: ">", Op.GTE: ">="}[term.op]
    return f"{term.prop} != null and {other} != null and {term.prop} {sign} {other}"


def _plain(value: Any) -> Any:
    return value.toordinal() if type(value) is date else value


def _by_kind(facts: Iterable[Fact]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in facts:
        of = found.setdefault(str(fact["kind"]), [])
        of.append({"id": str(len(of) + 1), **fact})
    return found


def _rules_by_kind(rules: Rules) -> dict[str, list[JudgingRule]]:
    found: dict[str, list[JudgingRule]] = {}
    for rule in rules:
        found.setdefault(rule.patterns[0].fact, []).append(rule)
    return found


# --- what is measured ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """So many plants: facts, rows; ours as a multiple of what is bare; other engines as such multiples."""

    plants: int
    rows: int
    facts: int
    finding: float
    reading: float
    others: dict[str, float | None]
    #: The same two by time of computing, which other work on the machine lengthens less.
    finding_computing: float
    reading_computing: float


def measure(installation: Installation, rounds: int) -> Size:
    """Facts to findings, and register to facts, over every plant."""
    all_plants, rulebase = plants(installation), installation.rulebase
    rules = [judging_rule(rule) for rule in rulebase.of(Finding)]
    if any(len(rule.patterns) > 1 for rule in rules):
        sys.exit("a rule joins facts: teach the bare engines to join")
    facts, types = facts_for(installation, all_plants[0]), fact_types(rulebase)
    engines = (installation.engine,)

    def ours() -> int:
        return len(judge(rules, facts, types, engines).conclusions)

    works: dict[str, Callable[[], int]] = {"ours": ours, "bare": Bare(rules, facts)}
    others = [engine for engine in (Clips, Zen) if importlib.util.find_spec(engine.needs)]
    works |= {engine.name: engine(rules, facts) for engine in others}
    found = {name: work() for name, work in works.items()}
    if len({number for name, number in found.items() if name != "bare"}) != 1:
        sys.exit(f"the engines conclude differently: {found}")
    count = len(all_plants)
    one = paired(works, rounds)
    many, read = dict.fromkeys(("ours", "bare"), Time(0, 0)), dict.fromkeys(("facts", "rows"), Time(0, 0))
    for plant in all_plants:  # each in turn with what it is compared with
        again = rounds if count == 1 else 2
        of_plant = paired({"facts": partial(facts_for, installation, plant),
                           "rows": partial(select_rows, installation, plant)}, again)  # fmt: skip
        engines_of = paired({name: works[name] for name in many}, again)
        read = {name: seconds + of_plant[name] for name, seconds in read.items()}
        many = {name: seconds + engines_of[name] for name, seconds in many.items()}
    beside = {e.name: one[e.name].passed / one["bare"].passed if e.name in one else None for e in (Clips, Zen)}
    rows = sum(select_rows(installation, plant) for plant in all_plants)
    return Size(
        plants=count,
        rows=rows,
        facts=len(facts) * count,
        finding=many["ours"].passed / many["bare"].passed,
        reading=read["facts"].passed / read["rows"].passed,
        others=beside,
        finding_computing=many["ours"].computing / many["bare"].computing,
        reading_computing=read["facts"].computing / read["rows"].computing,
    )


@dataclass(frozen=True, slots=True)
class Quiet:
    """Days on which nothing changed: seconds of a day (best, median, slowest) and of a full judgement (best)."""

    day: float
    median: float
    slowest: float
    full: float
    statements: int


def quiet_days(installation: Installation) -> Quiet:
    """Pulse day after day; judge each of them fully in turn."""
    days, full, statements = [], [], 0
    for _ in range(DAYS):
        plant = plants(installation)[0]
        assert plant.mark is not None
        day = plant.mark + timedelta(days=1)
        gc.collect()
        started = time.perf_counter()
        done = pulse(installation).reconcile(plant, day)
        days.append(time.perf_counter() - started)
        gc.collect()
        plant = plants(installation)[0]
        full.append(taken(lambda plant=plant, day=day: pulse(installation).reconcile(plant, day, full=True)))  # type: ignore[misc]
        statements = max(statements, done.statements)
    return Quiet(min(days), statistics.median(days), max(days), min(full), statements)


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident bytes of this process and its engine's, and stored occurrences, after the first pulses and the last."""

    plants: int
    resident: tuple[int, int]
    occurrences: tuple[int, int]

    @property
    def growth(self) -> float:
        """What the last is of the first."""
        return self.resident[1] / self.resident[0]


def memory(installation: Installation, pulses: int) -> Memory:
    """Day after day of every plant in turn, as a night's worker does; some days change."""
    seen: list[tuple[int, int]] = []
    count = len(plants(installation))
    for number in range(pulses):
        if number % CHANGED == 0:
            _change(installation, plants(installation)[number % count])
        plant = plants(installation)[number % count]
        pulse(installation).reconcile(plant, plant.mark + timedelta(days=1) if plant.mark else TODAY)
        if number + 1 in (min(WARM, pulses), pulses):
            seen.append((_resident(), _stored(installation)))
    (first, few), (last, many) = seen[0], seen[-1]
    return Memory(count, (first, last), (few, many))


def _stored(installation: Installation) -> int:
    with installation.register.database.read() as connection:
        return connection.scalars(select(func.count()).select_from(occurrence)).one()


def _change(installation: Installation, plant: Plant) -> None:
    with installation.register.work() as work:
        rows = work.tables(plant, [CompanyItem])[CompanyItem]
        work.update_rows(plant, {CompanyItem: rows[:1]})
        work.record(Act(actor=OPERATOR, action="plant:correct", object_type="plant", object_id=plant.key), plant)


def _resident() -> int:
    gc.collect()
    process = psutil.Process()
    return sum(each.memory_info().rss for each in (process, *process.children(recursive=True)))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plants", default="1,10,100", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pulses", type=int, default=1000)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with installed(generate(TODAY, months=SHORT)) as installation:
        short = quiet_days(installation)
        alone = memory(installation, args.pulses)
    with installed(generate(TODAY, months=args.months)) as installation:
        long = quiet_days(installation)
    with installed(example_plant(TODAY, months=args.months)) as installation:
        sizes, busy = [], quiet_days(installation)
        for count in args.plants:
            multiply(installation, count)
            sizes.append(measure(installation, args.rounds))
        together = memory(installation, args.pulses)
    quiet = {f"{SHORT} months": short, f"{args.months} months": long, f"{args.months} months, much is late": busy}
    limits = [
        *((f"facts to findings, {s.plants} plants", s.finding, MOST_FINDING) for s in sizes),
        *((f"register to facts, {s.plants} plants", s.reading, MOST_READING) for s in sizes),
        ("a quiet day of a full judgement", long.day / long.full, MOST_QUIET),
        ("the same where much is late", busy.day / busy.full, MOST_QUIET),
        (f"a quiet day, {args.months} months of {SHORT}", long.day / short.day, MOST_GROWTH),
        ("statements of a day", float(max(day.statements for day in (short, long, busy))), MOST_STATEMENTS),
        (f"memory, {args.pulses} pulses, {together.plants} plants", together.growth, MOST_MEMORY),
    ]
    if args.json:
        figures = {name: {"is": figure, "at_most": most} for name, figure, most in limits}
        report: dict[str, Any] = {"limits": figures, "sizes": [asdict(s) for s in sizes]}
        report |= {
            "quiet": {name: asdict(day) for name, day in quiet.items()},
            "memory": [asdict(alone), asdict(together)],
        }
        print(json.dumps(report, indent=1))
    else:
        _print(sizes, quiet, limits)
        print(f"for information: one plant alone, {args.pulses} days: memory {alone.growth:.3f} ×, "
              f"{alone.occurrences[0]:,} occurrences become {alone.occurrences[1]:,}")  # fmt: skip
    return int(args.check and any(figure > most for _, figure, most in limits))


def _print(sizes: Sequence[Size], quiet: Mapping[str, Quiet], limits: Sequence[tuple[str, float, float]]) -> None:
    for size in sizes:
        beside = ", ".join(f"{n} {f'{x:.1f} ×' if x else 'not installed'}" for n, x in size.others.items())
        print(f"{size.plants} plants: {size.rows:,} rows, {size.facts:,} facts; of bare durable-rules: {beside}")
        print(f"  by time of computing: findings {size.finding_computing:.2f} ×, facts {size.reading_computing:.2f} ×")
    for name, day in quiet.items():
        shown = f"{day.day * 1e3:.0f} ms (median {day.median * 1e3:.0f}, slowest {day.slowest * 1e3:.0f})"
        print(f"{name}: a day {shown}, {day.full * 1e3:.0f} full")
    for name, figure, most in limits:
        print(f"{name:<40}{figure:>10.3f}{most:>10}{'  ABOVE' if figure > most else ''}")


if __name__ == "__main__":
    sys.exit(main())
