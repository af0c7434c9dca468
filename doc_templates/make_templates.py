"""Makes the .docx templates anew: ``python doc_templates/make_templates.py [FOLDER]``.

The templates may as well be edited in a word processor; this is how the shipped ones came about. It needs python-docx.
"""

# ruff: noqa: INP001 - a script beside the templates, no package

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.document import Document as Doc
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table
from docx.text.paragraph import Paragraph

SONG, HEI, FANG, LATIN = "SimSun", "SimHei", "FangSong", "Times New Roman"
#: What a reader without a font shows instead.
FALLBACKS = {SONG: "宋体;Noto Serif CJK SC", HEI: "黑体;Noto Sans CJK SC", FANG: "仿宋;Noto Serif CJK SC"}
TEXT_WIDTH = 166  # millimetres between the margins
RED = RGBColor(0xC0, 0x00, 0x00)
CENTRE, LEFT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT

WATERMARK = """
<w:p {w}><w:pPr><w:pStyle w:val="Header"/></w:pPr><w:r><w:pict>
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800"
 path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/>
<v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/><v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/>
<v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/><v:f eqn="if @0 @4 21600"/></v:formulas>
<v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/></v:shapetype>
<v:shape id="watermark{n}" type="#_x0000_t136" style="position:absolute;margin-left:0;margin-top:0;width:{width}pt;
height:150pt;rotation:315;z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;
mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#d9d9d9" stroked="f">
<v:fill opacity=".5"/><v:textpath style="font-family:&quot;SimHei&quot;;font-size:1pt" string="{mark}"/></v:shape>
</w:pict></w:r></w:p>
"""
#: Marks that have a watermark of their own: of a draft, of versions that have ended.
MARKS = ("草稿", "已被替代", "已作废")
VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'


def main(folder: Path) -> None:
    """Write every template into a folder."""
    (folder / "nonconformity_report.docx").write_bytes(nonconformity_report())


def nonconformity_report() -> bytes:
    """The report on a nonconformity."""
    doc = Document()
    _page(doc)
    _styles(doc)
    _fonts(doc)
    _header(doc.sections[0])
    _footer(doc.sections[0])
    _title(doc)
    _basics(doc)
    _course(doc)
    _ending(doc)
    _properties(doc)
    return _fixed(doc)


def _title(doc: Doc) -> None:
    doc.add_paragraph("{{ report.company }}", "Company")
    doc.add_paragraph("{{ report.title }}", "Title")
    doc.add_paragraph("{%p if report.mark %}")
    doc.add_paragraph("【{{ report.mark }}】", "Draft")
    doc.add_paragraph("{%p endif %}")
    _pairs(
        doc,
        [
            ("文件编号", "{{ control.number }}", "版本", "{{ control.version }}"),
            ("依据", "{{ control.clause }}", "保存期限", "{{ control.retention }}"),
            ("生效日期", "{{ control.effective }}", "数据截至", "{{ report.printed }}"),
        ],
    )
    doc.add_paragraph("", "Note")
    signed = [("编制", "author"), ("审核", "reviewer"), ("批准", "approver")]
    head = ("职责", "岗位", "签名", "签署时间", "含义", "所签草稿摘要")
    _table(
        doc,
        (14, 30, 28, 36, 16, 42),
        [
            [(title, "Cell heading") for title in head],
            *[
                [
                    (title, "Cell heading"),
                    (
                        "{% if "
                        + name
                        + ".posts %}{{ "
                        + name
                        + ".posts }}{% else %}{{ "
                        + name
                        + ".post }}{% endif %}",
                        "Small cell",
                    ),
                    ("{{ " + name + ".name }}", "Signed"),
                    *[("{{ " + f"{name}.{part}" + " }}", "Small cell") for part in ("at", "meaning", "digest")],
                ]
                for title, name in signed
            ],
        ],
    )
    doc.add_paragraph("签名由本人以密码签署；摘要为所签草稿文件 SHA-256 的前 16 位。", "Note")
    doc.add_paragraph("修订记录：", "Label")
    _rows(
        doc,
        "v in versions",
        [("版本", 22, "v.label"), ("生效日期", 34, "v.effective"), ("编制或修订缘由", 110, "v.why")],
    )


def _basics(doc: Doc) -> None:
    _heading(doc, "一、基本情况")
    _pairs(
        doc,
        [
            ("不符合项编号", "{{ case.number }}", "状态", "{{ case.state }}"),
            ("登记日期", "{{ case.opened }}", "分级", "{{ case.grade }}"),
            ("类别", "{{ case.category }}　{{ case.meaning }}", "涉及条款", "{{ case.clauses }}"),
            ("统一社会信用代码", "{{ report.code }}", "来自审核", "{{ fields.from_audit }}"),
        ],
    )
    _heading(doc, "二、不符合事实")
    doc.add_paragraph("{{ fields.fact }}", "Text")
    doc.add_paragraph("{%p if findings %}")
    doc.add_paragraph("系统判定的发现：", "Label")
    _rows(
        doc,
        "f in findings",
        [
            ("序号", 12, "f.number"),
            ("条款", 20, "f.clause"),
            ("对象", 28, "f.subject"),
            ("期间", 22, "f.period"),
            ("说明", 58, "f.message"),
            ("首次发现", 26, "f.seen"),
        ],
    )
    doc.add_paragraph("{%p endif %}")
    _heading(doc, "三、影响范围")
    doc.add_paragraph("{{ fields.extent }}", "Text")
    _heading(doc, "四、分级与应急处置")
    doc.add_paragraph("分级：{{ case.grade }}", "Text")
    doc.add_paragraph("应急处置：{{ fields.containment }}", "Text")


