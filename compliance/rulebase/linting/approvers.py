"""Approvals of one thing that give a step to different posts, and documents that another post approves."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from compliance.kernel.text import Text
from compliance.rulebase.check_wordings import share_days
from compliance.rulebase.linting.base import Check, Seen, Setting, Severity, name_of
from compliance.rulebase.linting.examples import FILE, rule
from compliance.rulebase.schema import Approval, Document


def _contradicting(setting: Setting) -> Iterator[Seen]:
    approvals = setting.base.of(Approval)
    for one, other in combinations(approvals, 2):
        if one.id != other.id and share_days(one, other) and set(one.applies_to) & set(other.applies_to):
            yield from _steps(one, other)
    for approval in approvals:
        for document in setting.base.of(Document):
            if share_days(approval, document) and not _names(document).isdisjoint(approval.applies_to):
                yield from _document(document, approval)


def _steps(one: Approval, other: Approval) -> Iterator[Seen]:
    for step in one.steps:
        here, there = step.post, other.post_of(step.do)
        if here and there and here != there:
            yield Seen(
                one,
                Text(
                    f"步骤“{step.do}”归 {here}，而 {name_of(other)} 归 {there}",
                    f"step '{step.do}' is {here}'s, and {there}'s by {name_of(other)}",
                ),
                other,
                step.do,
            )


def _names(document: Document) -> set[str]:
    return {document.title.zh, *(alias.zh for alias in document.aliases)}


def _document(document: Document, approval: Approval) -> Iterator[Seen]:
    """The last step that an approval gives to a post is the approval itself."""
    posts = [step.post for step in approval.steps if step.post]
    if posts and document.approver != posts[-1]:
        yield Seen(
            document,
            Text(
                f"由 {document.approver} 批准，而 {name_of(approval)} 要求 {posts[-1]}",
                f"{document.approver} approves it, and {name_of(approval)} wants {posts[-1]}",
            ),
            approval,
            "approver",
        )


def _approval(name: str, post: str) -> str:
    steps = f'steps = [{{ do = "ask" }}, {{ do = "agree", post = "{post}" }}]'
    return rule(f"approval.{name}", f'applies_to = ["甲"]\n{steps}')


def _paper(approver: str) -> str:
    body = f"""
template = "a.docx"
data = []
number = "A-{{year}}-{{seq}}"
author = "clerk"
reviewer = "boss"
approver = "{approver}"
retention = "papers"
"""
    return rule("document.paper", body)


CHECK = Check(
    id="contradiction-approver",
    title=Text("同一事项的不同批准岗位", "One thing that different posts approve"),
    severity=Severity.ERROR,
    run=_contradicting,
    firing=(FILE + _approval("a", "clerk") + _approval("b", "boss"), FILE + _approval("a", "boss") + _paper("clerk")),
    silent=(FILE + _approval("a", "boss") + _approval("b", "boss"), FILE + _approval("a", "boss") + _paper("boss")),
)
