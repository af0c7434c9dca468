"""Commands that judge as of any day and write nothing: occurrences, findings, facts, explain."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import ClassVar

from compliance.bootstrap.installation import Installation, opened
from compliance.bootstrap.knowing import lookback_of, rules_known_on
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.cli.replaying import replay_of
from compliance.core.explain import explain, finding_id, occurrence_id
from compliance.core.facts import facts_of
from compliance.core.judged import Found, Occurrence
from compliance.core.knowing import said_of
from compliance.core.lookback import Held, Then
from compliance.core.looking import choose_plant
from compliance.core.obligations import occurrences_of
from compliance.core.obligations.arguing import Arguing
from compliance.core.resting import stored_until
from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import FactRule

#: Calendars are reckoned this many years ahead at most.
_FARTHEST = 100


class BadRange(WrongUse):
    """The days asked for run backwards or lie too far ahead."""

    code = "bad-range"
    text: ClassVar[Text] = Text(
        zh="--from {since} 应不晚于 --to {until}，且 --to 至多在 {years} 年之后",
        en="--from {since} must not lie after --to {until}, and --to at most {years} years ahead",
    )


class NoSuchKind(WrongUse):
    """The rule base has no facts of this kind."""

    code = "no-such-kind"
    text: ClassVar[Text] = Text(
        zh="没有“{kind}”这种事实；有：{kinds}", en="There are no facts of kind {kind!r}; there are: {kinds}"
    )


def rules_of(installation: Installation, args: Namespace) -> RuleBase:
    """The rule base that a command judges with; with earlier knowledge people are told whose."""
    base = rules_known_on(installation, args.known_on)
    if base.known is not None:
        say(said_of(base))
    return base


def held_by(installation: Installation, args: Namespace) -> Held:
    """The plant with all that counts as of the day and with the knowledge that a command asks for."""
    rules = rules_of(installation, args)
    with installation.register.read() as reads:
        plant = choose_plant(reads, args.plant)
    then = Then(args.as_of or installation.clock.today(), args.known_on)
    return replace(lookback_of(installation), rules=lambda _day: rules).held(plant, then)


def occurrences(args: Namespace) -> int:
    """What falls due between two days, both included."""
    with opened(args.data, args.rules) as installation:
        held = held_by(installation, args)
        day = held.then.as_of
        if args.since > args.until or args.until.year - day.year > _FARTHEST:
            raise BadRange(since=args.since, until=args.until, years=_FARTHEST)
        made = held.occurrences(args.until)
        arguing = Arguing(held.rules, held.values())
    due = [o for o in made if args.since <= o.due <= args.until]
    if args.json:
        print_json([_occurrence(o) | {"steps": arguing.steps(o)} for o in due])
    else:
        print_table(
            ("编号", "对象", "所属期", "到期", "状态", "完成", "义务"),
            ((o.code, o.subject, o.period, o.due, o.state, o.done_on, o.title) for o in due),
        )
    return DONE


def findings(args: Namespace) -> int:
    """What is wrong as of a day."""
    with opened(args.data, args.rules) as installation:
        held = held_by(installation, args)
        judged = held.judged((installation.engine,))
        with installation.register.read() as reads:
            tickets = {(n.rule, n.first_group): n.number for n in reads.nonconformities(held.plant)}
    if args.json:
        print_json([_found(f, tickets.get((f.rule, f.ticket))) for f in judged.findings])
    else:
        print_table(
            ("情形", "对象", "期间", "类别", "级别", "说明"),
            ((f.situation, f.subject, f.period, f.category, f.grade, f.message) for f in judged.findings),
        )
    return PROBLEMS if judged.findings else DONE


def facts(args: Namespace) -> int:
    """The typed facts that the engines see."""
    with opened(args.data, args.rules) as installation:
        held = held_by(installation, args)
        known = {rule.id for rule in held.rules.of(FactRule)}
        if args.kind is not None and args.kind not in known:
            raise NoSuchKind(kind=args.kind, kinds=", ".join(sorted(known)))
        data, values = held.data(), held.values()
        made = occurrences_of(data, held.rules, values, data.as_of)
        kinds = frozenset({args.kind}) if args.kind else None
        derived = facts_of(data, held.rules, made, values, kinds)
    print_json([{"kind": f["kind"], **f} for f in derived])
    return DONE


def explaining(args: Namespace) -> int:
    """Why an occurrence (as far ahead as the calendars show them), finding or nonconformity is."""
    with opened(args.data, args.rules) as installation:
        held = held_by(installation, args)
        plant = held.plant
        judged = held.judged((installation.engine,), stored_until(held.then.as_of))
        with installation.register.read() as reads:
            tickets = reads.nonconformities(plant)
            entries = reads.trail(plant, "plant", plant.key, limit=20)
        history = [{"seq": e.seq, "at": e.at, "action": e.action, "actor": e.actor_id} for e in entries]
        answer = explain(args.id, judged, held.rules, tickets, history, held.values())
        if args.replay:
            answer = {**answer, "replay": replay_of(installation, plant, args.id)}
    if args.json:
        print_json(answer)
    else:
        _print_explained(answer)
    return DONE


def _print_explained(answer: object) -> None:
    if not isinstance(answer, dict):
        raise TypeError
    for name in ("title", "derivation", "remedy"):
        if name in answer:
            print_table(("", ""), [(name, answer[name]["zh"]), ("", answer[name]["en"])])
    for step in answer.get("steps") or ():
        print_table(("", "", ""), [(step["step"], step["day"] or "", step["text"])])
    print_table(("", ""), [("clause", answer["clause"]), ("strength", answer["strength"]), ("rule", answer["rule"])])
    print(answer["text"] or "")
    if "replay" in answer:
        say(_replayed(answer["replay"]))
    print_json(answer["facts"])


def _replayed(replay: object) -> Text:
    match replay:
        case {"same": True}:
            return Text("重演：结果相同", "replayed: the same")
        case {"differs": list(names)}:
            return Text(f"重演：结果不同（{'、'.join(names)}）", f"replayed: different ({', '.join(names)})")
    return Text("登记库中没有存下它，无可重演", "it is not stored in the register: nothing to replay")


def _occurrence(one: Occurrence) -> dict[str, object]:
    return {
        "id": occurrence_id(one),
        "obligation": one.obligation,
        "code": one.code,
        "title": one.title,
        "clause": one.clause,
        "strength": one.strength,
        "subject": one.subject,
        "period": one.period,
        "opens": one.opens,
        "due": one.due,
        "effective_workday": one.effective_workday,
        "provisional": one.provisional,
        "state": one.state,
        "done_on": one.done_on,
        "owner": one.owner,
        "derivation": one.derivation,
    }


def _found(one: Found, ticket: str | None) -> dict[str, object]:
    return {
        "id": finding_id(one),
        "situation": one.situation,
        "subject": one.subject,
        "period": one.period,
        "note": one.note,
        "rule": one.rule,
        "title": one.title,
        "clause": one.clause,
        "strength": one.strength,
        "category": one.category,
        "grade": one.grade,
        "message": one.message,
        "remedy": one.remedy,
        "facts": [dict(fact) for fact in one.facts],
        "nonconformity": ticket,
    }
