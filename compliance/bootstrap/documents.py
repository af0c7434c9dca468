"""Documents of an installation: the desk with what it works on filled in, and what rules say of documents checked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from compliance.adapters.docx.pdf import available, pdf_of
from compliance.adapters.docx.renderer import DocxRenderer, check_template
from compliance.bootstrap.installation import Installation, check_rules
from compliance.bootstrap.places import shipped
from compliance.bootstrap.usecases import casework
from compliance.core.controlled import STATES_NEEDED, SUPERSEDE
from compliance.core.documents import DATA_SETS, SIGNERS, Desk, NoSuchDocument
from compliance.core.rulebooks import BadRules
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Problem, Workflow


def desk(installation: Installation) -> Desk:
    """Making documents on this installation."""
    return Desk(
        register=installation.register,
        casework=casework(installation),
        vault=installation.vault,
        renderer=DocxRenderer(),
        zone=installation.clock.zone,
        template=template,
        pages=pdf_of if available() else None,
    )


def template(name: str) -> bytes | None:
    """A shipped template by its file name."""
    path = shipped("doc_templates") / Path(name).name
    return path.read_bytes() if path.is_file() else None


def document_rule(installation: Installation, data: str) -> Document:
    """The rule in force of the document on a data set; raises :class:`NoSuchDocument`."""
    today = installation.clock.today()
    found = next((r for r in installation.rulebase.in_force(Document, today) if r.data == data), None)
    if found is None:
        raise NoSuchDocument(name=data)
    return found


def check_documents(rulebase: RuleBase) -> Iterator[Problem]:
    """What rules alone cannot know of documents: data sets, templates, and the states that issuing needs."""
    for rule in rulebase.of(Document):
        for key, zh, en in _of_document(rulebase, rule):
            yield Problem(rule.file, rule.line, rule.id, Text(f"{key}：{zh}", f"{key}: {en}"))
    for workflow in rulebase.of(Workflow):
        if workflow.applies_to == "document":
            for zh, en in _of_workflow(workflow):
                yield Problem(workflow.file, workflow.line, workflow.id, Text(zh, en))


def _of_document(rulebase: RuleBase, rule: Document) -> Iterator[tuple[str, str, str]]:
    known = DATA_SETS.get(rule.data)
    if known is None:
        names = "、".join(DATA_SETS)
        yield "data", f"没有数据集“{rule.data}”；有：{names}", f"there is no data set '{rule.data}'; there are: {names}"
        return
    path = shipped("doc_templates") / Path(rule.template).name
    if Path(rule.template).name != rule.template or not path.is_file():
        yield "template", f"没有模板“{rule.template}”", f"there is no template '{rule.template}'"
        return
    for workflow in (w for w in rulebase.of(Workflow) if w.applies_to == known.kind):
        for problem in check_template(path, known.names(workflow)):
            yield "template", f"{problem.place}：{problem.text.zh}", f"{problem.place}: {problem.text.en}"
    if rule.drafted_when is not None and rule.reviewer is None:
        yield "reviewer", "受控文件须有审核岗位", "a controlled document needs a post that reviews it"


def _of_workflow(workflow: Workflow) -> Iterator[tuple[str, str]]:
    for state in STATES_NEEDED:
        if workflow.state(state) is None:
            yield f"states：缺少状态“{state}”", f"states: the state '{state}' is missing"
    for step in (*SIGNERS.values(), SUPERSEDE):
        if workflow.step(step) is None:
            yield f"steps：缺少步骤“{step}”", f"steps: the step '{step}' is missing"


def with_documents(rulebase: RuleBase | None, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """The problems of a rule base with those of its documents."""
    return (*problems, *check_documents(rulebase)) if rulebase is not None else problems


def rules_for_use(directory: Path) -> RuleBase:
    """Load a rule directory that is to be put into use, its documents checked; raises :class:`BadRules`."""
    rulebase, problems = check_rules(directory)
    problems = with_documents(rulebase, problems)
    if rulebase is None or problems:
        raise BadRules(problems)
    return rulebase
