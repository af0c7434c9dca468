"""What pages cost against a bare list, in one process and one run.

``python benchmarks/web.py [--check] [--rows 2000,20000] [--rounds 60]``: makes an installation of ten plants for each
size, signs in a person who belongs to three of them, and asks every page over and over, in turn with a bare Flask and
SQLAlchemy program that lists 50 rows of an equal table by an index. The plant looked at holds that many occurrences,
findings and leaves and a tenth as many nonconformities; each other plant a fifth of it. Printed are multiples of the
bare list, the growth from the first size to the last, and the SQL statements a page; ``--check`` ends with 1 where a
figure is above its limit. The best of the rounds counts, as the noise of a shared machine only ever adds.
"""

from __future__ import annotations

import argparse
import gc
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from flask import Flask, render_template
from flask.testing import FlaskClient
from jinja2 import DictLoader
from sqlalchemy import Column, Index, Integer, MetaData, Table, event, insert, select

from compliance.adapters import mapping
from compliance.adapters.accounts import Argon2
from compliance.adapters.database import Database, open_database
from compliance.adapters.tables import occurrence
from compliance.bootstrap.installation import OPERATOR, Installation, build, make_workspace, read_rules
from compliance.bootstrap.web import web_app
from compliance.core.accounts import NewUser, Role, add_user, grant
from compliance.core.acts import Act
from compliance.core.judged import Found, Nonconformity, Occurrence, OccurrenceState, StoredFinding
from compliance.core.model import Instrument, InstrumentCheck
from compliance.core.plants import Plant
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Finding, Obligation

TODAY = date(2026, 6, 15)
RULES = Path(__file__).resolve().parent.parent / "rules"
PASSWORD = "a long pass phrase 电池"
PLANTS, MINE = 10, 3
INSTRUMENTS = 13
#: What lies in the past, and the share that the register still waits for.
YEARS, WAITING = 8, 0.05
DEEP = 100
#: Duties and situations that rows are spread over: so few that a list of one fills its page at every size.
KINDS = 30
MOST_STATEMENTS = 8
MOST_GROWTH = 1.2
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Asked:
    """A page, and how many times the bare list it may take."""

    name: str
    path: str
    most: float


PAGES = (
    Asked("obligations", "/p/first/obligations", 4),
    Asked("obligations to do", "/p/first/obligations?state=overdue&state=open&state=upcoming", 4),
    Asked("obligations of one duty", "/p/first/obligations?code={code}", 4),
    Asked("obligations of one instrument", "/p/first/obligations?subject=JL-007", 4),
    Asked(f"obligations, page {DEEP}", "{deep}", 6),
    Asked("one occurrence", "/p/first/obligations/{number}", 4),
    Asked("findings", "/p/first/findings", 4),
    Asked("findings of one situation", "/p/first/findings?situation={situation}&shown=all", 4),
    Asked("nonconformities", "/p/first/nonconformities", 4),
    Asked("trail", "/p/first/trail", 4),
    Asked("my work", "/p/first/work", 8),
    Asked("overview", "/p/first/overview", 8),
    Asked("group", "/group", 8),
)

# --- what stands in the register ------------------------------------------------------------------


def _occurrences(plant: Plant, rules: Sequence[Obligation], rows: int) -> Iterator[Occurrence]:
    """Duties that fall due over the years before today and the year after it."""
    dice = random.Random(rows)
    for n in range(rows):
        rule = rules[n % len(rules)]
        due = TODAY + timedelta(days=400 - dice.randrange(400 + 365 * YEARS))
        state, done = _state(due, dice)
        yield Occurrence(
            obligation=rule.id,
            code=rule.code,
            title=rule.title,
            clause=rule.source.clause,
            strength=rule.source.strength.value,
            subject=plant.key if n % 3 else f"JL-{n % INSTRUMENTS:03}",
            period=f"{due.year}-{due.month:02}-{n}",
            opens=due - timedelta(days=9),
            due=due,
            effective_workday=due,
            provisional=False,
            state=state,
            done_on=done,
            derivation=Text("所属期次月 10 日", "day 10 of the month after the period"),
            owner=rule.owner,
            approver=rule.approver,
            rule_digest=rule.digest,
            anchor=due - timedelta(days=10),
        )


def _state(due: date, dice: random.Random) -> tuple[OccurrenceState, date | None]:
    if due >= TODAY:
        return (OccurrenceState.OPEN if (due - TODAY).days < 10 else OccurrenceState.UPCOMING), None
    if dice.random() < WAITING:
        return OccurrenceState.OVERDUE, None
    late = dice.random() < WAITING
    return (OccurrenceState.DONE_LATE if late else OccurrenceState.DONE), due + timedelta(days=3 if late else -2)


