"""Words of a search: how text is cut into units, what a question means, and whether a text answers it exactly.

Chinese is cut into pairs of neighbouring characters, so that every two-character word is found without a dictionary;
other words stay whole, folded to small letters and ordinary width. The same cut serves the index and the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from operator import add
from typing import ClassVar
from unicodedata import normalize

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text, illegal

#: Characters and words that one question may have.
LONGEST_QUESTION, MOST_WORDS = 200, 40
#: A word is indexed by so many of its characters; what follows is compared exactly.
_LONGEST_UNIT = 64
#: Characters of a snippet, and of it before the first word found.
_SNIPPET, _BEFORE = 160, 40

_HAN = "\u3005\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_CJK = _HAN + "\U00020000-\U0003ffff"
_LETTER = rf"[^\W_{_CJK}]"
_RUN = re.compile(rf"[{_CJK}]+|{_LETTER}+")
_FIRST_CJK = re.compile(rf"[{_CJK}]")
#: What may stand between the words of a phrase: anything but letters, and no new line.
_GAP = r"(?:[^\w\n]|_)"
_QUOTES = dict.fromkeys(map(ord, "“”„‟«»「」『』"), '"')
_TOKEN = re.compile(r'"([^"]*)(?:"|$)(\*?)|([^\s"]+)')


class NoWords(WrongUse):
    """The question has nothing that could be searched for."""

    code = "no-words"
    text: ClassVar[Text] = Text(
        zh="没有可查找的词；请输入至少一个汉字、字母或数字",
        en="There is no word to search for: give at least one letter, digit or Chinese character",
    )


class QuestionTooLong(WrongUse):
    """The question is longer than any that makes sense."""

    code = "question-too-long"
    text: ClassVar[Text] = Text(
        zh="查找内容过长：最多 {characters} 个字符、{words} 个词",
        en="The search is too long: at most {characters} characters and {words} words",
    )


class BadCharacter(WrongUse):
    """The question has a character that no text here can have."""

    code = "bad-character"
    text: ClassVar[Text] = Text(
        zh="查找内容含有不允许的字符 U+{number:04X}",
        en="The search has a character that is not allowed: U+{number:04X}",
    )


class _Folding(dict[int, str]):
    """Small letters of ordinary width, one character at a time, so that places in the text can be found again."""

    def __missing__(self, code: int) -> str:
        folded = normalize("NFKC", chr(code)).casefold()
        self[code] = folded
        return folded


_FOLDED = _Folding()


def fold(text: str) -> str:
    """The text as it is compared."""
    return text.translate(_FOLDED)


def units(text: str) -> frozenset[str]:
    """What a text is found by."""
    found = set[str]()
    for run in _RUN.findall(fold(text)):
        if _FIRST_CJK.match(run):
            found.update(map(add, run, run[1:]))
            found.add(run[-1])
        else:
            found.add(run[:_LONGEST_UNIT])
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit asked for; ``begins``: a longer one that begins so will do."""

    text: str
    begins: bool = False


@dataclass(frozen=True)
class Phrase:
    """Runs of characters that stand side by side; ``open_end``: the last word may go on."""

    folded: str
    open_end: bool = False

    @cached_property
    def runs(self) -> tuple[str, ...]:
        """Its runs of Chinese characters and its other words."""
        return tuple(_RUN.findall(self.folded))

    def units(self) -> Iterator[Unit]:
        """The units that every text with this phrase has."""
        for place, run in enumerate(self.runs):
            if _FIRST_CJK.match(run):
                # A lone character begins a pair, or stands alone where its run ends.
                yield from (
                    [Unit(run, begins=True)] if len(run) == 1 else [Unit(run[i : i + 2]) for i in range(len(run) - 1)]
                )
            else:
                last = place == len(self.runs) - 1
                yield Unit(run[:_LONGEST_UNIT], begins=self.open_end and last and len(run) < _LONGEST_UNIT)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What finds the phrase in a folded text: whole words, Chinese anywhere."""
        found = list(_RUN.finditer(self.folded))
        parts = [re.escape(found[0].group())]
        for before, run in pairwise(found):
            parts += [_GAP + ("+" if run.start() > before.end() else "*"), re.escape(run.group())]
        start = "" if _FIRST_CJK.match(found[0].group()) else f"(?<!{_LETTER})"
        end = "" if self.open_end or _FIRST_CJK.match(found[-1].group()) else f"(?!{_LETTER})"
        return re.compile(start + "".join(parts) + end)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of shown text; ``found``: it is what was asked for."""

    text: str
    found: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched for: every phrase must be there."""

    asked: str
    phrases: tuple[Phrase, ...]

    def units(self) -> frozenset[Unit]:
        """What every answer is indexed by."""
        return frozenset(unit for phrase in self.phrases for unit in phrase.units())

    def answered_by(self, text: str) -> bool:
        """Whether a text has every phrase."""
        folded = fold(text)
        return all(phrase.pattern.search(folded) for phrase in self.phrases)

    def marked(self, text: str) -> tuple[Piece, ...]:
        """The text with what was found in it."""
        return tuple(_pieces(text, self._spans(text)))

    def snippet(self, text: str) -> tuple[Piece, ...]:
        """A line of the text around the first thing found, else its beginning."""
        spans = self._spans(text)
        start = max(0, spans[0][0] - _BEFORE) if spans else 0
        line = text.rfind("\n", start, spans[0][0]) + 1 if spans else 0
        start = max(start, line)
        end = start + _SNIPPET
        shown = text[start:end].replace("\n", " ")
        inside = [(max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start]
        ellipses = (Piece("…"),)
        return (
            (ellipses if start > line or line else ())
            + tuple(_pieces(shown, inside))
            + (ellipses if end < len(text) else ())
        )

    def _spans(self, text: str) -> list[tuple[int, int]]:
        folded = fold(text)
        found = sorted(m.span() for phrase in self.phrases for m in phrase.pattern.finditer(folded))
        if len(folded) != len(text) and found:
            origin = [i for i, c in enumerate(text) for _ in fold(c)]
            found = [(origin[a], origin[b - 1] + 1) for a, b in found]
        return found


def _pieces(text: str, spans: list[tuple[int, int]]) -> Iterator[Piece]:
    at = 0
    for start, end in spans:
        if start > at:
            yield Piece(text[at:start])
        if end > max(at, start):
            yield Piece(text[max(at, start) : end], found=True)
        at = max(at, end)
    if text[at:]:
        yield Piece(text[at:])


def question(asked: str) -> Question:
    """Read a question: words that must all be there, "phrases", and beginnings of words*; the last word may go on."""
    if len(asked) > LONGEST_QUESTION:
        raise QuestionTooLong(characters=LONGEST_QUESTION, words=MOST_WORDS)
    if (bad := illegal(asked)) is not None:
        raise BadCharacter(number=ord(bad))
    phrases = tuple(phrase for phrase in _phrases(fold(asked.translate(_QUOTES))) if phrase.runs)
    if not phrases:
        raise NoWords
    if sum(len(phrase.runs) for phrase in phrases) > MOST_WORDS:
        raise QuestionTooLong(characters=LONGEST_QUESTION, words=MOST_WORDS)
    return Question(asked.strip(), phrases)


def _phrases(folded: str) -> Iterator[Phrase]:
    tokens = list(_TOKEN.finditer(folded.rstrip()))
    for token in tokens:
        quoted, star, word = token.groups()
        if word is None:
            yield Phrase(quoted, open_end=bool(star))
        else:
            last = token is tokens[-1] and word[-1:].isalnum()
            yield Phrase(word.rstrip("*"), open_end=last or word.endswith("*"))
