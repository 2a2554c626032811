"""Principal Component Analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, Serving, When, module, warn
from modules.contract.code import CodeStep
from modules.contract.sheet import Sheet
from modules.contract.value import Row, RowFunction
from modules.feature_engineering._numbers import (
    NUMERIC_FEATURES,
    finite_columns,
    too_far_apart,
)
from modules.tables.fitted_code import arguments, write_fitted
from modules.tables.frames import check_numbers, numbered_names, numeric_columns, with_columns
from modules.values import Transformation
from modules.values.transformation import TransformationSummary

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_BY_NUMBER = When(choose_by="number of components")
_BY_SHARE = When(choose_by="share of variance")


def _code(step: CodeStep) -> None:
    given = step.columns("columns", "dataset")
    given += arguments(step, "choose_by", "components", "share", "normalize", "overwrite")
    write_fitted(step, fit_components, PrincipalComponents, port="pca_transformation", given=given)


@module(
    "Principal Component Analysis",
    outputs=("transformed_dataset", "pca_transformation"),
    keywords=("pca", "reduce dimensions", "svd", "explained variance", "decorrelate", "compress"),
    requires=("pandas", "numpy", "scikit-learn"),
    when_serving=Serving.AS_FITTED,
    code=_code,
)
def principal_component_analysis(
    dataset: DataTable,
    *,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns to transform"),
        Columns(of="dataset", kinds=("integer", "number")),
    ] = NUMERIC_FEATURES,
    choose_by: Annotated[
        Literal["share of variance", "number of components"], Field(title="Choose components by")
    ] = "share of variance",
    components: Annotated[int, Field(ge=1, title="Number of components"), _BY_NUMBER] = 2,
    share: Annotated[float, Field(gt=0, le=1, title="Share of variance"), _BY_SHARE] = 0.95,
    normalize: Annotated[bool, Field(title="Normalize features")] = True,
    overwrite: Annotated[bool, Field(title="Overwrite columns")] = True,
) -> tuple[DataTable, Transformation]:
    """Replace many correlated numeric columns with a few components that don't correlate.

    The first component is the direction in which the rows vary most, and so on. Use it before
    learners that suffer from many or similar features, and to draw rows in two dimensions.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    columns : ColumnSelector
        The numeric columns; by default all but the label, scores, and weights.
    choose_by : str
        How many components to keep: a number, or as few as explain a share of the variance.
    components : int
        At most as many as there are columns and rows.
    share : float
        The share of the variance to explain.
    normalize : bool
        Standardize the columns, so that none has more influence because of its unit.
    overwrite : bool
        Remove the columns from the result.

    Returns
    -------
    transformed_dataset : DataTable
        The table with the columns ``Principal component 1`` and so on at its end.
    pca_transformation : Transformation
        Computes the components of new data in the same way. It shows the explained variance and
        the weight of each column.

    Notes
    -----
    Pearson (1901) and Hotelling (1933) with scikit-learn's ``PCA``: singular value decomposition of
    the centered columns. Variances are those of a sample (division by n - 1). The sign of a
    component is arbitrary; its largest weight is positive. Missing values are replaced with the
    mean of their column. It equals truncated SVD of centered columns; for text use Latent
    Semantic Analysis.
    """
    names = numeric_columns(columns, dataset, "to transform")
    dataset.require_rows(1, port="dataset")
    fitted = PrincipalComponents(
        **fit_components(
            dataset.frame,
            names,
            choose_by=choose_by,
            components=components,
            share=share,
            normalize=normalize,
            overwrite=overwrite,
        )
    )
    return fitted.apply(dataset), fitted


def fit_components(
    frame: pd.DataFrame,
    names: list[str],
    *,
    choose_by: str = "share of variance",
    components: int = 2,
    share: float = 0.95,
    normalize: bool = True,
    overwrite: bool = True,
) -> dict[str, Any]:
    """Return means, scales, and the weights of each component."""
    import numpy as np
    from sklearn.decomposition import PCA

    names = finite_columns(frame, names)
    # A row for each column of the frame, so that its values are contiguous.
    rows = np.stack([frame[name].to_numpy("float64") for name in names])
    known = ~np.isnan(rows)
    average, deviate = (np.mean, np.std) if known.all() else (np.nanmean, np.nanstd)
    with np.errstate(over="ignore", invalid="ignore"):
        means, deviations = average(rows, axis=1), deviate(rows, axis=1)
    for name, mean, deviation in zip(names, means, deviations, strict=True):
        if not np.isfinite([mean, deviation]).all():
            raise too_far_apart(name)
    rows -= means[:, None]
    if not known.all():
        rows[~known] = 0.0
    scales = np.ones(len(names))
    if normalize:
        spread = rows.std(axis=1)
        # What differs by rounding alone is constant.
        scales = np.where(spread > 1e-12 * np.abs(means), spread, 1.0)
    rows /= scales[:, None]
    matrix = rows.T
    count = 1
    variances, shares = np.zeros(1), np.zeros(1)
    weights = np.zeros((1, len(names)))
    if matrix.any() and len(matrix) > 1:
        found = PCA().fit(matrix)
        variances, shares = found.explained_variance_, found.explained_variance_ratio_
        weights = found.components_
        # Later components are rounding alone.
        useful = max(1, int((variances > variances[0] * 1e-14).sum()))
        if choose_by == "number of components":
            count = min(components, useful)
        else:
            count = min(int(np.searchsorted(shares.cumsum(), share - 1e-12)) + 1, useful)
    if choose_by == "number of components" and count < components:
        warn(f"There are only {count} components that vary, fewer than {components}.")
    weights = weights[:count]
    largest = np.take_along_axis(weights, np.abs(weights).argmax(axis=1)[:, None], axis=1)
    weights = weights * np.where(largest < 0, -1.0, 1.0)
    return {
        "columns": names,
        "means": means.tolist(),
        "scales": scales.tolist(),
        "weights": np.ascontiguousarray(weights.T),
        "outputs": numbered_names("Principal component", count, list(frame.columns)),
        "variances": variances[:count].tolist(),
        "shares": shares[:count].tolist(),
        "overwrite": overwrite,
    }


def add_components(frame: pd.DataFrame, fitted: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with its components; a row's don't depend on the other rows, to the bit."""
    import numpy as np

    total = np.zeros((len(fitted["outputs"]), len(frame)))
    for name, mean, scale, weights in zip(
        fitted["columns"], fitted["means"], fitted["scales"], fitted["weights"], strict=True
    ):
        values = frame[name].to_numpy("float64")
        missing = np.isnan(values)
        if missing.any():
            values = np.where(missing, mean, values)
        values = values - mean
        values /= scale
        total += weights[:, None] * values
    kept = frame.drop(columns=fitted["columns"]) if fitted["overwrite"] else frame
    return with_columns(kept, total, fitted["outputs"])


