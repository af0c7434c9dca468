"""Why rules are not proposed, not put into use, not taken back."""

from __future__ import annotations

from typing import ClassVar

from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text


class NotForTheGroup(Refused):
    """The person may not change rules everywhere that they hold."""

    code = "not-for-the-group"
    text: ClassVar[Text] = Text(
        zh="规则对所有企业生效：须在每个企业（或集团）具有“合规专员”或“文件管理员”权限（规则 {rule}）",
        en="The rules hold for every plant: this needs the role compliance officer or document controller in each of "
        "them, or in the group (rule {rule})",
    )


class OwnProposal(Refused):
    """Nobody puts rules into use that they proposed."""

    code = "own-proposal"
    text: ClassVar[Text] = Text(
        zh="提出人与启用人须为不同的人（规则 {rule}）",
        en="Whoever proposed the rules does not put them into use (rule {rule})",
    )


class NoSuchProposal(WrongUse):
    """No rule base of that digest waits."""

    code = "no-such-proposal"
    text: ClassVar[Text] = Text(zh="没有待启用的规则库 {digest}", en="No proposed rule base {digest!r} waits")


class AlreadyProposed(Refused):
    """The rule base waits already: it is put into use or taken back first."""

    code = "already-proposed"
    text: ClassVar[Text] = Text(
        zh="该规则库已由 {name} 提出，尚待启用", en="This rule base was proposed by {name} and waits to be put into use"
    )


class PlanIsStale(Refused):
    """What would happen is no longer what was shown."""

    code = "plan-is-stale"
    text: ClassVar[Text] = Text(
        zh="情况已变化，计划与所见不同：请重新计算并查看新计划 {plan} 后再启用",
        en="The plan is no longer the one that was shown: plan anew, look at {plan}, and sign that",
    )


class PlanIsOld(Refused):
    """More plants have changed since they were planned than are planned anew while somebody waits."""

    code = "plan-is-old"
    text: ClassVar[Text] = Text(
        zh="计划之后有 {plants}发生变化，请先重新计算计划",
        en="{plants} changed since the plan was made: plan anew first",
    )


class NoPlanYet(Refused):
    """The plan is not made yet, or its making was ended."""

    code = "no-plan-yet"
    text: ClassVar[Text] = Text(
        zh="计划尚未算出；算出并查看后方可启用", en="The plan is not made yet; whoever signs has seen it"
    )


class PlanIncomplete(Refused):
    """Some plants were not planned beside the rules that are in use now."""

    code = "plan-incomplete"
    text: ClassVar[Text] = Text(
        zh="有 {plants}尚无与现行规则库对照的计划，请重新计算",
        en="{plants} not planned yet beside the rules in use: plan anew",
    )


class NeedsReason(WrongUse):
    """A proposal says why."""

    code = "needs-reason"
    text: ClassVar[Text] = Text(zh="须说明理由", en="Say why")


class NothingChanges(WrongUse):
    """The rule base is the one in use."""

    code = "nothing-changes"
    text: ClassVar[Text] = Text(zh="与使用中的规则库相同", en="This is the rule base in use")


class TwoPersons(WrongUse):
    """There are persons who change rules: the operator does not do it for them."""

    code = "two-persons"
    text: ClassVar[Text] = Text(
        zh="规则须由一人提出、另一人启用（可办理：{logins}）：compliance rules propose，再 rules activate --proposal",
        en="Rules are proposed by one person and put into use by another ({logins} may): compliance rules propose, "
        "then rules activate --proposal",
    )


class TemplatesDoNotFit(Refused):
    """The rules would not admit templates in use, of plants or the group: nothing could be drafted with them."""

    code = "templates-do-not-fit"
    text: ClassVar[Text] = Text(
        zh="企业或集团的模板不符合新规则，请先回退：{templates}",
        en="Templates of plants or of the group do not fit the new rules; go back from them first: {templates}",
    )
