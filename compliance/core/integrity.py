"""What a check of the store says: one named result a kind of damage, with what was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from compliance.kernel.text import Text

#: Faults that a check spells out; the rest is counted.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of damage looked for. ``detail`` says how much was examined, or what is wrong and where."""

    code: str
    ok: bool
    detail: Text


@dataclass(frozen=True, slots=True)
class FsckReport:
    """All checks. ``ok``: none of them found damage."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is damaged."""
        return all(check.ok for check in self.checks)


def check(code: str, examined: int, faults: Iterable[str]) -> Check:
    """Conclude a check from what was examined and the faults found (each names its place)."""
    found = list(faults)
    if not found:
        return Check(code, ok=True, detail=Text(zh=f"已检查 {examined} 项", en=f"{examined} examined"))
    shown = "; ".join(found[:SHOWN])
    more = len(found) - SHOWN
    tail = Text(zh=f"；另有 {more} 处", en=f"; and {more} more") if more > 0 else Text("", "")
    return Check(
        code,
        ok=False,
        detail=Text(zh=f"{len(found)} 处损坏：{shown}{tail.zh}", en=f"{len(found)} damaged: {shown}{tail.en}"),
    )
