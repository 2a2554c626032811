"""Compile a pipeline of 100 modules for Azure ML, against importing the SDK alone.

Run: python benchmarks/compile.py

Every figure is the best of three fresh processes, from its start to its end: seconds
by the clock, and seconds of the processor, which other programs don't change. Exit
status 1 if the latter are over the limit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter

ROOT = Path(__file__).resolve().parent.parent
MODULES = 100
LIMITS = {"azureml-v1": 2.0, "azureml-v2": 3.0}
IMPORTS = {
    "azureml-v1": "import azureml.core, azureml.pipeline.core",
    "azureml-v2": "import azure.ai.ml",
}


def main() -> int:
    """Print one line for each SDK."""
    status = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "hundred.pipeline.json"
        write(pipeline(), file)
        for target, limit in LIMITS.items():
            alone, alone_cpu = best(["-c", IMPORTS[target]])
            arguments = ["compile", str(file), "--to", target, "-o", str(folder / target)]
            took, cpu = best(["-m", "designer.cli.main", *arguments])
            print(
                f"{target}: {MODULES} modules in {took:.2f} s ({cpu:.2f} s of the processor; "
                f"limit {limit:.0f} s); importing the SDK alone {alone:.2f} s ({alone_cpu:.2f} s): "
                f"{cpu / alone_cpu:.1f} times"
            )
            status |= cpu > limit
    return status


def pipeline() -> Pipeline:
    """Return a table that passes through 99 modules, half of them with parameters."""
    nodes = {"table": Node("table", "enter_data_manually", parameters={"data": "x,y\n1,2\n3,4\n"})}
    links = []
    source = Endpoint("table", "dataset")
    for number in range(1, MODULES):
        name = f"split_{number}"
        parameters = [{"fraction": {"$parameter": "fraction"}}, {"seed": number}][number % 2]
        nodes[name] = Node(name, "split_data", parameters=parameters)
        links.append(Link(source, Endpoint(name, "dataset")))
        source = Endpoint(name, "results_dataset1")
    fraction = PipelineParameter("fraction", "number", 0.9)
    return Pipeline(nodes=nodes, links=tuple(links), parameters={"fraction": fraction})


def best(arguments: list[str]) -> tuple[float, float]:
    """Return the seconds of the quickest of three runs of Python, by clock and processor."""
    took = []
    for _ in range(3):
        before, start = _processor(), time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        took.append((time.perf_counter() - start, _processor() - before))
    return min(took)[0], min(cpu for _, cpu in took)


def _processor() -> float:
    times = os.times()
    return times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit(main())
