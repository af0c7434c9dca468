"""What a document must say before it is signed: every demanded section, and of a table every demanded cell."""

from __future__ import annotations

import pytest

from compliance.bootstrap.samples import sample_of
from compliance.core.documents import missing, written_of
from compliance.core.documents.sections import written_names
from compliance.core.documents.values import Context
from compliance.rulebase.schema import Document, SectionKind
from tests.judging import shipped

PROGRAMMES = "reduction-programmes"


def context(rule: Document, rows: list[list[str]]) -> Context:
    data = {name: "有" for section in rule.sections for name in section.needs}
    return {**data, **written_of(rule, {"programmes": tuple(tuple(row) for row in rows)})}


@pytest.mark.parametrize("empty", range(6))
def test_a_programme_that_lacks_one_of_its_contents_is_missing(empty: int) -> None:
    rule = next(r for r in shipped().of(Document) if r.id == PROGRAMMES)
    full = ["窑炉能效", "改造", "生产运行部", "六月底", "3,000", "260"]
    assert missing(rule, context(rule, [full, full])) == ()
    lacking = [*full[:empty], " " if empty else "", *full[empty + 1 :]]
    assert [s.id for s in missing(rule, context(rule, [full, lacking]))] == ["programmes"]


def test_what_every_document_proposes_is_whole_with_what_its_author_writes_as_in_the_sample() -> None:
    for rule in shipped().of(Document):
        data = {name: "有" for section in rule.sections for name in section.needs}
        lacks = missing(rule, {**data, **written_of(rule, sample_of(rule))})
        assert [(rule.id, s.id) for s in lacks if s.strength == "shall"] == []


def test_every_demanded_column_is_offered_to_the_template() -> None:
    for rule in shipped().of(Document):
        tables = written_names(rule)["table"]
        for section in rule.sections:
            if section.kind is SectionKind.TABLE:
                assert set(section.must) <= set(tables[section.id].names), (rule.id, section.id)  # type: ignore[index,union-attr] # names of rows
