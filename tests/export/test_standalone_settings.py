"""Code without this project gives the outputs of modules with settings other than the defaults."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import alone, assert_equal, executed
from test_standalone_modules import fed

from diagonals import matrix  # isort: skip
from module_examples import PALETTE, example_table, parameters_for, run  # isort: skip

from modules.contract import DataTable, Role

pytestmark = pytest.mark.filterwarnings("ignore")

FOLDS = DataTable(
    example_table().frame.assign(Fold=np.arange(60) % 3 + 1), {"label": Role.LABEL, "Fold": "fold"}
)
WEIGHTED = DataTable(
    example_table().frame.assign(weight=np.linspace(0, 2, 60)),
    {"label": Role.LABEL, "weight": Role.WEIGHT, "joined": Role.NONE},
)
SMALL = DataTable(
    pd.DataFrame({"age": [31, 45, 31, 80], "member": [True, None, False, True], "n": [1, 2, 3, 4]})
)
CLASSES = DataTable(
    example_table().frame.assign(size=example_table().frame["city"].fillna("Bonn")),
    {"size": Role.LABEL},
)

NUMBERS = {"include": "types", "values": ["number"]}
SELECTIONS: list[Any] = [
    ["price", "age"],
    {"rules": [{"include": "types", "values": ["numeric"]}]},
    {"rules": [{"include": "types", "values": ["string", "boolean"]}]},
    {"rules": [{"include": "all"}, {"exclude": "types", "values": ["datetime"]}]},
    {"rules": [{"include": "roles", "values": ["feature"]}]},
    {
        "rules": [
            {"include": "roles", "values": ["label"]},
            {"include": "indices", "values": ["1-2"]},
        ]
    },
    {"rules": [{"include": "all"}, {"exclude": "names", "values": ["age", "none"]}]},
    {"rules": [{"include": "names", "values": ["size", "age", "size"]}], "keep_order": True},
    {
        "rules": [
            {"include": "indices", "values": ["3,1"]},
            {"include": "all"},
            {"exclude": "names", "values": ["price"]},
        ],
        "keep_order": True,
    },
]

SETTINGS: list[tuple[str, dict[str, Any]]] = [
    *(("select_columns_in_dataset", {"columns": each}) for each in SELECTIONS),
    ("split_data", {"fraction": 0.3, "seed": 7}),
    ("split_data", {"fraction": 1.0}),
    ("split_data", {"fraction": 0.0, "seed": 3}),
    ("split_data", {"randomized": False, "fraction": 0.25}),
    ("split_data", {"stratified": True, "stratification_column": ["label"]}),
    ("split_data", {"stratified": True, "stratification_column": ["city"]}),
    (
        "split_data",
        {"stratified": True, "stratification_column": ["city"], "randomized": False},
    ),
    ("split_data", {"mode": "regular expression", "regular_expression": r'"city" ^[RO]'}),
    ("split_data", {"mode": "regular expression", "regular_expression": r"(\3) ll$"}),
    (
        "split_data",
        {
            "mode": "relative expression",
            "relational_expression": '"age" > 30 & < 60 | "city" == Rome & "joined" >= 2021-01-01',
        },
    ),
    (
        "split_data",
        {"mode": "relative expression", "relational_expression": '"member" == true'},
    ),
    *(
        ("clean_missing_data", {"cleaning_mode": mode, **more})
        for mode, more in (
            (
                "replace with mean",
                {"columns": {"rules": [NUMBERS]}},
            ),
            ("replace with median", {"columns": ["price", "age", "member"]}),
            ("replace with mode", {"indicator_columns": True}),
            ("remove entire row", {}),
            ("remove entire row", {"columns": ["price"], "maximum_ratio": 0.5}),
            ("remove entire column", {}),
            ("remove entire column", {"columns": ["price", "age"]}),
            ("remove entire column", {"minimum_ratio": 0.12}),
            ("custom substitution value", {"columns": ["price"], "replacement_value": "-1.5"}),
        )
    ),
    ("impute_missing_values", {"method": "regression"}),
    ("clip_values", {"mode": "clip peaks and subpeaks", "columns": ["age"], "upper_constant": 60}),
    (
        "clip_values",
        {
            "mode": "clip subpeaks",
            "columns": ["age", "price"],
            "lower_threshold": "percentile",
            "lower_substitute": "mean",
            "overwrite": False,
            "indicator_columns": True,
        },
    ),
    ("convert_to_indicator_values", {"columns": ["city", "active"], "overwrite": True}),
    (
        "group_data_into_bins",
        {"columns": ["age"], "mode": "equal width", "output_mode": "in place"},
    ),
    (
        "group_data_into_bins",
        {"columns": ["age"], "mode": "custom edges", "edges": "20, 40", "categorical": False},
    ),
    (
        "group_data_into_bins",
        {
            "columns": ["price"],
            "quantile_normalization": "p-quantile",
            "output_mode": "result only",
        },
    ),
    *(("normalize_data", {"method": name}) for name in ("MinMax", "Logistic", "Tanh")),
    ("normalize_data", {"method": "LogNormal", "columns": ["age"], "zero_for_constant": False}),
    *(
        ("edit_metadata", {"columns": ["age"], "data_type": kind})
        for kind in ("string", "double", "datetime")
    ),
    ("edit_metadata", {"columns": ["size"], "categorical": "non-categorical"}),
    ("edit_metadata", {"columns": ["active"], "data_type": "integer", "new_column_names": "on"}),
    ("edit_metadata", {"columns": ["age", "city"], "new_column_names": "a, b"}),
    ("edit_metadata", {"columns": ["age", "city"], "fields": "clear feature"}),
    ("remove_duplicate_rows", {"key_columns": ["city", "size"], "retain_first": False}),
    *(
        ("join_data", {"left_keys": ["city"], "right_keys": ["city"], "join_type": kind, **more})
        for kind, more in (
            ("left outer", {"match_case": False}),
            ("full outer", {"keep_right_keys": False}),
            ("left semi", {}),
        )
    ),
    ("partition_and_sample", {"mode": "head", "number_of_rows": 5}),
    ("partition_and_sample", {"mode": "assign to folds", "number_of_folds": 4}),
    ("partition_and_sample", {"mode": "assign to folds", "randomized": False}),
    (
        "partition_and_sample",
        {"mode": "assign to folds", "stratified": True, "stratification_column": ["label"]},
    ),
    (
        "partition_and_sample",
        {
            "mode": "assign to folds",
            "partitioner": "partition with customized proportions",
            "proportions": "0.5, 0.2",
            "with_replacement": True,
            "stratified": True,
            "stratification_column": ["size"],
        },
    ),
    (
        "partition_and_sample",
        {"rate": 0.4, "seed": 3, "stratified": True, "stratification_column": ["label"]},
    ),
    (
        "apply_sql_transformation",
        {
            "query": "select city, avg(price) as p, max(joined) as joined "
            "from t1 group by city; select *, member from t1 order by age"
        },
    ),
    (
        "execute_python_script",
        {
            "script": "def azureml_main(a, b):\n"
            "    a['half'] = a.age / 2\n    return a[a.age > 40], b\n"
        },
    ),
    ("linear_regression", {"l2_weight": 0.0, "include_intercept": False}),
    ("linear_regression", {"solution_method": "online gradient descent", "normalize": False}),
    ("linear_regression", {"solution_method": "online gradient descent", "epochs": 3}),
    ("linear_regression", {"standardize": True, "l2_weight": 5.0}),
    ("decision_forest_regression", {"resampling": "replicate", "trees": 3}),
    ("two_class_logistic_regression", {"l2_weight": 0.0, "solver": "l-bfgs"}),
    ("two_class_logistic_regression", {"standardize": True, "l2_weight": 5.0}),
    ("multiclass_logistic_regression", {"standardize": True}),
    ("k_means_clustering", {"centroids": 3, "initialization": "random", "normalize": False}),
    ("train_model", {"label_column": ["label"], "positive_class": "no"}),
    ("train_clustering_model", {"append": False}),
    ("train_clustering_model", {"column_set": ["age", "price"]}),
    ("assign_data_to_clusters", {"append": False}),
    ("score_model", {"append_score_columns_to_output": False}),
    ("cross_validate_model", {"label_column": ["label"], "folds": 3, "seed": 5}),
    ("summarize_data", {}),
]


@pytest.mark.parametrize(("name", "parameters"), SETTINGS, ids=[name for name, _ in SETTINGS])
def test_settings(name: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    from module_examples import inputs_for

    from modules.values import Files

    spec = PALETTE[name]
    inputs = [None if isinstance(each, Files) else each for each in inputs_for(spec, tmp_path)]
    compare(name, inputs, parameters, tmp_path)


def test_a_query_on_duckdb(tmp_path: Path) -> None:
    pytest.importorskip("duckdb", reason="DuckDB isn't installed")
    query = (
        "create table means as select city, avg(price) as p, max(joined) as joined, [1] as x "
        "from t1 group by city; select *, sum(age) over () as s, interval 1 day as d "
        "from t1 left join means using (city) order by age, price"
    )
    zoned = example_table().frame.assign(
        joined=example_table().frame["joined"].dt.tz_localize("Europe/Oslo")
    )
    parameters = {"query": query, "engine": "DuckDB"}
    compare(
        "apply_sql_transformation", [example_table().with_frame(zoned), None, None], parameters,
        tmp_path,
    )  # fmt: skip


def compare(name: str, inputs: list[Any], parameters: dict[str, Any], base: Path) -> None:
    """Compare the outputs of a module with those of its code."""
    spec = PALETTE[name]
    script = alone(fed(spec, inputs, parameters, base), base)
    found = executed(script, base)
    wanted = run(spec, inputs, parameters)
    names = {end.port: name for name, end in script.results.items() if end.node == "module"}
    for port, value in zip(spec.outputs, wanted, strict=True):
        assert_equal(found[names[port.name]], value, example_table())


LEARNERS = {
    "regression": ("linear_regression", "boosted_decision_tree_regression"),
    "two-class": ("two_class_logistic_regression", "two_class_decision_forest"),
    "multiclass": ("multiclass_logistic_regression", "multiclass_decision_forest"),
}


@pytest.mark.parametrize(
    ("learner", "table"),
    matrix(
        {name: name for names in LEARNERS.values() for name in names},
        ["plain", "weighted", "folds", "classes"],
        4,
    ),
)
def test_training_and_validation(learner: str, table: str, tmp_path: Path) -> None:
    data = {"plain": example_table(), "weighted": WEIGHTED, "folds": FOLDS, "classes": CLASSES}
    dataset = data[table]
    (made,) = run(PALETTE[learner], [], parameters_for(PALETTE[learner], tmp_path))
    label = {"regression": "target", "two-class": "label", "multiclass": "city"}[made.task]
    if table == "classes" and made.task != "two-class":
        label = "size" if made.task == "multiclass" else "target"
    chosen = {"label_column": [label]}
    compare("train_model", [made, dataset], chosen, tmp_path / "train")
    compare("cross_validate_model", [made, dataset], chosen | {"folds": 3}, tmp_path / "validate")


def test_categories_that_are_split_in_order(tmp_path: Path) -> None:
    settings = {"trees": 3, "ordered_categories": True}
    learner, usual = (
        run(PALETTE["two_class_lightgbm"], [], each)[0] for each in (settings, {"trees": 3})
    )
    table = example_table(300).frame[["city", "size", "label"]]
    # Of three categories, most splits are the same in each order.
    table = DataTable(table.assign(shelf=[f"shelf {n * 37 % 101 % 23}" for n in range(300)]))
    chosen = {"label_column": ["label"]}
    model, other = (run(PALETTE["train_model"], [e, table], chosen)[0] for e in (learner, usual))
    assert not model.score(table).frame.equals(other.score(table).frame)
    pipeline = fed(PALETTE["train_model"], [learner, table], chosen, tmp_path)
    source = replace(pipeline.nodes["untrained_model_source"], parameters=settings)
    script = alone(replace(pipeline, nodes=pipeline.nodes | {source.id: source}), tmp_path)
    (name,) = script.results
    assert_equal(executed(script, tmp_path)[name], model, table)


def test_weights_reach_the_scaler_before_a_learner(tmp_path: Path) -> None:
    (made,) = run(PALETTE["elastic_net_regression"], [], {})
    compare("train_model", [made, WEIGHTED], {"label_column": ["target"]}, tmp_path)
