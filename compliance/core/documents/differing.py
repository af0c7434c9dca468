"""What differs between two states of the data of a document, place by place, in people's words.

Rows of a list are paired by what names them, else by their order, so that a row put in before others does not make all
that follow it differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compliance.core.documents.naming import Called, Naming
from compliance.core.documents.pictures import is_picture
from compliance.core.documents.values import Context, Value
from compliance.kernel.text import Text

#: The number of a row in its list says nothing of the row.
_PLACE = "no"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs; ``before`` or ``after`` is None where a row is new or gone, or a picture is redrawn.

    ``table`` and ``key`` name the row of the register that it shows, empty where there is none.
    """

    path: str
    place: Text
    before: str | None
    after: str | None
    table: str = ""
    key: tuple[str, ...] = ()

    def among(self, asked: Collection[str]) -> bool:
        """Whether a template that asks for these names shows it."""
        name, _bracket, rest = self.path.partition("[")
        return f"{name}{rest.rpartition(']')[2]}" in asked

    @property
    def text(self) -> Text:
        """The difference as a sentence."""
        place, before, after = self.place, self.before, self.after
        if before is None and after is None:
            return Text(f"{place.zh}已不同", f"{place.en} looks different")
        if before is None:
            return Text(f"{place.zh}新增：{after}", f"{place.en} has a new row: {after}")
        if after is None:
            return Text(f"{place.zh}已删除：{before}", f"{place.en} has lost a row: {before}")
        return Text(f"{place.zh}由“{before}”变为“{after}”", f"{place.en} was “{before}” and is now “{after}”")


def differences(before: Context, after: Context, naming: Naming) -> tuple[Difference, ...]:
    """Every place where two states differ, among the names that both have."""
    found: list[Difference] = []
    for name in after:
        if name in before:
            found += _values(name, before[name], after[name], naming.of(name))
    return tuple(found)


def _values(name: str, before: Value, after: Value, called: Called) -> Iterator[Difference]:
    if before == after:
        return
    if is_picture(before) or is_picture(after):
        yield Difference(name, called.title, None, None)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _groups(name, before, after, called)
    elif isinstance(before, str) or isinstance(after, str):
        yield Difference(name, called.title, str(before), str(after))
    elif isinstance(before, Sequence) and isinstance(after, Sequence):
        yield from _lists(name, _rows(before), _rows(after), called)


def _groups(name: str, before: Mapping[str, Value], after: Mapping[str, Value], called: Called) -> Iterator[Difference]:
    for part in after:
        old, new = before.get(part, ""), after[part]
        if old == new:
            continue
        place = _within(called.title, called.column(part))
        if is_picture(old) or is_picture(new):
            yield Difference(f"{name}.{part}", place, None, None)
        else:
            table, key = called.row_of(part)
            yield Difference(f"{name}.{part}", place, str(old), str(new), table, key)


def _lists(
    name: str, before: Sequence[Mapping[str, Value]], after: Sequence[Mapping[str, Value]], called: Called
) -> Iterator[Difference]:
    old, new = _named(before, called), _named(after, called)
    for key, row in new.items():
        if key not in old:
            yield Difference(f"{name}[{_joined(key[0])}]", called.title, None, _said(row, called), called.table, key[0])
            continue
        for part, value in row.items():
            was = old[key].get(part, "")
            if part != _PLACE and was != value:
                place = _within(called.title, _of_row(key[0], called.column(part)))
                path = f"{name}[{_joined(key[0])}].{part}"
                yield Difference(path, place, str(was), str(value), called.table, key[0])
    for key, row in old.items():
        if key not in new:
            yield Difference(f"{name}[{_joined(key[0])}]", called.title, _said(row, called), None, called.table, key[0])


_Key = tuple[tuple[str, ...], int]


def _named(rows: Sequence[Mapping[str, Value]], called: Called) -> dict[_Key, Mapping[str, Value]]:
    """Rows by what names them, and which one of that name each is."""
    found: dict[_Key, Mapping[str, Value]] = {}
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = called.key_of(row)
        seen[key] = seen.get(key, 0) + 1
        found[key, seen[key]] = row
    return found


def _rows(value: Sequence[Value]) -> list[Mapping[str, Value]]:
    return [row for row in value if isinstance(row, Mapping)]


def _joined(key: Sequence[str]) -> str:
    return " ".join(key)


def _said(row: Mapping[str, Value], called: Called) -> str:
    """A whole row, its columns named."""
    parts = [
        f"{called.column(part).zh} {value}" for part, value in row.items() if part != _PLACE and str(value).strip()
    ]
    return "，".join(parts)


def _within(outer: Text, inner: Text) -> Text:
    return Text(f"{outer.zh}的{inner.zh}", f"{inner.en} in {outer.en}")


def _of_row(key: Sequence[str], column: Text) -> Text:
    named = _joined(key)
    return Text(f"“{named}”的{column.zh}", f"{column.en} of “{named}”")


def as_kept(context: Context) -> Context:
    """Data as they are read from what is kept: sequences are lists."""
    return {name: _listed(value) for name, value in context.items()}


def _listed(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {name: _listed(inner) for name, inner in value.items()}
    if isinstance(value, str | int):
        return value
    return [_listed(inner) for inner in value]
