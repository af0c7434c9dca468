"""Rendering: template checked, values checked, filled in another process, read again and compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compliance.core.documents.plan import TemplateProblem, check_names
from compliance.core.documents.ports import Inspected, Renderer, TemplateRefused
from compliance.core.documents.readback import compare
from compliance.core.documents.values import Context, Names, check_values

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


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


def _unknown(inspected: Inspected, names: Names) -> Sequence[TemplateProblem]:
    found: Iterator[TemplateProblem] = (
        p for part, nodes in inspected.parts.items() for p in check_names(part, nodes, names)
    )
    return list(dict.fromkeys(found))
