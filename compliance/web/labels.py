"""Words for the program's own states and kinds, with the symbol and tone that each is shown in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache

from markupsafe import Markup

from compliance.core.accounts import shown_with
from compliance.core.collisions import Clash
from compliance.core.covering import Standing as Covered
from compliance.core.factors import Standing
from compliance.core.figures import Figure
from compliance.core.judged import OccurrenceState
from compliance.kernel.text import Language
from compliance.rulebase.schema import Boundary
from compliance.web.book import book
from compliance.web.i18n import _, language, ngettext, said

#: From this many days before it is due, an open duty is shown as pressing.
PRESSING = 7
SOON = 30


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as people see it: never by colour alone."""

    text: str
    symbol: str
    tone: str


def state_chip(state: OccurrenceState) -> Chip:
    """The state of an occurrence."""
    match state:
        case OccurrenceState.OVERDUE:
            return Chip(_("逾期"), "!", "bad")
        case OccurrenceState.OPEN:
            return Chip(_("待完成"), "●", "open")
        case OccurrenceState.UPCOMING:
            return Chip(_("未开始"), "○", "calm")
        case OccurrenceState.DONE:
            return Chip(_("按期完成"), "✓", "good")
        case OccurrenceState.DONE_LATE:
            return Chip(_("逾期完成"), "◐", "warn")
        case OccurrenceState.WAIVED:
            return Chip(_("已豁免"), "⊘", "calm")
        case OccurrenceState.NOT_RECORDED:
            return Chip(_("无记录"), "–", "calm")
        case OccurrenceState.NOT_APPLICABLE:
            return Chip(_("不适用"), "∅", "calm")


def state_named(value: str) -> Chip:
    """The state of an occurrence by its word; an unknown one as it is written."""
    known = {state.value: state for state in OccurrenceState}
    return state_chip(known[value]) if value in known else Chip(value, "?", "calm")


def proposal_chip(state: str) -> Chip:
    """What became of a proposed rule base."""
    chips = {
        "open": (_("待启用"), "◆", "open"),
        "used": (_("已启用"), "✓", "good"),
        "withdrawn": (_("已撤回"), "⊘", "calm"),
    }
    return Chip(*chips.get(state, (state, "?", "calm")))


def template_chip(state: str) -> Chip:
    """What became of a plant's own template."""
    chips = {
        "open": (_("待发布"), "◆", "open"),
        "published": (_("使用中"), "✓", "good"),
        "superseded": (_("已被替代"), "↺", "calm"),
        "rejected": (_("已退回"), "⊘", "bad"),
        "withdrawn": (_("已撤回"), "⊘", "calm"),
    }
    return Chip(*chips.get(state, (state, "?", "calm")))


def plan_part(part: str) -> Chip:
    """A part of what a changed rule base would do."""
    chips = {
        "rules": (_("规则文本"), "±", "open"),
        "added": (_("新增义务"), "+", "open"),
        "removed": (_("取消义务"), "−", "warn"),
        "moved": (_("到期日或状态变动"), "→", "warn"),
        "reworded": (_("仅表述变动"), "~", "calm"),
        "left": (_("已办理，保留"), "▣", "calm"),
        "raised": (_("新出现的发现"), "!", "bad"),
        "withdrawn": (_("消除的发现"), "✓", "good"),
        "changed": (_("定级或文字变动的发现"), "→", "warn"),
        "tickets": (_("新开不符合项"), "◆", "bad"),
        "lengthened": (_("延长保存的文件"), "⟶", "open"),
    }
    return Chip(*chips[part])


def how_changed(how: str) -> Chip:
    """What was done to a rule."""
    chips = {
        "added": (_("新增"), "+", "good"),
        "removed": (_("删除"), "−", "bad"),
        "changed": (_("修改"), "~", "warn"),
    }
    return Chip(*chips.get(how, (how, "?", "calm")))


def standing_chip(standing: Covered) -> Chip:
    """Where a plant stands with a statement of the standard."""
    chips = {
        Covered.LATE: (_("有逾期或发现"), "!", "bad"),
        Covered.GAP: (_("尚无规则"), "∅", "bad"),
        Covered.NEVER: (_("从未完成"), "○", "warn"),
        Covered.OPEN: (_("办理中"), "●", "open"),
        Covered.MET: (_("已做到"), "✓", "good"),
        Covered.CLEAR: (_("未见问题"), "◇", "calm"),
        Covered.KEPT: (_("系统保证"), "▣", "good"),
        Covered.IDLE: (_("未触发"), "–", "calm"),
        Covered.AUDIT: (_("内审判断"), "?", "calm"),
        Covered.OUTSIDE: (_("不适用"), "∅", "calm"),
    }
    return Chip(*chips[standing])


