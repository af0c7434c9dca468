"""Commands that change the rule base: plan, propose, put into use by another person, take back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, cast

from compliance.bootstrap.documents import rules_for_use
from compliance.bootstrap.installation import OPERATOR, Installation, opened
from compliance.bootstrap.places import shipped
from compliance.bootstrap.proposing import insist_on_fit, plan_of, proposals, rules_named
from compliance.cli.acting import password_of, proved
from compliance.cli.linting import line_of
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, progress, say
from compliance.core.accounts import Entered
from compliance.core.looking import choose_plant
from compliance.core.planning import Changed, Plan, may_be_used
from compliance.core.proposals import Proposal, Proposals
from compliance.core.rulebooks import activate
from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text


class NeedsSigner(WrongUse):
    """Whoever puts a proposal into use signs."""

    code = "needs-signer"
    text: ClassVar[Text] = Text(zh="启用提议须指明 --as LOGIN", en="To put a proposal into use, say --as LOGIN")


def rules_plan(args: Namespace) -> int:
    """Say what a changed rule base would do; nothing is written. 1: records would be let go earlier."""
    with opened(args.data, args.rules) as installation:
        after = rules_named(installation, args.directory)
        key = None
        if args.plant:
            with installation.register.read() as reads:
                key = choose_plant(reads, args.plant).key
        plan = plan_of(installation, after, progress, key)
    shown = replace(plan, plants=tuple(p.within(args.since, args.until) for p in plan.plants))
    _show(shown, as_json=args.json)
    return PROBLEMS if plan.refused or plan.templates or any(p.templates for p in plan.plants) else DONE


def rules_propose(args: Namespace) -> int:
    """Propose a rule base with its plan; another person puts it into use."""

    def act(at: Installation, doing: Proposals, who: Entered) -> tuple[Proposal, Plan]:
        return doing.propose(rules_named(at, args.directory), who.signed_in, args.reason)

    return _acted(args, act, Text("已提出，待他人启用", "Proposed: another person puts it into use"))


def rules_activate(args: Namespace) -> int:
    """Put a rule base into use: a proposed one by a second person, or, while nobody else could, by the operator."""
    if args.proposal:
        return _acted(args, _activate(args), _IN_USE)
    directory: Path = args.directory or args.rules or shipped("rules")
    with opened(args.data) as installation:
        after = rules_for_use(directory, installation.workspace.templates)
        if not installation.workspace.demo.exists():
            with installation.register.read() as reads:
                proposals(installation).only_operator(reads)
        may_be_used(installation.rulebase, after, installation.clock.today())
        insist_on_fit(installation, after)
        changed = activate(installation.register, installation.shelf, after, OPERATOR)
    say(_IN_USE if changed else Text("规则库没有变化", "The rule base is unchanged"))
    return DONE


def _activate(args: Namespace) -> _Doing:
    if not args.login:
        raise NeedsSigner

    def act(at: Installation, doing: Proposals, who: Entered) -> tuple[Proposal, Plan | None]:
        rules = rules_named(at, args.proposal)
        found, plan = doing.activate(rules, who.signed_in, seen=args.plan, method=who.method)
        return found, cast("Plan", plan)  # planned in one go here, never put together from parts

    return act


def rules_withdraw(args: Namespace) -> int:
    """Take a proposal back."""

    def act(_at: Installation, doing: Proposals, who: Entered) -> tuple[Proposal, None]:
        return doing.withdraw(args.proposal, who.signed_in, args.reason), None

    return _acted(args, act, Text("提议已撤回", "The proposal is withdrawn"))


def rules_proposals(args: Namespace) -> int:
    """List proposals, the newest first."""
    with opened(args.data) as installation, installation.register.read() as reads:
        found = reads.proposals()
    if args.json:
        print_json([_proposal(one) for one in found])
    else:
        print_table(
            ("规则库 rule base", "状态 state", "提出 by", "时间 at", "理由 reason", "办理 decided by"),
            ((p.digest, p.state, f"{p.name} ({p.login})", p.at, p.reason, p.decided_by or "") for p in found),
        )
    return DONE


_Doing = Callable[[Installation, Proposals, Entered], tuple[Proposal, Plan | None]]
_IN_USE = Text("规则库已启用", "The rule base is in use")


def _acted(args: Namespace, act: _Doing, done: Text) -> int:
    """Take one act as the person of a login; what is refused exits with 1 and is on the trail."""
    password = password_of(args)
    with opened(args.data) as installation, proved(installation, args, password) as who:
        if isinstance(who, Refused):
            say(f"{who.code}: {who.message}")
            return PROBLEMS
        try:
            proposal, plan = act(installation, proposals(installation, progress), who)
        except Refused as refusal:
            say(f"{refusal.code}: {refusal.message}")
            return PROBLEMS
    if args.json:
        print_json(_proposal(proposal) | ({"plan": plan.digest} if plan else {}))
    elif plan is not None:
        _show(plan, as_json=False)
    say(done)
    return DONE


def _proposal(one: Proposal) -> dict[str, object]:
    return {name: getattr(one, name) for name in Proposal.__dataclass_fields__ if name != "id"}


def _show(plan: Plan, *, as_json: bool) -> None:
    shape = plan.shape
    if as_json:
        print_json({"plan": plan.digest, **shape})
        return
    print_table(
        ("规则 rule", "变更 change", "标题 title"), ((f"{c.kind}.{c.id}", c.how, c.title.title.zh) for c in plan.rules)
    )
    for change in plan.rules:
        print("\n".join(change.diff))
    print_table(_HEADS, _rows(plan))
    for one in plan.refused:
        say(
            Text(
                f"保存期限被缩短：{one.record}（{one.clause}）{one.before} → {one.after or '无'}",
                f"Kept for less time: {one.record} ({one.clause}) {one.before} → {one.after or 'none'}",
            )
        )
    of_plants = [(p.plant.short or p.plant.key, one) for p in plan.plants for one in p.templates]
    for of, unfit in [*(("集团 group", one) for one in plan.templates), *of_plants]:
        for where, text in unfit.problems:
            at = f"{of} {unfit.document} {where}"
            say(Text(f"模板不符合：{at}：{text.zh}", f"A template does not fit: {at}: {text.en}"))
    for p in plan.plants:
        for stuck in p.stuck:
            at, what, why = f"{p.plant.short or p.plant.key} {stuck.check}", stuck.what, stuck.message
            say(Text(f"人手不足：{at}：{what.zh}：{why.zh}", f"Nobody to do it: {at}: {what.en}: {why.en}"))
    for remark in plan.remarks:
        say(line_of(remark))
    say(Text(f"计划 {plan.digest}", f"Plan {plan.digest}"))


_HEADS = ("企业 plant", "类别 what", "对象 of what", "所属期 period", "之前 before", "之后 after")


def _rows(plan: Plan) -> Sequence[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    for p in plan.plants:
        key = p.plant.short or p.plant.key
        found += [(key, "义务 +", f"{o.code} {o.subject}", o.period, "", o.due) for o in p.added]
        found += [(key, "义务 −", f"{o.code} {o.subject}", o.period, o.due, "") for o in p.removed]
        found += [
            (
                key,
                "义务 ~",
                f"{m.after.code} {m.after.subject}",
                m.after.period,
                f"{m.before.due} {m.before.state.value}",
                f"{m.after.due} {m.after.state.value}",
            )
            for m in p.moved
        ]
        found += [(key, "发现 +", f"{f.situation} {f.subject}", f.period, "", f.grade) for f in p.raised]
        found += [(key, "发现 −", f"{f.situation} {f.subject}", f.period, f.grade, "") for f in p.withdrawn]
        found += [
            (key, "发现 ~", f"{c.after.situation} {c.after.subject}", c.after.period, *_graded(c)) for c in p.changed
        ]
        found += [(key, "不符合项 +", f.title.zh, f.period, "", f.grade) for f in p.tickets]
        found += [(key, "保存 ~", d.document, "", d.before or "", d.after) for d in p.lengthened]
    return found


def _graded(it: Changed) -> tuple[str, str]:
    """Category and grade before and after; where they stay, that the words alone are others."""
    before, after = (f"{one.category} {one.grade}" for one in (it.before, it.after))
    return before, after if before != after else "文字变动 worded anew"
