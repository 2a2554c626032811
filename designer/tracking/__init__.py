"""Runs, metrics and the model registry, on MLflow.

Importing this imports no MLflow; what needs it (two seconds to import) is for another
process than the window's, by :meth:`designer.engine.Engine.call` for example.
"""

from designer.tracking.run_records import RunRecord, find_run, read_run, run_records
from designer.tracking.settings import TrackingError, tracking_uri, ui_command, use_server
from designer.tracking.trigger import record_later, record_runs

__all__ = [
    "RunRecord",
    "TrackingError",
    "find_run",
    "read_run",
    "record_later",
    "record_runs",
    "run_records",
    "tracking_uri",
    "ui_command",
    "use_server",
]
