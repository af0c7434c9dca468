"""The pages of a template's sample, and pictures of them: made once as a job, and kept, found by the sample's digest.

They belong to the sample and not to the template: proposing the same file again shows the same pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from compliance.core.acts import Actor
from compliance.core.documents import Desk
from compliance.core.documents.made_pages import NoPagesHere, looker, pages_leaf
from compliance.core.jobs import DONE, Job, JobItem, Jobs, JobWork, Keep
from compliance.core.plants import Plant
from compliance.core.templates.kept import TemplateVersion
from compliance.rulebase.schema import Document

#: The kind of jobs, what is asked of one, and what its result names.
KIND: Final = "sample-pages"
_SAMPLE, PDF, _PICTURES = "sample", "pdf", "pictures"
#: What stands in a PDF once a page.
_PAGE = re.compile(rb"/Type\s*/Page\b")
_PDF_TYPE, _PNG_TYPE = "application/pdf", "image/png"


@dataclass(frozen=True, slots=True)
class Made:
    """The pages of a sample: the PDF and a picture of each page, by SHA-256; no pictures where none can be drawn."""

    pdf: str
    pictures: tuple[str, ...]


@dataclass(frozen=True)
class SamplePages:
    """Pages of samples: looked up, asked for, made. ``draw``: a picture of a page of a PDF, counted from 1."""

    desk: Desk
    jobs: Jobs
    draw: Callable[[bytes, int], bytes] | None = None

    @property
    def possible(self) -> bool:
        """Whether pages can be made here."""
        return self.desk.pages is not None

    def made(self, template: TemplateVersion) -> Made | None:
        """The pages of a template's sample; None where they were not made yet."""
        asked = self.asked(template)
        if asked is None or asked[1].state != DONE:
            return None
        result = asked[1].result
        return Made(result[PDF], tuple(result[_PICTURES].split()))

    def asked(self, template: TemplateVersion) -> tuple[Job, JobItem] | None:
        """The job that makes them, asked for last, with what came of it."""
        return self.jobs.newest(KIND, _asked(template))

    def ask(self, plant: Plant | None, at: Plant, template: TemplateVersion, rule: Document, actor: Actor) -> Job:
        """Ask for the pages of a template of a plant (None: of the group), looked at under ``at``, with a leaf.

        Raises :class:`NoPagesHere`; the job that is open already where there is one.
        """
        if not self.possible or template.sample is None:
            raise NoPagesHere
        item = JobItem(place=0, plant=at.key, name=template.document, about=str(template.number), title=rule.title)
        return self.jobs.ask(actor, KIND, plant, _asked(template), [item])

    def do(self, job: Job, item: JobItem, keep: Keep) -> Mapping[str, str] | None:
        """Make them for whoever asked and may look still; they are kept with a leaf that names every file."""
        plant, person = looker(self.desk, job, item)
        if self.desk.pages is None:
            raise NoPagesHere
        stem = f"{item.name}-{item.about}"
        pages = self.desk.pages(self.desk.read(job.parameters[_SAMPLE]))
        pdf = self.desk.keep(pages, f"{stem}.pdf", _PDF_TYPE)
        pictures = [self.desk.keep(png, f"{stem}-{n}.png", _PNG_TYPE) for n, png in enumerate(self._drawn(pages), 1)]
        named = " ".join(picture.sha256 for picture in pictures)
        with self.desk.register.work() as work:
            work.record(pages_leaf(person.actor(), job, (pdf, *pictures)), None if job.plant is None else plant)
            keep(cast("JobWork", work), {PDF: pdf.sha256, _PICTURES: named})
        return None

    def _drawn(self, pages: bytes) -> list[bytes]:
        draw = self.draw
        return [draw(pages, n) for n in range(1, count_of(pages) + 1)] if draw else []


def count_of(pages: bytes) -> int:
    """How many pages a PDF has."""
    return len(_PAGE.findall(pages))


def _asked(template: TemplateVersion) -> dict[str, str]:
    return {_SAMPLE: template.sample or ""}
