"""Two versions as one with tracked changes: taken over it is the later one, undone the earlier one; equal bytes."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from docx import Document

from compliance.adapters.docx import redline as redline_module
from compliance.adapters.docx import tracked
from compliance.adapters.docx.pdf import available, pdf_of
from compliance.adapters.docx.redline import NotOne, redline
from compliance.adapters.docx.renderer import DocxRenderer
from compliance.core.documents import NotRendered
from tests.conftest import ROOT
from tests.docx_files import docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
AUTHOR, AT = "李制单", "2026-06-15T04:00:00Z"
BODY = "word/document.xml"


def settle(xml: bytes, keep: str, drop: str) -> ET.Element:
    """Every change taken over (or undone), by other means than the program's: what it marks is what the format says."""
    root = ET.fromstring(xml)  # noqa: S314 - our own file
    parents = {child: parent for parent in root.iter() for child in parent}

    def gone(element: ET.Element) -> bool:
        row = element.find(f"{W}trPr/{W}{drop}")
        end = element.find(f"{W}pPr/{W}rPr/{W}{drop}")
        return row is not None or end is not None or element.tag == f"{W}{drop}"

    for element in [e for e in root.iter() if gone(e) and e.tag in {f"{W}p", f"{W}tr", f"{W}{drop}"}]:
        if element in parents[element]:
            parents[element].remove(element)
    assert keep != drop
    return root


def words(xml: bytes, keep: str, drop: str) -> list[str]:
    """The paragraphs, in their order; those of tables that are left without a row are gone with their rows."""
    root = settle(xml, keep, drop)
    found = []
    for paragraph in root.iter(f"{W}p"):
        texts = (t.text or "" for t in paragraph.iter() if t.tag in {f"{W}t", f"{W}delText"})
        found.append("".join(texts))
    return found


def paragraphs(data: bytes, part: str = BODY) -> list[str]:
    with ZipFile(io.BytesIO(data)) as archive:
        root = ET.fromstring(archive.read(part))  # noqa: S314 - our own file
    return ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in root.iter(f"{W}p")]


def held(old: bytes, new: bytes) -> bytes:
    """The redline of two files, held to both by the tests' own reckoning."""
    made, _told = redline(old, new, AUTHOR, AT)
    assert made == redline(old, new, AUTHOR, AT)[0]
    Document(io.BytesIO(made))
    common = set(ZipFile(io.BytesIO(old)).namelist()) & set(ZipFile(io.BytesIO(new)).namelist())
    with ZipFile(io.BytesIO(made)) as archive:
        for part in [n for n in common if n == BODY or n.startswith(("word/header", "word/footer"))]:
            xml = archive.read(part)
            assert words(xml, "ins", "del") == paragraphs(new, part), part
            assert words(xml, "del", "ins") == paragraphs(old, part), part
    marks = [e for e in ET.fromstring(ZipFile(io.BytesIO(made)).read(BODY)).iter() if e.tag in {f"{W}ins", f"{W}del"}]  # noqa: S314 - our own file
    assert {(m.get(f"{W}author"), m.get(f"{W}date")) for m in marks} <= {(AUTHOR, AT)}
    ids = [m.get(f"{W}id") for m in marks]
    assert len(ids) == len(set(ids))
    return made


def test_words_rows_cells_headers_and_footers_are_marked() -> None:
    old = docx(
        "第一条 年产 100 万吨", "第二条 不变", "第三条 删去", "末条",
        header="编号 A/0", footer="甲", rows=[["项目", "数值"], ["产量", "100"], ["旧行", "1"], ["电量", "5"]],
    )  # fmt: skip
    new = docx(
        "第一条 年产 250 万吨", "第二条 不变", "新增一条", "又一条", "末条",
        header="编号 A/1", footer="甲", rows=[["项目", "数值"], ["产量", "250"], ["电量", "5"], ["新行", "2"]],
    )  # fmt: skip
    made = held(old, new)
    xml = ZipFile(io.BytesIO(made)).read(BODY).decode()
    assert '<w:delText xml:space="preserve">100</w:delText>' in xml
    assert '<w:t xml:space="preserve">250</w:t>' in xml
    assert xml.count("<w:trPr>") == 2
    assert "A/" in ZipFile(io.BytesIO(made)).read("word/header1.xml").decode()
    _file, told = redline(old, new, AUTHOR, AT)
    changed = [b for b in told if b["change"] or any(piece[0] for cell in b["cells"] for piece in cell)]
    assert [(b["what"], b["change"]) for b in changed if b["part"] == BODY] == [
        ("paragraph", ""), ("paragraph", "del"), ("paragraph", "ins"), ("paragraph", "ins"),
        ("row", ""), ("row", "del"), ("row", "ins"),
    ]  # fmt: skip


