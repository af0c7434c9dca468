"""Company, lines, departments, persons, sources, factors and controlled documents."""

from __future__ import annotations

from datetime import date
from typing import Any

from compliance.adapters.example.days import add_days, add_months
from compliance.adapters.example.site import Site
from compliance.adapters.example.words import layout, word
from compliance.core.model import (
    CompanyItem,
    ControlledDocument,
    Department,
    EmissionSource,
    PersonPeriod,
    PlantFactor,
    ProductionLine,
)

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: A division of the country that does not exist, so that no real company is met.
_NOWHERE = "91990000"


def fill(site: Site, name: str | None) -> None:
    """Add the organisation of a plant."""
    _company(site, name)
    for number, line in enumerate(site.lines, 1):
        _line(site, number, line)
    _departments(site)
    _persons(site)
    _sources(site)
    for code, title, value, unit in layout()["factor"]["values"]:
        site.book.add(PlantFactor, code=code, name=title, value=value, unit=unit, origin=layout()["factor"]["origin"])
    _documents(site)


def credit_code(seed: int) -> str:
    """Make an invented unified social credit code with right check characters (GB 32100, GB 11714)."""
    digits = f"{seed:08d}"[-8:]
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11
    body = _NOWHERE + digits + {10: "X", 11: "0"}.get(rest, str(rest))
    total = sum(_ALPHABET.index(c) * pow(3, n, 31) for n, c in enumerate(body))
    return body + _ALPHABET[-total % 31]


def _company(site: Site, name: str | None) -> None:
    words = layout()["company"]
    lines = len(site.lines)
    facts = {
        words["name_item"]: name or words["name"],
        words["code_item"]: credit_code(site.rng.randrange(10**8)),
        **words["other"],
        words["capacity_item"]: words["capacity_a_line"] * lines,
        words["lines_item"]: lines,
        words["start_item"]: site.start,
        words["end_item"]: site.today,
    }
    for item, content in facts.items():
        site.book.add(CompanyItem, item=item, content=content)


def _line(site: Site, number: int, line: str) -> None:
    words = layout()["line"]
    site.book.add(
        ProductionLine,
        line=line,
        name=words["name"].format(n=number),
        capacity=words["capacity"],
        started=add_days(site.start, -3000 - 400 * number),
        clinker_class=words["clinker_class"],
    )


def _departments(site: Site) -> None:
    for department in layout()["department"]:
        begun, ended = (department.get(key) for key in ("leads_before_start_days", "led_before_start_days"))
        site.book.add(
            Department,
            number=department["number"],
            name=department["name"],
            leads=word("yes" if begun else "no"),
            leads_from=None if begun is None else add_days(site.start, -begun),
            leads_until=None if ended is None else add_days(site.start, -ended),
        )


def _persons(site: Site) -> None:
    for person in layout()["person"]:
        since = add_days(add_months(site.start, -60), site.rng.randrange(400))
        change = site.handover if person["key"] in ("deputy", "next_deputy") else None
        cells = {key: person[key] for key in ("account", "name", "department")}
        until = None if change is None else add_days(change, -1)
        site.book.add(PersonPeriod, **cells, posts=person["posts"] or None, since=since, until=until)
        if change is not None:
            _second_period(site, person, change)


def _second_period(site: Site, person: dict[str, Any], since: date) -> None:
    follows = person["key"] == "next_deputy"
    words = layout()["handover"] if follows else {"department": person["department"], "posts": None}
    site.book.add(
        PersonPeriod,
        account=person["account"],
        name=person["name"],
        department=words["department"],
        posts=words["posts"],
        since=since,
    )


def _sources(site: Site) -> None:
    number = 0
    for source in layout()["source"]:
        for line in site.lines if source.get("each_line") else [word("plant")]:
            number += 1
            managed, enterprise, ets = source["boundaries"]
            cells = {k: source[k] for k in ("system", "directness", "category", "facility", "material")}
            site.book.add(
                EmissionSource,
                number=f"PF-{number:02d}",
                line=line,
                department=source["department"],
                in_management=managed,
                in_enterprise=enterprise,
                in_ets=ets,
                state=word("effective"),
                **cells,
            )


def _documents(site: Site) -> None:
    words = layout()["document"]
    policy = words["policy"]
    for version, approved in (("V1.0", add_days(site.start, -300)), ("V2.0", site.day_at(350))):
        readers = policy["readers"] + (8 if version == "V2.0" else 0)
        _document(site, policy, "top", version, approved, add_days(approved, 5), readers=readers)
    for document in words["standing"]:
        approved = add_days(site.start, -site.rng.randrange(120, 280))
        _document(site, document, document["approver"], "V1.0", approved, add_days(approved, 4))
    for document in words["yearly"]:
        for year in [*site.years, site.today.year + 1]:
            approved, effective = (
                date(year + offset, month, day) for offset, month, day in (document["approved"], document["effective"])
            )
            _document(site, document, "top", "V1.0", approved, effective, year=year)


def _document(
    site: Site,
    document: dict[str, Any],
    approver: str,
    version: str,
    approved: date,
    effective: date,
    *,
    year: int = 0,
    readers: int | None = None,
) -> None:
    site.book.add(
        ControlledDocument,
        number=document["number"].format(year=year),
        name=document["name"].format(year=year),
        document_class=document["class"],
        version=version,
        author=site.person("carbon_checker"),
        reviewer=site.person("deputy" if approver == "top" else "carbon", approved),
        approver=site.person(approver, approved),
        approved=approved,
        effective=effective,
        readers=readers,
        confirmed=readers,
    )
