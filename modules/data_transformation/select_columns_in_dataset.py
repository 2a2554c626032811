"""Select Columns in Dataset."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    RowForm,
    RowStep,
    module,
)
from modules.contract.code import CodeStep, literal
from modules.contract.normalize_frame import unique_names
from modules.contract.registry.automated import Preparation
from modules.tables.automated import without_texts


def _code(step: CodeStep) -> None:
    frame, target = step.inputs["dataset"], step.outputs[0]
    selector = step.value("columns") if not step.is_bound("columns") else ColumnSelector()
    dropped = selector.named()
    if selector == ColumnSelector.all_except(*dropped):
        step.write(f'{target} = {frame}.drop(columns={literal(list(dropped))}, errors="ignore")')
        return
    step.write(f"{target} = {frame}[{step.columns('columns', 'dataset')}]")
    may_repeat = len(selector.rules) > 1 or len(set(dropped)) < len(dropped)
    if selector.keep_order and may_repeat:
        # A repeated column has another name the second time.
        step.write(f"{target} = {target}.set_axis({step.helper(unique_names)}({target}), axis=1)")


def _make_row_form(step: ExampleStep) -> dict[str, Any]:
    names = step.arguments["columns"].resolve(step.inputs["dataset"].columns)
    # A column selected twice has another name the second time.
    return {"names": names, "as": step.result.names}


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    names = form["names"]
    if names == form["as"]:
        return lambda row: {name: row[name] for name in names if name in row}
    pairs = list(zip(names, form["as"], strict=True))
    return lambda row: {new: row[old] for old, new in pairs if old in row}


@module(
    "Select Columns in Dataset",
    outputs=("results_dataset",),
    keywords=(
        "select",
        "project",
        "keep",
        "drop",
        "exclude",
        "choose",
        "subset",
        "reorder",
        "column filter",
    ),
    requires=("pandas",),
    row=RowForm(_make_row_form, _load_row_form),
    code=_code,
    # After the modules that turn texts into features.
    automated=Preparation(90, without_texts),
    reads="rows",
)
def select_columns_in_dataset(
    dataset: DataTable,
    *,
    columns: Annotated[ColumnSelector, Field(title="Select columns"), Columns(of="dataset")],
) -> DataTable:
    """Keep some of the columns of a dataset.

    Select columns by name, or by rules on names, indices, types, and roles; rules include
    and exclude columns in their order.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to keep. They are in the order of the dataset, each once, unless the
        selection keeps its own order; then a column can be repeated.

    Returns
    -------
    results_dataset : DataTable
        The selected columns with all rows and their roles.

    Notes
    -----
    A number is appended to the name of a repeated column, because names are unique.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    return dataset.select(names)
