"""The panel with the pipeline as code, which follows every change."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.code.code_view import CodeView
from designer.app.code.exporter import Exporter
from designer.app.code.preview import Preview, Request
from designer.app.panels.panel import Panel, PanelContext
from designer.app.panels.problems import Problems
from designer.app.shell import theme
from designer.app.shell.commands import command
from designer.app.widgets.fields.choosing import ChoiceBox
from designer.app.widgets.flow_layout import BarLayout
from designer.app.widgets.scrolling import TallArea
from designer.composed_texts import in_language
from designer.pipeline.file import SUFFIX
from designer.pipeline.problem import Problem
from designer.texts import tr

if TYPE_CHECKING:
    from designer.export import Target

DELAY = 150
"""Milliseconds without changes before the code is written again."""

EMPTY = tr("Add a module to see its code.")
WAITING = tr("Writing the code…")
BROKEN = tr("Fix these problems to see the code.")


class CodePanel(QWidget):
    """Shows the pipeline as code; its lines and the cards lead to each other.

    Signals
    -------
    saved : str
        The code was saved; the message for the user.
    failed : str
        Why it couldn't be saved.
    """

    saved = Signal(str)
    failed = Signal(str)

    def __init__(self, context: PanelContext) -> None:
        super().__init__()
        self._context = context
        self._exporter = Exporter(
            context.catalog, context.agreements, context.controller, context.known.checker
        )
        self._preview: Preview | None = None
        self._selected: list[str] = []
        self._request: Request | None = None
        self._busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY)
        self._timer.timeout.connect(self._write)
        self._make_widgets()
        self._lay_out()
        context.document.changed.connect(self._on_changed)
        context.document.path_changed.connect(self._on_changed)
        context.known.checker.checked.connect(self._on_checked)
        theme.notifier().changed.connect(self._set_icons)

    def show_selection(self, names: Iterable[str]) -> None:
        """Light up the lines of the selected cards and groups."""
        self._selected = list(names)
        self._light()

    @command(
        tr("Export as code…"),
        "Ctrl+Shift+C",
        icon="script",
        help=tr("Show the pipeline as a Python script or a notebook, to copy or save it."),
        needs="pipeline",
        menus="File 2.3",
    )
    def export_as_code(self) -> None:
        """Show the code beside the canvas."""
        self._context.navigation.show_panel(PANEL.name)
        self.view.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Write the code as soon as it is seen."""
        super().showEvent(event)
        if not self.target.count():
            self._list_targets()
        self._write()

    def hideEvent(self, event: QHideEvent) -> None:
        """Write nothing that isn't seen."""
        super().hideEvent(event)
        self._timer.stop()

    def _make_widgets(self) -> None:
        self.target = ChoiceBox()
        self.target.set_spoken_label(tr("Kind of code"))
        self.target.setToolTip(tr("Kind of code"))
        self.target.activated.connect(lambda _: self._on_target())
        self.copy_button = QPushButton(tr("Copy"))
        self.copy_button.setToolTip(tr("Copy the code."))
        self.copy_button.clicked.connect(self._copy)
        self.save_button = QPushButton(tr("Save as…"))
        self.save_button.setToolTip(tr("Save the code as a file."))
        self.save_button.clicked.connect(self._save)
        self.with_layout = QCheckBox(tr("Ids and positions"))
        self.with_layout.setToolTip(
            tr("Add the id and position of each card in trailing comments.")
        )
        self.with_layout.setChecked(self._context.settings.export_layout)
        self.with_layout.toggled.connect(self._on_option)
        self.with_results = QCheckBox(tr("Results as files"))
        self.with_results.setToolTip(tr("Add code that writes the results as files."))
        self.with_results.toggled.connect(self._on_option)
        self.message = QLabel()
        self.message.setProperty("role", "muted")
        self.message.setWordWrap(True)
        self.view = CodeView("python")
        self.view.setAccessibleName(tr("Code"))
        self.view.setFrameShape(CodeView.Shape.NoFrame)
        self.view.line_chosen.connect(self._on_line)
        self.problems = Problems()
        self.problems.chosen.connect(lambda problem: self._go_to(problem))
        self.problems.activated.connect(lambda problem: self._go_to(problem, edit=True))
        self._set_icons()

    def _lay_out(self) -> None:
        tools = QWidget()
        flow = BarLayout(tools)
        buttons = (self.copy_button, self.save_button)
        for each in (self.target, *buttons, self.with_layout, self.with_results):
            flow.addWidget(each)
        head = QVBoxLayout()
        head.setContentsMargins(10, 10, 10, 8)
        head.setSpacing(8)
        head.addWidget(TallArea(tools))
        head.addWidget(self.message)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(head)
        self._column.addWidget(self.view, 3)
        self._column.addWidget(self.problems, 1)
        self._column.addStretch(0)
        self._show(None)

    def _set_icons(self) -> None:
        self.copy_button.setIcon(theme.icon("copy"))
        self.save_button.setIcon(theme.icon("save"))

    def _list_targets(self) -> None:
        # Not before it is seen: the application starts faster.
        from designer.export import TARGETS

        for name, target in TARGETS.items():
            self.target.addItem(in_language(target.title), name)
        chosen = self.target.findData(self._context.settings.export_target)
        self.target.setCurrentIndex(max(chosen, 0))
        self._show_results_option()

    def _chosen(self) -> Target:
        from designer.export import TARGETS

        return TARGETS[self.target.currentData()]

    def _on_target(self) -> None:
        self._context.settings.export_target = self.target.currentData()
        self._show_results_option()
        self._write()

    def _show_results_option(self) -> None:
        target = self._chosen()
        with QSignalBlocker(self.with_results):
            stored = self._context.settings.export_results(target.name, target.writes_results)
            self.with_results.setChecked(stored)

    def _on_option(self) -> None:
        settings = self._context.settings
        settings.export_layout = self.with_layout.isChecked()
        settings.set_export_results(self._chosen().name, self.with_results.isChecked())
        self._write()

    def _on_changed(self) -> None:
        if self.isVisible():
            self._timer.start()

    def _on_checked(self) -> None:
        """Write the code again if files, datasets, or what may be looked at have changed."""
        found = any(each.severity == "error" for each in self._context.known.checker.problems)
        if self._preview is not None and found != (self._preview.script is None):
            self._request = None
            self._on_changed()

    def _current(self) -> Request:
        document = self._context.document
        return Request(
            document.pipeline,
            document.path or document.base / f"{document.title}{SUFFIX}",
            self._chosen().name,
            self.with_layout.isChecked(),
            self.with_results.isChecked(),
            self._context.workspace.folder,
        )

    def _write(self) -> None:
        """Write the code in the background, of the last state only."""
        self._timer.stop()
        request = self._current()
        if self._busy or request == self._request:
            return
        self._request = request
        if not request.pipeline.nodes:
            self._show(None)
            return
        self._busy = True
        if self._preview is None:
            self.message.setText(WAITING)
        heavy = self._chosen().loads_libraries
        self._exporter.preview(request, self._on_written, loads_libraries=heavy)

    def _on_written(self, preview: Preview) -> None:
        self._busy = False
        if self._context.document.pipeline.nodes:
            self._show(preview)
        if self.isVisible():
            # There may have been more changes.
            self._write()

    def _show(self, preview: Preview | None) -> None:
        """Show code with its warnings, or the problems; without both, what to do."""
        self._preview = preview
        focused = self._has_focus()
        script = preview.script if preview is not None else None
        problems = preview.problems if preview is not None else ()
        self.message.setText(BROKEN if problems and script is None else "" if script else EMPTY)
        self.message.setVisible(script is None)
        self.view.set_code(script.text if script else "", preview.spans if preview else [])
        self.view.setVisible(script is not None)
        self.problems.show_problems(
            problems, self._context.document.pipeline, self._context.catalog
        )
        self.problems.setVisible(bool(problems))
        for button in (self.copy_button, self.save_button):
            button.setEnabled(script is not None)
        if focused and not self._has_focus():
            # What had the focus was hidden.
            (self.view if script is not None else self.problems.list).setFocus()
        self._light()

    def _has_focus(self) -> bool:
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _light(self) -> None:
        script = self._preview.script if self._preview is not None else None
        if script is not None:
            self.view.light(
                [each for name in self._selected for each in script.lines.get(name, ())]
            )

    def _on_line(self, line: int) -> None:
        owner = self._preview.owner(line) if self._preview is not None else ""
        if owner:
            self._context.navigation.show_node(owner)

    def _go_to(self, problem: Problem, *, edit: bool = False) -> None:
        if problem.node:
            self._context.navigation.show_node(problem.node, problem.parameter if edit else None)

    def _copy(self) -> None:
        if self._preview is not None and self._preview.script is not None:
            QGuiApplication.clipboard().setText(self._preview.script.text)

    def _save(self) -> None:
        request, target = self._current(), self._chosen()
        name = request.file.name.removesuffix(SUFFIX) + target.suffix
        chosen, _ = QFileDialog.getSaveFileName(
            self.window(),
            tr("Save the code"),
            str(request.file.parent / name),
            tr("{title} (*{suffix});;All files (*)").format(
                title=in_language(target.title), suffix=target.suffix
            ),
        )
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(target.suffix)
        results = {}
        if target.fill is not None:
            results = self._context.controller.stored(request.pipeline, request.file.parent)

        def done(error: str) -> None:
            if error:
                self.failed.emit(error)
            else:
                self.saved.emit(tr("“{name}” contains the pipeline.").format(name=path.name))

        self._exporter.save(request, path, results, done)


PANEL = Panel("code", tr("Code"), "beside", CodePanel, "script")
