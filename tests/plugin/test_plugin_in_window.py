"""The window knows the package: its modules, its port type's color and view, its target."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

sys.path.append(str(Path(__file__).parents[1] / "app"))

from window_desk import LentEngine, close, warm

from designer.app.deployment.deploying.deploy_form import DeployForm
from designer.app.runs.compute_target import ComputeTarget
from designer.app.shell import theme
from designer.app.shell.main_window import MainWindow
from designer.app.shell.settings import Settings
from designer.engine import Engine
from designer.workspace import Workspace


@pytest.fixture(scope="module", autouse=True)
def collection_in_this_thread() -> Iterator[None]:
    """Free cycles of Qt objects here, as the application does, and not in a worker's thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(scope="module")
def engine(catalog: Any, desk: Any) -> Iterator[Engine]:
    with Engine(Workspace(desk.workspace), catalog, workers=1) as engine:
        warm(engine)
        yield engine


@pytest.fixture
def window(qapp: Any, qtbot: Any, catalog: Any, engine: Engine, tmp_path: Path) -> Iterator[Any]:
    theme.apply(qapp, "light")
    settings = Settings(tmp_path / "settings.ini")
    window = MainWindow(
        settings,
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),  # type: ignore[arg-type,return-value]
        samples=tmp_path,
    )
    window.window().resize(1200, 800)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    close(window)


def test_its_modules_are_in_the_palette_and_are_added(window: Any) -> None:
    window.files.new()
    model = window.palette_panel.tree.model()
    titles = {}
    for row in range(model.rowCount()):
        category = model.index(row, 0)
        titles[category.data()] = [
            model.index(child, 0, category).data() for child in range(model.rowCount(category))
        ]
    found = next(names for title, names in titles.items() if "Spectroscopy" in title)
    assert found == ["Calibration Regression", "List Peaks", "Record Spectrum", "Subtract Baseline"]
    window.modules.add_at_center("record_spectrum")
    assert window.selection.spec_of("record_spectrum").title == "Record Spectrum"


@pytest.mark.parametrize(("mode", "color"), [("light", "#8a2be2"), ("dark", "#c9a2f0")])
def test_its_category_has_its_own_icon_and_colors(
    window: Any, qapp: Any, catalog: Any, mode: str, color: str
) -> None:
    theme.apply(qapp, mode)
    model = window.palette_panel.tree.model()
    categories = [model.index(row, 0) for row in range(model.rowCount())]
    found = next(each for each in categories if each.data() == "Spectroscopy")
    icon = model.index(0, 0, found).data(Qt.ItemDataRole.DecorationRole)
    drawn = icon.pixmap(48, 48).toImage()
    own = theme.icon(str(Path(catalog["record_spectrum"].file).with_name("icon.svg")), color)
    assert drawn == own.pixmap(48, 48).toImage()
    assert drawn != theme.icon("module", color).pixmap(48, 48).toImage()
    theme.apply(qapp, "light")


@pytest.mark.parametrize(("mode", "color"), [("light", "#8a2be2"), ("dark", "#c9a2f0")])
def test_its_port_type_has_its_color(qapp: Any, catalog: Any, mode: str, color: str) -> None:
    theme.apply(qapp, mode)
    assert theme.current().type_color("Spectrum") == color
    theme.apply(qapp, "light")


@pytest.mark.long
def test_a_run_in_the_window_shows_the_spectrum_in_its_own_view(
    window: Any, qtbot: Any, desk: Any, ran: Any
) -> None:
    assert window.files.open_path(desk.file)
    window.runs.run()
    qtbot.waitUntil(lambda: not window.controller.running, timeout=60_000)
    window.runs.show_output("spectrum", "spectrum")
    qtbot.waitUntil(lambda: shown() is not None, timeout=30_000)
    frame = pd.read_csv(desk.data)
    strongest = frame["red"][frame["blue"].idxmax()] - 1.0
    assert shown().text() == f"Strongest at {strongest:g} nm"  # type: ignore[union-attr]


def shown() -> QLabel | None:
    for top in QApplication.topLevelWidgets():
        found = top.findChild(QLabel, "spectrum")
        if found is not None and found.isVisible():
            return found
    return None


def test_its_target_is_offered_with_its_option(site: Path, qtbot: Any) -> None:
    class Backend:
        """What the form asks besides the target."""

        def problem_with_name(self, name: str, target: str) -> str:
            return ""

        def note_on_name(self, name: str) -> str:
            return ""

        def obstacle(self, target: str) -> str:
            return ""

    form = DeployForm(Backend(), "light", ComputeTarget())  # type: ignore[arg-type]
    qtbot.addWidget(form)
    form.show()
    form.target.setFocus()
    for _ in range(form.target.findText("Observatory")):
        QTest.keyClick(form.target, Qt.Key.Key_Down)
    field = form.fields.fields["telescope"]
    assert field.isVisible()
    editor = field.editor
    assert isinstance(editor, QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "VLT")
    assert form.problem == "“VLT” isn't a telescope."
