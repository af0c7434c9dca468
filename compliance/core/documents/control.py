"""What every controlled document says of itself: title block, control table, who signed, and its versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from compliance.core.accounts import shown_with
from compliance.core.cases import StoredStep
from compliance.core.controlled import COVERS, DRAFT, DocumentAtHand, DocumentVersion
from compliance.core.documents.values import Context, Names, Rows, Value
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Post, Retention, Workflow

EMPTY = "—"
#: The mark of every copy that is printed without a number.
UNCONTROLLED = Text("打印件非受控", "uncontrolled when printed")
#: How much of a digest a document shows.
SHOWN_DIGEST = 16
#: Whose signatures the control table shows, and the step that is one.
SIGNERS: Mapping[str, str] = {
    "author": "submit",
    "reviewer": "review",
    "countersigner": "countersign",
    "approver": "approve",
}

_TEXTS = Mapping[str, None]
_REPORT: _TEXTS = dict.fromkeys(("company", "code", "title", "mark", "printed"))
_CONTROL: _TEXTS = dict.fromkeys(
    ("number", "version", "effective", "clause", "retention", "code", "aliases", "review", "period", "distribution")
)
_SIGNER: _TEXTS = dict.fromkeys(("post", "name", "posts", "at", "meaning", "method", "digest"))
_VERSION: _TEXTS = dict.fromkeys(("label", "effective", "why"))
#: The names that every document offers to its template.
CONTROL_NAMES: Names = {
    "report": _REPORT,
    "control": _CONTROL,
    **dict.fromkeys(SIGNERS, _SIGNER),
    "versions": Rows(_VERSION),
}


class NotSigned(Refused):
    """A signature is missing, or covers another draft than the one to be issued."""

    code = "not-signed"
    text: ClassVar[Text] = Text(
        zh="“{step}”的签名未覆盖现有草稿，不能发布",
        en="No signature of “{step}” covers the present draft: nothing was issued",
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds the data: the rule, number, version, mark, and how days and people are shown.

    ``mark`` stands on every page of what is not the document in force; ``versions`` are those so far, this one last;
    ``review_months`` is how often it is reviewed, by the rule or the plant's own choice.
    """

    rule: Document
    number: str
    version: str
    printed: date
    zone: ZoneInfo
    people: Mapping[str, str]
    mark: str = ""
    versions: tuple[DocumentVersion, ...] = ()
    period: str = ""
    review_months: int | None = None


def signing_posts(rule: Document) -> dict[str, str | None]:
    """The posts that sign a document of a rule, by their places in the control table; None where the rule has none."""
    return {name: getattr(rule, name) for name in SIGNERS}


def signers_of(frozen: Context) -> dict[str, str]:
    """The places of frozen data that a signature must fill, with the step that is one."""
    groups = {name: _group(frozen.get(name, "")) for name in SIGNERS}
    return {name: step for name, step in SIGNERS.items() if groups[name].get("post", EMPTY) != EMPTY}


def control_of(plant: Plant, rulebase: RuleBase, frame: Frame) -> dict[str, Value]:
    """The part that every document has, as long as nobody has signed."""
    rule = frame.rule
    return {
        "report": {
            "company": plant.name,
            "code": plant.key,
            "title": rule.title.zh,
            "mark": frame.mark,
            "printed": frame.printed.isoformat(),
        },
        "control": {
            "number": frame.number,
            "version": frame.version,
            "effective": EMPTY,
            "clause": f"{rule.source.document} {rule.source.clause}",
            "retention": _retention(rulebase, rule.retention, frame.printed),
            "code": rule.code or EMPTY,
            "aliases": "、".join(alias.zh for alias in rule.aliases) or EMPTY,
            "review": _REVIEW.fill(months=frame.review_months).zh if frame.review_months else EMPTY,
            "period": _time(frame.period) or EMPTY,
            "distribution": rule.distribution.zh if rule.distribution else EMPTY,
        },
        **{
            name: {**dict.fromkeys(_SIGNER, ""), "post": _post(rulebase, post, frame.printed)}
            for name, post in signing_posts(rule).items()
        },
        "versions": [
            {"label": v.label, "effective": day(v.effective) if v.effective else EMPTY, "why": v.why or _FIRST.zh}
            for v in frame.versions
        ],
    }


