"""What a worker prints reaches the engine, wherever the program was started from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from multiprocessing import Pipe
from designer.engine.executors.output_capture import Redirection

reader, writer = Pipe(duplex=False)
for number in (0, 1, 2):
    os.close(number)
sys.stdin = sys.stdout = sys.stderr = None
redirection = Redirection(writer)
print("printed")
print("complained", file=sys.stderr, flush=True)
os.write(1, b"written\\n")
print(repr(sys.stdin.read()))
sys.stdout.close()
redirection.restore()
print("printed again")
with open(sys.argv[1], "wb") as file:
    file.write(os.read(reader.fileno(), 1 << 16))
"""


@pytest.mark.skipif(os.name == "nt", reason="closes descriptors that only POSIX gives anew")
def test_without_standard_streams(tmp_path: Path) -> None:
    """As a program without a console has none on Windows, nor a service elsewhere."""
    got = tmp_path / "got"
    subprocess.run([sys.executable, "-c", PROGRAM, str(got)], check=True, timeout=60)
    lines = got.read_text(encoding="utf-8").splitlines()
    assert lines == ["printed", "complained", "written", "''", "printed again"]
