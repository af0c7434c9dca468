"""Documents as pages, where LibreOffice is installed: it is optional, and what it makes is looked at before it is used.

The program ends with 0 also when it made nothing, and two at once do not share a profile.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from compliance.core.documents.ports import NotRendered
from compliance.kernel.text import Text

PROGRAM, DRAWER = "soffice", "pdftoppm"
#: What a file with at least one page holds.
_PAGE = re.compile(rb"/Type\s*/Page\b")
#: For the first document, its start included, and for each more.
SECONDS, SECONDS_MORE = 60, 10
_NONE = Text("本机未安装 LibreOffice，不能生成 PDF", "LibreOffice is not installed here: no PDF can be made")
_FAILED = Text("LibreOffice 未能生成 PDF", "LibreOffice made no PDF")


def available() -> bool:
    """Whether pages can be made here."""
    return shutil.which(PROGRAM) is not None


def pdf_of(document: bytes) -> bytes:
    """The pages of a document that this program made itself; raises :class:`NotRendered`."""
    (made,) = pdfs_of([document])
    return made


def pdfs_of(documents: Sequence[bytes]) -> list[bytes]:
    """The pages of several documents by one start of the program, which takes longer than most documents do.

    Raises :class:`NotRendered` where any has none.
    """
    program = shutil.which(PROGRAM)
    if program is None:
        raise NotRendered(reason=_NONE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / f"document{n}.docx" for n in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_bytes(document)
        _convert(program, folder, files)
        return [_made(file.with_suffix(".pdf")) for file in files]


def _made(file: Path) -> bytes:
    data = file.read_bytes() if file.is_file() else b""
    if not data.startswith(b"%PDF-") or not _PAGE.search(data):
        raise NotRendered(reason=_FAILED)
    return data


def _convert(program: str, folder: Path, files: Sequence[Path]) -> None:
    profile = (folder / "profile").as_uri()
    try:
        subprocess.run(  # noqa: S603 - the program found on PATH, our own arguments, no shell
            [
                program,
                f"-env:UserInstallation={profile}",
                "--headless",
                "--convert-to",
                "pdf:writer_pdf_Export",
                "--outdir",
                str(folder),
                *map(str, files),
            ],
            cwd=folder,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS + SECONDS_MORE * (len(files) - 1),
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRendered(reason=_FAILED) from error


def drawable() -> bool:
    """Whether pages can be shown as pictures here."""
    return shutil.which(DRAWER) is not None


def picture_of(pages: bytes, page: int) -> bytes:
    """A page (counted from 1) of a PDF that this program made itself, as PNG; raises :class:`NotRendered`."""
    program = shutil.which(DRAWER)
    if program is None:
        raise NotRendered(reason=_NO_PICTURE)
    command = [program, "-png", "-r", str(_DPI), "-f", str(page), "-l", str(page), "-singlefile", "-"]
    try:
        done = subprocess.run(  # noqa: S603 - the program found on PATH, our own arguments, no shell
            command, input=pages, env={}, capture_output=True, timeout=SECONDS_MORE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRendered(reason=_NO_PICTURE) from error
    if not done.stdout.startswith(b"\x89PNG"):
        raise NotRendered(reason=_NO_PICTURE)
    return done.stdout


_DPI = 75
_NO_PICTURE = Text("未能生成页面图片", "no picture of the page could be made")
