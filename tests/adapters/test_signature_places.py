"""Every document leaves a place for each signature that the program collects, and for none that it does not."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document as Docx

from compliance.core.documents import SIGNERS
from compliance.rulebase.schema import Approval, Document
from tests.conftest import ROOT
from tests.judging import shipped

RULES = [pytest.param(rule, id=rule.id) for rule in shipped().of(Document)]
#: Who signs by hand on the print: those who are no persons of the plant's register (the legal representative declares
#: that a report is true), and who took part in a count.
BY_HAND = {
    "sample-slip": ["交样人（签字", "接样人（签章"] * 2,
    "fuel-stocktaking": ["参加盘点人员（签字"],
    "emission-report": ["法定代表人（签字"],
}
_PLACE = re.compile(r"\{\{ (\w+)\.name \}\}")
_HAND = re.compile(r"[^　]{3,6}（签[字章]")


def cells_of(rule: Document) -> list[str]:
    """The text of every cell and paragraph of a template."""
    doc = Docx(io.BytesIO((ROOT / "doc_templates" / rule.template).read_bytes()))
    cells = [c.text for t in doc.tables for r in t.rows for c in r.cells]
    return [*cells, *(p.text for p in doc.paragraphs)]


@pytest.mark.parametrize("rule", RULES)
def test_a_template_has_a_place_for_each_signature_and_for_no_other(rule: Document) -> None:
    cells = cells_of(rule)
    places = [name for cell in cells for name in _PLACE.findall(cell) if name in SIGNERS]
    collected = [name for name in SIGNERS if getattr(rule, name)]
    assert places == collected
    for part in ("at", "meaning", "method", "digest"):
        shown = [n for n in SIGNERS if f"{{{{ {n}.{part} }}}}" in cells]
        assert shown == collected, part
    assert [found for cell in cells for found in _HAND.findall(cell)] == BY_HAND.get(rule.id, [])


@pytest.mark.parametrize(("document", "chain"), [("cash-application", "cash-in"), ("cash-application", "cash-out")])
def test_the_posts_of_a_chain_sign_its_form_in_their_order(document: str, chain: str) -> None:
    (rule,) = (r for r in shipped().of(Document) if r.id == document)
    (approval,) = (a for a in shipped().of(Approval) if a.id == chain)
    signing = [getattr(rule, name) for name in SIGNERS if getattr(rule, name)]
    assert [step.post for step in approval.steps if step.post][-3:] == signing[1:]
    assert len(set(signing)) == len(approval.steps)
