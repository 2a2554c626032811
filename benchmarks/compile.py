"""Compile a pipeline of 100 modules for Azure ML: seconds, against importing the SDK alone.

Every figure is the best of three fresh processes, from its start to its end.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter

ROOT = Path(__file__).resolve().parent.parent
MODULES = 100
LIMITS = {"azureml-v1": 2.0, "azureml-v2": 3.0}
IMPORTS = {
    "azureml-v1": "import azureml.core, azureml.pipeline.core",
    "azureml-v2": "import azure.ai.ml",
}


def main() -> None:
    """Print one line for each SDK."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "hundred.pipeline.json"
        write(pipeline(), file)
        for target, limit in LIMITS.items():
            alone = best(["-c", IMPORTS[target]])
            output = folder / target
            arguments = ["compile", str(file), "--to", target, "-o", str(output)]
            took = best(["-m", "designer.cli.main", *arguments])
            print(
                f"{target}: {MODULES} modules in {took:.2f} s (limit {limit:.0f} s), "
                f"{took / alone:.1f} × importing the SDK alone ({alone:.2f} s)"
            )


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


def best(arguments: list[str]) -> float:
    """Return the seconds of the quickest of three runs of Python."""
    took = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)
        took.append(time.perf_counter() - start)
    return min(took)


if __name__ == "__main__":
    main()
