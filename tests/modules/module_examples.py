"""Inputs and parameters that let every module of the palette run, made from its specification."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import ThreadpoolController

from designer.catalog import load_catalog
from modules.contract import DataTable, ModuleSpec, Role
from modules.contract.specification import Columns, Parameter, PathOf, Port
from modules.values import Evaluation, Files, Report, TrainedModel, Transformation, UntrainedModel
from modules.values.storage import save

PALETTE: dict[str, ModuleSpec] = {
    id: spec
    for id, spec in load_catalog().items()
    if spec.function.__module__.startswith("modules.")
}
"""Every built-in module."""

CONTENT = "age,city,price\n31,Rome,1.5\n45,Oslo,\n28,,3.25\n"
"""A file that modules read."""

_CLUSTERS = ("train_clustering_model", "assign_data_to_clusters")

_PARAMETERS: dict[str, dict[str, Any]] = {
    "add_missing_columns": {
        "columns": [
            {"name": "price", "kind": "number", "value": 1.5},
            {"name": "more", "kind": "integer", "value": 7},
        ]
    },
    "enter_data_manually": {"data": CONTENT},
    "clip_values": {"columns": ["age", "price"]},
    "edit_metadata": {"columns": ["city"], "categorical": "categorical"},
    "join_data": {"left_keys": ["age"], "right_keys": ["age"]},
    "group_data_into_bins": {"columns": ["age", "price"], "number_of_bins": 4},
    "partition_and_sample": {"rate": 0.5},
}
"""Parameters of modules that their defaults alone don't let run on the example table."""


@functools.cache
def example_table(rows: int = 60) -> DataTable:
    """Return a table with every kind of column, missing values and a label.

    It is made once: nobody changes the frame of a table.
    """
    rng = np.random.default_rng(7)
    age = rng.integers(18, 80, rows)
    price = rng.normal(50, 10, rows).round(2)
    price[::7] = np.nan
    city = pd.Series(rng.choice(["Rome", "Oslo", "Lima"], rows), dtype="str")
    city[::9] = None
    member = pd.Series(rng.random(rows) < 0.5).astype("boolean")
    member[::11] = pd.NA
    frame = pd.DataFrame(
        {
            "age": age,
            "price": price,
            "city": city,
            "size": pd.Categorical(rng.choice(["small", "large"], rows)),
            "member": member,
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 900, rows), "D"),
            "active": rng.random(rows) < 0.5,
            "target": age * 0.5 + rng.normal(size=rows),
            "label": pd.Series(np.where(age + rng.normal(0, 9, rows) > 48, "yes", "no")),
        }
    )
    return DataTable(frame, {"label": Role.LABEL})


def value_for(spec: ModuleSpec, port: Port, folder: Path, table: DataTable) -> Any:
    """Return a value for an input port, made from the port's type."""
    kind = port.types[0]
    if issubclass(DataTable, kind):
        return _scored() if spec.id == "evaluate_model" else table
    if kind is UntrainedModel:
        return _learner(spec)
    if kind is TrainedModel:
        return _model(spec.id in _CLUSTERS)
    if kind is Transformation:
        return _cleaning()
    if kind is Files:
        (folder / "bundle").mkdir(exist_ok=True)
        (folder / "bundle" / "helper_of_the_examples.py").write_text("VALUE = 1\n")
        return Files(folder / "bundle")
    if kind is Evaluation:
        return Evaluation((Report("example", "regression", {"R2": 0.5}),))
    raise NotImplementedError(f"There is no example of a {kind.__name__} yet: add one here.")


def inputs_for(spec: ModuleSpec, folder: Path, table: DataTable | None = None) -> list[Any]:
    """Return a value for every input port."""
    table = table or example_table()
    return [value_for(spec, port, folder, table) for port in spec.inputs]


def parameters_for(spec: ModuleSpec, folder: Path) -> dict[str, Any]:
    """Return plain JSON parameters with which the module runs on the example table."""
    found: dict[str, Any] = {}
    for parameter in spec.parameters:
        marker = parameter.marker
        if isinstance(marker, PathOf) and marker.folder:
            save(value_for(spec, spec.outputs[0], folder, example_table()), folder / "kept")
            found[parameter.name] = str(folder / "kept")
        elif isinstance(marker, PathOf):
            file = folder / ("input.csv" if marker.mode == "read" else "output.csv")
            if marker.mode == "read":
                file.write_text(CONTENT)
            found[parameter.name] = str(file)
        elif _needs_column(parameter) and spec.applies(parameter, {}):
            assert isinstance(marker, Columns)
            found[parameter.name] = [_column(spec, marker)]
    return found | _PARAMETERS.get(spec.id, {})


def run(spec: ModuleSpec, inputs: list[Any], parameters: dict[str, Any]) -> tuple[Any, ...]:
    """Run a module as a step does: with parameters read from plain JSON, on one thread."""
    with _threads().limit(limits=1):
        return spec(*inputs, **spec.read_parameters(parameters))


@functools.cache
def _threads() -> ThreadpoolController:
    """Return what limits threads; to look for the libraries takes longer than most modules."""
    import sklearn.cluster
    import sklearn.ensemble  # noqa: F401

    return ThreadpoolController()


def _needs_column(parameter: Parameter) -> bool:
    return parameter.kind == "columns" and (parameter.required or not parameter.default)


def _column(spec: ModuleSpec, marker: Columns) -> str:
    if marker.single:
        return "label"
    return "age" if not marker.kinds or "integer" in marker.kinds else "city"


def _learner(spec: ModuleSpec) -> UntrainedModel:
    if spec.id in _CLUSTERS:
        from modules.clustering.k_means_clustering import k_means_clustering

        return k_means_clustering()
    from modules.classification.two_class_logistic_regression import two_class_logistic_regression

    return two_class_logistic_regression()


@functools.cache
def _model(clusters: bool) -> TrainedModel:

    if clusters:
        spec = PALETTE["train_clustering_model"]
        return _learner(spec).fit(example_table(), features=["age", "price", "city"])
    return _learner(PALETTE["train_model"]).fit(example_table(), "label")


@functools.cache
def _cleaning() -> Transformation:
    from modules.data_transformation.clean_missing_data import clean_missing_data

    return clean_missing_data(example_table())[1]


@functools.cache
def _scored() -> DataTable:
    from modules.scoring_evaluation.score_model import score_model

    return score_model(_model(False), example_table())
