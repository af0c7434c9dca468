"""What of a workbook the random plants disturb, sheet by sheet."""

from __future__ import annotations

from dataclasses import dataclass, field

from compliance.adapters.example import Cell

LEDGERS = ("碳排放数据台账", "碳排放数据校核内审台账", "月度碳资产台账")
DEPARTMENTS = ("碳管理部", "生产运行部", "设备部", "财务部", "安环部", "化验室", "矿山部")
FOLLOWING = ("补充环境评审日期", "补充合规评价日期", "专项审核日期")


@dataclass(frozen=True)
class Disturbed:
    """What of a sheet is disturbed, and how. Columns whose emptiness the meaning leaves open stay filled."""

    empty: tuple[str, ...] = ()
    person: tuple[str, ...] = ()
    day: tuple[str, ...] = ()
    word: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    drops: bool = False
    #: The column of the key that a copied row gets a new value in.
    copies: str = ""
    #: How often, against other sheets.
    weight: int = 3


SHEETS = {
    "账户权限": Disturbed(
        empty=("操作人", "审核人", "监管人"),
        person=("操作人", "审核人", "监管人"),
        day=("生效起", "生效止"),
        word={"账户类型": ("注册登记账户", "交易账户", "资金账户")},
        weight=2,
    ),
    "评审与审核": Disturbed(
        empty=(
            "计划日期",
            "开始日期",
            "完成日期",
            "主持人",
            "审核员",
            "被审核部门",
            "输入b",
            "输入g",
            "输出a",
            "输出c",
        ),
        person=("主持人", "审核员"),
        day=("计划日期", "开始日期", "完成日期"),
        word={
            "被审核部门": DEPARTMENTS,
            "类型": ("内部审核", "数据内审", "内外部环境评审", "合规性评价", "管理评审"),
        },
        drops=True,
        copies="编号",
        weight=9,
    ),
    "每日数据": Disturbed(
        empty=("记录人", "校核人", "数量", "器具编号"),
        person=("记录人", "校核人"),
        word={"数量": (0, 0.01, 12.5), "器具编号": ("WM-K1-01", "WM-P-01", "EM-P-02")},
        drops=True,
        weight=5,
    ),
    "校验记录": Disturbed(
        day=("日期", "有效期至"),
        word={"结论": ("合格", "不合格"), "类型": ("检定", "校准", "月度校验")},
        drops=True,
        weight=5,
    ),
    "计量器具": Disturbed(
        day=("启用日期", "停用起", "停用止"),
        word={"关键器具": ("是", "否")},
        weight=2,
    ),
    "检测机构": Disturbed(
        empty=("CMA编号", "CNAS编号"),
        day=("CMA有效期止", "CNAS有效期起", "CNAS有效期止"),
        word={"能力范围": ("元素碳含量", "低位发热量、元素碳含量", "全硫")},
        weight=2,
    ),
    "检测报告": Disturbed(
        empty=("机构编号", "签发日期"),
        day=("检测日期", "签发日期"),
        word={"机构编号": ("JC-01", "JC-02", "JC-03", "JC-04")},
        drops=True,
        weight=2,
    ),
    "月度上报与填报": Disturbed(
        empty=("填报日期",),
        day=("填报日期",),
        word={
            "附件": (
                "碳排放数据台账",
                "碳排放数据校核内审台账、清单",
                "清单、碳排放数据校核内审台账、碳排放数据台账",
            )
        },
        drops=True,
        weight=5,
    ),
    "台账审批": Disturbed(
        empty=("编制人", "编制日期", "校核人", "校核日期", "批准人", "批准日期"),
        person=("编制人", "校核人", "批准人"),
        day=("编制日期", "校核日期", "批准日期"),
        word={"台账名称": LEDGERS},
        drops=True,
        copies="台账编号",
        weight=6,
    ),
    "履约清缴": Disturbed(empty=("完成日期",), day=("完成日期", "清缴截止日期"), weight=2),
    "受控文件": Disturbed(
        empty=("批准人", "批准日期"),
        person=("批准人",),
        day=("批准日期", "生效日期"),
        word={
            "文件类别": (
                "碳管理方针",
                "核心制度",
                "温室气体质量控制计划",
                "年度碳交易策略",
                "碳交易资金预算",
                "程序文件",
            )
        },
        drops=True,
        copies="版本",
        weight=3,
    ),
    "事件": Disturbed(
        empty=FOLLOWING,
        day=("日期", *FOLLOWING),
        word={"类型": ("政策重大调整", "内外部因素重大变化", "体系重大调整", "重大合规风险", "其他")},
        drops=True,
        copies="事件编号",
        weight=5,
    ),
    "不符合项": Disturbed(
        empty=("完成时限", "完成日期", "验证人", "验证日期", "验证结论", "关闭日期", "责任人"),
        person=("责任人", "验证人"),
        day=("登记日期", "完成时限", "完成日期", "验证日期", "关闭日期"),
        word={
            "状态": ("实施中", "待验证", "关闭"),
            "验证结论": ("有效", "无效"),
            "类别": ("A", "B"),
            "根因代码": ("RC01", "RC02", None),
        },
        drops=True,
        copies="编号",
        weight=8,
    ),
}
