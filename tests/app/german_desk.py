"""Opens the window in German, with a pipeline, and prints the English texts in it as JSON.

A program of its own, as texts of commands are made when the window's code is imported:

    python tests/app/german_desk.py WORKSPACE [PIPELINE]

Without a pipeline it opens dialogs and pages; with one it runs the pipeline and opens its results.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QTabBar,
    QWidget,
)

from designer import texts

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent / "shell")]

WORDS = re.compile(
    r"(?<![\w-])(?:the|of|is|isn't|are|aren't|and|or|from|with|to|this|that|has|have|can't|doesn't"
    r"|for|by|its|not|no|your|you|which|than|if|when|be|were|at|on|one|two|in a|an? \w+ing)(?![\w-])"
)
"""Words of English that aren't German."""

CODE = re.compile(r"``.*?``|“[^”]*”|„[^“]*“|\"[^\"]*\"")
"""What a German text quotes."""

PAUSE = 20
"""Milliseconds between two looks at what isn't ready."""


def main() -> None:
    """Open what the arguments name."""
    texts.use("de")
    workspace, *pipelines = sys.argv[1:]
    app = QApplication(sys.argv[:1])
    with opened(app, Path(workspace)) as window:
        look = Look(window)
        if pipelines:
            look.at_results(Path(pipelines[0]))
        else:
            look.at_dialogs()
        found = look.found
    print(json.dumps(found, ensure_ascii=False, indent=1))


class opened:
    """A window with an empty pipeline and an engine of its own."""

    def __init__(self, app: QApplication, workspace: Path) -> None:
        self._app, self._folder = app, workspace

    def __enter__(self):
        from designer.app.shell import theme
        from designer.app.shell.main_window import MainWindow
        from designer.app.shell.settings import Settings
        from designer.app.library.translation import translated
        from designer.catalog import load_catalog
        from designer.engine.engine import Engine
        from designer.workspace import Workspace

        catalog = translated(load_catalog())
        workspace = Workspace(self._folder / "workspace")
        self.engine = Engine(workspace, catalog, workers=2)
        theme.apply(self._app, "light")
        samples = self._folder / "samples"
        samples.mkdir(exist_ok=True)
        self.window = MainWindow(
            Settings(self._folder / "settings.ini"),
            catalog,
            workspace=workspace,
            make_engine=lambda: self.engine,
            samples=samples,
        )
        self.window.window().resize(1400, 900)
        self.window.show()
        self.window.files.new()
        QApplication.processEvents()
        return self.window

    def __exit__(self, *_: object) -> None:
        from window_desk import close

        close(self.window)
        self.engine.close()


class Look:
    """Collects English texts.

    Attributes
    ----------
    found : dict of str to list of str
        By place.
    """

    def __init__(self, window) -> None:
        self._window = window
        self._data: set[str] = set()
        self.found: dict[str, list[str]] = {}

    def at(self, place: str, widget: QWidget) -> None:
        """Look at a widget and what is in it."""
        QApplication.processEvents()
        english = sorted({text for text in shown(widget) if self._is_english(text)})
        if english:
            self.found[place] = english

    def at_dialogs(self) -> None:
        """Look at the window, its panels, and dialogs."""
        window = self._window
        self.at("start", window)
        from run_desk import show, splitting

        show(window, splitting())
        wait(lambda: window.checker.has_checked)
        window.canvas.select_all() if hasattr(window.canvas, "select_all") else None
        for panel in window.panels_by_id if hasattr(window, "panels_by_id") else ():
            window.navigation.show_panel(panel)
        for node in window.document.pipeline.nodes:
            window.navigation.show_node(node, None)
            self.at(f"node {node}", window)
        from test_large_dialogs import DIALOGS

        for name, make in DIALOGS.items():
            if name in ("guide", "problem"):
                continue
            dialog = make(window)
            dialog.show()
            self.at(f"dialog {name}", dialog)
            dialog.close()
            dialog.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        for module, spec in window.catalog.items():
            from designer.pipeline import edits
            from designer.pipeline.model import Pipeline

            pipeline, node = edits.add_node(Pipeline(), module)
            show(window, pipeline)
            window.navigation.show_node(node, None)
            QApplication.processEvents()
            wait(lambda: not window.checker.is_behind)
            self.at(f"module {module}", window)

    def at_results(self, file: Path) -> None:
        """Run a pipeline, and look at every result."""
        window = self._window
        self._data = strings_of(json.loads(file.read_text("utf-8")))
        assert window.files.open_path(file)
        wait(lambda: window.checker.has_checked)
        self.at("canvas", window)
        done: list[str] = []
        window.controller.finished.connect(lambda status, _: done.append(status))
        progress: set[str] = set()

        def note() -> None:
            progress.update(p.text for p in window.controller.progress.values() if p.text)

        window.controller.progressed.connect(note)
        window.actions_by_id["run"].trigger()
        wait(lambda: bool(done), 600)
        self.found["status"] = done
        if english := sorted(filter(self._is_english, progress)):
            self.found["progress"] = english
        for node in window.document.pipeline.nodes:
            window.navigation.show_node(node, None)
            self.at(f"node {node}", window)
        for node, result in list(window.controller.results.items()):
            for port in result.outputs:
                window.runs.show_output(node, port)
                wait(lambda: bool(window.runs.result_windows()))
                shown_window = window.runs.result_windows()[-1]
                view = shown_window.findChild(ResultView())
                wait(lambda: view is None or not view.reading)
                for tabs in shown_window.findChildren(TabWidget()):
                    for index in range(tabs.count()):
                        tabs.setCurrentIndex(index)
                        QApplication.processEvents()
                QApplication.processEvents()
                self.at(f"{node}.{port}", shown_window)
                shown_window.close()

    def _is_english(self, text: str) -> bool:
        if text in self._data or any(
            text in each or each in text for each in self._data if len(each) > 12
        ):
            return False
        words = CODE.sub("", text)
        return bool(WORDS.search(words)) or (texts.tr(text) != text and " " in text)


