"""Documents of an installation: the desk with what it works on filled in, and what rules say of documents checked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from compliance.adapters.docx.pdf import available, pdf_of
from compliance.adapters.docx.renderer import DocxRenderer, problems_of
from compliance.adapters.touched import TouchedTables
from compliance.bootstrap.installation import Installation, check_rules
from compliance.bootstrap.knowing import KeptRules
from compliance.bootstrap.places import shipped
from compliance.bootstrap.samples import fields_of, sample_of, wrong_samples
from compliance.bootstrap.usecases import casework
from compliance.core.controlled import STATES_NEEDED, SUPERSEDE
from compliance.core.documents import (
    DATA_SETS,
    SIGNERS,
    SUBJECTS,
    Desk,
    Inspected,
    NoSuchDocument,
    Requests,
    Watch,
    document_names,
    dotted,
    record_type,
)
from compliance.core.documents.sections import Written
from compliance.core.ledgers import ledger_problems
from compliance.core.model import SHEETS
from compliance.core.obligations.row_events import row_problems
from compliance.core.rulebooks import BadRules
from compliance.core.templates import demanded
from compliance.kernel.text import Text
from compliance.rulebase.parse.table import suggestion
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Problem, Vocabulary, Workflow


def desk(installation: Installation) -> Desk:
    """Making documents on this installation."""
    return Desk(
        register=installation.register,
        casework=casework(installation),
        vault=installation.vault,
        renderer=DocxRenderer(),
        zone=installation.clock.zone,
        template=lambda name: template(name, installation.workspace.templates),
        pages=pdf_of if available() else None,
    )


def samples(installation: Installation) -> Callable[[Document], Written]:
    """What an author would write into a document of a type, by the sample beside its template."""
    return lambda rule: sample_of(rule, installation.workspace.templates)


def answers(installation: Installation) -> Callable[[Document], Mapping[str, str]]:
    """What the fields of a case say by the sample beside the template of its report."""
    return lambda rule: fields_of(rule, installation.workspace.templates)


def watch(installation: Installation) -> Watch:
    """Comparing documents in force of this installation with what would be drawn up today."""
    touched = TouchedTables(installation.register.database, installation.vault.open)
    return Watch(desk(installation), KeptRules(installation), touched)


def requests_of(installation: Installation) -> Requests:
    """Asking for changes of documents of this installation."""
    return Requests(desk(installation))


def template(name: str, own: Path | None = None) -> bytes | None:
    """A template by its file name: the installation's own, else the shipped one."""
    path = _template_path(name, own)
    return path.read_bytes() if path else None


def _template_path(name: str, own: Path | None) -> Path | None:
    paths = (folder / Path(name).name for folder in (own, shipped("doc_templates")) if folder is not None)
    return next((path for path in paths if path.is_file()), None)


def document_rule(installation: Installation, data: str) -> Document:
    """The rule in force of the document on a data set; raises :class:`NoSuchDocument`."""
    today = installation.clock.today()
    found = next((r for r in installation.current_rules().in_force(Document, today) if data in r.data), None)
    if found is None:
        raise NoSuchDocument(name=data)
    return found


def check_documents(rulebase: RuleBase, own: Path | None = None) -> Iterator[Problem]:
    """What rules alone cannot know of documents: data sets, templates, and the states that issuing needs.

    ``own`` is the folder of an installation's own templates.
    """
    rules = list(rulebase.of(Document))
    read = _read([rule.template for rule in rules], own)
    for rule in rules:
        for key, zh, en in _of_document(rulebase, rule, read, own):
            yield Problem(rule.file, rule.line, rule.id, Text(f"{key}：{zh}", f"{key}: {en}"))
    for workflow in rulebase.of(Workflow):
        if workflow.applies_to == "document":
            for zh, en in _of_workflow(workflow):
                yield Problem(workflow.file, workflow.line, workflow.id, Text(zh, en))


def _read(names: Sequence[str], own: Path | None) -> Mapping[str, Inspected]:
    """What templates say, by their names; those that are not there are left out."""
    paths = {n: path for n in dict.fromkeys(names) if Path(n).name == n and (path := _template_path(n, own))}
    return dict(zip(paths, DocxRenderer().inspect_each([path.read_bytes() for path in paths.values()]), strict=True))


def _of_document(
    rulebase: RuleBase, rule: Document, read: Mapping[str, Inspected], own: Path | None
) -> Iterator[tuple[str, str, str]]:
    unknown = [name for name in rule.data if name not in DATA_SETS]
    for name in unknown:
        hint = suggestion(name, DATA_SETS)
        yield "data", f"没有数据集“{name}”；{hint.zh}", f"there is no data set '{name}'; {hint.en}"
    if not unknown:
        yield from _subject(rulebase, rule)
        yield from _only(rulebase, rule)
        yield from _needs(rulebase, rule)
        yield from _words(rulebase, rule)
        yield from _template(rulebase, rule, read)
        yield from wrong_samples(rule, own)
    if rule.reviewer is None:
        yield "reviewer", "受控文件须有审核岗位", "a controlled document needs a post that reviews it"


