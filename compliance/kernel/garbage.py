"""The collector of cyclic garbage, told to wait."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_later() -> Iterator[None]:
    """Let the collector wait while many objects are made that all stay and form no cycle: it would only search them.

    Of several that wait at a time the first one to begin ends the wait.
    """
    waits = not gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if not waits:
            gc.enable()
