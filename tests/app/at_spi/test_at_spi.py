"""The window through the accessibility bus of Linux, in which screen readers read it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]

SYSTEM_PYTHON = "/usr/bin/python3"

SECONDS = 240
"""For the start of the window, and a run."""

NOTHING = 77
"""What the reader returns if no application comes to the bus."""

SESSION = """
"$LAUNCHER" --launch-immediately & launcher=$!
"$PROGRAM" -m designer "$PIPELINE" & window=$!
"$READER" "$SCRIPT" "$SECONDS"
status=$?
kill $window $launcher
wait $window
exit $status
"""


def launcher() -> str | None:
    folders = (Path("/usr/libexec"), Path("/usr/lib/at-spi2-core"))
    found = (folder / "at-spi-bus-launcher" for folder in folders)
    return next((str(file) for file in found if file.is_file()), None)


def has_reader() -> bool:
    if not Path(SYSTEM_PYTHON).is_file():
        return False
    return (
        subprocess.run([SYSTEM_PYTHON, "-c", "import pyatspi"], capture_output=True).returncode == 0
    )


@pytest.fixture
def display():
    """A screen that nobody sees."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as number:
        yield f":{number.readline().strip()}"
    server.terminate()
    server.wait()


@pytest.mark.long
@pytest.mark.skipif(
    not (
        sys.platform == "linux"
        and shutil.which("Xvfb")
        and shutil.which("dbus-run-session")
        and launcher()
        and has_reader()
    ),
    reason="needs Xvfb, D-Bus, at-spi2-core, and python3-pyatspi",
)
def test_a_pipeline_is_run_and_read_through_the_accessibility_tree_alone(display, tmp_path):
    environment = {
        **os.environ,
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "HOME": str(tmp_path),
        "MODELDESK_WORKSPACE": str(tmp_path / "workspace"),
        "LAUNCHER": launcher() or "",
        "PROGRAM": sys.executable,
        "PIPELINE": str(ROOT / "samples" / "automobile_price.pipeline.json"),
        "READER": SYSTEM_PYTHON,
        "SCRIPT": str(Path(__file__).with_name("reader.py")),
        "SECONDS": str(SECONDS),
    }
    done = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", SESSION],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS + 120,
    )
    if done.returncode == NOTHING:
        pytest.skip("no application comes to the accessibility bus of this computer")
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    names = [name for _, name in found["children"]]
    assert {role for role, _ in found["children"]} == {"list item"}
    assert "Train Model" in names
    assert "Link from Linear Regression to Train Model, untrained model" in names
    assert any(name.startswith("Note: Predict what a car costs") for name in names)
    links = "Untrained model from Linear Regression; Dataset from Split Data, results dataset1"
    assert "Completed" in found["description"] or "Reused" in found["description"]
    assert links in found["description"]
    assert [name for name, _ in found["ports"]] == [
        "Input: Untrained model",
        "Input: Dataset",
        "Output: Trained model",
    ]
    assert any(text.startswith("Train Model. Fits the price") for text in found["heard"])
