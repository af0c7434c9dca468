"""rules standards, and a pack from lying ready to a duty that was met, and back to nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compliance.bootstrap.installation import OPERATOR, opened
from compliance.bootstrap.usecases import enter_post
from compliance.core.duties import people_of
from compliance.core.imports import Entry
from tests.cli.conftest import TODAY, Cli
from tests.cli.test_acting import PASSWORD, act, key
from tests.conftest import ROOT

pytestmark = pytest.mark.slow  # each command opens an installation

POST = "环境管理体系负责人"
YEAR = ("--from", f"{TODAY:%Y}-01-01", "--to", f"{TODAY:%Y}-12-31", "--json")


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """The shipped rules with the pack in use."""
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    switch = folder / "packs" / "gbt-24001" / "standard.toml"
    switch.write_text(switch.read_text("utf-8").replace("in_use     = false", "in_use     = true"), "utf-8")
    return folder


def appoint(cli: Cli, account: str) -> None:
    """Give a person the post of the pack beside their own, from today on."""
    with opened(cli.folder) as at:
        with at.register.read() as reads:
            plant = reads.plants()[0]
            people = people_of(reads, plant)
        posts = "、".join((*people.posts(account, TODAY), POST))
        given = {"account": account, "name": people.name(account), "department": people.department(account, TODAY)}
        start = {"since": min(people.turns(account)).isoformat(), "posts": posts}
        values = {name: str(value) for name, value in (given | start).items()}
        enter_post(at, plant, Entry("person_period", values, "任命"), OPERATOR)


def choose(cli: Cli) -> None:
    fields = ("--field", "item=采用环境管理体系", "--field", "content=是")
    answer = cli("enter", "company_item", "--as", "chief", "--password-stdin", "--json", *fields, stdin=PASSWORD)
    assert answer.code == 0, (answer.err, answer.out)


def duties(cli: Cli) -> set[str]:
    return {str(o["code"]) for o in cli("occurrences", *YEAR).json if str(o["code"]).startswith("EMS-")}


def test_the_shipped_rules_are_of_one_standard_and_a_skeleton_lies_ready(cli: Cli) -> None:
    main, pack = cli("rules", "standards", "--json").json
    assert (main["pack"], main["in_use"], main["skeleton"], main["requirements"]) == ("", True, False, 277)
    assert (pack["code"], pack["in_use"], pack["skeleton"], pack["gaps"]) == ("GB/T 24001", False, True, 0)
    assert "骨架 skeleton" in cli("rules", "standards").out
    (followed,) = cli("rules", "standards", "--plant", key(cli), "--json").json
    assert (followed["code"], followed["followed"]) == (main["code"], True)


def test_coverage_is_of_one_standard_at_a_time(cli: Cli, rules: Path) -> None:
    plain = cli("rules", "coverage", "--json").json
    beside = cli("rules", "coverage", "--json", rules=rules).json
    assert beside["requirements"] == plain["requirements"]
    assert len(plain["requirements"]) == 277
    assert [s["requirements"] for s in beside["standards"]] == [277, 28]
    other = cli("rules", "coverage", "--standard", "GB/T 24001", "--json", rules=rules)
    assert (other.code, other.json["standard"]["id"], len(other.json["requirements"])) == (0, "gbt-24001", 28)
    assert cli("rules", "coverage", "--standard", "gbt-24001").code == 0  # what lies ready is shown too
    unknown = cli("rules", "coverage", "--standard", "ISO 9001")
    assert (unknown.code, unknown.out) == (2, "")
    assert "GB/T 24001" in unknown.err


def test_a_pack_that_lies_ready_is_checked_all_the_same(cli: Cli, rules: Path) -> None:
    pack = rules / "packs" / "gbt-24001"
    switch = pack / "standard.toml"
    switch.write_text(switch.read_text("utf-8").replace("in_use     = true", "in_use     = false"), "utf-8")
    assert cli("rules", "check", rules=rules).code == 0
    text = (pack / "rules.toml").read_text("utf-8")
    (pack / "rules.toml").write_text(text.replace('owner    = "ems-manager"', 'owner    = "nobody"', 1), "utf-8")
    answer = cli("rules", "check", "--json", rules=rules)
    assert answer.code == 1
    assert {p["file"] for p in answer.json["problems"]} == {"packs/gbt-24001/rules.toml"}


def test_a_duty_of_the_pack_is_met_and_the_pack_goes_without_a_trace(own: Cli, rules: Path, tmp_path: Path) -> None:
    plant = key(own)
    for login, person, role in (
        ("keeper", "U004", "compliance-officer"),
        ("second", "U005", "compliance-officer"),
        ("chief", "U003", "department"),
    ):
        asked = ("--role", role, "--plant", plant, "--person", person, "--password-stdin")
        assert own("user", "add", login, *asked, stdin=PASSWORD).code == 0
    before = own("occurrences", *YEAR).json
    assert own("rules", "activate", rules).code == 0
    own("reconcile")
    others = [{**o, "rule": None} for o in before]
    assert [{**o, "rule": None} for o in own("occurrences", *YEAR).json] == others  # nobody chose it

    appoint(own, "U004")
    appoint(own, "U005")
    choose(own)
    own("reconcile")
    assert duties(own) == {"EMS-MR", "EMS-IA", "EMS-CE"}
    assert own("rules", "standards", "--plant", plant, "--json").json[1]["followed"] is True
    told = own("explain", f"EMS-IA/{plant}/{TODAY:%Y}", "--json").json
    assert told["standard"]["code"] == "GB/T 24001"

    report = tmp_path / "audit.pdf"
    report.write_bytes(b"%PDF-1.7 audit")
    name = next(o["id"] for o in own("occurrences", *YEAR).json if o["code"] == "EMS-IA")
    for who, step, *more in (
        ("keeper", "submit", "--file", f"{report}@{TODAY}"),
        ("second", "check"),
        ("chief", "approve"),
    ):
        answer = act(own, who, "occurrence", name, step, *more)
        assert answer.code == 0, (who, step, answer.err)
    done = {o["code"]: (o["state"], o["done_on"]) for o in own("occurrences", *YEAR).json}
    assert done["EMS-IA"] == ("done", TODAY.isoformat())
    stands = own("rules", "coverage", "--standard", "gbt-24001", "--plant", plant, "--json").json
    assert {r["requirement"]: r["standing"] for r in stands["requirements"]}["EMS-9.2.1"] == "met"

    shutil.rmtree(rules / "packs")
    assert own("rules", "activate", rules).code == 0
    own("reconcile")
    assert duties(own) == set()
    assert [{**o, "rule": None} for o in own("occurrences", *YEAR).json] == others
    assert len(own("rules", "standards", "--plant", plant, "--json").json) == 1
    assert not any(str(f["situation"]).startswith("EMS") for f in own("findings", "--json").json)
    assert own("rules", "coverage", "--standard", "gbt-24001", "--plant", plant).code == 2
    assert own("fsck", "--deep", "--json").json["ok"]
