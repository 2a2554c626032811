"""Log files by themselves."""

from __future__ import annotations

import sys
from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from designer.engine import logs
from designer.engine.logs import LogFile, log_name


@given(st.lists(st.binary(max_size=50), max_size=60))
def test_a_log_keeps_everything_or_beginning_and_end(tmp_path_factory, chunks):
    path = tmp_path_factory.mktemp("logs") / "log"
    before = logs.HEAD, logs.TAIL
    logs.HEAD, logs.TAIL = 200, 100
    try:
        log = LogFile(path)
        for chunk in chunks:
            log.write(chunk)
        log.close()
    finally:
        logs.HEAD, logs.TAIL = before
    everything = b"".join(chunks)
    kept = path.read_bytes()
    if len(everything) <= 300:
        assert kept == everything
    else:
        assert kept.startswith(everything[:200])
        assert kept.endswith(everything[-100:])
        assert f"{len(everything) - 300:,} bytes are left out".encode() in kept


def test_a_log_tells_whole_lines(tmp_path):
    lines: list[str] = []
    log = LogFile(tmp_path / "log", lines.append)
    for chunk in (b"one\ntw", b"o\r\n", "dr\u00fc".encode()[:3], "dr\u00fc".encode()[3:], b"ben"):
        log.write(chunk)
    assert lines == ["one", "two"]
    log.close()
    assert lines == ["one", "two", "drüben"]
    log.write(b"late")
    assert (tmp_path / "log").read_text(encoding="utf-8") == "one\ntwo\ndrüben"


if sys.version_info >= (3, 13):
    from ntpath import isreserved as is_reserved
else:

    def is_reserved(name: str) -> bool:
        return PureWindowsPath(name).is_reserved()


parts = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
addresses = st.lists(
    st.sampled_from(["con", "nul", "aux", "com1", "a", "b"]) | parts, min_size=1, max_size=3
).map("/".join)


@given(addresses, addresses)
@example("con", "nul")
@example("com1/aux", "com1")
@example("con_", "con")
@example("a" * 300, "a" * 301)
@example("a/" * 19 + "b", "a/" * 19 + "c")
def test_every_step_has_a_log_of_its_own_that_windows_can_hold(first, second):
    names = log_name(first), log_name(second)
    assert (names[0].casefold() == names[1].casefold()) == (first == second)
    for name in names:
        assert not is_reserved(name)
        assert len(name) <= logs.LONGEST_NAME + len(".log")
        assert "/" not in name


def test_figures_of_a_script_that_fails_are_in_the_folder_of_its_log(
    shared_engine, build, tmp_path
):
    pytest.importorskip("matplotlib")
    source = (
        "import matplotlib.pyplot as plt\n"
        "def azureml_main(dataframe1, dataframe2):\n"
        "    plt.figure('Before'); plt.plot([1, 2])\n"
        "    1 / 0\n"
    )
    pipeline = build({"s": ("execute_python_script", {"script": source})})
    node = shared_engine.run(pipeline, base=tmp_path).nodes["s"]
    folder = node.log.parent / "s.pictures"
    assert f"“{folder}”" in node.error["hint"]
    assert [path.name for path in folder.iterdir()] == ["Before.png"]
