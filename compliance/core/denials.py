"""A refusal for want of a permission: it leaves one leaf, like every refusal of a known person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from compliance.core.acts import Act, Actor
from compliance.core.permissions import Denied, MayNot, Permission
from compliance.core.plants import Plant


class Trail(Protocol):
    """Where a leaf is appended."""

    def record(self, act: Act, plant: Plant | None) -> int:
        """Append the act's leaf."""
        ...


class Recording(Protocol):
    """A register whose works keep leaves."""

    def work(self) -> AbstractContextManager[Trail]:
        """Open a writing transaction."""
        ...


def deny(register: Recording, plant: Plant, actor: Actor, act: Permission, denied: Denied) -> MayNot:
    """Record the refusal, and return it to be raised."""
    refusal = MayNot(reason=denied.reason)
    with register.work() as work:
        work.record(
            Act(
                actor=actor,
                action="plant:refused",
                object_type="plant",
                object_id=plant.key,
                changes=({"f": "permission", "old": None, "new": act.value},),
                reason=refusal.message.zh,
            ),
            plant,
        )
    return refusal
