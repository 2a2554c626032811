"""Which of the user's own rows travel with a deployment: those of tables that are named, if any."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from serving_examples import people

from designer.catalog import load_catalog
from designer.deployment.deploying import Packed, pack
from designer.engine import Engine
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace
from modules.contract import DataTable
from modules.endpoint.service import Service
from modules.values.storage import load


def rows_in(folder: Path) -> list[dict[str, Any]]:
    """Return every row of every table and example in a folder."""
    found: list[dict[str, Any]] = []
    for marker in folder.rglob("value.json"):
        value = load(marker.parent)
        if isinstance(value, DataTable):
            found += value.frame.to_dict("records")

    def collect(plain: Any) -> None:
        if isinstance(plain, dict):
            found.append(plain)
        for each in plain.values() if isinstance(plain, dict) else plain:
            if isinstance(each, (dict, list)):
                collect(each)

    for name in ("sample_request.json", "openapi.json", "swagger.json", "model/samples.json"):
        collect(json.loads((folder / name).read_text("utf-8")))
    return found


def test_no_row_of_the_training_data_is_in_a_package(packed: Packed) -> None:
    real = {(row["age"], row["price"]) for row in people().to_dict("records")}
    folder = packed.package.folder

    found = rows_in(folder)
    named = [row for row in found if {"age", "price", "town", "member"} <= row.keys()]

    assert len(named) > 5, "there are examples"
    examples = [row for row in named if not isinstance(row["age"], dict)]
    assert not {(row["age"], row["price"]) for row in examples} & real
    assert any("No rows of your data are in the package" in text for text in packed.messages)
    # They are what the endpoint accepts.
    body = (folder / "sample_request.json").read_bytes()
    answer = json.loads(Service(folder / "model").answer(body))
    assert len(answer["Results"]["output1"]) == 1


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    """Return a package that looks rows up in a table with a label of its own."""
    folder = tmp_path_factory.mktemp("joined")
    people().to_csv(folder / "people.csv", index=False)
    towns = pd.DataFrame({"town": ["Bergen", "Oslo"], "size": [290, 710], "secret": [1.25, 2.25]})
    towns.to_csv(folder / "towns.csv", index=False)
    pipeline = Pipeline()

    def add(module: str, name: str, *links: str, **parameters: Any) -> None:
        nonlocal pipeline
        pipeline, node = edits.add_node(pipeline, module, node_id=name, parameters=parameters)
        for text in links:
            port, _, source = text.partition("=")
            start, _, output = source.partition(".")
            pipeline = edits.connect(pipeline, Endpoint(start, output), Endpoint(node, port))

    add("dataset", "people", path="people.csv")
    add("dataset", "raw_towns", path="towns.csv")
    add(
        "edit_metadata",
        "towns",
        "dataset=raw_towns.dataset",
        columns=["secret"],
        fields="label",
    )
    add(
        "join_data",
        "join",
        "left_dataset=people.dataset",
        "right_dataset=towns.results_dataset",
        join_type="left outer",
        left_keys=["town"],
        right_keys=["town"],
    )
    add(
        "select_columns_in_dataset",
        "features",
        "dataset=join.results_dataset",
        columns={"rules": [{"include": "all"}, {"exclude": "roles", "values": ["label"]}]},
    )
    add("two_class_logistic_regression", "learner")
    add(
        "train_model",
        "train",
        "untrained_model=learner.untrained_model",
        "dataset=features.results_dataset",
        label_column=["income"],
    )
    add(
        "score_model",
        "score",
        "trained_model=train.trained_model",
        "dataset=features.results_dataset",
    )
    file = folder / "joined.pipeline.json"
    write(pipeline, file)
    workspace = Workspace(folder / "workspace")
    with Engine(workspace, load_catalog(), workers=2) as engine:
        result = engine.run(pipeline, base=folder, source=file)
    assert result.status == "completed", {n: r.error for n, r in result.nodes.items() if r.error}
    return pack(workspace, file, folder / "package", "joined")


def test_a_table_that_travels_is_named_with_its_rows(joined: Packed) -> None:
    (sentence,) = joined.package.tables
    assert "the table of “towns_dataset”" in sentence
    assert "2 rows with 2 columns" in sentence
    assert sentence in joined.messages


def test_its_label_stays_at_home_where_no_score_depends_on_it(joined: Packed) -> None:
    folder = joined.package.folder

    looked_up = [row for row in rows_in(folder) if "size" in row and "age" not in row]
    assert [row for row in looked_up if row.keys() == {"town", "size"}]
    assert not [row for row in looked_up if "secret" in row]
    assert b"2.25" not in (folder / "model" / "scoring.json").read_bytes()
    row = {"age": 40, "price": 99.5, "town": "Oslo", "member": True}
    answer = Service(folder / "model").answer_document({"Inputs": {"input1": [row]}})
    (scored,) = answer["Results"]["output1"]
    assert scored["size"] == 710
