"""What every document is made from: rule, template, data set and the files that are kept, brought together."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from compliance.core.acts import ObjectRef
from compliance.core.applicability import following, profile_of
from compliance.core.cases import CaseWork, Casework, NoSuchCase
from compliance.core.controlled import DOCUMENT, DRAFT, DocumentAtHand, at_hand
from compliance.core.documents.basis import BasisWork
from compliance.core.documents.control import CONTROL_NAMES, Frame, control_of, draft_mark
from compliance.core.documents.ports import Comparer, NotRendered
from compliance.core.documents.rendering import render_checked
from compliance.core.documents.sections import Written, written_names, written_of
from compliance.core.documents.sets import DATA_SETS, Asked, SetReads, Shelf, Subject, gathered, kinds_of, names_of
from compliance.core.documents.values import Context, Names, check_values
from compliance.core.looking import look, values_in
from compliance.core.model import CompanyItem, PersonPeriod, PlantFactor
from compliance.core.plants import Plant
from compliance.core.ports import Tables, Vault
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import CannotDecide, Refused
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Ref, Rule


class NoSuchDocument(CannotDecide):
    """The rule base in use does not say what this document is, or its template or data set is missing."""

    code = "no-such-document"
    text: ClassVar[Text] = Text(
        zh="启用的规则库或模板目录中没有文件“{name}”", en="Neither the rules nor the templates have {name!r}"
    )


class NotADraft(Refused):
    """Only a draft is drafted again."""

    code = "not-a-draft"
    text: ClassVar[Text] = Text(
        zh="文件 {name} 已不是草稿，不能重新起草", en="{name} is no draft any more and is not drafted again"
    )


class NotIssued(Refused):
    """The version was never issued: it has no pages to give out."""

    code = "not-issued"
    text: ClassVar[Text] = Text(zh="文件 {name} 尚未发布", en="{name} has not been issued")


class DeskWork(CaseWork, BasisWork, Protocol):
    """What the desk asks of a writing transaction."""


class DeskRegister(Protocol):
    """The register as the desk needs it."""

    def read(self) -> AbstractContextManager[SetReads]:
        """Open a look."""
        ...

    def work(self) -> AbstractContextManager[DeskWork]:
        """Open a writing transaction."""
        ...


@dataclass(frozen=True)
class Gathering:
    """Everything that making documents needs; ``pages`` makes PDF, None where it cannot be made."""

    register: DeskRegister
    casework: Casework
    vault: Vault
    renderer: Comparer
    zone: ZoneInfo
    template: Callable[[str], bytes | None]
    pages: Callable[[bytes], bytes] | None = None

    def find(self, reads: SetReads | CaseWork, plant: Plant, object_id: str) -> DocumentAtHand:
        """The version that a name means; raises :class:`NoSuchCase`."""
        found = at_hand(reads, plant, object_id)
        if found is None:
            raise NoSuchCase(name=object_id)
        return found

    def only_draft(self, about: DocumentAtHand, *, again: bool) -> None:
        """Raise :class:`NotADraft` for what was handed in already."""
        if about.version.state != DRAFT and (again or about.version.draft is None):
            raise NotADraft(name=about.version.object_id)

    def rule(self, rule_id: str) -> Document:
        """The rule of an id; raises :class:`NoSuchDocument`."""
        rule = self.casework.rulebase.nearest(Document, rule_id, self.casework.today())
        if rule is None:
            raise NoSuchDocument(name=rule_id)
        return rule

    def follows(self, reads: SetReads, plant: Plant) -> Callable[[Rule], bool]:
        """Whether a rule is of a standard that the plant follows; without packs the register is not asked."""
        rulebase, today = self.casework.rulebase, self.casework.today()
        tables = reads.tables(plant, [CompanyItem]) if len(rulebase.standards(today)) > 1 else {}
        return following(profile_of(look(plant, tables, rulebase, today)), rulebase, today)

    def template_of(self, reads: SetReads, plant: Plant, rule: Document) -> bytes:
        """The template of a rule: the plant's own that is published, else the group's, else the shipped one.

        Raises :class:`NoSuchDocument`.
        """
        used = reads.template_in_use(plant, rule.id)
        return self.read(used) if used else self.shipped_template(rule)

    def shipped_template(self, rule: Document) -> bytes:
        """The template that comes with the program; raises :class:`NoSuchDocument`."""
        found = self.template(rule.template)
        if found is None:
            raise NoSuchDocument(name=rule.template)
        return found

    def names(self, rule: Document) -> Names:
        """Every name that templates of the rule may use; raises :class:`NoSuchDocument`."""
        for name in rule.data:
            if name not in DATA_SETS:
                raise NoSuchDocument(name=name)
        return document_names(rule, self.casework.rulebase)

    def context(
        self, reads: SetReads, plant: Plant, about: str, rule: Document, known: DocumentAtHand | None
    ) -> Context:
        """The data as they stand today, marked as a draft."""
        asked = self.asked(reads, plant, about, rule, known)
        return self.filled(rule, asked, self.written(reads, plant, known))

    def filled(self, rule: Document, asked: Asked, written: Written) -> Context:
        """All that a document says: its control, its data, and what authors wrote."""
        return {
            **control_of(asked.plant, self.casework.rulebase, replace(asked.frame, period=asked.period)),
            **gathered(rule, asked),
            **written_of(rule, written),
        }

    def asked(
        self,
        reads: SetReads,
        plant: Plant,
        about: str,
        rule: Document,
        known: DocumentAtHand | None,
        day: date | None = None,
        shelf: Shelf | None = None,
    ) -> Asked:
        """What the data are gathered from, as it stands today or stood on a day."""
        today = day or self.casework.today()
        kinds = [PersonPeriod, *([PlantFactor] if isinstance(rule.review_months, Ref) else []), *kinds_of(rule)]
        rows = shelf.tables if shelf else reads.tables(plant, list(dict.fromkeys(kinds)))
        people = {p.account: p.name for p in rows[PersonPeriod] if isinstance(p, PersonPeriod) and p.name}
        versions = [v for v in known.versions if v.place <= known.version.place] if known else []
        frame = Frame(
            rule=rule,
            number=known.number if known else _NONE,
            version=known.version.label if known else _NONE,
            printed=today,
            zone=self.zone,
            people=people,
            mark=draft_mark(self.casework.workflow(DOCUMENT)),
            versions=tuple(versions),
            review_months=review_months(self.casework.rulebase, rule, rows, today),
        )
        seen = shelf.data if shelf else {}
        if today not in seen:
            seen[today] = look(plant, rows, self.casework.rulebase, today)
        subject = Subject(rule.per, about)
        return Asked(plant, seen[today], self.casework.rulebase, self.casework, frame, subject, reads, shelf)

    def written(self, reads: SetReads, plant: Plant, known: DocumentAtHand | None) -> Written:
        """What authors wrote into a document up to a version; a later version begins with what the earlier one said."""
        return reads.written(plant, known.number, known.version.place) if known else {}

    def render_kept(self, about: DocumentAtHand, context: Context) -> bytes:
        """Fill the template that the draft was made with, and read the result again."""
        names = self.names(self.rule(about.document.rule))
        return render_checked(self.renderer, self.read(about.version.template), context, names)

    def data(self, sha256: str | None) -> Context:
        """Frozen data."""
        found: Context = json.loads(self.read(sha256))
        return found

    def read(self, sha256: str | None) -> bytes:
        """The bytes of a file that is kept."""
        if sha256 is None:
            raise NotRendered(reason=_NO_FILE)
        with self.vault.open(sha256) as file:
            return file.read()

    def keep(self, data: bytes, name: str, media_type: str) -> ObjectRef:
        """Keep bytes in the vault."""
        return self.vault.put(io.BytesIO(data), name=name, media_type=media_type)


def review_months(rulebase: RuleBase, rule: Document, rows: Tables, today: date) -> int | None:
    """How often a document is reviewed; a parameter is the plant's own value, else the rule's."""
    if rule.review_months is None:
        return None
    return rulebase.number(rule.review_months, values_in(rows.get(PlantFactor, ())), today)


def document_names(rule: Document, rulebase: RuleBase) -> Names:
    """Every name that templates of a rule may use."""
    return {**CONTROL_NAMES, **names_of(rule, rulebase), **written_names(rule)}


def frozen(context: Context) -> Context:
    """The data exactly as they are kept: what is rendered is what is frozen."""
    check_values(context)
    found: Context = json.loads(canonical(context))
    return found


def plain(label: str) -> str:
    """A label as a file name may carry it."""
    return label.replace("/", "-")


#: The number and version of what was never opened as a document.
_NONE = "—"
_NO_FILE = Text("该版本没有文件", "the version has no file")
