"""Small .docx files, made and spoiled, for the tests of documents; and the renderer without its process."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from docx import Document

from compliance.adapters.docx.renderer import DocxRenderer
from compliance.adapters.docx.worker import answer
from compliance.core.documents import NotRendered

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Edit = bytes | Callable[[bytes], bytes]


class InProcess(DocxRenderer):
    """The same code in this process: fast, for what is never executed or known to be tame."""

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        try:
            reply: dict[str, Any] = json.loads(json.dumps(answer(json.loads(json.dumps(request)))))
        except Exception as error:
            raise NotRendered(reason=f"{type(error).__name__}: {error}") from error
        return reply


def docx(
    *paragraphs: str, header: str = "", footer: str = "", title: str = "", rows: Sequence[Sequence[str]] = ()
) -> bytes:
    """A document of plain paragraphs and one table."""
    doc = Document()
    for text in paragraphs:
        doc.add_paragraph().add_run(text)
    if rows:
        table = doc.add_table(0, len(rows[0]))
        for row in rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text
    doc.sections[0].header.paragraphs[0].text = header
    doc.sections[0].footer.paragraphs[0].text = footer
    doc.core_properties.title = title
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def edited(data: bytes, edits: Mapping[str, Edit]) -> bytes:
    """The same package with parts added or changed."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as given, ZipFile(out, "w", ZIP_DEFLATED) as made:
        left = dict(edits)
        for name in given.namelist():
            edit = left.pop(name, None)
            kept = given.read(name)
            made.writestr(name, kept if edit is None else edit if isinstance(edit, bytes) else edit(kept))
        for name, added in left.items():
            made.writestr(name, added if isinstance(added, bytes) else added(b""))
    return out.getvalue()


def inserted(xml: str, before: str = "<w:sectPr") -> Edit:
    """An edit that puts markup into the body."""
    return lambda old: old.replace(before.encode(), xml.encode() + before.encode(), 1)


def with_body(xml: str) -> bytes:
    """A document with this markup in its body."""
    return edited(docx("x"), {"word/document.xml": inserted(xml)})


def with_relation(kind: str, target: str, mode: str = "External") -> bytes:
    """A document whose body has one more relationship."""
    line = f'<Relationship Id="rId99" Type="{RELATION}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    path = "word/_rels/document.xml.rels"
    return edited(docx("x"), {path: lambda old: old.replace(b"</Relationships>", f"{line}</Relationships>".encode())})


def with_footnotes(text: str) -> bytes:
    """A document with footnotes that say this."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:footnote></w:footnotes>'
    line = f'<Relationship Id="rId98" Type="{RELATION}/footnotes" Target="footnotes.xml"/>'
    return edited(
        docx("x"),
        {
            "word/footnotes.xml": part.encode(),
            "[Content_Types].xml": lambda old: old.replace(
                b"</Types>", f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'.encode()
            ),
            "word/_rels/document.xml.rels": lambda old: old.replace(
                b"</Relationships>", f"{line}</Relationships>".encode()
            ),
        },
    )


def paragraph(text: str) -> str:
    """One paragraph of markup."""
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"
