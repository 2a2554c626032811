"""How the prediction depends on one column: partial dependence and single rows.

Friedman (2001): the average prediction with the column set to a value in every row. Goldstein,
Kapelner, Bleich and Pitkin (2015): the same for single rows, individual conditional expectation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from modules.contract.chart import Chart, Series
from modules.contract.columns import Column
from modules.contract.data_table import DataTable, kind_of
from modules.contract.normalize_frame import set_columns
from modules.values.trained_model import TrainedModel

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DEPENDENCE_ROWS = 200
"""Rows over which a dependence is averaged."""

GRID = 20
"""Values of a number or datetime for which the prediction is computed."""

_MOST_CATEGORIES = 20
_MOST_LINES = 40


def dependence_chart(model: TrainedModel, table: DataTable, column: Column) -> Chart | None:
    """Return the chart of a column; None if its values don't differ.

    Parameters
    ----------
    table : DataTable
        The rows over which predictions are averaged.
    """
    values = grid(table.frame[column.name])
    if len(values) < 2:
        return None
    outputs, predicted = predictions(model, table, column.name, values)
    title = f"Dependence on {column.name}"
    up = f"Probability of {model.positive}" if model.task == "two-class" else "Probability"
    if model.task == "regression":
        up = f"Predicted {model.label}" if model.label else "Prediction"
    average = predicted.mean(axis=1)
    if column.kind not in _NUMERIC:
        return _bars(title, up, column.name, values, outputs, predicted)
    x = [_number(value) for value in values]
    if len(outputs) > 1:
        series = [Series(str(name), x, average[:, at]) for at, name in enumerate(outputs)]
        return Chart("lines", title, _axis(column), up, series)
    lines = predicted[:, :_MOST_LINES, 0].T
    series = [Series("Average", x, average[:, 0]), *(Series("", x, line) for line in lines)]
    note = f"Thin lines: {len(lines)} single rows." if len(lines) > 1 else ""
    return Chart("lines", title, _axis(column), up, series, note=note)


def predictions(
    model: TrainedModel, table: DataTable, name: str, values: Sequence[Any]
) -> tuple[Sequence[Any], np.ndarray]:
    """Return the outputs, and what the model predicts with a column set to each value.

    Returns
    -------
    sequence
        The classes; one for a regression.
    numpy.ndarray, shape (values, rows, outputs)
    """
    frame = table.frame
    scores = model.score(table.with_frame(with_each(frame, name, values)))
    assert scores.scoring is not None
    regression = model.task == "regression"
    names = [scores.scoring.scored] if regression else list(scores.scoring.probabilities)
    found = scores.frame[names].to_numpy("float64").reshape(len(values), len(frame), -1)
    outputs: Sequence[Any] = model.classes if model.task == "multiclass" else (model.positive,)
    return outputs, found


def with_each(frame: pd.DataFrame, name: str, values: Sequence[Any]) -> pd.DataFrame:
    """Return the frame with a column set to each value, one below the other."""
    import numpy as np
    import pandas as pd

    repeated = frame.take(np.tile(np.arange(len(frame)), len(values))).reset_index(drop=True)
    column = pd.Series(values).repeat(len(frame)).reset_index(drop=True)
    if isinstance(frame[name].dtype, pd.CategoricalDtype):
        column = column.astype(frame[name].dtype)
    return set_columns(repeated, {name: column})


_NUMERIC = ("integer", "number", "datetime")


def grid(column: pd.Series) -> list[Any]:
    """Return quantiles of numbers between the 2nd and 98th percentile, or frequent values."""
    known = column.dropna()
    if kind_of(column.dtype) not in _NUMERIC:
        counts = known.value_counts()
        return list(counts[counts > 0].index[:_MOST_CATEGORIES])
    distinct = known.drop_duplicates().sort_values()
    if len(distinct) <= GRID:
        return list(distinct)
    quantiles = [0.02 + 0.96 * step / (GRID - 1) for step in range(GRID)]
    found = known.quantile(quantiles, interpolation="nearest")
    return list(found.drop_duplicates())


def _bars(
    title: str,
    up: str,
    name: str,
    values: Sequence[Any],
    outputs: Sequence[Any],
    predicted: np.ndarray,
) -> Chart:
    import numpy as np

    average = predicted.mean(axis=1)
    if len(outputs) > 1:
        series = [Series(str(each), y=average[:, at]) for at, each in enumerate(outputs)]
        return Chart("bars", title, up, name, series, values)
    low, high = np.quantile(predicted[:, :, 0], (0.1, 0.9), axis=1)
    note = "Lines: the middle 80% of the rows."
    return Chart("bars", title, up, name, [Series("", (), average[:, 0], low, high)], values, note)


def _number(value: Any) -> float:
    return value.timestamp() / 86_400 if hasattr(value, "timestamp") else float(value)


def _axis(column: Column) -> str:
    return f"{column.name} (days since 1970)" if column.kind == "datetime" else column.name
