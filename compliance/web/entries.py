"""填报: rows entered by a form that follows from the sheet's declaration; corrections show old and new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from compliance.core.desk import Word
from compliance.core.imports import ENTERABLE, Entries
from compliance.core.judged import Occurrence
from compliance.core.lists import LARGEST_PAGE, Leaf, LeafQuery
from compliance.core.model import Cell, Column, CompanyItem, Refers, Row
from compliance.core.permissions import Permission
from compliance.core.suggesting import Suggestion, for_occurrence, for_row, next_number
from compliance.kernel.quantity import from_micro
from compliance.rulebase.schema import Obligation
from compliance.web import access, asked, sources
from compliance.web.book import book
from compliance.web.i18n import _, said
from compliance.web.i18n import language as spoken
from compliance.web.services import Entered

blueprint = Blueprint("entries", __name__)

#: How many of the last rows a form shows below.
_LAST = 8
_LONGEST = 4_000
_REASON, _AGAIN, _KEY = "reason", "again", "key"
#: References that are chosen from a list; the others are typed with a list that helps.
_CHOSEN = frozenset({Refers.ACCOUNT, Refers.LINE, Refers.LINE_OR_PLANT, Refers.DEPARTMENT})
_PLACES, _YES_NO = "place", "yes-no"


@dataclass(frozen=True, slots=True)
class Field:
    """A field as its form shows it. ``heading``: of the workbook, where the label is English.

    ``type``: how it is typed.

    ``options``: values with what they are called.
    """

    name: str
    label: str
    heading: str
    type: str
    value: str
    options: Sequence[tuple[str, str]]
    required: bool
    problem: str


@blueprint.get("/p/<plant>/entries")
@access.needs(Permission.ENTER)
def listing() -> ResponseReturnValue:
    """The tables that one may enter, grouped, each with when it was last entered or imported."""
    last = _last_acts()
    groups: dict[str, list[tuple[type[Row], Leaf | None]]] = {}
    for kind in ENTERABLE:
        groups.setdefault(_group(kind), []).append((kind, last.get(kind.SHEET.heading)))
    return render_template("entries.html", groups=groups, title=title)


@blueprint.get("/p/<plant>/entries/<table>/new")
@access.needs(Permission.ENTER)
def form(table: str) -> ResponseReturnValue:
    """The form, filled in from the address: from a row to correct (``key``), or field by field."""
    kind = _kind(table)
    key = asked.word(_KEY)
    values = _stored(kind, key) if key else {c.name: asked.word(c.name) for c in kind.SHEET.columns}
    return _form(kind, values, key=key)


@blueprint.post("/p/<plant>/entries/<table>/new")
@access.needs(Permission.ENTER)
def entered(table: str) -> ResponseReturnValue:
    """Enter the row, or show the form again with what is wrong, everything typed kept."""
    kind = _kind(table)
    given = {c.name: request.form.get(c.name, "").strip()[:_LONGEST] for c in kind.SHEET.columns}
    reason = request.form.get(_REASON, "")[:_LONGEST]
    values = {name: value for name, value in given.items() if value}
    done = access.services().enterer(Entries(table, (values,), reason), plant=access.card().plant, actor=access.actor())
    if done.problems or done.corrections:
        return _form(kind, given, done, key=request.form.get(_KEY, "")), 400 if done.problems else 409
    tell(done)
    if request.form.get(_AGAIN):
        return redirect(url_for("entries.form", table=table, **_kept(kind, given)), 303)
    return redirect(url_for("entries.listing"), 303)


def tell(done: Entered) -> None:
    """Say what an entry did, and what the judgement after it changed."""
    if not done.added and not done.changed:
        flash(_("与已有数据相同，没有任何更改。"))
        return
    flash(_("已保存：新增 %(added)s 行，更正 %(changed)s 行。", added=done.added, changed=done.changed))
    if not done.judged:
        flash(_("数据已保存，但现在无法重新判断；以前的结论仍然有效。"), "warn")
    for text in done.settled:
        flash(_("由此消除或完成：%(what)s", what=said(text)))
    for text in done.raised:
        flash(_("由此新发现：%(what)s", what=said(text)), "warn")


def link_of(suggestion: Suggestion) -> tuple[str, str]:
    """The name and the address of the form that a suggestion fills in."""
    table = suggestion.kind.SHEET.table
    given: dict[str, Any] = dict(suggestion.values)
    if suggestion.key:
        return _("更正“%(sheet)s”", sheet=title(suggestion.kind)), url_for(
            "entries.form", table=table, key=suggestion.key
        )
    return _("填写“%(sheet)s”", sheet=title(suggestion.kind)), url_for("entries.form", table=table, **given)


def links(row: object) -> list[tuple[str, str]]:
    """Forms for the row that a fact rests on; none for who may not enter."""
    if not access.allowed(Permission.ENTER):
        return []
    if isinstance(row, Occurrence):
        rule = book().wording(row.obligation, row.rule_digest)
        today = access.services().clock.today()
        found = for_occurrence(row, rule, today) if isinstance(rule, Obligation) else None
        return [link_of(found)] if found else []
    return [link_of(one) for one in for_row(row)]


def title(kind: type[Row]) -> str:
    """The name of a sheet: its heading, in English the name of its table."""
    return kind.SHEET.heading if spoken() == "zh" else _words(kind.SHEET.table)


def label(column: Column) -> str:
    """The name of a field: its heading, in English the name of the field."""
    return column.heading if spoken() == "zh" else _words(column.name)


def shown(column: Column, value: object) -> str:
    """A stored value as a form takes it."""
    if value is None:
        return ""
    if column.cell in (Cell.QUANTITY, Cell.SIGNED) and isinstance(value, int):
        return f"{from_micro(value):f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _group(kind: type[Row]) -> str:
    groups = {
        "metering": _("计量与数据"),
        "assets": _("碳资产与交易"),
        "assurance": _("填报、评审与改进"),
        "reductions": _("目标与减排"),
    }
    return groups.get(kind.__module__.rpartition(".")[2], _("企业基础资料"))


def _kind(table: str) -> type[Row]:
    found = next((kind for kind in ENTERABLE if kind.SHEET.table == table), None)
    if found is None:
        abort(404)
    return found


def _last_acts() -> Mapping[str, Leaf]:
    """The latest act that entered or imported rows of each sheet, by heading."""
    lists, plant = access.services().lists, access.card().plant
    found: dict[str, Leaf] = {}
    leaves = [
        leaf
        for action in ("plant:enter", "plant:import")
        for leaf in lists.trail(plant, LeafQuery(action=action, limit=LARGEST_PAGE)).rows
    ]
    for leaf in sorted(leaves, key=lambda one: one.seq, reverse=True):
        for change in leaf.changes:
            found.setdefault(str(change.get("f", "")), leaf)
    return found


def _stored(kind: type[Row], key: str) -> dict[str, str]:
    row = access.services().lists.source(access.card().plant, kind.SHEET.table, key.split(sources.SEPARATOR))
    if row is None:
        abort(404)
    return {c.name: shown(c, row.get(c.name)) for c in kind.SHEET.columns}


def _kept(kind: type[Row], values: Mapping[str, str]) -> dict[str, Any]:
    """What the next row has in common with this one: days, periods, and what it refers to."""
    common = (Cell.DAY, Cell.MONTH, Cell.YEAR, Cell.PERIOD)
    return {
        c.name: values[c.name]
        for c in kind.SHEET.columns
        if values.get(c.name) and (c.cell in common or c.refers in _CHOSEN) and not c.ends
    }


def _form(kind: type[Row], values: Mapping[str, str], done: Entered | None = None, *, key: str = "") -> str:
    lists, plant = access.services().lists, access.card().plant
    words = lists.words(plant, [c.refers for c in kind.SHEET.columns])
    last = lists.last_rows(plant, kind, _LAST)
    typed = dict(values)
    if last and not key and done is None and kind.SHEET.key == ("number",):
        typed["number"] = typed.get("number") or next_number(str(last[0].key()[0]))
    problems = {p.heading: said(p.message) for p in reversed(done.problems)} if done else {}
    fields = [_field(kind, c, typed.get(c.name, ""), words, problems.get(c.heading, "")) for c in kind.SHEET.columns]
    return render_template(
        "entry.html",
        kind=kind,
        title=title(kind),
        fields=fields,
        key=key,
        others=[text for heading, text in problems.items() if heading not in {c.heading for c in kind.SHEET.columns}],
        corrections=[(c.heading, *c.given.split(" → ", 1)) for c in done.corrections] if done else [],
        reason=request.form.get(_REASON, ""),
        heads=[label(c) for c in kind.SHEET.columns],
        last=[(_correctable(row), [shown(c, getattr(row, c.name)) for c in kind.SHEET.columns]) for row in last],
    )


def _correctable(row: Row) -> str:
    """The key of a row that this form may correct; none for what workbooks say of the company."""
    if isinstance(row, CompanyItem):
        own = book().admitted(CompanyItem.SHEET.column("item").vocabulary, entered=True)
        if row.item not in {word.zh for word in own.values()}:
            return ""
    return _key_text(row)


def _key_text(row: Row) -> str:
    return sources.SEPARATOR.join(part.isoformat() if isinstance(part, date) else str(part) for part in row.key())


def _field(kind: type[Row], column: Column, value: str, words: Mapping[Refers, Sequence[Word]], problem: str) -> Field:
    options = _options(kind, column, words)
    chosen = bool(column.vocabulary) or kind is CompanyItem or (column.refers in _CHOSEN and bool(options))
    types = {
        Cell.DAY: "date",
        Cell.MONTH: "month",
        Cell.QUANTITY: "number",
        Cell.SIGNED: "number",
    }
    if chosen and value and all(value != option for option, _label in options):
        options = [*options, (value, value)]  # what was typed is kept, also where it is refused
    return Field(
        column.name,
        label(column),
        "" if spoken() == "zh" else column.heading,
        "select" if chosen else types.get(column.cell, "text"),
        value,
        options,
        column.name in kind.SHEET.key,
        problem,
    )


def _options(kind: type[Row], column: Column, words: Mapping[Refers, Sequence[Word]]) -> list[tuple[str, str]]:
    company = kind is CompanyItem
    if column.vocabulary or company:
        vocabulary = column.vocabulary or _YES_NO
        admitted = book().admitted(vocabulary, entered=company and bool(column.vocabulary))
        return [(text.zh, said(text)) for text in admitted.values()]
    found = [(w.value, f"{w.value} {w.label}".strip()) for w in words.get(column.refers, ())]
    if column.refers is Refers.LINE_OR_PLANT:
        found += [(text.zh, said(text)) for text in book().vocabularies.get(_PLACES, {}).values()]
    return found
