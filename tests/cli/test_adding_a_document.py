"""The tutorial on adding a document is true: its rule, its layout and its commands, one after the other."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

from docx import Document

from tests.cli.conftest import Cli
from tests.cli.test_all_documents import author_of
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
    assert "8001" in [c.text for t in made_of.tables for r in t.rows for c in r.cells]


def test_every_command_of_the_page_stands_in_its_test() -> None:
    commands = re.findall(r"^    compliance .*? (rules \w+|documents? [\w-]+)", PAGE.read_text("utf-8"), re.MULTILINE)
    told = Path(__file__).read_text(encoding="utf-8")
    assert len(commands) == 6
    for words in {tuple(c.split()) for c in commands}:
        assert '"' + '", "'.join(words) + '"' in told, words
