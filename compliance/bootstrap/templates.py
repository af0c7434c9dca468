"""Plants' own templates on an installation."""

from __future__ import annotations

from datetime import UTC

from compliance.adapters.docx.pdf import drawable, picture_of
from compliance.adapters.trail import moment
from compliance.bootstrap.documents import desk
from compliance.bootstrap.installation import Installation
from compliance.core.templates import Templates


def templates(installation: Installation) -> Templates:
    """Proposing and publishing templates, on this installation."""
    return Templates(
        installation.register,
        desk(installation),
        lambda: moment(installation.clock.now().astimezone(UTC)),
        picture_of if drawable() else None,
    )
