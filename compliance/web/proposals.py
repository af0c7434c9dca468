"""规则变更: proposed rule bases, what each would do to the plant, and putting one into use by a second person."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.jobs import Job
from compliance.core.lists import PAGE
from compliance.core.permissions import Permission
from compliance.core.planning import narrowed
from compliance.core.proposals import ACTIVATE, OPEN, REPLAN, WITHDRAW, Looked, NoPlanYet, NoSuchProposal, Proposal
from compliance.core.rulebooks import BadRules
from compliance.kernel.errors import ComplianceError
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import KINDS, RuleBase
from compliance.web import access, asked, batches, imports
from compliance.web.book import book
from compliance.web.errors import status_of
from compliance.web.i18n import _, said
from compliance.web.proving import proves

blueprint = Blueprint("proposals", __name__)

_LONGEST_REASON = 1000
#: Rules whose texts one page compares; rows of another part are as many as of any list.
_RULES_A_PAGE = 20
#: The parts of a plan in the order of its page, and where its rows stand.
PARTS: dict[str, tuple[str, ...]] = {
    "rules": ("rules",),
    "added": ("obligations", "added"),
    "removed": ("obligations", "removed"),
    "moved": ("obligations", "moved"),
    "reworded": ("obligations", "reworded"),
    "left": ("obligations", "left"),
    "raised": ("findings", "raised"),
    "withdrawn": ("findings", "withdrawn"),
    "changed": ("findings", "changed"),
    "tickets": ("findings", "tickets"),
    "lengthened": ("retention", "moved"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of one part of a plan. ``kinds``: kinds of rules with how many of each, where the part is the rules."""

    part: str
    rows: Sequence[dict[str, Any]]
    counts: dict[str, int]
    kinds: dict[str, int]
    kind: str
    page: int
    pages: int
    of: int


@blueprint.get("/p/<plant>/rules/proposals")
@access.needs(Permission.RULES)
def listing() -> ResponseReturnValue:
    """The proposals, newest first, and the rule bases that were in use."""
    return _listing()


@blueprint.post("/p/<plant>/rules/proposals")
@access.needs(Permission.CHANGE_RULES)
def propose() -> ResponseReturnValue:
    """Propose the rules of an archive, or (going back) a rule base that was in use."""
    doing = access.services().changing.proposals(imports.progress_to(request.form.get("upload", "")))
    try:
        proposal = doing.put_forward(_wanted(), access.signed_in(), _reason())
    except BadRules as error:
        return _listing(said(error.message), error), 400
    except ComplianceError as error:
        return _listing(said(error.message)), status_of(error)
    flash(_("已提出；须由另一人查看计划后启用"))
    return redirect(url_for("proposals.page", number=proposal.id), 303)


@blueprint.get("/p/<plant>/rules/proposals/<int:number>")
@access.needs(Permission.RULES)
def page(number: int) -> ResponseReturnValue:
    """One proposal: its texts compared, its plan for this plant, who may do what."""
    return _page(number)


@blueprint.post("/p/<plant>/rules/proposals/<int:number>/activate")
@access.needs(Permission.CHANGE_RULES)
def activate(number: int) -> ResponseReturnValue:
    """Put the rules into use, signed by whoever has seen the plan."""
    found = look(number)
    seen = request.form.get("plan", "")

    def act() -> str:
        insist_open(found)
        # No password is tried for what would be refused anyway.
        method = proves(request.form) if found.offers(ACTIVATE) else ""
        doing = access.services().changing.proposals()
        doing.activate(rules_of(found.proposal), access.signed_in(), seen=seen, method=method)
        return _("规则库已启用；下一次对账按新规则进行")

    return _acted(number, act)


@blueprint.post("/p/<plant>/rules/proposals/<int:number>/withdraw")
@access.needs(Permission.CHANGE_RULES)
def withdraw(number: int) -> ResponseReturnValue:
    """Take the proposal back."""
    found = look(number)

    def act() -> str:
        insist_open(found)
        access.services().changing.proposals().withdraw(found.proposal.digest, access.signed_in(), _reason())
        return _("提议已撤回")

    return _acted(number, act)