@dataclass(frozen=True, eq=False)
class PrincipalComponents(Transformation):
    """Components as fitted by Principal Component Analysis.

    Parameters
    ----------
    columns : list of str
        The numeric columns.
    means, scales : list of float
        Subtracted from a column, and what it is then divided by.
    weights : numpy.ndarray, shape (columns, components)
        The weight of each column in each component.
    outputs : list of str
        The names of the components.
    variances, shares : list of float
        The variance of each component, and its share of that of all columns.
    overwrite : bool
        The columns are removed.
    """

    title: ClassVar[str] = "Principal components"
    on_frames = staticmethod(add_components)

    columns: list[str]
    means: list[float]
    scales: list[float]
    weights: np.ndarray
    outputs: list[str]
    variances: list[float]
    shares: list[float]
    overwrite: bool = True

    def apply(self, table: DataTable) -> DataTable:
        """Return the table with the components; see :class:`Transformation`."""
        check_numbers(table, self.columns, "the analysis")
        return table.with_frame(add_components(table.frame, vars(self)))

    def compile(self) -> RowFunction | None:
        """Return a row function on numpy."""
        import numpy as np

        steps = list(zip(self.columns, self.means, self.scales, self.weights, strict=True))
        dropped = frozenset(self.columns if self.overwrite else ())

        def convert(row: Row) -> dict[str, Any]:
            total = np.zeros(len(self.outputs))
            for name, mean, scale, weights in steps:
                value = row[name]
                if value is not None and value == value:
                    total += weights * ((value - mean) / scale)
            kept = {name: value for name, value in row.items() if name not in dropped}
            return kept | dict(zip(self.outputs, total.tolist(), strict=True))

        return convert

    def describe(self) -> pd.DataFrame:
        """Return the explained variance, one row per component."""
        import pandas as pd

        frame = pd.DataFrame(
            {
                "Component": self.outputs,
                "Variance": self.variances,
                "Share of variance": self.shares,
            }
        )
        return frame.assign(**{"Cumulative share": frame["Share of variance"].cumsum()})

    def summary(self) -> TransformationSummary:
        """Return the explained variance, and the weight of each column in each component."""
        import pandas as pd

        weights = pd.DataFrame(self.weights, columns=self.outputs)
        weights.insert(0, "Column", self.columns)
        sheets = {
            "Explained variance": Sheet.of(self.describe()),
            "Weights": Sheet.of(weights),
        }
        return TransformationSummary(self.title, sheets)
