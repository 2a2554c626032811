"""Only files that end are read: no devices, pipes and the like."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from modules.contract.regular_files import blocks_of, check_regular, copy_regular

pytestmark = pytest.mark.skipif(os.name == "nt", reason="special files of Unix")


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    content = os.urandom(100_000)
    (tmp_path / "f").write_bytes(content)
    assert b"".join(map(bytes, blocks_of(tmp_path / "f", 4096))) == content
    copy_regular(tmp_path / "f", tmp_path / "g")
    assert (tmp_path / "g").read_bytes() == content
    assert (tmp_path / "g").stat().st_mtime_ns == (tmp_path / "f").stat().st_mtime_ns


def test_an_empty_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    assert list(blocks_of(tmp_path / "f")) == []


@pytest.mark.parametrize("read", [check_regular, lambda path: list(blocks_of(path))])
def test_special_files_are_named(tmp_path: Path, read: object) -> None:
    assert callable(read)
    os.mkfifo(tmp_path / "pipe")
    listening = socket.socket(socket.AF_UNIX)
    folder = os.getcwd()
    os.chdir(tmp_path)
    try:
        # The path of a socket is short.
        listening.bind("socket")
    finally:
        os.chdir(folder)
    for path, reason in (
        (tmp_path / "pipe", "it is a pipe"),
        (tmp_path / "socket", "it is a socket"),
        (Path("/dev/zero"), "it is a device"),
    ):
        (tmp_path / "link").symlink_to(path)
        for each in (path, tmp_path / "link"):
            with pytest.raises(OSError, match=reason):
                read(each)
        (tmp_path / "link").unlink()
    listening.close()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_file_that_is_made_while_it_is_read_is_refused() -> None:
    with pytest.raises(OSError, match="it isn't a file on a disk"):
        check_regular(Path("/proc/self/maps"))


@pytest.mark.parametrize("grows", [True, False])
def test_a_file_that_changes_meanwhile_is_refused(tmp_path: Path, grows: bool) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"x" * 10_000)
    blocks = blocks_of(path, 1000)
    next(blocks)
    os.truncate(path, 20_000 if grows else 6_000)
    read = [1000]
    with pytest.raises(OSError, match="it changed while it was read"):
        read.extend(len(block) for block in blocks)
    assert sum(read) == (10_000 if grows else 6_000)
