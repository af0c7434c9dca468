"""replay, explain --replay and fsck --deep: the register's conclusions again, and every tampering found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from compliance.adapters.register import FILE
from tests.cli.conftest import Cli

pytestmark = pytest.mark.slow  # each command opens an installation


def tamper(cli: Cli, statement: str) -> None:
    """Change the register behind the program's back."""
    with closing(sqlite3.connect(cli.folder / "records" / FILE)) as connection:
        assert connection.execute(statement).rowcount == 1
        connection.commit()


def damaged(cli: Cli) -> set[str]:
    return {c["code"] for c in cli("fsck", "--deep", "--json").json["checks"] if not c["ok"]}


def test_everything_kept_is_concluded_again(cli: Cli) -> None:
    answer = cli("replay", "--json")
    assert (answer.code, answer.json["different"]) == (0, [])
    assert answer.json["replayed"] == {"finding": cli.count("finding"), "occurrence": cli.count("occurrence")}
    assert answer.json["replayed"]["finding"] > 0
    assert damaged(cli) == set()


def test_explain_names_what_entered_and_says_the_same(cli: Cli) -> None:
    name = cli("findings", "--json").json[0]["id"]
    replay = cli("explain", name, "--replay", "--json").json["replay"]
    assert (replay["same"], replay["differs"]) == (True, [])
    assert replay["basis"][0]["kind"] == "fact"
    assert (cli.folder / "records" / "rules" / replay["ruleset"]).is_dir()
    assert "结果相同" in cli("explain", name, "--replay").err
    assert "replay" not in cli("explain", name, "--json").json


FIRST = "WHERE id = (SELECT min(id) FROM {})"
FINDING, OCCURRENCE = FIRST.format("finding"), FIRST.format("occurrence")


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        (f"UPDATE finding SET message_zh = message_zh || '。' {FINDING}", {"conclusions", "replayed"}),
        (f"UPDATE finding SET grade = 'observation' || grade {FINDING}", {"conclusions", "replayed"}),
        (f"""UPDATE finding SET facts = replace(facts, '"on":', '"was":') {FINDING}""", {"conclusions", "replayed"}),
        # a property that no term looks at: the same conclusion again, but not what was judged
        (f"""UPDATE finding SET facts = replace(facts, '"kind":', '"aside":"x","kind":') {FINDING}""", {"conclusions"}),
        (f"UPDATE finding SET first_seen = date(first_seen, '-1 day') {FINDING}", {"conclusions"}),
        (f"UPDATE finding SET rule_digest = rule_digest || 'f' {FINDING}", {"conclusions", "replayed"}),
        (f"UPDATE occurrence SET due = date(due, '+1 day') {OCCURRENCE}", {"conclusions", "replayed"}),
        (f"UPDATE occurrence SET state = 'waived' {OCCURRENCE}", {"conclusions", "replayed"}),
        (f"DELETE FROM occurrence {OCCURRENCE}", {"conclusions"}),
        (f"DELETE FROM finding {FINDING}", {"conclusions"}),
    ],
)
def test_a_tampered_fact_or_conclusion_is_found(statement: str, codes: set[str], own: Cli) -> None:
    tamper(own, statement)
    assert damaged(own) == codes
    assert own("replay", "--json").code == (1 if "replayed" in codes else 0)


def test_what_was_judged_by_a_replaced_wording_replays_with_it(own: Cli, tmp_path: Path) -> None:
    """A new rule base changes every wording of one file; what is kept was made by the old ones until the next pulse."""
    copy = tmp_path / "rules"
    (first,) = (d for d in (own.folder / "records" / "rules").iterdir() if d.is_dir())
    for path in first.rglob("*.toml"):
        target = copy / path.relative_to(first)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text("utf-8")
        target.write_text(text.replace('document = "水泥企业', 'document = "新版水泥企业'), "utf-8")
    assert own("rules", "activate", copy).code == 0
    answer = own("replay", "--json")
    assert (answer.code, answer.json["different"]) == (0, [])
    assert damaged(own) == set()
