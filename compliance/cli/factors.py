"""Commands about factors: what counts, and verifying it by two persons. The password signs each time."""

from __future__ import annotations

from argparse import Namespace

from compliance.bootstrap.installation import Installation, opened
from compliance.cli.acting import Acting, answered, password_of, signed
from compliance.cli.output import DONE, print_json, print_table
from compliance.core import factors
from compliance.core.denials import deny
from compliance.core.factors import FactorView
from compliance.core.looking import choose_plant
from compliance.core.model import PlantFactor
from compliance.core.permissions import Denied, Permission, may


def factor_list(args: Namespace) -> int:
    """Every factor that counts for a plant, with its standing."""
    with opened(args.data) as installation, installation.register.read() as reads:
        plant = choose_plant(reads, args.plant)
        rows, checks = reads.tables(plant, [PlantFactor])[PlantFactor], reads.factor_checks(plant)
        known = factors.known_since(reads.factor_versions(plant), installation.clock.zone)
        found = factors.factors_of(rows, checks, installation.rulebase, installation.clock.today(), known)
    if args.json:
        print_json([factor_told(one) for one in found.values()])
    else:
        print_table(
            ("代码 code", "值 value", "单位 unit", "核实 standing", "核实人 by", "来源 source"),
            ((f.code, f.value, f.unit, f.standing, f.verified_by, f.source) for f in found.values()),
        )
    return DONE


def factor_check(args: Namespace) -> int:
    """Note that a factor's value agrees with a source."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _check(installation, who, args))


def factor_confirm(args: Namespace) -> int:
    """Confirm what another person has checked."""
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _confirm(installation, who, args))


def _check(installation: Installation, who: Acting, args: Namespace) -> dict[str, object]:
    _entitled(installation, who)
    now, person = installation.clock.now(), who.person
    factors.check(installation.register, who.plant, args.code, args.source, person.account, person.actor(), now)
    return {"factor": args.code, "standing": factors.Standing.CHECKED}


def _confirm(installation: Installation, who: Acting, args: Namespace) -> dict[str, object]:
    _entitled(installation, who)
    now, person = installation.clock.now(), who.person
    factors.confirm(installation.register, who.plant, args.code, person.account, person.actor(), now)
    return {"factor": args.code, "standing": factors.Standing.VERIFIED}


def _entitled(installation: Installation, who: Acting) -> None:
    match may(who.person.roles, Permission.ENTER):
        case Denied() as denied:
            raise deny(installation.register, who.plant, who.person.actor(), Permission.ENTER, denied)


def factor_told(one: FactorView) -> dict[str, object]:
    """A factor as programs read it."""
    return {
        "code": one.code,
        "name": one.name,
        "value": f"{one.value.normalize():f}",
        "unit": one.unit,
        "source": one.source,
        "own": one.own,
        "since": one.since,
        "known": one.known,
        "until": one.until,
        "standing": one.standing.value,
        "verified_by": one.verified_by,
        "checked_against": one.check.source if one.check else None,
        "checked_by": one.check.checked_name if one.check else None,
        "confirmed_at": one.check.confirmed_at if one.check else None,
    }
