"""Charts and profiles of a stored table. For a worker process."""

from __future__ import annotations

from pathlib import Path

from designer.engine.stored_table import open_table
from modules.tables.figures.building import build_figure
from modules.tables.figures.figure import Figure
from modules.tables.figures.scatter import Window
from modules.tables.figures.settings import ChartSettings
from modules.tables.profile import profile_dataset
from modules.values.report import ReportSummary

MOST_PROFILED = 5_000_000
"""Cells of a profile; of a longer table the first rows are profiled."""


def table_figure(folder: Path, settings: ChartSettings, window: Window | None = None) -> Figure:
    """Return the chart of a stored table.

    Parameters
    ----------
    window : tuple of float, optional
        The part of a scatter or line chart that is visible: left, bottom, right, top.

    Raises
    ------
    ModuleError
        If the table can't be read, or a column can't be drawn this way.
    """
    return build_figure(open_table(folder), settings, window=window)


def table_profile(folder: Path, label: str = "") -> tuple[ReportSummary, int]:
    """Return what Data Profile reports of a stored table, and of how many rows.

    Parameters
    ----------
    label : str
        The column that others may give away; by default the one with the role label.

    Raises
    ------
    ModuleError
        If the table can't be read.
    """
    stored = open_table(folder)
    rows = min(len(stored), max(MOST_PROFILED // max(len(stored.columns), 1), 1000))
    _, report = profile_dataset(stored.slice(0, rows), label)
    return report.summary(), rows
