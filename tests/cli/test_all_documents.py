"""Every type of document of the rules as a draft of the example plant: made, readable elsewhere, and complete."""

from __future__ import annotations

import io
import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordFile

from compliance.adapters.docx.pdf import available, pdfs_of
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import OPERATOR, opened
from compliance.bootstrap.usecases import people_here
from compliance.bootstrap.worker import tick
from compliance.core.acts import PULSE
from compliance.core.documents import Context, Subject
from compliance.core.documents import issuing as issuing_module
from compliance.core.documents.desk import WrittenMeanwhile
from compliance.core.looking import choose_plant
from compliance.rulebase.schema import Document as Rule
from compliance.rulebase.schema import Finding, Vocabulary
from tests.adapters.test_samples import unwritten
from tests.cli.conftest import TODAY, Cli
from tests.conftest import ROOT
from tests.docx_files import InProcess
from tests.judging import shipped


def test_a_draft_of_every_type_is_written_and_nothing_kept(own: Cli, tmp_path: Path) -> None:
    before = own.dump()
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--json")
    assert answer.code == 0, answer.err
    assert own.dump() == before
    assert {row["document"] for row in answer.json} == {rule.id for rule in shipped().of(Rule)}
    for row in answer.json:
        text = "\n".join(p.text for p in Document(io.BytesIO(Path(row["file"]).read_bytes())).paragraphs)
        assert "【草稿】" in text, row["document"]
        wanted = {section.id for section in unwritten(row["document"])}
        lacks = {one["section"] for one in row["missing"] if one["strength"] == "shall"}
        assert lacks == (wanted if row["about"] else set()), row["document"]


def test_a_month_each_where_every_one_is_asked_for(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--every", "--json")
    months = [row["about"] for row in answer.json if row["document"] == "emissions-ledger"]
    assert months == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]


