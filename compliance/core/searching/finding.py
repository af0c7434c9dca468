"""Searching: the index names candidates, the register says what they are, and their texts are asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from compliance.core.lists import BadPosition, Page
from compliance.core.searching.entries import (
    ANY_DAY,
    NO_PLANT,
    OF_RULES,
    Days,
    Entry,
    Key,
    Kind,
    SearchIndex,
    SearchTexts,
    entries_of_rules,
    key_at,
)
from compliance.core.searching.words import Piece, Question
from compliance.kernel.text import Text, illegal
from compliance.rulebase.rulebase import RuleBase

#: Hits of a page, and how many candidates are looked at for it.
PAGE = 20
LOOKED_AT = 200
#: Entries of one commit.
BATCH = 1000
_PLACE = re.compile(r"[0-9] \d{4}-\d\d-\d\d \d{1,18}:[a-z]+:.{1,400}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found, as the register has it now."""

    entry: Entry
    question: Question

    @property
    def key(self) -> Key:
        """What was found."""
        return self.entry.key

    def title(self, text: Callable[[Text], str]) -> tuple[Piece, ...]:
        """Its title in a language, with what was found in it."""
        return self.question.marked(text(self.entry.title))

    def snippet(self, shown: str = "") -> tuple[Piece, ...]:
        """A line of what else it says; of its titles too where neither the text nor the title ``shown`` has a word."""
        pieces = self.question.snippet(self.entry.text)
        if not shown or any(p.found for p in (*pieces, *self.question.marked(shown))):
            return pieces
        return self.question.snippet(self.entry.whole)


class Search:
    """Searching an installation, and keeping its index up to date."""

    def __init__(self, index: SearchIndex, texts: SearchTexts, rules: Callable[[], RuleBase]) -> None:
        """Search with an index in what the register and the rule base in use say."""
        self._index, self._texts, self._rules = index, texts, rules
        self._of_rules: tuple[str, dict[Key, Entry]] = ("", {})

    def refresh(self, most: int | None = None) -> bool:
        """Bring the index to where the logs are; ``most`` entries at once. Whether it is there."""
        have, want = self._index.cursors(), {**self._texts.positions(), NO_PLANT: self._rules().digest}
        left = most
        for plant in [plant for plant in want if have.get(plant) != want[plant]]:
            changed = self._follow(plant, have.get(plant, ""), want[plant], left)
            if changed is None:
                changed = self._bring(plant, want[plant], left)
            left = None if left is None else left - changed
            if left is not None and left < 0:
                return False
        return True

    def rebuild(self) -> int:
        """Make the index anew; how many entries it has."""
        self._index.clear()
        self.refresh()
        return sum(len(self._index.digests(plant)) for plant in self._index.cursors())

    def find(self, question: Question, plants: Collection[int], kinds: Collection[Kind] = (), after: str = "",
             days: Days = ANY_DAY, *, is_open: bool | None = None) -> Page[Hit]:  # fmt: skip
        """A page of what answers the question in the plants that the asker may see (``NO_PLANT``: the rule base).

        ``is_open``: only what still asks for something, or only what no longer does.
        """
        if after and (illegal(after) or not _PLACE.fullmatch(after)):
            raise BadPosition(after)
        if not plants:
            return Page(())
        places = self._index.candidates(question, plants, kinds, after, LOOKED_AT + 1, days, is_open=is_open)
        # The index is not believed in anything: it never decides who sees what, nor what is counted, nor names in the
        # position of the next page what the asker may not see.
        keys = {
            place: key for place in places[:LOOKED_AT] if (key := _key_at(place)) is not None and key.plant in plants
        }

        def wanted(entry: Entry) -> bool:
            return (
                (not kinds or entry.key.kind in kinds)
                and days.has(entry.day)
                and is_open in (None, entry.is_open)
                and question.answered_by(entry.whole)
            )

        entries = self._named(list(keys.values()))
        found = [
            (place, Hit(entry, question))
            for place, key in keys.items()
            if (entry := entries.get(key)) is not None and wanted(entry)
        ]
        if len(found) > PAGE:
            return Page(tuple(hit for _place, hit in found[:PAGE]), found[PAGE - 1][0])
        return Page(tuple(hit for _place, hit in found), next(reversed(keys), "") if len(places) > LOOKED_AT else "")

    def _named(self, keys: Sequence[Key]) -> Mapping[Key, Entry]:
        """What is named by the keys, as it is now."""
        of_rules = self._rule_entries()
        entries = dict(self._texts.named([key for key in keys if key.kind not in OF_RULES]))
        return entries | {key: of_rules[key] for key in keys if key in of_rules}

    def _follow(self, plant: int, since: str, cursor: str, most: int | None) -> int | None:
        """Bring in what the plant's log has changed; how much. None where the whole plant has to be compared."""
        changed = self._texts.since(plant, since, cursor) if since and plant != NO_PLANT else None
        if changed is None or (most is not None and len(changed.entries) > most):
            return None
        put = changed.entries
        for start in range(0, max(len(put), 1), BATCH):
            last = start + BATCH >= len(put)
            self._index.update(put[start : start + BATCH], (), {plant: cursor} if last else {})
        return len(put)

    def _bring(self, plant: int, cursor: str, most: int | None) -> int:
        """Bring one plant up to date in small commits by comparing all of it; how many entries changed."""
        now = self._entries(plant)
        had = self._index.digests(plant)
        put = [entry for key, entry in now.items() if had.get(key) != entry.digest]
        gone = [key for key in had if key not in now]
        whole = most is None or len(put) <= most
        if not whole:
            put.sort(key=lambda entry: entry.place, reverse=True)  # what is shown first
        wanted = put if most is None else put[: max(most, 0)]
        for start in range(0, len(wanted), BATCH):
            last = start + BATCH >= len(wanted)
            self._index.update(
                wanted[start : start + BATCH], gone if last else (), {plant: cursor} if last and whole else {}
            )
        if not wanted and whole:
            self._index.update((), gone, {plant: cursor})
        return len(put) + 1 if not whole else len(put)

    def _entries(self, plant: int) -> Mapping[Key, Entry]:
        if plant == NO_PLANT:
            return self._rule_entries()
        return {entry.key: entry for entry in self._texts.entries(plant)}

    def _rule_entries(self) -> dict[Key, Entry]:
        rulebase = self._rules()
        if self._of_rules[0] != rulebase.digest:
            self._of_rules = (rulebase.digest, entries_of_rules(rulebase))
        return self._of_rules[1]


def _key_at(place: str) -> Key | None:
    """The key of a place; None for what an index that lies calls one."""
    try:
        return key_at(place)
    except (ValueError, IndexError):
        return None
