"""Blocks of standards, requirements, slips, ledgers, applicability and exceptions."""

from __future__ import annotations

from compliance.kernel.text import Text
from compliance.rulebase.parse.common import Common
from compliance.rulebase.parse.table import Table
from compliance.rulebase.schema import Applicability, Ledger, LintException, Reference, Requirement, Slip, Standard


def standard(table: Table, common: Common) -> Standard:
    """Read which standard a rule base or a pack is of."""
    return Standard(
        **common,
        code=table.text("code"),
        edition=table.both("edition"),
        skeleton=table.flag("skeleton", default=False),
        statements=table.whole("statements", least=1) if "statements" in table else None,
        in_use=table.flag("in_use", default=True),
        applies_if=table.values("applies_if"),
    )


def requirement(table: Table, common: Common) -> Requirement:
    """Read one statement of the source document."""
    organisational = table.flag("organisational", default=False)
    if organisational and "asks" not in table:
        table.wrong(
            "organisational", "由内审判断的要求须给出问题 asks", "what the audit alone judges needs a question: asks"
        )
    return Requirement(
        **common,
        code=table.text("code"),
        holds=_maybe_both(table, "holds"),
        asks=_maybe_both(table, "asks"),
        organisational=organisational,
        slips=table.strings("slips", optional=True),
        like=table.strings("like", optional=True),
    )


def slip(table: Table, common: Common) -> Slip:
    """Read one slip of the source document."""
    return Slip(
        **common,
        code=table.text("code"),
        treatment=table.both("treatment"),
        references=tuple(
            Reference(row.text("said"), row.text("means")) for row in table.tables("references", optional=True)
        ),
    )


def ledger(table: Table, common: Common) -> Ledger:
    """Read one ledger."""
    return Ledger(
        **common,
        code=table.text("code"),
        sheets=table.strings("sheets", optional=True),
        kept_by=table.strings("kept_by"),
        classes=table.strings("classes", optional=True),
        only=table.values("only"),
    )


def applicability(table: Table, common: Common) -> Applicability:
    """Read whom a document does not bind."""
    return Applicability(**common, unless=table.values("unless"), notice=table.both("notice"))


def exception(table: Table, common: Common) -> LintException:
    """Read what is meant as it stands although a check remarks on it."""
    return LintException(
        **common,
        check=table.text("check"),
        rule=table.text("rule"),
        reason=table.both("reason"),
        beside=table.maybe_text("beside") or "",
        at=table.maybe_text("at") or "",
    )


def _maybe_both(table: Table, key: str) -> Text | None:
    return table.both(key) if key in table else None
