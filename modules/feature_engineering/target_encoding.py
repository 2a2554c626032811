"""Target Encoding."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import (
    ColumnRule,
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Role,
    Serving,
    module,
)
from modules.contract.code import CodeStep
from modules.feature_engineering._targets import TargetMeans, fit_targets
from modules.tables.fitted_code import arguments, facts_of
from modules.tables.frames import wrong_kind
from modules.values import Transformation

_FEATURES = ColumnSelector(
    (
        ColumnRule("types", ("string", "categorical")),
        ColumnRule("roles", (Role.LABEL, Role.SCORE, Role.WEIGHT), exclude=True),
    )
)


def _code(step: CodeStep) -> None:
    frame, (target, fitted) = step.inputs["dataset"], step.outputs
    target = step.variable("encoded") if target == "_" else target
    fitted = step.variable("fitted") if fitted == "_" else fitted
    given = arguments(step, "smoothing", "folds", "seed", "overwrite")
    if step.is_given("label_column"):
        label = f"{step.columns('label_column', 'dataset')}[0]"
    else:
        labels = step.facts("dataset").having_role(Role.LABEL)
        if len(labels) != 1:
            step.refuse("the label isn't known before the run; choose it by name")
        label = repr(labels[0])
    step.write(
        f"{target}, {fitted} = {step.helper(fit_targets)}({frame}, "
        f"{step.columns('columns', 'dataset')}, {label}{given})"
    )
    step.know("encoding_transformation", facts_of(TargetMeans))


@module(
    "Target Encoding",
    outputs=("results_dataset", "encoding_transformation"),
    keywords=("mean encoding", "likelihood", "high cardinality", "categorical", "encode", "impact"),
    requires=("numpy", "pandas", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def target_encoding(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to encode"),
        Columns(of="dataset", kinds=("categorical", "string", "boolean", "integer")),
    ] = _FEATURES,
    label_column: Annotated[
        ColumnSelector,
        Field(title="Label column"),
        Columns("dataset", single=True, role=Role.LABEL),
    ] = ColumnSelector(),
    smoothing: Annotated[float | None, Field(ge=0, title="Smoothing")] = None,
    folds: Annotated[int, Field(ge=2, le=100, title="Number of folds")] = 5,
    seed: Annotated[int, Field(ge=0, title="Seed")] = 0,
    overwrite: Annotated[bool, Field(title="Overwrite columns")] = True,
) -> tuple[DataTable, Transformation]:
    """Replace each value of a categorical column with the mean of the label for it.

    For columns with many values, such as postal codes, where one column per value would be too
    many. The rows of this dataset get the means of other rows, by cross fitting, so that a model
    can't read their labels in them.

    Parameters
    ----------
    dataset : DataTable
        A table with text or categories, and a label.
    columns : ColumnSelector
        The columns to encode, by default all text and categories but the label.
    label_column : ColumnSelector
        The label: a number, or classes. By default the column with the role label.
    smoothing : float, optional
        How many rows the overall mean counts as, which the mean of a rare value is drawn to. Not
        set: estimated for each value from the variances (empirical Bayes).
    folds : int
        Number of parts for cross fitting.
    seed : int
        For the random parts.
    overwrite : bool
        Replace the columns; otherwise ``<name> target`` is added for each.

    Returns
    -------
    results_dataset : DataTable
        The table with the encoded columns; of more than two classes with one for each class.
    encoding_transformation : Transformation
        Encodes new data with the means of all rows of this dataset.

    Notes
    -----
    Micci-Barreca (2001), with ``TargetEncoder`` of scikit-learn. Of two classes the share of the
    second one, in sorted order, is the mean. Missing is one more value. A value that isn't in
    this dataset gets the overall mean. Rows without a label don't count and are encoded as new
    data. Split the data before, and apply the transformation to the test rows.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    label = _label_of(dataset, label_column)
    if label not in columns.named():
        names = [name for name in names if name != label]
    kinds = {column.name: column.kind for column in dataset.columns}
    for name in names:
        if name == label:
            raise ModuleError(
                "label-selected",
                f"Column “{name}” is the label and can't be encoded by itself.",
                "Remove it from the columns to encode.",
                parameter="columns",
                column=name,
            )
        if kinds[name] in ("number", "datetime"):
            raise wrong_kind(
                name,
                kinds[name],
                "categories are required",
                parameter="columns",
                hint="Group the values into bins first, or choose other columns.",
            )
    if not names:
        raise ModuleError(
            "no-columns-selected",
            "No column is selected besides the label.",
            "Choose at least one column.",
            parameter="columns",
        )
    encoded, fitted = fit_targets(
        dataset.frame,
        names,
        label,
        smoothing=smoothing,
        folds=folds,
        seed=seed,
        overwrite=overwrite,
    )
    return dataset.with_frame(encoded), TargetMeans(**fitted)


def _label_of(dataset: DataTable, column: ColumnSelector) -> str:
    if column.is_empty and len(labels := dataset.having_role(Role.LABEL)) == 1:
        return labels[0]
    return column.resolve_one(dataset.columns, parameter="label_column")
