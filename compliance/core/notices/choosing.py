"""What persons choose about notices: an address, a weekly digest, quiet hours. That they are told is no choice."""

from __future__ import annotations

import re
from typing import ClassVar

from compliance.core.acts import Act, Actor
from compliance.core.model import PersonPeriod
from compliance.core.notices.kept import Choice, NoticeRegister
from compliance.core.plants import Plant
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", re.ASCII)


class BadAddress(WrongUse):
    """The text is no mail address."""

    code = "bad-address"
    text: ClassVar[Text] = Text(zh="“{mail}”不是邮件地址", en="{mail!r} is no mail address")


class BadHours(WrongUse):
    """The quiet hours are no two times of day."""

    code = "bad-hours"
    text: ClassVar[Text] = Text(
        zh="“{hours}”不是免打扰时段：应为两个不同的时刻，如 22:00-07:00",
        en="{hours!r} are no quiet hours: give two different times of day such as 22:00-07:00",
    )


class NoSuchPerson(WrongUse):
    """The plant has no person of that account."""

    code = "no-such-person"
    text: ClassVar[Text] = Text(zh="企业没有账号为“{person}”的人员", en="The plant has no person {person!r}")


def choose(register: NoticeRegister, plant: Plant, choice: Choice, actor: Actor) -> None:
    """Keep what a person has chosen; the same again changes nothing."""
    if choice.mail is not None and not _ADDRESS.fullmatch(choice.mail):
        raise BadAddress(mail=choice.mail)
    if choice.quiet and not (all(map(_TIME.fullmatch, choice.quiet)) and choice.quiet[0] != choice.quiet[1]):
        raise BadHours(hours="-".join(choice.quiet))
    with register.work() as work:
        periods = work.tables(plant, [PersonPeriod])[PersonPeriod]
        if not any(isinstance(p, PersonPeriod) and p.account == choice.person for p in periods):
            raise NoSuchPerson(person=choice.person)
        before = next((c for c in work.choices(plant) if c.person == choice.person), Choice(choice.person, None))
        if before != choice:
            work.save_choice(plant, choice)
            work.record(_act(actor, before, choice), plant)


def _act(actor: Actor, before: Choice, choice: Choice) -> Act:
    pairs = {
        "mail": (before.mail, choice.mail),
        "weekly": (str(before.weekly), str(choice.weekly)),
        "quiet": ("-".join(before.quiet or ()) or None, "-".join(choice.quiet or ()) or None),
        "muted": (",".join(before.muted) or None, ",".join(choice.muted) or None),
    }
    return Act(
        actor=actor,
        action="notice:choose",
        object_type="person",
        object_id=choice.person,
        changes=tuple({"f": name, "old": old, "new": new} for name, (old, new) in pairs.items() if old != new),
    )
