"""What a page says of the rule text that judged, and whether it concludes the same again."""

from __future__ import annotations

from dataclasses import dataclass

from compliance.core.judged import Found, Occurrence
from compliance.core.replaying import Replay, Replayer
from compliance.rulebase.schema import Rule
from compliance.web import access
from compliance.web.book import book


@dataclass(frozen=True, slots=True)
class Replayed:
    """A replay as a page shows it: the wording that judged, and whether the present rule base words it otherwise."""

    replay: Replay
    digest: str
    rule: Rule | None
    replaced: bool


def of_finding(found: Found) -> Replayed:
    """Replay a stored finding."""
    return _shown(Replayer(access.services().snapshots).finding(found), found.rule, found.rule_digest)


def of_occurrence(one: Occurrence) -> Replayed:
    """Replay a stored occurrence as it stood on the plant's mark."""
    replay = Replayer(access.services().snapshots).occurrence(one, access.card().plant.mark)
    return _shown(replay, one.obligation, one.rule_digest)


def _shown(replay: Replay, rule: str, digest: str) -> Replayed:
    replaced = replay.rule is not None and digest not in book().by_digest
    return Replayed(replay, digest, replay.rule or book().wording(rule, digest), replaced)
