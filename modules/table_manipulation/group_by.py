"""Group By."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, module
from modules.contract.code import CodeStep, TableFacts
from modules.contract.data_table import kind_of
from modules.tables.frames import free_name, wrong_kind

if TYPE_CHECKING:
    import pandas as pd

COUNT = "Count"
NUMERIC = ("sum", "mean", "median", "standard deviation", "variance")
Function = Literal[
    "sum",
    "mean",
    "median",
    "standard deviation",
    "variance",
    "minimum",
    "maximum",
    "first",
    "last",
    "count",
    "distinct",
]
_PANDAS = {
    "standard deviation": "std",
    "variance": "var",
    "minimum": "min",
    "maximum": "max",
    "distinct": "nunique",
}


def _code(step: CodeStep) -> None:
    frame = step.inputs["dataset"]
    columns = step.columns("columns", "dataset") if step.is_given("columns") else "[]"
    step.write(
        f"{step.outputs[0]} = {step.helper(grouped)}({frame}, "
        f"{step.columns('keys', 'dataset')}, {columns}, {step.source('functions')}, "
        f"{step.source('count_rows')})"
    )
    facts: TableFacts = step.facts("dataset")
    step.know("results_dataset", TableFacts(facts.roles))


@module(
    "Group By",
    outputs=("results_dataset",),
    keywords=("aggregate", "sum", "mean", "count", "per", "summarize", "statistics"),
    requires=("numpy", "pandas"),
    when_serving=Serving.MERGES_ROWS,
    row="it combines rows",
    code=_code,
)
def group_by(
    dataset: DataTable,
    *,
    keys: Annotated[ColumnSelector, Field(title="Group by"), Columns(of="dataset")],
    columns: Annotated[
        ColumnSelector, Field(title="Columns to aggregate"), Columns(of="dataset")
    ] = ColumnSelector(),
    functions: Annotated[tuple[Function, ...], Field(title="Functions")] = ("mean",),
    count_rows: Annotated[bool, Field(title="Count the rows of each group")] = True,
) -> DataTable:
    """Aggregate the rows of each group: sums, means, counts.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    keys : ColumnSelector
        Rows with equal values in these columns are a group.
    columns : ColumnSelector
        The columns to aggregate. Empty to only count rows.
    functions : tuple of str
        What is computed of each column; ``count`` is the number of values, ``distinct`` that of
        different ones.
    count_rows : bool
        Add the column ``Count`` with the number of rows.

    Returns
    -------
    results_dataset : DataTable
        A row for each group, in the order of the keys, with a column ``mean(price)`` for each
        function and column.

    Notes
    -----
    Missing keys are a separate group, the last one. Missing values are ignored; a group without
    any value has a missing result. First and last are of the values in the order of the rows.
    Standard deviation and variance are those of a sample (division by n - 1).

    Sum, mean, median, standard deviation and variance need numbers or booleans (true is 1); they
    are left out for other columns if another function is chosen too.
    """
    names = keys.resolve(dataset.columns, parameter="keys")
    chosen = columns.resolve(dataset.columns, parameter="columns", allow_empty=True)
    result = grouped(dataset.frame, names, chosen, functions, count_rows)
    return dataset.with_frame(result)


def grouped(
    frame: pd.DataFrame,
    keys: list[str],
    columns: list[str],
    functions: Sequence[str],
    count_rows: bool,
) -> pd.DataFrame:
    """Return a row for each group of a frame."""
    import pandas as pd

    if columns and not functions:
        raise ModuleError(
            "nothing-chosen",
            "No function is chosen for the columns to aggregate.",
            "Choose at least one function.",
            parameter="functions",
        )
    # A selection in its own order may repeat a column.
    keys, columns = list(dict.fromkeys(keys)), list(dict.fromkeys(columns))
    codes, index = _numbered(frame, keys)
    groups = frame.groupby(codes, observed=False)
    made: dict[str, Any] = {}
    taken = list(keys)
    if count_rows:
        name = free_name(COUNT, taken)
        taken.append(name)
        made[name] = groups.size().to_numpy("int64")
    for column in columns:
        values = frame[column]
        kind = kind_of(values.dtype)
        numeric = kind in ("integer", "number", "boolean")
        usable = [each for each in functions if numeric or each not in NUMERIC]
        if not usable:
            raise wrong_kind(column, kind, "numbers are required", parameter="columns")
        plain = numbers = groups[column]
        if kind == "boolean":
            numbers = values.astype("float64").groupby(codes, observed=False)
        for function in usable:
            name = free_name(f"{function}({column})", taken)
            taken.append(name)
            method = _PANDAS.get(function, function)
            source = numbers if function in NUMERIC else plain
            options = {"min_count": 1} if function == "sum" else {}
            made[name] = getattr(source, method)(**options).array
    return pd.concat([index, pd.DataFrame(made, index=index.index)], axis=1)


def _numbered(frame: pd.DataFrame, keys: list[str]) -> tuple[Any, pd.DataFrame]:
    """Return the number of each row's group, and the keys of each group, in the order of these.

    As categories, so that pandas doesn't number the groups once more. It takes half of the time
    of ``groupby(keys)``, which hashes the combinations of keys too.
    """
    import math

    import numpy as np
    import pandas as pd

    parts = [_key_codes(frame[key]) for key in keys]
    sizes = [len(labels) for _, labels in parts]
    total = math.prod(sizes)
    if total >= 2**62:
        groups = frame.groupby(keys, dropna=False, observed=True)
        index = groups.size().index.to_frame(index=False)
        codes = groups.ngroup().to_numpy()
        return pd.Categorical.from_codes(codes, index.index), index.set_axis(keys, axis=1)
    codes = parts[0][0]
    for (own, _), size in zip(parts[1:], sizes[1:], strict=True):
        codes = codes * size + own
    if total <= 2 * len(frame):
        there = np.bincount(codes, minlength=total) > 0
        seen = np.flatnonzero(there)
        codes = codes if len(seen) == total else (np.cumsum(there) - 1)[codes]
    else:
        codes, seen = pd.factorize(codes, sort=True)
    columns = {}
    left = seen
    for key, (_, labels), size in reversed(list(zip(keys, parts, sizes, strict=True))):
        left, at = np.divmod(left, max(size, 1))
        columns[key] = labels.take(at).array
    index = pd.DataFrame(columns, index=range(len(seen)))[keys]
    return pd.Categorical.from_codes(codes, index.index), index


def _key_codes(values: pd.Series) -> tuple[Any, pd.Series]:
    """Return a number for each value and the values in this order, a missing one last."""
    import numpy as np
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        codes = values.cat.codes.to_numpy("int64")
        every = range(len(values.cat.categories))
        labels = pd.Series(pd.Categorical.from_codes(every, dtype=values.dtype))
    else:
        if values.dtype == "int64" and len(values):
            low, high = int(values.min()), int(values.max())
            # Between these bounds, a number is its own position.
            if high - low < len(values):
                return values.to_numpy() - low, pd.Series(np.arange(low, high + 1))
        codes, distinct = pd.factorize(values, sort=True)
        labels = pd.Series(distinct, dtype=values.dtype)
    missing = codes < 0
    if missing.any():
        codes = np.where(missing, len(labels), codes)
        labels = pd.concat([labels, values[missing].iloc[:1]], ignore_index=True)
    return codes, labels
