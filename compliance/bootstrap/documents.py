"""Documents of an installation: rule, template and data brought together."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from compliance.adapters.docx.renderer import DocxRenderer
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.places import shipped
from compliance.bootstrap.usecases import casework
from compliance.core.acts import Actor
from compliance.core.cases import NONCONFORMITY, CaseKey, Looked, NoSuchCase
from compliance.core.documents import (
    NONCONFORMITY_REPORT,
    DraftedDocument,
    Filling,
    Frame,
    draft,
    nonconformity_report,
    report_names,
    report_number,
)
from compliance.core.judged import Nonconformity
from compliance.core.model import PersonPeriod
from compliance.core.plants import Plant
from compliance.kernel.errors import CannotDecide
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document

#: The version of a document that was never issued.
FIRST_VERSION = "A/0"


class NoSuchDocument(CannotDecide):
    """The rule base in use does not say what this document is, or its template is missing."""

    code = "no-such-document"
    text: ClassVar[Text] = Text(
        zh="启用的规则库或模板目录中没有文件“{name}”", en="Neither the rules nor the templates have {name!r}"
    )


def draft_report(installation: Installation, plant: Plant, number: str, actor: Actor) -> DraftedDocument:
    """Draft the report on a nonconformity as it stands today; raises :class:`NoSuchCase`."""
    filling = report_filling(installation, plant, number)
    return draft(installation.register, installation.vault, DocxRenderer(), plant, actor, filling)


def report_filling(installation: Installation, plant: Plant, number: str) -> Filling:
    """Everything that the report on a nonconformity is made of."""
    rule = _rule(installation, NONCONFORMITY_REPORT)
    today = installation.clock.today()
    with installation.register.read() as reads:
        looked = casework(installation).look(reads, plant, CaseKey(NONCONFORMITY, number))
        findings = reads.findings(plant)
        periods = reads.tables(plant, [PersonPeriod])[PersonPeriod]
    about = _nonconformity(looked)
    people = {p.account: p.name for p in periods if isinstance(p, PersonPeriod) and p.name}
    frame = Frame(rule, report_number(rule, about), FIRST_VERSION, today, installation.clock.zone, people)
    return Filling(
        rule=rule,
        template=_template(rule),
        context=nonconformity_report(looked, about, plant, findings, installation.rulebase, frame),
        names=report_names(looked.thing.workflow),
        number=frame.number,
        version=frame.version,
    )


def _nonconformity(looked: Looked) -> Nonconformity:
    if not isinstance(looked.thing.about, Nonconformity):
        raise NoSuchCase(name=looked.thing.key.object_id)
    return looked.thing.about


def _rule(installation: Installation, data: str) -> Document:
    today = installation.clock.today()
    found = next((r for r in installation.rulebase.in_force(Document, today) if r.data == data), None)
    if found is None:
        raise NoSuchDocument(name=data)
    return found


def _template(rule: Document) -> bytes:
    path = shipped("doc_templates") / Path(rule.template).name
    if not path.is_file():
        raise NoSuchDocument(name=rule.template)
    return path.read_bytes()
