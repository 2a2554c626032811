"""How long a run takes to end once it is cancelled: in a loop that never ends, inside a fit, and
with thousands of steps that wait.

The seconds are those from the wish until the run is recorded and its process is gone::

    python -m benchmarks.cancelling
"""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil

from designer.catalog import load_catalog
from designer.engine import Engine, events
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.workspace import Workspace

ROUNDS = 5
WAITING = 5000
LIMIT = 1.0
REPORT = "from modules.contract.context import report_progress\n"
SCRIPTS = {
    "endless loop": "    while True:\n        pass\n",
    "scikit-learn fit": (
        "    import numpy as np\n"
        "    from sklearn.ensemble import RandomForestClassifier\n"
        "    random = np.random.default_rng(0)\n"
        "    data = random.normal(size=(200_000, 30))\n"
        "    RandomForestClassifier(1000).fit(data, data[:, 0] > random.normal(size=200_000))\n"
    ),
}


def seconds_to_end(engine: Engine, folder: Path, body: str, waiting: int = 0) -> float:
    """Return how long a script that takes minutes goes on after it is cancelled.

    Parameters
    ----------
    waiting : int
        Other steps that wait for a worker.
    """
    script = f"{REPORT}def azureml_main(a=None, b=None):\n    report_progress(0.5)\n{body}"
    pipeline, _ = edits.add_node(Pipeline(), "execute_python_script", parameters={"script": script})
    node = pipeline.nodes["execute_python_script"]
    others = {
        f"waiting_{number}": replace(node, id=f"waiting_{number}") for number in range(waiting)
    }
    pipeline = replace(pipeline, nodes={**pipeline.nodes, **others})
    begun = threading.Event()
    handle = engine.start(
        pipeline,
        base=folder,
        reuse=False,
        on_event=lambda event: begun.set() if isinstance(event, events.Progress) else None,
    )
    assert begun.wait(120)
    # Into the midst of what it computes.
    time.sleep(2)
    below = psutil.Process().children(recursive=True)
    busy = max(below, key=lambda process: sum(process.cpu_times()[:2]))
    asked = time.perf_counter()
    handle.cancel()
    result = handle.wait(60)
    assert result is not None
    assert result.status == "cancelled"
    with contextlib.suppress(psutil.NoSuchProcess):
        busy.wait(60)
    return time.perf_counter() - asked


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        Engine(Workspace(Path(folder)), load_catalog()) as engine,
    ):
        for name, body in SCRIPTS.items():
            taken = [seconds_to_end(engine, Path(folder), body) for _ in range(ROUNDS)]
            print(
                f"{name:<18} median {statistics.median(taken):.2f} s, longest {max(taken):.2f} s"
                f"   (at most {LIMIT:g})"
            )
        loop = SCRIPTS["endless loop"]
        taken = [seconds_to_end(engine, Path(folder), loop, WAITING) for _ in range(ROUNDS)]
        print(f"{WAITING:,} steps wait  median {statistics.median(taken):.2f} s")


if __name__ == "__main__":
    main()
