"""The engine against a plain pandas and scikit-learn script on a large table.

Load, clean, indicator values, split, train, score, evaluate. Both sides are warm
(libraries imported), run interleaved, and use all cores; the script writes nothing.
The last lines are the ratios::

    python -m benchmarks.engine --learner boosted --rows 1000000
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from designer.catalog import load_catalog
from designer.engine import Engine, RunResult
from designer.pipeline.model import Endpoint, Link, Node, Pipeline
from designer.workspace import Workspace

COLORS = ("red", "green", "blue", "black", "white", "grey")
MEAN = "replace with mean"


def write_data(path: Path, rows: int) -> None:
    """Write a table of mixed columns: 11 floats, 4 integers, 4 texts and a label."""
    import numpy as np
    import pandas as pd

    random = np.random.default_rng(7)
    columns: dict[str, Any] = {}
    for number in range(11):
        values = random.normal(size=rows) * 10.0 ** (number % 3)
        if number % 2:
            values[random.random(rows) < 0.05] = np.nan
        columns[f"number {number}"] = values
    for number in range(4):
        columns[f"count {number}"] = random.integers(0, 10 ** (number + 1), rows)
    for number, size in enumerate((3, 4, 5, 6)):
        columns[f"colour {number}"] = np.array(COLORS[:size], dtype=object)[
            random.integers(0, size, rows)
        ]
    signal = (
        columns["number 0"]
        + columns["number 2"] / 100
        + (columns["colour 0"] == "red")
        + columns["count 0"] / 10
        + random.normal(size=rows)
    )
    columns["label"] = (signal > np.median(signal)).astype("int64")
    frame = pd.DataFrame(columns)
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)


def run_script(path: str, learner: str) -> tuple[float, dict[str, float]]:
    """Do the same with pandas and scikit-learn alone, as one would write it."""
    import numpy as np
    import pandas as pd
    from sklearn import metrics
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    began = time.perf_counter()
    frame = pd.read_csv(path) if path.endswith(".csv") else pd.read_parquet(path)
    numbers = [name for name in frame.columns if frame[name].dtype.kind == "f"]
    frame[numbers] = frame[numbers].fillna(frame[numbers].mean())
    texts = [name for name in frame.columns if frame[name].dtype.kind not in "fi"]
    frame = pd.get_dummies(frame, columns=texts, dtype="uint8")
    train, test = train_test_split(frame, train_size=0.7, random_state=0)
    features = [name for name in frame.columns if name != "label"]
    if learner == "logistic":
        model = LogisticRegression(C=1.0, tol=1e-7, solver="newton-cholesky", max_iter=1000)
    else:
        model = HistGradientBoostingClassifier(
            learning_rate=0.2,
            max_iter=100,
            max_leaf_nodes=20,
            min_samples_leaf=10,
            early_stopping=False,
            random_state=0,
        )
    model.fit(train[features].to_numpy("float64"), train["label"])
    probabilities = model.predict_proba(test[features].to_numpy("float64"))
    scored = test.assign(labels=probabilities.argmax(axis=1), probability=probabilities[:, 1])
    actual, labels = scored["label"], scored["labels"]
    found = {
        "Accuracy": metrics.accuracy_score(actual, labels),
        "Precision": metrics.precision_score(actual, labels),
        "Recall": metrics.recall_score(actual, labels),
        "F1 score": metrics.f1_score(actual, labels),
        "AUC": metrics.roc_auc_score(actual, scored["probability"]),
        "Average log loss": metrics.log_loss(actual, scored["probability"]),
    }
    metrics.roc_curve(actual, scored["probability"])
    metrics.confusion_matrix(actual, labels)
    seconds = time.perf_counter() - began
    return seconds, {name: float(np.float64(value)) for name, value in found.items()}


def make_pipeline(path: Path, learners: tuple[str, ...]) -> Pipeline:
    """Return the flow with one branch for each learner."""
    nodes = [
        Node("data", "dataset", parameters={"path": path.name}),
        Node(
            "clean",
            "clean_missing_data",
            parameters={
                "cleaning_mode": MEAN,
                "columns": {"rules": [{"include": "types", "values": ["number"]}]},
            },
        ),
        Node("indicators", "convert_to_indicator_values", parameters={"overwrite": True}),
        Node("split", "split_data", parameters={"fraction": 0.7}),
    ]
    links = [
        "data.dataset > clean.dataset",
        "clean.cleaned_dataset > indicators.dataset",
        "indicators.results_dataset > split.dataset",
    ]
    modules = {
        "logistic": "two_class_logistic_regression",
        "boosted": "two_class_boosted_decision_tree",
    }
    for number, learner in enumerate(learners):
        names = {role: f"{role}_{number}" for role in ("learner", "train", "score", "evaluate")}
        nodes += [
            Node(names["learner"], modules[learner]),
            Node(names["train"], "train_model", parameters={"label_column": ["label"]}),
            Node(names["score"], "score_model"),
            Node(names["evaluate"], "evaluate_model"),
        ]
        links += [
            f"{names['learner']}.untrained_model > {names['train']}.untrained_model",
            f"split.results_dataset1 > {names['train']}.dataset",
            f"{names['train']}.trained_model > {names['score']}.trained_model",
            f"split.results_dataset2 > {names['score']}.dataset",
            f"{names['score']}.scored_dataset > {names['evaluate']}.scored_dataset",
        ]
    return Pipeline(
        nodes={node.id: node for node in nodes},
        links=tuple(
            Link(*(Endpoint(*end.split(".")) for end in link.split(" > "))) for link in links
        ),
    )


def peak_memory(pids: list[int]) -> float:
    """Return the largest resident memory that any of the processes ever had, in MB."""
    peaks = []
    for pid in pids:
        text = Path(f"/proc/{pid}/status").read_text()
        peaks += [int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM")]
    return max(peaks) / 1000


def worker_pids(others: set[int]) -> list[int]:
    """Return the ids of the engine's processes: all below this one but the others."""
    import psutil

    below = psutil.Process().children(recursive=True)
    return [process.pid for process in below if process.pid not in others]


