"""Models, transformations and files on the screen, and results that can't be shown."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from assistive_desk import select_row
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton
from sklearn.linear_model import LinearRegression

from designer.app.views import formatting, open_result
from designer.app.views.files_view import FilesView
from designer.app.views.general_view import GeneralView
from designer.app.views.image_pane import ImagePane
from designer.app.views.learner_view import LearnerView
from designer.app.views.message_view import MessageView
from designer.app.views.model_view import ModelView
from modules.contract.data_table import DataTable
from modules.contract.sheet import Sheet
from modules.contract.value import Summary
from modules.learning import SklearnLearner
from modules.values import Files, ImageFolder, storage


@dataclass(frozen=True)
class Stored:
    type: str
    path: Path
    rows: ClassVar[None] = None
    columns: ClassVar[None] = None


@dataclass
class Gone:
    path: Path
    type: str = field(default="TrainedModel")


def shown(qtbot, widget, kind):
    qtbot.waitUntil(lambda: isinstance(widget.view, kind), timeout=30_000)
    widget.grab()
    return widget.view


@pytest.fixture
def frame() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    size = draw.normal(size=200)
    return pd.DataFrame(
        {"size": size, "make": draw.choice(["audi", "bmw"], 200), "price": -4 * size + 100}
    )


@pytest.mark.long
def test_a_linear_model_shows_settings_and_coefficients(qtbot, opened, frame):
    learner = SklearnLearner(
        "Linear Regression", "regression", estimator=LinearRegression(),
        parameters={"l2_weight": 0.5, "include_intercept": True},
    )  # fmt: skip
    view = shown(qtbot, opened(learner.fit(DataTable(frame), "price")), ModelView)
    facts = view.facts.shown()
    assert facts["Learner"] == "Linear Regression"
    assert facts["Task"] == "Regression"
    assert facts["Predicts"] == "price"
    assert facts["L2 weight"] == "0.5"
    assert facts["Include intercept"] == "yes"
    assert "scikit-learn" in facts
    assert [view.tabs.tabText(n) for n in range(2)] == ["Coefficients", "Features"]
    texts = view.tabs.widget(0).sheet.texts()
    assert texts[0] == ["Feature", "Coefficient"]
    assert texts[1:3] == [["Intercept", "100.00"], ["size", "-4.00"]]
    assert view.tabs.widget(1).sheet.texts()[1:] == [["size", "Number"], ["make", "String"]]


def test_a_table_of_coefficients_sorts_and_copies(qtbot, opened, frame):
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    view = shown(qtbot, opened(learner.fit(DataTable(frame), "price")), ModelView)
    sheet = view.tabs.widget(0).sheet
    sheet.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in sheet.texts()][1] == "size"
    sheet.selectRow(0)
    qtbot.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0] == "Feature\tCoefficient"
    assert len(lines) == 2
    assert float(lines[1].split("\t")[1]) == pytest.approx(-4)


def test_coefficients_are_saved_as_csv_and_as_image(qtbot, opened, frame, tmp_path, monkeypatch):
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    view = shown(qtbot, opened(learner.fit(DataTable(frame), "price")), ModelView)
    page = view.tabs.widget(0)
    files = {
        "Save as CSV: Coefficients": tmp_path / "coefficients.csv",
        "Save image: Coefficients": tmp_path / "coefficients.svg",
    }
    for name, file in files.items():
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, file=file: (str(file), ""))
        (button,) = (b for b in page.findChildren(QToolButton) if b.accessibleName() == name)
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert page.note.text() == f"Saved {file.name}."
    saved = pd.read_csv(tmp_path / "coefficients.csv", index_col="Feature")["Coefficient"]
    assert saved["size"] == pytest.approx(-4)
    assert saved["Intercept"] == pytest.approx(100)
    drawn = (tmp_path / "coefficients.svg").read_text("utf-8")
    assert "Intercept" in drawn
    assert "size" in drawn


def test_an_untrained_model_shows_what_it_was_given(qtbot, opened):
    learner = SklearnLearner(
        "Linear Regression",
        "regression",
        parameters={"l2_weight": 0.1},
        sweep={"l2_weight": (0.1, 1)},
        estimator=LinearRegression(),
    )
    view = shown(qtbot, opened(learner), LearnerView)
    values = [label.text() for label in view.findChildren(QLabel)]
    assert "0.1, 1" in values


def test_a_transformation_is_a_table(qtbot, tmp_path):
    sheet = Sheet(("Column", "Value"), (("price", 1.5), ("make", None)))
    view = GeneralView(Summary("Clean", {"Clean": sheet}), tmp_path)
    qtbot.addWidget(view)
    assert view.pages[0].sheet.texts() == [["Column", "Value"], ["price", "1.5000"], ["make", "–"]]


def test_files_are_listed(qtbot, opened, tmp_path):
    folder = tmp_path / "some"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.txt").write_text("x" * 1500)
    (folder / "deep" / "a.txt").write_text("")
    view = shown(qtbot, opened(Files(folder)), FilesView)
    qtbot.waitUntil(lambda: view.list is not None, timeout=10_000)
    assert view.list.texts()[1:] == [["b.txt", "1.5 kB"], ["deep/a.txt", "0 B"]]
    assert "2 files" in view._head.text()
    assert formatting.size(2_340_000) == "2.34 MB"


def test_only_images_in_sight_are_read(qtbot, opened, tmp_path):
    folder = tmp_path / "some" / "red"
    folder.mkdir(parents=True)
    image = QImage(300, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    for place in range(300):
        image.save(str(folder / f"{place:03}.png"))
    (folder / "000.png").write_bytes(b"no image")
    view = shown(qtbot, opened(ImageFolder(folder.parent), size=(700, 500)), FilesView)
    qtbot.waitUntil(lambda: view.list is not None, timeout=10_000)
    images = view.list.images
    assert view._head.text() == "300 images in 1 folder"
    view.grab()

    def settled():
        view.grab()
        return images.loaded > 5 and not images._busy and not images._wanted

    qtbot.waitUntil(settled, timeout=30_000)
    assert images.loaded < 60
    assert images._read[1].toImage().pixelColor(64, 64).red() > 250
    first = images.loaded
    view.list.scrollToBottom()
    qtbot.waitUntil(lambda: settled() and images.loaded > first, timeout=30_000)
    assert images.loaded < 120


def test_images_of_few_pixels_are_enlarged_and_keep_their_squares(qtbot, opened, tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    image.setPixelColor(0, 0, QColor("red"))
    for name in "ab":
        image.save(str(folder / f"{name}.png"))
    view = shown(qtbot, opened(ImageFolder(folder)), FilesView)
    found = pane(qtbot, view)
    assert found.title.text() == "a.png, 16 × 16 pixels"

    def red(widget) -> int:
        """How many pixels of the screen are of the red one."""
        seen = widget.grab().toImage()
        pixels = ((x, y) for x in range(seen.width()) for y in range(seen.height()))
        return sum(seen.pixelColor(*each).name() == "#ff0000" for each in pixels)

    edge = min(found.canvas.width() - 28, found.canvas.height() - 18) // 16
    assert red(found.canvas) == edge**2 > 100
    view.list.setCurrentIndex(view.list.images.index(1, 0))
    # The selected one is tinted.
    qtbot.waitUntil(lambda: red(view.list.viewport()) == 8**2)


def pictures(folder: Path, **colors: str) -> ImageFolder:
    folder.mkdir()
    for name, color in colors.items():
        image = QImage(800, 400, QImage.Format.Format_RGB32)
        image.fill(QColor(color))
        image.save(str(folder / f"{name}.png"))
    return ImageFolder(folder)


def pane(qtbot, view) -> ImagePane:
    qtbot.waitUntil(lambda: view.image_pane is not None and not view.image_pane.image.isNull())
    return view.image_pane


def test_the_chosen_picture_is_shown_large(qtbot, opened, tmp_path):
    folder = pictures(tmp_path / "some", one="red", two="blue")
    view = shown(qtbot, opened(folder), FilesView)
    found = pane(qtbot, view)
    assert found.title.text() == "one.png, 800 × 400 pixels"
    assert found.canvas.width() > view.list.width() * 2
    middle = found.canvas.rect().center()
    assert found.canvas.grab().toImage().pixelColor(middle).name() == "#ff0000"
    view.list.setFocus()
    QTest.keyClick(view.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: found.title.text() == "two.png, 800 × 400 pixels")
    assert found.canvas.grab().toImage().pixelColor(middle).name() == "#0000ff"
    select_row(view.list, "one.png")
    qtbot.waitUntil(lambda: found.title.text() == "one.png, 800 × 400 pixels")
    QTest.mouseClick(found.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().image().size().width() == 800
    QGuiApplication.clipboard().clear()


def test_a_single_picture_has_all_the_room_and_is_saved_as_it_is(
    qtbot, opened, tmp_path, monkeypatch
):
    view = shown(qtbot, opened(pictures(tmp_path / "some", one="red")), FilesView)
    found = pane(qtbot, view)
    assert not view.list.isVisible()
    target = tmp_path / "kept.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    QTest.mouseClick(found.save, Qt.MouseButton.LeftButton)
    assert target.read_bytes() == (tmp_path / "some" / "one.png").read_bytes()
    target = tmp_path / "gone" / "kept.png"
    QTest.mouseClick(found.save, Qt.MouseButton.LeftButton)
    assert "can't be written" in found.title.text()


def test_a_folder_without_images_and_a_damaged_image_say_so(qtbot, opened, tmp_path):
    view = shown(qtbot, opened(pictures(tmp_path / "none")), FilesView)
    qtbot.waitUntil(lambda: "no images" in " ".join(x.text() for x in view.findChildren(QLabel)))
    bad = pictures(tmp_path / "bad")
    (bad.folder / "a.png").write_bytes(b"no image")
    view = shown(qtbot, opened(bad), FilesView)
    qtbot.waitUntil(lambda: view.image_pane is not None and view.image_pane.canvas.missing)
    assert not view.image_pane.copy.isEnabled()


def test_what_can_not_be_shown_is_one_sentence(qtbot, opened, engine, frame, tmp_path):
    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    storage.save(learner.fit(DataTable(frame), "price"), tmp_path / "model")
    (tmp_path / "model" / "model.skops").write_bytes(b"no longer a model")
    (tmp_path / "empty").mkdir()
    (tmp_path / "newer").mkdir()
    marker = {"format": 1, "type": "HyperModel", "kind": "modules.values.hyper:HyperModel"}
    (tmp_path / "newer" / "value.json").write_text(json.dumps(marker))
    cases = [
        (Stored("TrainedModel", tmp_path / "model"), "can't be read"),
        (Stored("TrainedModel", tmp_path / "nowhere"), "no longer exists"),
        (Stored("Evaluation", tmp_path / "empty"), "doesn't contain a stored value"),
        (Stored("HyperModel", tmp_path / "newer"), "isn't defined by any module"),
        (Gone(tmp_path / "nowhere"), "no longer exists"),
    ]
    for output, words in cases:
        widget = open_result(output, "Train", engine)
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitUntil(
            lambda widget=widget: isinstance(widget.view, MessageView) and not widget.reading,
            timeout=30_000,
        )
        assert words in widget.view.message
        assert "Traceback" not in widget.view.message + widget.view.hint


def test_a_closed_engine_is_one_sentence(qtbot, frame, tmp_path):
    class Closed:
        def call(self, function, *args):
            raise RuntimeError("The engine is closed.")

    learner = SklearnLearner("Linear Regression", "regression", estimator=LinearRegression())
    storage.save(learner, tmp_path / "model")
    widget = open_result(Stored("UntrainedModel", tmp_path / "model"), "Train", Closed())
    qtbot.addWidget(widget)
    qtbot.waitUntil(lambda: not widget.reading, timeout=30_000)
    assert widget.view.message == "This result can't be read."


def test_missing_values_of_a_sheet_come_last_in_both_orders(qtbot):
    from designer.app.views.sheet_view import SheetView

    sheet = SheetView(Sheet(("Name", "Value"), (("b", 2.0), ("A", None), ("c", 1.0))), "Sheet")
    qtbot.addWidget(sheet)
    assert [row[0] for row in sheet.texts()[1:]] == ["b", "A", "c"]
    sheet.selectRow(0)
    sheet.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in sheet.texts()[1:]] == ["c", "b", "A"]
    assert sheet.currentIndex().row() == 1
    sheet.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert [row[0] for row in sheet.texts()[1:]] == ["b", "c", "A"]
    sheet.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in sheet.texts()[1:]] == ["A", "b", "c"]
    sheet.sortByColumn(-1, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in sheet.texts()[1:]] == ["b", "A", "c"]
