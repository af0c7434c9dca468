"""The report on a nonconformity: older than layouts, and written out."""

from __future__ import annotations

from docx import Document
from docx.document import Document as Doc

from building.pages import facts, fixed, footer, header, heading, page, pairs, properties, rows, table, told
from building.styles import fonts, styles


def nonconformity_report() -> bytes:
    """The report on a nonconformity."""
    doc = Document()
    page(doc)
    styles(doc)
    fonts(doc)
    header(doc.sections[0])
    footer(doc.sections[0])
    _title(doc)
    _basics(doc)
    _course(doc)
    _ending(doc)
    properties(doc)
    return fixed(doc)


def _title(doc: Doc) -> None:
    doc.add_paragraph("{{ report.company }}", "Company")
    doc.add_paragraph("{{ report.title }}", "Title")
    doc.add_paragraph("{%p if report.mark %}")
    doc.add_paragraph("【{{ report.mark }}】", "Draft")
    doc.add_paragraph("{%p endif %}")
    pairs(
        doc,
        [
            ("文件编号", "{{ control.number }}", "版本", "{{ control.version }}"),
            ("依据", "{{ control.clause }}", "保存期限", "{{ control.retention }}"),
            ("生效日期", "{{ control.effective }}", "数据截至", "{{ report.printed }}"),
            ("发放范围", "{{ control.distribution }}", "文件类别", "{{ control.code }}"),
        ],
    )
    doc.add_paragraph("", "Note")
    signed = [("编制", "author"), ("审核", "reviewer"), ("批准", "approver")]
    head = ("职责", "岗位", "签名", "签署时间", "含义", "签署方式", "所签草稿摘要")
    table(
        doc,
        (12, 27, 23, 34, 12, 20, 38),
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
                    *[
                        ("{{ " + f"{name}.{part}" + " }}", "Small cell")
                        for part in ("at", "meaning", "method", "digest")
                    ],
                ]
                for title, name in signed
            ],
        ],
    )
    doc.add_paragraph("签名由本人签署，方式见表；摘要为所签草稿文件 SHA-256 的前 16 位。", "Note")
    doc.add_paragraph("修订记录：", "Label")
    rows(
        doc,
        "v in versions",
        [("版本", 22, "v.label"), ("生效日期", 34, "v.effective"), ("编制或修订缘由", 110, "v.why")],
    )


def _basics(doc: Doc) -> None:
    heading(doc, "一、基本情况")
    pairs(
        doc,
        [
            ("不符合项编号", "{{ case.number }}", "状态", "{{ case.state }}"),
            ("登记日期", "{{ case.opened }}", "分级", "{{ case.grade }}"),
            ("类别", "{{ case.category }}　{{ case.meaning }}", "涉及条款", "{{ case.clauses }}"),
            ("统一社会信用代码", "{{ report.code }}", "来自审核", "{{ fields.from_audit }}"),
        ],
    )
    heading(doc, "二、不符合事实")
    doc.add_paragraph("{{ fields.fact }}", "Text")
    doc.add_paragraph("{%p if findings %}")
    doc.add_paragraph("系统判定的发现：", "Label")
    rows(
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
    heading(doc, "三、影响范围")
    doc.add_paragraph("{{ fields.extent }}", "Text")
    heading(doc, "四、分级与应急处置")
    doc.add_paragraph("分级：{{ case.grade }}", "Text")
    doc.add_paragraph("应急处置：{{ fields.containment }}", "Text")


def _course(doc: Doc) -> None:
    heading(doc, "五、根本原因")
    doc.add_paragraph("{{ fields.cause }}", "Text")
    doc.add_paragraph("根因代码：{{ fields.cause_code }}", "Text")
    heading(doc, "六、纠正措施")
    facts(
        doc,
        [
            ("纠正措施", "{{ fields.action }}"),
            ("责任人", "{{ fields.owner }}"),
            ("完成时限", "{{ fields.due }}"),
            ("验证标准", "{{ fields.criterion }}"),
        ],
    )
    heading(doc, "七、实施进度")
    _told(doc, "progress", "进度")
    doc.add_paragraph("完成日期：{{ fields.completed }}", "Text")
    heading(doc, "八、验证结论")
    _told(doc, "verification", "验证情况")
    doc.add_paragraph("验证日期：{{ fields.verified }}", "Text")


def _told(doc: Doc, field: str, title: str) -> None:
    """Every value that a field was given, or that there is none."""
    doc.add_paragraph("{%p if told." + field + " %}")
    told(doc, field, title)
    doc.add_paragraph("{%p else %}")
    doc.add_paragraph("无。", "Text")
    doc.add_paragraph("{%p endif %}")


def _ending(doc: Doc) -> None:
    heading(doc, "九、关闭")
    doc.add_paragraph("截至 {{ report.printed }}，本不符合项状态：{{ case.state }}。", "Text")
    heading(doc, "十、办理与签署记录")
    rows(
        doc,
        "s in steps",
        [
            ("序号", 10, "s.number"),
            ("步骤", 20, "s.title"),
            ("办理人", 16, "s.name"),
            ("岗位", 20, "s.posts"),
            ("时间", 26, "s.at"),
            ("记录", 40, "s.said"),
            ("签名含义", 16, "s.meaning"),
            ("摘要", 18, "s.digest"),
        ],
    )
    doc.add_paragraph("摘要为该步骤（含此前各步骤）内容的 SHA-256 前 16 位；有签名含义的步骤由本人签署。", "Note")
    doc.add_paragraph("{%p if files %}")
    heading(doc, "附、证据文件")
    rows(
        doc,
        "e in files",
        [("文件名", 100, "e.name"), ("摘要", 40, "e.digest"), ("字节", 26, "e.size")],
    )
    doc.add_paragraph("{%p endif %}")