def chapter(name: str) -> str:
    """A chapter or annex of the standard."""
    return _("第 %(name)s 章", name=name) if name.isdigit() else _("附录 %(name)s", name=name)


def state_mark(state: OccurrenceState) -> Markup:
    """The chip of a state as it stands on pages: a list shows one a row, and there are few of them."""
    return _state_mark(state, language())


@cache
def _state_mark(state: OccurrenceState, _language: Language) -> Markup:
    chip = state_chip(state)
    return Markup('<span class="chip {}"><span class="sym" aria-hidden="true">{}</span>{}</span>').format(
        chip.tone, chip.symbol, chip.text
    )


def relative(due: date, today: date) -> str:
    """How far a due day is from today, in words."""
    days = (due - today).days
    if days == 0:
        return _("今天到期")
    if days > 0:
        return ngettext("还有 %(num)s 天", "还有 %(num)s 天", days)
    return ngettext("逾期 %(num)s 天", "逾期 %(num)s 天", -days)


def ago(since: date, today: date) -> str:
    """How long something has been standing."""
    days = (today - since).days
    if days <= 0:
        return _("今天发现")
    return ngettext("已 %(num)s 天", "已 %(num)s 天", days)


_SETTLED = frozenset(
    {
        OccurrenceState.DONE,
        OccurrenceState.WAIVED,
        OccurrenceState.NOT_APPLICABLE,
        OccurrenceState.NOT_RECORDED,
    }
)


def urgency(due: date, today: date, state: OccurrenceState) -> str:
    """Tone of a due day."""
    if state in _SETTLED:
        return "calm"
    if state is OccurrenceState.DONE_LATE:
        return "warn"
    days = (due - today).days
    if days < 0:
        return "bad"
    return "warn" if days <= PRESSING else "calm"


def may_raise(roles: Iterable[str]) -> bool:
    """Whether a page offers to raise a nonconformity; whether it may be done is decided when it is done."""
    return any(role != "verifier" for role in roles)


