"""Random Unicode strings in every field of a document at once: the file says them verbatim, or none is made."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docx
import pytest

from compliance.adapters.docx.pdf import available, pdfs_of
from compliance.adapters.docx.renderer import DocxRenderer
from compliance.core.documents import IllegalText, Rows, document_names, render_checked
from compliance.core.documents.pictures import flow
from compliance.core.documents.values import Drawn
from compliance.kernel.text import illegal
from compliance.rulebase.schema import Document
from tests.conftest import ROOT
from tests.docx_files import InProcess
from tests.judging import shipped

RULE = next(rule for rule in shipped().of(Document) if rule.id == "nonconformity-report")
NAMES = document_names(RULE, shipped())
TEMPLATE = (ROOT / "doc_templates" / RULE.template).read_bytes()
#: Ranges that letters are drawn from; surrogates, controls and non-characters among them.
EVERYTHING = ((0x20, 0x7F), (0xA0, 0x17F), (0x4E00, 0x9FFF), (0x3000, 0x303F), (0xFF01, 0xFF5E), (0, 0x10FFFF))
#: Letters that the pages can be read from again: written from left to right, each by itself, in fonts at hand.
READABLE = ((0x21, 0x7E), (0xC0, 0x17F), (0x391, 0x3A1), (0x410, 0x44F), (0x4E00, 0x9FA5), (0xFF01, 0xFF5E))
LONGEST, CHECKED_BY_PAGES = 40, 200


def word(chance: random.Random, ranges: tuple[tuple[int, int], ...]) -> str:
    """A string of up to forty letters."""
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(chance.randint(1, LONGEST)))


def filled(name: str, shape: Any, draw: Any, told: list[tuple[str, str]]) -> Any:
    """A value of a shape with a drawn string in every place; ``told`` gets them."""
    match shape:
        case None:
            told.append((name, draw()))
            return told[-1][1]
        case Rows(names):
            return [filled(name, names, draw, told) for _ in range(2)]
        case Drawn():
            return flow(name, ["甲", "乙"])
        case Mapping():
            return {inner: filled(f"{name}.{inner}", kind, draw, told) for inner, kind in shape.items()}
    raise AssertionError(shape)


def texts(data: bytes) -> str:
    """Everything that another reader finds in the body, headers, footers and properties."""

    def of(part: Any) -> Iterator[str]:
        yield from (p.text for p in part.paragraphs)
        for table in part.tables:
            for row in table.rows:
                for cell in row.cells:
                    yield from of(cell)

    made = docx.Document(io.BytesIO(data))
    section, title = made.sections[0], made.core_properties.title
    heads = [section.header, section.footer, section.first_page_header, section.first_page_footer]
    return "\n".join([title, *of(made), *(line for head in heads for line in of(head))])


def bare(text: str) -> str:
    """A text without white space, in one of its equal spellings."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def run(seed: int, documents: int, renderer: DocxRenderer, kept: list[tuple[bytes, list[str]]]) -> Counter[str]:
    """Fill documents; count by field what was said verbatim, and what was refused."""
    chance, counts = random.Random(seed), Counter[str]()
    shown = texts(render_checked(renderer, TEMPLATE, _context(lambda: "x", []), NAMES))
    assert "x" in shown
    for n in range(documents):
        readable = n < CHECKED_BY_PAGES
        ranges = READABLE if readable else EVERYTHING
        told: list[tuple[str, str]] = []
        context = _context(lambda ranges=ranges: word(chance, ranges), told)
        bad = [text for _, text in told if illegal(text)]
        try:
            made = render_checked(renderer, TEMPLATE, context, NAMES)
        except IllegalText:
            assert bad
            counts["refused documents"] += 1
            clean = [(name, "".join(c for c in text if not illegal(c)) or "空") for name, text in told]
            counts.update(f"refused {name}" for name, text in told if illegal(text))
            again = iter(clean)
            told = []
            made = render_checked(renderer, TEMPLATE, _context(lambda again=again: next(again)[1], told), NAMES)
        else:
            assert not bad
        counts["documents"] += 1
        counts["strings"] += len(told)
        counts.update(name for name, _ in told)
        said = texts(made)
        lost = [(name, text) for name, text in told if name in SHOWN and text not in said.replace("\r", "\n")]
        assert lost == []
        if readable:
            kept.append((made, [text for name, text in told if name in ON_PAGES]))
    return counts


def _context(draw: Any, told: list[tuple[str, str]]) -> dict[str, Any]:
    return {name: filled(name, shape, draw, told) for name, shape in NAMES.items()}


def _visible() -> frozenset[str]:
    """The fields that the template shows to that other reader, found by a word of their own in each."""
    told: list[tuple[str, str]] = []
    numbers = iter(range(10**6))
    said = texts(render_checked(InProcess(), TEMPLATE, _context(lambda: f"〔{next(numbers)}〕", told), NAMES))
    return frozenset(name for name, text in told if text in said)


SHOWN = _visible()
#: What is shown in the body stands on pages; properties do not.
ON_PAGES = SHOWN - {"report.title"}


def test_a_sample_of_strings_is_said_verbatim_or_refused() -> None:
    counts = run(1, 6, InProcess(), [])
    assert counts["strings"] > 6 * len(SHOWN) > 100


@pytest.mark.torture
@pytest.mark.skipif(not (available() and shutil.which("pdftotext")), reason="LibreOffice and pdftotext make pages")
def test_five_thousand_strings_and_two_hundred_documents_as_pages(tmp_path: Path) -> None:
    kept: list[tuple[bytes, list[str]]] = []
    counts = run(2026, 400, DocxRenderer(), kept)
    fields = {name: n for name, n in counts.items() if name in SHOWN}
    assert counts["strings"] >= 5_000
    assert min(fields.values()) >= 100
    assert len(kept) == CHECKED_BY_PAGES
    strings = 0
    for n in range(0, len(kept), 25):
        several = kept[n : n + 25]
        for pages, (_, told) in zip(pdfs_of([made for made, _ in several]), several, strict=True):
            said = bare(_read(tmp_path, pages))
            assert [text for text in told if bare(text) not in said] == []
            strings += len(told)
    refused = sum(n for name, n in counts.items() if name.startswith("refused ") and name != "refused documents")
    print(
        f"{counts['documents']} documents, {counts['strings']} strings, {len(fields)} fields shown, each at least "
        f"{min(fields.values())} times; {counts['refused documents']} refused for {refused} strings; "
        f"{len(kept)} documents as pages with {strings} strings"
    )


def _read(folder: Path, pages: bytes) -> str:
    file = folder / "p.pdf"
    file.write_bytes(pages)
    done = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()
