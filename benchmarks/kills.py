"""How much work is lost when the window is killed while it is edited without a pause.

Run with ``python benchmarks/kills.py --kills 100``. Each time the real window is started without
a display and edited by keys and commands every 0.05 to 0.3 seconds, killed (SIGKILL) at a random
moment, and what it left behind is read as the next start does; the first time, and every tenth
one, by that start itself. The age of the oldest edit that is lost counts, against a budget of
two seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from designer.app.document.recovery import find_recoveries
from designer.pipeline import file
from designer.records import DamagedRecordError

BUDGET = 2.0
"""Seconds."""

PATIENCE = 180
"""Seconds after which a window counts as hung."""

PROGRAM = Path(__file__).with_name("_edited_window.py")


def start(workspace: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start the window without a display."""
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ
        | {
            "QT_QPA_PLATFORM": "offscreen",
            "MODELDESK_WORKSPACE": str(workspace),
            "PYTHONFAULTHANDLER": "1",
        },
        start_new_session=True,
    )


def edit_and_kill(
    workspace: Path,
    seed: int,
    rhythm: tuple[float, float],
    enough: Callable[[list[dict[str, Any]]], bool],
) -> tuple[list[dict[str, Any]], float]:
    """Return all edits that a window made before it was killed, and when it was.

    Parameters
    ----------
    rhythm : (float, float)
        The shortest and the longest time between edits, in seconds.
    enough : callable
        Gets the edits so far; the window is killed as soon as it returns true.
    """
    process = start(workspace, "edit", seed, *rhythm)
    assert process.stdout is not None
    edits: list[dict[str, Any]] = []
    try:
        for line in process.stdout:
            edits.append(json.loads(line))
            if enough(edits):
                break
    finally:
        # Its workers as well, as a computer that goes down does.
        os.killpg(process.pid, signal.SIGKILL)
    killed = time.monotonic()
    edits += [json.loads(line) for line in process.stdout.read().splitlines() if line[-1:] == "}"]
    assert process.wait() == -signal.SIGKILL, f"It ended by itself with {process.returncode}."
    return edits, killed


def left_behind(workspace: Path) -> str:
    """Return the digest of the pipeline that the next start would offer; empty for none."""
    damaged: list[DamagedRecordError] = []
    found = find_recoveries(workspace / "recovery", damaged.append)
    assert not damaged, damaged
    assert len(found) <= 1, found
    if not found:
        return ""
    pipeline = file.loads(found[0].text)
    return hashlib.sha256(file.dumps(pipeline).encode()).hexdigest()


def restored(workspace: Path) -> dict[str, Any]:
    """Return what the next start of the window offers and restores."""
    process = start(workspace, "reopen")
    try:
        output, _ = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        # Python reports where each thread is.
        process.send_signal(signal.SIGABRT)
        output, _ = process.communicate()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError(f"The window hung after it printed {output!r}.") from None
    assert process.returncode == 0, output
    content: dict[str, Any] = json.loads(output.splitlines()[0])
    return content


def age_of_loss(edits: list[dict[str, Any]], killed: float, kept: str) -> float:
    """Return the age in seconds of the oldest edit that isn't in what was kept."""
    numbers = [number for number, each in enumerate(edits) if each["digest"] == kept]
    if kept and not numbers:
        raise AssertionError("What was kept is none of the states that the pipeline had.")
    # An undone edit makes states equal; the latest one counts.
    lost = edits[numbers[-1] + 1 :] if numbers else edits
    return max(0.0, killed - lost[0]["time"]) if lost else 0.0


def main() -> int:
    """Kill windows and report the losses; the exit status is 1 if one is over the budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    ages: list[float] = []
    count = 0
    for number in range(options.kills):
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            workspace = Path(folder)
            seconds = chance.uniform(2.0, 8.0)
            edits, killed = edit_and_kill(
                workspace,
                number,
                (0.05, 0.3),
                lambda edits, seconds=seconds: edits[-1]["time"] - edits[0]["time"] >= seconds,
            )
            kept = left_behind(workspace)
            if number % 10 == 0:
                shown = restored(workspace)
                assert shown["digest"] == kept, shown
            count += len(edits)
            ages.append(age_of_loss(edits, killed, kept))
    over = sum(age > BUDGET for age in ages)
    print(
        f"{len(ages)} kills, {count} edits: oldest lost edit {max(ages):.2f} s, median "
        f"{statistics.median(ages):.2f} s, {over} over {BUDGET:g} s"
    )
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
