"""The panels of the workbench, in the order of their tabs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from designer.app.automl import trials_panel
from designer.app.code import code_panel
from designer.app.panels import log, palette, problems, properties, runs
from designer.app.panels.outline import outline
from designer.app.panels.panel import Panel
from designer.app.runs import timeline_panel

PANELS: list[Panel[QWidget]] = [
    palette.PANEL,
    outline.PANEL,
    code_panel.PANEL,
    properties.PANEL,
    problems.PANEL,
    log.PANEL,
    runs.PANEL,
    timeline_panel.PANEL,
    trials_panel.PANEL,
]
