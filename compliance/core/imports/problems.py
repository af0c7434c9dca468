"""What is wrong with a workbook: every bad place with its reason, none of them an exception."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from compliance.kernel.text import Text

_MESSAGES = {
    "sheet-absent": Text("缺少工作表“{sheet}”", "Sheet {sheet} is absent"),
    "sheet-unknown": Text("未知的工作表“{sheet}”，请删除", "Sheet {sheet} is unknown; remove it"),
    "column-absent": Text("缺少列“{column}”", "Column {column} is absent"),
    "column-unknown": Text("未知的列“{column}”，请删除", "Column {column} is unknown; remove it"),
    "column-twice": Text("列“{column}”出现两次", "Column {column} stands twice"),
    "item-absent": Text("缺少项目“{given}”", "The item {given} is absent"),
    "content-empty": Text("此项必须填写", "This item must be given"),
    "formula": Text("是公式；请粘贴为数值", "A formula stands here; paste its value instead"),
    "error-value": Text("是错误值；请改为实际值", "An error value stands here; give the actual value"),
    "unreadable": Text("无法读取；请重新填写", "The value cannot be read; enter it again"),
    "key-empty": Text("主键不能为空", "A cell of the natural key is empty"),
    "not-a-day": Text(
        "“{given}”不是日期；请填写日期型单元格，不要填写文本或数字",
        "{given} is no date; give a real date, not a text or a number",
    ),
    "not-a-number": Text(
        "“{given}”不是数值；请填写数值，不带单位和千分位",
        "{given} is no number; give a number without unit and thousands separators",
    ),
    "beyond-bounds": Text("“{given}”没有意义；可填：{admitted}", "{given} means nothing; it may be {admitted}"),
    "negative": Text("“{given}”小于 0", "{given} is below 0"),
    "too-many-digits": Text("“{given}”小数超过 6 位或数值过大", "{given} has more than 6 decimals or is too large"),
    "not-a-month": Text("“{given}”不是月份；请填写文本 YYYY-MM", "{given} is no month; give the text YYYY-MM"),
    "not-a-year": Text("“{given}”不是年度；请填写文本 YYYY", "{given} is no year; give the text YYYY"),
    "not-text": Text(
        "“{given}”不是文本；请将单元格设为文本后重新填写",
        "{given} is not text; format the cell as text and enter it again",
    ),
    "bad-character": Text(
        "含有无法保存的字符 {given}；请删除后重试", "The character {given} cannot be kept; remove it"
    ),
    "not-in-list": Text("“{given}”不在允许的词中；可填：{admitted}", "{given} is none of: {admitted}"),
    "credit-code": Text(
        "“{given}”不是有效的统一社会信用代码（18 位，校验码须正确）",
        "{given} is no valid unified social credit code (18 characters with a right check character)",
    ),
    "key-twice": Text("主键“{given}”重复", "The natural key {given} occurs a second time"),
    "no-such-account": Text("账号“{given}”不在人员表中", "There is no person with the account {given}"),
    "refers-to-nothing": Text("“{given}”没有对应的记录", "{given} refers to nothing"),
    "not-in-plan": Text("该生产线的监测计划中没有项目“{given}”", "The monitoring plan of the line has no item {given}"),
    "unit-differs": Text("单位“{given}”与监测计划不同", "The unit {given} differs from the monitoring plan"),
    "after-data-end": Text("“{given}”晚于数据的最后一天", "{given} is after the last day of data"),
    "end-before-start": Text("“{given}”早于起始日", "{given} is before the start"),
    "refused-by-rule": Text("{given}", "{given}"),
    "correction": Text(
        "已导入的值“{given}”与文件不同；更正须说明理由",
        "The stored value differs: {given}; a correction needs a reason",
    ),
}

#: Nobody reads more; beyond this the rest is only counted.
MOST_PROBLEMS = 100_000


@dataclass(frozen=True, slots=True)
class DataProblem:
    """One bad place: the row number of the file and the heading; both ``None`` for a sheet as a whole.

    ``code`` names the rule that it breaks, ``given`` is what stands there, ``admitted`` what might; ``said``: what a
    rule says of it instead.
    """

    sheet: str
    row: int | None
    column: str | None
    code: str
    given: str = ""
    said: Text | None = None
    admitted: str = ""

    @property
    def message(self) -> Text:
        """What is wrong and what would be right."""
        more = {"sheet": self.sheet, "column": self.column, "given": self.given, "admitted": self.admitted}
        return self.said or _MESSAGES[self.code].fill(**more)

    def as_json(self) -> dict[str, object]:
        """The shape of the command line's answer."""
        return {"sheet": self.sheet, "row": self.row, "column": self.column, "message": str(self.message)}


def together(problems: Iterable[DataProblem]) -> Text:
    """Every problem of an entered row in one sentence, each with its field if it has one."""
    found = [(p.column, p.message) for p in problems]
    zh = (f"{column}：{said.zh}" if column else said.zh for column, said in found)
    en = (f"{column}: {said.en}" if column else said.en for column, said in found)
    return Text("；".join(zh), "; ".join(en))


class Problems:
    """Gathers problems; a file that is wrong everywhere must not fill the memory."""

    def __init__(self) -> None:
        self._kept: list[DataProblem] = []
        self.more = 0

    def add(self, problem: DataProblem) -> None:
        """Keep a problem, or count it where too many are kept."""
        if len(self._kept) < MOST_PROBLEMS:
            self._kept.append(problem)
        else:
            self.more += 1

    def __len__(self) -> int:
        return len(self._kept) + self.more

    def __iter__(self) -> Iterator[DataProblem]:
        return iter(self._kept)