@blueprint.post("/p/<plant>/rules/proposals/<int:number>/plan")
@access.needs(Permission.CHANGE_RULES)
def replan(number: int) -> ResponseReturnValue:
    """Plan anew, as the plants are now."""
    found = look(number)

    def act() -> str:
        insist_open(found)
        doing = access.services().changing.proposals()
        anew = doing.plan_anew(rules_of(found.proposal), access.signed_in())
        if anew is None:
            return _("已开始计算计划")
        return _("计划没有变化") if anew.plan == found.proposal.plan else _("计划已重新计算")

    return _acted(number, act)


@blueprint.get("/p/<plant>/rules/proposals/<int:number>/plan/progress")
@access.needs(Permission.RULES)
def progress(number: int) -> ResponseReturnValue:
    """How far the job is that makes the plan, for the page that shows it."""
    found = look(number)
    return batches.told_progress(planning(found) or abort(404))


@blueprint.post("/p/<plant>/rules/proposals/<int:number>/plan/cancel")
@access.needs(Permission.CHANGE_RULES)
def cancel(number: int) -> ResponseReturnValue:
    """End the job before its next plant; whoever may plan may end what another began."""
    found = look(number)
    job = planning(found) or abort(404)

    def act() -> str:
        if REPLAN in found.refused:
            raise found.refused[REPLAN]
        access.services().changing.proposals().jobs.cancel(access.actor(), job.id, anyones=True)
        return _("已取消；正在办理的一项完成后停止")

    return _acted(number, act)


@blueprint.get("/p/<plant>/rules.zip")
@access.needs(Permission.RULES)
def download() -> ResponseReturnValue:
    """The rules in use as an archive, to be changed and proposed."""
    return packed(access.services().rules())


@blueprint.get("/p/<plant>/rules/proposals/<int:number>/rules.zip")
@access.needs(Permission.RULES)
def download_proposed(number: int) -> ResponseReturnValue:
    """The proposed rules as an archive."""
    with access.services().changing.proposals().register.read() as reads:
        found = reads.numbered_proposal(number) or abort(404)
    return packed(rules_of(found))


def look(number: int) -> Looked:
    """A proposal as the person may see it from this plant."""
    return access.services().changing.proposals().look(number, access.signed_in()) or abort(404)


def planning(found: Looked) -> Job | None:
    """The job that planned it last, if any did."""
    return access.services().changing.proposals().planning(found.proposal)


def plan_here(found: Looked) -> dict[str, Any]:
    """Its plan for this plant, with the counts of the other plants that the person may see."""
    person = access.signed_in()
    if found.plan is None:
        raise NoPlanYet
    return narrowed(found.plan, access.card().plant.key, lambda key: bool(person.roles_in(key)))


def rules_of(proposal: Proposal) -> RuleBase:
    """The proposed rule base as it was kept."""
    return access.services().snapshots(proposal.digest) or abort(404)


def insist_open(found: Looked) -> None:
    """Refuse what is over: a newer proposal of the same rules is not meant."""
    if found.proposal.state != OPEN:
        raise NoSuchProposal(digest=found.proposal.digest)


def packed(rulebase: RuleBase) -> Response:
    """A rule base as a download."""
    answer = Response(access.services().changing.packed(rulebase), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=f"rules-{rulebase.digest[:12]}.zip")
    return answer


def _wanted() -> RuleBase:
    """The rule base that the form means."""
    digest = request.form.get("digest", "")
    if digest:
        known = {one for _at, one in _activations()}
        return (access.services().snapshots(digest) if digest in known else None) or abort(404)
    file = request.files.get("rules")
    if file is None or not file.filename:
        abort(400)
    return access.services().changing.unpacked(file.stream)  # type: ignore[arg-type] # werkzeug types it as IO[bytes]


