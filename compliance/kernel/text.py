"""A text that a person reads, in Chinese first and English second."""

from __future__ import annotations

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


_FIRST_PLAIN, _SURROGATES, _PLANE = 0x20, range(0xD800, 0xE000), 0xFFFE
_KEPT_CONTROLS = "\t\n"


def illegal(text: str) -> str | None:
    """The first character that no file, page or database carries as it is: one that XML 1.0 has not, or a return.

    Readers of XML rewrite carriage returns; lines end with a line feed here.
    """
    return next((c for c in text if not _legal(c)), None)


def _legal(character: str) -> bool:
    code = ord(character)
    if code < _FIRST_PLAIN:
        return character in _KEPT_CONTROLS
    return code not in _SURROGATES and not (code <= _PLANE + 1 and code >= _PLANE)


def _in(value: object, language: Language) -> object:
    return value.in_(language) if isinstance(value, Text) else value
