"""A text that a person reads, in Chinese first and English second."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence in both languages."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the sentence in one language."""
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> Text:
        """Put values into the ``{name}`` places of both languages; a ``Text`` value gives its own language."""
        return Text(
            zh=self.zh.format_map({k: _in(v, "zh") for k, v in values.items()}),
            en=self.en.format_map({k: _in(v, "en") for k, v in values.items()}),
        )

    def __str__(self) -> str:
        """Both languages, as messages on a terminal show them."""
        return f"{self.zh} / {self.en}"


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its English noun: ``1 day``, ``2 days``; ``many`` is the plural that does not end so."""
    return f"{number:,} {one if abs(number) == 1 else many or f'{one}s'}"


#: Control characters but for tabs and ends of lines, lone surrogates, and two that are none.
_ILLEGAL = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def illegal(text: str) -> str | None:
    """The first character that no file, page or database carries as it is: one that XML 1.0 has not, or a return.

    Readers of XML rewrite carriage returns; lines end with a line feed here.
    """
    found = _ILLEGAL.search(text)
    return found and found.group()


def _in(value: object, language: Language) -> object:
    return value.in_(language) if isinstance(value, Text) else value
