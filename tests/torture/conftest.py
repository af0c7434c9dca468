"""The torture runs on the databases of the register's tests."""

from __future__ import annotations

from tests.adapters.conftest import postgres_database, postgres_server, postgres_url

__all__ = ["postgres_database", "postgres_server", "postgres_url"]
