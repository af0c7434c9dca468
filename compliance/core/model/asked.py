"""Versions of documents issued here, with who was asked to confirm them and who did: what judging reads of them.

They are no rows of a sheet. All of them stand in :attr:`PlantData.asked`, also what came after the day of judging;
whoever reads them asks for the day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVersion:
    """An issued version that names readers. ``asked``: its day of issue; ``confirmed``: the day, by account.

    ``ended``: from when on it is superseded or withdrawn: nobody is asked to confirm it any more.
    """

    rule: str
    number: str
    label: str
    effective: date
    parties: tuple[str, ...]
    days: int
    asked: date
    ended: date | None
    confirmed: Mapping[str, date]

    def asks(self, on: date) -> bool:
        """Whether readers are asked on a day."""
        return self.asked <= on and (self.ended is None or on < self.ended)

    def done(self, on: date) -> frozenset[str]:
        """Who has confirmed it by a day."""
        return frozenset(account for account, day in self.confirmed.items() if day <= on)

    def turns(self) -> Iterator[date]:
        """The days on which it comes to be asked, is confirmed, and ends."""
        yield self.asked
        yield from self.confirmed.values()
        if self.ended is not None:
            yield self.ended
