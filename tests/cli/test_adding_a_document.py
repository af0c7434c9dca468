"""The tutorial on adding a document is true: its rule, its layout and its commands, one after the other."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docx import Document
from docx.document import Document as WordFile

from compliance.kernel.canonical import digest
from tests.cli.conftest import Cli
from tests.cli.test_all_documents import Author, author_of
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "adding-a-document.md"


def fence(language: str, number: int = 0) -> str:
    """A block of the page."""
    text = PAGE.read_text(encoding="utf-8")
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return found[number]


def test_the_page_adds_a_document_without_a_program(own: Cli, demo_workspace: Path, tmp_path: Path) -> None:
    rules, layout, sample = tmp_path / "my-rules", tmp_path / "visitor_notice.toml", tmp_path / "sample.txt"
    shutil.copytree(ROOT / "rules", rules)
    (rules / "documents" / "visitors.toml").write_text(fence("toml"), encoding="utf-8")
    answer = own("rules", "check", rules=rules)
    assert answer.code == 1
    assert "visitor_notice.docx" in answer.out

    layout.write_text(fence("toml", 1), encoding="utf-8")
    sample.write_text(fence("text"), encoding="utf-8")
    folder = own.folder / "doc_templates"
    folder.mkdir()
    script = [sys.executable, str(ROOT / "doc_templates" / "make_templates.py"), str(folder), str(layout)]
    subprocess.run(script, check=True, timeout=60)
    assert [path.name for path in folder.iterdir()] == ["visitor_notice.docx"]

    answer = own("rules", "check", rules=rules)
    assert answer.code == 0, answer.out
    made = own("documents", "draft-all", "--year", 2026, "--out", tmp_path / "drafts", "--json", rules=rules)
    (row,) = (r for r in made.json if r["document"] == "visitor-notice")
    assert row["error"] is None
    text = [p.text for p in Document(io.BytesIO(Path(row["file"]).read_bytes())).paragraphs]
    assert "【草稿】" in text
    assert "未经许可，不得触碰计量器具和取样装置。" in text

    assert own("rules", "activate", rules).code == 0
    who = author_of(own, demo_workspace)
    opened = own("documents", "open", "visitor-notice", "--about", 2026, *who.who, "--json", stdin=who.password)
    assert opened.json["number"] == "VIS-2026-01", opened.err
    own("documents", "write", "VIS-2026-01", "notice", "--file", sample, *who.who, stdin=who.password)
    assert own("document", "draft").code == 0
    out = tmp_path / "notice.docx"
    assert own("document", "download", "VIS-2026-01", "--out", out).code == 0
    made_of = Document(io.BytesIO(out.read_bytes()))
    assert fence("text").strip() in [p.text for p in made_of.paragraphs]
    assert "8001" in cells(made_of)
    signed_and_issued(own, demo_workspace, who, tmp_path)


def signed_and_issued(own: Cli, demo_workspace: Path, author: Author, folder: Path) -> None:
    """The steps of the page, each by whom its rule names: three persons; then what was issued is read."""
    signers = {"AUTHOR": author}
    early = own("document", "act", "VIS-2026-01", "approve", *author.who, "--json", stdin=author.password)
    assert (early.code, early.json["refused"]["code"]) == (1, "may-not-take")
    for step, post in re.findall(r"document act VIS-2026-01 (\w+) --as (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE):
        tried = [signers[post]] if post in signers else everybody(demo_workspace)
        for one in tried:
            taken = own("document", "act", "VIS-2026-01", step, *one.who, "--json", stdin=one.password)
            if taken.code == 0:
                signers[post] = one
                break
            assert taken.json["refused"]["code"] == "may-not-take", (step, taken.err)
    assert list(signers) == ["AUTHOR", "REVIEWER", "APPROVER"]
    (day,) = re.findall(
        r"document issue VIS-2026-01 --effective (\S+) --as AUTHOR$", PAGE.read_text("utf-8"), re.MULTILINE
    )
    told = own("document", "issue", "VIS-2026-01", "--effective", day, *author.who, "--json", stdin=author.password)
    assert (told.code, told.json["state"]) == (0, "issued"), told.err

    shown = own("document", "show", "VIS-2026-01", "--json").json
    taken_by = {step["step"]: step["login"] for step in shown["steps"]}
    assert taken_by == dict(zip(("submit", "review", "approve"), (s.who[1] for s in signers.values()), strict=True)) | {
        "issue": author.who[1]
    }
    assert len({step["account"] for step in shown["steps"]}) == 3
    out = folder / "issued.docx"
    told = own("document", "download", "VIS-2026-01", "--out", out, "--json")
    assert told.json["sha256"] == digest(out.read_bytes())
    issued = Document(str(out))
    assert "【草稿】" not in [p.text for p in issued.paragraphs]
    assert fence("text").strip() in [p.text for p in issued.paragraphs]
    assert {"8001", "VIS-2026-01", "A/0", *(step["name"] for step in shown["steps"])} <= set(cells(issued))
    assert own("fsck", "--json").json["ok"]


def everybody(demo_workspace: Path) -> list[Author]:
    """Every sign-in of the demo."""
    told = json.loads((demo_workspace.parent / "demo.json").read_text(encoding="utf-8"))
    return [Author(("--as", a["login"], "--password-stdin"), a["password"]) for a in told["accounts"]]


def cells(file: WordFile) -> list[str]:
    """What the tables of a document say."""
    return [c.text for table in file.tables for row in table.rows for c in row.cells]


def test_every_command_of_the_page_stands_in_its_test() -> None:
    commands = re.findall(r"^    compliance .*? (rules \w+|documents? [\w-]+)", PAGE.read_text("utf-8"), re.MULTILINE)
    told = Path(__file__).read_text(encoding="utf-8")
    assert len(commands) == 12
    for words in {tuple(c.split()) for c in commands}:
        assert '"' + '", "'.join(words) + '"' in told, words
