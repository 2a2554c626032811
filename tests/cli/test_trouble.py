"""A workspace that can't be written, is used by others or was damaged, from the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from permissions import binding_permissions

from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(os.name == "nt", reason="limits of the operating system")


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """Return a pipeline of two steps, in a folder whose name is no plain word."""
    folder = tmp_path / "my flöw 日本"
    folder.mkdir()
    (folder / "dätä file.csv").write_text("x,y\n1,a\n2,b\n3,c\n4,d\n", "utf-8")
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "dätä file.csv"}),
        "split": Node("split", "split_data"),
    }
    link = Link(Endpoint("data", "dataset"), Endpoint("split", "dataset"))
    path = folder / "flöw.pipeline.json"
    write(Pipeline(nodes=nodes, links=(link,)), path)
    return path


def command(*arguments: object, setup: str = "") -> list[str]:
    """Return a command line that calls ``designer``, after some preparation."""
    program = f"import sys\n{setup}\nfrom designer.cli.main import main\nmain(sys.argv[1:])"
    return [sys.executable, "-c", program, *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off"} | more


@posix
def test_a_disk_that_is_full_from_the_start_is_said_in_words(flow, tmp_path):
    # No file can grow: neither the store's index nor the log of the program.
    setup = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (0, -1))"
    done = subprocess.run(
        command("run", flow, "--workspace", tmp_path / "w", setup=setup),
        env=environment(MODELDESK_WORKSPACE=str(tmp_path / "w")),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: The workspace “{tmp_path / 'w'}” can't be used: ")
    assert "Hint: " in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_workspace_that_is_no_folder(designer, flow, tmp_path):
    (tmp_path / "file").write_text("mine", "utf-8")
    place = tmp_path / "file" / "w"
    result = designer("run", flow, "--workspace", place)
    assert result.exit_code == 2
    assert f"The workspace “{place}” can't be used: not a directory." in result.stderr
    assert (tmp_path / "file").read_text("utf-8") == "mine"


@posix
def test_a_workspace_that_is_read_only(designer, flow, tmp_path):
    place = tmp_path / "w"
    assert designer("run", flow, "--workspace", place).exit_code == 0
    folders = [place, *(path for path in place.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        with binding_permissions():
            result = designer("run", flow, "--workspace", place)
            assert result.exit_code == 2
            assert "permission denied" in result.stderr
            # What is there can still be looked at.
            assert designer("show", flow, "split", "--workspace", place).exit_code == 0
            assert designer("runs", "list", "--workspace", place).exit_code == 0
    finally:
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.long
def test_two_commands_at_once_share_a_workspace(flow, tmp_path):
    place = ("--workspace", tmp_path / "w")
    running = [
        subprocess.Popen(
            command("run", flow, "--json", *place),
            env=environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ended = [(each, *each.communicate(timeout=600)) for each in running]
    documents = []
    for process, output, errors in ended:
        assert process.returncode == 0, errors
        documents.append(json.loads(output))
    assert len({document["run"] for document in documents}) == 3
    paths = {json.dumps(document["nodes"]["split"]["outputs"]) for document in documents}
    assert len(paths) == 1
    assert list((tmp_path / "w" / "store" / "unfinished").glob("*")) == []


@pytest.mark.parametrize(
    "harm",
    [
        *("flip", "index"),
        *(
            pytest.param(each, marks=pytest.mark.long)
            for each in ("truncate", "delete", "manifest", "store")
        ),
    ],
)
def test_a_store_that_was_damaged_by_hand_is_mended(designer, flow, tmp_path, harm):
    place = ("--workspace", tmp_path / "w")
    first = json.loads(designer("run", flow, "--json", *place).stdout)
    folder = Path(first["nodes"]["data"]["outputs"]["dataset"]["path"])
    data = folder / "data.arrow"
    before = data.read_bytes()
    if harm == "flip":
        stamp = data.stat()
        middle = len(before) // 2
        data.write_bytes(
            before[:middle] + bytes([before[middle] ^ 255]) + before[middle + 1 :],
        )
        os.utime(data, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    elif harm == "truncate":
        data.write_bytes(before[:40])
    elif harm == "delete":
        shutil.rmtree(folder)
    elif harm == "manifest":
        (folder.parent / "entry.json").write_text("[]", "utf-8")
    elif harm == "index":
        for path in (tmp_path / "w" / "store").glob("index.sqlite*"):
            path.write_bytes(b"nothing of value" * 500)
    else:
        shutil.rmtree(tmp_path / "w" / "store")
    if harm in ("truncate", "delete", "store"):
        # Looking at it says what to do; it is no error of the program's.
        shown = designer("show", flow, "data", *place)
        assert shown.exit_code == 2
        assert "again" in shown.stderr
    again = designer("run", flow, "--json", *place)
    assert again.exit_code == 0, again.stderr
    nodes = json.loads(again.stdout)["nodes"]
    expected = "reused" if harm == "index" else "completed"
    assert nodes["data"]["status"] == expected
    assert data.read_bytes() == before
    assert designer("show", flow, "data", *place).exit_code == 0
    third = json.loads(designer("run", flow, "--json", *place).stdout)
    assert {node["status"] for node in third["nodes"].values()} == {"reused"}


def test_a_small_store_keeps_what_the_run_needs(designer, flow, tmp_path):
    place = ("--workspace", tmp_path / "w")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "workspace.json").write_text('{"store_limit": 1}', "utf-8")
    result = designer("run", flow, "--json", *place)
    assert result.exit_code == 0, result.stderr
    # It is over the limit, and so goes after the run.
    shown = designer("show", flow, "split", *place)
    assert shown.exit_code == 2
    assert "no longer stored" in shown.stderr
    assert "designer run" in shown.stderr


def test_settings_that_are_damaged_are_as_none(designer, flow, tmp_path, caplog):
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "workspace.json").write_text('{"store_limit": "lots"', "utf-8")
    assert designer("run", flow, "--workspace", tmp_path / "w").exit_code == 0
    for lost in ("The store isn't limited.", "Steps may use the usual memory."):
        assert f"{lost} “{tmp_path / 'w' / 'workspace.json'}” is damaged: line 1" in caplog.text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's disk that is always full")
@pytest.mark.parametrize(
    "arguments",
    [["validate", "{}"], ["validate", "{}", "--json"], ["modules"], ["--help"], ["run", "--help"]],
    ids=" ".join,
)
def test_output_that_can_not_be_written_is_told(flow: Path, arguments: list[str]) -> None:
    words = [word.format(flow) for word in arguments]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            command(*words), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
