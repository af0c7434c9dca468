"""What the page of a case shows, made from the rules: line of states, a form for each step, refusals, history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.core.acts import ObjectRef
from compliance.core.cases import (
    NONCONFORMITY,
    OCCURRENCE,
    REASON,
    REASON_TITLE,
    BadValue,
    KeptFile,
    SignatureRefused,
    StoredStep,
)
from compliance.core.cases.files import IMPORT, PENDING
from compliance.core.controlled import DOCUMENT
from compliance.core.duties import Allowed, Sides
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView, FieldValue
from compliance.rulebase.schema import CaseField, CaseState, CaseStep, FieldType, Workflow
from compliance.web import access, labels
from compliance.web.book import Book, book
from compliance.web.cases import Attempt, Opened, present, refusals
from compliance.web.i18n import _, said


@dataclass(frozen=True, slots=True)
class Place:
    """A state on the line: behind us, where we are, or ahead."""

    title: Text
    tone: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that may be chosen without an upload; ``waiting``: the person's own, handed in before."""

    ref: ObjectRef
    about: str
    waiting: bool
    chosen: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of a form; ``options`` are value and label."""

    name: str
    title: str
    type: str
    required: bool
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    problem: str = ""
    kept: Sequence[Kept] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A step that the person may take."""

    step: CaseStep
    entries: Sequence[Entry]
    open: bool
    password_problem: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A step that the person may not take: why not, by which rule, and who may."""

    step: CaseStep
    reasons: Sequence[Text]
    rule: str
    who: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A value of a case: ``type`` says how it is written."""

    title: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Past:
    """A step that was taken."""

    step: StoredStep
    title: str
    state: str
    values: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows."""

    case: Opened
    state: CaseState | None
    line: Sequence[Place]
    forms: Sequence[Form]
    blocked: Sequence[Blocked]
    fields: Sequence[Shown]
    past: Sequence[Past]
    attempt: Attempt | None
    problem: str


def case_page(case: Opened, attempt: Attempt | None = None) -> CasePage:
    """The page of a case, after a refused attempt with what was typed."""
    workflow, view = case.looked.thing.workflow, case.looked.view
    offers = case.looked.offers(case.person)
    mine = [step for step, decision in offers if isinstance(decision, Allowed)]
    kept = _kept(case, attempt) if any(_takes_files(workflow, step) for step in mine) else ()
    forms = [_form(case, step, attempt, kept) for step in mine]
    sides = case.looked.thing.sides
    blocked = [Blocked(s, d.reasons, d.rule, who(workflow, s, sides)) for s, d in refusals(case)]
    return CasePage(
        case=case,
        state=workflow.state(view.state),
        line=line(workflow, view),
        forms=forms,
        blocked=blocked,
        fields=[_shown(case, f, view.fields.get(f.id)) for f in workflow.fields if f.type is not FieldType.FLAG],
        past=[_past(case, step) for step in case.looked.steps],
        attempt=attempt,
        problem=said(attempt.error.message) if attempt else "",
    )


def line(workflow: Workflow, view: CaseView) -> list[Place]:
    """The states from the first to the last by the straight way, with the present one in its place."""
    before = _states_so_far(workflow, view)
    path = _straight(workflow, view)
    here = view.state
    if here not in path:
        came_from = before[-2] if len(before) > 1 else workflow.start
        at = path.index(came_from) + 1 if came_from in path else len(path) - 1
        path.insert(at, here)
    now = path.index(here)
    places = []
    for n, name in enumerate(path):
        state = workflow.state(name)
        tone = "now" if n == now else "done" if n < now else "ahead"
        if n == now and state is not None and state.final:
            tone = "done"
        places.append(Place(state.title if state else Text(name, name), tone))
    return places


def _states_so_far(workflow: Workflow, view: CaseView) -> list[str]:
    """The states that the case went through."""
    states = [workflow.start]
    for taken in view.taken:
        step = workflow.step(taken.step)
        states.append(step.to if step else states[-1])
    return states


def _straight(workflow: Workflow, view: CaseView) -> list[str]:
    """From state to state by the first step that needs no reason and leads somewhere new."""
    path = [workflow.start]
    while True:
        step = next((s for s in workflow.steps if _leads_on(s, path, view)), None)
        if step is None:
            return path
        path.append(step.to)


def _leads_on(step: CaseStep, path: Sequence[str], view: CaseView) -> bool:
    met = all(view.fields.get(name) == value for name, value in step.when.items())
    return path[-1] in step.from_ and step.to not in path and not step.reason and met


def who(workflow: Workflow, step: CaseStep, sides: Sides) -> list[str]:
    """Who may take a step, in words."""
    return [party(workflow, name, sides) for name in step.by]


def party(workflow: Workflow, name: str, sides: Sides | None = None) -> str:
    """One of those whom a rule names: a post, a set of permissions, a person in a field, a post of the duty's rule."""
    kind, _colon, rest = name.partition(":")
    rules = book()
    if kind == "post":
        return rules.post(rest)
    if kind == "role":
        return labels.role(rest)
    if kind == "field":
        field = workflow.field(rest)
        return said(field.title) if field else rest
    post = getattr(sides, rest, None) if sides else None
    words = {
        "owner": _("该义务的责任岗位"),
        "author": _("该文件的编制岗位"),
        "reviewer": _("该文件的审核岗位"),
        "countersigner": _("该文件的会签岗位"),
        "approver": _("该义务的批准岗位") if workflow.applies_to == OCCURRENCE else _("批准岗位"),
    }
    word = words.get(rest, rest)
    return f"{word}{_('：')}{rules.post(post)}" if post else word


