"""Who holds which post of the rules on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from compliance.core.model import PersonPeriod
from compliance.core.people import Absence, People
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Post


class Holders:
    """The accounts that hold each post of the rules on one day, with who stands in for them."""

    def __init__(
        self, periods: Sequence[PersonPeriod], rulebase: RuleBase, on: date, absences: Sequence[Absence] = ()
    ) -> None:
        """Look every post up once; a plant has tens of persons."""
        people = People(periods, absences)
        self._deputies = {a.absent: a.deputy for a in absences if a.runs(on) and people.here(a.deputy, on)}
        accounts = sorted({p.account for p in periods if people.here(p.account, on)})
        self._held = {
            post.id: tuple(a for a in accounts if people.holds(a, post.words, on))
            for post in rulebase.in_force(Post, on)
        }
        self.accounts = frozenset(accounts)

    def of(self, post: str | None) -> tuple[str, ...]:
        """The holders of a post; nobody where it is vacant or not named."""
        return self.told(self._held.get(post or "", ()))

    def told(self, accounts: Sequence[str]) -> tuple[str, ...]:
        """These accounts and the deputies of those who are away: a deputy is told as well, never instead."""
        deputies = [self._deputies[a] for a in accounts if a in self._deputies]
        return tuple(dict.fromkeys((*accounts, *deputies)))

    def held_by(self, account: str) -> frozenset[str]:
        """The posts of an account."""
        return frozenset(post for post, accounts in self._held.items() if account in accounts)
