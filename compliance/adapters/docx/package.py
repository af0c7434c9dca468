"""A .docx package in the child process: its parts, what may not be in it, its text, and its bytes in one fixed form."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from docx.opc.constants import RELATIONSHIP_TYPE
from docxtpl import DocxTemplate

from compliance.adapters.docx.grammar import NotAllowed, Plan, plan_of
from compliance.adapters.docx.prepared import Language, Sourced, prepare
from compliance.adapters.docx.reading import text_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
BODY, PROPERTIES = "word/document.xml", "docProps/core.xml"
#: Properties that the template library fills.
FILLED = ("author", "comments", "identifier", "language", "subject", "title")
_MARK = re.compile(r"\{\{|\{%|\{#")
#: Elements that bring in or run something else.
_ACTIVE = frozenset({"altChunk", "object", "OLEObject", "control", "subDoc", "dataBinding", "attachedTemplate"})
#: Fields that show where in the document one is; every other one fetches or runs something.
_FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES"})
#: What the elements of properties are called, where they are called otherwise.
_ELEMENTS = {"author": "creator", "comments": "description"}
_DC = "{http://purl.org/dc/elements/1.1/}"
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _MODE = 3, 0o600 << 16

Problem = list[Any]


def parts_of(template: DocxTemplate) -> Iterator[tuple[str, str]]:
    """The parts that are filled, as the template library will read them: name and source."""
    yield BODY, template.patch_xml(template.get_xml())
    for uri in (template.HEADER_URI, template.FOOTER_URI):
        for _, part in template.get_headers_footers(uri):
            yield _name(part), template.patch_xml(template.get_part_xml(part))
    for part in template.docx.part.package.parts:
        if part.content_type == FOOTNOTES:
            yield _name(part), template.patch_xml(part.blob.decode("utf-8"))


def inspect(data: bytes, env: Language, *, filling: bool = False) -> dict[str, Any]:
    """The plan of every part that is filled, and every problem; what ``filling`` will need is prepared with ``env``."""
    marked: set[str] = set()
    problems = list(_forbidden(data, marked))
    plans: dict[str, Plan] = {}
    if problems:
        return {"parts": plans, "problems": problems}
    template = Sourced(io.BytesIO(data), env.prepared)
    template.init_docx()
    if template.docx.part.content_type != _MAIN:
        return {"parts": plans, "problems": [[BODY, "不是 .docx 文件", "this is no .docx document"]]}
    sources = [(name, source, False) for name, source in parts_of(template)]
    sources.append((PROPERTIES, _properties(template), True))
    for name, source, plain in sources:
        try:
            plans[name] = plan_of(source, env, plain=plain)
        except NotAllowed as error:
            problems.append([name, error.zh, error.en, error.paragraph, error.around])
    filled = {*plans, *(p[0] for p in problems)}
    problems += [  # marks in parts that nobody fills would be issued as they stand
        [name, "此处的变量不会被填写", "nothing is filled in here"] for name in sorted(marked - filled)
    ]
    if filling and not problems:
        _prepare(template, sources, env)
    return {"parts": plans, "problems": problems}


def _prepare(template: DocxTemplate, sources: Sequence[tuple[str, str, bool]], env: Language) -> None:
    for _, source, plain in sources:
        if not plain:
            prepare(source, env, plain=False)
    unescaped = env.overlay(autoescape=False)
    unescaped.prepared = env.prepared
    for name in FILLED:
        prepare(str(getattr(template.docx.core_properties, name)), unescaped, plain=True)


def texts(data: bytes, parts: list[str]) -> dict[str, str]:
    """The text of parts as a reader shows it."""
    with ZipFile(io.BytesIO(data)) as archive:
        found = {name: text_of(archive.read(name)) for name in parts if name != PROPERTIES}
        if PROPERTIES in parts:
            found[PROPERTIES] = _said_properties(archive)
    return found


def normalised(data: bytes) -> bytes:
    """The same parts in a fixed order with fixed dates: equal content is equal bytes."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as given, ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as made:
        for name in sorted(given.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = ZipInfo(name, _EPOCH)
            info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _MODE
            made.writestr(info, given.read(name))
    return out.getvalue()


def _name(part: Any) -> str:  # noqa: ANN401 - a part of the library, which has no types
    return str(part.partname).lstrip("/")


def _properties(template: DocxTemplate) -> str:
    return "\n".join(str(getattr(template.docx.core_properties, name)) for name in FILLED)


def _parsed(data: bytes) -> Element:
    root: Element = fromstring(data, forbid_dtd=True)
    return root


def _said_properties(archive: ZipFile) -> str:
    """The properties that are filled, read from the part that the package names as its own."""
    relations = _parsed(archive.read("_rels/.rels"))
    (target,) = (one.get("Target", "") for one in relations if one.get("Type") == RELATIONSHIP_TYPE.CORE_PROPERTIES)
    root = _parsed(archive.read(target.lstrip("/")))
    return "\n".join(root.findtext(f"{_DC}{_ELEMENTS.get(name, name)}") or "" for name in FILLED)


def _xml_parts(data: bytes) -> Iterator[tuple[str, bytes]]:
    with ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if name.endswith((".xml", ".rels")):
                yield name, archive.read(name)


def _forbidden(data: bytes, marked: set[str]) -> Iterator[Problem]:
    """What no part may hold; the names of parts that hold marks are put into ``marked``: each is read once."""
    for name, xml in _xml_parts(data):
        try:
            root = _parsed(xml)
        except DefusedXmlException:
            yield [name, "含有 DTD 或实体", "it holds a DTD or entities"]
        except ParseError:
            yield [name, "XML 已损坏", "its XML is broken"]
        else:
            if _MARK.search("".join(root.itertext())):
                marked.add(name)
            for element in root.iter():
                yield from _bad_element(name, element)


def _bad_element(name: str, element: Element) -> Iterator[Problem]:
    local = element.tag.rsplit("}", 1)[-1]
    if local in _ACTIVE:
        yield [name, f"含有嵌入或外部内容（{local}）", f"it embeds or fetches something ({local})"]
    if local == "Relationship" and element.get("TargetMode", "").lower() == "external":
        yield [name, f"含有外部链接“{element.get('Target')}”", f"it links outside: {element.get('Target')}"]
    if local in {"instrText", "fldSimple"}:
        code = (element.text if local == "instrText" else element.get(f"{W}instr")) or ""
        word = (code.split() or [""])[0].upper()
        if word not in _FIELDS:
            yield [name, f"不允许的域“{word}”", f"the field {word!r} is not allowed"]
