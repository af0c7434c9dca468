"""enter: one row of data on the command line, by a person who may."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Answer, Cli, Once
from tests.cli.test_acting import PASSWORD, key

pytestmark = pytest.mark.slow  # each command opens an installation


@pytest.fixture
def entering(own: Cli, once: Once) -> Cli:
    return once(own, peopled)


def peopled(cli: Cli) -> None:
    """Add the sign-ins."""
    plant = key(cli)
    for login, role in (("meter", "department"), ("looker", "verifier")):
        added = cli("user", "add", login, "--role", role, "--plant", plant, "--password-stdin", stdin=PASSWORD)
        assert added.code == 0, added.err


def enter(cli: Cli, who: str, *fields: str, reason: str = "", password: str = PASSWORD) -> Answer:
    pairs = [part for field in fields for part in ("--field", field)]
    why = ("--reason", reason) if reason else ()
    return cli(
        "enter", "instrument_check", "--as", who, "--password-stdin", "--json", *pairs, *why, stdin=password + "\n"
    )


def checked(cli: Cli) -> tuple[str, tuple[str, ...]]:
    """A key instrument that was not checked last month, and the fields of its check."""
    found = next(f for f in cli("findings", "--json").json if f["situation"] == "L-11b")
    fields = (
        "number=XY-9001",
        f"instrument={found['subject']}",
        "type=月度校验",
        f"on={found['period']}-28",
        "result=合格",
    )
    return str(found["id"]), fields


def test_an_entered_check_clears_its_finding(entering: Cli) -> None:
    finding, fields = checked(entering)
    answer = enter(entering, "meter", *fields)
    assert (answer.code, answer.json["added"], answer.json["table"]) == (0, 1, "instrument_check")
    assert finding not in {f["id"] for f in entering("findings", "--json").json}
    assert entering("fsck", "--deep").code == 0


def test_a_bad_field_is_named_and_a_correction_asks_for_a_reason(entering: Cli) -> None:
    _, fields = checked(entering)
    before = entering.count("instrument_check")
    wrong = enter(entering, "meter", *fields[:-1], "result=好")
    assert (wrong.code, wrong.json["refused"]["code"]) == (1, "not-taken")
    assert "结论" in wrong.json["refused"]["message"]["zh"]
    assert entering.count("instrument_check") == before
    assert enter(entering, "meter", *fields).code == 0
    assert enter(entering, "meter", *fields[:-1], "result=不合格").code == 1
    assert enter(entering, "meter", *fields[:-1], "result=不合格", reason="录入错误").json["changed"] == 1


def test_a_parameter_that_means_nothing_is_not_entered(entering: Cli) -> None:
    def set_to(value: str) -> Answer:
        fields = ("--field", "code=NEXT_YEAR_MONTH", "--field", f"value={value}")
        who = ("--as", "meter", "--password-stdin", "--json")
        return entering("enter", "plant_factor", *who, *fields, stdin=PASSWORD + "\n")

    for value in ("13", "0"):
        refused = set_to(value)
        assert (refused.code, refused.json["refused"]["code"]) == (1, "not-taken")
        assert refused.json["refused"]["message"]["en"].endswith(f"{value} means nothing; it may be 1…12")
    assert set_to("11").json["added"] == 1


def test_a_name_that_is_no_column_is_refused_rather_than_dropped(entering: Cli) -> None:
    _, fields = checked(entering)
    before = entering.count("instrument_check")
    refused = enter(entering, "meter", *fields, "day=2026-01-01", "certified=是")
    assert refused.code == 2
    assert "“certified, day”" in refused.err
    assert entering.count("instrument_check") == before


def test_who_only_looks_enters_nothing(entering: Cli) -> None:
    _, fields = checked(entering)
    before = entering.count("instrument_check")
    refused = enter(entering, "looker", *fields)
    assert (refused.code, refused.json["refused"]["code"]) == (1, "may-not")
    assert enter(entering, "meter", *fields, password="wrong wrong").code == 1
    assert entering.count("instrument_check") == before


def test_master_data_are_not_offered(entering: Cli) -> None:
    answer = entering("enter", "person_period", "--as", "meter", "--password-stdin", stdin=PASSWORD)
    assert answer.code == 2
