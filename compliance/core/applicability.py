"""Whom the rules of a document bind: a plant outside its scope has neither obligations nor findings by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from compliance.core.lists import OfRules
from compliance.core.model import CompanyItem, PlantData, Row
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Applicability, Rule, Standard, Value, Vocabulary

#: What a plant says of itself: the word of each item of its master data.
Profile = Mapping[str, str | None]
_WORDS = "words of items"


def profile_of(data: PlantData) -> Profile:
    """The plant's master data by the word of each item."""
    return profile_in(data.rows(CompanyItem))


def profile_in(rows: Iterable[Row]) -> Profile:
    """The same from the rows of the sheet alone."""
    return {row.item: row.content for row in rows if isinstance(row, CompanyItem)}


def meets(conditions: Mapping[str, Value], profile: Profile, words: Mapping[str, str]) -> bool:
    """Whether a profile says all of it (id of an item → word); what it does not say, it does not meet."""
    return all(profile.get(words.get(item, item)) == word for item, word in conditions.items())


def item_words(rulebase: RuleBase, on: date) -> Mapping[str, str]:
    """The words of company items by their ids, those that only people enter among them."""
    kept: tuple[date, Mapping[str, str]] | None = rulebase.kept.get(_WORDS)
    if kept is None or kept[0] != on:  # one day is asked for again and again, plant after plant
        kept = rulebase.kept[_WORDS] = on, _item_words(rulebase, on)
    return kept[1]


def _item_words(rulebase: RuleBase, on: date) -> dict[str, str]:
    column = CompanyItem.SHEET.column("item").vocabulary
    found = rulebase.nearest(Vocabulary, column, on)
    wider = [rule for rule in rulebase.in_force(Vocabulary, on) if rule.widens == column]
    return {word.id: word.zh for rule in (*([found] if found else []), *wider) for word in rule.words}


def excluding(profile: Profile, rulebase: RuleBase, on: date) -> tuple[Applicability, ...]:
    """The statements by which a plant lies outside the scope of documents."""
    words = item_words(rulebase, on)
    return tuple(rule for rule in rulebase.in_force(Applicability, on) if meets(rule.unless, profile, words))


def adopted(profile: Profile, rulebase: RuleBase, on: date) -> tuple[Standard, ...]:
    """The standards that a plant follows: the main one, and each pack's whose item of the record says so."""
    words = item_words(rulebase, on)
    return tuple(s for s in rulebase.standards(on) if not s.pack or meets(s.applies_if, profile, words))


def of_standard(rulebase: RuleBase, standard: Standard) -> OfRules:
    """The rules of a standard: those of its pack, or for the main one all that no pack has."""
    if standard.pack:
        return OfRules(tuple(sorted({rule.id for rule in rulebase.rules if rule.pack == standard.pack})))
    return OfRules(tuple(sorted({rule.id for rule in rulebase.rules if rule.pack})), inside=False)


def not_binding(profile: Profile, rulebase: RuleBase, on: date) -> frozenset[str]:
    """The documents that do not bind a plant: it lies outside of them, or never chose their pack."""
    outside = {rule.source.document for rule in excluding(profile, rulebase, on)}
    chosen = adopted(profile, rulebase, on)
    return frozenset(outside | {s.source.document for s in rulebase.standards(on) if s not in chosen})


def following(profile: Profile, rulebase: RuleBase, on: date) -> Callable[[Rule], bool]:
    """Whether a rule is of the main standard or of one that the plant chose to follow."""
    packs = {"", *(s.pack for s in adopted(profile, rulebase, on))}
    return lambda rule: rule.pack in packs


def binding(data: PlantData, rulebase: RuleBase) -> Callable[[Rule], bool]:
    """Whether a rule binds the plant as of the day of its data."""
    profile = profile_of(data)
    documents = {rule.source.document for rule in excluding(profile, rulebase, data.as_of)}
    follows = following(profile, rulebase, data.as_of)
    return lambda rule: rule.source.document not in documents and follows(rule)
