"""Every shipped template with values of every kind in all its places: what it shows is what it was given."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any
from zipfile import ZipFile

import pytest
from docx import Document as WordFile

from compliance.core.documents import Rows, document_names, render_checked
from compliance.core.documents.pictures import flow
from compliance.core.documents.values import Drawn
from compliance.rulebase.schema import Document
from tests.adapters.test_docx import load_script
from tests.conftest import ROOT
from tests.docx_files import InProcess
from tests.judging import shipped

TEMPLATES = ROOT / "doc_templates"
_HOSTILE = "<w:t>&amp;]]>{{ x }}{% if %}\t①𠮷é  ℃ "
#: What is no layout: the report on a nonconformity.
WRITTEN_OUT = ("nonconformity-report",)
RULES = [pytest.param(rule, id=rule.id) for rule in shipped().of(Document)]


def filled(name: str, shape: Any, hard: str) -> Any:
    """A value of a shape that names its own place, with what is hard to carry."""
    match shape:
        case None:
            return f"〔{name}〕{hard}"
        case Rows(names):
            return [filled(f"{name}{n}", names, hard) for n in (1, 2)]
        case Drawn():
            return flow(name, ["甲", "乙"])
        case Mapping():
            return {inner: filled(f"{name}.{inner}", kind, hard) for inner, kind in shape.items()}
    raise AssertionError(shape)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("hard", ["", _HOSTILE, "长" * 200], ids=["plain", "hostile", "long"])
def test_a_template_shows_all_that_it_is_given(rule: Document, hard: str) -> None:
    names = document_names(rule, shipped())
    context = {name: filled(name, shape, hard) for name, shape in names.items()}
    template = (TEMPLATES / rule.template).read_bytes()
    made = render_checked(InProcess(), template, context, names)
    text = InProcess().read(made, ["word/document.xml"])["word/document.xml"]
    for section in rule.sections:
        if section.kind == "free":
            assert f"〔text.{section.id}1.line〕" in text or section.drawn, section.id
        if section.kind == "table":
            assert f"〔table.{section.id}2.{section.columns[0].id}〕" in text, section.id
        if section.kind == "choice":
            assert f"〔choice.{section.id}〕" in text, section.id


def emptied(shape: Any) -> Any:
    """A value of a shape that says nothing."""
    match shape:
        case None:
            return ""
        case Rows():
            return []
        case Drawn():
            return flow("", [])
    return {inner: emptied(kind) for inner, kind in shape.items()}


@pytest.mark.parametrize("rule", [one for one in RULES if one.id not in WRITTEN_OUT])
def test_a_list_without_rows_says_so_instead_of_showing_its_head(rule: Document) -> None:
    names = document_names(rule, shipped())
    made = render_checked(InProcess(), (TEMPLATES / rule.template).read_bytes(), emptied(names), names)
    tables = [t for t in WordFile(io.BytesIO(made)).tables if t._tbl.xpath("./w:tr/w:trPr/w:tblHeader")]
    assert [[c.text for c in t.rows[0].cells] for t in tables if len(t.rows) == 1] == []


@pytest.mark.parametrize("rule", RULES)
def test_a_template_of_a_layout_is_what_the_layout_makes(rule: Document) -> None:
    made = load_script().made()
    name = rule.template.removesuffix(".docx")
    with ZipFile(io.BytesIO(made[name]())) as one, ZipFile(TEMPLATES / rule.template) as other:
        assert one.namelist() == other.namelist()
        assert [one.read(part) for part in one.namelist()] == [other.read(part) for part in other.namelist()]


#: Room for twelve letters of a figure (1,459,119.03) in the type of table cells, in millimetres.
_ROOM = 24
_TONNES = re.compile(r"\{\{ whole_year\.(clinker|e_\w+) \}\}")


@pytest.mark.parametrize("rule", RULES)
def test_the_tonnes_of_a_year_stand_on_one_line(rule: Document) -> None:
    for table in WordFile(str(TEMPLATES / rule.template)).tables:
        for cell in table.rows[-1].cells:
            if _TONNES.fullmatch(cell.text.strip()):
                assert cell.width is not None
                assert cell.width.mm >= _ROOM, (rule.id, cell.text)
