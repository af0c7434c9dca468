"""What was judged: duties and how they stand, findings, nonconformities, and what meets each demand of the standard."""

from __future__ import annotations

from collections.abc import Mapping

from compliance.core.documents.control import EMPTY
from compliance.core.documents.report import told_by_name
from compliance.core.documents.sets.base import Asked, DataSet, Speaks, numbered, texts, within
from compliance.core.documents.values import Rows, Value
from compliance.core.judged import NONCONFORMITY, OccurrenceState
from compliance.rulebase.coverage import coverage
from compliance.rulebase.schema import Post, Strength, Vocabulary, Workflow

_DUTY = texts("no", "code", "title", "clause", "subject", "period", "opens", "due", "done", "state", "owner")
_FINDING = texts(
    "no", "situation", "title", "clause", "subject", "period", "message", "remedy", "seen", "nonconformity"
)
_NONCONFORMITY = texts("no", "number", "title", "category", "grade", "state", "opened")
_DEMAND = texts("no", "requirement", "title", "clause", "strength", "met_by", "state")
#: Vocabularies that say how duties and statements of the standard stand, and the words for a statement.
_DUTY_STATES, _STRENGTHS, _MET_STATES = "duty-state", "strength", "met-state"
_CATEGORY, _MEANING = "nonconformity-category", "nonconformity-category-meaning"
_MET, _GAP = "met", "gap"


def _duties(asked: Asked) -> Mapping[str, Value]:
    """The duties that fall due in the document's year, or in its month."""
    period = asked.period or asked.year
    found = sorted(
        (o for o in asked.reads.occurrences(asked.plant) if within(o.due, period)), key=lambda o: (o.due, o.key)
    )
    rows = []
    for one in found:
        post = asked.rulebase.nearest(Post, one.owner, asked.day)
        rows.append(
            {
                "code": one.code,
                "title": one.title.zh,
                "clause": one.clause,
                "subject": one.subject,
                "period": one.period,
                "opens": one.opens.isoformat(),
                "due": one.due.isoformat(),
                "done": one.done_on.isoformat() if one.done_on else EMPTY,
                "state": asked.word(_DUTY_STATES, one.state),
                "owner": post.title.zh if post else EMPTY,
            }
        )
    return {"duties": numbered(rows)}


def _findings(asked: Asked) -> Mapping[str, Value]:
    """What holds on the document's day and its rule lists; persons stand by name and obligations by title."""
    listed = asked.frame.rule.findings
    rows = (
        {
            "situation": stored.found.situation,
            "title": stored.found.title.zh,
            "clause": stored.found.clause,
            "subject": asked.duties.get(stored.found.subject, stored.found.subject),
            "period": stored.found.period or EMPTY,
            "message": told_by_name(stored.found, asked.frame.people),
            "remedy": stored.found.remedy.zh,
            "seen": stored.first_seen.isoformat(),
            "nonconformity": stored.nonconformity or EMPTY,
        }
        for stored in asked.reads.findings(asked.plant)
        if stored.withdrawn is None
        and within(stored.found.period or stored.first_seen, asked.period)
        and (listed is None or (stored.found.category, stored.found.clause) in listed)
    )
    return {"open_findings": numbered(rows)}


def _nonconformities(asked: Asked) -> Mapping[str, Value]:
    """Those of the document's period; of a document without one, all."""
    workflow = next((w for w in asked.rulebase.in_force(Workflow, asked.day) if w.applies_to == NONCONFORMITY), None)
    rows = []
    for it in asked.reads.nonconformities(asked.plant):
        if within(it.opened, asked.period):
            state = workflow.state(it.state) if workflow else None
            rows.append(
                {
                    "number": it.number,
                    "title": it.title.zh,
                    "category": asked.word(_CATEGORY, it.category),
                    "grade": asked.word("nonconformity-grade", it.grade),
                    "state": state.title.zh if state else it.state,
                    "opened": it.opened.isoformat(),
                }
            )
    return {"nonconformities": numbered(rows), "category_legend": _legend(asked)}


def _legend(asked: Asked) -> Mapping[str, Value]:
    """What the letters of the categories mean, in one line."""
    words = asked.rulebase.wordings(Vocabulary, _MEANING)[-1:]
    meant = (f"{asked.word(_CATEGORY, word.id)} {word.zh}" for rule in words for word in rule.words)
    return {"text": "；".join(meant)}


def _coverage(asked: Asked) -> Mapping[str, Value]:
    rows = (
        {
            "requirement": row.requirement.code,
            "title": row.requirement.title.zh,
            "clause": row.requirement.source.clause,
            "strength": asked.word(_STRENGTHS, row.requirement.source.strength),
            "met_by": "、".join(dict.fromkeys(met.id for met in row.met_by)) or EMPTY,
            "state": asked.word(_MET_STATES, _GAP if row.gap else _MET),
        }
        for row in coverage(asked.rulebase, asked.day)
    )
    return {"coverage": numbered(rows)}


JUDGED_SETS: Mapping[str, DataSet] = {
    "duties": DataSet(
        lambda _r, _p: {"duties": Rows(_DUTY)},
        _duties,
        speaks=Speaks.MOMENT,
        words={_DUTY_STATES: tuple(OccurrenceState)},
    ),
    "open_findings": DataSet(lambda _r, _p: {"open_findings": Rows(_FINDING)}, _findings, speaks=Speaks.MOMENT),
    "nonconformities": DataSet(
        lambda _r, _p: {"nonconformities": Rows(_NONCONFORMITY), "category_legend": texts("text")},
        _nonconformities,
        speaks=Speaks.MOMENT,
    ),
    "coverage": DataSet(
        lambda _r, _p: {"coverage": Rows(_DEMAND)},
        _coverage,
        speaks=Speaks.MOMENT,
        words={_STRENGTHS: tuple(Strength), _MET_STATES: (_MET, _GAP)},
    ),
}
