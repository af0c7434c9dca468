"""Proposed rule bases in the register, and all documents of a plant for what a change does to their keeping."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy import Row as SqlRow

from compliance.adapters.accounts import Changing, Connected
from compliance.adapters.document_tables import document, document_version
from compliance.adapters.documents import document_of, version_of
from compliance.adapters.positions import Position, pack, unpack
from compliance.adapters.tables import Moment, Surrogate, Word, metadata, of_plant, surrogate
from compliance.adapters.tables import plant as plant_table
from compliance.core.controlled import ControlledDocument, DocumentVersion
from compliance.core.lists import LARGEST_PAGE, Page
from compliance.core.plants import Plant
from compliance.core.proposals import Made, PlanPart, Proposal

rules_proposal = Table(
    "rules_proposal",
    metadata,
    surrogate(),
    Column("digest", Word, nullable=False),
    Column("before", Word, nullable=False),
    Column("plan", Word, nullable=False),
    Column("file", Word, nullable=False),
    Column("login", Word, nullable=False),
    Column("account", Word),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", Word, nullable=False),
    Column("decided_by", Word),
    Column("decided_name", Text),
    Column("decided_at", Moment),
    Index(None, "digest", "id"),
)
#: What each plant was planned of an open proposal: made again where it is lost.
plan_part = Table(
    "rules_plan_part",
    metadata,
    Column("proposal_id", Surrogate, ForeignKey("rules_proposal.id"), nullable=False),
    of_plant(),
    Column("before", Word, nullable=False),
    Column("version", Integer, nullable=False),
    Column("day", Date, nullable=False),
    Column("told", Text, nullable=False),
    PrimaryKeyConstraint("proposal_id", "plant_id"),
)
_NAMES = [field.name for field in fields(Proposal)]


class SqlProposalReads(Connected):
    """The reading half of ``core.proposals.ProposalWork``."""

    def proposals(self, limit: int = 50) -> Sequence[Proposal]:
        """The proposals, newest first."""
        query = select(rules_proposal).order_by(rules_proposal.c.id.desc()).limit(limit)
        return [_proposal(row) for row in self._execute(query)]

    def proposal_page(self, after: str, limit: int) -> Page[Proposal]:
        """A page of proposals, newest first."""
        asked, limit = select(rules_proposal), max(1, min(limit, LARGEST_PAGE))
        if after:
            last = Position.number(unpack(after, 1)[0])
            asked = asked.where(rules_proposal.c.id < last)
        rows = self._execute(asked.order_by(rules_proposal.c.id.desc()).limit(limit + 1)).all()
        return Page(tuple(map(_proposal, rows[:limit])), pack(rows[limit - 1].id) if len(rows) > limit else "")

    def numbered_proposal(self, number: int) -> Proposal | None:
        """The proposal of an id."""
        row = self._execute(select(rules_proposal).where(rules_proposal.c.id == number)).first()
        return _proposal(row) if row else None

    def proposal(self, digest: str) -> Proposal | None:
        """The newest proposal of a rule base."""
        c = rules_proposal.c
        row = self._execute(select(rules_proposal).where(c.digest == digest).order_by(c.id.desc()).limit(1)).first()
        return _proposal(row) if row else None

    def plan_parts(self, number: int) -> Sequence[PlanPart]:
        """What plants were planned of the proposal of an id."""
        c = plan_part.c
        joined = plan_part.join(plant_table, plant_table.c.id == c.plant_id)
        query = select(plant_table.c.key, c.before, c.version, c.day, c.told).select_from(joined)
        rows = self._execute(query.where(c.proposal_id == number).order_by(plant_table.c.key))
        return [PlanPart(r.key, Made(r.before, r.version, r.day), json.loads(r.told)) for r in rows]

    def kept_documents(self, plant: Plant) -> Sequence[tuple[ControlledDocument, Sequence[DocumentVersion]]]:
        """Every document with its versions: one statement."""
        d, v = document, document_version
        same = and_(v.c.plant_id == d.c.plant_id, v.c.number == d.c.number)
        versions = [v.c[field.name] for field in fields(DocumentVersion)]
        named = [*(d.c[name].label(f"d_{name}") for name in d.c.keys()), *versions]  # noqa: SIM118 - a collection of columns
        query = select(*named).join(v, same).where(d.c.plant_id == plant.id).order_by(d.c.id, v.c.place)
        found: dict[str, tuple[ControlledDocument, list[DocumentVersion]]] = {}
        for row in self._execute(query):
            if row.number not in found:
                of = {name: getattr(row, f"d_{name}") for name in d.c.keys()}  # noqa: SIM118 - as above
                found[row.number] = (document_of(of), [])
            found[row.number][1].append(version_of(row))
        return list(found.values())


class SqlProposalChanges(SqlProposalReads, Changing):
    """The writing half of ``core.proposals.ProposalWork``."""

    def add_proposal(self, proposal: Proposal) -> int:
        """Keep a new proposal; its id."""
        values = {name: getattr(proposal, name) for name in _NAMES if name != "id"}
        given: int = self._change(insert(rules_proposal).values(values).returning(rules_proposal.c.id)).scalar_one()
        return given

    def replan_proposal(self, proposal: Proposal, before: str, plan: str, file: str) -> None:
        """Note another plan of a proposal, beside the rule base then in use."""
        values = {"before": before, "plan": plan, "file": file}
        self._change(update(rules_proposal).where(rules_proposal.c.id == proposal.id).values(values))

    def keep_plan_part(self, proposal: Proposal, plant: Plant, part: PlanPart) -> None:
        """Keep what a plant was planned, instead of what was kept before."""
        c, made = plan_part.c, part.made
        self._execute(delete(plan_part).where(c.proposal_id == proposal.id, c.plant_id == plant.id))
        told = json.dumps(part.told, ensure_ascii=False)
        values = {"before": made.before, "version": made.version, "day": made.day, "told": told}
        self._execute(insert(plan_part).values(proposal_id=proposal.id, plant_id=plant.id, **values))

    def forget_plan_parts(self, proposal: Proposal) -> None:
        """Let them go."""
        self._execute(delete(plan_part).where(plan_part.c.proposal_id == proposal.id))

    def decide_proposal(self, proposal: Proposal, state: str, login: str, name: str, at: str) -> None:
        """Note what came of a proposal, by whom and when."""
        values = {"state": state, "decided_by": login, "decided_name": name, "decided_at": at}
        self._change(update(rules_proposal).where(rules_proposal.c.id == proposal.id).values(values))


def _proposal(row: SqlRow[Any]) -> Proposal:
    return Proposal(**{name: getattr(row, name) for name in _NAMES})
