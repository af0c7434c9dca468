"""Obligations become dated occurrences: pure functions of the rules, the plant's data and the day."""

from __future__ import annotations

from compliance.core.obligations import data_readers, row_events
from compliance.core.obligations.occurrences import entering, occurrences_of, state_on
from compliance.core.obligations.readers import READERS

#: Importing the modules registers their readers.
_REGISTERED = (data_readers, row_events)

__all__ = ["READERS", "entering", "occurrences_of", "state_on"]