def _subject(rulebase: RuleBase, rule: Document) -> Iterator[tuple[str, str, str]]:
    """What a document is on fits what its data can speak of and what opens it."""
    when = rule.drafted_when.workflow if rule.drafted_when else ""
    wanted = {DATA_SETS[name].per for name in rule.data} - {""} | {when} - {""}
    known = {*SUBJECTS, *(kind.SHEET.table for kind in SHEETS if record_type(kind.SHEET.table))}
    known |= {w.applies_to for w in rulebase.of(Workflow)}
    if rule.per not in known:
        hint = suggestion(rule.per, known)
        yield "per", f"没有对象“{rule.per}”；{hint.zh}", f"there is no subject '{rule.per}'; {hint.en}"
    for per in sorted(wanted - {rule.per}):
        yield "per", f"数据或触发条件要求 per = “{per}”", f"its data or what opens it want per = '{per}'"


def _only(rulebase: RuleBase, rule: Document) -> Iterator[tuple[str, str, str]]:
    """A rule that means some records names a column of their table and a word that it admits."""
    kind = record_type(rule.per)
    if rule.only is None:
        return
    known = {c.name: c.vocabulary for c in kind.SHEET.columns if c.vocabulary} if kind else {}
    if rule.only.column not in known:
        hint = suggestion(rule.only.column, known)
        asked = rule.only.column
        yield "only", f"没有可选词的列“{asked}”；{hint.zh}", f"no column '{asked}' has words; {hint.en}"
        return
    named = known[rule.only.column]
    words = {w.zh for v in rulebase.of(Vocabulary) if named in (v.id, v.widens) for w in v.words}
    if rule.only.word not in words:
        hint = suggestion(rule.only.word, words)
        yield "only", f"没有词“{rule.only.word}”；{hint.zh}", f"there is no word '{rule.only.word}'; {hint.en}"


def _needs(rulebase: RuleBase, rule: Document) -> Iterator[tuple[str, str, str]]:
    """What a data section must not lack is something that the data offer."""
    offered = set(dotted("", document_names(rule, rulebase)))
    for section in rule.sections:
        for name in section.needs:
            if name not in offered:
                hint = suggestion(name, offered)
                yield "sections", f"没有数据“{name}”；{hint.zh}", f"there are no data '{name}'; {hint.en}"


def _words(rulebase: RuleBase, rule: Document) -> Iterator[tuple[str, str, str]]:
    """The vocabularies have the words that the data speak."""
    for vocabulary, wanted in (pair for name in rule.data for pair in DATA_SETS[name].words.items()):
        known = {w.id for v in rulebase.wordings(Vocabulary, vocabulary) for w in v.words}
        for word in (word for word in wanted if word not in known):
            hint = suggestion(word, known)
            yield (
                "data",
                f"词表 {vocabulary} 中没有“{word}”；{hint.zh}",
                f"vocabulary {vocabulary} has no '{word}'; {hint.en}",
            )


def _template(rulebase: RuleBase, rule: Document, read: Mapping[str, Inspected]) -> Iterator[tuple[str, str, str]]:
    found = read.get(rule.template)
    if found is None:
        yield "template", f"没有模板“{rule.template}”", f"there is no template '{rule.template}'"
        return
    for problem in problems_of(found, document_names(rule, rulebase)):
        where = problem.where
        yield "template", f"{where.zh}：{problem.text.zh}", f"{where.en}: {problem.text.en}"
    for problem in demanded(rule, found.parts)[0]:
        yield "template", f"{rule.template}：{problem.text.zh}", f"{rule.template}: {problem.text.en}"


def _of_workflow(workflow: Workflow) -> Iterator[tuple[str, str]]:
    for state in STATES_NEEDED:
        if workflow.state(state) is None:
            yield f"states：缺少状态“{state}”", f"states: the state '{state}' is missing"
    for step in (*SIGNERS.values(), SUPERSEDE):
        if workflow.step(step) is None:
            yield f"steps：缺少步骤“{step}”", f"steps: the step '{step}' is missing"


def with_documents(
    rulebase: RuleBase | None, problems: tuple[Problem, ...], own: Path | None = None
) -> tuple[Problem, ...]:
    """The problems of a rule base with those of its documents, ledgers and rows that raise events."""
    if rulebase is None:
        return problems
    return (*problems, *check_documents(rulebase, own), *ledger_problems(rulebase), *row_problems(rulebase))


def rules_for_use(directory: Path, own: Path | None = None) -> RuleBase:
    """Load a rule directory that is to be put into use, its documents checked; raises :class:`BadRules`."""
    rulebase, problems = check_rules(directory)
    problems = with_documents(rulebase, problems, own)
    if rulebase is None or problems:
        raise BadRules(problems)
    return rulebase
