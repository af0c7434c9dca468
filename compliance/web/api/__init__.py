"""The API under /api/v1: the same calls, guards and leaves as pages and commands, for programs.

``shapes`` says what values look like, ``operations`` serves what is declared, ``openapi`` describes it; each other
module declares the operations of one feature.
"""

from __future__ import annotations

from compliance.web.api import (
    ahead,
    change_requests,
    copies,
    documents,
    entry,
    figures,
    files,
    findings,
    jobs,
    ledgers,
    nonconformities,
    notices,
    obligations,
    openapi,
    people,
    plants,
    proposals,
    readers,
    searching,
    templates,
)
from compliance.web.api.errors import problem
from compliance.web.api.operations import OPERATIONS, blueprint, install

__all__ = [
    "OPERATIONS",
    "ahead",
    "blueprint",
    "change_requests",
    "copies",
    "documents",
    "entry",
    "figures",
    "files",
    "findings",
    "install",
    "jobs",
    "ledgers",
    "nonconformities",
    "notices",
    "obligations",
    "openapi",
    "people",
    "plants",
    "problem",
    "proposals",
    "readers",
    "searching",
    "templates",
]