def ResultView():
    from designer.app.views.opening import ResultView

    return ResultView


def TabWidget():
    from PySide6.QtWidgets import QTabWidget

    return QTabWidget


def strings_of(plain: object) -> set[str]:
    """Return the texts in a pipeline's file: what its author wrote."""
    if isinstance(plain, dict):
        return set().union(*map(strings_of, plain.values()), set())
    if isinstance(plain, list):
        return set().union(*map(strings_of, plain), set())
    return {plain} if isinstance(plain, str) and plain else set()


def wait(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Let the window work until something is ready."""
    from PySide6.QtTest import QTest

    for _ in range(round(seconds * 1000 / PAUSE)):
        if ready():
            return
        QTest.qWait(PAUSE)
    raise TimeoutError


def shown(widget: QWidget) -> Iterator[str]:
    """Yield the texts of a widget and of everything in it, whether visible or not."""
    for each in [widget, *widget.findChildren(QWidget)]:
        for text in (each.toolTip(), each.accessibleName(), each.accessibleDescription()):
            yield from plain(text)
        yield from plain(each.windowTitle())
        if isinstance(each, (QLabel, QAbstractButton, QGroupBox)):
            yield from plain(each.text() if not isinstance(each, QGroupBox) else each.title())
        elif isinstance(each, QLineEdit):
            yield from plain(each.placeholderText())
        elif isinstance(each, QComboBox):
            for index in range(each.count()):
                yield from plain(each.itemText(index))
        elif isinstance(each, QTabBar):
            for index in range(each.count()):
                yield from plain(each.tabText(index))
                yield from plain(each.tabToolTip(index))
        elif (
            isinstance(each, QAbstractItemView) and not isinstance(each, QListView) and each.model()
        ):
            yield from of_model(each.model())
        elif isinstance(each, QListWidget):
            for index in range(each.count()):
                yield from plain(each.item(index).text())
        elif hasattr(each, "chart") and hasattr(each, "spots"):
            for part in (each.chart.title, each.chart.x_title, each.chart.y_title, each.chart.note):
                yield from plain(part)
            yield from (series.name for series in each.chart.series)
            yield from (spot.text for spot in each.spots()[:3])
    for action in widget.findChildren(QAction):
        yield from plain(action.text())
        yield from plain(action.toolTip())


def of_model(model, parent=None) -> Iterator[str]:
    """Yield headers and the first rows."""
    from PySide6.QtCore import QAbstractListModel, QAbstractTableModel, QModelIndex

    parent = parent or QModelIndex()
    if isinstance(model, QAbstractListModel):
        for row in range(model.rowCount(parent)):
            yield from plain(model.index(row, 0, parent).data())
        return
    for column in range(min(model.columnCount(parent), 40)):
        yield from plain(model.headerData(column, Qt.Orientation.Horizontal))
        for row in range(min(model.rowCount(parent), 60)):
            index = model.index(row, column, parent)
            yield from plain(index.data())
            yield from plain(index.data(Qt.ItemDataRole.ToolTipRole))
            if column == 0 and not isinstance(model, QAbstractTableModel):
                yield from of_model(model, index)


def plain(text: object) -> Iterator[str]:
    """Yield a text without markup."""
    if isinstance(text, str) and text.strip():
        for line in html.unescape(re.sub(r"<[^>]+>", "\n", text)).splitlines():
            if line.strip():
                yield line.strip()


if __name__ == "__main__":
    main()
