"""act, case, nonconformity raise: a person proves themselves each time, and every refusal is told and on the trail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import TODAY, Answer, Cli, Once

pytestmark = pytest.mark.slow  # each command opens an installation

PASSWORD = "correct horse battery"
PERIOD = f"{TODAY:%Y-%m}"
#: Login → account and role: two of the carbon department's, the representative, a head, somebody who only looks.
PEOPLE = {
    "keeper": ("U004", "compliance-officer"),
    "second": ("U005", "compliance-officer"),
    "chief": ("U003", "department"),
    "looker": (None, "verifier"),
}


@pytest.fixture
def acting(own: Cli, once: Once) -> Cli:
    return once(own, peopled)


def peopled(cli: Cli) -> None:
    """Add the sign-ins."""
    plant = key(cli)
    for login, (person, role) in PEOPLE.items():
        named = ("--person", person) if person else ()
        answer = cli("user", "add", login, "--role", role, "--plant", plant, *named, "--password-stdin", stdin=PASSWORD)
        assert answer.code == 0, answer.err


def key(cli: Cli) -> str:
    return str(cli("reconcile", "--json").json["plant"])


def act(cli: Cli, who: str, *arguments: object, password: str = PASSWORD) -> Answer:
    return cli("act", *arguments, "--as", who, "--password-stdin", "--json", stdin=password + "\n")


def open_occurrence(cli: Cli) -> str:
    """A duty of the carbon department that nobody has met yet; daily ones have no approver."""
    asked = ("--from", f"{TODAY:%Y}-01-01", "--to", f"{TODAY:%Y}-12-31", "--json")
    return next(
        str(o["id"])
        for o in cli("occurrences", *asked).json
        if o["state"] == "open" and o["owner"] == "carbon-department" and o["code"][:4] != "OB-D"
    )


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    path = tmp_path / "月报.pdf"
    path.write_bytes(b"%PDF-1.7 report")
    return path


def test_a_file_that_the_plant_keeps_needs_no_upload(acting: Cli, evidence: Path) -> None:
    name = open_occurrence(acting)
    assert act(acting, "keeper", "occurrence", name, "submit", "--file", f"{evidence}@2026-06-12").code == 0
    assert act(acting, "second", "occurrence", name, "return", "--reason", "再核").code == 0
    (kept,) = acting("case", "occurrence", name, "--json").json["steps"][0]["files"]
    given = ("--field", "evidence_day=2026-06-13")
    unknown = act(acting, "keeper", "occurrence", name, "submit", *given, "--existing", "0" * 64)
    assert unknown.code == 2
    again = act(acting, "keeper", "occurrence", name, "submit", *given, "--existing", kept["sha256"])
    assert (again.code, again.json["state"]) == (0, "submitted")
    assert acting("case", "occurrence", name, "--json").json["steps"][2]["files"] == [kept]


def test_an_occurrence_goes_from_hand_to_hand(acting: Cli, evidence: Path) -> None:
    name = open_occurrence(acting)
    handed_in = act(acting, "keeper", "occurrence", name, "submit", "--file", f"{evidence}@2026-06-12")
    assert handed_in.code == 0, handed_in.err
    assert handed_in.json.keys() == {"case", "state", "step", "seq", "digest"}
    assert (handed_in.json["state"], handed_in.json["step"], handed_in.json["seq"]) == ("submitted", "submit", 0)

    itself = act(acting, "keeper", "occurrence", name, "check")
    assert (itself.code, itself.json["refused"]["code"]) == (1, "may-not-take")
    assert "另一人" in itself.json["refused"]["message"]["zh"]
    assert "another person" in itself.err

    assert act(acting, "second", "occurrence", name, "check", "--field", "note=一致").code == 0
    assert act(acting, "chief", "occurrence", name, "approve").json["state"] == "accepted"
    looked = acting("case", "occurrence", name, "--json").json
    assert looked["state"] == "accepted"
    assert looked["next"] == []
    assert [s["login"] for s in looked["steps"]] == ["keeper", "second", "chief"]
    assert looked["fields"]["evidence_day"] == "2026-06-12"
    assert [f["name"] for f in looked["steps"][0]["files"]] == ["月报.pdf"]
    assert [bool(s["signed"]) for s in looked["steps"]] == [False, True, True]

    year = ("--from", f"{TODAY:%Y}-01-01", "--to", f"{TODAY:%Y}-12-31", "--json")
    done = {o["id"]: (o["state"], o["done_on"]) for o in acting("occurrences", *year).json}
    assert done[name] == ("done", "2026-06-12")
    before = {o["id"]: o["done_on"] for o in acting("occurrences", *year, "--as-of", "2026-06-14").json}
    assert before[name] is None
    assert acting("fsck", "--json").json["ok"]


def test_the_wrong_password_acts_for_nobody(acting: Cli, evidence: Path) -> None:
    name = open_occurrence(acting)
    steps, leaves = acting.count("case_step"), acting.count("audit_entry")
    refused = act(acting, "keeper", "occurrence", name, "submit", "--file", evidence, password="wrong")
    assert (refused.code, refused.json["refused"]["code"]) == (1, "sign-in-refused")
    assert (acting.count("case_step"), acting.count("audit_entry")) == (steps, leaves + 1)
    stranger = act(acting, "nobody", "occurrence", name, "submit")
    assert (stranger.code, stranger.json["refused"]["code"]) == (1, "sign-in-refused")


def test_a_refusal_leaves_one_leaf_on_the_plants_log_and_no_file(acting: Cli, evidence: Path) -> None:
    name = open_occurrence(acting)
    before = acting.dump()
    refused = act(acting, "looker", "occurrence", name, "submit", "--file", f"{evidence}@2026-06-12")
    assert (refused.code, refused.json["refused"]["code"]) == (1, "may-not-take")
    new = [row for row in acting.dump() if row not in before]
    assert sum("occurrence:refused" in map(str, row) for row in new) == 1
    assert not [row for row in new if row[0] in {"case_step", "work_case", "object"}]
    assert not [row for row in new if str(row[0]).startswith("/") and "vault" in str(row[0])]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-step"], "no-such-step"),
        (["submit", "--field", "colour=red"], "colour"),
        (["submit", "--field", "evidence_day=12.06.2026"], "2026-01-31"),
        (["submit", "--field", "evidence_day=2026-06-16"], "今天"),
        (["submit", "--file", "nowhere.pdf"], "nowhere.pdf"),
        (["check", "--file", "README.md"], "--file"),
    ],
)
def test_wrong_use_changes_nothing(acting: Cli, arguments: list[str], said: str) -> None:
    name = open_occurrence(acting)
    steps = acting.count("case_step")
    answer = act(acting, "keeper", "occurrence", name, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert acting.count("case_step") == steps


@pytest.mark.parametrize("name", ["OB-M10", "OB-M10/nobody/2026-05", "monthly-report/x", "NC-2026-9999"])
@pytest.mark.parametrize("kind", ["occurrence", "nonconformity"])
def test_what_is_not_there_cannot_be_worked(acting: Cli, kind: str, name: str) -> None:
    assert act(acting, "keeper", kind, name, "submit").code == 2
    assert acting("case", kind, name).code == 2


@pytest.mark.parametrize("field", ["novalue", "=x"])
def test_a_field_is_a_name_and_a_value(fresh: Cli, field: str) -> None:
    answer = fresh("act", "occurrence", "x", "submit", "--as", "li", "--field", field)
    assert (answer.code, answer.out) == (2, "")
    assert not fresh.folder.exists()


def test_a_role_in_the_group_is_a_role_here(acting: Cli, evidence: Path) -> None:
    name = open_occurrence(acting)
    assert acting("user", "add", "group", "--role", "compliance-officer", "--password-stdin", stdin=PASSWORD).code == 0
    assert act(acting, "group", "occurrence", name, "submit", "--file", f"{evidence}@2026-06-12").code == 0


def test_a_nonconformity_is_raised_graded_and_shown(acting: Cli) -> None:
    raised = acting(
        *(
            "nonconformity",
            "raise",
            "--title",
            "磅房秤未复零",
            "--category",
            category(acting),
            "--grade",
            grade(acting),
        ),
        *("--about", "occurrence:x", "--as", "keeper", "--password-stdin", "--json"),
        stdin=PASSWORD,
    )
    assert raised.code == 0, raised.err
    number = raised.json["case"]
    shown = acting("case", "nonconformity", number, "--json").json
    assert (shown["state"], shown["fields"]["fact"]) == ("opened", "磅房秤未复零")
    assert "grade" in {step["step"] for step in shown["next"]}
    graded = act(acting, "keeper", "nonconformity", number, "grade", *fields(acting))
    assert graded.json["state"] == "graded"
    assert "磅房秤未复零" in acting("case", "nonconformity", number).out
    assert acting("fsck", "--json").json["ok"]


def test_who_only_looks_raises_nothing(acting: Cli) -> None:
    tickets = acting.count("nonconformity")
    words = ("--title", "x", "--category", category(acting), "--grade", grade(acting))
    refused = acting("nonconformity", "raise", *words, "--as", "looker", "--password-stdin", "--json", stdin=PASSWORD)
    assert (refused.code, refused.json["refused"]["code"]) == (1, "may-not-raise")
    bad = acting(
        *("nonconformity", "raise", "--title", "x", "--category", "?", "--grade", grade(acting)),
        *("--as", "keeper", "--password-stdin"),
        stdin=PASSWORD,
    )
    assert bad.code == 2
    assert acting.count("nonconformity") == tickets


def category(cli: Cli) -> str:
    return str(cli("findings", "--json").json[0]["category"])


def grade(cli: Cli) -> str:
    return str(cli("findings", "--json").json[0]["grade"])


def fields(cli: Cli) -> list[str]:
    return ["--field", "fact=秤未复零", "--field", "extent=一周", "--field", f"grade={grade(cli)}"]