def _course(doc: Doc) -> None:
    _heading(doc, "五、根本原因")
    doc.add_paragraph("{{ fields.cause }}", "Text")
    doc.add_paragraph("根因代码：{{ fields.cause_code }}", "Text")
    _heading(doc, "六、纠正措施")
    _facts(
        doc,
        [
            ("纠正措施", "{{ fields.action }}"),
            ("责任人", "{{ fields.owner }}"),
            ("完成时限", "{{ fields.due }}"),
            ("验证标准", "{{ fields.criterion }}"),
        ],
    )
    _heading(doc, "七、实施进度")
    _told(doc, "progress", "进度")
    doc.add_paragraph("完成日期：{{ fields.completed }}", "Text")
    _heading(doc, "八、验证结论")
    _told(doc, "verification", "验证情况")
    doc.add_paragraph("验证日期：{{ fields.verified }}", "Text")


def _ending(doc: Doc) -> None:
    _heading(doc, "九、关闭")
    doc.add_paragraph("截至 {{ report.printed }}，本不符合项状态：{{ case.state }}。", "Text")
    _heading(doc, "十、办理与签署记录")
    _rows(
        doc,
        "s in steps",
        [
            ("序号", 12, "s.number"),
            ("步骤", 20, "s.title"),
            ("办理人", 17, "s.name"),
            ("岗位", 20, "s.posts"),
            ("时间", 31, "s.at"),
            ("记录", 29, "s.said"),
            ("签名含义", 17, "s.meaning"),
            ("摘要", 20, "s.digest"),
        ],
    )
    doc.add_paragraph("摘要为该步骤（含此前各步骤）内容的 SHA-256 前 16 位；有签名含义的步骤由本人以密码签署。", "Note")
    doc.add_paragraph("{%p if files %}")
    _heading(doc, "附、证据文件")
    _rows(
        doc,
        "e in files",
        [("文件名", 100, "e.name"), ("摘要", 40, "e.digest"), ("字节", 26, "e.size")],
    )
    doc.add_paragraph("{%p endif %}")


# --- building blocks ------------------------------------------------------------------------------


def _page(doc: Doc) -> None:
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(28), Mm(24)
    section.header_distance, section.footer_distance = Mm(14), Mm(12)


def _styles(doc: Doc) -> None:
    _style(doc, "Normal", SONG, 10.5)
    _style(doc, "Header", SONG, 9)
    _style(doc, "Footer", SONG, 9, align=CENTRE)
    _style(doc, "Company", HEI, 16, align=CENTRE, before=6, after=4)
    _style(doc, "Title", HEI, 22, align=CENTRE, after=8)
    _style(doc, "Draft", HEI, 12, align=CENTRE, after=6).font.color.rgb = RED
    _style(doc, "Heading 1", HEI, 12, before=12, after=4).paragraph_format.keep_with_next = True
    for lang in doc.styles.element.iter(qn("w:lang")):
        lang.set(qn("w:eastAsia"), "zh-CN")
    text = _style(doc, "Text", FANG, 12, before=2, after=2)
    text.paragraph_format.first_line_indent = Pt(24)
    text.paragraph_format.line_spacing_rule = WD_LINE_SPACING.ONE_POINT_FIVE
    _style(doc, "Label", HEI, 10.5, before=4, after=2).paragraph_format.keep_with_next = True
    _style(doc, "Cell", SONG, 10.5)
    _style(doc, "Small cell", SONG, 9)
    _style(doc, "Signed", FANG, 12, align=CENTRE)
    _style(doc, "Cell heading", HEI, 9, align=CENTRE)
    _style(doc, "Note", SONG, 8, before=4)


def _style(
    doc: Doc,
    name: str,
    font: str,
    size: float,
    *,
    align: WD_ALIGN_PARAGRAPH = LEFT,
    before: float = 0,
    after: float = 0,
) -> ParagraphStyle:
    known = [s.name for s in doc.styles]
    style = doc.styles[name] if name in known else doc.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)
    shape = style.paragraph_format
    shape.alignment, shape.space_before, shape.space_after = align, Pt(before), Pt(after)
    return style


