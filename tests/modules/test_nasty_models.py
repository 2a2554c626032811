"""Every learner and every fitted transformation on tables that nobody wants.

Trained on one, a learner gives a model or says what is wrong; a good model or transformation does
so for new rows that differ from those of training.
"""

from __future__ import annotations

import functools
import warnings
from pathlib import Path
from typing import Any

import pytest
from diagonals import matrix
from module_examples import PALETTE, example_table, inputs_for, parameters_for, run, value_for
from test_nasty_tables import ROWS, TABLES, gives_or_tells

from modules.contract import DataTable, ModuleError, ModuleSpec
from modules.values import TrainedModel, Transformation, UntrainedModel

LABELS = {"two-class": "label", "regression": "target", "multiclass": "city"}
"""The column of the example rows for each task."""

LEARNERS = {
    id: spec
    for id, spec in PALETTE.items()
    if [port.types for port in spec.outputs] == [(UntrainedModel,)]
    and all(port.types == (UntrainedModel,) for port in spec.inputs)
    # Its example is a class of the user's, which may raise anything.
    and id != "create_python_model"
    and set(spec.outputs[0].tasks) & {*LABELS, "clustering", "anomaly", "forecasting"}
}
"""Also those that combine or change other learners."""

SCORING = {id: spec for id, spec in LEARNERS.items() if "forecasting" not in spec.outputs[0].tasks}
"""Learners whose models score rows; a forecast needs none."""

FITTING = {
    id: spec
    for id, spec in PALETTE.items()
    if any(port.types == (Transformation,) for port in spec.outputs)
    and any(DataTable in port.types for port in spec.inputs)
}

NEW_ROWS = (
    "no rows",
    "one row",
    "no columns",
    "all missing",
    "repeated and empty names",
    "missing values alone in city",
    "infinite values",
    "the largest numbers",
    "several types in a column",
    "text where numbers belong",
    "categories that training never saw",
    "constant columns",
    "empty texts",
    "dates far away",
    "2,000 columns",
)
"""Tables that a good model or transformation meets."""


ASKED = (
    "no rows",
    "one row",
    "one class",
    "all missing",
    "constant columns",
    "infinite values",
    "repeated and empty names",
    "several types in a column",
    "categories that training never saw",
    "gaps in the label",
    "the same number to predict",
    "an infinite label",
    "text where numbers belong",
    "2,000 columns",
)
"""Tables that every learner and transformation meets, in all combinations."""


@functools.cache
def made(what: str) -> DataTable:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return TABLES[what]()


def pairs(rows: Any, columns: Any, share: int) -> list[Any]:
    """Return each row and column at least once; with the tables that are asked for, all as long.

    Parameters
    ----------
    share : int
        One pair in how many isn't long.
    """
    found = matrix(rows, columns, share)
    return [each for each in found if not each.marks or each.values[1] in ASKED]


def trainer(learner: ModuleSpec) -> ModuleSpec:
    """Return the module that trains the models of a learner from one table."""
    for spec in PALETTE.values():
        tables = [port for port in spec.inputs if DataTable in port.types]
        takes = [port for port in spec.inputs if port.accepts(learner.outputs[0])]
        gives = any(TrainedModel in port.types for port in spec.outputs)
        if takes and gives and len(tables) == 1 and len(spec.inputs) == 2:
            return spec
    raise LookupError(learner.id)


def trained(learner: ModuleSpec, table: DataTable, folder: Path) -> Any:
    """Return the model of a learner, or None if it says what is wrong with the table."""
    (untrained,) = run(learner, inputs_for(learner, folder), parameters_for(learner, folder))
    spec = trainer(learner)
    label = LABELS.get(untrained.task)
    by_name = dict(zip(example_table(1).names, table.names, strict=False))
    parameters = {
        name: [by_name.get(each, each) for each in value] if isinstance(value, list) else value
        for name, value in parameters_for(spec, folder).items()
    }
    if label is not None:
        parameters = {"label_column": [by_name.get(label, label)]}
    inputs = [untrained if UntrainedModel in port.types else table for port in spec.inputs]
    return gives_or_tells(spec, inputs, parameters, table, folder / "model")


