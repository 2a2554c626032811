"""The page of registered models."""

from __future__ import annotations

import pytest
from assistive_desk import DESCRIPTION, NAME, children, select_row, spoken
from fake_backend import version
from PySide6.QtCore import QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel

from designer.app.background.errors import UserError
from designer.app.deployment.models_page import ModelsPage


@pytest.fixture
def page(qtbot, backend, background):
    made = ModelsPage(backend, background)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    return made


def shown(page) -> str:
    return "\n".join(label.text() for label in page._facts.findChildren(QLabel))


def test_an_empty_registry_says_how_a_model_gets_there(page, qtbot):
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty)
    assert page.empty.message == "No model is registered yet."


def test_versions_show_run_pipeline_and_metrics(page, qtbot, backend):
    backend.models_["cars"] = [version("cars", "2", learner="Linear"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    assert page.title.text() == "cars, version 2"
    assert "cars.pipeline.json" in shown(page)
    assert "evaluate_model.RMSE\n2.5" in shown(page)
    item = page.tree.topLevelItem(0)
    item.setExpanded(True)
    qtbot.waitUntil(lambda: item.childCount() == 2)
    page.tree.setCurrentItem(item.child(1))
    assert page.title.text() == "cars, version 1"
    assert "run-1" in shown(page)
    with qtbot.waitSignal(page.deploy_requested) as signal:
        page.deploy.click()
    assert (signal.args[0]["name"], signal.args[0]["version"]) == ("cars", "1")


def test_no_raw_hash_is_shown(page, qtbot, backend, tmp_path):
    digest, folder = "2e7d8d04b4dfd3e0" * 4, tmp_path / ("f1c07d17507448cc" * 2)
    backend.models_["cars"] = [
        version(
            "cars",
            "1",
            data={"prices.path": digest},
            folder=str(folder),
            metrics={"evaluate_model.RMSE": 1234567.8, "evaluate_model.p": 8.4971e-05},
        )
    ]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    text = shown(page)
    assert "Data of prices.path\ncontent 2e7d8d04" in text
    assert "1234568" in text
    assert "0.000084971" in text
    readable = [each.text() for each in page._facts.findChildren(QLabel) if "<a" not in each.text()]
    assert not any(digest in each or folder.name in each for each in readable)
    tips = [label.toolTip() for label in page._facts.findChildren(QLabel)]
    assert f"Hash of what was read: {digest}" in tips
    assert str(folder) in tips


def test_the_folder_of_a_model_opens(page, qtbot, backend, tmp_path):
    backend.models_["cars"] = [version("cars", "1", folder=str(tmp_path))]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    opened: list[QUrl] = []
    receiver = Opened(opened)
    QDesktopServices.setUrlHandler("file", receiver, "open")
    link = next(x for x in page._facts.findChildren(QLabel) if "Open folder" in x.text())
    QTest.mouseClick(link, Qt.MouseButton.LeftButton, pos=QPoint(8, link.height() // 2))
    QDesktopServices.unsetUrlHandler("file")
    assert [url.toLocalFile() for url in opened] == [str(tmp_path)]


class Opened(QObject):
    """Takes the addresses that the system would open."""

    def __init__(self, opened: list[QUrl]) -> None:
        super().__init__()
        self._opened = opened

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self._opened.append(url)


def test_versions_are_compared_over_their_data(page, qtbot, backend):
    metric = "evaluate_model.Mean Absolute Error"
    backend.models_["cars"] = [
        version("cars", "2", metrics={metric: 1.5, "evaluate_model.AUC": None}),
        version("cars", "1", metrics={metric: 2.5}),
    ]
    page.refresh()
    qtbot.waitUntil(lambda: page.compare.isEnabled())
    QTest.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    dialog = page.comparison
    qtbot.waitUntil(lambda: dialog.list.topLevelItemCount() == 2)
    header = dialog.list.headerItem()
    titles = ["Version", "Trained on", metric, "evaluate_model.AUC"]
    assert [header.text(i) for i in range(4)] == titles
    newest, first = (dialog.list.topLevelItem(row) for row in (0, 1))
    assert [newest.text(i) for i in range(4)] == ["2", "cars@2", "1.5", "–"]
    assert [first.text(i) for i in range(4)] == ["1", "cars@1", "2.5", "–"]
    # The smaller error is the better one.
    assert (newest.font(2).bold(), first.font(2).bold()) == (True, False)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert page.comparison is None
    backend.fails["compare_versions"] = UserError("The registry is locked.")
    QTest.mouseClick(page.compare, Qt.MouseButton.LeftButton)
    dialog = page.comparison
    qtbot.waitUntil(lambda: "locked" in shown_problem(dialog))
    dialog.close()


def shown_problem(dialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_a_version_or_a_whole_model_is_deleted_after_a_question(page, qtbot, backend, answer):
    backend.models_["cars"] = [version("cars", "2"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    item = page.tree.topLevelItem(0)
    item.setExpanded(True)
    qtbot.waitUntil(lambda: item.childCount() == 2)
    page.tree.setCurrentItem(item.child(1))
    asked = answer("Delete")
    page.delete.click()
    assert asked == ["Delete version 1 of “cars”?"]
    qtbot.waitUntil(lambda: len(backend.models_["cars"]) == 1)
    qtbot.waitUntil(lambda: page.tree.topLevelItem(0).childCount() == 1)
    page.tree.setCurrentItem(page.tree.topLevelItem(0))
    answer("Delete")
    page.delete.click()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty)


def test_a_registry_that_can_not_be_read_is_explained(page, qtbot, backend):
    backend.fails["models"] = UserError("The tracking server can't be reached.", "Start it.")
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.problem)
    assert "can't be reached. Start it." in page.problem.findChildren(QLabel)[1].text()


def test_the_card_of_the_chosen_version_is_saved(page, qtbot, backend, tmp_path, monkeypatch):
    backend.models_["cars"] = [version("cars", "2"), version("cars", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    target = tmp_path / "card.md"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    with qtbot.waitSignal(page.message) as signal:
        qtbot.mouseClick(page.card, Qt.MouseButton.LeftButton)
    assert signal.args == ["Saved card.md."]
    assert target.read_text("utf-8") == "# cars, version 2\n"
    backend.fails["model_card"] = UserError("The registry can't be used.")
    qtbot.mouseClick(page.card, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.error.isVisible)
    assert page.error.text() == "The registry can't be used."
    assert page.card.isEnabled()


def test_versions_are_reached_and_spoken_without_a_key(page, qtbot, backend):
    backend.models_["cars"] = [version("cars", "2"), version("cars", "1")]
    backend.models_["bikes"] = [version("bikes", "1")]
    page.refresh()
    qtbot.waitUntil(lambda: page.current is not None)
    # What the window selects by itself stays collapsed.
    assert not page.tree.topLevelItem(0).isExpanded()
    select_row(page.tree, "cars")
    item = page.tree.findItems("cars", Qt.MatchFlag.MatchExactly)[0]
    assert item.isExpanded()
    qtbot.waitUntil(lambda: item.childCount() == 2)
    rows = {each.text(NAME): each for each in children(spoken(page.tree))}
    assert rows["cars"].state().expanded
    assert not rows["bikes"].state().expanded
    assert rows["bikes"].state().expandable
    assert rows["Version 1"].text(DESCRIPTION) == "level 2, in cars"
    select_row(page.tree, "Version 1")
    assert page.title.text() == "cars, version 1"