def _fonts(doc: Doc) -> None:
    """Say in the table of fonts what may stand for each Chinese font."""
    for part in doc.part.package.iter_parts():
        if str(part.partname).endswith("/fontTable.xml"):
            table = parse_xml(part.blob)
            for name, others in FALLBACKS.items():
                font = parse_xml(f'<w:font {nsdecls("w")} w:name="{name}"><w:altName w:val="{others}"/></w:font>')
                table.append(font)
            part._blob = _xml(table)  # noqa: SLF001 - the library has no other way to change this part


def _xml(element: BaseOxmlElement) -> bytes:
    from lxml import etree  # noqa: PLC0415 - comes with python-docx

    done: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8", standalone=True)
    return done


def _header(section: Section) -> None:
    header = section.header
    header._element.remove(header.paragraphs[0]._p)  # noqa: SLF001 - no API for removing
    for n, mark in enumerate(MARKS):
        start = header.add_paragraph("{%p if report.mark == '" + mark + "' %}")
        drawn = WATERMARK.format(w=f"{nsdecls('w')} {VML}", mark=mark, n=n, width=130 * len(mark) + 40)
        start._p.addnext(parse_xml(drawn))  # noqa: SLF001 - no API for drawings
        header.add_paragraph("{%p endif %}")
    line = header.add_paragraph("{{ report.company }}\t文件编号：{{ control.number }}　版本：{{ control.version }}")
    line.style.paragraph_format.tab_stops.clear_all()
    line.paragraph_format.tab_stops.add_tab_stop(Mm(TEXT_WIDTH), 2)
    line._p.get_or_add_pPr().append(  # noqa: SLF001 - no API for borders
        parse_xml(f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>')
    )


def _footer(section: Section) -> None:
    line = section.footer.paragraphs[0]
    line.alignment = CENTRE
    for before, field in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        line.add_run(before)
        _field(line, field)
    line.add_run(" 页")


def _field(paragraph: Paragraph, code: str) -> None:
    for kind in ("begin", None, "separate", "0", "end"):
        run = paragraph.add_run()
        if kind == "0":
            run.text = "1"
            continue
        element = OxmlElement("w:instrText" if kind is None else "w:fldChar")
        if kind is None:
            element.text = f" {code} "
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)  # noqa: SLF001 - no API for fields


def _heading(doc: Doc, text: str) -> None:
    doc.add_paragraph(text, "Heading 1")


def _pairs(doc: Doc, rows: Sequence[Sequence[str]]) -> None:
    _table(
        doc, (30, 56, 26, 54), [[(c, "Cell heading" if n % 2 == 0 else "Cell") for n, c in enumerate(r)] for r in rows]
    )


def _facts(doc: Doc, rows: Sequence[Sequence[str]]) -> None:
    _table(doc, (30, 136), [[(label, "Cell heading"), (value, "Cell")] for label, value in rows])


def _told(doc: Doc, field: str, title: str) -> None:
    _rows(doc, f"t in told.{field}", [("时间", 44, "t.at"), ("记录人", 26, "t.name"), (title, 96, "t.text")])


def _rows(doc: Doc, loop: str, columns: Sequence[tuple[str, int, str]]) -> None:
    """A table with a heading that repeats on every page, and a row for each of a list."""
    head = [(title, "Cell heading") for title, _, _ in columns]
    rest = [("", "Small cell")] * (len(columns) - 1)
    body = [("{{ " + value + " }}", "Small cell") for _, _, value in columns]
    opening = [("{%tr for " + loop + " %}", "Small cell"), *rest]
    closing = [("{%tr endfor %}", "Small cell"), *rest]
    table = _table(doc, [width for _, width, _ in columns], [head, opening, body, closing])
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)  # noqa: SLF001 - no API for it


def _table(doc: Doc, widths: Sequence[int], rows: Sequence[Sequence[tuple[str, str]]]) -> Table:
    table = doc.add_table(len(rows), len(widths), "Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for row, cells in zip(table.rows, rows, strict=True):
        row.height, row.height_rule = Mm(7), WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no API for it
        for cell, width, (text, style) in zip(row.cells, widths, cells, strict=True):
            cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = style
            cell.paragraphs[0].add_run(text)
            if style == "Cell heading":
                shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="F2F2F2"/>')
                cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - no API for it
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    return table


def _properties(doc: Doc) -> None:
    properties = doc.core_properties
    properties.title, properties.subject = "{{ report.title }}", "{{ control.number }}"
    properties.author, properties.comments, properties.language = "{{ report.company }}", "", "zh-CN"
    properties.last_modified_by = properties.keywords = ""
    properties.created = properties.modified = datetime(2026, 1, 1, tzinfo=UTC)


def _fixed(doc: Doc) -> bytes:
    """The same bytes each time; the picture of the empty page that the library brings is left out."""
    package, made = io.BytesIO(), io.BytesIO()
    for key, rel in list(doc.part.package.rels.items()):
        if rel.reltype.endswith("/thumbnail"):
            del doc.part.package.rels[key]
    doc.save(package)
    with ZipFile(package) as given, ZipFile(made, "w", ZIP_DEFLATED) as out:
        for name in sorted(given.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            info = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = ZIP_DEFLATED
            out.writestr(info, given.read(name))
    return made.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
