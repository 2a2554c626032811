"""Fairness by Group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ModuleError,
    Serving,
    module,
    warn,
)
from modules.contract.chart import Chart, Series
from modules.contract.code import CodeStep, TableFacts
from modules.contract.data_table import kind_of
from modules.contract.sheet import Sheet
from modules.values import Report, Section

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from modules.learning.explanation.errors_of_rows import Judged

_MOST_GROUPS = 50

_SHOWN = {
    "two-class": ("Selection rate", "True positive rate", "False positive rate", "Accuracy"),
    "multiclass": ("Accuracy", "Average recall"),
    "regression": ("Mean absolute error", "Root mean squared error"),
}


def _code(step: CodeStep) -> None:
    from modules.scoring_evaluation._evaluation_code import scores_of_input, write_judged

    rows = write_judged(step, "scored_dataset", scores_of_input(step, "scored_dataset"))
    _, groups, disparities = step.outputs
    names = step.columns("sensitive_columns", "scored_dataset")
    options = f"{step.source('bins')}, {step.source('least')}"
    step.write(f"{groups}, {disparities} = {step.helper(group_tables)}({rows}, {names}, {options})")
    for port in ("groups", "disparities"):
        step.know(port, TableFacts())


@module(
    "Fairness by Group",
    outputs=("report", "groups", "disparities"),
    keywords=(
        "bias",
        "demographic parity",
        "equalized odds",
        "disparate impact",
        "responsible AI",
        "discrimination",
    ),
    requires=("numpy", "pandas"),
    when_serving=Serving.DROP,
    code=_code,
)
def fairness_by_group(
    scored_dataset: DataTable,
    *,
    sensitive_columns: Annotated[
        ColumnSelector, Columns("scored_dataset"), Field(title="Sensitive columns")
    ],
    bins: Annotated[int, Field(ge=2, le=20, title="Groups of a numeric column")] = 4,
    least: Annotated[int, Field(ge=1, le=1_000_000, title="Minimum rows of a group")] = 10,
) -> tuple[Report, DataTable, DataTable]:
    """Compare how a model treats the groups of sensitive columns, such as sex or age.

    Parameters
    ----------
    scored_dataset : DataTable
        The output of Score Model with the label and the sensitive columns, which the model
        doesn't need to know.
    sensitive_columns : ColumnSelector
        Each value of a column is a group; columns are looked at one after the other.
    bins : int
        A numeric column with more distinct values is divided into so many groups of about equal
        size.
    least : int
        Smaller groups are shown, but not compared: their metrics are uncertain.

    Returns
    -------
    report : Report
        Charts and tables.
    groups : DataTable
        The metrics of each group.
    disparities : DataTable
        For each column and metric, the largest difference between two groups and the ratio of
        the smallest to the largest. For two classes also ``Demographic parity``, that of the
        selection rate, ``Equal opportunity``, that of the true positive rate, and ``Equalized
        odds``, the worse of true and false positive rate.

    Notes
    -----
    Definitions as in Fairlearn; equalized odds are those of Hardt, Price and Srebro (2016). A
    ratio of the selection rates below 0.8 is often taken as a sign of disparate impact. Whether a
    difference is unfair can't be computed.
    """
    from modules.learning.explanation.errors_of_rows import judged

    rows = judged(scored_dataset, "scored_dataset")
    names = sensitive_columns.resolve(scored_dataset.columns, parameter="sensitive_columns")
    if not names:
        raise ModuleError(
            "no-columns",
            "No sensitive column is selected.",
            "Select a column with groups to compare.",
            parameter="sensitive_columns",
        )
    groups, disparities = group_tables(rows, names, bins, least)
    sections = [
        _section(name, rows, _of_column(groups, name), _of_column(disparities, name))
        for name in names
    ]
    return (
        Report("Fairness by group", tuple(sections)),
        DataTable(groups),
        DataTable(disparities),
    )


def group_tables(
    rows: Judged, names: list[str], bins: int, least: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the metrics of the groups of each column, and how much they differ."""
    import pandas as pd

    groups, disparities = [], []
    for name in names:
        table = _metrics(rows, _groups(rows.frame[name], bins))
        compared = table[table["Rows"] >= least]
        _warn_of_small_groups(name, len(table) - len(compared), least)
        groups.append(_labeled(table, name))
        disparities.append(_labeled(_disparities(rows.task, compared), name))
    return pd.concat(groups, ignore_index=True), pd.concat(disparities, ignore_index=True)


def _warn_of_small_groups(name: str, count: int, least: int) -> None:
    if count:
        few = "1 group has" if count == 1 else f"{count} groups have"
        warn(f"Column “{name}”: {few} fewer than {least:,} rows and can't be compared.")


def _of_column(table: pd.DataFrame, name: str) -> pd.DataFrame:
    own = table[table["Column"] == name]
    return own.drop(columns="Column").reset_index(drop=True)


