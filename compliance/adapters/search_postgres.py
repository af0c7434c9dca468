"""The search index of the PostgreSQL set-up: a table with the units of each entry as a tsvector, under a GIN index.

It is a cache like the folder of the embedded set-up: no step of the register makes it, so it is made where it is
missing, and may be dropped at any time. Units go in as they are (``array_to_tsvector``): no parser or locale of the
server cuts them again. Writers of the register never wait for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    MetaData,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR
from sqlalchemy.exc import ProgrammingError

from compliance.adapters.database import Database
from compliance.core.searching import ANY_DAY, DAY_AT, Days, Entry, Key, Kind, Question, key_at, units

#: Writers of the index queue at this lock (a number of our own choosing), not at the register's.
SEARCH_LOCK = 7_225_062_027
_Word = Text(collation="C")
# Beside the register's tables: it belongs to no step of theirs. The number grows with the form of the index.
_cache = MetaData()
_entry = Table(
    "search_entry_3",
    _cache,
    Column("key", _Word, primary_key=True),
    Column("plant", BigInteger, nullable=False),
    Column("kind", _Word, nullable=False),
    Column("place", _Word, nullable=False),
    Column("digest", _Word, nullable=False),
    Column("open", Boolean),
    Column("units", TSVECTOR, nullable=False),
    Index("ix_search_entry_3_units", "units", postgresql_using="gin"),
    Index("ix_search_entry_3_plant_place", "plant", "place"),
)
_cursor = Table(
    "search_cursor_3",
    _cache,
    Column("plant", BigInteger, primary_key=True, autoincrement=False),
    Column("cursor", _Word, nullable=False),
)


class PostgresIndex:
    """Implements ``core.searching.SearchIndex``."""

    def __init__(self, database: Database) -> None:
        """Keep the index in the register's database."""
        self._database = database

    def cursors(self) -> Mapping[int, str]:
        """How far each plant's log is in the index."""
        return {row.plant: row.cursor for row in self._rows(select(_cursor))}

    def digests(self, plant: int) -> Mapping[Key, str]:
        """What the index has of a plant, with the digest of each entry."""
        query = select(_entry.c.place, _entry.c.digest).where(_entry.c.plant == plant)
        return {key_at(row.place): row.digest for row in self._rows(query)}

    def candidates(
        self,
        question: Question,
        plants: Collection[int],
        kinds: Collection[Kind],
        after: str,
        limit: int,
        days: Days = ANY_DAY,
        *,
        is_open: bool | None = None,
    ) -> Sequence[str]:
        """Places of entries that have every unit, the highest first, behind the place ``after``."""
        e = _entry.c
        query = select(e.place).where(e.units.op("@@")(cast(_tsquery(question), TSQUERY)), e.plant.in_(list(plants)))
        if kinds:
            query = query.where(e.kind.in_([kind.value for kind in kinds]))
        if is_open is not None:
            query = query.where(e.open.is_(is_open))
        if after:
            query = query.where(e.place < after)
        if not days.any:
            at = func.substr(e.place, DAY_AT.start + 1, DAY_AT.stop - DAY_AT.start)
            query = query.where(at.between(*days.ends))
        return [row.place for row in self._rows(query.order_by(e.place.desc()).limit(limit))]

    def update(self, put: Sequence[Entry], remove: Collection[Key], cursors: Mapping[int, str]) -> None:
        """Add or replace entries and take others out, in one small commit."""
        with self._writing() as connection:
            gone = [str(key) for key in (*remove, *(entry.key for entry in put))]
            if gone:
                connection.execute(delete(_entry).where(_entry.c.key == bindparam("gone")), [{"gone": k} for k in gone])
            if put:
                have = func.array_to_tsvector(bindparam("have", type_=ARRAY(Text)))
                connection.execute(insert(_entry).values(units=have), [_values(entry) for entry in put])
            for plant, cursor in cursors.items():
                connection.execute(delete(_cursor).where(_cursor.c.plant == plant))
                connection.execute(insert(_cursor).values(plant=plant, cursor=cursor))

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as connection:
            _cache.drop_all(connection)
            _cache.create_all(connection)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._database.writer.begin() as connection:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({SEARCH_LOCK})")
            _cache.create_all(connection)
            yield connection

    def _rows(self, query: Any) -> Sequence[Any]:  # noqa: ANN401 - rows
        """The rows of a query; none where the tables are not there."""
        try:
            with self._database.read() as connection:
                return connection.execute(query).all()
        except ProgrammingError:
            with self._database.read() as connection:
                there = connection.execute(select(func.to_regclass(_entry.name))).scalar()
            if there is not None:
                raise
            return []


def _values(entry: Entry) -> dict[str, Any]:
    key = entry.key
    return {
        "key": str(key),
        "plant": key.plant,
        "kind": key.kind.value,
        "place": entry.place,
        "digest": entry.digest,
        "open": entry.is_open,
        "have": sorted(units(entry.whole)),
    }


def _tsquery(question: Question) -> str:
    """The units of a question in the language of PostgreSQL, each quoted."""
    return " & ".join(sorted(_quoted(unit.text) + (":*" if unit.begins else "") for unit in question.units()))


def _quoted(unit: str) -> str:
    doubled = unit.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
