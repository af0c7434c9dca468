"""Styles by name, their fonts with fallbacks, and numbered headings."""

from __future__ import annotations

from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt, RGBColor
from docx.styles.style import ParagraphStyle

SONG, HEI, FANG, LATIN = "SimSun", "SimHei", "FangSong", "Times New Roman"
#: What a reader without a font shows instead.
FALLBACKS = {SONG: "宋体;Noto Serif CJK SC", HEI: "黑体;Noto Sans CJK SC", FANG: "仿宋;Noto Serif CJK SC"}
RED = RGBColor(0xC0, 0x00, 0x00)
CENTRE, LEFT, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.RIGHT
#: The numbering of headings: 1, 1.1, 1.1.1.
NUMBERED = 90


def styles(doc: Doc) -> None:
    """Every style that the templates use; a person edits these in a word processor."""
    style(doc, "Normal", SONG, 10.5)
    style(doc, "Header", SONG, 9)
    style(doc, "Footer", SONG, 9, align=CENTRE)
    style(doc, "Company", HEI, 16, align=CENTRE, before=6, after=4)
    style(doc, "Title", HEI, 22, align=CENTRE, after=8)
    style(doc, "Draft", HEI, 12, align=CENTRE, after=6).font.color.rgb = RED
    style(doc, "Heading 1", HEI, 12, before=12, after=4).paragraph_format.keep_with_next = True
    for lang in doc.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")
    text = style(doc, "Text", FANG, 12, before=2, after=2)
    text.paragraph_format.first_line_indent = Pt(24)
    text.paragraph_format.line_spacing_rule = WD_LINE_SPACING.ONE_POINT_FIVE
    style(doc, "Label", HEI, 10.5, before=4, after=2).paragraph_format.keep_with_next = True
    style(doc, "Cell", SONG, 10.5, before=1.5, after=1.5)
    style(doc, "Small cell", SONG, 9, before=1.5, after=1.5)
    style(doc, "Signed", FANG, 12, align=CENTRE)
    style(doc, "Cell heading", HEI, 9, align=CENTRE)
    style(doc, "Note", SONG, 8, before=4)


def more_styles(doc: Doc) -> None:
    """The styles of documents with a cover and numbered headings."""
    style(doc, "Cover company", HEI, 18, align=CENTRE, before=90, after=60)
    style(doc, "Cover title", HEI, 30, align=CENTRE, before=20, after=20)
    style(doc, "Cover line", SONG, 12, align=CENTRE, before=4, after=4)
    style(doc, "Heading 2", HEI, 12, before=8, after=3).paragraph_format.keep_with_next = True
    style(doc, "Number cell", SONG, 9, align=RIGHT, before=1.5, after=1.5)
    style(doc, "Middle cell", SONG, 9, align=CENTRE, before=1.5, after=1.5)
    style(doc, "Picture", SONG, 9, align=CENTRE, before=6, after=2).paragraph_format.keep_with_next = True
    style(doc, "Caption", HEI, 9, align=CENTRE, before=2, after=8)
    style(doc, "Form title", HEI, 18, align=CENTRE, before=2, after=6)
    style(doc, "Tall cell", SONG, 10.5, before=12, after=12)
    _numbering(doc)


def style(
    doc: Doc,
    name: str,
    font: str,
    size: float,
    *,
    align: WD_ALIGN_PARAGRAPH = LEFT,
    before: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    """One paragraph style, made or changed."""
    known = [s.name for s in doc.styles]
    made = doc.styles[name] if name in known else doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    made.font.name, made.font.size, made.font.bold = LATIN, Pt(size), False
    made.font.italic = False
    made.font.color.rgb = RGBColor(0, 0, 0)
    fonts = made.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    borders = made.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)
    shape = made.paragraph_format
    shape.alignment, shape.space_before, shape.space_after = align, Pt(before), Pt(after)
    return made


def fonts(doc: Doc) -> None:
    """Say in the table of fonts what may stand for each Chinese font."""
    for part in doc.part.package.iter_parts():
        if str(part.partname).endswith("/fontTable.xml"):
            table = parse_xml(part.blob)
            for name, others in FALLBACKS.items():
                font = parse_xml(f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/></w:font>')
                table.append(font)
            part._blob = xml(table)  # noqa: SLF001 - the library has no other way to change this part


def xml(element: BaseOxmlElement) -> bytes:
    """An element as a part of the package."""
    from lxml import etree  # noqa: PLC0415 - comes with python-docx

    done: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8", standalone=True)
    return done


def _numbering(doc: Doc) -> None:
    """Number the headings by their styles: who adds one in a word processor gets the next number."""
    numbering = doc.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Heading{n + 1}"/>'
        f'<w:suff w:val="space"/><w:lvlText w:val="{form}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="0" w:firstLine="0"/></w:pPr></w:lvl>'
        for n, form in enumerate(("%1", "%1.%2"))
    )
    kind = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{NUMBERED}"><w:multiLevelType w:val="multilevel"/>{levels}'
        f"</w:abstractNum>"
    )
    first = numbering.find(qn("w:num"))
    first.addprevious(kind)
    numbering.append(
        parse_xml(f'<w:num {nsdecls("w")} w:numId="{NUMBERED}"><w:abstractNumId w:val="{NUMBERED}"/></w:num>')
    )
    for n in (1, 2):
        shape = doc.styles[f"Heading {n}"].element.get_or_add_pPr()
        for old in shape.findall(qn("w:numPr")):
            shape.remove(old)
        shape.insert(
            0,
            parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{n - 1}"/><w:numId w:val="{NUMBERED}"/></w:numPr>'),
        )
