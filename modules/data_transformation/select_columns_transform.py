"""Select Columns Transform."""

from __future__ import annotations

from modules.contract import DataTable, Role, Serving, module
from modules.contract.code import CodeStep, TableFacts, literal
from modules.tables.column_selection import ColumnSelection
from modules.tables.fitted_code import facts_of
from modules.values import Transformation


def _code(step: CodeStep) -> None:
    port = "dataset_with_desired_columns"
    facts: TableFacts = step.facts(port)
    labels = literal(facts.having_role(Role.LABEL))
    step.write(f'{step.outputs[0]} = {{"columns": list({step.inputs[port]}), "labels": {labels}}}')
    step.know("columns_selection_transformation", facts_of(ColumnSelection))


@module(
    "Select Columns Transform",
    outputs=("columns_selection_transformation",),
    keywords=("same columns", "feature selection", "keep", "subset", "project"),
    requires=("pandas",),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def select_columns_transform(dataset_with_desired_columns: DataTable) -> Transformation:
    """Make a transformation that keeps the columns of a dataset.

    Connect a dataset whose columns were selected, by Filter Based Feature Selection for
    example, and keep the same columns of other data with Apply Transformation.

    Parameters
    ----------
    dataset_with_desired_columns : DataTable
        A table with the columns to keep. Its rows don't matter.

    Returns
    -------
    columns_selection_transformation : Transformation
        Keeps these columns, in this order.

    Notes
    -----
    Data that lacks one of the columns is an error. A column with the label role is
    optional, because new data doesn't have it.
    """
    return ColumnSelection(
        columns=list(dataset_with_desired_columns.names),
        labels=dataset_with_desired_columns.having_role(Role.LABEL),
    )
