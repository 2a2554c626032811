"""Disks that are full or can't be written, real ones that the kernel mounts for one command."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline

ROOT = Path(__file__).parents[2]
MOUNT = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-e", "-c")
"""Runs a shell script that may mount something that nobody else sees."""


@cache
def _can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = [*MOUNT, "mount -t tmpfs none /mnt"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not _can_mount(), reason="needs a Linux that lets a user mount")


def with_disk(script: str, disk: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script with ``$disk`` and ``designer``."""
    disk.mkdir(exist_ok=True)
    head = f'designer() {{ "{sys.executable}" -P -m designer.cli.main "$@"; }}\n'
    return subprocess.run(
        [*MOUNT, head + script],
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "MODELDESK_TRACKING": "off", "disk": str(disk)}
        | {"MODELDESK_WORKSPACE": str(disk / "w")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=disk.parent,
    )


@pytest.fixture
def talkative(tmp_path: Path) -> Path:
    """Return a pipeline whose second step prints 2 MB, and whose third gives 4 MB."""
    (tmp_path / "data.csv").write_text("x\n1\n2\n", "utf-8")
    body = "def azureml_main(dataframe1=None, dataframe2=None):\n    {}\n    return dataframe1,\n"
    scripts = {
        "talks": "print(('y' * 99 + '\\n') * 20_000)",
        "grows": "dataframe1 = dataframe1.sample(500_000, replace=True, random_state=0)",
    }
    nodes = {"data": Node("data", "dataset", parameters={"path": "data.csv"})}
    links = []
    for name, line in scripts.items():
        parameters = {"script": body.format(line)}
        nodes[name] = Node(name, "execute_python_script", parameters=parameters)
        links.append(Link(Endpoint("data", "dataset"), Endpoint(name, "dataset1")))
    path = tmp_path / "talkative.pipeline.json"
    write(Pipeline(nodes=nodes, links=tuple(links)), path)
    return path


