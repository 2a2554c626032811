"""Create Chart."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modules.contract import Columns, ColumnSelector, DataTable, When, module
from modules.tables.figures.settings import MOST_BINS, ChartKind, ChartSettings, Statistic
from modules.values import Report


@module(
    "Create Chart",
    outputs=("chart",),
    keywords=(
        "plot", "graph", "visualize", "scatter", "line", "bar", "histogram", "box plot",
        "heatmap", "pair plot", "scatter matrix", "facet",
    ),
    requires=("numpy",),
    row="it combines all rows of a request",
    code="a script keeps no chart; take it out, or draw with Execute Python Script",
)  # fmt: skip
def create_chart(
    dataset: DataTable,
    *,
    kind: Annotated[ChartKind, Field(title="Kind")] = "scatter",
    x: Annotated[
        ColumnSelector,
        Field(title="X"),
        Columns("dataset", single=True),
        When(kind=("scatter", "line", "bar", "histogram", "box")),
    ] = ColumnSelector(),
    y: Annotated[
        ColumnSelector,
        Field(title="Y"),
        Columns("dataset", single=True),
        When(kind=("scatter", "line", "bar", "box")),
    ] = ColumnSelector(),
    statistic: Annotated[Statistic, Field(title="Statistic of Y"), When(kind="bar")] = "mean",
    bins: Annotated[
        int, Field(ge=1, le=MOST_BINS, title="Number of bins"), When(kind="histogram")
    ] = 30,
    columns: Annotated[
        ColumnSelector,
        Field(title="Columns"),
        Columns("dataset"),
        When(kind=("correlation", "pairs")),
    ] = ColumnSelector(),
    color: Annotated[
        ColumnSelector,
        Field(title="Color"),
        Columns("dataset", single=True),
        When(kind=("scatter", "line", "bar", "histogram", "pairs")),
    ] = ColumnSelector(),
    size: Annotated[
        ColumnSelector,
        Field(title="Size"),
        Columns("dataset", single=True, kinds=("integer", "number")),
        When(kind="scatter"),
    ] = ColumnSelector(),
    facet: Annotated[
        ColumnSelector,
        Field(title="Panels"),
        Columns("dataset", single=True),
        When(kind=("scatter", "line", "bar", "histogram", "box")),
    ] = ColumnSelector(),
) -> Report:
    """Draw columns of a table: scatter, lines, bars, histograms, boxes, correlations, or pairs.

    Parameters
    ----------
    dataset : DataTable
        Any table.
    kind : str
        Scatter: a marker for each row. Line: the mean of Y at each X. Bar: counts, or a statistic
        of Y, for each value of X. Histogram: how values of X are distributed. Box: quartiles and
        outliers of Y for each value of X. Correlation: a matrix of numeric columns. Pairs: a
        scatter chart of each pair of columns.
    x : ColumnSelector
        The horizontal axis. Scatter and line charts need numbers or dates.
    y : ColumnSelector
        The vertical axis. Lines, bars, and boxes need numbers. A bar chart without it shows counts.
    statistic : str
        What a bar shows of the values of Y.
    bins : int
        Bars of a histogram of numbers.
    columns : ColumnSelector
        Numeric columns; by default the first 60 for correlations, and the first 4 for pairs.
    color : ColumnSelector
        A color for each value of this column. Numbers are cut into five ranges of as many rows.
    size : ColumnSelector
        Numbers that the areas of markers show.
    facet : ColumnSelector
        A chart for each value of this column.

    Returns
    -------
    chart : Report
        The chart.

    Notes
    -----
    Missing and infinite numbers aren't drawn. The most frequent 40 categories, 7 colors, and 8
    panels are shown; the others are together. A scatter chart shows at most 5,000 rows, evenly
    chosen. Correlations are Pearson's, of the rows in which both columns have values. Whiskers
    end at the last value within 1.5 interquartile ranges (Tukey, Exploratory Data Analysis, 1977).
    """
    from modules.tables.figures.building import build_figure
    from modules.tables.figures.report import MOST_MARKERS, figure_report

    given = {"x": x, "y": y, "color": color, "size": size, "facet": facet}
    single = {
        name: "" if chosen.is_empty else chosen.resolve_one(dataset.columns, parameter=name)
        for name, chosen in given.items()
    }
    several = () if columns.is_empty else columns.resolve(dataset.columns, parameter="columns")
    settings = ChartSettings(kind, **single, columns=tuple(several), bins=bins, statistic=statistic)
    return figure_report(build_figure(dataset, settings, most_markers=MOST_MARKERS, sampled=True))
