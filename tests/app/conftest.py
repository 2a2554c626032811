"""What the tests of the application share: an engine, and a window with everything in it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import focus_desk
import pytest
from layout_desk import USUAL_PIXELS
from property_desk import KNOWN, SPECS
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAccessible, QCursor, QFont
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from walk_desk import WALKS
from window_desk import LentEngine, close, warm

from designer.app.document.document import Document
from designer.app.panels.properties import Properties
from designer.app.shell import theme
from designer.app.shell.settings import Settings
from designer.catalog import Catalog, load_catalog
from designer.engine.engine import Engine
from designer.pipeline import edits
from designer.workspace import Workspace

AWAY = QPoint(-1000, -1000)
"""A place of the pointer outside of every window."""


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what one test remembers away from the next."""
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    # GNOME's defaults, whatever the user of this computer prefers.
    monkeypatch.setenv("GSETTINGS_BACKEND", "memory")


@pytest.fixture(autouse=True)
def mouse_at_rest() -> Iterator[None]:
    """Leave the mouse as it was, for the next test.

    A double click of Qt's leaves the button down, and a menu that opens takes no click near the
    pointer before it has moved.
    """
    yield
    if QApplication.instance() is not None:
        QTest.mouseRelease(QWidget(), Qt.MouseButton.LeftButton)
        QCursor.setPos(AWAY)


@pytest.fixture(autouse=True)
def walks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if a test that walks through widgets hasn't seen all that it is to see."""
    file = request.path.relative_to(Path(__file__).parent).as_posix()
    focus_desk.walked.clear()
    yield
    missing = set(WALKS.get(file, {}).get(request.node.name, "").split()) - focus_desk.walked
    assert not missing, f"No widget of {sorted(missing)} was walked through."


@pytest.fixture(scope="module", autouse=True)
def collection_in_this_thread() -> Iterator[None]:
    """Free cycles of Qt objects here, as the application does, and not in a worker's thread.

    The whole heap is searched after every tenth file, as Python does it too.
    """
    gc.disable()
    yield
    gc.collect(2 if gc.get_count()[2] >= gc.get_threshold()[2] else 1)
    gc.enable()


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Iterator[Engine]:
    workspace = Workspace(tmp_path_factory.mktemp("engine"))
    engine = Engine(workspace, catalog, workers=2)
    warm(engine)
    yield engine
    engine.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    folder = tmp_path / "samples"
    folder.mkdir()
    return folder


@pytest.fixture
def window(qapp, qtbot, settings, catalog, engine, samples):
    """A window on the screen with an empty pipeline."""
    from designer.app.shell.main_window import MainWindow

    theme.apply(qapp, "light")
    window = MainWindow(
        settings,
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    window.window().resize(1200, 800)
    with qtbot.waitExposed(window):
        window.show()
    window.files.new()
    with qtbot.waitActive(window):
        window.activateWindow()
    window.canvas.setFocus()
    QApplication.processEvents()
    yield window
    close(window)
    # An object of Python's in it would outlive Python.
    QApplication.clipboard().clear()


@pytest.fixture
def font(qapp):
    """Make the application's font larger, and small again afterwards."""
    usual = QFont(qapp.font())

    def larger(times: float) -> None:
        made = QFont(usual)
        made.setPixelSize(round(USUAL_PIXELS * times))
        qapp.setFont(made)
        theme.apply(qapp, "light")

    yield larger
    qapp.setFont(usual)
    theme.apply(qapp, "light")


@pytest.fixture(params=[1.5, 2.0])
def large(request, font):
    """Make the application's font one and a half times, and twice, as large."""
    font(request.param)
    return request.param


@pytest.fixture
def listening(qapp) -> Iterator[None]:
    """Let Qt keep what it tells assistive technology up to date, as if there were one."""
    before = QAccessible.isActive()
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(before)


@pytest.fixture
def answer(qtbot):
    """Press a button of the question that comes up next; returns what was asked."""
    asked: list[str] = []

    def press(words: str) -> list[str]:
        def look() -> None:
            box = QApplication.activeModalWidget()
            if not isinstance(box, QMessageBox):
                QTimer.singleShot(20, look)
                return
            asked.append(box.text())
            next(b for b in box.buttons() if b.text().replace("&", "") == words).click()

        QTimer.singleShot(0, look)
        return asked

    return press


@pytest.fixture
def panel(qapp, qtbot):
    """The property panel, showing a node with a parameter of every kind."""
    document = Document(SPECS)
    document.apply("Add", lambda p: edits.add_node(p, "everything")[0])
    theme.apply(qapp, "light")
    with theme.styled_at_once():
        panel = Properties(document, SPECS, lambda node, port: KNOWN if port == "data" else None)
        qtbot.addWidget(panel)
        panel.resize(320, 1400)
        panel.show_selection(["everything"])
    with qtbot.waitExposed(panel):
        panel.show()
    panel.activateWindow()
    panel.document = document
    yield panel
    panel._error_timer.stop()
    document.close()
