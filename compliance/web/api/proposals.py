"""Changes of the rule base for programs: planned, proposed, put into use by another person, taken back, gone back."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from compliance.core.lists import PAGE
from compliance.core.permissions import Permission
from compliance.core.planning import narrowed
from compliance.core.proposals import ACTIVATE, OPEN, STEPS, Looked, PlannedProposals, Proposal
from compliance.core.rulebooks import BadRules
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.web import access
from compliance.web.api.errors import WrongValues
from compliance.web.api.files import handed_in, mark
from compliance.web.api.jobs import job_row
from compliance.web.api.operations import Asked, Operation, Query, Upload, operation
from compliance.web.api.planned import DETAIL, PLAN, PROPOSAL
from compliance.web.api.shapes import NAME, SHA256, Record, Whole, Word, Wrong, page_of
from compliance.web.api.telling import PAGING, here, moment, page, said
from compliance.web.proposals import insist_open, look, packed, plan_here, planning, rules_of
from compliance.web.proving import proves

_PARTS = {"plant": NAME, "number": Whole()}
_REASON = Word(1000, 1, like="新规")
_HERE: dict[str, Any] = {"parts": {"plant": NAME}}


@operation(
    Operation(
        name="rules_proposals",
        method="GET",
        path="/plants/{plant}/rules/proposals",
        title=Text("规则变更的提议，新的在前", "proposed rule bases, newest first"),
        query=dict(PAGING),
        answer=page_of("Proposals", PROPOSAL),
        permission=Permission.RULES,
        **_HERE,
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A page of proposals."""
    with _doing().register.read() as reads:
        found = reads.proposal_page(asked.query.get("after", ""), asked.query.get("limit", PAGE))
    return page(found, _told)