def processor_seconds(pids: list[int]) -> float:
    """Return the processor time that the processes have used so far."""
    import psutil

    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return sum(found.user + found.system for found in times)


def warm(name: str) -> int:
    """Import what the script needs, in its process."""
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
    import sklearn.ensemble
    import sklearn.linear_model
    import sklearn.metrics  # noqa: F401

    return os.getpid()


def show_steps(result: RunResult) -> None:
    for node, found in result.nodes.items():
        print(f"    {node:<14} {found.seconds:7.3f} s  {found.threads} threads")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--learner", choices=("logistic", "boosted"), default="logistic")
    parser.add_argument("--format", choices=("parquet", "csv"), default="parquet")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = folder / f"data.{options.format}"
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            pool.apply(write_data, (path, options.rows))
        pipeline = make_pipeline(path, (options.learner,))
        script: list[float] = []
        ours: list[float] = []
        again: list[float] = []
        anew: list[float] = []
        script_work: list[float] = []
        our_work: list[float] = []
        with (
            context.Pool(1) as pool,
            Engine(Workspace(folder / "workspace"), load_catalog()) as engine,
        ):
            pid = pool.apply(warm, ("script",))
            others = set(worker_pids(set()))
            engine.warm_up()
            for number in range(options.rounds):
                used = processor_seconds([pid])
                seconds, expected = pool.apply(run_script, (str(path), options.learner))
                script.append(seconds)
                script_work.append(processor_seconds([pid]) - used)
                used = processor_seconds(worker_pids(others))
                began = time.perf_counter()
                result = engine.run(pipeline, base=folder, reuse=False)
                ours.append(time.perf_counter() - began)
                our_work.append(processor_seconds(worker_pids(others)) - used)
                began = time.perf_counter()
                reused = engine.run(pipeline, base=folder)
                again.append(time.perf_counter() - began)
                with Engine(Workspace(folder / "workspace"), load_catalog()) as fresh:
                    began = time.perf_counter()
                    fresh.run(pipeline, base=folder)
                    anew.append(time.perf_counter() - began)
                assert result.status == "completed", result.to_json()
                assert {node.status for node in reused.nodes.values()} == {"reused"}
                print(
                    f"round {number}: script {seconds:.2f} s, engine {ours[-1]:.2f} s, "
                    f"nothing changed {again[-1]:.3f} s, by another engine {anew[-1]:.3f} s"
                )
                if number == options.rounds - 1:
                    show_steps(result)
                    found = result.metrics["evaluate_0"]
                    for name, value in expected.items():
                        print(f"    {name:<18} {found[name]:.9f}  script {value:.9f}")
            memory = peak_memory(worker_pids(others)) / peak_memory([pid])
            print(
                f"peak memory: script {peak_memory([pid]):.0f} MB, "
                f"largest worker {peak_memory(worker_pids(others)):.0f} MB"
            )
        base = statistics.median(script)
        print(f"{options.learner}, {options.rows:,} rows, {options.format}")
        # Both of a round ran in the same minute, which on a busy machine differs from the next.
        paired = [ran / alone for ran, alone in zip(ours, script, strict=True)]
        print(f"run / script            {statistics.median(paired):.3f}   (at most 1.05)")
        work = statistics.median(our_work) / statistics.median(script_work)
        print(f"  in processor time     {work:.3f}")
        print(f"nothing changed / script {statistics.median(again) / base:.3f}  (at most 0.05)")
        print(f"  by another engine     {statistics.median(anew) / base:.3f}  (at most 0.05)")
        print(f"peak memory / script    {memory:.2f}   (at most 1.3)")


if __name__ == "__main__":
    main()
