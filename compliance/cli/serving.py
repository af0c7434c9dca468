"""``serve``: one web process and one worker process."""

from __future__ import annotations

import logging
from argparse import Namespace

from compliance.bootstrap.serving import serve_installation
from compliance.bootstrap.worker import run_worker
from compliance.cli.output import DONE


def serve(args: Namespace) -> int:
    """Serve until told to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    serve_installation(args.data, args.port, args.today)
    return DONE


def worker(args: Namespace) -> int:
    """The worker process, started by ``serve``."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    run_worker(args.data, args.today)
    return DONE