def test_a_year_that_is_none_is_refused(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", "26", "--out", tmp_path / "x")
    assert answer.code == 2
    assert not (tmp_path / "x").exists()


def test_a_plant_without_nonconformities_has_the_empty_form_of_their_report(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2019, "--out", tmp_path, "--json")
    assert answer.code == 0, answer.err
    (row,) = [row for row in answer.json if row["document"] == "nonconformity-report"]
    assert (row["about"], row["missing"], row["error"]) == ("", [], None)
    assert "不符合项处置报告" in text_of(Document(row["file"]))
    assert {row["document"] for row in answer.json} == {rule.id for rule in shipped().of(Rule)}


@pytest.mark.slow
@pytest.mark.skipif(not available() or not shutil.which("pdftotext"), reason="no LibreOffice here")
def test_every_draft_has_pages_that_say_what_the_file_says(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--json")
    files = [Path(row["file"]).read_bytes() for row in answer.json]
    for row, file, made in zip(answer.json, files, pdfs_of(files), strict=True):
        pages = tmp_path / "pages.pdf"
        pages.write_bytes(made)
        command = ["pdftotext", "-layout", str(pages), "-"]
        read = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        squeezed = "".join(read.split())
        for paragraph in Document(io.BytesIO(file)).paragraphs:
            words = "".join(paragraph.text.split())[:12]  # a line of a page at most: heads and feet come between pages
            assert words in squeezed, (row["document"], words)


def test_a_policy_is_opened_written_drafted_and_kept_from_signing_while_it_says_nothing(
    own: Cli, demo_workspace: Path, tmp_path: Path
) -> None:
    author = author_of(own, demo_workspace)
    opened = own("documents", "open", "carbon-policy", *author.who, "--json", stdin=author.password).json
    assert opened["version"] == "A/0"
    again = own("documents", "open", "carbon-policy", *author.who, "--json", stdin=author.password)
    assert again.json["refused"]["code"] == "already-opened"
    own("document", "draft")
    said = tmp_path / "statement.txt"
    said.write_text("\n", encoding="utf-8")
    number = opened["number"]
    write = ("documents", "write", number, "statement", "--file", said, *author.who, "--json")
    written = own(*write, stdin=author.password)
    assert written.json["drafted"] is False
    assert own("document", "draft", "--json").json["drafted"] == [opened["document"]]
    refused = own("document", "act", number, "submit", *author.who, "--json", stdin=author.password)
    assert refused.code == 1
    assert "R-4.3-0" in refused.json["refused"]["message"]["zh"]
    said.write_text("以数据求真，以减排求进。\n逐级落实。", encoding="utf-8")
    own(*write, stdin=author.password)
    own("document", "draft")
    out = tmp_path / "policy.docx"
    own("document", "download", number, "--out", out)
    assert "以数据求真，以减排求进。" in [p.text for p in Document(io.BytesIO(out.read_bytes())).paragraphs]
    done = own("document", "act", number, "submit", *author.who, "--json", stdin=author.password)
    assert done.json["state"] == "submitted", done.err
    told = own("document", "readers", number, "--json").json
    assert (told["parties"], told["confirmed"], told["asked"] > 5) == (["everyone"], 0, True)
    unread = own("document", "read", number, *author.who, "--json", stdin=author.password)
    assert (unread.code, unread.json["refused"]["code"]) == (1, "not-to-read")
    late = own(*write, stdin=author.password)
    assert late.json["refused"]["code"] == "not-writable"
    assert own("fsck").code == 0


def test_a_document_is_not_opened_on_what_it_cannot_be_on(own: Cli, demo_workspace: Path) -> None:
    author = author_of(own, demo_workspace)
    before = own.count("document")
    for rule, about in (("emissions-ledger", "2026"), ("emissions-ledger", "2026-13"), ("carbon-policy", "2026")):
        answer = own("documents", "open", rule, "--about", about, *author.who, "--json", stdin=author.password)
        assert answer.json["refused"]["code"] == "no-such-subject", about
    assert own.count("document") == before


@dataclass(frozen=True)
class Author:
    """Who draws documents up in the demo."""

    who: tuple[str, ...]
    password: str


def author_of(own: Cli, workspace: Path) -> Author:
    """The first sign-in that may open a document; opening one month is how it is found out."""
    told = json.loads((workspace.parent / "demo.json").read_text(encoding="utf-8"))
    for login, password in ((a["login"], a["password"]) for a in told["accounts"]):
        who = ("--as", login, "--password-stdin")
        answer = own("documents", "open", "emissions-ledger", "--about", "2026-01", *who, "--json", stdin=password)
        if answer.code == 0 or "already-opened" in answer.out:
            return Author(who, password)
    raise AssertionError("nobody opens documents")


def test_what_obligations_that_stand_open_ask_for_is_opened_and_drafted_once(own: Cli) -> None:
    waiting = {
        (one["obligation"], one["period"])
        for one in own("occurrences", "--from", TODAY, "--to", "2026-12-31", "--json").json
        if one["state"] in {"open", "overdue"}
    }
    expected = {
        (rule.id, str(int(period[:4]) + when.years_after) if rule.per == "year" else period)
        for rule in shipped().of(Rule)
        for obligation, period in waiting
        if (when := rule.drafted_when) and when.obligation == obligation and rule.per != "plant"
    }
    assert {("risk-list", "2026"), ("fuel-stocktaking", "2026-06")} <= expected
    for _ in range(2):
        with opened(own.folder) as installation:
            tick(installation)
        rows = own("documents", "list", "--json").json
        assert {(row["document"], row["about"]) for row in rows if not row["about"].startswith("9")} == expected
        assert [row["document"] for row in rows if row["about"].startswith("9")] == ["emergency-plan"]
        assert all(row["files"]["draft"] for row in rows)
    assert own("fsck", "--deep").code == 0


def test_next_years_plan_is_opened_by_this_years_duty_and_no_backlog_is(own: Cli) -> None:
    with closing(sqlite3.connect(own.folder / "records" / "register.sqlite3")) as base, base:
        moved = base.execute("update occurrence set state = 'overdue' where period in ('2025', '2026', '2026-01')")
        assert moved.rowcount > 20
    with opened(own.folder) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, None)
        desk(installation).open_due(plant, PULSE)
    rows = {(row["document"], row["about"]) for row in own("documents", "list", "--json").json}
    assert {(rule, "2027") for rule in ("implementation-plan", "monitoring-plan", "carbon-targets")} <= rows
    assert {about for _, about in rows if not about.startswith("9")} == {"2027", "2026", "2026-06"}
    assert not {("emission-report", "2025"), ("trading-strategy", "2026")} & rows


def test_in_a_demo_every_type_is_issued_by_people_who_differ_and_nowhere_else(own: Cli, demo_workspace: Path) -> None:
    answer = own("documents", "issue-all", "--json")
    assert answer.code == 0, answer.json
    assert {row["document"] for row in answer.json} == {rule.id for rule in shipped().of(Rule)}
    assert {row["state"] for row in answer.json} == {"issued"}
    for row in answer.json:
        shown = own("document", "show", row["number"], "--json").json
        signers = [step["account"] for step in shown["steps"] if step["step"] in {"submit", "review", "approve"}]
        assert len({str(one) for one in signers}) == 3, row
    (report,) = [row for row in answer.json if row["document"] == "nonconformity-report"]
    case = own("case", "nonconformity", report["about"], "--json").json
    assert case["state"] == "closed"
    by = {step["step"]: step["account"] for step in case["steps"]}
    assert len({by["complete"], by["approve-plan"]}) == len({by["complete"], by["verify"]}) == 2
    policy = next(row["number"] for row in answer.json if row["document"] == "carbon-policy")
    author = author_of(own, demo_workspace)
    for _ in range(2):
        read = own("document", "read", policy, *author.who, "--json", stdin=author.password)
        assert (read.code, read.json["number"]) == (0, policy), read.err
    told = own("document", "readers", policy, "--json").json
    assert (told["confirmed"], told["percent"]) == (1, 100 // told["asked"])
    again = own("documents", "issue-all", "--json")
    assert [row["number"] for row in again.json] == [row["number"] for row in answer.json]
    assert own("fsck", "--deep").code == 0
    (own.folder / "records" / "demo").unlink()
    assert own("documents", "issue-all").code == 2


def test_a_type_of_which_there_is_no_record_is_told_and_is_no_failure(
    own: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = next(rule for rule in shipped().of(Rule) if rule.id == "receipt-form")
    monkeypatch.setattr(issuing_module, "latest_of_each", lambda *_a, **_k: [(rule, Subject(rule.per, ""))])
    answer = own("documents", "issue-all", "--json")
    assert [(row["number"], row["state"], row["error"]["code"]) for row in answer.json] == [("", "", "nothing-yet")]
    assert (answer.code, own.count("document")) == (0, 0)
    assert "尚无" in own("documents", "issue-all").out


def test_each_document_says_what_the_register_says(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--json")
    files = {row["document"]: Document(row["file"]) for row in answer.json}
    figures = own("figures", "--as-of", TODAY, "--json").json["figures"]
    cells = [c.text for t in files["emissions-ledger"].tables for r in t.rows for c in r.cells]
    assert f"{Decimal(figures['E_LINE/K1/2026-05']):,.2f}" in cells
    sources = {r.cells[1].text for t in files["source-list"].tables if len(t.columns) > 9 for r in list(t.rows)[1:]}
    assert sources == {f["number"] for f in own("facts", "--as-of", TODAY, "--kind", "emission-source", "--json").json}
    with closing(sqlite3.connect(own.folder / "records" / "register.sqlite3")) as base:
        accounts = [account for (account,) in base.execute("select distinct account from person_period")]
    assert len(accounts) > 20
    raw = re.compile(rf"\bOB-\w+|[A-Z]{{2,}}_[A-Z]+|\b(?:True|False|None|{'|'.join(accounts)})\b")
    assert {name: found for name, file in files.items() if (found := raw.findall(text_of(file)))} == {}


def test_a_report_lists_the_findings_that_its_rule_names_and_says_in_words_what_they_are(
    own: Cli, tmp_path: Path
) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--json")
    files = {row["document"]: Document(row["file"]) for row in answer.json}
    evaluated, audited = (listed(files[name]) for name in ("compliance-evaluation-report", "data-audit-report"))
    titles = {rule.situation: set[str]() for rule in shipped().of(Finding)}
    for rule in shipped().of(Finding):
        titles[rule.situation].add(rule.title.zh)
    assert all(row["情形"] in titles[row["代码"]] for row in [*evaluated, *audited])
    of_data = {f.situation for f in shipped().of(Finding) if f.then.category == "C" or f.source.clause[:3] == "7.2"}
    assert {row["代码"] for row in audited} <= of_data
    assert len(audited) > 5
    assert len({row["代码"] for row in evaluated} - of_data) > 5
    meant = next(v for v in shipped().of(Vocabulary) if v.id == "nonconformity-category-meaning")
    for name in ("compliance-evaluation-report", "audit-report", "improvement-report"):
        legend = next((p.text for p in files[name].paragraphs if p.text.startswith("类别：A ")), "")
        assert [w.zh for w in meant.words if w.zh not in legend] == [], name


def listed(file: WordFile) -> list[dict[str, str]]:
    """The rows of the list of findings."""
    (table,) = [t for t in file.tables if t.rows[0].cells[1].text == "情形"]
    heads = [cell.text for cell in table.rows[0].cells]
    return [dict(zip(heads, (c.text for c in row.cells), strict=True)) for row in list(table.rows)[1:]]


def test_what_is_on_a_record_says_the_year_that_it_belongs_to(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2025, "--out", tmp_path, "--json")
    said = {
        row["document"]: re.search(r"所属期间[\n：](.*)", text_of(Document(row["file"])))
        for row in answer.json
        if row["document"] in {"compliance-report", "allowance-changes", "ccer-changes", "audit-report"}
        and row["about"]
    }
    assert said
    assert {name: found and found[1] for name, found in said.items()} == dict.fromkeys(said, "2025年")


def text_of(file: WordFile) -> str:
    """What the paragraphs and tables of a document say."""
    return "\n".join(
        [*(p.text for p in file.paragraphs), *(c.text for t in file.tables for r in t.rows for c in r.cells)]
    )


def test_what_is_written_while_a_draft_is_made_is_never_left_out_of_it(own: Cli, demo_workspace: Path) -> None:
    author = author_of(own, demo_workspace)
    own("documents", "open", "carbon-policy", *author.who, stdin=author.password)
    with opened(own.folder) as installation:
        at = desk(installation)
        with installation.register.read() as reads:
            plant = choose_plant(reads, None)
        person = next(p for p in people_here(installation, plant) if p.login == author.who[1])

        class Slow(InProcess):
            """Somebody writes while the file is made."""

            def render(self, template: bytes, context: Context) -> bytes:
                at.write(plant, person, "POL-2026-01", "statement", "后来写的。")
                return super().render(template, context)

        with pytest.raises(WrittenMeanwhile):
            replace(at, renderer=Slow()).draft(plant, "POL-2026-01", OPERATOR)
        version = at.draft(plant, "POL-2026-01", OPERATOR)
        assert "后来写的。" in at.text(version)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('word = "内外部环境评审"', 'word = "环境评审"', "内外部环境评审"),
        ('column = "type"', 'column = "kind"', "没有可选词的列"),
        ('must         = ["factor", "state", "effect", "response"]', 'must         = ["factor", "states"]', "states"),
    ],
)
def test_a_rule_that_means_records_or_columns_that_are_not_there_is_refused(
    own: Cli, tmp_path: Path, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    path = folder / "documents" / "context.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    answer = own("rules", "check", rules=folder)
    assert answer.code != 0
    assert said in answer.out + answer.err


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("documents/evaluation.toml", 'categories = ["C"]', 'categories = ["F"]', "nonconformity-category"),
        ("documents/evaluation.toml", 'categories = ["C"], chapters', "numbers", "categories"),
        (
            "vocabularies.toml",
            '  { id = "substituted", zh = "含替代值", en = "substitutes in it" },\n',
            "",
            "substituted",
        ),
    ],
)
def test_findings_and_words_of_documents_that_there_are_not_are_refused(
    own: Cli, tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    answer = own("rules", "check", rules=folder)
    assert answer.code != 0
    assert said in answer.out + answer.err


@pytest.mark.parametrize(
    ("written", "shows"),
    [
        ('default = "每年一次。"', "text.training"),
        ('kind = "table"\ncolumns = [{ id = "day", zh = "日期", en = "day" }]\nrows = [["3 月"]]', "table.training"),
    ],
)
def test_the_shipped_template_shows_every_section_that_its_rule_demands(
    own: Cli, tmp_path: Path, written: str, shows: str
) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    file = folder / "documents" / "improvement.toml"
    before = file.read_text(encoding="utf-8")
    block = '[[document.fuel-stocktaking.sections]]\nid = "training"\ntitle = { zh = "培训", en = "Training" }\n'
    block += 'requirements = ["R-C.4-d"]\n'
    file.write_text(f'{before}\n{block}{written}\nstrength = "should"\n', encoding="utf-8")
    assert own("rules", "check", "--json", rules=folder).json["problems"] == []  # what is advised may be left out
    file.write_text(f'{before}\n{block}{written}\nstrength = "shall"\n', encoding="utf-8")
    answer = own("rules", "check", "--json", rules=folder)
    (problem,) = answer.json["problems"]
    assert answer.code == 1
    assert (problem["file"], problem["rule"]) == ("documents/improvement.toml", "fuel-stocktaking")
    for said in (
        f"fuel_stocktaking.docx：缺少应有的内容“培训”（training, R-C.4-d）；模板应显示 {shows}",
        f"the required section 'Training' is left out (training, R-C.4-d); the template is to show {shows}",
    ):
        assert said in problem["message"]