@functools.cache
def good_model(learner: str) -> Any:
    import tempfile

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return trained(LEARNERS[learner], example_table(ROWS), Path(folder))


@pytest.mark.parametrize(("learner", "what"), pairs(LEARNERS, list(TABLES), 47))
def test_a_learner_gives_a_model_or_a_sentence(
    learner: ModuleSpec, what: str, tmp_path: Path
) -> None:
    trained(learner, made(what), tmp_path)


@pytest.mark.parametrize(("learner", "what"), pairs(SCORING, NEW_ROWS, 14))
def test_a_model_scores_new_rows_or_says_why_not(
    learner: ModuleSpec, what: str, tmp_path: Path
) -> None:
    model = good_model(learner.id)
    assert model is not None
    bad = made(what)
    name = "assign_data_to_clusters" if model.task == "clustering" else "score_model"
    scored = gives_or_tells(PALETTE[name], [model, bad], {}, bad, tmp_path / "scored")
    assert scored is None or len(scored) == len(bad)


@pytest.mark.parametrize(("spec", "what"), pairs(FITTING, NEW_ROWS, 7))
def test_a_transformation_changes_new_rows_or_says_why_not(
    spec: ModuleSpec, what: str, tmp_path: Path
) -> None:
    fitted, bad = good_transformation(spec.id), made(what)
    apply = PALETTE["apply_transformation"]
    gives_or_tells(apply, [fitted, bad], {}, bad, tmp_path / "applied")


@functools.cache
def good_transformation(module: str) -> Any:
    import tempfile

    spec = PALETTE[module]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        inputs = [value_for(spec, port, Path(folder), example_table(60)) for port in spec.inputs]
        outputs = run(spec, inputs, parameters_for(spec, Path(folder)))
    return next(value for value in outputs if isinstance(value, Transformation))


def test_models_name_the_column_whose_kind_changed() -> None:
    """Text where training had numbers is the mistake that scoring meets most."""
    model = good_model("two_class_logistic_regression")
    with pytest.raises(ModuleError) as caught:
        run(PALETTE["score_model"], [model, made("text where numbers belong")], {})
    assert caught.value.column in ("age", "price")


@pytest.mark.parametrize(
    "learner",
    [
        "decision_forest_regression",
        "gaussian_mixture_clustering",
        "hierarchical_clustering",
        "kernel_support_vector_regression",
        "nearest_neighbors_regression",
        "two_class_naive_bayes",
    ],
)
def test_a_number_too_large_to_compute_with_is_no_guess(learner: str) -> None:
    """Infinite distances would make the first training rows the nearest ones."""
    model, table = good_model(learner), made("the largest numbers")
    name = "assign_data_to_clusters" if model.task == "clustering" else "score_model"
    with pytest.raises(ModuleError, match=r"“price” contains 1\.7e\+308") as caught:
        run(PALETTE[name], [model, table], {})
    assert caught.value.column == "price"
    # A row that the compiled form can't score is scored, and explained, by the tables.
    row = table.frame.iloc[0].to_dict()
    with pytest.raises(FloatingPointError):
        model.compile().row_function()(row)
    finite = model.compile().row_function()(row | {"price": 1.5})
    assert all(value == value for value in finite.values())


@pytest.mark.parametrize("learner", ["dbscan", "hdbscan", "hierarchical_clustering"])
def test_training_on_rows_whose_distances_overflow_ends(learner: str, tmp_path: Path) -> None:
    """scikit-learn's HDBSCAN searches a tree with an infinite distance forever."""
    spec = PALETTE["train_clustering_model"]
    (untrained,) = run(LEARNERS[learner], [], {})
    with pytest.raises(ModuleError, match=r"“price” contains 1\.7e\+308"):
        run(spec, [untrained, made("the largest numbers")], parameters_for(spec, tmp_path))