def size(octets: int) -> str:
    """The size of a file as people say it."""
    for unit in ("B", "KB", "MB"):
        if octets < 1024:  # noqa: PLR2004 - what a unit holds of the one before
            return f"{octets} {unit}"
        octets = -(-octets // 1024)
    return f"{octets} GB"


def strength(value: str) -> Chip:
    """How strongly the clause speaks."""
    match value:
        case "shall":
            return Chip(_("应"), "■", "shall")
        case "should":
            return Chip(_("宜"), "◧", "should")
        case "may":
            return Chip(_("可"), "□", "may")
        case "informative":
            return Chip(_("资料性"), "i", "may")
        case _other:
            return Chip(_("事实"), "=", "may")


def clash(value: Clash) -> Chip:
    """Why a working day stands among the collisions."""
    match value:
        case Clash.HOLIDAY:
            return Chip(_("落在节假日"), "!", "bad")
        case Clash.WEEKEND:
            return Chip(_("落在周末"), "◐", "warn")
        case Clash.SAME_DAY:
            return Chip(_("同日到期"), "≡", "open")


def standing(value: Standing) -> Chip:
    """How far a factor is verified."""
    match value:
        case Standing.UNVERIFIED:
            return Chip(_("未核实"), "?", "warn")
        case Standing.CHECKED:
            return Chip(_("已核对，待确认"), "◐", "open")
        case Standing.VERIFIED:
            return Chip(_("已核实"), "✓", "good")


def boundary(value: Boundary) -> str:
    """What a total of emissions is a total of."""
    match value:
        case Boundary.LINE:
            return _("熟料生产线（全国碳市场）")
        case Boundary.ENTERPRISE:
            return _("企业层级（直接排放）")
        case Boundary.MANAGEMENT:
            return _("管理边界（含间接，仅供内部管理）")


def quota(figure: Figure, amount: str, *, gap: bool) -> tuple[str, str]:
    """A figure of a surrender in a plain sentence, and its tone."""
    if not gap:
        return _("%(year)s 年度最多可用 CCER 抵销 %(amount)s t。", year=figure.period, amount=amount), "calm"
    if figure.value > 0:
        return _("%(year)s 年度配额缺口 %(amount)s t，须在清缴截止日前补足。", year=figure.period, amount=amount), "bad"
    if figure.value < 0:
        left = amount.removeprefix("-")
        return _("%(year)s 年度配额盈余 %(amount)s t。", year=figure.period, amount=left), "good"
    return _("%(year)s 年度配额不多不少。", year=figure.period), "good"


def step_kind(value: str) -> str:
    """A step of a derivation."""
    names = {
        "clause": _("条款"),
        "start": _("起算"),
        "offset": _("计期"),
        "legal": _("法定到期日"),
        "calendar": _("工作日历"),
        "effective": _("有效工作日"),
    }
    return names.get(value, value)


def signed_with(method: str) -> str:
    """With what somebody showed, when signing, that it was them."""
    return said(shown_with(method, " + "))


def origin(value: str) -> str:
    """Where a number of a derivation comes from."""
    names = {"rule": _("规则给定"), "default": _("参数默认值"), "plant": _("企业选择")}
    return names.get(value, value)


def kind(value: str) -> str:
    """A kind of rule."""
    names = {
        "obligation": _("义务"),
        "finding": _("发现规则"),
        "fact": _("事实"),
        "approval": _("审批"),
        "post": _("岗位"),
        "retention": _("保存期限"),
        "document": _("文件"),
        "calendar": _("日历"),
        "factor": _("因子"),
        "parameter": _("参数"),
        "vocabulary": _("词表"),
        "workflow": _("办理流程"),
        "requirement": _("标准要求"),
        "slip": _("标准疏漏"),
        "ledger": _("全部台账"),
        "applicability": _("适用范围"),
        "exception": _("审查例外"),
        "standard": _("标准"),
        "figure": _("核算指标"),
    }
    return names.get(value, value)


def action(value: str) -> str:
    """An act of the trail in words; an unknown one as it is written."""
    names = {
        "plant:add": _("建立企业"),
        "plant:import": _("导入工作簿"),
        "absence:set": _("设定离岗"),
        "absence:end": _("结束离岗"),
        "absence:refused": _("离岗被拒绝"),
        "plant:reconcile": _("对账"),
        "plant:refused": _("办理被拒绝"),
        "session:sign-in": _("登录"),
        "session:sign-out": _("退出登录"),
        "session:refused": _("登录被拒绝"),
        "session:locked": _("登录被锁定"),
        "session:end": _("结束会话"),
        "session:end-others": _("结束其他会话"),
        "password:change": _("修改密码"),
        "password:link-made": _("生成设定密码的链接"),
        "password:link-refused": _("链接被拒绝"),
        "password:reset": _("用链接设定密码"),
        "codes:on": _("启用一次性验证码"),
        "codes:off": _("停用一次性验证码"),
        "codes:recovery-used": _("使用恢复码"),
        "user:proof-refused": _("身份验证被拒绝"),
        "user:mail": _("修改邮件地址"),
        "user:activate": _("启用账号"),
        "user:deactivate": _("停用账号"),
        "user:revoke": _("撤销权限"),
        "user:refused": _("账号操作被拒绝"),
        "user:add": _("新增账号"),
        "user:grant": _("授予权限"),
        "rules:propose": _("提出规则变更"),
        "rules:replan": _("重新计算规则变更的计划"),
        "rules:activate": _("启用规则库"),
        "rules:withdraw": _("撤回规则变更"),
        "rules:refused": _("规则变更被拒绝"),
        "template:propose": _("提出文件模板"),
        "template:publish": _("发布文件模板"),
        "template:reject": _("退回文件模板"),
        "template:withdraw": _("撤回文件模板"),
        "template:refused": _("文件模板被拒绝"),
        "group-template:propose": _("提出集团文件模板"),
        "group-template:publish": _("发布集团文件模板"),
        "group-template:reject": _("退回集团文件模板"),
        "group-template:withdraw": _("撤回集团文件模板"),
        "group-template:refused": _("集团文件模板被拒绝"),
        "nonconformity:raise": _("登记不符合项"),
        "nonconformity:refused": _("办理被拒绝"),
        "occurrence:refused": _("办理被拒绝"),
        "factor:check": _("核对因子"),
        "factor:confirm": _("确认因子"),
        "factor:refused": _("确认因子被拒绝"),
        "document:refused": _("办理被拒绝"),
        "document:draft": _("起草文件"),
        "document:pdf": _("生成 PDF"),
    }
    return names.get(value) or book().step(value) or value


def role(value: str) -> str:
    """The roles of a membership, as the trail joins them."""
    names = {
        "compliance-officer": _("合规专员"),
        "auditor": _("审核人员"),
        "document-controller": _("文件管理员"),
        "department": _("部门人员"),
        "verifier": _("核查人员"),
        "records": _("档案管理员"),
        "administrator": _("系统管理员"),
        "operator": _("服务器操作员"),
        "system": _("系统"),
    }
    return "、".join(names.get(part, part) for part in value.split("、"))


def job_chip(state: str) -> Chip:
    """Where a job or one of its items stands."""
    chips = {
        "waiting": (_("等待"), "◇", "open"),
        "running": (_("进行中"), "◆", "open"),
        "cancelling": (_("正在取消"), "◆", "warn"),
        "cancelled": (_("已取消"), "⊘", "calm"),
        "done": (_("完成"), "✓", "good"),
        "failed": (_("未成"), "✕", "bad"),
        "refused": (_("被拒绝"), "✕", "bad"),
    }
    return Chip(*chips.get(state, (state, "?", "calm")))
