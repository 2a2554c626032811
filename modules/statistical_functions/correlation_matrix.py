"""Correlation Matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, module
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts
from modules.contract.sheet import Sheet
from modules.tables.frames import wrong_kind
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_CATEGORIES = "Cramér's V"
_MOST_VALUES = 1000
_STRONGEST = 30


def _code(step: CodeStep) -> None:
    frame, names = step.inputs["dataset"], step.variable("names")
    step.write(f"{names} = {step.columns('columns', 'dataset')}")
    if step.value("method") == _CATEGORIES:
        values = f"{step.helper(cramer)}({frame}, {names})"
    else:
        values = f"{step.helper(correlations)}({frame}, {names}, {step.source('method')})"
    step.write(f"{step.outputs[0]} = {step.helper(named_matrix)}({values}, {names})")
    step.know("results_dataset", TableFacts())


@module(
    "Correlation Matrix",
    outputs=("results_dataset", "report"),
    keywords=("pearson", "spearman", "kendall", "cramér", "association", "collinear", "heatmap"),
    requires=("numpy", "pandas", "scipy"),
    row="it combines all rows of a request",
    code=_code,
)
def correlation_matrix(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns"), Columns(of="dataset")
    ] = ColumnSelector.types("numeric"),
    method: Literal["Pearson", "Spearman", "Kendall", "Cramér's V"] = "Pearson",
) -> tuple[DataTable, Report]:
    """Compute how strongly each pair of columns is related.

    Find features that repeat each other, and those that are related to the label.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to compare, by default all numeric ones.
    method : str
        Linear correlation (Pearson), correlation of ranks (Spearman, Kendall's tau-b), or the
        association of categories (Cramér's V, from 0 to 1).

    Returns
    -------
    results_dataset : DataTable
        A row and a column for each column.
    report : Report
        The matrix as a heatmap, and the strongest pairs.

    Notes
    -----
    Each pair uses the rows in which both columns have values. A constant column has no
    correlation. For Cramér's V, numbers are categories by their values, and missing is no
    category; it has no bias correction.
    """
    names = columns.resolve(dataset.columns, parameter="columns")
    kinds = {column.name: column.kind for column in dataset.columns}
    for name in names:
        fitting = method == _CATEGORIES or kinds[name] in ("integer", "number", "boolean")
        if not fitting:
            raise wrong_kind(
                name,
                kinds[name],
                f"numbers are required for {method}'s correlation",
                parameter="columns",
                hint="Choose numeric columns, or Cramér's V.",
            )
    if method == _CATEGORIES:
        values = cramer(dataset.frame, names)
    else:
        values = correlations(dataset.frame, names, method)
    matrix = named_matrix(values, names)
    return DataTable(matrix), _report(matrix, names, method)


def correlations(frame: pd.DataFrame, names: list[str], method: str) -> np.ndarray:
    """Return the correlation of each pair of numeric columns."""
    import numpy as np

    numbers = frame[names].astype("float64").replace([np.inf, -np.inf], np.nan)
    with np.errstate(all="ignore"):
        way: Any = method.lower()
        return numbers.corr(method=way).to_numpy()


def named_matrix(values: np.ndarray, names: list[str]) -> pd.DataFrame:
    """Return a matrix as a frame, with the names in its first column."""
    import pandas as pd

    result = pd.DataFrame(values, columns=pd.Index(names))
    title = "Column"
    while title in names:
        title += " "
    result.insert(0, title, pd.Series(names, dtype="str"))
    return result


def cramer(frame: pd.DataFrame, names: list[str]) -> np.ndarray:
    """Return Cramér's V of each pair of columns."""
    import numpy as np
    import pandas as pd

    coded = [pd.factorize(frame[name]) for name in names]
    found = np.full((len(names), len(names)), np.nan)
    for i, (first, first_values) in enumerate(coded):
        for j, (second, second_values) in enumerate(coded[: i + 1]):
            if min(len(first_values), len(second_values)) > _MOST_VALUES:
                continue
            known = (first >= 0) & (second >= 0)
            pairs = first[known].astype("int64") * len(second_values) + second[known]
            cells, counts = np.unique(pairs, return_counts=True)
            found[i, j] = found[j, i] = _cramer(cells, counts, len(second_values))
    return found


def _cramer(cells: np.ndarray, counts: np.ndarray, width: int) -> float:
    """Return Cramér's V of a cross table that is given by its cells with rows."""
    import numpy as np

    if not len(cells):
        return float("nan")
    rows, row_places = np.unique(cells // width, return_inverse=True)
    columns, column_places = np.unique(cells % width, return_inverse=True)
    smallest = min(len(rows), len(columns)) - 1
    if smallest < 1:
        return float("nan")
    of_rows = np.bincount(row_places, counts)[row_places]
    of_columns = np.bincount(column_places, counts)[column_places]
    # chi-squared / n is the sum over the cells with rows of n_ij² / (n_i n_j), minus 1.
    share = float((counts * (counts / of_rows / of_columns)).sum()) - 1
    return float(np.sqrt(max(share, 0.0) / smallest))


def _report(matrix: pd.DataFrame, names: list[str], method: str) -> Report:
    import numpy as np
    import pandas as pd

    values = matrix.iloc[:, 1:].to_numpy()
    rows = [Series(name, y=row) for name, row in zip(names, values, strict=True)]
    chart = Chart("heatmap", f"{method}", series=rows, categories=names)
    above = np.triu_indices(len(names), 1)
    pairs = values[above]
    order = np.argsort(-np.abs(np.nan_to_num(pairs)), kind="stable")[:_STRONGEST]
    strongest = pd.DataFrame(
        {
            "First": [names[above[0][place]] for place in order],
            "Second": [names[above[1][place]] for place in order],
            method: pairs[order],
        }
    )
    sections = [Section("Matrix", chart=chart)]
    if len(strongest):
        sections.append(Section("Strongest pairs", sheet=Sheet.of(strongest)))
    return Report("Correlation matrix", tuple(sections))
