"""Pipelines on the disk: whole or not at all, and nothing left beside them."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from designer.pipeline.file import PipelineFileError, loads, read, write
from designer.pipeline.model import Pipeline

PIPELINE = loads(Path(__file__).with_name("golden.pipeline.json").read_text("utf-8"))


def test_write_makes_a_file_like_any_other(tmp_path: Path) -> None:
    ordinary = tmp_path / "ordinary"
    ordinary.touch()
    path = tmp_path / "p.pipeline.json"
    write(PIPELINE, path)
    assert read(path) == PIPELINE
    assert path.read_bytes().endswith(b"}\n")
    assert b"\r" not in path.read_bytes()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(ordinary.stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["ordinary", "p.pipeline.json"]


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_write_keeps_permissions_and_symbolic_links(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "p.pipeline.json"
    write(Pipeline(), real)
    real.chmod(0o640)
    link = tmp_path / "link.pipeline.json"
    link.symlink_to(real)
    write(PIPELINE, link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert read(real).nodes


def test_write_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(PipelineFileError, match="no folder"):
        write(Pipeline(), tmp_path / "nope" / "p.pipeline.json")
    with pytest.raises(PipelineFileError, match="can't be saved"):
        write(Pipeline(), tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on file sizes")
def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "p.pipeline.json"
    write(PIPELINE, path)
    before = path.read_bytes()
    script = textwrap.dedent(
        f"""
        import resource
        from designer.pipeline import edits, file
        pipeline = file.read({str(path)!r})
        for number in range(200):
            pipeline, _ = edits.add_node(pipeline, "split_data")
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        try:
            file.write(pipeline, {str(path)!r})
        except file.PipelineFileError as error:
            print(error.message, "|", error.hint)
        """
    )
    result = subprocess.run(
        [sys.executable, "-B", "-c", script],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert os.strerror(errno.EFBIG).lower() in result.stdout
    assert "unchanged" in result.stdout
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["p.pipeline.json"]


@pytest.mark.skipif(os.name != "posix", reason="kills by signal")
def test_a_program_that_is_killed_while_it_saves_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "p.pipeline.json"
    write(Pipeline(description="0"), path)
    script = textwrap.dedent(
        f"""
        import itertools
        from designer.pipeline.file import write
        from designer.pipeline.model import Pipeline
        for number in itertools.count(1):
            write(Pipeline(description=str(number) * 50_000), {str(path)!r})
            print(number, flush=True)
        """
    )
    for kill_after in (1, 2, 5):
        process = subprocess.Popen(
            [sys.executable, "-B", "-c", script],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        for _ in range(kill_after):
            process.stdout.readline()
        # Whoever reads meanwhile never sees half of it.
        for _ in range(20):
            content = read(path).description
            assert content == content[: len(content) // 50_000] * 50_000
        process.kill()
        told = [kill_after, *map(int, process.communicate()[0].split())]
        kept = read(path).description
        assert kept in (str(told[-1]) * 50_000, str(told[-1] + 1) * 50_000)


def test_what_a_killed_program_left_goes_with_a_later_save(tmp_path: Path) -> None:
    path = tmp_path / "p.pipeline.json"
    script = textwrap.dedent(
        f"""
        import os, sys
        from designer.pipeline.file import write
        from designer.pipeline.model import Pipeline

        def stop(*_):
            print("half-way", flush=True)
            sys.stdin.read()

        os.replace = stop
        write(Pipeline(), {str(path)!r})
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-B", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    process.stdout.readline()
    (left,) = tmp_path.glob(".modeldesk-*")
    # What others call alike, and what is in a folder, is not for this program to remove.
    theirs = [tmp_path / ".modeldesk-notes.tmp", tmp_path / ".modeldesk-1-0123456789ab.tmp.txt"]
    folder = tmp_path / ".modeldesk-999999999-0123456789ab.tmp"
    folder.mkdir()
    nobodys = tmp_path / ".modeldesk-9999999999-0123456789ab.tmp"
    for each in (*theirs, nobodys):
        each.touch()
    long_ago = time.time() - 90_000
    for each in (*theirs, folder, nobodys, left):
        os.utime(each, (long_ago, long_ago))
    write(PIPELINE, path)
    assert not nobodys.exists()
    assert left.exists(), "its program still saves"
    process.kill()
    process.communicate()
    os.utime(left)
    write(PIPELINE, path)
    assert left.exists(), "it may be another computer's"
    os.utime(left, (long_ago, long_ago))
    write(PIPELINE, path)
    assert set(tmp_path.iterdir()) == {path, folder, *theirs}
    assert read(path) == PIPELINE