@operation(
    Operation(
        name="rules_proposal",
        method="GET",
        path="/plants/{plant}/rules/proposals/{number}",
        title=Text("一项提议：可办与不可办的步骤及原因", "one proposal: the steps open to you, and why others are not"),
        parts=_PARTS,
        answer=DETAIL,
        permission=Permission.RULES,
    )
)
def proposal(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One proposal."""
    return _detail(look(asked.path["number"]))


@operation(
    Operation(
        name="rules_proposal_plan",
        method="GET",
        path="/plants/{plant}/rules/proposals/{number}/plan",
        title=Text("提议对本企业的计划", "what the proposal would do to the plant"),
        parts=_PARTS,
        answer=PLAN,
        permission=Permission.RULES,
    )
)
def plan(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """The plan as it was kept."""
    found = look(asked.path["number"])
    return {"plan": found.proposal.plan, **plan_here(found)}


@operation(
    Operation(
        name="rules_archive",
        method="GET",
        path="/plants/{plant}/rules/archive",
        title=Text("使用中的规则库，.zip", "the rules in use as a .zip"),
        permission=Permission.RULES,
        **_HERE,
    )
)
def archive(_asked: Asked) -> Any:  # noqa: ANN401 - a file
    """The rules in use."""
    return packed(access.services().rules())


@operation(
    Operation(
        name="rules_plan",
        method="POST",
        path="/plants/{plant}/rules/plan",
        title=Text("上传的规则库（.zip）会带来什么；不保存", "what uploaded rules (.zip) would do; nothing is kept"),
        upload=Upload(mark),
        answer=PLAN,
        permission=Permission.CHANGE_RULES,
        **_HERE,
    )
)
def plan_upload(_asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """A plan without a proposal; where plants are many, of this one alone."""
    made = _doing().plan_here(_uploaded(), access.card().plant)
    seen = access.signed_in()
    own = narrowed(made.shape, access.card().plant.key, lambda key: bool(seen.roles_in(key)))
    return {"plan": made.digest, **own}


@operation(
    Operation(
        name="rules_propose",
        method="POST",
        path="/plants/{plant}/rules/proposals",
        title=Text("以 .zip 提出规则变更", "propose rules by a .zip"),
        query={"reason": Query(_REASON, Text("理由", "why")), "name": Query(NAME, Text("文件名", "name of the file"))},
        upload=Upload(mark),
        answer=DETAIL,
        status=201,
        permission=Permission.CHANGE_RULES,
        **_HERE,
    )
)
def propose(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Propose what was uploaded."""
    return _proposed(_uploaded(), asked.query.get("reason", ""))


@operation(
    Operation(
        name="rules_return",
        method="POST",
        path="/plants/{plant}/rules/returns",
        title=Text("提出回退到曾启用的规则库", "propose going back to rules that were in use"),
        body=Record("RulesReturn", {"digest": SHA256, "reason": _REASON}),
        answer=DETAIL,
        status=201,
        permission=Permission.CHANGE_RULES,
        **_HERE,
    )
)
def go_back(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Propose an earlier snapshot."""
    digest = asked.body["digest"]
    with _doing().register.read() as reads:
        known = {one for _at, one in reads.activations()}
    base = access.services().snapshots(digest) if digest in known else None
    if base is None:
        raise WrongValues([Wrong("#/digest", Text("没有启用过这一规则库", "was never in use"))])
    return _proposed(base, asked.body["reason"])


@operation(
    Operation(
        name="rules_activate",
        method="POST",
        path="/plants/{plant}/rules/proposals/{number}/activate",
        title=Text("签署并启用；plan 为所见计划的哈希", "sign and put into use; plan is the digest of the one you saw"),
        parts=_PARTS,
        body=Record(
            "RulesSigned",
            {"plan": SHA256, "password": Word(1024, secret=True), "code": Word(64, secret=True)},
            frozenset({"code"}),
        ),
        answer=DETAIL,
        permission=Permission.CHANGE_RULES,
    )
)
def activate(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Put the proposed rules into use."""
    found = look(asked.path["number"])
    insist_open(found)
    method = proves(asked.body) if found.offers(ACTIVATE) else ""
    _doing().activate(rules_of(found.proposal), access.signed_in(), seen=asked.body["plan"], method=method)
    return proposal(asked)


@operation(
    Operation(
        name="rules_replan",
        method="POST",
        path="/plants/{plant}/rules/proposals/{number}/plan",
        title=Text("按现状重新计算计划", "plan anew as things are now"),
        parts=_PARTS,
        body=Record("Nothing", {}),
        answer=DETAIL,
        permission=Permission.CHANGE_RULES,
    )
)
def replan(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Plan an open proposal anew."""
    found = look(asked.path["number"])
    insist_open(found)
    _doing().plan_anew(rules_of(found.proposal), access.signed_in())
    return proposal(asked)


@operation(
    Operation(
        name="rules_withdraw",
        method="POST",
        path="/plants/{plant}/rules/proposals/{number}/withdraw",
        title=Text("撤回提议", "take a proposal back"),
        parts=_PARTS,
        body=Record("RulesWithdrawn", {"reason": _REASON}),
        answer=DETAIL,
        permission=Permission.CHANGE_RULES,
    )
)
def withdraw(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Take it back."""
    found = look(asked.path["number"])
    insist_open(found)
    _doing().withdraw(found.proposal.digest, access.signed_in(), asked.body["reason"])
    return proposal(asked)


def _doing() -> PlannedProposals:
    return access.services().changing.proposals()


def _proposed(base: RuleBase, reason: str) -> dict[str, Any]:
    made = _doing().put_forward(base, access.signed_in(), reason)
    return _detail(look(made.id))


def _uploaded() -> RuleBase:
    """The one archive of the request; every problem of its rules is named with file and line."""
    files = [one for one in handed_in() if one.filename]
    if len(files) != 1:
        raise WrongValues([Wrong("#", Text("须为一个 .zip 文件", "is one .zip file"))])
    try:
        return access.services().changing.unpacked(cast("BinaryIO", files[0].stream))
    except BadRules as error:
        wrong = [Wrong(f"{p.file}:{p.line}"[:500], _problem(p.rule, p.message)) for p in error.problems]
        raise WrongValues(wrong) from error


def _problem(rule: str, message: Text) -> Text:
    return Text(f"[{rule}] {message.zh}", f"[{rule}] {message.en}")


def _told(one: Proposal) -> dict[str, Any]:
    return {
        "number": one.id,
        "state": one.state,
        "digest": one.digest,
        "before": one.before,
        "plan": one.plan or None,
        "login": one.login,
        "name": one.name,
        "reason": one.reason,
        "at": moment(one.at),
        "decided_by": one.decided_by,
        "decided_name": one.decided_name,
        "decided_at": moment(one.decided_at) if one.decided_at else None,
        "href": here("rules", "proposals", one.id),
    }


def _detail(found: Looked) -> dict[str, Any]:
    job = planning(found)
    return {
        **_told(found.proposal),
        "planning": job_row(job) if job else None,
        "rule": found.rule,
        "offers": [step for step in STEPS if found.offers(step)],
        "refused": [
            {"step": step, "code": why.code, "reason": said(why.message)} for step, why in found.refused.items()
        ],
        "may_activate": [user.login for user in found.others] if found.proposal.state == OPEN else [],
    }
