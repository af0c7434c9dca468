"""Every hostile template through the real child processes: refused, each, and the parent goes on."""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from compliance.adapters.docx.archive import Unsafe, examine
from compliance.adapters.docx.renderer import DocxRenderer
from compliance.core.documents import NotRendered, TemplateRefused, render_checked
from tests.adapters.test_docx_hostile import CONTEXT, EXPRESSIONS, NAMES, PACKAGES
from tests.docx_files import W, docx, edited, inserted, paragraph, with_body, with_footnotes, with_relation

_CODE = "{{ cycler.__init__.__globals__.os.popen('id').read() }}"


def part(name: str, data: bytes) -> bytes:
    """A document with one part more or otherwise."""
    return edited(docx("x"), {name: data})


def field(code: str) -> bytes:
    """A document with a field."""
    return with_body(f'<w:p><w:fldSimple w:instr=" {code} "/></w:p>')


def typed(old: str, new: str) -> bytes:
    """A document whose list of types says something else."""
    return edited(docx("x"), {"[Content_Types].xml": lambda data: data.replace(old.encode(), new.encode())})


def encrypted() -> bytes:
    """A document whose first entry says that it is encrypted."""
    data = bytearray(docx("x"))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def test_an_encrypted_entry_is_refused_before_anything_is_unpacked() -> None:
    with pytest.raises(Unsafe, match="encrypted"):
        examine(encrypted())


def lying() -> bytes:
    """A document whose directory says that a part is small, which is not."""
    data = bytearray(part("word/styles.xml", b"<a>" + b" " * 40_000_000 + b"</a>"))
    at = data.rindex(b"PK\x01\x02", 0, data.index(b"word/styles.xml", data.index(b"PK\x01\x02")) + 1)
    struct.pack_into("<I", data, at + 24, 100)
    return bytes(data)


