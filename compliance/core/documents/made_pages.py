"""Pages made by jobs: why there are none, for whom they are made, and the leaf that names them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from compliance.core.acts import Act, Actor, ObjectRef
from compliance.core.documents.desk import Desk
from compliance.core.duties import Person, person_now
from compliance.core.jobs import JOB, Job, JobItem
from compliance.core.permissions import Denied, Permission, may
from compliance.core.plants import Plant
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text


class NoPagesHere(Refused):
    """No PDF can be made here."""

    code = "no-pages-here"
    text: ClassVar[Text] = Text(
        zh="本机未安装 LibreOffice，不能生成 PDF", en="LibreOffice is not installed here: no PDF can be made"
    )


class NoLongerHere(Refused):
    """Whoever asked for the job may not sign in any more, or has no role in the plant."""

    code = "no-longer-here"
    text: ClassVar[Text] = Text(
        zh="{login} 已停用，或在本企业不再有权限", en="{login} was ended, or has no role in this plant any more"
    )


def looker(desk: Desk, job: Job, item: JobItem) -> tuple[Plant, Person]:
    """The plant of an item, and whoever asked for the job; raises :class:`NoLongerHere` if they may not look now."""
    casework = desk.casework
    with desk.register.read() as reads:
        plant = reads.plant(item.plant)
        person = person_now(reads, plant, job.login, casework.rulebase, casework.today()) if plant else None
    if plant is None or person is None or isinstance(may(person.roles, Permission.VIEW), Denied):
        raise NoLongerHere(login=job.login)
    return plant, person


def pages_leaf(actor: Actor, job: Job, files: Sequence[ObjectRef], document: str = "") -> Act:
    """The act of a job that has made pages, of a version of a document where one is named."""
    named = "pdf" if document else "file"
    changes = tuple({"f": named, "old": None, "new": file.sha256} for file in files)
    if document:
        changes += ({"f": "document", "old": None, "new": document},)
    return Act(
        actor=actor,
        action=f"{JOB}:pages",
        object_type=JOB,
        object_id=str(job.id),
        changes=changes,
        objects=tuple(dict.fromkeys(files)),
    )
