"""The pages of versions that have ended, or do not hold yet, with their mark: made once as a job, and kept.

What is kept is found again by what it was made of: the frozen data, the template and the mark. A version that comes to
stand otherwise has other pages; those made before stay where they are, and nobody is given them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, cast

from compliance.core.acts import Actor
from compliance.core.controlled import DocumentAtHand
from compliance.core.documents.desk import Desk
from compliance.core.documents.gathering import NotIssued
from compliance.core.documents.made_pages import NoPagesHere, looker, pages_leaf
from compliance.core.jobs import DONE, Job, JobItem, Jobs, JobWork, Keep
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text

#: The kind of jobs, what is asked of one, and where its result names the file.
KIND: Final = "marked-pages"
_PLANT, _OBJECT, _OF = "plant", "object", "of"
FILE: Final = "pdf"
_PDF = "application/pdf"


class OtherwiseNow(Refused):
    """The version stood otherwise when its pages were asked for: they would carry another mark."""

    code = "otherwise-now"
    text: ClassVar[Text] = Text(
        zh="{name} 的状态已变化，请重新生成", en="{name} stands otherwise by now: ask for its pages anew"
    )


@dataclass(frozen=True)
class Marking:
    """Marked pages of versions: looked up, asked for, made."""

    desk: Desk
    jobs: Jobs

    def stored(self, plant: Plant, about: DocumentAtHand) -> str | None:
        """The SHA-256 of the marked pages as the version stands now; None where they were not made yet."""
        asked = self.asked(plant, about)
        return asked[1].result[FILE] if asked and asked[1].state == DONE else None

    def asked(self, plant: Plant, about: DocumentAtHand) -> tuple[Job, JobItem] | None:
        """The job that makes them, asked for last, with what came of it."""
        return self.jobs.newest(KIND, self._asked(plant, about))

    def ask(self, plant: Plant, about: DocumentAtHand, actor: Actor) -> Job:
        """Ask for them, with a leaf; the job that is open already where there is one.

        Raises :class:`NotIssued` where no mark is due, and :class:`NoPagesHere`.
        """
        version = about.version
        if not version.marked(self.desk.casework.today()):
            raise NotIssued(name=version.object_id)
        if self.desk.pages is None:
            raise NoPagesHere
        title = about.document.title
        item = JobItem(place=0, plant=plant.key, name=about.document.rule, about=version.object_id, title=title)
        return self.jobs.ask(actor, KIND, plant, self._asked(plant, about), [item])

    def do(self, job: Job, item: JobItem, keep: Keep) -> Mapping[str, str] | None:
        """Make them for whoever asked and may look still; they are kept with a leaf that names file and version."""
        plant, person = looker(self.desk, job, item)
        with self.desk.register.read() as reads:
            about = self.desk.find(reads, plant, item.about)
        if self._asked(plant, about) != job.parameters:
            raise OtherwiseNow(name=item.about)
        if self.desk.pages is None:
            raise NoPagesHere
        made = self.desk.pages(self.desk.marked_copy(about))
        file = self.desk.keep(made, f"{item.about.replace('/', '-')}-{self.desk.mark_of(about)}.pdf", _PDF)
        with self.desk.register.work() as work:
            work.record(pages_leaf(person.actor(), job, [file], item.about), plant)
            keep(cast("JobWork", work), {_OBJECT: item.about, FILE: file.sha256})
        return None

    def _asked(self, plant: Plant, about: DocumentAtHand) -> dict[str, str]:
        """What tells the pages of a version as it stands now from any others."""
        version = about.version
        made_of = [version.issued_data, version.template, self.desk.mark_of(about)]
        digest = hashlib.sha256(canonical(made_of)).hexdigest()
        return {_PLANT: plant.key, _OBJECT: version.object_id, _OF: digest}
