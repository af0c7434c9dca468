"""What the properties of facts are called on a screen; the rules themselves name them by their identifiers."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.web.i18n import _


def property_name(name: str) -> str:
    """The name of a property of a fact; its identifier where it has none yet."""
    return {**_persons(), **_times(), **_things()}.get(name, name)


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
