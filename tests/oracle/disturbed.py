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
    #: Columns whose numbers are changed a little, or take another one's.
    number: tuple[str, ...] = ()
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
        weight=14,
    ),
    "每日数据": Disturbed(
        empty=("记录人", "校核人", "数量", "器具编号"),
        person=("记录人", "校核人"),
        word={"备注": ("停窑检修", None), "数量": (0, 0, 0.01, 12.5), "器具编号": ("WM-K1-01", "WM-P-01", "EM-P-02")},
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
    "履约清缴": Disturbed(
        empty=("完成日期", "配额清缴量", "CCER清缴量"),
        day=("完成日期", "清缴截止日期", "配额变动情况表日期", "CCER变动情况表日期"),
        number=("应清缴量", "配额清缴量", "CCER清缴量"),
        weight=2,
    ),
    "受控文件": Disturbed(
        empty=("批准人", "批准日期", "应宣贯人数", "已确认人数", "生效日期"),
        person=("批准人",),
        day=("批准日期", "生效日期"),
        number=("应宣贯人数", "已确认人数"),
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
    "监测计划": Disturbed(
        day=("采集起", "采集止"),
        word={"类别": ("化石燃料", "替代燃料", "其他原料")},
        weight=2,
    ),
    "排放源清单": Disturbed(
        empty=("管理边界", "生产线"),
        word={
            "管理边界": ("是", "否"),
            "全国碳市场边界": ("是", "否"),
            "状态": ("有效", "停用"),
            "排放源类别": ("碳酸盐分解", "化石燃料燃烧", "净购入电力", "矿山开采"),
        },
        drops=True,
        copies="排放源编号",
        weight=6,
    ),
    "煤样": Disturbed(
        empty=("入窑煤量（t）", "合成取样质量（g）", "采样日期", "处置日期"),
        day=("采样日期", "处置日期"),
        number=("入窑煤量（t）", "合成取样质量（g）"),
        word={"样品类型": ("日缩分样", "月缩分样")},
        drops=True,
        copies="样品编号",
        weight=6,
    ),
    "样本交接单": Disturbed(
        empty=("联数", "交样人", "接样人", "交接日期"),
        person=("交样人",),
        day=("交接日期",),
        word={"联数": (1, 2, 3, 2.5), "样品编号": ("X-1",)},
        drops=True,
        copies="单号",
        weight=4,
    ),
    "替代燃料台账": Disturbed(word={"种类": ("RDF", "废轮胎")}, drops=True, weight=2),
    "缺失数据处理": Disturbed(
        empty=("原因", "处理方法", "佐证材料", "日替代值", "候选值1", "排放影响"),
        day=("缺失起", "缺失止"),
        number=("日替代值", "候选值1", "候选值2", "候选值3"),
        word={"排放影响": ("增加", "减少")},
        drops=True,
        copies="编号",
        weight=3,
    ),
    "交叉校验": Disturbed(
        empty=("生产台账", "财务凭证", "购销发票", "计量报表"),
        number=("生产台账", "财务凭证", "购销发票", "计量报表"),
        word={"差异说明": ("盘点误差", None), "生产台账": (0,)},
        drops=True,
        weight=4,
    ),
    "碳资产月度": Disturbed(
        empty=("期初", "增加", "减少", "期末", "登记系统余额"),
        number=("期初", "增加", "减少", "期末", "登记系统余额"),
        drops=True,
        weight=3,
    ),
    "年度交易策略": Disturbed(
        empty=("窗口起", "最高价", "年累计数量上限", "批准日期"),
        day=("窗口起", "窗口止", "批准日期"),
        number=("最低价", "最高价", "单笔数量上限", "年累计数量上限", "年累计金额上限"),
        word={"方向": ("买入", "卖出"), "品种": ("配额", "CCER")},
        drops=True,
        copies="策略编号",
        weight=3,
    ),
    "碳交易": Disturbed(
        empty=("申请人", "风险审核日期", "资金审批人", "台账更新日期", "价格", "数量", "成交金额", "成交日期", "品种"),
        person=("申请人", "风险审核人", "资金审批人", "指令下达人", "成交确认人", "台账更新人"),
        day=("成交日期", "申请日期", "风险审核日期", "资金审批日期", "指令下达日期", "成交确认日期", "台账更新日期"),
        number=("价格", "数量", "成交金额", "批准资金总额"),
        word={"方向": ("买入", "卖出"), "品种": ("配额", "CCER")},
        copies="交易编号",
        weight=8,
    ),
    "资金出入金": Disturbed(
        empty=("申请人", "申请日期", "监护人", "财务审核日期", "账户责任人", "账户责任人批准日期", "划转日期"),
        person=("申请人", "监护人", "财务审核人", "账户责任人"),
        day=("申请日期", "监护人批准日期", "账户责任人批准日期", "划转日期"),
        word={"方向": ("入金", "出金")},
        drops=True,
        copies="单号",
        weight=4,
    ),
    "付款签证单": Disturbed(
        empty=("金额", "注资日期", "交易编号"),
        day=("注资日期",),
        number=("金额",),
        drops=True,
        copies="签证单号",
        weight=3,
    ),
}
