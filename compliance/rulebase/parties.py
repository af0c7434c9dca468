"""How rules and distribution lists name readers: everyone, a post, a department, a person."""

from __future__ import annotations

EVERYONE = "everyone"
POST, DEPARTMENT, PERSON = "post:", "department:", "person:"


def is_party(word: str) -> bool:
    """Whether a word names readers; whether there are such is another question."""
    return word == EVERYONE or any(word.startswith(kind) and word != kind for kind in (POST, DEPARTMENT, PERSON))
