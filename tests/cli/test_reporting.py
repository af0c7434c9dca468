"""The report on a nonconformity from the command line."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

from docx import Document

from tests.cli.conftest import Cli


def test_a_preview_of_the_report_is_marked_and_kept_nowhere(own: Cli, tmp_path: Path) -> None:
    out, before = tmp_path / "r.docx", own.dump()
    answer = own("report", "NC-2026-0001", "--out", out, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["number"] == ""
    assert answer.json["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert own.dump() == before
    text = "\n".join(p.text for p in Document(io.BytesIO(out.read_bytes())).paragraphs)
    assert "【草稿】" in text


def test_an_unknown_nonconformity_writes_nothing(own: Cli, tmp_path: Path) -> None:
    leaves = own.count("audit_entry")
    answer = own("report", "NC-1999-0001", "--out", tmp_path / "r.docx")
    assert answer.code == 2
    assert "NC-1999-0001" in answer.err
    assert not (tmp_path / "r.docx").exists()
    assert own.count("audit_entry") == leaves
