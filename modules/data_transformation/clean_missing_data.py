"""Clean Missing Data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, ModuleError, Serving, When, module
from modules.contract.code import CodeStep
from modules.contract.value import Row, RowFunction
from modules.data_transformation._cleaning import clean, fit_cleaning, scalar_of
from modules.tables.fitted_code import arguments, write_fitted
from modules.values import Transformation

if TYPE_CHECKING:
    import pandas as pd

_REPLACE = (
    "custom substitution value",
    "replace with mean",
    "replace with median",
    "replace with mode",
)


def _code(step: CodeStep) -> None:
    mode = step.value("cleaning_mode")
    frame, (target, cleaning) = step.inputs["dataset"], step.outputs
    plain = not step.is_given("minimum_ratio") and not step.is_given("maximum_ratio")
    if cleaning == "_" and mode == "remove entire row" and plain:
        subset = f"subset={step.columns('columns', 'dataset')}, " * step.is_given("columns")
        step.write(f"{target} = {frame}.dropna({subset}ignore_index=True)")
    elif cleaning == "_" and mode == "remove entire column" and plain:
        if step.is_given("columns"):
            chosen = f"{frame}[{step.columns('columns', 'dataset')}]"
            step.write(f"{target} = {frame}.drop(columns={chosen}.columns[{chosen}.isna().any()])")
        else:
            step.write(f'{target} = {frame}.dropna(axis="columns")')
    else:
        given = f"{step.columns('columns', 'dataset')}, {step.source('cleaning_mode')}"
        given += arguments(step, "minimum_ratio", "maximum_ratio", "replacement_value")
        given += arguments(step, "indicator_columns", "all_missing")
        port = "cleaning_transformation"
        write_fitted(step, fit_cleaning, MissingValueCleaning, port=port, given=given)


@module(
    "Clean Missing Data",
    outputs=("cleaned_dataset", "cleaning_transformation"),
    keywords=("fill", "missing", "null", "nan", "impute", "empty", "drop", "fillna", "dropna"),
    requires=("pandas", "numpy"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def clean_missing_data(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector, Field(title="Columns to be cleaned"), Columns(of="dataset")
    ] = ColumnSelector.all(),
    minimum_ratio: Annotated[float, Field(title="Minimum missing value ratio", ge=0, le=1)] = 0.0,
    maximum_ratio: Annotated[float, Field(title="Maximum missing value ratio", ge=0, le=1)] = 1.0,
    cleaning_mode: Literal[
        "custom substitution value",
        "replace with mean",
        "replace with median",
        "replace with mode",
        "remove entire row",
        "remove entire column",
    ] = "custom substitution value",
    replacement_value: Annotated[str, When(cleaning_mode="custom substitution value")] = "0",
    indicator_columns: Annotated[
        bool, Field(title="Generate missing value indicator columns"), When(cleaning_mode=_REPLACE)
    ] = False,
    all_missing: Annotated[
        Literal["remove", "propagate"],
        Field(title="Columns with all missing values"),
        When(cleaning_mode=_REPLACE),
    ] = "remove",
) -> tuple[DataTable, Transformation]:
    """Replace missing values, or remove the rows or columns that have them.

    Decision trees accept missing numbers; linear models replace them with the mean
    automatically. Clean the data if you know a better replacement.

    The replacements, such as means, are output as a transformation, so that new data is
    cleaned in the same way.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    columns : ColumnSelector
        The columns to clean; others are unchanged.
    minimum_ratio : float
        Clean only columns with at least this ratio of missing values.
    maximum_ratio : float
        Clean only columns with at most this ratio of missing values.
    cleaning_mode : str
        What to do. The mean and the median are for numbers, the mode (the most frequent
        value) is for any column.
    replacement_value : str
        The replacement for missing values, converted to a number, boolean, or date to match the
        column.
    indicator_columns : bool
        For each column that had missing values, append a column ``<name>_IsMissing`` that
        is true for missing values.
    all_missing : str
        What to do with a column with no values: remove or keep it. A kept column is filled with
        the custom value, as text if that isn't a number; otherwise it stays missing, because
        there is nothing to compute a replacement from.

    Returns
    -------
    cleaned_dataset : DataTable
        The cleaned table.
    cleaning_transformation : Transformation
        Cleans new data in the same way.

    Notes
    -----
    Values equal those of pandas: ``fillna(mean())``, ``fillna(median())``,
    ``fillna(mode()[0])``, ``dropna()``. If several values are most frequent, the smallest is used.
    The mean or median of a boolean column is rounded to true (from 0.5) or false, so
    that the column keeps its type.

    A column of the wrong type, for example text with a mean as replacement, is an error
    only if it has missing values, so you can select all columns.

    A transformation that removes rows removes them from new data too.

    As in Azure ML designer, values aren't imputed from other columns (MICE and probabilistic
    PCA of ML Studio (classic) aren't available).
    """
    if minimum_ratio > maximum_ratio:
        raise ModuleError(
            "bad-range",
            f"The minimum ratio {minimum_ratio:g} is above the maximum {maximum_ratio:g}.",
            "Set the minimum to at most the maximum.",
            parameter="minimum_ratio",
        )
    selected = columns.resolve(dataset.columns, parameter="columns")
    fitted = fit_cleaning(
        dataset.frame,
        selected,
        cleaning_mode,
        minimum_ratio=minimum_ratio,
        maximum_ratio=maximum_ratio,
        replacement_value=replacement_value,
        indicator_columns=indicator_columns,
        all_missing=all_missing,
    )
    cleaning = MissingValueCleaning(**fitted)
    return cleaning.apply(dataset), cleaning


@dataclass(frozen=True, eq=False)
class MissingValueCleaning(Transformation):
    """Cleaning as fitted by Clean Missing Data.

    Parameters
    ----------
    fills : list of dict
        ``column``, ``kind`` and ``value`` (a JSON scalar) of each column to fill.
    indicators : list of [str, str]
        Column, and name of the column that indicates its missing values.
    removed : list of str
        Columns to remove.
    complete : list of str
        Columns; rows with a missing value in one of them are removed.
    """

    title: ClassVar[str] = "Cleaning of missing data"
    on_frames = staticmethod(clean)

    fills: list[dict[str, Any]] = field(default_factory=list)
    indicators: list[list[str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)

    def apply(self, table: DataTable) -> DataTable:
        """Return the cleaned table; see :class:`Transformation`."""
        needed = [fill["column"] for fill in self.fills]
        table.require([*needed, *(name for name, _ in self.indicators), *self.complete])
        return table.with_frame(clean(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function; None if rows are removed."""
        if self.complete:
            return None
        fills = [(fill["column"], scalar_of(fill)) for fill in self.fills]
        removed = frozenset(self.removed)
        indicators = [(name, new) for name, new in self.indicators]

        def clean(row: Row) -> dict[str, Any]:
            result = {name: value for name, value in row.items() if name not in removed}
            for name, value in fills:
                if _is_missing(row[name]):
                    result[name] = value
            for name, new in indicators:
                result[new] = _is_missing(row[name])
            return result

        return clean

    def describe(self) -> pd.DataFrame:
        """Return the action for each column, one row per column."""
        import pandas as pd

        rows = [
            (fill["column"], "replace missing values with", str(fill["value"]))
            for fill in self.fills
        ]
        rows += [(name, "mark missing values in", new) for name, new in self.indicators]
        rows += [(name, "remove the column", "") for name in self.removed]
        rows += [(name, "remove rows with missing values", "") for name in self.complete]
        return pd.DataFrame(rows, columns=["Column", "Action", "Value"], dtype="str")


def _is_missing(value: Any) -> bool:
    return value is None or value != value
