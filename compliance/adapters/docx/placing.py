"""Pictures put into a document: a part of the package each, and what stands for it in the text. Runs in the child."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docxtpl import DocxTemplate

from compliance.adapters.docx.emf import emf_of
from compliance.core.documents.pictures import is_picture, wrong_in

_TYPE = "image/x-emf"
#: English metric units to a hundredth of a millimetre.
_UNIT = 360
_SHOWN = """</w:t></w:r><w:r><w:drawing><wp:inline \
xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" \
xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" \
xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture" \
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" \
distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{cx}" cy="{cy}"/>\
<wp:docPr id="{id}" name="picture{id}"/><a:graphic>\
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>\
<pic:cNvPr id="{id}" name="picture{id}.emf"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="{rel}"/>\
<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{cx}" cy="{cy}"/>\
</a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
</wp:inline></w:drawing></w:r><w:r><w:t xml:space="preserve">"""


class Placed:
    """A picture in the text of the body; its part is made when a template first shows it."""

    def __init__(self, template: DocxTemplate, picture: Mapping[str, Any], number: int) -> None:
        """Remember the picture."""
        self._template, self._picture, self._number, self._made = template, picture, number, ""

    def __html__(self) -> str:
        """The markup that stands for it."""
        if not self._made:
            file, width, height, _title = emf_of(self._picture)
            body = self._template.docx.part
            name = PackURI(f"/word/media/picture{self._number}.emf")
            rel = body.relate_to(Part(name, _TYPE, file, body.package), RELATIONSHIP_TYPE.IMAGE)
            number = 9000 + self._number
            self._made = _SHOWN.format(cx=width * _UNIT, cy=height * _UNIT, id=number, rel=rel)
        return self._made

    __str__ = __html__


def drawn(template: DocxTemplate, context: Mapping[str, Any]) -> dict[str, Any]:
    """The context with its pictures in the place of their marks; raises :class:`ValueError` for one that is none."""
    count = 0

    def placed(value: object) -> object:
        nonlocal count
        if is_picture(value) and isinstance(value, Mapping):
            if wrong := wrong_in(value):
                raise ValueError(wrong)
            count += 1
            return Placed(template, value, count)
        if isinstance(value, Mapping):
            return {name: placed(inner) for name, inner in value.items()}
        return [placed(inner) for inner in value] if isinstance(value, list) else value

    return {name: placed(value) for name, value in context.items()}
