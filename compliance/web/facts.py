"""What the properties of facts are called on a screen; the rules themselves name them by their identifiers."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.web.i18n import _


def property_name(name: str) -> str:
    """The name of a property of a fact; its identifier where it has none yet."""
    known = (_persons, _times, _things, _data, _samples, _trading, _assets, _reductions, _deeds)
    return next((names[name] for part in known if name in (names := part())), name)


def _reductions() -> Mapping[str, str]:
    return {
        "deal": _("融资业务"),
        "excess_micro": _("超出签发量"),
        "issued_micro": _("已签发量"),
        "money_micro": _("金额"),
        "name": _("名称"),
        "owner": _("责任人账号"),
        "part": _("组成部分"),
        "parts": _("分解目标数"),
        "project": _("项目名称"),
        "purpose": _("资金用途"),
        "purposes": _("属于允许用途的个数"),
        "spent_micro": _("已交易与使用量"),
    }


def _deeds() -> Mapping[str, str]:
    return {
        "columns": _("更正的列"),
        "direct_only": _("是否只计直接排放"),
        "document": _("文件编号"),
        "indirect": _("是否为间接排放"),
        "kept_until": _("应保存至"),
        "locked_on": _("月度锁定日"),
        "outdated": _("起草所依规则是否已换版"),
        "undone": _("是否收回批准或改作他月台账"),
        "record": _("记录"),
        "sheet": _("工作表"),
        "total": _("总量指标"),
        "until": _("拟保存至"),
    }


def _persons() -> Mapping[str, str]:
    return {
        "approver": _("批准人账号"),
        "approver_holds_post": _("批准人当日是否在岗"),
        "auditors_of_department": _("属于被审核部门的审核人员数"),
        "chair": _("主持人账号"),
        "chair_holds_post": _("主持人当日是否在岗"),
        "checker": _("校核人账号"),
        "distinct_persons": _("不同人员数"),
        "owner": _("责任人账号"),
        "persons": _("人数"),
        "recorder": _("记录人账号"),
        "repeated_persons": _("重复人员数"),
        "verifier": _("验证人账号"),
    }


def _times() -> Mapping[str, str]:
    return {
        "approved": _("批准日"),
        "closed": _("关闭日"),
        "completed": _("完成日"),
        "day": _("日期"),
        "days_late": _("逾期天数"),
        "done_on": _("完成日"),
        "due": _("到期日"),
        "filed": _("填报日"),
        "first_day": _("首日"),
        "first_uncovered": _("首个无证书读数日"),
        "month": _("月份"),
        "on": _("判断所依日期"),
        "period": _("期间"),
        "planned": _("计划日"),
        "readings": _("读数天数"),
        "recorded": _("登记日"),
        "signed_off": _("签批日"),
        "since": _("生效日"),
        "started": _("开始日"),
        "tested": _("检测日"),
        "uncovered_readings": _("无有效证书的读数天数"),
        "verified": _("验证日"),
    }


def _things() -> Mapping[str, str]:
    return {
        "account": _("账户"),
        "applies": _("是否适用"),
        "asked_for": _("是否要求上报"),
        "code": _("义务编号"),
        "conflicts": _("冲突数"),
        "department": _("部门"),
        "document_class": _("文件类别"),
        "instrument": _("器具"),
        "laboratory": _("检测机构"),
        "leaders": _("牵头部门数"),
        "ledger": _("台账"),
        "ledgers_kept": _("已有台账数"),
        "missing_attachments": _("缺少的附件数"),
        "missing_inputs": _("缺少的输入数"),
        "missing_outputs": _("缺少的输出数"),
        "number": _("编号"),
        "obligation": _("义务"),
        "parameter": _("检测参数"),
        "parameter_in_scope": _("参数是否在能力范围内"),
        "recurrences": _("此前同因次数"),
        "signatures": _("签名数"),
        "standing": _("当前状况"),
        "state": _("状态"),
        "subject": _("对象"),
        "type": _("类型"),
        "valid_qualifications": _("有效资质数"),
        "verified_effective": _("是否验证有效"),
        "version": _("版本"),
    }


def _data() -> Mapping[str, str]:
    return {
        "amount_micro": _("数量"),
        "amounts": _("已填数量数"),
        "category": _("类别"),
        "confirmed_micro": _("已确认人数"),
        "content": _("内容"),
        "difference": _("最大差异"),
        "difference_to_tolerance": _("差异与容差相比（1 高于，0 等于，-1 低于）"),
        "effect": _("对排放的影响"),
        "effective": _("文件生效日"),
        "explained": _("是否有差异说明"),
        "in_enterprise": _("是否在企业层级边界内"),
        "in_ets": _("是否在全国碳市场边界内"),
        "in_management": _("是否在管理边界内"),
        "item": _("项目"),
        "largest_micro": _("最大候选值"),
        "ledger_rows": _("台账行数"),
        "line": _("生产线"),
        "missing": _("缺少的类别"),
        "missing_categories": _("缺少的类别数"),
        "missing_fields": _("未填的说明项数"),
        "missing_sources": _("缺少的来源数"),
        "place": _("排放源位置"),
        "readers_micro": _("应确认人数"),
        "remarked": _("是否有备注"),
        "rows": _("数据行数"),
        "smallest_micro": _("最小候选值"),
        "sources": _("来源数"),
        "substitute_micro": _("每日替代值"),
        "treatments": _("覆盖当日的缺失处理数"),
    }


def _samples() -> Mapping[str, str]:
    return {
        "burnt_micro": _("当日入窑量"),
        "deviation": _("最大偏差"),
        "deviation_to_tolerance": _("偏差与容差相比（1 高于，0 等于，-1 低于）"),
        "disposable": _("最早可处置日"),
        "disposed": _("处置日"),
        "handed": _("交接日"),
        "parts_micro": _("单据联数"),
        "parts_off_micro": _("与规定联数之差"),
        "sample": _("样品"),
        "sampled": _("采样日"),
        "samples": _("样品数"),
        "signers": _("交接签字数"),
        "slips": _("交接单数"),
        "tolerance": _("容差"),
        "worst_sample": _("偏差最大的样品"),
    }


def _trading() -> Mapping[str, str]:
    return {
        "amount_cap_micro": _("单笔数量上限"),
        "applied": _("申请日"),
        "approved_money_micro": _("批准资金"),
        "dealt": _("成交日"),
        "direction": _("方向"),
        "funded": _("注资日"),
        "highest_price_micro": _("策略最高价"),
        "lowest_price_micro": _("策略最低价"),
        "missing_cells": _("未填的人员和日期数"),
        "paid_micro": _("签证单合计"),
        "price_micro": _("成交价"),
        "steps_out_of_order": _("次序颠倒的步骤数"),
        "strategies": _("可依据的策略数"),
        "strategy": _("依据的策略"),
        "trade": _("交易"),
        "transferred": _("划转日"),
        "vouchers": _("签证单数"),
        "window_from": _("窗口首日"),
        "window_until": _("窗口末日"),
        "year_amount_cap_micro": _("年度数量上限"),
        "year_amount_micro": _("年内累计数量"),
        "year_money_cap_micro": _("年度金额上限"),
        "year_money_micro": _("年内累计金额"),
    }


def _assets() -> Mapping[str, str]:
    return {
        "asset": _("资产"),
        "ccer_most": _("CCER可用上限"),
        "ccer_surrendered_micro": _("已用CCER"),
        "ccer_to_limit": _("CCER与上限相比（1 高于，0 等于，-1 低于）"),
        "closing_micro": _("期末数量"),
        "decrease_micro": _("减少量"),
        "due_amount_micro": _("应清缴数量"),
        "imbalance_micro": _("加减不平的差额"),
        "increase_micro": _("增加量"),
        "opening_micro": _("期初数量"),
        "previous_closing_micro": _("上月期末数量"),
        "registry_micro": _("登记系统数量"),
        "surrendered_micro": _("清缴合计"),
        "year": _("年份"),
    }
