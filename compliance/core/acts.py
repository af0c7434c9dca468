"""Acts: what people and pulses do, as the audit trail keeps them. One act, one leaf, one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: account or program part, the name and role at that moment, how they proved it."""

    id: str
    name: str
    role: str
    auth: str
    session: str = ""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A file in the vault that the act rests on."""

    sha256: str
    sm3: str
    size: int
    media_type: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act. ``action`` is ``subject:verb``; ``changes`` are old and new values by field; all values plain JSON."""

    actor: Actor
    action: str
    object_type: str
    object_id: str
    changes: tuple[Mapping[str, object], ...] = ()
    reason: str = ""
    objects: tuple[ObjectRef, ...] = ()
    rule: Mapping[str, object] = field(default_factory=dict)
    request: str = ""


#: The pulse that reconciles on its own.
PULSE = Actor("pulse", "对账程序", "system", "internal")