_DTD = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
_LAUGHS = (
    '<!DOCTYPE a [<!ENTITY b "ha">'
    + "".join(f'<!ENTITY {chr(99 + n)} "{("&" + chr(98 + n) + ";") * 10}">' for n in range(10))
    + "]><a>&l;</a>"
)
#: Further packages beside those of the other table, each of another kind.
MORE: dict[str, Callable[[], bytes]] = {
    "encrypted entry": encrypted,
    "size that lies": lying,
    "old binary format": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "another archive before it": lambda: b"MZ" + docx("x"),
    "something after it": lambda: docx("x") + b"<script>",
    "a name with a colon": lambda: part("word/c:evil.xml", b"<a/>"),
    "a name of another case twice": lambda: part("WORD/document.xml", b"<a/>"),
    "a name that does not show": lambda: part("word/a\u202eb.xml", b"<a/>"),
    "signatures of macros": lambda: part("word/vbaData.xml", b"<a/>"),
    "web extension": lambda: part("word/webextensions/webextension1.xml", b"<a/>"),
    "external data": lambda: part("word/externalLinks/externalLink1.xml", b"<a/>"),
    "DTD in UTF-16": lambda: part("word/styles.xml", _DTD.encode("utf-16")),
    "DTD in the types": lambda: part("[Content_Types].xml", _DTD.encode()),
    "DTD in the body": lambda: part("word/document.xml", _DTD.encode()),
    "DTD in relations": lambda: part("word/_rels/document.xml.rels", _DTD.encode()),
    "DTD in properties": lambda: part("docProps/core.xml", _DTD.encode()),
    "DTD from outside": lambda: part("word/styles.xml", b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>'),
    "parameter entity": lambda: part(
        "word/styles.xml", b'<!DOCTYPE a [<!ENTITY % p SYSTEM "file:///dev/zero">%p;]><a/>'
    ),
    "a billion laughs": lambda: part("word/styles.xml", _LAUGHS.encode()),
    "laughs in the body": lambda: part("word/document.xml", _LAUGHS.encode()),
    "elements in a million elements": lambda: part("word/styles.xml", b"<a>" * 200_000 + b"</a>" * 200_000),
    "deep in the body": lambda: with_body("<w:sdt>" * 20_000 + "</w:sdt>" * 20_000),
    "an attribute of a million letters": lambda: part("word/styles.xml", b'<a b="' + b"x" * 30_000_000 + b'"/>'),
    "picture with a script": lambda: with_relation("image", "javascript:alert(1)"),
    "sound from outside": lambda: with_relation("audio", "http://192.0.2.1/a.wav"),
    "share of a server": lambda: with_relation("image", "\\\\192.0.2.1\\share\\x.png"),
    "sub document": lambda: with_body('<w:subDoc r:id="rId9" xmlns:r="x"/>'),
    "control in the text": lambda: with_body("<w:p><w:r><w:control/></w:r></w:p>"),
    "OLE in the text": lambda: with_body('<w:p><w:r><o:OLEObject xmlns:o="urn:x" Type="Link"/></w:r></w:p>'),
    "bound data": lambda: with_body('<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr></w:sdt>'),
    "attached template": lambda: part(
        "word/settings.xml", f"<w:settings {W}><w:attachedTemplate/></w:settings>".encode()
    ),
    "field of a picture": lambda: field("INCLUDEPICTURE http://192.0.2.1/x.png"),
    "field of a database": lambda: field("DATABASE \\d x.mdb"),
    "field of a link": lambda: field("LINK Excel.Sheet.8 x.xls"),
    "field that asks": lambda: field("ASK x"),
    "field that runs": lambda: field("MACROBUTTON AutoOpen x"),
    "field of a place": lambda: field("HYPERLINK file:///etc/passwd"),
    "field that quotes": lambda: field("QUOTE {DDE c x}"),
    "field that imports": lambda: field("IMPORT x"),
    "field in lower case": lambda: field("ddeauto c x"),
    "field in a header": lambda: edited(
        docx("x", header="h"),
        {"word/header1.xml": inserted('<w:p><w:fldSimple w:instr="DDE c x"/></w:p>', before="</w:hdr>")},
    ),
    "program in a header": lambda: docx("x", header=_CODE),
    "program in a footer": lambda: docx("x", footer=_CODE),
    "program in the title": lambda: docx("x", title=_CODE),
    "program in footnotes": lambda: with_footnotes(_CODE),
    "program in comments": lambda: part("word/comments.xml", f"<a>{_CODE}</a>".encode()),
    "program in custom XML": lambda: part("customXml/item1.xml", f"<a>{_CODE}</a>".encode()),
    "program in a table": lambda: docx("x", rows=[[_CODE]]),
    "program cut over runs": lambda: with_body(
        "<w:p><w:r><w:t>{{ report.__cl</w:t></w:r><w:r><w:t>ass__ }}</w:t></w:r></w:p>"
    ),
    "program in an attribute": lambda: with_body('<w:p><w:pPr><w:pStyle w:val="{{ self }}"/></w:pPr></w:p>'),
    "program in a text box": lambda: with_body(
        f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('{{ self }}')}</w:txbxContent></w:pict></w:r></w:p>"
    ),
    "no types": lambda: part("[Content_Types].xml", b"<Types/>"),
    "a template of Word": lambda: typed("document.main+xml", "template.main+xml"),
    "a workbook": lambda: typed("wordprocessingml.document.main", "spreadsheetml.sheet.main"),
    "body that is none": lambda: part("word/document.xml", b"<a/>"),
    "empty body": lambda: part("word/document.xml", b""),
    "no relations": lambda: part("_rels/.rels", b"<a/>"),
    "a loop that never ends": lambda: docx("{% for a in cycler(1).next %}x{% endfor %}"),
    "loops in loops": lambda: docx("{% for a in rows %}" * 60 + "x" + "{% endfor %}" * 60),
    "a million marks": lambda: docx("{{ report.title.x }}" * 3_000),
}


def refused(template: bytes) -> bool:
    """Whether a template is refused before a document is made of it."""
    try:
        render_checked(DocxRenderer(), template, CONTEXT, NAMES)
    except (TemplateRefused, NotRendered):
        return True
    return False


@pytest.mark.slow
def test_sixty_hostile_templates_and_all_the_others_are_refused_and_the_parent_goes_on() -> None:
    hostile = {name: made() for name, made in MORE.items()}
    hostile |= {f"package {name}": data for name, (data, _) in PACKAGES.items()}
    assert len(set(hostile.values())) == len(hostile) >= 60
    assert [name for name, data in hostile.items() if not refused(data)] == []
    assert len(set(EXPRESSIONS)) > 60  # in the other file, each by itself
    assert not refused(docx("{{ report.title }}"))


def test_a_bomb_of_one_megabyte_is_refused_at_once() -> None:
    out = io.BytesIO(edited(docx("x"), {}))
    with ZipFile(out, "a", ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("word/media/x.bin", b"\0" * 220_000_000)
    bomb = out.getvalue()
    assert 900_000 < len(bomb) < 1_100_000
    before = time.process_time()
    with pytest.raises(TemplateRefused, match="too large"):
        render_checked(DocxRenderer(seconds=0), bomb, CONTEXT, NAMES)  # no process is started for it
    assert time.process_time() - before < 1