@pytest.mark.long
def test_a_disk_that_fills_up_while_steps_print_and_store(talkative: Path, tmp_path: Path) -> None:
    done = with_disk(
        f"""
        mount -t tmpfs -o size=1000k none "$disk"
        designer run {talkative} --json || echo "status $?" >&2
        ls -A "$disk/w/store/unfinished" >&2
        # With room again the same workspace goes on where it was.
        mount -o remount,size=50m "$disk"
        designer run {talkative} --until data >/dev/null
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    nodes = json.loads(done.stdout)["nodes"]
    assert nodes["data"]["status"] == "completed"
    assert nodes["grows"]["status"] == "failed"
    error = nodes["grows"]["error"]
    assert error["code"] == "disk-full"
    assert "no space left" in error["message"].lower()
    assert "Free some space" in error["hint"]
    assert "status 1" in done.stderr
    assert "Traceback" not in done.stderr
    assert "↺ data" in done.stderr


@pytest.mark.long
def test_a_record_that_finds_no_room_is_said(talkative: Path, tmp_path: Path) -> None:
    # The step itself fills what is left, and removes nothing.
    pipeline = read(talkative)
    body = "def azureml_main(dataframe1=None, dataframe2=None):\n    {}\n    return dataframe1,\n"
    line = (
        "import os, contextlib\n"
        f"    with contextlib.suppress(OSError), open({str(tmp_path / 'disk' / 'full')!r}, 'wb')"
        " as file:\n"
        "        while True: file.write(b'0' * 4096)"
    )
    nodes = {
        "data": pipeline.nodes["data"],
        "fills": Node("fills", "execute_python_script", parameters={"script": body.format(line)}),
    }
    link = Link(Endpoint("data", "dataset"), Endpoint("fills", "dataset1"))
    write(Pipeline(nodes=nodes, links=(link,)), talkative)
    done = with_disk(
        f"""
        mount -t tmpfs -o size=2m none "$disk"
        designer run {talkative} --json || echo "status $?" >&2
        rm "$disk/full"
        designer run {talkative} --until data >/dev/null
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    assert "status 1" in done.stderr
    assert "There is no space left to store the result of this step" in done.stderr
    assert "The record of the run" in done.stderr
    assert "Traceback" not in done.stderr
    assert "↺ data" in done.stderr


def test_saving_on_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    old = tmp_path / "old.pipeline.json"
    write(Pipeline(description="as it was"), old)
    program = tmp_path / "save.py"
    program.write_text(
        "import sys\n"
        "from designer.pipeline.file import PipelineFileError, read, write\n"
        "from designer.pipeline.model import Pipeline\n"
        "try:\n"
        "    write(Pipeline(description='x' * 100_000), sys.argv[1])\n"
        "except PipelineFileError as error:\n"
        "    print(error.message, error.hint)\n"
        "assert read(sys.argv[1]).description == 'as it was'\n",
        "utf-8",
    )
    done = with_disk(
        f"""
        mount -t tmpfs -o size=64k none "$disk"
        cp {old} "$disk/a.pipeline.json"
        {sys.executable} -P {program} "$disk/a.pipeline.json"
        ls -A "$disk"
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "“a.pipeline.json” can't be saved: no space left on device. "
        "The file on the disk is unchanged.",
        "a.pipeline.json",
    ]


@pytest.mark.long
def test_a_disk_that_is_read_only(talkative: Path, tmp_path: Path) -> None:
    done = with_disk(
        f"""
        mount -t tmpfs none "$disk"
        designer run {talkative} --until data >/dev/null
        mount -o remount,ro "$disk"
        designer run {talkative} --until data --json || echo "status $?" >&2
        designer show {talkative} data --json >"{tmp_path / "shown"}"
        designer validate {talkative} >/dev/null
        designer runs list >/dev/null
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)["error"]
    assert said["message"] == (
        f"The workspace “{tmp_path / 'disk' / 'w'}” can't be used: read-only file system."
    )
    assert said["hint"].startswith("Choose another folder")
    assert "status 2" in done.stderr
    assert "Traceback" not in done.stderr
    # What is there can still be looked at.
    assert json.loads((tmp_path / "shown").read_text("utf-8"))["data"] == [[1], [2]]


def _advises_nothing_that_loses_work(text: str) -> None:
    for wrong in ("Move", "sqlite3.", "sqlalche", "sqlalche.me", "Traceback", "Internal error"):
        assert wrong not in text


@pytest.mark.long
def test_the_registry_on_a_full_disk_names_the_cause_and_works_again(tmp_path: Path) -> None:
    done = with_disk(
        """
        mount -t tmpfs -o size=20m none "$disk"
        dd if=/dev/zero of="$disk/full" bs=4k count=5080 2>/dev/null
        designer models list || echo "status $?" >&2
        rm "$disk/full"
        designer models list
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    assert "status 1" in done.stderr
    assert "There is no space left for the database of runs and models" in done.stderr
    assert "Hint: Free some space" in done.stderr
    _advises_nothing_that_loses_work(done.stderr)
    assert "There are no registered models." in done.stdout


@pytest.mark.long
def test_the_registry_on_a_read_only_disk_is_read_or_says_so(tmp_path: Path) -> None:
    done = with_disk(
        """
        mount -t tmpfs -o size=20m none "$disk"
        designer models list >/dev/null
        mount -o remount,ro "$disk"
        designer models list
        mount -o remount,rw "$disk"
        rm "$disk/w/tracking/.database-made"
        mount -o remount,ro "$disk"
        designer models list || echo "status $?" >&2
        """,
        tmp_path / "disk",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "There are no registered models.\n"
    assert "status" in done.stderr
    assert "read-only file system" in done.stderr
    assert "Choose another folder that you can write to." in done.stderr
    # MLflow's own attempts take more than a minute.
    assert "retry" not in done.stderr.lower()
    _advises_nothing_that_loses_work(done.stderr)
