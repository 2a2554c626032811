"""Apply Transformation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modules.contract import DataTable, ExampleStep, RowForm, RowStep, module
from modules.contract.code import CodeStep, TransformationFacts
from modules.values import Transformation


def _code(step: CodeStep) -> None:
    facts = step.facts("transformation")
    if not isinstance(facts, TransformationFacts):
        step.refuse("how its transformation is applied isn't known before the run")
    applied = facts.apply(step, step.inputs["transformation"], step.inputs["dataset"])
    step.write(f"{step.outputs[0]} = {applied}")


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    if step.inputs["transformation"].compile() is None:
        return "the transformation doesn't have one"
    if "transformation" not in step.stored:
        return "the transformation isn't stored"
    return {"value": step.stored["transformation"]}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    from modules.values.saved import inside
    from modules.values.storage import load

    value = load(inside(folder, form["value"]))
    assert isinstance(value, Transformation)
    function = value.compile()
    assert function is not None
    return function


@module(
    "Apply Transformation",
    outputs=("transformed_dataset",),
    keywords=("clean", "normalize", "indicator", "bins", "same", "new data", "reuse"),
    requires=("pandas", "numpy"),
    row=RowForm(_make_row_form, _load_row_form),
    code=_code,
)
def apply_transformation(transformation: Transformation, dataset: DataTable) -> DataTable:
    """Apply a transformation fitted to other data.

    The cleaning, scaling, binning or encoding of the training data, for example, is applied to
    test data.

    Parameters
    ----------
    transformation : Transformation
        A fitted transformation, from the second output of Clean Missing Data for example.
    dataset : DataTable
        A table with the columns that the transformation was fitted to.

    Returns
    -------
    transformed_dataset : DataTable
        The transformed table.

    Notes
    -----
    Nothing is fitted: means, categories, and edges are those of the data that the transformation
    was fitted to, so that one row is transformed as in a large table. Columns are found by their
    names; as in Azure ML designer, they can't be chosen again.
    """
    return transformation.apply(dataset)
