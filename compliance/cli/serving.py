"""``serve``: one web process and one worker process."""

from __future__ import annotations

import logging
from argparse import Namespace

from compliance.bootstrap.serving import serve_installation
from compliance.bootstrap.worker import run_worker
from compliance.cli.output import DONE


def _log() -> None:
    """Log what happens; of the clock only what goes wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


def serve(args: Namespace) -> int:
    """Serve until told to end."""
    _log()
    serve_installation(args.data, args.port, args.today)
    return DONE


def worker(args: Namespace) -> int:
    """The worker process, started by ``serve``."""
    _log()
    run_worker(args.data, args.today)
    return DONE