def _takes_files(workflow: Workflow, step: CaseStep) -> bool:
    fields = (workflow.field(name) for name in (*step.needs, *step.offers))
    return any(field is not None and field.type is FieldType.FILES for field in fields)


def _kept(case: Opened, attempt: Attempt | None) -> Sequence[Kept]:
    """Uploads that wait, the case's own files, then the plant's latest; each file once."""
    with access.services().casework().register.read() as reads:
        found = reads.kept_files(access.card().plant, case.person.login, case.key)
    own = [KeptFile(f, case.key.kind, case.key.object_id) for s in reversed(case.looked.steps) for f in s.files]
    waiting = {k.ref.sha256 for k in found if k.source == PENDING}
    listed = {k.ref.sha256: k for k in (*own, *found)}
    listed |= {k.ref.sha256: k for k in found if k.source == PENDING}
    # What was just uploaded is ticked; what the person unticked stays so.
    ticked = set(attempt.existing) | (waiting - set(attempt.offered)) if attempt else waiting
    files = [Kept(k.ref, _where(case, k), digest in waiting, digest in ticked) for digest, k in listed.items()]
    return sorted(files, key=lambda k: not k.waiting)


def _where(case: Opened, kept: KeptFile) -> str:
    """Where a file comes from, in words."""
    if kept.source == PENDING:
        return _("您此前上传，尚未提交")
    if kept.source == case.key.kind and kept.about == case.key.object_id:
        return _("本件以前提交")
    if kept.source == IMPORT:
        return _("导入第 %(number)s 批", number=kept.about)
    kinds = {OCCURRENCE: _("义务"), NONCONFORMITY: _("不符合项"), DOCUMENT: _("文件")}
    return f"{kinds.get(kept.source, kept.source)} {kept.about}"


def _form(case: Opened, step: CaseStep, attempt: Attempt | None, kept: Sequence[Kept]) -> Form:
    mine = attempt if attempt and attempt.step == step.id else None
    entries = [_entry(case, name, mine, kept, required=True) for name in step.needs]
    entries += [_entry(case, name, mine, kept, required=False) for name in step.offers]
    if step.reason:
        typed = mine.values.get(REASON, "") if mine else ""
        wrong = _wrong(mine, REASON_TITLE) or (_("请填写") if mine and not typed.strip() else "")
        entries.append(Entry(REASON, _("理由"), "text", required=True, value=typed, problem=wrong))
    wrong = said(mine.error.message) if mine and isinstance(mine.error, SignatureRefused) else ""
    return Form(step, entries, open=mine is not None, password_problem=wrong)


def _entry(case: Opened, name: str, mine: Attempt | None, kept: Sequence[Kept], *, required: bool) -> Entry:
    field = case.looked.thing.workflow.field(name) or CaseField(name, Text(name, name), FieldType.TEXT)
    files = field.type is FieldType.FILES
    present = case.looked.view.fields.get(name)
    value = present if required and isinstance(present, str) else ""
    problem = ""
    if mine is not None:
        value = mine.values.get(name, value)
        missing = required and not (any(k.chosen for k in kept) if files else value.strip())
        problem = _wrong(mine, field.title) or ((_("请选择文件") if files else _("请填写")) if missing else "")
    return Entry(
        name, said(field.title), field.type.value, required, value, _options(case, field, book()), problem,
        kept if files else (),
    )  # fmt: skip


def _wrong(mine: Attempt | None, title: Text) -> str:
    """What is wrong with a field, if that is why the step was refused."""
    if mine is None or not isinstance(mine.error, BadValue):
        return ""
    return said(mine.error.message) if mine.error.values.get("field") == title else ""


def _options(case: Opened, field: CaseField, rules: Book) -> list[tuple[str, str]]:
    if field.type is FieldType.CHOICE:
        return [(word, said(text)) for word, text in rules.vocabularies.get(field.vocabulary, {}).items()]
    return present(case.people) if field.type is FieldType.PERSON else []


def _shown(case: Opened, field: CaseField, value: FieldValue | None) -> Shown:
    text = "" if value is None else value
    if isinstance(text, bool):
        text = _("已满足") if text else _("未满足")
    elif isinstance(text, tuple):
        text = str(len(text))
    elif field.type is FieldType.CHOICE and text:
        text = book().word(text, field.vocabulary)
    elif field.type is FieldType.PERSON and text:
        text = f"{case.name(text)} · {text}"
    return Shown(said(field.title), field.type.value, text)


def _past(case: Opened, step: StoredStep) -> Past:
    workflow = case.looked.thing.workflow
    rule, state = workflow.step(step.step), workflow.state(step.state)
    kept = [f for f in workflow.fields if f.id in step.values and f.type is not FieldType.FILES]
    values = [_shown(case, f, step.values[f.id]) for f in kept]
    if REASON in step.values:
        values.append(Shown(_("理由"), "text", str(step.values[REASON])))
    return Past(step, said(rule.title) if rule else step.step, said(state.title) if state else step.state, values)
