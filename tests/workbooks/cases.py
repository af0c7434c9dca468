"""The mutants of every situation."""

from __future__ import annotations

from tests.workbooks import mutate_data, mutate_duties, mutate_trading

CASES = [*mutate_duties.CASES, *mutate_data.CASES, *mutate_trading.CASES]