def _groups(column: pd.Series, bins: int) -> pd.Series:
    """Return the group of each row as text.

    Raises
    ------
    ModuleError
        If there are too many.
    """
    import pandas as pd

    name, kind = str(column.name), kind_of(column.dtype)
    if kind in ("integer", "number", "datetime") and column.nunique() > bins:
        known = column if kind == "datetime" else column.astype("float64")
        values, order = _ranges(known, bins)
    else:
        values = column.astype(object)
        order = [str(each) for each in sorted(values.dropna().unique(), key=str)]
        values = values.map(str, na_action="ignore")
    if len(order) > _MOST_GROUPS:
        raise ModuleError(
            "too-many-groups",
            f"Column “{name}” has {len(order):,} distinct values; at most {_MOST_GROUPS} groups "
            "can be compared.",
            "Group the values first, for example with Group Data into Bins.",
            parameter="sensitive_columns",
            column=name,
        )
    missing = "missing" if "missing" not in order else "(missing)"
    return pd.Series(
        pd.Categorical(values.where(values.notna(), missing), categories=[*order, missing])
    )


def _ranges(column: pd.Series, bins: int) -> tuple[pd.Series, list[str]]:
    """Return the range of each row, by quantiles, as text, and the ranges in their order.

    A range is named by the least and the largest value in it, so that it's clear where a value
    between two ranges belongs.
    """
    import numpy as np
    import pandas as pd

    finite = column[~column.isin([np.inf, -np.inf])]
    within = column.clip(finite.min(), finite.max())
    codes = pd.qcut(within, bins, labels=False, duplicates="drop")
    # There are no quantiles if a single value is left.
    codes = codes.where(codes.notna() | column.isna(), 0)
    ends = column.groupby(codes).agg(["min", "max"])
    shown = _distinct_texts(list(dict.fromkeys([*ends["min"], *ends["max"]])))
    texts = {
        code: shown[low] if low == high else f"{shown[low]} to {shown[high]}"
        for code, low, high in ends.itertuples(name=None)
    }
    return codes.map(texts).astype(object), list(texts.values())


def _distinct_texts(values: Sequence[Any]) -> dict[Any, str]:
    """Return values as texts, as short as they can be without being equal."""
    import pandas as pd

    found: dict[Any, str] = {}
    times = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")
    for form, digits in zip(times, (6, 9, 13, 17), strict=True):
        found = {
            value: f"{value:{form}}" if isinstance(value, pd.Timestamp) else f"{value:.{digits}g}"
            for value in values
        }
        if len(set(found.values())) == len(found):
            break
    return found


def _metrics(rows: Judged, values: pd.Series) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    codes = values.cat.codes.to_numpy()
    lines = []
    for code, name in enumerate(values.cat.categories):
        chosen = np.flatnonzero(codes == code)
        if len(chosen):
            share = len(chosen) / len(rows.frame)
            lines.append(
                {"Group": name, "Rows": len(chosen), "Share": share, **rows.metrics(chosen)}
            )
    return pd.DataFrame(lines).astype({"Group": "str"})


def _disparities(task: str, compared: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    found: list[tuple[str, float, float]] = []
    metrics = [name for name in compared.columns if name not in ("Group", "Rows", "Share")]
    known = {name: _disparity(compared[name].to_numpy(float)) for name in metrics}
    if task == "two-class":
        rates = [known["True positive rate"], known["False positive rate"]]
        found += [
            ("Demographic parity", *known["Selection rate"]),
            ("Equal opportunity", *known["True positive rate"]),
            ("Equalized odds", max(rate[0] for rate in rates), min(rate[1] for rate in rates)),
        ]
    found += [(name, *values) for name, values in known.items()]
    frame = pd.DataFrame(found, columns=["Metric", "Largest difference", "Smallest ratio"])
    return frame.astype({"Metric": "str"})


def _disparity(values: np.ndarray) -> tuple[float, float]:
    """Return the largest difference, and the ratio of the smallest to the largest."""
    import numpy as np

    if len(values) < 2 or np.isnan(values).any():
        return float("nan"), float("nan")
    low, high = float(values.min()), float(values.max())
    ratio = low / high if low >= 0 and high > 0 else float("nan")
    return high - low, ratio


def _labeled(table: pd.DataFrame, name: str) -> pd.DataFrame:
    import pandas as pd

    column = pd.Series([name] * len(table), dtype="str", name="Column")
    return pd.concat([column, table.reset_index(drop=True)], axis=1)


def _section(name: str, rows: Judged, table: pd.DataFrame, differences: pd.DataFrame) -> Section:
    shown = [metric for metric in _SHOWN[rows.task] if metric in table]
    series = [Series(metric, (), table[metric]) for metric in shown]
    names = [
        f"{group} ({count:,})" for group, count in zip(table["Group"], table["Rows"], strict=True)
    ]
    chart = Chart("bars", "", "", name, series, names, "In parentheses: rows.")
    return Section(f"Groups of {name}", _verdict(rows, table, differences), Sheet.of(table), chart)


def _verdict(rows: Judged, table: pd.DataFrame, differences: pd.DataFrame) -> str:
    if len(table) < 2:
        return "There is only one group, so nothing can be compared."
    texts = []
    for metric, difference, ratio in differences.itertuples(index=False, name=None):
        if difference == difference:
            beside = f", ratio {ratio:.3g}" if ratio == ratio else ""
            texts.append(f"{metric}: difference {difference:.3g}{beside}.")
    if rows.task == "two-class" and rows.classes:
        texts.insert(0, f"Selected means predicted “{rows.classes[rows.positive]}”.")
    return "\n".join(texts[:5])
