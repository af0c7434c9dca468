"""What steps do to controlled documents: documents that open with a case's end, and the versions that follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from compliance.core.acts import Act
from compliance.core.cases.kept import CaseWork, StoredStep
from compliance.core.cases.program import ByProgram
from compliance.core.cases.things import Thing
from compliance.core.controlled import (
    DOCUMENT,
    DRAFT,
    EFFECTIVE,
    ISSUED,
    ISSUED_FILE,
    NEXT_REVIEW,
    RESUME,
    REVISE_ON,
    REVISING,
    SIGNED_ON,
    VERDICTS,
    DocumentAtHand,
    DocumentVersion,
    label_of,
    open_documents,
)
from compliance.core.distribution import by_rule
from compliance.core.duties import Denied, refuse
from compliance.core.model.deeds import Signing
from compliance.core.plants import Plant
from compliance.core.refusing import SIGN, against, sentence
from compliance.kernel.text import Text
from compliance.rulebase.casework import CaseView
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Strength

_REASON = "reason"


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a step brought about: further changes that its leaf names, and acts of the program with leaves of theirs."""

    changes: tuple[Mapping[str, object], ...] = ()
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class _Step:
    """A step of a document just taken; ``program`` does what follows from it in the same transaction."""

    work: CaseWork
    plant: Plant
    thing: Thing
    about: DocumentAtHand
    stored: StoredStep
    rulebase: RuleBase
    today: date
    program: ByProgram

    @property
    def rule(self) -> Document | None:
        return self.rulebase.nearest(Document, self.about.document.rule, self.today)

    @property
    def reason(self) -> str:
        return str(self.stored.values.get(_REASON, ""))

    def refuse(self, reason: Text) -> Exception:
        step = self.thing.workflow.step(self.stored.step)
        return refuse(step, Denied((reason,), self.thing.workflow.id)) if step else LookupError(self.stored.step)


def follow(
    work: CaseWork, plant: Plant, thing: Thing, stored: StoredStep, view: CaseView, rulebase: RuleBase, today: date
) -> Consequences:
    """Do what a step means for documents, in the transaction of the step."""
    if not isinstance(thing.about, DocumentAtHand):
        opened = open_documents(work, plant, rulebase, thing.key.kind, view.state, thing.key.object_id, today)
        return Consequences(tuple({"f": DOCUMENT, "old": None, "new": v.object_id} for v in opened))
    program = ByProgram(work, plant, thing.workflow, rulebase, today, stored.at)
    step = _Step(work, plant, thing, thing.about, stored, rulebase, today, program)
    if stored.signature is not None and view.state in SIGNED_ON:
        _complete(step)
        _under_the_rule_in_force(step)
    version = replace(thing.about.version, state=view.state)
    changes: tuple[Mapping[str, object], ...] = ()
    if view.state == ISSUED and version.issued is None:
        version = _issued(step, version)
        changes += _asked(step, version)
    if stored.step in VERDICTS:
        version = replace(version, review_due=program.review_day(step.rule, today))
    if view.state in thing.workflow.finals:
        version = replace(version, ended_at=stored.at, ended_why=step.reason, review_due=None)
        program.retain(step.about.document, version)
    work.save_version(plant, version)
    if version.review_due != thing.about.version.review_due:
        days = [day.isoformat() if day else None for day in (thing.about.version.review_due, version.review_due)]
        changes += ({"f": NEXT_REVIEW, "old": days[0], "new": days[1]},)
    changes += _revised(step) if view.state == REVISING else ()
    _set_right(step, version)
    return Consequences(changes, tuple(program.acts))


def too_early(effective: object, today: date) -> Text | None:
    """Why a document cannot come into force on a day, if it cannot."""
    return _EARLIER if str(effective) < today.isoformat() else None


def _complete(step: _Step) -> None:
    """Refuse to sign a draft that says nothing where the standard demands something."""
    rule = step.rule
    sections = [rule.section(id_) for id_ in step.about.version.lacks] if rule else []
    lacking = [s for s in sections if s is not None and s.strength is Strength.SHALL]
    if rule is not None and lacking:
        zh = "、".join(f"“{s.title.zh}”（{'、'.join(s.requirements) or rule.source.clause}）" for s in lacking)
        en = ", ".join(f"{s.title.en!r} ({', '.join(s.requirements) or rule.source.clause})" for s in lacking)
        raise step.refuse(
            Text(f"规则 {rule.id} 要求的内容为空：{zh}", f"what the rule {rule.id} demands is missing: {en}")
        )


