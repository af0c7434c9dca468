"""templates: check, propose, publish by another person, go back, send back, list."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from compliance.kernel.canonical import digest
from tests.adapters.test_own_templates import OWN, SHIPPED, everywhere
from tests.cli.conftest import Answer, Cli
from tests.docx_files import docx

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow  # each command opens an installation

TYPE = "nonconformity-report"


def test_a_template_goes_into_use_and_back(own: Cli, demo_workspace: Path) -> None:
    passwords = {
        a["login"]: a["password"]
        for a in json.loads((demo_workspace.parent / "demo.json").read_text("utf-8"))["accounts"]
    }
    word = "another horse battery"
    added = own("user", "add", "second", "--role", "document-controller", "--password-stdin", stdin=word)
    assert added.code == 0, added.err
    passwords["second"] = word
    file = own.folder.parent / "own.docx"
    file.write_bytes(OWN)

    def as_(who: str, *arguments: object) -> Answer:
        return own("templates", *arguments, "--as", who, "--password-stdin", "--json", stdin=passwords[who])

    sample = file.with_name("sample.docx")
    checked = own("templates", "check", file, "--type", TYPE, "--out", sample, "--json")
    assert (checked.code, checked.json) == (0, {"sha256": digest(OWN), "problems": [], "lacks": []})
    assert sample.read_bytes().startswith(b"PK")
    proposed = as_("officer", "propose", file, "--type", TYPE, "--reason", "本厂版式")
    assert proposed.code == 0, proposed.err
    assert (proposed.json["number"], proposed.json["state"]) == (1, "open")
    same = as_("officer", "publish", TYPE, 1, "--seen", digest(OWN))
    assert (same.code, same.json["refused"]["code"]) == (1, "own-template")
    done = as_("second", "publish", TYPE, 1, "--seen", digest(OWN))
    assert (done.code, done.json["state"], done.json["decided_login"]) == (0, "published", "second")
    back = as_("second", "return", "--type", TYPE, "--reason", "改回")
    assert (back.code, back.json["file"]) == (0, None)
    sent = as_("officer", "reject", TYPE, 2, "--reason", "不改回")
    assert (sent.code, sent.json["state"]) == (0, "rejected")
    listed = own("templates", "list", "--type", TYPE, "--json")
    assert [(t["number"], t["state"]) for t in listed.json] == [(2, "rejected"), (1, "published")]
    assert own("fsck").code == 0
    shutil.rmtree(own.folder / "doc_templates", ignore_errors=True)


def test_a_template_of_the_group_goes_into_use_by_two_who_hold_the_role_everywhere(
    own: Cli, demo_workspace: Path
) -> None:
    passwords = {
        a["login"]: a["password"]
        for a in json.loads((demo_workspace.parent / "demo.json").read_text("utf-8"))["accounts"]
    }
    word = "another horse battery"
    added = own(
        "user", "add", "second", "--role", "document-controller", "--password-stdin", stdin=word
    )  # in the group
    assert added.code == 0, added.err
    passwords["second"] = word
    file = own.folder.parent / "group.docx"
    file.write_bytes(OWN)

    def as_(who: str, *arguments: object) -> Answer:
        return own("templates", *arguments, "--as", who, "--password-stdin", "--json", stdin=passwords[who])

    sample = file.with_name("sample.docx")
    assert own("templates", "check", file, "--type", TYPE, "--group", "--out", sample, "--json").code == 0
    assert sample.read_bytes().startswith(b"PK")
    auditor = as_("auditor", "propose", file, "--group", "--type", TYPE, "--reason", "统一版式")
    assert (auditor.code, auditor.json["refused"]["code"]) == (1, "not-group-templates")
    proposed = as_("officer", "propose", file, "--group", "--type", TYPE, "--reason", "统一版式")
    assert (proposed.code, proposed.json["state"]) == (0, "open"), proposed.err
    same = as_("officer", "publish", TYPE, 1, "--group", "--seen", digest(OWN))
    assert (same.code, same.json["refused"]["code"]) == (1, "own-template")
    assert as_("second", "publish", TYPE, 1, "--seen", digest(OWN)).code == 2  # the plant has none
    done = as_("second", "publish", TYPE, 1, "--group", "--seen", digest(OWN))
    assert (done.code, done.json["state"], done.json["decided_login"]) == (0, "published", "second")
    back = as_("second", "return", "--group", "--type", TYPE, "--reason", "改回")
    assert (back.code, back.json["file"]) == (0, None)
    assert as_("officer", "reject", TYPE, 2, "--group", "--reason", "不改回").json["state"] == "rejected"
    listed = own("templates", "list", "--group", "--type", TYPE, "--json")
    assert [(t["number"], t["state"]) for t in listed.json] == [(2, "rejected"), (1, "published")]
    assert own("templates", "list", "--json").json == []
    both = own("templates", "list", "--group", "--plant", "x")
    assert both.code == 2
    assert own("fsck", "--deep").code == 0


def test_what_may_not_be_used_is_named_with_its_place(own: Cli) -> None:
    file = own.folder.parent / "bad.docx"
    for data, word in (
        (docx("甲", "乙 {{ fields.cuase }}"), "word/document.xml 第 2 段“乙 {{ fields.cuase }}”"),
        (everywhere(b"report.mark", b"report.title"), "{{ report.mark }}"),
        (b"PK", "不是 .docx"),
        (SHIPPED[:-100], "损坏"),
    ):
        file.write_bytes(data)
        before = own.dump()
        answer = own("templates", "check", file, "--type", TYPE)
        assert answer.code == 1
        assert word in answer.out
        assert own.dump() == before
    assert own("templates", "check", file, "--type", "no-such-type").code == 3
    assert own("templates", "check", file.with_name("none"), "--type", TYPE).code == 2
