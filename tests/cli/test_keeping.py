"""init, demo, import, reconcile, fsck, user, doctor, rules: what they write, say and refuse."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from compliance.core.accounts import Role
from compliance.core.model import SHEETS
from tests.cli.conftest import TODAY, Cli
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each command opens an installation

PASSWORD = "correct horse battery"
Workbook = Callable[..., Path]


# --- init and demo ---------------------------------------------------------------------------------------------------


def test_init_makes_an_empty_workspace_once(fresh: Cli) -> None:
    answer = fresh("init")
    assert (answer.code, answer.out) == (0, "")
    assert (fresh.folder / "config.toml").read_bytes() == (ROOT / "config.toml").read_bytes()
    assert stat.S_IMODE((fresh.folder / "records" / "secret").stat().st_mode) == 0o600
    assert fresh("user", "list", "--json").json == []
    before = fresh.dump()

    again = fresh("init")
    assert (again.code, again.out) == (2, "")
    assert "已是工作区" in again.err
    assert fresh.dump() == before


def test_init_over_a_file_is_refused_in_words(fresh: Cli) -> None:
    fresh.folder.write_text("x", "utf-8")
    answer = fresh("init")
    assert (answer.code, answer.out) == (3, "")
    assert "Traceback" not in answer.err


def test_an_empty_workspace_has_no_plant_to_judge(fresh: Cli) -> None:
    fresh("init")
    for command in (["findings"], ["reconcile"], ["facts"]):
        answer = fresh(*command, "--json")
        assert (answer.code, answer.out) == (2, "")
        assert "还没有企业" in answer.err
        assert "import a workbook first" in answer.err


def test_demo_names_the_plant_one_sign_in_a_role_and_the_address(demo_workspace: Path) -> None:
    made = json.loads((demo_workspace.parent / "demo.json").read_text("utf-8"))
    assert made.keys() >= {"plant", "accounts", "url"}
    assert len(made["plant"]) == 18
    assert made["url"] == "http://127.0.0.1:8000"
    assert all(account.keys() >= {"login", "password", "person", "roles"} for account in made["accounts"])
    assert {role for account in made["accounts"] for role in account["roles"]} == {role.value for role in Role}
    assert len({account["password"] for account in made["accounts"]}) == len(made["accounts"])
    assert min(len(account["password"]) for account in made["accounts"]) >= 16


def test_demo_in_a_workspace_is_refused(own: Cli) -> None:
    before = own.dump()
    answer = own("demo", "--json")
    assert (answer.code, answer.out) == (2, "")
    assert own.dump() == before


# --- import ----------------------------------------------------------------------------------------------------------


def test_an_import_counts_every_sheet_and_the_second_one_changes_nothing(fresh: Cli, workbook: Workbook) -> None:
    fresh("init")
    path = workbook()
    first = fresh("import", path, "--json")
    assert first.code == 0
    assert first.json["sheets"].keys() == {kind.SHEET.heading for kind in SHEETS if not kind.SHEET.optional}
    for counts in first.json["sheets"].values():
        assert counts == {"rows": counts["rows"], "added": counts["rows"], "changed": 0, "unchanged": 0}

    before = fresh.dump()
    again = fresh("import", path, "--json")
    assert (again.code, again.json["plant"]) == (0, first.json["plant"])
    for name, counts in again.json["sheets"].items():
        rows = first.json["sheets"][name]["rows"]
        assert counts == {"rows": rows, "added": 0, "changed": 0, "unchanged": rows}
    assert fresh.dump() == before


def _edit(path: Path, sheet: str, cell: str, value: str | None) -> None:
    book = load_workbook(path)
    book[sheet][cell] = value
    book.save(path)
    book.close()


def test_a_bad_cell_is_named_and_nothing_is_imported(fresh: Cli, workbook: Workbook) -> None:
    fresh("init")
    path = workbook()
    _edit(path, "人员", "A2", None)
    before = fresh.dump()
    answer = fresh("import", path, "--json")
    assert answer.code == 1
    first = answer.json["problems"][0]
    assert (first["sheet"], first["row"], first["column"]) == ("人员", 2, "账号")
    assert first["message"]
    assert fresh.dump() == before

    words = fresh("import", path)
    assert words.code == 1
    assert "人员" in words.out
    assert "未导入任何数据" in words.err


def test_a_correction_needs_its_reason(fresh: Cli, workbook: Workbook) -> None:
    fresh("init")
    path = workbook()
    fresh("import", path)
    _edit(path, "人员", "B2", "改名")
    before = fresh.dump()
    refused = fresh("import", path, "--json")
    assert refused.code == 1
    assert (refused.json["problems"][0]["sheet"], refused.json["problems"][0]["row"]) == ("人员", 2)
    assert fresh.dump() == before

    done = fresh("import", path, "--reason", "更名", "--json")
    assert (done.code, done.json["sheets"]["人员"]["changed"]) == (0, 1)


@pytest.mark.parametrize("what", ["nowhere.xlsx", "."])
def test_a_file_that_cannot_be_read_is_wrong_use(own: Cli, tmp_path: Path, what: str) -> None:
    before = own.dump()
    answer = own("import", tmp_path / what, "--json")
    assert (answer.code, answer.out) == (2, "")
    assert own.dump() == before


def test_what_is_no_workbook_is_wrong_use(own: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 and nothing more")
    answer = own("import", tmp_path / "a.xlsx", "--json")
    assert (answer.code, answer.out) == (2, "")


# --- reconcile -------------------------------------------------------------------------------------------------------


def test_a_second_reconcile_of_a_day_writes_no_row_and_no_leaf(own: Cli) -> None:
    before = own.dump()
    again = own("reconcile", "--json")
    assert again.code == 0
    assert again.json.keys() >= {"from", "to", "opened", "closed", "statements"}
    assert (again.json["from"], again.json["to"]) == (TODAY.isoformat(), TODAY.isoformat())
    assert (again.json["opened"], again.json["closed"]) == (0, 0)
    assert own.dump() == before


def test_a_reconcile_days_ahead_moves_the_mark_through_each_day(own: Cli) -> None:
    leaves = own.count("audit_entry")
    ahead = TODAY + timedelta(days=3)
    done = own("reconcile", "--as-of", ahead, "--json")
    assert (done.json["from"], done.json["to"]) == ((TODAY + timedelta(days=1)).isoformat(), ahead.isoformat())
    assert own.count("audit_entry") == leaves + 3
    back = own("reconcile", "--as-of", TODAY, "--json")
    assert (back.code, back.json["from"]) == (0, None)


def test_a_day_before_the_mark_changes_nothing_and_says_so(own: Cli) -> None:
    before = own.dump()
    answer = own("reconcile", "--as-of", TODAY - timedelta(days=1), "--json")
    assert (answer.code, answer.json["from"], answer.json["statements"]) == (0, None, 0)
    assert f"早于已对账日 {TODAY}，未作改动" in answer.err
    assert "nothing was changed" in answer.err
    assert own.dump() == before


def test_only_a_demo_reconciles_into_the_future(fresh: Cli, workbook: Workbook) -> None:
    fresh("init")
    fresh("import", workbook())
    before = fresh.dump()
    answer = fresh("reconcile", "--as-of", TODAY + timedelta(days=1), "--json")
    assert (answer.code, answer.out) == (2, "")
    assert fresh.dump() == before
    assert fresh("reconcile", "--as-of", TODAY, "--json").code == 0


def test_reconcile_uses_the_rules_in_use_alone(own: Cli) -> None:
    before = own.dump()
    answer = own("reconcile", "--json", rules=ROOT / "rules")
    assert (answer.code, answer.out) == (2, "")
    assert "rules activate" in answer.err
    assert own.dump() == before


@pytest.mark.slow
def test_a_day_takes_the_same_few_statements_whatever_the_months_of_data(
    fresh: Cli, own: Cli, workbook: Workbook
) -> None:
    statements = {}
    for months in (3, 24):
        fresh.folder = fresh.folder.with_name(f"months-{months}")
        fresh("init", "--demo")
        assert fresh("import", workbook(months)).code == 0
        first = fresh("reconcile", "--json").json["statements"]
        second = fresh("reconcile", "--as-of", TODAY + timedelta(days=1), "--json").json["statements"]
        statements[months] = (first, second)
    assert statements[3] == statements[24]
    assert 0 < max(statements[3]) <= 80
    assert own("reconcile", "--as-of", TODAY + timedelta(days=1), "--json").json["statements"] <= 80


def test_several_plants_and_none_named_is_wrong_use(own: Cli, workbook: Workbook) -> None:
    second = own("import", workbook(seed=2), "--json").json["plant"]
    before = own.dump()
    for command in (
        ["findings"],
        ["facts"],
        ["occurrences", "--from", "2026-01-01", "--to", "2026-02-01"],
        ["explain", "NC-2026-0001"],
        ["reconcile"],
    ):
        answer = own(*command, "--json")
        assert (answer.code, answer.out) == (2, ""), command
        assert "--plant" in answer.err
        assert second in answer.err
    assert own.dump() == before

    assert own("findings", "--plant", second, "--json").json == []
    named = own("reconcile", "--plant", second, "--json")
    assert (named.code, named.json["opened"], named.json["from"]) == (0, 0, TODAY.isoformat())


# --- fsck and doctor -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("deep", [(), ("--deep",)])
def test_fsck_of_a_sound_store_is_ok(cli: Cli, deep: tuple[str, ...]) -> None:
    answer = cli("fsck", *deep, "--json")
    assert answer.code == 0
    assert answer.json["ok"] is True
    assert len(answer.json["checks"]) >= 5
    assert all(check.keys() >= {"code", "ok", "detail"} and check["ok"] is True for check in answer.json["checks"])


def test_fsck_of_a_damaged_file_says_so(own: Cli) -> None:
    victim = max(
        (p for p in (own.folder / "records" / "vault").rglob("*") if p.is_file()), key=lambda p: p.stat().st_size
    )
    victim.chmod(0o600)
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    answer = own("fsck", "--deep", "--json")
    assert answer.code in {1, 3}
    assert answer.json["ok"] is False
    assert [check["ok"] for check in answer.json["checks"]].count(False) >= 1


def test_the_doctor_names_every_check_and_what_would_mend_it(own: Cli) -> None:
    answer = own("doctor", "--json")
    assert all(check.keys() >= {"check", "ok", "message", "mend"} for check in answer.json)
    assert {check["check"] for check in answer.json} >= {"engine", "register", "rules", "calendar", "secret"}

    (own.folder / "records" / "secret").chmod(0o644)
    ill = own("doctor", "--json")
    assert ill.code == 3
    secret = next(check for check in ill.json if check["check"] == "secret")
    assert secret["ok"] is False
    assert "chmod 600" in secret["mend"]


def test_the_doctor_examines_what_does_not_even_open(fresh: Cli, own: Cli) -> None:
    nothing = fresh("doctor", "--json")
    assert (nothing.code, nothing.json[0]["check"], nothing.json[0]["ok"]) == (3, "workspace", False)

    (own.folder / "config.toml").write_text("[sever]\n", "utf-8")
    wrong = own("doctor", "--json")
    assert (wrong.code, wrong.json[0]["check"]) == (3, "bad-config")
    assert "sever" in wrong.json[0]["message"]
    assert own("findings", "--json").code == 3


# --- users -----------------------------------------------------------------------------------------------------------


def test_a_sign_in_is_added_and_listed_without_its_password(own: Cli) -> None:
    plant = own("reconcile", "--json").json["plant"]
    leaves = own.count("audit_entry")
    added = own(
        "user", "add", "li", "--plant", plant, "--person", "U004", "--role", "auditor", "--password-stdin",
        stdin=f"{PASSWORD}\n",
    )  # fmt: skip
    assert (added.code, added.out) == (0, "")
    assert own.count("audit_entry") == leaves + 1
    listed = own("user", "list", "--json")
    assert PASSWORD not in listed.out
    (li,) = [user for user in listed.json if user["login"] == "li"]
    assert li == {
        "login": "li",
        "name": "li",
        "person": "U004",
        "active": True,
        "memberships": [{"plant": plant, "role": "auditor"}],
        "mail": None,
        "codes": False,
    }
    assert PASSWORD not in str(own.dump())
    assert "li" in own("user", "list").out


def test_without_a_plant_a_sign_in_is_for_the_group_and_never_by_mistake(own: Cli) -> None:
    own("user", "add", "boss", "--role", "administrator", "--password-stdin", stdin=PASSWORD)
    (boss,) = [user for user in own("user", "list", "--json").json if user["login"] == "boss"]
    assert boss["memberships"] == [{"plant": None, "role": "administrator"}]
    before = own.dump()
    empty = own("user", "add", "x", "--plant", "", "--role", "administrator", "--password-stdin", stdin=PASSWORD)
    assert (empty.code, own.dump()) == (2, before)


@pytest.mark.parametrize(
    ("login", "password", "said"),
    [("officer", PASSWORD, "已存在"), ("li", "short", "密码"), ("li", "", "密码"), ("l i", PASSWORD, "账号")],
)
def test_a_sign_in_that_cannot_be_is_refused(own: Cli, login: str, password: str, said: str) -> None:
    before = own.dump()
    answer = own("user", "add", login, "--role", "auditor", "--password-stdin", stdin=password)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    new = [row for row in own.dump() if row not in before]
    refusals = [row for row in new if row[0] == "audit_entry"]  # wrong input leaves none, a refused act one
    assert len(refusals) == (login == "officer")
    told = {"audit_entry", "audit_node", "log_head"}  # a leaf may complete a node of the tree
    assert {row[0] for row in new} <= told


# --- rules -----------------------------------------------------------------------------------------------------------


def test_rules_check_counts_the_shipped_rules(fresh: Cli) -> None:
    answer = fresh("rules", "check", "--json")
    assert answer.code == 0
    assert answer.json["problems"] == []
    assert answer.json["rules"]["obligation"] >= 18
    assert answer.json["rules"]["finding"] >= 30
    assert not fresh.folder.exists()


def test_rules_check_names_every_problem_with_file_and_line(fresh: Cli, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    for name, old in (
        ("posts.toml", 'words  = ["内审员", "内审组长"]'),
        ("parameters.toml", 'code    = "RECURRENCE_MONTHS"\ndefault = 12'),
    ):
        text = (rules / name).read_text("utf-8")
        assert text.count(old) == 1
        (rules / name).write_text(text.replace(old, f"wrong_{old}"), "utf-8")
    answer = fresh("rules", "check", "--json", rules=rules)
    assert answer.code == 1
    assert all(p.keys() >= {"file", "line", "rule", "message"} for p in answer.json["problems"])
    assert {p["file"] for p in answer.json["problems"]} >= {"posts.toml", "parameters.toml"}
    words = fresh("rules", "check", rules=rules)
    assert words.code == 1
    assert f"posts.toml:{answer.json['problems'][-1]['line']}" in words.out


def test_activating_rules_leaves_one_leaf_and_changes_what_judges(own: Cli, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", rules)
    path = rules / "parameters.toml"
    path.write_text(path.read_text("utf-8").replace("default = 12", "default = 11", 1), "utf-8")
    leaves = own.count("audit_entry")

    assert own("rules", "activate", rules).code == 0
    assert own.count("audit_entry") == leaves + 1
    differs = next(check for check in own("doctor", "--json").json if check["check"] == "rules")
    assert "rules activate" in differs["mend"]
    shutil.rmtree(rules)  # the snapshot is kept
    assert own("findings", "--json").code == 1

    assert own("rules", "activate").code == 0  # the shipped ones again
    assert own.count("audit_entry") == leaves + 2
    unchanged = own("rules", "activate")
    assert (unchanged.code, own.count("audit_entry")) == (0, leaves + 2)
    assert "没有变化" in unchanged.err


def test_rules_whose_documents_cannot_be_made_are_not_put_into_use(own: Cli, tmp_path: Path) -> None:
    rules = shutil.copytree(ROOT / "rules", tmp_path / "rules")
    path = rules / "documents.toml"
    path.write_text(re.sub(r'(?m)^template( *)= ".*"$', r'template\1= "none.docx"', path.read_text("utf-8")), "utf-8")
    before = own.dump()
    answer = own("rules", "activate", rules)
    assert (answer.code, own.dump()) == (3, before)
    assert "none.docx" in answer.err


def test_bad_rules_are_not_put_into_use(own: Cli, tmp_path: Path) -> None:
    (tmp_path / "bad.toml").write_text("schema = 1\n[obligation.x]\n", "utf-8")
    before = own.dump()
    answer = own("rules", "activate", tmp_path)
    assert (answer.code, own.dump()) == (3, before)
