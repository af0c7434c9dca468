"""The activated rule base as pages look things up in it: rules by id, words of vocabularies, names of posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g

from compliance.kernel.text import Text
from compliance.rulebase.schema import Obligation, Rule, Vocabulary
from compliance.web import access
from compliance.web.i18n import said

_BOOKS: dict[str, Book] = {}


@dataclass(frozen=True, slots=True)
class Book:
    """Look-ups over one snapshot; several wordings of an id stand one after the other."""

    rules: Sequence[Rule]
    by_id: Mapping[str, Sequence[Rule]]
    by_digest: Mapping[str, Rule]
    words: Mapping[str, Text]
    codes: Mapping[str, Obligation]

    def wording(self, rule: str, digest: str = "") -> Rule | None:
        """The very wording that judged, else the latest wording of the id."""
        found = self.by_digest.get(digest)
        if found is not None:
            return found
        wordings = self.by_id.get(rule, ())
        return wordings[-1] if wordings else None

    def title(self, rule: str) -> str:
        """Title of a rule in the language of the request; its id where the rule is gone."""
        found = self.wording(rule)
        return said(found.title) if found else rule

    def word(self, word: str | None) -> str:
        """A word of a vocabulary by its id (or the word itself)."""
        if not word:
            return "—"
        found = self.words.get(word)
        return said(found) if found else word

    def post(self, post: str | None) -> str:
        """Name of a post."""
        return self.title(post) if post else "—"

    def code_title(self, code: str) -> str:
        """Title of the obligation that has a code."""
        found = self.codes.get(code)
        return said(found.title) if found else code


def book() -> Book:
    """The snapshot in use, indexed once for each digest."""
    if "book" not in g:
        source = access.services().rules()
        if source.digest not in _BOOKS:
            _BOOKS.clear()
            _BOOKS[source.digest] = _index(source.rules)
        g.book = _BOOKS[source.digest]
    found: Book = g.book
    return found


def _index(rules: Sequence[Rule]) -> Book:
    by_id: dict[str, list[Rule]] = {}
    words: dict[str, Text] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
        if isinstance(rule, Vocabulary):
            for word in rule.words:
                words.setdefault(word.id, Text(word.zh, word.en))
                words.setdefault(word.zh, Text(word.zh, word.en))
    for found in by_id.values():
        found.sort(key=lambda r: r.in_force.start)
    return Book(
        rules=tuple(rules),
        by_id=by_id,
        by_digest={rule.digest: rule for rule in rules if rule.digest},
        words=words,
        codes={rule.code: rule for rule in rules if isinstance(rule, Obligation)},
    )
