"""``python -m designer.tracking.record WORKSPACE``: records finished runs, in the background."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path

from designer.private_files import PrivateLog, make_folder
from designer.redaction import without_secrets
from designer.tracking.recording import record_pending
from designer.tracking.settings import TrackingError, tracking_folder
from designer.workspace import Workspace

LOG = "record.log"

_log = logging.getLogger("designer.tracking")


def main(arguments: list[str]) -> int:
    """Record all runs of a workspace that aren't yet.

    Returns
    -------
    int
        0, or 1 if some are still to be recorded; 2 if the arguments are wrong.
    """
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        return 2
    workspace = Workspace(Path(arguments[0]))
    _write_log(workspace)
    if hasattr(os, "nice"):
        os.nice(10)
    try:
        _, failed = record_pending(workspace)
    except TrackingError as error:
        _log.warning("Runs can't be recorded at the moment. %s", error.message)
        return 1
    except Exception as error:
        _log.warning("Runs can't be recorded at the moment. %s", without_secrets(repr(error)))
        return 1
    return 1 if failed else 0


def _write_log(workspace: Workspace) -> None:
    folder = tracking_folder(workspace)
    try:
        make_folder(folder)
        handler = PrivateLog(folder / LOG, maxBytes=200_000, backupCount=1, encoding="utf-8")
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
