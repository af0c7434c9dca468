"""What every kind of rule has: title, source, in-force days, worked examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from compliance.kernel.canonical import digest_of
from compliance.kernel.text import Text
from compliance.rulebase.parse.position import Place
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import InForce, Source, Strength, Value

#: Kinds that stand for words, figures and days; they may answer to no requirement of their own.
WITHOUT_REQUIREMENTS = frozenset(
    {
        *("calendar", "vocabulary", "parameter", "post", "factor", "fact"),
        *("requirement", "slip", "applicability", "exception", "standard"),
    }
)


class Common(TypedDict):
    """Members of :class:`compliance.rulebase.schema.Rule`, ready to be passed on."""

    kind: str
    id: str
    title: Text
    source: Source
    in_force: InForce
    examples: tuple[Mapping[str, Value], ...]
    file: str
    line: int
    text: str


def with_defaults(block: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """A block completed by the file's ``[defaults]``: ``source.document`` and ``in_force``."""
    whole = dict(block)
    document = _table(defaults.get("source")).get("document")
    if document is not None and isinstance(block.get("source"), dict):
        whole["source"] = {"document": document, **block["source"]}
    if "in_force" in defaults:
        whole.setdefault("in_force", defaults["in_force"])
    return whole


def common(table: Table, place: Place, file: str) -> Common:
    """Read the members that all kinds share."""
    return Common(
        kind=place.kind,
        id=place.id,
        title=table.both("title"),
        source=_source(table.table("source"), place.kind),
        in_force=_in_force(table.table("in_force")),
        examples=table.rows("examples"),
        file=file,
        line=place.line,
        text=place.text,
    )


def digest_of_block(place: Place, block: Mapping[str, Any]) -> str:
    """Digest of a block with its defaults filled in; comments and layout do not count."""
    return digest_of({place.kind: {place.id: block}})


def _source(table: Table, kind: str) -> Source:
    return Source(
        document=table.text("document"),
        clause=table.text("clause"),
        strength=table.choice("strength", Strength),
        requirements=table.strings(
            "requirements",
            optional=kind in WITHOUT_REQUIREMENTS,
            empty=kind in WITHOUT_REQUIREMENTS,
        ),
    )


def _in_force(table: Table) -> InForce:
    days = InForce(
        table.day("from"), table.maybe_day("until"), table.maybe_day("known"), table.maybe_day("until_known")
    )
    if days.until is not None and days.until < days.start:
        table.wrong(
            "until",
            f"{days.until} 早于 from {days.start}；until 是最后有效日",
            f"{days.until} is before from {days.start}; until is the last day in force",
        )
    if days.until_known is not None and days.until is None:
        table.wrong("until_known", "没有 until，不应写 until_known", "there is no until whose knowledge it could date")
    return days


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
