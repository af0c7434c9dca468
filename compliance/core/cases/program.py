"""What the program itself does to versions of documents: steps of its own, with leaves of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from compliance.core.acts import PULSE, Act
from compliance.core.cases.kept import CaseWork, StoredStep, digest_of_step
from compliance.core.controlled import DOCUMENT, SUPERSEDE, SUPERSEDED, ControlledDocument, DocumentVersion, keep_until
from compliance.core.distribution import number_of
from compliance.core.looking import values_in
from compliance.core.model import PlantFactor
from compliance.core.plants import Plant
from compliance.core.worked import CaseKey, CaseRow
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.calendar import add_months
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Number, Workflow

_REASON = "reason"


class NoSuchRetention(CannotDecide):
    """The rules in use have no such class of records any more."""

    code = "no-such-retention"
    text = Text("使用中的规则库没有此保存期限", "the rule base in use has no such class of retention")


@dataclass(frozen=True, slots=True)
class ByProgram:
    """Steps of the program in one transaction; ``acts`` are to be recorded by whoever opened it."""

    work: CaseWork
    plant: Plant
    workflow: Workflow
    rulebase: RuleBase
    today: date
    at: str
    acts: list[Act] = field(default_factory=list)

    def step(self, name: str, before: DocumentVersion, after: DocumentVersion, why: str) -> None:
        """Take a step in a version's own case."""
        key = CaseKey(DOCUMENT, before.object_id)
        steps = self.work.case_steps(self.plant, key)
        taken = StoredStep(
            seq=len(steps),
            step=name,
            state=after.state,
            login=PULSE.id,
            account=f"login:{PULSE.id}",
            name=PULSE.name,
            posts="",
            at=self.at,
            values={_REASON: why},
        )
        taken = replace(taken, digest=digest_of_step(key, steps[-1].digest if steps else "", taken))
        fields = {field: value for one in (*steps, taken) for field, value in one.values.items()}
        self.work.add_step(self.plant, key, taken)
        self.work.save_case(self.plant, CaseRow(key=key, state=after.state, fields=fields))
        self.work.save_version(self.plant, after)
        self.acts.append(
            Act(
                actor=PULSE,
                action=f"{DOCUMENT}:{name}",
                object_type=DOCUMENT,
                object_id=key.object_id,
                changes=({"f": "state", "old": before.state, "new": after.state},),
                reason=why,
                rule={"workflow": self.workflow.digest, "digest": taken.digest},
            )
        )

    def supersede(self, document: ControlledDocument, other: DocumentVersion, by: DocumentVersion) -> None:
        """End a version in favour of a later one."""
        why = f"由 {by.label} 替代 / superseded by {by.label}"
        ended = replace(
            other, state=SUPERSEDED, ended_at=self.at, ended_why=why, superseded_by=by.label, review_due=None
        )
        self.step(SUPERSEDE, other, ended, why)
        self.retain(document, ended)

    def retain(self, document: ControlledDocument, version: DocumentVersion) -> None:
        """Keep the version's files, and the document, at least as long as the class of records says from today on."""
        until = keep_until(self.rulebase, document.retention, self.today)
        if until is None:
            raise NoSuchRetention
        self.work.retain(version.files, until)
        known = self.work.document(self.plant, document.number)
        longest = max(until, (known[0] if known else document).retain_until or until)
        self.work.save_document(self.plant, replace(document, retain_until=longest))

    def number(self, value: Number) -> int:
        """A number of a rule, which may be the plant's own."""
        return number_of(value, self.rulebase, self._own(), self.today)

    def review_day(self, rule: Document | None, since: date) -> date | None:
        """Until when a version is to be reviewed next; None where its rule has no cycle."""
        if rule is None or rule.review_months is None:
            return None
        return add_months(since, self.number(rule.review_months))

    def _own(self) -> Mapping[str, Decimal]:
        return values_in(self.work.tables(self.plant, [PlantFactor])[PlantFactor])
