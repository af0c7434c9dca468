"""Looking at templates: which types have one, what a template and its sample are, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from compliance.core.accounts import SignedIn, User
from compliance.core.documents import Desk, NoSuchDocument, NotRendered
from compliance.core.plants import Plant
from compliance.core.templates.checking import Checked, check_template
from compliance.core.templates.kept import TemplateRegister, TemplateVersion
from compliance.core.templates.pages import SamplePages, count_of
from compliance.core.templates.refusals import NoSuchTemplate
from compliance.core.templates.who import Who, able_in, not_reached
from compliance.kernel.errors import Refused
from compliance.rulebase.schema import Document


@dataclass(frozen=True, slots=True)
class Looked:
    """A template as a person looks at it. ``refused``: why they may not publish it; ``others``: who may.

    ``apart``: the plants of the person that a template of the group does not reach, as they have one of their own.
    """

    template: TemplateVersion
    all: tuple[TemplateVersion, ...]
    refused: Refused | None
    others: tuple[User, ...]
    rule: str
    made: tuple[str, ...] = ()
    apart: tuple[Plant, ...] = ()


@dataclass(frozen=True)
class Looking:
    """Looking at templates of plants, and (where ``plant`` is None) of the group."""

    register: TemplateRegister
    desk: Desk
    moment: Callable[[], str]
    #: Makes a picture of a page of a PDF (counted from 1), where that can be done.
    draw: Callable[[bytes, int], bytes] | None = None
    #: Makes pages and pictures as jobs; None: they are made on the spot.
    later: SamplePages | None = None

    @property
    def pictured(self) -> bool:
        """Whether pages can be shown as pictures."""
        return self.draw is not None

    def page_count(self, template: TemplateVersion) -> int:
        """How many pages the sample of a template has; 0 where none were made."""
        pdf = self.pdf_of(template)
        return count_of(self.desk.read(pdf)) if pdf else 0

    def pdf_of(self, template: TemplateVersion) -> str | None:
        """The SHA-256 of the pages of a template's sample; None where none were made."""
        made = self.later.made(template) if self.later else None
        return template.pdf or (made.pdf if made else None)

    def picture(self, template: TemplateVersion, page: int) -> bytes | None:
        """A picture of a page of the sample; None where there is none, or it is not made yet."""
        if self.later is not None:
            made = self.later.made(template)
            return self.desk.read(made.pictures[page - 1]) if made and 1 <= page <= len(made.pictures) else None
        if self.draw is None or template.pdf is None or not 1 <= page <= self.page_count(template):
            return None
        with suppress(NotRendered):
            return self.draw(self.desk.read(template.pdf), page)
        return None

    def types(self, plant: Plant | None) -> Sequence[Document]:
        """The types of documents in force, by their codes: those that the plant has, or all of them for the group."""
        today = self.desk.casework.today()
        rules = sorted(self.desk.casework.rulebase.in_force(Document, today), key=lambda r: (r.code, r.id))
        if plant is None:
            return rules
        with self.desk.register.read() as reads:
            follows = self.desk.follows(reads, plant)
        return [rule for rule in rules if follows(rule)]

    def type_named(self, name: str) -> Document:
        """The type of an id, or of a code that one type has alone; raises :class:`NoSuchDocument`."""
        today = self.desk.casework.today()
        rules = self.desk.casework.rulebase.in_force(Document, today)
        found = [r for r in rules if r.id == name] or [r for r in rules if r.code == name]
        if len(found) != 1:
            raise NoSuchDocument(name=name)
        return found[0]

    def look(
        self, plant: Plant | None, person: SignedIn, document: str, number: int, at: Plant | None = None
    ) -> Looked:
        """A template with what the person may do about it; raises :class:`NoSuchTemplate`.

        ``at``: the plant whose documents are named that it made; the plant's own template made no others.
        """
        with self.register.read() as reads:
            at, plants = plant or at, (plant,) if plant else reads.plants()
            able = able_in(reads, plants)
            known = tuple(reads.templates(plant, document))
            found = numbered(known, document, number)
            return Looked(
                found,
                known,
                self.who.why_not_publish(able, plant, found, person),
                self.who.others(able, found),
                self.named,
                tuple(reads.made_with(at, found.file)) if at and found.file else (),
                () if plant else not_reached(reads, plants, person, document),
            )

    def check(self, plant: Plant | None, rule: Document, data: bytes) -> Checked:
        """What is wrong with a template, or a document made with it; keeps nothing."""
        return check_template(self.desk, plant, rule, data)

    def pages(self, document: bytes) -> bytes | None:
        """A document's pages as PDF, where they can be made."""
        with suppress(NotRendered):
            return self.desk.pages(document) if self.desk.pages else None
        return None

    @property
    def named(self) -> str:
        """The rule that says who takes which step; the word of the approval where none does."""
        return self.who.named

    @property
    def who(self) -> Who:
        """Who takes which step, by the rules in use."""
        return Who(self.desk.casework)

    def why_not(self, plant: Plant | None, person: SignedIn) -> Refused | None:
        """Why a person proposes no template of the plant, or of the group; None if they may."""
        with self.register.read() as reads:
            return self.who.why_not(reads, plant, person)


def numbered(known: Sequence[TemplateVersion], document: str, number: int) -> TemplateVersion:
    """The template of a number; raises :class:`NoSuchTemplate`."""
    found = next((one for one in known if one.number == number), None)
    if found is None:
        raise NoSuchTemplate(name=f"{document}/{number}")
    return found
