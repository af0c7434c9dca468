"""The search of an installation, and its part of the worker's tick."""

from __future__ import annotations

import logging

from compliance.adapters.search_postgres import PostgresIndex
from compliance.adapters.search_texts import SqlSearchTexts
from compliance.adapters.search_whoosh import WhooshIndex
from compliance.bootstrap.installation import Installation
from compliance.core.searching import IndexBusy, Search, SearchIndex

_LOG = logging.getLogger(__name__)


def search_of(installation: Installation) -> Search:
    """Searching on this installation."""
    texts = SqlSearchTexts(installation.register.database, installation.vault.open)
    return Search(_index(installation), texts, installation.current_rules)


def _index(installation: Installation) -> SearchIndex:
    """The index beside the register: in its PostgreSQL, else in a folder."""
    workspace, database = installation.workspace, installation.register.database
    if not database.is_sqlite:
        return PostgresIndex(database)
    secret = workspace.secret.read_bytes() if workspace.secret.is_file() else b""
    return WhooshIndex(workspace.records / "search", secret)


def keep_index(installation: Installation) -> None:
    """Bring the index to where the logs are; an index in use waits for the next tick."""
    try:
        search_of(installation).refresh()
    except IndexBusy:
        _LOG.info("the search index is in use")