def finished(
    frozen: Context,
    about: DocumentAtHand,
    steps: Sequence[StoredStep],
    workflow: Workflow,
    effective: date,
    zone: ZoneInfo,
) -> dict[str, Value]:
    """The frozen data with who signed and from when the version holds; raises :class:`NotSigned`."""
    rows = [dict(row) for row in _rows(frozen["versions"])]
    if rows:
        rows[-1]["effective"] = day(effective)
    signers: dict[str, Value] = {}
    for name, step_id in signers_of(frozen).items():
        step = next((s for s in reversed(steps) if s.step == step_id and s.signature is not None), None)
        known = workflow.step(step_id)
        if step is None or step.values.get(COVERS) != about.version.draft:
            raise NotSigned(step=known.title if known else step_id)
        known_names = _group(frozen[name])
        signers[name] = {**known_names, **{n: v for n, v in _signed(step, zone).items() if n in known_names}}
    return {
        **frozen,
        "report": {**_group(frozen["report"]), "mark": ""},
        "control": {**_group(frozen["control"]), "effective": day(effective)},
        **signers,
        "versions": rows,
    }


def marked(issued: Context, mark: str) -> Context:
    """What was issued, with a mark on every page: a copy of a version that has ended."""
    return {**issued, "report": {**_group(issued["report"]), "mark": mark}}


def unchanged(frozen: Context, issued: Context) -> bool:
    """Whether what was issued says the frozen data, but for what issuing fills in."""
    filled = {"report", "control", "versions", *SIGNERS}
    same = {name: value for name, value in issued.items() if name not in filled}
    return same == {name: value for name, value in frozen.items() if name not in filled} and all(
        {**_group(issued[name]), **dict.fromkeys(blank)} == {**_group(frozen[name]), **dict.fromkeys(blank)}
        for name, blank in (("report", ("mark",)), ("control", ("effective",)))
    )


def draft_mark(workflow: Workflow) -> str:
    """The mark of everything that is not issued."""
    state = workflow.state(DRAFT)
    return state.title.zh if state else DRAFT


def day(on: date) -> str:
    """A day as covers and control tables write it."""
    return f"{on.year}年{on.month}月{on.day}日"


def _time(period: str) -> str:
    """A year or month as covers write it."""
    year, _, month = period.partition("-")
    return f"{year}年{f'{int(month)}月' if month else ''}" if period else ""


def moment(at: str, zone: ZoneInfo) -> str:
    """A moment as the plant's clocks show it, with its offset."""
    return datetime.fromisoformat(at).astimezone(zone).isoformat(sep=" ", timespec="seconds")


def _signed(step: StoredStep, zone: ZoneInfo) -> Mapping[str, str]:
    signature = step.signature
    return {
        "name": step.name,
        "posts": step.posts or EMPTY,
        "at": moment(step.at, zone),
        "meaning": signature.meaning.zh if signature else EMPTY,
        "method": shown_with(signature.method, "+").zh if signature else EMPTY,
        "digest": str(step.values.get(COVERS, ""))[:SHOWN_DIGEST],
    }


def _group(value: Value) -> Mapping[str, Value]:
    return value if isinstance(value, Mapping) else {}


def _rows(value: Value) -> list[Mapping[str, Value]]:
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, Sequence) else []


def _post(rulebase: RuleBase, post: str | None, on: date) -> str:
    rule = rulebase.nearest(Post, post, on) if post else None
    return rule.title.zh if rule else EMPTY


def _retention(rulebase: RuleBase, name: str, on: date) -> str:
    rule = rulebase.nearest(Retention, name, on)
    if rule is None:
        return EMPTY
    kept = _YEARS if rule.years else _MONTHS
    return kept.fill(title=rule.title, years=rule.years, months=rule.months).zh


#: What a first version says of its reason, how often a document is reviewed, and how long it is kept.
_FIRST = Text("首次编制", "first issue")
_REVIEW = Text("每 {months} 个月至少一次", "at least every {months} months")
_YEARS = Text("{title}，保存 {years} 年", "{title}, kept for {years} years")
_MONTHS = Text("{title}，保存 {months} 个月", "{title}, kept for {months} months")
