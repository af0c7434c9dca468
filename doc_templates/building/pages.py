"""Pages: paper and margins, head and foot with watermark, tables of fixed width, and the file in its fixed form."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx.blkcntnr import BlockItemContainer
from docx.document import Document as Doc
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Mm
from docx.table import Table
from docx.text.paragraph import Paragraph

from building.styles import CENTRE

TEXT_WIDTH = 166  # millimetres between the margins
WIDE = 253  # the same on a page that lies

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
#: Narrow margins in cells: a day fits a narrow column in one line.
CELL_MARGINS = (
    f'<w:tblCellMar {nsdecls("w")}><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar>'
)
VML = 'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'


def page(doc: Doc) -> None:
    """The paper and its margins."""
    section = doc.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(22)
    section.top_margin, section.bottom_margin = Mm(28), Mm(24)
    section.header_distance, section.footer_distance = Mm(14), Mm(12)


def header(section: Section, width: int = TEXT_WIDTH) -> None:
    """The head of a page: watermark, company, number and version."""
    head = section.header
    watermarks(head)
    line = head.add_paragraph("{{ report.company }}\t文件编号：{{ control.number }}　版本：{{ control.version }}")
    line.style.paragraph_format.tab_stops.clear_all()
    line.paragraph_format.tab_stops.add_tab_stop(Mm(width), WD_TAB_ALIGNMENT.RIGHT)
    line._p.get_or_add_pPr().append(  # noqa: SLF001 - no API for borders
        parse_xml(f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>')
    )


def watermarks(head: BlockItemContainer) -> None:
    """A watermark for each mark that a document may bear; the paragraph that the library begins with goes."""
    head._element.remove(head.paragraphs[0]._p)  # noqa: SLF001 - no API for removing
    for n, mark in enumerate(MARKS):
        start = head.add_paragraph("{%p if report.mark == '" + mark + "' %}")
        drawn = WATERMARK.format(w=f"{nsdecls('w')} {VML}", mark=mark, n=n, width=130 * len(mark) + 40)
        start._p.addnext(parse_xml(drawn))  # noqa: SLF001 - no API for drawings
        head.add_paragraph("{%p endif %}")


def footer(section: Section) -> None:
    """The foot of a page: which of how many."""
    line = section.footer.paragraphs[0]
    line.alignment = CENTRE
    for before, code in (("第 ", "PAGE"), (" 页　共 ", "NUMPAGES")):
        line.add_run(before)
        field(line, code)
    line.add_run(" 页")


def field(paragraph: Paragraph, code: str) -> None:
    """A field that the word processor fills."""
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


def heading(doc: Doc, text: str) -> None:
    """A heading."""
    doc.add_paragraph(text, "Heading 1")


def pairs(doc: Doc, given: Sequence[Sequence[str]], widths: Sequence[int] = (30, 56, 26, 54)) -> None:
    """Labels and values, two pairs a row."""
    styles = ("Cell heading", "Cell")
    table(doc, widths, [[(text, styles[n % 2]) for n, text in enumerate(row)] for row in given])


def facts(doc: Doc, given: Sequence[Sequence[str]]) -> None:
    """A label and a long value a row."""
    table(doc, (30, 136), [[(label, "Cell heading"), (value, "Cell")] for label, value in given])


def told(doc: Doc, name: str, title: str) -> None:
    """Every value that a field was given."""
    rows(doc, f"t in told.{name}", [("时间", 44, "t.at"), ("记录人", 26, "t.name"), (title, 96, "t.text")])


def rows(
    doc: Doc,
    loop: str,
    columns: Sequence[tuple[str, int, str]],
    styles: Sequence[str] = (),
    last: Sequence[str] = (),
    test: str = "",
) -> None:
    """A table with a heading that repeats on every page, a row for each of a list that passes, perhaps a last one."""
    of = styles or ["Small cell"] * len(columns)
    rest = [("", "Small cell")] * (len(columns) - 1)
    cells = [
        [(title, "Cell heading") for title, _, _ in columns],
        [("{%tr for " + loop + " %}", "Small cell"), *rest],
        *([[("{%tr if " + test + " %}", "Small cell"), *rest]] if test else []),
        [("{{ " + value + " }}", style) for (_, _, value), style in zip(columns, of, strict=True)],
        *([[("{%tr endif %}", "Small cell"), *rest]] if test else []),
        [("{%tr endfor %}", "Small cell"), *rest],
    ]
    if last:
        cells.append(list(zip(last, of, strict=True)))
    made = table(doc, [width for _, width, _ in columns], cells)
    made.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - no API for it


def table(doc: Doc, widths: Sequence[int], cells: Sequence[Sequence[tuple[str, str]]]) -> Table:
    """A table of fixed widths; each cell has text and style."""
    made = doc.add_table(len(cells), len(widths), "Table Grid")
    made.alignment, made.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    made._tbl.tblPr.append(parse_xml(CELL_MARGINS))  # noqa: SLF001 - no API for it
    for row, given in zip(made.rows, cells, strict=True):
        row.height, row.height_rule = Mm(7), WD_ROW_HEIGHT_RULE.AT_LEAST
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no API for it
        for cell, width, (text, style) in zip(row.cells, widths, given, strict=True):
            cell.width, cell.vertical_alignment = Mm(width), WD_CELL_VERTICAL_ALIGNMENT.CENTER
            cell.paragraphs[0].style = style
            cell.paragraphs[0].add_run(text)
            if style == "Cell heading":
                shade = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="F2F2F2"/>')
                cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - no API for it
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    return made


def properties(doc: Doc) -> None:
    """The properties of the file."""
    properties = doc.core_properties
    properties.title, properties.subject = "{{ report.title }}", "{{ control.number }}"
    properties.author, properties.comments, properties.language = "{{ report.company }}", "", "zh-CN"
    properties.last_modified_by = properties.keywords = ""
    properties.created = properties.modified = datetime(2026, 1, 1, tzinfo=UTC)


def fixed(doc: Doc) -> bytes:
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
