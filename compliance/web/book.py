"""The activated rule base as pages look things up in it: rules by id, words of vocabularies, names of posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import g

from compliance.core.judged import NONCONFORMITY
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document, Obligation, Rule, Vocabulary, Workflow
from compliance.web import access
from compliance.web.i18n import said

#: Vocabularies that pages name.
GRADE = "nonconformity-grade"
CATEGORY_MEANING = "nonconformity-category-meaning"
TICKET_STATE = "ticket-state"

_BOOKS: dict[str, Book] = {}


@dataclass(frozen=True, slots=True)
class Book:
    """Look-ups over one snapshot; several wordings of an id stand one after the other."""

    rules: Sequence[Rule]
    by_id: Mapping[str, Sequence[Rule]]
    by_digest: Mapping[str, Rule]
    words: Mapping[str, Text]
    vocabularies: Mapping[str, Mapping[str, Text]]
    codes: Mapping[str, Obligation]
    workflows: Mapping[str, Workflow]
    entered: Mapping[str, Mapping[str, Text]]

    @property
    def grades(self) -> tuple[str, ...]:
        """Grades from the worst on, as the rule base lists them."""
        return tuple(self.vocabularies.get(GRADE, ()))

    def admitted(self, vocabulary: str, *, entered: bool = False) -> Mapping[str, Text]:
        """The words that a form offers; ``entered``: those alone that workbooks do not hold."""
        wider = self.entered.get(vocabulary, {})
        return wider if entered else {**self.vocabularies.get(vocabulary, {}), **wider}

    def tone(self, grade: str) -> str:
        """Tone of a grade: the worst is red."""
        tones = ("bad", "warn", "open")
        return tones[min(self.grades.index(grade), 2)] if grade in self.grades else "bad"

    def meaning(self, category: str) -> str:
        """What a category of nonconformity means."""
        return self.word(category, CATEGORY_MEANING)

    def workflow(self, kind: str) -> Workflow | None:
        """How a kind of thing is worked, in its latest wording."""
        return self.workflows.get(kind)

    def documents_of(self, obligation: str) -> Sequence[Document]:
        """The documents that an obligation opens, in their latest wordings."""
        found = (r for r in self.rules if isinstance(r, Document) and r.drafted_when)
        return [*{r.id: r for r in found if r.drafted_when and r.drafted_when.obligation == obligation}.values()]

    def settled(self, kind: str) -> tuple[str, ...]:
        """The final states of a kind of case."""
        workflow = self.workflow(kind)
        return tuple(s.id for s in workflow.states if s.final) if workflow else ()

    def state(self, state: str, kind: str = NONCONFORMITY) -> str:
        """The state of a case; of nonconformities that plants bring along, the word of their own vocabulary."""
        workflow = self.workflow(kind)
        found = workflow.state(state) if workflow else None
        return said(found.title) if found else self.word(state, TICKET_STATE)

    def step(self, action: str) -> str:
        """The step that an act of the trail took (``kind:step``); empty where it is none."""
        kind, _colon, name = action.partition(":")
        workflow = self.workflow(kind)
        found = workflow.step(name) if workflow else None
        return said(found.title) if found else ""

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

    def word(self, word: str | None, vocabulary: str = "") -> str:
        """A word by its id, of one vocabulary or of the first that has it (else the id itself)."""
        if not word:
            return "—"
        found = self.vocabularies.get(vocabulary, {}).get(word) or self.words.get(word)
        return said(found) if found else word

    def grade(self, grade: str) -> str:
        """The grade of a nonconformity."""
        return self.word(grade, GRADE)

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
    vocabularies: dict[str, dict[str, Text]] = {}
    for rule in rules:
        by_id.setdefault(rule.id, []).append(rule)
        if isinstance(rule, Vocabulary):
            vocabularies[rule.id] = {word.id: Text(word.zh, word.en) for word in rule.words}
    entered: dict[str, dict[str, Text]] = {}
    for rule in rules:
        if isinstance(rule, Vocabulary) and rule.widens:
            entered.setdefault(rule.widens, {}).update(vocabularies[rule.id])
    words: dict[str, Text] = {}
    for vocabulary in vocabularies.values():
        words = {**vocabulary, **words}
    for found in by_id.values():
        found.sort(key=lambda r: (r.in_force.start, r.known))
    return Book(
        rules=tuple(rules),
        by_id=by_id,
        by_digest={rule.digest: rule for rule in rules if rule.digest},
        words=words,
        vocabularies=vocabularies,
        codes={rule.code: rule for rule in rules if isinstance(rule, Obligation)},
        workflows={rule.applies_to: rule for rule in rules if isinstance(rule, Workflow)},
        entered=entered,
    )
