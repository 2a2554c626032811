"""``python -m designer.scheduling.program WORKSPACE NUMBER SERVER``: does one run of a schedule.

It is a separate process, so that a run finishes, and its end is remembered, whatever happens to
the server that started it.
"""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from designer.paths import program_environment
from designer.private_files import make_folder, private
from designer.scheduling.consent import problem_of
from designer.scheduling.delivery import notify
from designer.scheduling.errors import ScheduleError
from designer.scheduling.schedule import Schedule, azure_target
from designer.scheduling.store import ScheduleStore
from designer.scheduling.triggers import RetrainingDue
from designer.workspace import STARTED_BY, Workspace

ERRORS = 4_000
"""Characters at the end of a log that are searched for a reason."""

LOGS = 500
"""Logs of commands that are kept; each run has separate logs of its steps."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended; see :class:`designer.scheduling.entry.Occurrence`."""

    state: str
    reason: str = ""
    run: str = ""


def main(arguments: Sequence[str]) -> int:
    """Do the run, if it is still this process's turn."""
    folder, number, server = Path(arguments[0]), int(arguments[1]), arguments[2]
    store = ScheduleStore(Workspace(folder))
    occurrence = store.begin(number, server, time.time())
    if occurrence is None:
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        schedule = store.entry(occurrence.schedule).schedule
        outcome = run(schedule, store, number)
    except ScheduleError as error:
        outcome = Outcome("attention", f"{error.message} {error.hint}".strip())
    except KeyboardInterrupt:
        outcome = Outcome("interrupted", "The system ended the run.")
    except Exception as error:
        outcome = Outcome("failed", f"Unexpected error ({type(error).__name__}): {error}")
    store.end(number, outcome.state, outcome.reason, run=outcome.run)
    notify(store, number)
    return 0 if outcome.state == "completed" else 1


def run(schedule: Schedule, store: ScheduleStore, number: int) -> Outcome:
    """Run what a schedule names, as ``designer run``, ``submit``, or ``script run`` does.

    Raises
    ------
    ScheduleError
        If it needs something from the user first.
    """
    problem = problem_of(schedule, store.workspace)
    if problem is not None:
        raise problem
    log = log_of(store, number)
    make_folder(log.parent)
    for each in log.parent.glob("*.log"):
        if each.stem.isdigit() and int(each.stem) <= number - LOGS:
            each.unlink(missing_ok=True)
    with open(log, "wb", opener=private) as errors:
        process = subprocess.Popen(
            command_of(schedule, store.workspace),
            cwd=Path(schedule.file).parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=program_environment() | {STARTED_BY: f"schedule {schedule.name}"},
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            printed, _ = process.communicate()
        except KeyboardInterrupt:
            # It cancels its run, and writes its record.
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(30)
            raise
    return read_outcome(process.returncode, printed, log)


def command_of(schedule: Schedule, workspace: Workspace) -> list[str]:
    """Return the command line that does a run of a schedule."""
    command = [sys.executable, "-P", "-m", "designer"]
    rest = ["--workspace", str(workspace.folder), "--json"]
    if schedule.retraining:
        if isinstance(schedule.trigger, RetrainingDue):
            return [*command, "retraining", "watch", schedule.retraining, *rest]
        # By any other trigger, a round is due whatever the data.
        return [*command, "retraining", "run", schedule.retraining, "--unless-open", *rest]
    if schedule.is_script:
        rest += ["--sign-in", schedule.sign_in]
        rest += ["--config", schedule.config] if schedule.config else []
        rest += ["--compute", schedule.target] if schedule.target else []
        return [*command, "script", "run", schedule.file, *rest]
    for value in schedule.parameters:
        rest += ["--param", value]
    azure = azure_target(schedule.target)
    if azure is not None:
        sdk, compute = azure
        rest += ["--to", sdk, "--compute", compute, "--sign-in", schedule.sign_in]
        if schedule.config:
            rest += ["--config", schedule.config]
        return [*command, "submit", schedule.file, *rest]
    for value in schedule.settings:
        rest += ["--set", value]
    rest += ["--target", schedule.target]
    return [*command, "run", schedule.file, *rest]


def read_outcome(status: int, printed: bytes, log: Path) -> Outcome:
    """Return how a run ended from the exit status and the JSON document of its command."""
    try:
        document = json.loads(printed)
    except ValueError:
        document = {}
    run_id = str(document.get("run", ""))
    if status == 0:
        # The decision of a round of retraining.
        state = "attention" if document.get("state") == "waiting" else "completed"
        return Outcome(state, str(document.get("summary") or ""), run_id)
    if problems := document.get("problems"):
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        return Outcome("attention", f"{_sentence(problems[0])}{more}")
    if error := document.get("error"):
        return Outcome("attention" if status == 2 else "failed", _sentence(error))
    for node, result in document.get("nodes", {}).items():
        error = result.get("error")
        if result.get("status") == "failed" and error:
            missing = error.get("code") in MISSING
            return Outcome(
                "attention" if missing else "failed", f"{node}: {_sentence(error)}", run_id
            )
    if document.get("status") == "cancelled":
        return Outcome("interrupted", "The run was canceled.", run_id)
    with contextlib.suppress(OSError):
        last = log.read_text("utf-8", "replace")[-ERRORS:].strip().splitlines()
        if last:
            return Outcome("failed", f"{last[-1]} (exit status {status})", run_id)
    return Outcome("failed", f"The run ended with exit status {status}.", run_id)


MISSING = ("secret-not-found",)
"""Codes of errors that the user has to do something about before the next run."""


def log_of(store: ScheduleStore, number: int) -> Path:
    """Return the file with what the command of a run printed."""
    return store.folder / "logs" / f"{number}.log"


def _sentence(error: dict[str, Any]) -> str:
    return f"{error.get('message', '')} {error.get('hint') or ''}".strip()


def _interrupt(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