def _under_the_rule_in_force(step: _Step) -> None:
    """Refuse to sign what was drawn up under another wording of the document's rule, as the rules say."""
    version = step.about.version
    rule = step.rule
    if rule is not None and version.issued is None:
        deed = Signing(version.object_id, version.rule_digest, rule.digest)
        for found in against(step.rulebase, SIGN, step.today, deed):
            raise step.refuse(sentence(found))


def _issued(step: _Step, version: DocumentVersion) -> DocumentVersion:
    """The version with what was issued; those before it end, unless it holds from a later day on only."""
    named, effective = step.stored.values.get(ISSUED_FILE), step.stored.values.get(EFFECTIVE)
    if early := too_early(effective, step.today):
        raise step.refuse(early)
    # The file and the data that it was filled with: whatever takes the step in another way has neither.
    if not isinstance(named, tuple) or [f.sha256 for f in step.stored.files] != list(named) or len(named) != _FILES:
        raise step.refuse(_ONLY_RENDERED)
    day = date.fromisoformat(str(effective))
    issued = replace(
        version,
        issued=named[0],
        issued_data=named[1],
        effective=day,
        issued_at=step.stored.at,
        review_due=step.program.review_day(step.rule, day),
    )
    step.program.retain(step.about.document, issued)
    for other in step.about.versions:
        if other.place >= version.place or not other.in_force:
            continue
        if issued.waits(step.today):
            step.program.retain(step.about.document, other)
        else:
            step.program.supersede(step.about.document, other, issued)
    return issued


def _asked(step: _Step, version: DocumentVersion) -> tuple[Mapping[str, object], ...]:
    """Ask the readers whom the document controller named, or those of the rule."""
    rule = step.rule
    named = step.work.distribution(step.plant, version.number, version.place)
    if named is None and rule is not None and rule.readers:
        days = step.program.number(rule.read_days or 0)
        named = by_rule(rule, version, days)
    if named is None:
        return ()
    step.work.save_distribution(step.plant, replace(named, asked=step.today))
    return ({"f": READERS, "old": None, "new": list(named.parties)},)


def _set_right(step: _Step, version: DocumentVersion) -> None:
    """Say of the version in force whether a later one is being drafted still; rules may have no such steps."""
    versions = [version if v.place == version.place else v for v in step.about.versions]
    current = next((v for v in reversed(versions) if v.in_force), None)
    drafted = next((v for v in versions if v.open), None)
    if current is None or step.stored.state == REVISING:  # its draft has just been opened
        return
    if current.state == REVISING and drafted is None and step.thing.workflow.step(RESUME):
        gone, gave_up = ("已作废", "withdrawn") if version.issued else ("已弃稿", "discarded")
        why = f"{version.label} {gone} / {version.label} was {gave_up}"
        step.program.step(RESUME, current, replace(current, state=ISSUED), why)
    if current.state == ISSUED and drafted and drafted.place > current.place and step.thing.workflow.step(REVISE_ON):
        why = f"{drafted.label} 仍在修订 / {drafted.label} is being drafted still"
        step.program.step(REVISE_ON, current, replace(current, state=REVISING), why)


def _revised(step: _Step) -> tuple[Mapping[str, object], ...]:
    """Open the next version as a draft; one at a time."""
    about = step.about
    if any(v.open for v in about.versions):
        raise step.refuse(_ONE_AT_A_TIME)
    if any(v.in_force and v.place > about.version.place for v in about.versions):
        raise step.refuse(_LATER_WAITS)
    rule = step.rule
    if rule is None:
        raise step.refuse(_NO_RULE)
    place = len(about.versions)
    version = DocumentVersion(
        number=about.number,
        place=place,
        label=label_of(rule, about.number, place),
        state=DRAFT,
        opened=step.today,
        why=step.reason,
        rule_digest=rule.digest,
    )
    step.work.save_version(step.plant, version)
    return ({"f": DOCUMENT, "old": None, "new": version.object_id},)


#: Where a leaf names who reads a version.
READERS = "readers"
#: The issued file, and the data that it says.
_FILES = 2
_ONLY_RENDERED = Text(
    "发布须由系统生成正式文件；请用文件页面或 compliance document issue",
    "the program makes the file that is issued: use the document's page or compliance document issue",
)
_EARLIER = Text("生效日期不得早于发布当天", "a document does not come into force before it is issued")
_ONE_AT_A_TIME = Text("已有修订中的草稿，请先完成", "a later version is being drafted already")
_LATER_WAITS = Text(
    "较新的版本已发布待生效，请修订那一版", "a later version has been issued and is not yet effective: revise that one"
)
_NO_RULE = Text("使用中的规则库没有此文件的规则", "the rule base in use has no rule of this document")