def test_equal_files_have_no_mark() -> None:
    one = docx("甲", "乙", rows=[["a", "b"]])
    made, told = redline(one, one, AUTHOR, AT)
    assert b"w:ins" not in ZipFile(io.BytesIO(made)).read(BODY)
    assert not any(b["change"] for b in told)


def some(chance: random.Random) -> bytes:
    """A random document of few different words, so that much of two is alike."""

    def text() -> str:
        return " ".join(
            chance.choice(["甲", "乙", "100", "2.5", "plan", "", "  ", "&<>"]) for _ in range(chance.randint(0, 6))
        )

    doc = Document()
    for _ in range(chance.randint(0, 5)):
        if chance.random() < 0.6:
            paragraph = doc.add_paragraph()
            for _ in range(chance.randint(0, 3)):
                run = paragraph.add_run(text())
                run.bold = chance.random() < 0.3
                if chance.random() < 0.2:
                    run.add_break()
        else:
            table = doc.add_table(chance.randint(1, 4), chance.randint(1, 3))
            for cell in (c for row in table.rows for c in row.cells):
                cell.text = text()
                for _ in range(chance.choice([0, 0, 1, 2])):
                    cell.add_paragraph(text())
    doc.sections[0].header.paragraphs[0].text = text()
    if chance.random() < 0.8:
        doc.add_paragraph(text())
    out = io.BytesIO()
    doc.save(out)
    return out.getvalue()


def test_random_documents_are_held_to_both() -> None:
    chance = random.Random(20260615)
    for _ in range(40):
        held(some(chance), some(chance))


def test_templates_with_pictures_sections_and_fields_are_held_to_both() -> None:
    files = [ROOT / "doc_templates" / f"{name}.docx" for name in ("carbon_policy", "source_list", "trade_application")]
    known = [path.read_bytes() for path in files if path.is_file()]
    assert len(known) >= 2
    for old, new in _pairs(known):
        held(old, new)


def _pairs(of: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    yield from ((of[n], of[(n + 1) % len(of)]) for n in range(len(of)))


def test_what_does_not_say_both_is_not_given_out(monkeypatch: pytest.MonkeyPatch) -> None:
    real = tracked.settled

    def wrong(root: object, *, accept: bool) -> object:
        return real(root, accept=True) if not accept else real(root, accept=accept)

    monkeypatch.setattr(redline_module, "settled", wrong)
    with pytest.raises(NotOne):
        redline(docx("甲"), docx("乙"), AUTHOR, AT)


@pytest.mark.slow
def test_the_child_process_makes_it_and_refuses_what_is_no_document() -> None:
    old, new = docx("甲方", "乙"), docx("甲方一", "乙")
    made = DocxRenderer().redline(old, new, AUTHOR, AT)
    assert made.file == redline(old, new, AUTHOR, AT)[0]
    assert [block.changed for block in made.blocks] == [True, False]
    with pytest.raises(NotRendered):
        DocxRenderer().redline(b"nothing", new, AUTHOR, AT)


@pytest.mark.slow
@pytest.mark.skipif(not available() or not shutil.which("pdftotext"), reason="no LibreOffice here")
def test_a_word_processor_opens_it_and_shows_both(tmp_path: Path) -> None:
    made = held(
        docx("年产 100 万吨", "末条", rows=[["产量", "1"]]), docx("年产 250 万吨", "末条", rows=[["产量", "2"]])
    )
    pages = tmp_path / "pages.pdf"
    pages.write_bytes(pdf_of(made))
    said = subprocess.run(["pdftotext", "-raw", str(pages), "-"], capture_output=True, text=True, check=True).stdout
    assert "100" in said
    assert "250" in said
