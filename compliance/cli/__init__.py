"""The command line: thin, every command is one core call. Results go to stdout, progress and messages to stderr.

Exit codes: 0 done · 1 done, and the data have findings or problems · 2 wrong use · 3 the program cannot decide.
"""

from __future__ import annotations

from compliance.cli.main import main

__all__ = ["main"]
