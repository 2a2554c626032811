"""A small trained pipeline to deploy, and what tests of serving ask of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd

from designer.catalog import load_catalog
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace
from modules.requests.tables import rows_of
from modules.values.storage import load

TOWNS = ("Bergen", "Oslo", "Tromsø")
LABEL = "income"
SCRIPT = """\
def azureml_main(dataframe1=None, dataframe2=None):
    dataframe1["age_twice"] = dataframe1["age"] * 2
    return dataframe1,
"""


@dataclass
class Trained:
    """A pipeline that was run.

    Parameters
    ----------
    rows : list of dict
        Rows as a caller sends them.
    expected : list of dict
        What the training pipeline's own scores were for these rows.
    """

    workspace: Workspace
    file: Path
    data: Path
    rows: list[dict[str, Any]]
    expected: list[dict[str, Any]]


def people(count: int = 200, seed: int = 1) -> pd.DataFrame:
    """Return a table with a label that depends on the rest."""
    random = np.random.default_rng(seed)
    age = random.integers(18, 80, count)
    price = np.round(random.normal(100, 30, count), 2)
    town = random.choice(TOWNS, count)
    member = random.random(count) > 0.5
    total = age / 20 + price / 50 + (town == "Oslo") * 2 + member + random.normal(0, 1, count)
    label = np.where(total > np.median(total), "high", "low")
    return pd.DataFrame({"age": age, "price": price, "town": town, "member": member, LABEL: label})


def train(
    folder: Path,
    *,
    script: bool = False,
    workspace: Workspace | None = None,
    table: pd.DataFrame | None = None,
    column_types: dict[str, str] | None = None,
) -> Trained:
    """Run a pipeline: indicator values and normalisation before logistic regression."""
    workspace = workspace or Workspace(folder / "workspace")
    data = folder / "people.csv"
    (people() if table is None else table).to_csv(data, index=False)
    file = folder / ("scripted.pipeline.json" if script else "people.pipeline.json")
    pipeline = _pipeline(script)
    if column_types:
        pipeline = edits.set_parameter(pipeline, "people", "column_types", column_types)
    write(pipeline, file)
    with Engine(workspace, load_catalog(), workers=2) as engine:
        result = engine.run(pipeline, base=folder, source=file)
    assert result.status == "completed", {n: r.error for n, r in result.nodes.items() if r.error}
    scored = rows_of(load(result.nodes["score"].outputs["scored_dataset"].path))  # type: ignore[arg-type]
    test = rows_of(load(result.nodes["split"].outputs["results_dataset2"].path))  # type: ignore[arg-type]
    rows = [_as_sent(row) for row in test]
    return Trained(workspace, file, data, rows, scored)


def retrain(trained: Trained) -> None:
    """Run the pipeline again with other data, so that its scores change."""
    people(seed=7).to_csv(trained.data, index=False)
    from designer.pipeline.file import read

    with Engine(trained.workspace, load_catalog(), workers=2) as engine:
        engine.run(read(trained.file), base=trained.file.parent, source=trained.file)


def azure_request(*rows: dict[str, Any], name: str = "input1") -> dict[str, Any]:
    """Return a request as Azure's own client code sends it."""
    return {"Inputs": {name: list(rows)}, "GlobalParameters": {}}


def same_scores(answer: list[dict[str, Any]], expected: list[dict[str, Any]]) -> bool:
    """Tell whether labels are equal and probabilities, to nine digits."""
    if len(answer) != len(expected):
        return False
    return all(
        one["Scored Labels"] == two["Scored Labels"]
        and abs(one["Scored Probabilities"] - two["Scored Probabilities"]) < 1e-9
        for one, two in zip(answer, expected, strict=True)
    )


def refusal(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the error of an answer, which is never a stack trace."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert "Traceback" not in response.text
    error = response.json()["error"]
    assert error["code"]
    assert error["message"]
    return error


def changed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return a row with other values."""
    return {**row, **values}


def change_json(path: Path, change: Callable[[Any], None]) -> None:
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content), "utf-8")


def _pipeline(script: bool) -> Pipeline:
    pipeline = Pipeline()

    def add(module: str, name: str, *links: str, **parameters: Any) -> None:
        nonlocal pipeline
        pipeline, node = edits.add_node(pipeline, module, node_id=name, parameters=parameters)
        for text in links:
            port, _, source = text.partition("=")
            start, _, output = source.partition(".")
            pipeline = edits.connect(pipeline, Endpoint(start, output), Endpoint(node, port))

    add("dataset", "people", path="people.csv")
    source = "people.dataset"
    if script:
        add("execute_python_script", "double", f"dataset1={source}", script=SCRIPT)
        source = "double.result_dataset"
    # The towns are no columns of the request afterwards, so the split comes first.
    add("split_data", "split", f"dataset={source}", fraction=0.7)
    add(
        "convert_to_indicator_values",
        "indicators",
        "dataset=split.results_dataset1",
        columns=["town"],
    )
    add(
        "normalize_data",
        "normalize",
        "dataset=indicators.results_dataset",
        columns=["age", "price"],
    )
    add("two_class_logistic_regression", "learner")
    add(
        "train_model",
        "train",
        "untrained_model=learner.untrained_model",
        "dataset=normalize.transformed_dataset",
        label_column=[LABEL],
    )
    add(
        "apply_transformation",
        "indicators_again",
        "transformation=indicators.indicator_values_transformation",
        "dataset=split.results_dataset2",
    )
    add(
        "apply_transformation",
        "normalize_again",
        "transformation=normalize.transformation_function",
        "dataset=indicators_again.transformed_dataset",
    )
    add(
        "score_model",
        "score",
        "trained_model=train.trained_model",
        "dataset=normalize_again.transformed_dataset",
    )
    return pipeline


def _as_sent(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in (LABEL, "age_twice")}
