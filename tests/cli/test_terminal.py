"""What a person sees on a real terminal."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pty = pytest.importorskip("pty", reason="terminals of this kind are not everywhere")


def on_a_terminal(*arguments: object, **variables: str) -> tuple[int, str]:
    """Call ``designer`` with a terminal; return the exit status and all that was written."""
    main_end, its_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "designer.cli.main", *map(str, arguments)],
        stdin=its_end,
        stdout=its_end,
        stderr=its_end,
        env={name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off", "TERM": "xterm"}
        | {"COLUMNS": "80", "LINES": "24", "LC_ALL": "C.UTF-8"}
        | variables,
    )
    os.close(its_end)
    written = b""
    while True:
        try:
            part = os.read(main_end, 1 << 16)
        except OSError:
            # The end, as Linux says it.
            break
        if not part:
            break
        written += part
    os.close(main_end)
    return process.wait(300), written.decode("utf-8")


def plain(text: str) -> str:
    """Return a text without what moves the cursor and sets colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


COLOR = re.compile(r"\x1b\[(?:3[0-7]|9[0-7]|38;)")


@pytest.mark.long
def test_a_run_shows_its_progress_live_and_in_colour(small, tmp_path):
    status, text = on_a_terminal("run", small[1], "--workspace", tmp_path / "w")
    assert status == 0, text
    assert COLOR.search(text)
    # While it works, a line that is written over again and again; afterwards one a step.
    assert re.search(r"dataset +running +\d+\.\d s", plain(text))
    assert re.search(r"✓ dataset +completed +\d+\.\d\d s", plain(text))
    assert re.search(r"Run \S+ completed in \d+\.\d s: 2 completed\.", plain(text))
    # The cursor is back.
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")

    status, text = on_a_terminal("run", small[1], "--workspace", tmp_path / "w", NO_COLOR="1")
    assert status == 0
    assert "↺ dataset" in plain(text)
    assert not COLOR.search(text)


def test_an_error_is_in_colour_only_where_it_may_be(small):
    wrong = small[1].with_name("wrong.pipeline.json")
    wrong.write_text(small[1].read_text("utf-8").replace("prices.csv", "gone.csv"), "utf-8")
    status, text = on_a_terminal("validate", wrong)
    assert status == 2
    assert "error: dataset.path: " in plain(text)
    assert COLOR.search(text)
    status, text = on_a_terminal("validate", wrong, NO_COLOR="1")
    assert status == 2
    assert not COLOR.search(text)
