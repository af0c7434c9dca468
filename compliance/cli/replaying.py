"""The command that concludes what the register keeps once more, and the part of ``explain`` that does so for one."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from compliance.bootstrap.installation import Installation, opened
from compliance.bootstrap.knowing import KeptRules
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.core.explain import finding_id, occurrence_id
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant
from compliance.core.replaying import Replay, Replayer
from compliance.kernel.text import Text


def replay(args: Namespace) -> int:
    """Replay every stored finding and occurrence of a plant; exit code 1 if one comes out otherwise."""
    with opened(args.data) as installation:
        with installation.register.read() as reads:
            plant = choose_plant(reads, args.plant)
        rows = [(kind, name, replayed) for kind, name, replayed in _all(installation, plant)]
    counts = {kind: sum(1 for k, _, _ in rows if k == kind) for kind in ("finding", "occurrence")}
    different = [(kind, name, one) for kind, name, one in rows if not one.same]
    if args.json:
        told_rows = [{"kind": kind, "id": name, **told(one)} for kind, name, one in different]
        print_json({"plant": plant.key, "replayed": counts, "different": told_rows})
    else:
        print_table(
            ("种类 kind", "编号 id", "不同之处 differs"),
            ((kind, name, "、".join(one.differs)) for kind, name, one in different),
        )
        say(_sum(len(rows), len(different)))
    return PROBLEMS if different else DONE


def replay_of(installation: Installation, plant: Plant, name: str) -> dict[str, object] | None:
    """What came of replaying the stored finding or occurrence that an id names; None if none is stored."""
    found = ((one, replayed) for _, one, replayed in _all(installation, plant, only=name))
    return next((told(replayed) for _, replayed in found), None)


def told(one: Replay) -> dict[str, object]:
    """A replay as programs read it."""
    return {
        "same": one.same,
        "differs": list(one.differs),
        "rule_digest": one.rule.digest if one.rule else None,
        "ruleset": one.ruleset,
        "basis": [{"kind": used.kind, "id": used.id, "digest": used.digest} for used in one.basis],
    }


def _all(installation: Installation, plant: Plant, only: str | None = None) -> Iterator[tuple[str, str, Replay]]:
    replayer = Replayer(KeptRules(installation))
    with installation.register.read() as reads:
        stored, occurrences = reads.findings(plant), reads.occurrences(plant)
    for finding in stored:
        name = finding_id(finding.found)
        if only in (None, name):
            yield "finding", name, replayer.finding(finding.found)
    for one in occurrences:
        if only is None or only in (occurrence_id(one), "/".join(one.key)):
            yield "occurrence", occurrence_id(one), replayer.occurrence(one, plant.mark)


def _sum(count: int, different: int) -> Text:
    if different:
        return Text(f"重演 {count} 项，{different} 项结果不同", f"{count} replayed, {different} came out otherwise")
    return Text(f"重演 {count} 项，结果全部相同", f"{count} replayed, all the same")
