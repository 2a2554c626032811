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
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QAbstractTableModel,
    QCoreApplication,
    QEvent,
    QModelIndex,
    Qt,
)
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
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
    QMenu,
    QTabBar,
    QTabWidget,
    QWidget,
)

from designer import texts
from designer.pipeline import edits
from designer.pipeline.model import Pipeline

sys.path += [str(Path(__file__).parent), str(Path(__file__).parent / "shell")]

WORDS = re.compile(
    r"(?<![\w-])(?:the|of|is|isn't|are|aren't|and|or|from|with|to|this|that|has|have|can't|for|by"
    r"|doesn't|its|not|no|your|you|which|than|if|when|be|were|at|on|one|two|in a)(?![\w-])"
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

    def __enter__(self) -> Any:
        # Only now: the language is chosen before the window's code is imported.
        from designer.app.library.translation import translated
        from designer.app.shell import theme
        from designer.app.shell.main_window import MainWindow
        from designer.app.shell.settings import Settings
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
        By place; a text is listed once.
    """

    def __init__(self, window: Any) -> None:
        self._window = window
        self._data: set[str] = set()
        self._seen: set[str] = set()
        self.found: dict[str, list[str]] = {}

    def at(self, place: str, *widgets: QWidget) -> None:
        """Look at widgets and what is in them."""
        QApplication.processEvents()
        self.note(place, [text for widget in widgets for text in shown(widget)])

    def note(self, place: str, found: list[str]) -> None:
        """Keep the English ones of some texts."""
        english = {text for text in found if self._is_english(text)} - self._seen
        if english:
            self._seen |= english
            self.found[place] = sorted(english)

    def at_dialogs(self) -> None:
        """Look at the window, its dialogs, and the properties of every module."""
        from run_desk import show, splitting
        from test_large_dialogs import DIALOGS

        window = self._window
        self.at("start", window)
        show(window, splitting())
        wait(lambda: window.checker.has_checked)
        for name, make in DIALOGS.items():
            # The guide is in English.
            if name in ("guide", "problem"):
                continue
            dialog = make(window)
            dialog.show()
            self.at(f"dialog {name}", dialog)
            dialog.close()
            dialog.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        for module in window.catalog:
            pipeline, node = edits.add_node(Pipeline(), module)
            self._data = {node}
            show(window, pipeline)
            window.navigation.show_node(node, None)
            wait(lambda: not window.checker.is_behind)
            self.at(f"module {module}", window)

    def at_results(self, file: Path) -> None:
        """Run a pipeline, and look at every result."""
        from designer.app.views.opening import ResultView

        window = self._window
        self._data = strings_of(json.loads(file.read_text("utf-8")))
        assert window.files.open_path(file)
        wait(lambda: window.checker.has_checked)
        self.at("canvas", window)
        ended: list[str] = []
        progress: list[str] = []
        window.controller.finished.connect(lambda status, _: ended.append(status))
        window.controller.progressed.connect(
            lambda: progress.extend(each.text for each in window.controller.progress.values())
        )
        window.actions_by_id["run"].trigger()
        wait(lambda: bool(ended), 600)
        assert ended == ["completed"]
        self.note("progress", progress)
        for node in window.document.pipeline.nodes:
            window.navigation.show_node(node, None)
            self.at(f"node {node}", window)
        for node, result in list(window.controller.results.items()):
            for port in result.outputs:
                window.runs.show_output(node, port)
                wait(lambda: bool(window.runs.result_windows()))
                opened = window.runs.result_windows()[-1]
                views = opened.findChildren(ResultView)
                wait(lambda views=views: not any(view.reading for view in views))
                for tabs in opened.findChildren(QTabWidget):
                    for index in range(tabs.count()):
                        tabs.setCurrentIndex(index)
                        QApplication.processEvents()
                self.at(f"{node}.{port}", opened)
                opened.close()

    def _is_english(self, text: str) -> bool:
        if text in self._data or any(text in each for each in self._data):
            return False
        words = CODE.sub("", text)
        # Comments on cards are part of their descriptions.
        for each in self._data:
            words = words.replace(each, "") if " " in each else words
        return bool(WORDS.search(words)) or (texts.tr(text) != text and " " in text)


def strings_of(plain: object) -> set[str]:
    """Return the texts in a pipeline's file: what its author wrote."""
    if isinstance(plain, dict):
        return set().union(*map(strings_of, plain.values()), set())
    if isinstance(plain, list):
        return set().union(*map(strings_of, plain), set())
    return {plain} if isinstance(plain, str) and plain else set()


def wait(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Let the window work until something is ready."""
    for _ in range(round(seconds * 1000 / PAUSE)):
        if ready():
            return
        QTest.qWait(PAUSE)
    raise TimeoutError


def shown(widget: QWidget) -> Iterator[str]:
    """Yield the texts of a widget and of everything in it, whether visible or not."""
    for each in [widget, *widget.findChildren(QWidget)]:
        if _is_of_pyqtgraph(each):
            continue
        for text in (each.toolTip(), each.accessibleName(), each.accessibleDescription()):
            yield from plain(text)
        yield from plain(each.windowTitle())
        if isinstance(each, (QLabel, QAbstractButton)):
            yield from plain(each.text())
        elif isinstance(each, QGroupBox):
            yield from plain(each.title())
        elif isinstance(each, QLineEdit):
            yield from plain(each.placeholderText())
        elif isinstance(each, QComboBox):
            for index in range(each.count()):
                yield from plain(each.itemText(index))
        elif isinstance(each, QTabBar):
            for index in range(each.count()):
                yield from plain(each.tabText(index))
                yield from plain(each.tabToolTip(index))
        elif isinstance(each, QListWidget):
            for index in range(each.count()):
                yield from plain(each.item(index).text())
        elif isinstance(each, QAbstractItemView) and not isinstance(each, QListView):
            if each.model() is not None:
                yield from of_model(each.model(), QModelIndex())
        elif hasattr(each, "spots"):
            for part in (each.chart.title, each.chart.x_title, each.chart.y_title, each.chart.note):
                yield from plain(part)
            yield from (series.name for series in each.chart.series)
    for action in widget.findChildren(QAction):
        if action.menu() is None and action.objectName():
            yield from plain(action.text())
            yield from plain(action.toolTip())


def _is_of_pyqtgraph(widget: QWidget | None) -> bool:
    """Return whether a widget is in the menu of a plot, which the window never opens."""
    while widget is not None:
        if isinstance(widget, QMenu) or type(widget).__module__.startswith("pyqtgraph"):
            return True
        widget = widget.parentWidget()
    return False


def of_model(model: QAbstractItemModel, parent: QModelIndex) -> Iterator[str]:
    """Yield headers and the first rows."""
    if isinstance(model, QAbstractListModel):
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
    """Yield the lines of a text without markup."""
    if isinstance(text, str):
        lines = html.unescape(re.sub(r"<[^>]+>", "\n", text)).replace("\u200b", "").splitlines()
        yield from (line.strip() for line in lines if line.strip())


if __name__ == "__main__":
    main()
