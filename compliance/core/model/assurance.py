"""Assuring: filings, ledger approvals, reviews and audits, controlled documents, events, nonconformities."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.model.base import Cell, Emptied, Refers, Row, account, column, day, quantity, sheet

#: The vocabulary whose words are the codes of the obligations that are filed.
FILING_OBLIGATION = "filing-obligation"


@sheet("月度上报与填报", "filing", ("obligation", "period"), decides=("filed", "period"))
@dataclass(frozen=True, slots=True, kw_only=True)
class Filing(Row):
    """A filing of a period; attachments joined by 、."""

    obligation: str = column("义务编号", words=FILING_OBLIGATION)
    period: str = column("所属期", Cell.PERIOD)
    filed: date | None = day("填报日期")
    receipt: str | None = column("回执号")
    attachments: str | None = column("附件", Cell.FREE)
    filer: str | None = account("填报人")


@sheet(
    "台账审批",
    "ledger_approval",
    ("number",),
    decides=("prepared_on", "month"),
    empties=(Emptied("checked_on", ("checker",)), Emptied("approved_on", ("approver",))),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerApproval(Row):
    """A monthly ledger: prepared, checked, approved."""

    number: str = column("台账编号")
    ledger: str | None = column("台账名称", words="ledger")
    month: str | None = column("所属月份", Cell.MONTH)
    preparer: str | None = account("编制人")
    prepared_on: date | None = day("编制日期")
    checker: str | None = account("校核人")
    checked_on: date | None = day("校核日期")
    approver: str | None = account("批准人")
    approved_on: date | None = day("批准日期")


_REVIEW_CONTENTS = (
    *(f"input_{x}" for x in "abcdefghi"),
    *(f"output_{x}" for x in "abcd"),
)


@sheet(
    "评审与审核",
    "review",
    ("number",),
    decides=("planned", "started"),
    earliest=True,
    empties=(Emptied("planned"), Emptied("started"), Emptied("completed", _REVIEW_CONTENTS)),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Row):
    """A review, evaluation or audit; an internal audit has one row a department audited."""

    number: str = column("编号")
    type: str | None = column("类型", words="review-type")
    planned: date | None = day("计划日期")
    started: date | None = day("开始日期")
    completed: date | None = day("完成日期")
    chair: str | None = account("主持人")
    auditors: str | None = column("审核员", refers=Refers.ACCOUNTS)
    department: str | None = column("被审核部门", refers=Refers.DEPARTMENT)
    input_a: str | None = column("输入a", words="present")
    input_b: str | None = column("输入b", words="present")
    input_c: str | None = column("输入c", words="present")
    input_d: str | None = column("输入d", words="present")
    input_e: str | None = column("输入e", words="present")
    input_f: str | None = column("输入f", words="present")
    input_g: str | None = column("输入g", words="present")
    input_h: str | None = column("输入h", words="present")
    input_i: str | None = column("输入i", words="present")
    output_a: str | None = column("输出a", words="present")
    output_b: str | None = column("输出b", words="present")
    output_c: str | None = column("输出c", words="present")
    output_d: str | None = column("输出d", words="present")


@sheet("受控文件", "controlled_document", ("number", "version"), decides=("approved", "effective"))
@dataclass(frozen=True, slots=True, kw_only=True)
class ControlledDocument(Row):
    """A version of a controlled document, with the persons to be informed and those who confirmed."""

    number: str = column("文件编号")
    name: str | None = column("文件名称", Cell.FREE)
    document_class: str | None = column("文件类别", words="document-class")
    version: str = column("版本")
    author: str | None = account("编制人")
    reviewer: str | None = account("审核人")
    approver: str | None = account("批准人")
    approved: date | None = day("批准日期")
    effective: date | None = day("生效日期")
    readers: int | None = quantity("应宣贯人数")
    confirmed: int | None = quantity("已确认人数")


@sheet(
    "事件",
    "event",
    ("number",),
    decides=("on",),
    empties=(Emptied("context_reviewed"), Emptied("compliance_evaluated"), Emptied("special_audit")),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class Event(Row):
    """Something that raises duties, and the days on which they were met."""

    number: str = column("事件编号")
    type: str | None = column("类型", words="event-type")
    on: date | None = day("日期")
    description: str | None = column("描述", Cell.FREE)
    context_reviewed: date | None = day("补充环境评审日期")
    compliance_evaluated: date | None = day("补充合规评价日期")
    special_audit: date | None = day("专项审核日期")


@sheet(
    "不符合项",
    "imported_nonconformity",
    ("number",),
    decides=("recorded",),
    empties=(
        Emptied("completed", state="in-progress"),
        Emptied("verified", ("verifier", "verdict")),
        Emptied("closed", state="awaiting-verification"),
    ),
)
@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedNonconformity(Row):
    """A nonconformity that the plant recorded before, as it stood."""

    number: str = column("编号")
    origin: str | None = column("来源")
    category: str | None = column("类别", words="nonconformity-category")
    grade: str | None = column("分级")
    recorded: date | None = day("登记日期")
    fact: str | None = column("事实", Cell.FREE)
    cause: str | None = column("原因", Cell.FREE)
    cause_code: str | None = column("根因代码")
    action: str | None = column("纠正措施", Cell.FREE)
    owner: str | None = account("责任人")
    due: date | None = day("完成时限")
    completed: date | None = day("完成日期")
    criterion: str | None = column("验证标准", Cell.FREE)
    verifier: str | None = account("验证人")
    verified: date | None = day("验证日期")
    verdict: str | None = column("验证结论", words="verdict")
    state: str | None = column("状态", words="nonconformity-state")
    closed: date | None = day("关闭日期")
