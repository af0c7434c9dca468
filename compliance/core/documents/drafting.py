"""Drafting a document: template checked, values checked, rendered, read again and compared, kept with one leaf."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.documents.plan import TemplateProblem, check_names
from compliance.core.documents.ports import Inspected, Renderer, TemplateRefused
from compliance.core.documents.readback import compare
from compliance.core.documents.values import Context, Names, check_values
from compliance.core.plants import Plant
from compliance.core.ports import Vault
from compliance.kernel.canonical import digest, digest_of
from compliance.rulebase.schema import Document

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DOCUMENT = "document"


class Recorder(Protocol):
    """The transaction as drafting needs it."""

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class DraftRegister(Protocol):
    """The register as drafting needs it."""

    def work(self) -> AbstractContextManager[Recorder]:
        """Open a writing transaction."""
        ...


@dataclass(frozen=True, slots=True)
class Filling:
    """What one document is made of: its rule, template, data, the names the data set offers, number and version."""

    rule: Document
    template: bytes
    context: Context
    names: Names
    number: str
    version: str


@dataclass(frozen=True, slots=True)
class DraftedDocument:
    """A draft: the file in the vault, and the digests of all that it was made from."""

    number: str
    file: ObjectRef
    context: str
    template: str
    rule: str


def render_checked(renderer: Renderer, template: bytes, context: Context, names: Names) -> bytes:
    """Render a document that says exactly what the data say.

    Raises :class:`TemplateRefused`, :class:`IllegalText`, :class:`NotRendered` or :class:`TextDiffers`.
    """
    inspected = renderer.inspect(template)
    problems = (*inspected.problems, *_unknown(inspected, names))
    if problems:
        raise TemplateRefused(problems)
    check_values(context)
    made = renderer.render(template, context)
    compare(inspected.parts, context, renderer.read(made, tuple(inspected.parts)))
    return made


def draft(
    register: DraftRegister, vault: Vault, renderer: Renderer, plant: Plant, actor: Actor, filling: Filling
) -> DraftedDocument:
    """Render a document, keep it, and record that it was drafted."""
    made = render_checked(renderer, filling.template, filling.context, filling.names)
    file = vault.put(io.BytesIO(made), name=f"{filling.number}.docx", media_type=MEDIA_TYPE)
    drafted = DraftedDocument(
        filling.number, file, digest_of(filling.context), digest(filling.template), filling.rule.digest
    )
    with register.work() as work:
        work.record(_act(actor, filling, drafted), plant)
    return drafted


def _act(actor: Actor, filling: Filling, drafted: DraftedDocument) -> Act:
    return Act(
        actor=actor,
        action=f"{DOCUMENT}:draft",
        object_type=DOCUMENT,
        object_id=filling.number,
        changes=({"f": "version", "old": None, "new": filling.version},),
        objects=(drafted.file,),
        rule={
            "document": filling.rule.id,
            "digest": drafted.rule,
            "template": drafted.template,
            "context": drafted.context,
        },
    )


def _unknown(inspected: Inspected, names: Names) -> Sequence[TemplateProblem]:
    found: Iterator[TemplateProblem] = (
        p for part, nodes in inspected.parts.items() for p in check_names(part, nodes, names)
    )
    return list(dict.fromkeys(found))
