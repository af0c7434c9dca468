"""Whether the rules bind the plant of the page, and of which standard they are."""

from __future__ import annotations

from typing import ClassVar

from flask import g

from compliance.core.applicability import adopted, excluding, of_standard
from compliance.core.lists import OfRules
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.schema import Applicability, Rule, Standard
from compliance.web import access
from compliance.web.book import book


class NotFollowed(WrongUse):
    """The plant follows no standard of this id."""

    code = "not-followed"
    text: ClassVar[Text] = Text(
        zh="企业没有采用标准“{name}”；采用的有：{names}",
        en="The plant follows no standard {name!r}; it follows {names}",
    )


def outside() -> tuple[Applicability, ...]:
    """The statements by which the plant lies outside; the plant's own statement has brought what it says of itself."""
    bundle = access.services()
    return excluding(access.card().profile, bundle.rules(), bundle.clock.today())


def standards() -> tuple[Standard, ...]:
    """The standards of the rule base in use, the main one first."""
    bundle = access.services()
    return bundle.rules().standards(bundle.clock.today())


def standard_of(rule: Rule) -> Standard | None:
    """The standard that a rule is of; None where the rule base does not say."""
    return next((one for one in standards() if one.pack == rule.pack), None)


def followed() -> tuple[Standard, ...]:
    """The standards that the plant of the page follows, the main one first."""
    if "followed" not in g:
        bundle = access.services()
        g.followed = adopted(access.card().profile, bundle.rules(), bundle.clock.today())
    return tuple(g.followed)


def code_of(rule: str, digest: str) -> str:
    """The code of the standard that a rule's wording is of."""
    if "codes" not in g:
        g.codes = {one.pack: one.code for one in standards()}
    found = book().wording(rule, digest)
    return str(g.codes.get(found.pack, "")) if found else ""


def asked_rules(name: str) -> OfRules | None:
    """The rules of the standard of an id, to list what is of them alone; none asked: every rule."""
    if not name:
        return None
    found = next((one for one in followed() if one.id == name), None)
    if found is None:
        raise NotFollowed(name=name, names="、".join(one.id for one in followed()) or "—")
    return of_standard(access.services().rules(), found)
