"""Every type of document of the rules as a draft of the example plant: made, readable elsewhere, and complete."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from docx import Document

from compliance.adapters.docx.pdf import available, pdf_of
from compliance.rulebase.schema import Document as Rule
from tests.cli.conftest import Cli
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
        assert [one for one in row["missing"] if one["strength"] == "shall"] == [], row["document"]


def test_a_month_each_where_every_one_is_asked_for(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--every", "--json")
    months = [row["about"] for row in answer.json if row["document"] == "emissions-ledger"]
    assert months == ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]


def test_a_year_that_is_none_is_refused(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", "26", "--out", tmp_path / "x")
    assert answer.code == 2
    assert not (tmp_path / "x").exists()


@pytest.mark.slow
@pytest.mark.skipif(not available() or not shutil.which("pdftotext"), reason="no LibreOffice here")
def test_every_draft_has_pages_that_say_what_the_file_says(own: Cli, tmp_path: Path) -> None:
    answer = own("documents", "draft-all", "--year", 2026, "--out", tmp_path, "--json")
    for row in answer.json:
        file = Path(row["file"]).read_bytes()
        pages = tmp_path / "pages.pdf"
        pages.write_bytes(pdf_of(file))
        command = ["pdftotext", "-layout", str(pages), "-"]
        read = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        squeezed = "".join(read.split())
        for paragraph in Document(io.BytesIO(file)).paragraphs:
            words = "".join(paragraph.text.split())[:12]  # a line of a page at most: heads and feet come between pages
            assert words in squeezed, (row["document"], words)
