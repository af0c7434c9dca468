"""Every address of the program with values that exist in the test world; an unknown one fails the build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.web.world import EVIDENCE_DIGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

#: A value for each part of an address, by route; ``*`` for every route.
VALUES: dict[str, dict[str, Any]] = {
    "*": {"plant": "east"},
    "obligations.occurrence": {"number": 1},
    "obligations.step": {"number": 1, "step": "check"},
    "obligations.file": {"number": 1, "sha256": EVIDENCE_DIGEST},
    "findings.finding": {"number": 1},
    "figures.check": {"code": "EF_GRID"},
    "figures.confirm": {"code": "EF_GRID"},
    "tickets.page": {"number": "NC-2026-0001"},
    "tickets.step": {"number": "NC-2026-0001", "step": "grade"},
    "tickets.file": {"number": "NC-2026-0001", "sha256": EVIDENCE_DIGEST},
    "documents.page": {"number": "NCR-2026-0001", "place": 0},
    "documents.step": {"number": "NCR-2026-0001", "place": 0, "step": "submit"},
    "change_requests.page": {"number": "DCR-2026-001"},
    "change_requests.decide": {"number": "DCR-2026-001", "verb": "accept"},
    "change_requests.ask": {"number": "NCR-2026-0001"},
    "comparing.page": {"number": "NCR-2026-0001", "place": 0, "other": 0},
    "comparing.file": {"number": "NCR-2026-0001", "place": 0, "other": 0},
    "drift.fresh": {"number": "NCR-2026-0001", "place": 0},
    "drift.draft_next": {"number": "NCR-2026-0001"},
    "documents.draft": {"number": "NCR-2026-0001", "place": 0},
    "readers.page": {"number": "NCR-2026-0001", "place": 0},
    "readers.name": {"number": "NCR-2026-0001", "place": 0},
    "readers.confirm": {"number": "NCR-2026-0001", "place": 0},
    "readers.export_one": {"number": "NCR-2026-0001", "place": 0},
    "copies.page": {"number": "NCR-2026-0001"},
    "copies.give": {"number": "NCR-2026-0001"},
    "copies.end": {"number": "NCR-2026-0001", "copy": 1},
    "copies.witness": {"number": "NCR-2026-0001", "copy": 1},
    "copies.file": {"number": "NCR-2026-0001", "copy": 1},
    "copies.printed": {"number": "NCR-2026-0001", "place": 0},
    **{f"marking.{name}": {"number": "NCR-2026-0001", "place": 0} for name in ("page", "ask", "progress")},
    "writing.write": {"number": "NCR-2026-0001", "place": 0, "section": "fact"},
    "documents.text": {"number": "NCR-2026-0001", "place": 0},
    "documents.file": {"number": "NCR-2026-0001", "place": 0, "kind": "draft"},
    **{f"batches.{name}": {"number": 1} for name in ("page", "progress", "cancel", "resume", "files")},
    "trail.leaf": {"seq": 3},
    "trail.source": {"table": "instrument", "key": "JL-001"},
    "rules.rule": {"kind": "obligation", "rule": "monthly-report"},
    "proposals.page": {"number": 1},
    "proposals.activate": {"number": 1},
    "proposals.withdraw": {"number": 1},
    "proposals.replan": {"number": 1},
    "proposals.progress": {"number": 1},
    "proposals.cancel": {"number": 1},
    "proposals.download_proposed": {"number": 1},
    **{
        f"templates.{name}": {"rule": "nonconformity-report", "place": 1, "kind": "template", "seq": 1}
        for name in ("page", "publish", "reject", "file", "picture", "shipped", "go_back", "make_pages", "progress")
    },
    **{
        f"group_templates.{name}": {"rule": "nonconformity-report", "place": 1, "kind": "template", "seq": 1}
        for name in ("page", "publish", "reject", "file", "picture", "go_back", "make_pages", "progress")
    },
    "imports.progress": {"upload": "0123"},
    "imports.result": {"name": "RESULT"},
    "imports.problems": {"name": "RESULT"},
    "entries.form": {"table": "instrument_check"},
    "entries.entered": {"table": "instrument_check"},
    "notices.lead": {"number": 1},
    "notices.revoke": {"name": "0123456789abcdef"},
    "notices.revoke_of_plant": {"name": "0123456789abcdef"},
    "feed.calendar": {"token": "FEED"},
    "people.page": {"account": "P04"},
    "people.act": {"account": "P04", "verb": "absence"},
    "links.open_link": {"token": "no-such-link"},
    "links.use": {"token": "no-such-link"},
    "tokens.revoke": {"ref": "0123456789abcdef"},
    "static": {"filename": "app.css"},
}
#: Routes that need an upload (a notice of the person, a job, a feed, an issued document) before they exist: their own
#: tests visit them.
AFTER_UPLOAD = frozenset(
    {
        "copies.file",
        "copies.printed",
        "marking.page",
        "marking.progress",
        "proposals.progress",
        "imports.result",
        "imports.problems",
        "notices.lead",
        "feed.calendar",
        "templates.page",
        "templates.file",
        "templates.picture",
        "templates.progress",
        "group_templates.page",
        "group_templates.file",
        "group_templates.picture",
        "group_templates.progress",
    }
)

#: Programs come with tokens and have walks of their own.
API = "api."
_API_VALUES: dict[str, dict[str, Any]] = {
    "*": {
        "number": 1,
        "sha256": EVIDENCE_DIGEST,
        "place": 0,
        "kind": "draft",
        "copy": 1,
        "code": "EF_GRID",
        "other": 0,
    },
    "nonconformity": {"number": "NC-2026-0001"},
    "document": {"number": "NCR-2026-0001"},
    "template": {"document": "nonconformity-report", "number": 1, "kind": "template"},
    "group": {"document": "nonconformity-report", "number": 1, "kind": "template"},
}


def value_of(endpoint: str, part: str, plant: str = "east") -> Any:
    """A value for a part of an address of the API."""
    feature = endpoint.removeprefix(API).partition("_")[0]
    return ({"plant": plant} | _API_VALUES["*"] | _API_VALUES.get(feature, {}))[part]


def addresses(app: Flask, method: str, plant: str = "east") -> Iterator[tuple[str, str]]:
    """Endpoint and path of every route that takes the method."""
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if rule.methods is None or method not in rule.methods or rule.endpoint.startswith(API):
                continue
            given = VALUES["*"] | {"plant": plant} | VALUES.get(rule.endpoint, {})
            values = {name: given[name] for name in rule.arguments}
            yield rule.endpoint, adapter.build(rule.endpoint, values, method=method)
