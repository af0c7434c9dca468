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


def _in(value: object, language: Language) -> object:
    return value.in_(language) if isinstance(value, Text) else value