def _findings(plant: Plant, rules: Sequence[Finding], rows: int) -> Iterator[StoredFinding]:
    """Findings of the past years; most have ceased to hold."""
    dice = random.Random(rows)
    for n in range(rows):
        rule = rules[n % len(rules)]
        seen = TODAY - timedelta(days=dice.randrange(365 * YEARS))
        found = Found(
            situation=rule.situation,
            rule=rule.id,
            title=rule.title,
            clause=rule.source.clause,
            strength=rule.source.strength.value,
            subject=f"JL-{n % INSTRUMENTS:03}",
            period=f"{seen.year}-{seen.month:02}-{n}",
            note="",
            category=rule.then.category,
            grade=rule.then.grade,
            message=Text("检定证书已过期，仍在使用", "The certificate has ended, the instrument is in use"),
            remedy=Text("送检", "Have it verified"),
            facts=({"kind": "instrument-validity", "instrument": "JL-001", "until": seen, "row": "instrument:JL-001"},),
            ticket=f"{n % max(1, rows // 10)}",
            rule_digest=rule.digest,
        )
        gone = None if dice.random() < WAITING else TODAY
        number = f"NC-{n % max(1, rows // 10):05}"
        yield StoredFinding(id=0, found=found, first_seen=seen, withdrawn=gone, nonconformity=number)


