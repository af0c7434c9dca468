"""A template from its layout: a TOML file that lists, from the cover to the last signature, what stands where.

``title``: "cover" (cover, control table, numbered chapters), "plain" (heading and control table on the first page) or
"form" (one boxed form); ``wide``: every page lies on its side; ``body``: the blocks in their order, one table each.

The first key of a block says what it is: ``heading`` (and ``level``), ``text`` (a section that the author writes),
``par`` (template text), ``label``, ``note``, ``rows`` (a list, with ``columns`` [title, name, width, style], perhaps a
``last`` row, ``only`` [name, word]: those rows alone, and ``none``: what is said where there is no row), ``table`` (an
author's table, with ``columns``), ``pairs`` (rows of label, value, label, value), ``facts`` (rows of label, value),
``grid`` (rows of cells; one that begins with # is a head), ``signatures`` (of whom), ``picture`` (and ``caption``),
``lie`` (true: pages lie from here on; false: they stand again), ``page`` (a new page).
``when`` leaves a block out where the name says nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.section import Section
from docx.shared import Mm

from building import pages
from building.styles import fonts, more_styles, styles

#: What the styles of cells are called in a layout.
CELLS = {"": "Small cell", "number": "Number cell", "middle": "Middle cell"}
SIGNERS = (("编制", "author"), ("审核", "reviewer"), ("会签", "countersigner"), ("批准", "approver"))
#: Who signs where a layout does not say.
USUAL = ("author", "reviewer", "approver")
#: What stands where a list has no row, and where nobody has written a section: in a draft that it is still to be done.
NONE = "无。"
UNRECORDED = "（尚未登记）"
#: Lists of how a plant is set up: without a row they are not done, rather than that there is nothing.
SET_UP = frozenset(
    (
        "lines",
        "departments",
        "posts",
        "sources",
        "plan",
        "instruments",
        "laboratories",
        "factors",
        "powers",
        "strategies",
    )
)
UNWRITTEN = "{% if report.mark == '草稿' %}（待填写）{% else %}无。{% endif %}"
#: What every table of signatures says below it.
SIGNED_HOW = "签名由本人签署，方式见表；摘要为所签草稿文件 SHA-256 的前 16 位。无副本编号的打印件非受控。"


def template(path: Path) -> bytes:
    """The template that a layout describes."""
    given = tomllib.loads(path.read_text(encoding="utf-8"))
    doc = Document()
    pages.page(doc)
    styles(doc)
    more_styles(doc)
    fonts(doc)
    maker = _Maker(doc, wide=bool(given.get("wide", False)))
    maker.begin(str(given.get("title", "cover")), turned="lie" in given["body"][0])
    for block in given["body"]:
        maker.block(block)
    pages.properties(doc)
    return pages.fixed(doc)


class _Maker:
    """Puts one block after the other."""

    def __init__(self, doc: Doc, *, wide: bool) -> None:
        self._doc, self._wide = doc, wide

    @property
    def width(self) -> int:
        return pages.WIDE if self._wide else pages.TEXT_WIDTH

    def begin(self, kind: str, *, turned: bool = False) -> None:
        """Head and foot, then cover and control table, or what stands in their place.

        ``turned``: a page that lies follows and begins by itself.
        """
        section = self._doc.sections[0]
        if self._wide:
            _turn(section)
        pages.header(section, self.width)
        pages.footer(section)
        match kind:
            case "cover":
                self._cover(section)
                self._control("文件控制")
                if not turned:
                    self._doc.add_page_break()
            case "plain":
                self._doc.add_paragraph("{{ report.company }}", "Company")
                self._doc.add_paragraph("{{ report.title }}", "Title")
                self._mark()
                self._control("")
            case "form":
                self._doc.add_paragraph("{{ report.company }}", "Cover line")
                self._doc.add_paragraph("{{ report.title }}", "Form title")
                self._mark()
            case _:
                raise ValueError(kind)

    def block(self, given: Mapping[str, Any]) -> None:
        """One block; ``when`` leaves it out where a name says nothing."""
        kind = next(iter(given))
        if when := given.get("when"):
            self._doc.add_paragraph("{%p if " + str(when) + " %}")
        getattr(self, f"_{kind}")(given[kind], given)
        if when:
            self._doc.add_paragraph("{%p endif %}")

    # --- beginnings

    def _cover(self, section: Section) -> None:
        section.different_first_page_header_footer = True
        pages.watermarks(section.first_page_header)
        self._doc.add_paragraph("{{ report.company }}", "Cover company")
        self._doc.add_paragraph("{{ report.title }}", "Cover title")
        self._mark()
        for line in ("文件编号：{{ control.number }}", "版　　本：{{ control.version }}"):
            self._doc.add_paragraph(line, "Cover line")
        self._doc.add_paragraph("{%p if control.period != '—' %}")
        self._doc.add_paragraph("所属期间：{{ control.period }}", "Cover line")
        self._doc.add_paragraph("{%p endif %}")
        self._doc.add_paragraph("生效日期：{{ control.effective }}", "Cover line")
        self._doc.add_page_break()

    def _mark(self) -> None:
        self._doc.add_paragraph("{%p if report.mark %}")
        self._doc.add_paragraph("【{{ report.mark }}】", "Draft")
        self._doc.add_paragraph("{%p endif %}")

    def _control(self, title: str) -> None:
        """The control table, who signed, and the versions."""
        if title:
            self._doc.add_paragraph(title, "Title")
        rows = [
            ("文件编号", "{{ control.number }}", "版本", "{{ control.version }}"),
            ("文件类别", "{{ control.code }}", "生效日期", "{{ control.effective }}"),
            ("依据", "{{ control.clause }}", "数据截至", "{{ report.printed }}"),
            ("发放范围", "{{ control.distribution }}", "评审周期", "{{ control.review }}"),
            ("保存期限", "{{ control.retention }}", "所属期间", "{{ control.period }}"),
        ]
        pages.pairs(self._doc, rows, _spread(self.width, (26, 62, 24, 54)))
        self._doc.add_paragraph("", "Note")
        self._signed(USUAL)
        self._doc.add_paragraph(SIGNED_HOW, "Note")
        self._doc.add_paragraph("{%p if versions %}")
        self._doc.add_paragraph("修订记录：", "Label")
        columns = [("版本", "label", 22, ""), ("生效日期", "effective", 34, ""), ("编制或修订缘由", "why", 110, "")]
        self._listed("versions", columns)
        self._doc.add_paragraph("{%p endif %}")

    def _signed(self, names: Sequence[str]) -> None:
        head = ("职责", "岗位", "签名", "签署时间", "含义", "签署方式", "所签草稿摘要")
        cells = [[(title, "Cell heading") for title in head]]
        for title, name in (pair for pair in SIGNERS if pair[1] in names):
            post = "{% if " + name + ".posts %}{{ " + name + ".posts }}{% else %}{{ " + name + ".post }}{% endif %}"
            said = [("{{ " + f"{name}.{part}" + " }}", "Small cell") for part in ("at", "meaning", "method", "digest")]
            signed = ("{{ " + name + ".name }}", "Signed")
            cells.append([(title, "Cell heading"), (post, "Small cell"), signed, *said])
        pages.table(self._doc, _spread(self.width, (12, 27, 23, 34, 12, 20, 38)), cells)

    # --- blocks

    def _heading(self, said: str, given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph(said, f"Heading {given.get('level', 1)}")

    def _text(self, section: str, _given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph("{%p for p in text." + section + " %}")
        self._doc.add_paragraph("{{ p.line }}", "Text")
        self._doc.add_paragraph("{%p endfor %}")
        self._doc.add_paragraph("{%p if not text." + section + " %}")
        self._doc.add_paragraph(UNWRITTEN, "Text")
        self._doc.add_paragraph("{%p endif %}")

    def _par(self, said: str, _given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph(said, "Text")

    def _label(self, said: str, _given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph(said, "Label")

    def _note(self, said: str, _given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph(said, "Note")

    def _rows(self, name: str, given: Mapping[str, Any]) -> None:
        columns = [
            (c[0], c[1], c[2] if len(c) > _WITH_WIDTH else 0, c[-1] if len(c) > _WITH_STYLE else "")
            for c in given["columns"]
        ]
        self._doc.add_paragraph("{%p if " + name + " %}")
        self._listed(name, columns, given.get("last", ()), given.get("only", ()))
        self._doc.add_paragraph("{%p else %}")
        self._doc.add_paragraph(given.get("none", UNRECORDED if name in SET_UP else NONE), "Text")
        self._doc.add_paragraph("{%p endif %}")

    def _table(self, section: str, given: Mapping[str, Any]) -> None:
        self._rows(f"table.{section}", {"none": UNWRITTEN, **given})

    def _listed(
        self, name: str, columns: Sequence[Sequence[Any]], last: Sequence[str] = (), only: Sequence[str] = ()
    ) -> None:
        widths = _spread(self.width, [c[2] or self.width // len(columns) for c in columns])
        shown = [(str(c[0]), width, f"r.{c[1]}") for c, width in zip(columns, widths, strict=True)]
        test = f"r.{only[0]} == '{only[1]}'" if only else ""
        pages.rows(self._doc, f"r in {name}", shown, [CELLS[c[3]] for c in columns], last, test)

    def _pairs(self, rows: Sequence[Sequence[str]], given: Mapping[str, Any]) -> None:
        pages.pairs(self._doc, rows, _spread(self.width, given.get("widths", (28, 52, 32, 54))))

    def _facts(self, rows: Sequence[Sequence[str]], given: Mapping[str, Any]) -> None:
        cells = [[(label, "Cell heading"), (value, "Cell")] for label, value in rows]
        pages.table(self._doc, _spread(self.width, given.get("widths", (36, 130))), cells)

    def _grid(self, rows: Sequence[Sequence[str]], given: Mapping[str, Any]) -> None:
        cells = [[(c[1:], "Cell heading") if c.startswith("#") else (c, "Cell") for c in row] for row in rows]
        pages.table(self._doc, _spread(self.width, given.get("widths", [1] * len(rows[0]))), cells)

    def _signatures(self, names: Sequence[str], _given: Mapping[str, Any]) -> None:
        """Who signs the document in the system."""
        self._signed(names or USUAL)

    def _lie(self, wide: bool, _given: Mapping[str, Any]) -> None:  # noqa: FBT001 - the value of a block
        section = self._doc.add_section(WD_SECTION.NEW_PAGE)
        self._wide = wide
        _turn(section)
        section.different_first_page_header_footer = False
        section.header.is_linked_to_previous = False
        pages.header(section, self.width)

    def _picture(self, name: str, given: Mapping[str, Any]) -> None:
        self._doc.add_paragraph("{{ " + name + " }}", "Picture")
        if caption := given.get("caption"):
            self._doc.add_paragraph(str(caption), "Caption")

    def _page(self, _said: object, _given: Mapping[str, Any]) -> None:
        self._doc.add_page_break()


#: A column of a list: title, name, then perhaps its width and the style of its cells.
_WITH_WIDTH, _WITH_STYLE = 2, 3


def _turn(section: Section) -> None:
    section.page_width, section.page_height = section.page_height, section.page_width
    lies = section.page_width > section.page_height
    section.orientation = WD_ORIENT.LANDSCAPE if lies else WD_ORIENT.PORTRAIT
    section.left_margin = section.right_margin = Mm(22)


def _spread(width: int, shares: Sequence[int]) -> list[int]:
    """Widths in whole millimetres that fill the page, in the proportion given."""
    whole = sum(shares)
    widths = [width * share // whole for share in shares]
    widths[-1] += width - sum(widths)
    return widths
