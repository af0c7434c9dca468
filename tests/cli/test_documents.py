"""document act, issue, download: a report is signed by three persons, issued, and its pages say what the data say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from docx import Document

from compliance.adapters.docx.pdf import available
from compliance.kernel.canonical import digest
from tests.cli.conftest import TODAY, Answer, Cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # each command opens an installation


@pytest.fixture
def passwords(demo_workspace: Path) -> dict[str, str]:
    made = json.loads((demo_workspace.parent / "demo.json").read_text("utf-8"))
    head = next(a["person"] for a in made["accounts"] if a["login"] == "head")
    return {a["login"]: a["password"] for a in made["accounts"]} | {"head's account": head}


@pytest.fixture
def report(own: Cli, passwords: dict[str, str]) -> str:
    """The number of a report: its nonconformity is closed by command, and it is drafted."""
    number = own("findings", "--json").json[0]["nonconformity"]
    owner = passwords["head's account"]
    proof = own.folder.parent / "proof.pdf"
    proof.write_bytes(b"%PDF-1.7 certificate")
    for who, step, values in (
        ("officer", "grade", {"extent": "涉及两个月数据"}),
        ("head", "contain", {"containment": "停用该器具"}),
        ("head", "analyse", {"cause": "未列入提醒", "cause_code": "M-02"}),
        ("head", "plan", {"action": "送检", "owner": owner, "due": f"{TODAY:%Y}-12-05", "criterion": "证书有效"}),
        ("deputy", "approve-plan", {}),
        ("head", "start", {}),
        ("head", "complete", {"completed": TODAY.isoformat()}),
        ("auditor", "verify", {"verification": "证书有效", "verified": TODAY.isoformat()}),
        ("deputy", "close", {}),
    ):
        given = [part for name, value in values.items() for part in ("--field", f"{name}={value}")]
        files = ("--file", proof) if step == "complete" else ()
        proven = ("--as", who, "--password-stdin", "--json")
        taken = own("act", "nonconformity", number, step, *given, *files, *proven, stdin=passwords[who])
        assert taken.code == 0, (step, taken.err)
    assert own("document", "draft", "--json").json["failed"] == []
    (made,) = own("document", "list", "--json").json
    assert made["about"] == number
    return str(made["number"])


def sign(cli: Cli, passwords: dict[str, str], who: str, *arguments: object) -> Answer:
    proven = ("--as", who, "--password-stdin", "--json")
    return cli("document", *arguments, *proven, stdin=passwords[who])


@pytest.fixture
def issued(own: Cli, passwords: dict[str, str], report: str) -> str:
    for who, step in (("officer", "submit"), ("auditor", "review"), ("deputy", "approve")):
        taken = sign(own, passwords, who, "act", report, step)
        assert taken.code == 0, (step, taken.err)
    itself = sign(own, passwords, "auditor", "issue", report, "--effective", TODAY.isoformat())
    assert (itself.code, itself.json["refused"]["code"]) == (1, "may-not-take")
    taken = sign(own, passwords, "controller", "issue", report, "--effective", TODAY.isoformat())
    assert (taken.code, taken.json["state"]) == (0, "issued"), taken.err
    return report


def test_a_report_is_signed_issued_and_written_out(own: Cli, issued: str) -> None:
    out = own.folder.parent / "issued.docx"
    told = own("document", "download", issued, "--out", out, "--json")
    assert told.code == 0, told.err
    assert told.json["sha256"] == digest(out.read_bytes())
    rows = [[c.text for c in row.cells] for table in Document(str(out)).tables for row in table.rows]
    shown = own("document", "show", issued, "--json").json
    signed = shown["steps"][:3]
    assert [s["login"] for s in signed] == ["officer", "auditor", "deputy"]
    for side, step in zip(("编制", "审核", "批准"), signed, strict=True):
        assert [r[2] for r in rows if r[0] == side] == [step["name"]]
    assert [r[1] for r in rows if r[0] == "文件编号"] == [issued]
    assert own("fsck", "--json").json["ok"]


@pytest.mark.skipif(not available(), reason="no LibreOffice on this machine")
def test_the_pages_say_what_the_file_says(own: Cli, passwords: dict[str, str], issued: str) -> None:
    pages, out = own.folder.parent / "issued.pdf", own.folder.parent / "issued.docx"
    assert own("document", "download", issued, "--pdf", "--out", pages, "--json").code == 0
    assert own("document", "download", issued, "--out", out, "--json").code == 0
    reader = shutil.which("pdftotext")
    assert reader is not None, "install poppler-utils"
    text = subprocess.run([reader, "-raw", str(pages), "-"], capture_output=True, check=True).stdout.decode()
    said, made = re.sub(r"\s", "", text), Document(str(out))
    for paragraph in made.paragraphs:
        assert re.sub(r"\s", "", paragraph.text) in said, paragraph.text
    for word in (issued, "涉及两个月数据", "未列入提醒"):
        assert word in said
    cells = [c.text for table in made.tables for row in table.rows for c in row.cells]
    missing = [c for c in cells if re.sub(r"\s", "", c) not in said]
    assert missing == []
    stored = own("document", "download", issued, "--pdf", "--out", pages, "--json").json["sha256"]
    assert stored == digest(pages.read_bytes())
    # Once it has ended its pages say so, each of them; the stored ones stay what they were.
    for who, step in (("officer", "ask-withdrawal"), ("deputy", "withdraw")):
        assert sign(own, passwords, who, "act", issued, step, "--reason", "误发").code == 0
    assert own("document", "download", issued, "--pdf", "--out", pages, "--json").json["sha256"] != stored
    text = subprocess.run([reader, "-raw", str(pages), "-"], capture_output=True, check=True).stdout.decode()
    assert "已作废" in text
    assert "已作废" not in said
    assert own("document", "download", issued, "--pdf", "--stored", "--out", pages, "--json").json["sha256"] == stored