def _activations() -> Sequence[tuple[Any, str]]:
    with access.services().changing.proposals().register.read() as reads:
        return reads.activations()


def _reason() -> str:
    return request.form.get("reason", "").strip()[:_LONGEST_REASON]


def _acted(number: int, act: Callable[[], str]) -> ResponseReturnValue:
    """Take a step and go back to the page; the page with the reason where it is refused."""
    try:
        flash(act())
    except ComplianceError as error:
        return _page(number, said(error.message)), status_of(error)
    return redirect(url_for("proposals.page", number=number), 303)


def _listing(problem: str = "", bad: BadRules | None = None) -> str:
    doing = access.services().changing.proposals()
    with doing.register.read() as reads:
        found = reads.proposal_page(asked.word("after"), PAGE)
        refusal = doing.may_propose(reads, access.signed_in())
        before = reads.activations()
    return render_template(
        "proposals.html",
        page=found,
        refusal=refusal,
        rule=rule_named(doing.named),
        used=list(reversed(before))[:PAGE],
        digest=doing.before.digest,
        problem=problem,
        bad=bad.problems if bad else (),
    )


def _page(number: int, problem: str = "") -> str:
    found = look(number)
    plan = plan_here(found) if found.plan else None
    return render_template(
        "proposal.html",
        it=found,
        proposal=found.proposal,
        plan=plan,
        shown=_shown(plan) if plan else None,
        job=planning(found),
        progress_of=batches.progress_of,
        parts=PARTS,
        title_of=_titles(plan) if plan else None,
        both=lambda text: said(Text(text["zh"], text["en"])),
        rule=rule_named(found.rule),
        steps={"activate": ACTIVATE, "withdraw": WITHDRAW, "replan": REPLAN},
        stale=plan is not None and _stale(plan),
        current=access.services().rules().digest,
        problem=problem,
        book=book(),
        kinds=list(KINDS),
    )


def rule_named(name: str) -> tuple[str, str] | None:
    """The kind and id of the rule that says who takes which step; None where no rule does."""
    kind, dot, rule = name.partition(".")
    return (kind, rule) if dot else None


def _stale(plan: dict[str, Any]) -> bool:
    """Whether the plant was judged further since the plan was made."""
    plant = access.card().plant
    planned = plan["plants"].get(plant.key)
    return planned is None or (plant.mark is not None and planned["day"] != plant.mark.isoformat())


def _shown(plan: dict[str, Any]) -> Shown:
    counts = {part: len(_rows(plan, part)) for part in PARTS}
    part = asked.word("part") if asked.word("part") in PARTS else "rules"
    rows = _rows(plan, part)
    kinds: dict[str, int] = {}
    if part == "rules":
        for row in rows:
            kinds[row["kind"]] = kinds.get(row["kind"], 0) + 1
    kind = asked.word("kind") if asked.word("kind") in kinds else ""
    rows = [row for row in rows if not kind or row["kind"] == kind]
    size = _RULES_A_PAGE if part == "rules" else PAGE
    pages = max(1, -(-len(rows) // size))
    at = asked.word("page")
    page_no = min(max(int(at), 1), pages) if at.isascii() and at.isdigit() else 1
    return Shown(part, rows[(page_no - 1) * size : page_no * size], counts, kinds, kind, page_no, pages, len(rows))


def _rows(plan: dict[str, Any], part: str) -> list[dict[str, Any]]:
    found: Any = plan
    for name in PARTS[part]:
        found = found[name]
    return list(found)


def _titles(plan: dict[str, Any]) -> Callable[[str], str]:
    """Titles of rules by id: as the proposal words them, else as the rules in use do."""
    worded = {row["id"]: Text(row["title"]["zh"], row["title"]["en"]) for row in plan["rules"]}
    return lambda rule: said(worded[rule]) if rule in worded else book().title(rule)
