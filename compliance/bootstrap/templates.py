"""Plants' own templates on an installation."""

from __future__ import annotations

from datetime import UTC

from compliance.adapters.docx.pdf import drawable, picture_of
from compliance.adapters.trail import moment
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import Installation
from compliance.bootstrap.usecases import jobs_of
from compliance.core.templates import SamplePages, Templates


def templates(installation: Installation, *, served: bool = False) -> Templates:
    """Proposing and publishing templates, on this installation; ``served``: a worker makes pages, no request waits."""
    return Templates(
        installation.register,
        desk(installation),
        lambda: moment(installation.clock.now().astimezone(UTC)),
        picture_of if drawable() else None,
        sample_pages(installation) if served else None,
    )


def sample_pages(installation: Installation) -> SamplePages:
    """Pages of samples as jobs, on this installation."""
    return SamplePages(desk(installation), jobs_of(installation), picture_of if drawable() else None)
