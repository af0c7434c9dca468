"""Words of a search: every two Chinese characters that stand together are found, and nothing without the words is."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.core.searching import Key, Kind, Piece, question, units
from compliance.core.searching.entries import NO_PLANT, entries_of_rules
from compliance.core.searching.words import BadCharacter, NoWords, QuestionTooLong, fold
from tests.core.world import shipped

HAN = st.text("水泥熟料校准证书检定质量排放年月日", min_size=2, max_size=12)
MIXED = st.text("水泥熟料校准 \n，。CO2abc-/１２３ＡＢ", max_size=60)
ASKED = st.text('水泥熟料校准 ，CO2abc-"*１Ａ', max_size=30)


def may_answer(asked: str, text: str) -> bool:
    """Whether an index of units alone would name the text."""
    have = units(text)
    return all(
        any(unit.startswith(u.text) for unit in have) if u.begins else u.text in have for u in question(asked).units()
    )


def found(asked: str, text: str) -> bool:
    return may_answer(asked, text) and question(asked).answered_by(text)


@given(MIXED, HAN, MIXED)
def test_every_two_characters_of_a_text_are_found(before: str, word: str, after: str) -> None:
    text = before + word + after
    for i in range(len(word) - 1):
        assert found(word[i : i + 2], text)
    for character in word:
        assert found(character, text)
    assert found(word, text)


@given(ASKED, MIXED)
def test_what_is_found_has_every_word_and_what_has_them_is_a_candidate(asked: str, text: str) -> None:
    try:
        wanted = question(asked)
    except NoWords:
        return
    if wanted.answered_by(text):
        assert may_answer(asked, text)
        for word in re.findall(r"[\u4e00-\u9fff]+|[^\W_\u4e00-\u9fff]+", fold(asked)):
            assert word in fold(text)


@given(ASKED, MIXED)
def test_marks_change_no_character(asked: str, text: str) -> None:
    try:
        wanted = question(asked)
    except NoWords:
        return
    assert "".join(piece.text for piece in wanted.marked(text)) == text
    if wanted.answered_by(text):
        assert any(piece.found for piece in wanted.marked(text))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("校准证书", "器具无有效检定/校准证书时仍采集"),
        ("calibrat", "The calibration certificate"),
        ("calibrat* certificate", "The calibration certificate"),
        ('"calibration certificate"', "a Calibration\u3000Certificate of the belt scale"),
        ("ＮＣＲ-2026", "NCR-2026-0001"),
        ("NCR-2026-0001", "编号NCR-2026-0001。"),
        ("CO2排放", "CO2 排放量"),
        ("co₂", "CO2 emission"),
        ("第5章", "见第5章"),
        ("“校准 证书”", "校准、证书"),
        ("证书 校准", "校准与证书"),
        ("室", "化验室"),
    ],
)
def test_found(asked: str, text: str) -> None:
    assert found(asked, text)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("校准证书", "校准与证书，准证"),  # every pair is there but not the word
        ("校准证书", "校准\n证书"),
        ("librat", "calibration"),
        ("cat dog", "the category of a dog"),  # only the last word may go on
        ('"cat"', "category"),
        ("NCR-2026-0001", "NCR-2026-0002"),
        ("5章 x", "第15章 x"),
    ],
)
def test_not_found(asked: str, text: str) -> None:
    assert not found(asked, text)


def test_a_snippet_shows_what_was_found_in_its_line() -> None:
    text = "第一行\n" + "甲" * 100 + "校准证书" + "乙" * 200
    pieces = question("校准证书").snippet(text)
    assert Piece("校准证书", found=True) in pieces
    assert pieces[0] == Piece("…")
    assert pieces[-1] == Piece("…")
    assert sum(len(p.text) for p in pieces) < 200
    assert "第一行" not in "".join(p.text for p in pieces)


def test_folding_that_changes_lengths_marks_the_right_place() -> None:
    assert Piece("㎏", found=True) in question("kg").marked("㈱单位㎏计")


@pytest.mark.parametrize("asked", ["", "  ", "***", '""', "—…，", "_"])
def test_nothing_to_search_for(asked: str) -> None:
    with pytest.raises(NoWords):
        question(asked)


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ("校\x00准", BadCharacter),
        ("\ud800", BadCharacter),
        ("a" * 10_000, QuestionTooLong),
        ("a " * 50, QuestionTooLong),
    ],
)
def test_bad_questions(asked: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        question(asked)


@pytest.mark.parametrize(
    "asked", ["a" + "-a" * 11, "a*" * 12, '"' * 199 + "a", "校" * 200, "((((" * 40 + "a", "\\" * 100 + "a"]
)
def test_no_question_takes_long(asked: str) -> None:
    text = "a-" * 50_000 + "校" * 50_000 + " " * 50_000
    start = time.process_time()
    question(asked).answered_by(text)
    assert time.process_time() - start < 2


def test_rules_and_statements_are_found_in_both_languages() -> None:
    entries = entries_of_rules(shipped())
    assert {key.kind for key in entries} == {Kind.RULE, Kind.REQUIREMENT}
    assert {key.plant for key in entries} == {NO_PLANT}
    for entry in entries.values():
        assert may_answer(entry.title.zh[:20], entry.whole)
        assert question(entry.title.zh[:20]).answered_by(entry.whole)


@given(st.integers(0, 9**9), st.sampled_from(Kind), st.text(max_size=40))
def test_keys_are_read_as_written(plant: int, kind: Kind, name: str) -> None:
    key = Key(plant, kind, name)
    assert Key.parse(str(key)) == key
