"""Archives of rules: what goes out comes in again, and nothing hostile comes in."""

from __future__ import annotations

import io
import stat
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from compliance.adapters import zipped as module
from compliance.adapters.zipped import BadArchive, unzip, zipped
from compliance.bootstrap.installation import check_rules

if TYPE_CHECKING:
    from collections.abc import Mapping

FILES = {"a.toml": "schema = 1\n", "obligations/b.toml": "schema = 1\n# 二\n"}


def archive(files: Mapping[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    """Pack files as they are named."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    out.seek(0)
    return out


def unpacked(source: io.BytesIO, folder: Path) -> dict[str, str]:
    """What an archive leaves in a folder."""
    unzip(source, folder)
    return {p.relative_to(folder).as_posix(): p.read_text("utf-8") for p in folder.rglob("*") if p.is_file()}


def test_what_goes_out_comes_in_and_the_same_rules_make_the_same_bytes(tmp_path: Path) -> None:
    data = zipped(FILES)
    assert data == zipped(dict(reversed(FILES.items())))
    assert unpacked(io.BytesIO(data), tmp_path) == FILES


def test_a_folder_that_holds_everything_is_left_out(tmp_path: Path) -> None:
    found = archive({"my rules/": "", **{f"my rules/{name}": text for name, text in FILES.items()}})
    assert unpacked(found, tmp_path) == FILES


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../a.toml", "路径不能接收"),
        ("/etc/a.toml", "路径不能接收"),
        ("x/../../a.toml", "路径不能接收"),
        ("C:/a.toml", "路径不能接收"),
        ("x\\..\\a.toml", "路径不能接收"),
        ("./a.toml", "路径不能接收"),
        (".hidden.toml", "路径不能接收"),
        ("a\x00.toml", "路径不能接收"),
        ("a\n.toml", "路径不能接收"),
        ("a\u202e.toml", "路径不能接收"),
        ("x//a.toml", "路径不能接收"),
        ("x" * 300 + ".toml", "路径不能接收"),
        ("1/2/3/4/5/6/7/a.toml", "路径不能接收"),
        ("a.py", "只接受 .toml"),
        ("a.toml.exe", "只接受 .toml"),
        ("toml", "只接受 .toml"),
    ],
)
def test_names_are_read_without_trust(tmp_path: Path, name: str, says: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("good.toml", "schema = 1\n")
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = entry.orig_filename = name
        packed.writestr(entry, "schema = 1\n")
    out.seek(0)
    with pytest.raises(BadArchive) as refused:
        unzip(out, folder)
    assert says in refused.value.message.zh
    assert refused.value.message.en
    assert list(folder.rglob("*")) == []
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_a_link_a_double_and_an_empty_archive_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.toml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr(link, "/etc/passwd")
    cases = {
        "链接": out,
        "出现两次": archive({"a.toml": "x", "A.TOML".replace("TOML", "toml"): "y"}),
        "同时是一个文件": archive({"a.toml": "x", "a.toml/b.toml": "y"}),
        "没有 .toml": archive({}),
    }
    for says, source in cases.items():
        source.seek(0)
        with pytest.raises(BadArchive, match=says):
            unzip(source, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_archive_or_a_broken_or_locked_one_is_refused(tmp_path: Path) -> None:
    sound = zipped(FILES)
    broken = bytearray(sound)
    broken[40] ^= 0xFF
    locked = bytearray(sound)
    for at in range(len(sound) - 4):  # the flag of every entry and of the directory
        if sound[at : at + 4] == b"PK\x03\x04":
            locked[at + 6] |= 1
        if sound[at : at + 4] == b"PK\x01\x02":
            locked[at + 8] |= 1
    lzma = archive(FILES, zipfile.ZIP_LZMA).getvalue()
    for data in (b"", b"PK", b"schema = 1\n", sound[:-30], sound[30:], bytes(broken), bytes(locked), lzma):
        with pytest.raises(BadArchive):
            unzip(io.BytesIO(data), tmp_path)


def test_bombs_are_counted_as_they_come_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = archive({"a.toml": b"#" * (module.LARGEST_FILE + 1)})
    with pytest.raises(BadArchive, match="解压后"):
        unzip(bomb, tmp_path)
    liar = bytearray(bomb.getvalue())
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        where = bytes(liar).index(mark) + at
        liar[where : where + 4] = (11).to_bytes(4, "little")
    with pytest.raises(BadArchive):
        unzip(io.BytesIO(bytes(liar)), tmp_path)
    many = archive(
        {f"{n}.toml": b"#" * module.LARGEST_FILE for n in range(module.LARGEST_WHOLE // module.LARGEST_FILE + 1)}
    )
    with pytest.raises(BadArchive, match="合计"):
        unzip(many, tmp_path / "many")
    with pytest.raises(BadArchive, match="个"):
        unzip(archive({f"{n}.toml": "" for n in range(module.MOST_FILES + 1)}), tmp_path)
    monkeypatch.setattr(module, "LARGEST", 10)
    with pytest.raises(BadArchive, match="MB"):
        unzip(io.BytesIO(zipped(FILES)), tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000,
        "a" + ".a" * 100_000 + " = 1",
        "[a" + ".a" * 100_000 + "]",
        "a = {" + "b" + '."b c"' * 100_000 + " = 1}",
        "\n".join(f"b{n}" + ".a" * 200 + " = 1" for n in range(2000)),
        "x" * 4_000_000,
        '"' * 1_000_000,
    ],
    ids=["brackets", "key", "header", "inline", "many keys", "word", "quotes"],
)
def test_texts_that_would_eat_the_machine_are_a_problem_of_their_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.toml").write_text(f"schema = 1\n{text}\n", "utf-8")
    began = time.process_time()
    base, problems = check_rules(tmp_path)
    assert base is None
    assert problems[0].file == "a.toml"
    assert problems[0].message.en
    assert time.process_time() - began < 10
