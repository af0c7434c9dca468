"""Documents as pages, where LibreOffice is installed: it is optional, and what it makes is looked at before it is used.

The program ends with 0 also when it made nothing, and two at once do not share a profile.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from compliance.core.documents.ports import NotRendered
from compliance.kernel.text import Text

PROGRAM = "soffice"
#: What a file with at least one page holds.
_PAGE = re.compile(rb"/Type\s*/Page\b")
SECONDS = 60
_NONE = Text("本机未安装 LibreOffice，不能生成 PDF", "LibreOffice is not installed here: no PDF can be made")
_FAILED = Text("LibreOffice 未能生成 PDF", "LibreOffice made no PDF")


def available() -> bool:
    """Whether pages can be made here."""
    return shutil.which(PROGRAM) is not None


def pdf_of(document: bytes) -> bytes:
    """The pages of a document that this program made itself; raises :class:`NotRendered`."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise NotRendered(reason=_NONE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "document.docx").write_bytes(document)
        _convert(program, folder)
        made = folder / "document.pdf"
        data = made.read_bytes() if made.is_file() else b""
    if not data.startswith(b"%PDF-") or not _PAGE.search(data):
        raise NotRendered(reason=_FAILED)
    return data


def _convert(program: str, folder: Path) -> None:
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
                str(folder / "document.docx"),
            ],
            cwd=folder,
            env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotRendered(reason=_FAILED) from error