def _tickets(rules: Sequence[Finding], rows: int) -> Iterator[Nonconformity]:
    dice = random.Random(rows)
    for n in range(max(1, rows // 10)):
        rule = rules[n % len(rules)]
        yield Nonconformity(
            number=f"NC-{n:05}",
            rule=rule.id,
            group=str(n),
            title=rule.title,
            category=rule.then.category,
            grade=rule.then.grade,
            state="opened" if dice.random() < WAITING else "closed",
            opened=TODAY - timedelta(days=dice.randrange(365 * YEARS)),
            origin="rule",
        )


def _instruments() -> Mapping[type, Sequence[Instrument | InstrumentCheck]]:
    return {
        Instrument: [
            Instrument(
                number=f"JL-{n:03}", name="入窑煤粉秤", model=None, accuracy="0.5", place=None, purpose=None,
                cycle=12_000_000, keeper=None, department=None, key_instrument="是", commissioned=date(2024, 1, 1),
                stopped_from=None, stopped_until=None,
            )
            for n in range(INSTRUMENTS)
        ],
        InstrumentCheck: [
            InstrumentCheck(
                number=f"JD-{n}", instrument=f"JL-{n % INSTRUMENTS:03}", type="检定",
                on=TODAY - timedelta(days=300 + n), valid_until=TODAY + timedelta(days=65 - n), result="合格",
                error=None, body=None, certificate=None,
            )
            for n in range(INSTRUMENTS * 2)
        ],
    }  # fmt: skip


def _fill(installation: Installation, plant: Plant, rows: int) -> None:
    base = installation.rulebase
    duties, findings = list(base.of(Obligation))[:KINDS], list(base.of(Finding))[:KINDS]
    with installation.register.work() as work:
        made = [replace(o, ruleset=base.digest) for o in _occurrences(plant, duties, rows)]  # as a pulse keeps them
        work.save_occurrences(plant, made, [])
        work.save_nonconformities(plant, list(_tickets(findings, rows)))
        work.save_findings(plant, list(_findings(plant, findings, rows)))
        work.insert_rows(plant, _instruments())
        for n in range(rows):
            work.record(_act("plant:reconcile", plant.key, ({"f": "mark", "old": None, "new": str(n)},)), plant)


def _act(action: str, key: str, changes: tuple[Mapping[str, object], ...] = ()) -> Act:
    return Act(actor=OPERATOR, action=action, object_type="plant", object_id=key, changes=changes)


def _furnish(installation: Installation, rows: int) -> None:
    """Ten plants, and a person who belongs to the first three."""
    for n in range(PLANTS):
        key = f"9111000060000{n:04}A"
        start = TODAY - timedelta(days=365 * YEARS)
        short = "first" if n == 0 else f"plant-{n}"
        with installation.register.work() as work:
            plant = work.add_plant(Plant(0, key, short, f"第 {n} 水泥有限公司", start, TODAY, start, TODAY))
            work.record(_act("plant:add", key), plant)
        _fill(installation, plant, rows if n == 0 else rows // 5)
    new = NewUser("officer", "合规专员", None, "first", Role.COMPLIANCE_OFFICER, PASSWORD)
    add_user(installation.register, Argon2(8), new, actor=OPERATOR, now=installation.clock.now())
    for n in range(1, MINE):
        grant(
            installation.register,
            "officer",
            plant=f"plant-{n}",
            role=Role.AUDITOR,
            actor=OPERATOR,
            now=installation.clock.now(),
        )


# --- the two programs -----------------------------------------------------------------------------

_BARE = """<!doctype html><title>list</title><table>{% for r in rows %}<tr><td>{{ r.due }}</td>
<td><a href="/{{ r.id }}">{{ r.title_zh }}</a> {{ r.code }}</td><td>{{ r.subject }}</td><td>{{ r.period }}</td>
<td>{{ r.state }}</td><td>{{ r.done_on }}</td><td>{{ r.owner }}</td><td>{{ r.clause }}</td></tr>{% endfor %}</table>"""


def _bare(stack: ExitStack, folder: Path, rules: RuleBase, rows: int) -> Callable[[], object]:
    """Ask a Flask program with one page: 50 rows of one plant in the order of an index."""
    database = open_database(folder / "bare.sqlite3")
    stack.callback(database.close)
    metadata = MetaData()
    columns = (Column(c.name, c.type) for c in occurrence.columns if c.name != "id")
    listed = Table("listed", metadata, Column("id", Integer, primary_key=True), *columns)
    Index("listed_by_due", listed.c.plant_id, listed.c.due, listed.c.id)
    plant = Plant(1, "bare", "bare", "bare", TODAY, TODAY, TODAY, TODAY)
    made = _occurrences(plant, list(rules.of(Obligation))[:KINDS], rows)
    with database.work() as connection:
        metadata.create_all(connection)
        connection.execute(insert(listed), [mapping.occurrence_values(plant, o) for o in made])
    app = Flask("bare")
    app.jinja_loader = DictLoader({"list.html": _BARE})

    @app.get("/")
    def listing() -> str:
        asked = select(listed).where(listed.c.plant_id == 1).order_by(listed.c.due, listed.c.id).limit(50)
        with database.read() as connection:
            return render_template("list.html", rows=connection.execute(asked).all())

    client = app.test_client()
    return lambda: _ask(client, "/")


@dataclass(frozen=True, slots=True)
class Site:
    """An installation of some size with the person signed in, and the addresses to ask."""

    client: FlaskClient
    database: Database
    paths: Mapping[str, str]

    def statements(self, page: Asked) -> int:
        """How many statements a page issues, without the beginnings of transactions."""
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            if not statement.startswith(("BEGIN", "PRAGMA")):
                seen.append(statement)

        engines = (self.database.reader, self.database.writer)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
        _ask(self.client, self.paths[page.name])
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
        return len(seen)


@contextmanager
def _site(folder: Path, rows: int) -> Iterator[Site]:
    make_workspace(folder, demo=True)
    installation = build(folder, None, TODAY)
    try:
        _furnish(installation, rows)
        client = web_app(installation).test_client()
        found = _TOKEN.search(client.get("/sign-in").text)
        form = {"csrf_token": found[1] if found else "", "login": "officer", "password": PASSWORD, "next": "/group"}
        _must(client.post("/sign-in", data=form).status_code == 302, "signed in")
        yield Site(client, installation.register.database, _paths(client, installation))
    finally:
        installation.close()


def _paths(client: FlaskClient, installation: Installation) -> Mapping[str, str]:
    deep = "/p/first/obligations"
    for _ in range(DEEP - 1):
        found = _NEXT.search(_ask(client, deep))
        if found is None:
            break  # a small plant has fewer pages: its last one
        deep = found[1].replace("&amp;", "&")
    some = {
        "deep": deep,
        "number": "17",
        "code": next(iter(installation.rulebase.of(Obligation))).code,
        "situation": next(iter(installation.rulebase.of(Finding))).situation,
    }
    return {page.name: page.path.format(**some) for page in PAGES}


def _ask(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    _must(answer.status_code == 200, path)
    return answer.text


def _must(held: bool, what: str) -> None:  # noqa: FBT001 - an assertion that -O keeps
    if not held:
        sys.exit(f"not as expected: {what}")


# --- measuring ------------------------------------------------------------------------------------


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _measure(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """The best of each, all asked in turn after being asked once or twice."""
    for work in works.values():
        _timed(work)
        _timed(work)
    taken: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, work in works.items():
            taken[name].append(_timed(work))
    return {name: min(times) for name, times in taken.items()}


def _page(sites: Sequence[Site], bare: Callable[[], object], page: Asked, rounds: int) -> tuple[list[float], float]:
    """Multiples of the bare list at each size; growth from the first to the last."""
    works: dict[str, Callable[[], object]] = {"bare": bare}
    for n, site in enumerate(sites):
        works[str(n)] = lambda site=site: _ask(site.client, site.paths[page.name])  # type: ignore[misc] # mypy cannot infer a bound default
    times = _measure(works, rounds)
    ratios = [times[str(n)] / times["bare"] for n in range(len(sites))]
    return ratios, ratios[-1] / ratios[0]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="2000,20000", type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    above = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sites = [stack.enter_context(_site(folder / str(rows), rows)) for rows in args.rows]
        bare = _bare(stack, folder, read_rules(RULES), args.rows[-1])
        print(f"bare list {_measure({'bare': bare}, args.rounds)['bare'] * 1000:.2f} ms")
        print(f"{'page':<32}" + "".join(f"{rows:>9,}" for rows in args.rows) + "   limit  growth  statements")
        for page in PAGES:
            ratios, growth = _page(sites, bare, page, args.rounds)
            count = max(site.statements(page) for site in sites)
            bad = max(ratios) > page.most or growth > MOST_GROWTH or count > MOST_STATEMENTS
            above += bad
            figures = "".join(f"{ratio:>8.2f}×" for ratio in ratios)
            print(f"{page.name:<32}{figures}{page.most:>7}×{growth:>7.2f}×{count:>12}{'  above' if bad else ''}")
    return int(args.check and above > 0)


if __name__ == "__main__":
    sys.exit(main())
