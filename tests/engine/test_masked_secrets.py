"""What a step prints of a secret, in whatever way, is masked in its log and in its error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

VALUE = "hunter2/=ü “quoted”\\n\nsecond line of it"

SCRIPT = """
import json, os, subprocess, sys, urllib.parse
from modules.contract import secret, report_progress, warn

def azureml_main(dataframe1=None, dataframe2=None):
    print("in the environment:", [name for name in os.environ if "BANK" in name])
    value = secret("bank")
    print("plain", value)
    print("in halves ", end=""); print(value[:9], end="", flush=True); print(value[9:], flush=True)
    for each in value: os.write(1, each.encode())
    os.write(1, b"\\n")
    print("escaped", repr(value), json.dumps(value))
    print("in an address", urllib.parse.quote(value), urllib.parse.quote_plus(value))
    program = "import os, sys; os.write(1, sys.argv[1].encode())"
    os.write(1, subprocess.check_output([sys.executable, "-c", program, value]))
    warn(f"warned of {value}")
    print("the last line is whole: hunter")
    raise ValueError(f"could not open bank:{value}@host")
"""


def test_a_printed_secret_is_masked_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELDESK_SECRET_BANK", VALUE)
    pipeline, _ = edits.add_node(
        Pipeline(), "execute_python_script", node_id="script", parameters={"script": SCRIPT}
    )
    workspace = Workspace(tmp_path / "workspace")
    with Engine(workspace, load_catalog(), workers=1) as engine:
        result = engine.run(pipeline, base=tmp_path)

    assert result.status == "failed"
    error = result.nodes["script"].error
    assert error is not None
    assert "bank:•••" in error["message"]
    (log,) = workspace.folder.rglob("logs/script.log")
    text = log.read_text("utf-8")
    assert text.startswith("in the environment: []\nplain •••\n")
    assert "in halves •••\n" in text
    assert "ValueError: could not open bank:•••@host" in text
    assert "the last line is whole: hunter\n" in text
    # As it is, each line of it, escaped, and percent-encoded.
    for part in ("hunter2", "second line", "second%20line", "second+line"):
        found = [
            path.relative_to(workspace.folder)
            for path in workspace.folder.rglob("*")
            if path.is_file() and part.encode() in path.read_bytes()
        ]
        assert found == [], text


def test_the_step_program_masks_too(tmp_path: Path) -> None:
    # Only what Python code prints is masked there.
    script = "".join(line for line in SCRIPT.splitlines(True) if "os.write" not in line)
    (tmp_path / "parameters.json").write_text(json.dumps({"script": script}), "utf-8")
    command = [sys.executable, "-m", "modules.step", "execute_python_script"]
    command += ["--parameters", "parameters.json"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | {"MODELDESK_SECRET_BANK": VALUE},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert done.returncode == 1
    assert "plain •••" in done.stdout
    assert "in halves •••" in done.stdout
    assert "bank:•••@host" in done.stderr
    assert "bank:•••" in (tmp_path / "error.json").read_text("utf-8")
    assert "hunter2" not in done.stderr + (tmp_path / "error.json").read_text("utf-8")
