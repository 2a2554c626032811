"""Scripts that change the process they run in: the next step in it is as good as any."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from designer.catalog import Catalog
from designer.engine import Engine
from designer.engine.results import RunResult
from designer.workspace import Workspace
from modules.values import storage

pytestmark = pytest.mark.skipif(os.name == "nt", reason="forks and limits of the system")


@pytest.fixture(scope="module")
def engine(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """One worker, so that the next step runs where the last one did."""
    with Engine(Workspace(tmp_path_factory.mktemp("rough")), catalog, workers=1) as engine:
        yield engine


@pytest.fixture
def run(engine: Engine, build, tmp_path: Path) -> Callable[[str], RunResult]:
    def call(source: str) -> RunResult:
        nodes = {"n": "numbers", "s": ("script", {"source": source})}
        handle = engine.start(build(nodes, "n.numbers > s.table"), base=tmp_path, reuse=False)
        result = handle.wait(60)
        assert result is not None
        return result

    return call


WITNESS = """
import json, os, resource, sys, time
import numpy as np
import pandas as pd
import sklearn
from sklearn.preprocessing import StandardScaler

assert [2, 3, 4] == (table["x"] + 2).tolist()
# As libraries are by themselves.
assert np.isinf(np.array([1.0]) / 0)
assert isinstance(StandardScaler().fit_transform(table), np.ndarray)
assert pd.Series(["a"]).dtype == "str"
# Room to work in; nothing of it is touched.
def deep(left):
    return left and deep(left - 1)
deep(500)
bytes(700_000_000)
with open("made", "w") as file:
    file.write("x" * 100_000)
assert os.stat("made").st_mode & 0o777 == 0o644
[open("made") for _ in range(40)]
time.sleep(0.05)
assert "" not in sys.path[:1] and "/nowhere" not in sys.path
"""


OTHERS = (
    "import os\nos.fork()",
    "import os\nif os.fork() == 0: os._exit(3)",
    "import os\nos.umask(0o777)",
    "import signal\nsignal.setitimer(signal.ITIMER_REAL, 0.03)",
    "import sys\nsys.setrecursionlimit(100)",
    "import sys\nsys.path.insert(0, '/nowhere')",
    "import sklearn\nsklearn.set_config(transform_output='pandas')",
    "import pandas\npandas.set_option('future.infer_string', False)",
    "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1, -1))",
)
"""Like those that ``make test`` tries: processes, the system's state, Python's, and libraries'."""


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("import os\nif os.fork() == 0: raise ValueError", "completed"),
        ("import os, tempfile\nos.chdir(tempfile.mkdtemp())\nos.rmdir(os.getcwd())", "completed"),
        ("import threading\nthreading.Thread(target=threading.Event().wait).start()", "completed"),
        ("import sys\nsys.modules['json'] = None\ndel sys.modules['sklearn']", "completed"),
        ("import numpy\nnumpy.seterr(all='raise')", "completed"),
        (
            "import resource\nresource.setrlimit(resource.RLIMIT_AS, (300_000_000, -1))\n"
            "bytearray(2_000_000_000)",
            "failed",
        ),
        (
            "import resource\n"
            "resource.setrlimit(resource.RLIMIT_NOFILE, (30, "
            "resource.getrlimit(resource.RLIMIT_NOFILE)[1]))",
            "completed",
        ),
        *(pytest.param(source, "completed", marks=pytest.mark.long) for source in OTHERS),
    ],
)
def test_the_next_step_in_the_process_finds_it_as_it_was(
    run: Callable[[str], RunResult], source: str, status: str
) -> None:
    rough = run(source)
    assert rough.nodes["s"].status == status, rough.nodes["s"].error
    after = run(WITNESS)
    assert after.nodes["s"].error is None
    assert storage.load(after.nodes["s"].outputs["result"].path).frame["x"].tolist() == [0, 1, 2]


@pytest.mark.long
def test_a_fork_that_returns_is_no_second_worker(
    run: Callable[[str], RunResult], tmp_path: Path
) -> None:
    note = tmp_path / "child"
    source = f"import os\nchild = os.fork()\nif child: open({str(note)!r}, 'w').write(str(child))"
    assert run(source).status == "completed"
    run("")
    assert gone(int(note.read_text()))


def test_a_fork_that_never_ends_hides_no_death_and_ends_with_the_worker(
    run: Callable[[str], RunResult], tmp_path: Path
) -> None:
    note = tmp_path / "child"
    source = (
        "import os, signal\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    while True: signal.pause()\n"
        f"open({str(note)!r}, 'w').write(str(child))\n"
        "os._exit(0)"
    )
    assert run(source).nodes["s"].error["code"] == "worker-died"
    assert run("").status == "completed"
    assert gone(int(note.read_text()))


def gone(pid: int) -> bool:
    """Tell whether a process has ended, or does so shortly."""
    try:
        process = psutil.Process(pid)
        _, alive = psutil.wait_procs([process], timeout=5)
        return not alive or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
