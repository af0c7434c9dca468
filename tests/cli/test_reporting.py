"""The report on a nonconformity from the command line."""

from __future__ import annotations

import hashlib
import io
import shutil
from pathlib import Path

from docx import Document

from tests.cli.conftest import Cli
from tests.conftest import ROOT


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


def test_what_is_wrong_with_a_document_rule_is_named(own: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    shutil.copytree(ROOT / "rules", folder)
    path = folder / "documents.toml"
    sound = path.read_text(encoding="utf-8")
    for old, new, word in (
        ('template  = "nonconformity_report.docx"', 'template  = "gone.docx"', "gone.docx"),
        ('data      = "nonconformity"', 'data      = "weather"', "weather"),
        ('state = "closed"', 'state = "shut"', "shut"),
        ("NCR-{year}-{seq:04d}", "NCR/{seq}", "number"),
        ('retention = "management-records"', 'retention = "forever"', "forever"),
        ('approver  = "management-representative"', 'approver  = "nobody"', "nobody"),
        ("{edition}/{revision}", "{edition}", "form"),
    ):
        assert old in sound
        path.write_text(sound.replace(old, new), encoding="utf-8")
        answer = own("rules", "check", rules=folder)
        assert answer.code == 1, new
        assert word in answer.out, new
    path.write_text(sound, encoding="utf-8")
    assert own("rules", "check", rules=folder).code == 0


def test_documents_from_the_command_line(own: Cli, tmp_path: Path) -> None:
    assert own("document", "list", "--json").json == []
    assert own("document", "draft", "--json").json == {"drafted": [], "failed": []}
    out = tmp_path / "d.docx"
    for command in (("show",), ("download", "--out", out)):
        answer = own("document", command[0], "NCR-1999-0001", *command[1:])
        assert answer.code == 2
        assert "NCR-1999-0001" in answer.err
    assert not out.exists()
