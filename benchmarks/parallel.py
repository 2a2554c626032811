"""Two independent learners at once against one after the other.

The same two training branches run with two workers and with one. On both sides each
learner has one thread, so only the overlap differs. The last line is the ratio::

    python -m benchmarks.parallel
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.engine import make_pipeline, write_data
from designer.catalog import load_catalog
from designer.engine import Engine
from designer.engine.plan import core_count
from designer.pipeline.model import Pipeline
from designer.pipeline.parameters import set_parameter
from designer.workspace import Workspace


def seeded(pipeline: Pipeline, seed: int) -> Pipeline:
    """Return the pipeline with learners that no store has seen yet."""
    pipeline = set_parameter(pipeline, "learner_0", "seed", seed)
    return set_parameter(pipeline, "learner_1", "seed", seed + 1000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    if core_count() < 2:
        print("This needs two cores.")
        return
    trains = ("train_0", "train_1")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_data(folder / "data.parquet", options.rows)
        pipeline = make_pipeline(folder / "data.parquet", ("boosted", "boosted"))
        catalog = load_catalog()
        seconds: dict[int, list[float]] = {1: [], 2: []}
        with (
            Engine(Workspace(folder / "one"), catalog, workers=1, cores=1) as one,
            Engine(Workspace(folder / "two"), catalog, workers=2, cores=2) as two,
        ):
            engines = {1: one, 2: two}
            for engine in engines.values():
                engine.run(seeded(pipeline, 1), base=folder, to=trains)
            for number in range(options.rounds):
                for workers, engine in engines.items():
                    began = time.perf_counter()
                    result = engine.run(seeded(pipeline, 2 + number), base=folder, to=trains)
                    seconds[workers].append(time.perf_counter() - began)
                    assert result.status == "completed", result.to_json()
                    assert result.nodes["split"].status == "reused"
                    assert {result.nodes[node].threads for node in trains} == {1}
                print(
                    f"round {number}: one after the other {seconds[1][-1]:.2f} s, "
                    f"at once {seconds[2][-1]:.2f} s"
                )
        ratio = statistics.median(seconds[2]) / statistics.median(seconds[1])
        print(f"at once / one after the other {ratio:.3f}   (at most 0.65)")


if __name__ == "__main__":
    main()
