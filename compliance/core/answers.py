"""Answers that are given once: a program that lost an answer asks again under the same key, and nothing is done twice.

The key is claimed before the request is looked at, and its answer is kept when it is there. A claim without an answer
means that the first request is still under way, or was cut off: nobody can say then what it did, so it is not repeated.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Protocol

from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text

#: How long an answer is kept.
KEPT = timedelta(days=1)
LONGEST_KEY = 200


class BadKey(WrongUse):
    """The key is empty, too long, or holds what a header cannot."""

    code = "bad-idempotency-key"
    text: ClassVar[Text] = Text(
        zh="Idempotency-Key 须为 1 至 {most} 个可见的 ASCII 字符",
        en="Idempotency-Key has 1 to {most} visible ASCII characters",
    )


class KeyReused(WrongUse):
    """The key came before with another request."""

    code = "idempotency-key-reused"
    text: ClassVar[Text] = Text(
        zh="此 Idempotency-Key 已用于另一请求，请换一个",
        en="This Idempotency-Key came with another request; take a new one",
    )


class StillAnswering(Refused):
    """The first request of the key has no answer yet, or was cut off."""

    code = "idempotency-key-in-use"
    text: ClassVar[Text] = Text(
        zh="同一 Idempotency-Key 的请求尚未答复或已中断，请先查看现状",
        en="The request of this Idempotency-Key is not answered yet, or was cut off; look at what it did first",
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given."""

    status: int
    body: str
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """A key of a person with the mark of its request; ``answer`` None: not answered yet."""

    mark: str
    answer: Answer | None


class AnswerWork(Protocol):
    """What answers ask of a writing transaction; none of it is an act."""

    def claim_answer(self, user_id: int, key: str, mark: str, now: datetime, forget: datetime) -> Claim | None:
        """Claim a key, and forget those from before a moment; the claim that was there, None if it is new."""
        ...

    def keep_answer(self, user_id: int, key: str, answer: Answer) -> None:
        """Keep the answer of a claimed key."""
        ...

    def drop_claim(self, user_id: int, key: str) -> None:
        """Forget a claim: its request did nothing."""
        ...


class AnswerRegister(Protocol):
    """The register as answers need it."""

    def work(self) -> AbstractContextManager[AnswerWork]:
        """Open a writing transaction."""
        ...


def claim(register: AnswerRegister, user_id: int, key: str, mark: str, now: datetime) -> Answer | None:
    """The answer that was given before, None for a new key. ``BadKey``, ``KeyReused`` or ``StillAnswering``."""
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise BadKey(most=LONGEST_KEY)
    with register.work() as work:
        before = work.claim_answer(user_id, key, mark, now, now - KEPT)
    if before is None:
        return None
    if before.mark != mark:
        raise KeyReused
    if before.answer is None:
        raise StillAnswering
    return before.answer
