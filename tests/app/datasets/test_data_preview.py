"""The preview of data under the parameters of a Dataset."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QTableWidget

from designer.app.background.engine_caller import EngineCaller
from designer.app.datasets.data_preview import DataPreview, has_preview
from designer.catalog import load_catalog


def test_only_modules_that_bring_data_in_have_one() -> None:
    catalog = load_catalog()
    assert has_preview(catalog["dataset"])
    assert has_preview(catalog["enter_data_manually"])
    for module in ("import_data", "split_data", "linear_regression", "execute_python_script"):
        assert not has_preview(catalog[module])


def test_rows_follow_the_options(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x;y\n1;2\n", "utf-8")
    preview = DataPreview(None)
    qtbot.addWidget(preview)
    table = preview.findChild(QTableWidget)
    preview.show_data("dataset", {"path": str(path)})
    qtbot.waitUntil(lambda: table.columnCount() == 2, timeout=30_000)
    assert [table.horizontalHeaderItem(at).text() for at in range(2)] == ["x", "y"]
    assert table.item(0, 1).text() == "2"
    preview.show_data("dataset", {"path": str(path), "delimiter": "comma"})
    qtbot.waitUntil(lambda: table.columnCount() == 1, timeout=30_000)


def test_days_have_no_time_and_a_time_with_its_zone_is_whole(qtbot, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "day,moment,zone\n"
        "2024-05-31,2024-05-31 14:30,2024-05-31T14:30:00+02:00\n"
        ",,\n"
        "2024-06-01,2024-06-01 00:00,2024-06-01T00:00:00+02:00\n",
        "utf-8",
    )
    preview = DataPreview(None)
    qtbot.addWidget(preview)
    preview.resize(280, 400)
    with qtbot.waitExposed(preview):
        preview.show()
    table = preview.findChild(QTableWidget)
    preview.show_data("dataset", {"path": str(path)})
    qtbot.waitUntil(lambda: table.columnCount() == 3, timeout=30_000)
    texts = [[table.item(row, at).text() for row in range(3)] for at in range(3)]
    assert texts == [
        ["2024-05-31", "–", "2024-06-01"],
        ["2024-05-31 14:30:00", "–", "2024-06-01 00:00:00"],
        ["2024-05-31 14:30:00+02:00", "–", "2024-06-01 00:00:00+02:00"],
    ]
    for at in range(3):
        needed = table.fontMetrics().horizontalAdvance(texts[at][0])
        assert table.columnWidth(at) > needed
    assert texts[2][0] in table.item(0, 2).toolTip()


def test_trouble_takes_the_place_of_the_rows(qtbot, tmp_path: Path) -> None:
    preview = DataPreview(None)
    qtbot.addWidget(preview)
    preview.show_data("dataset", {"path": str(tmp_path / "gone.csv")})
    message = preview.findChildren(QLabel)[1]
    qtbot.waitUntil(lambda: "gone.csv" in message.text(), timeout=30_000)
    assert preview.findChild(QTableWidget).isHidden()


class ClosingEngine:
    """Has taken a call on, and takes it back as it closes."""

    def __init__(self) -> None:
        self.waiting: Future[object] = Future()

    def call(self, *_: object) -> Future[object]:
        return self.waiting


@pytest.mark.parametrize("before_it_is_there", [True, False])
def test_an_engine_that_closes_leaves_no_call_waiting(before_it_is_there, caplog) -> None:
    engine = ClosingEngine()
    ready: Future[ClosingEngine] = Future()
    answer = EngineCaller(lambda: ready).call(len, "abc")
    if before_it_is_there:
        ready.cancel()
    else:
        ready.set_result(engine)
        engine.waiting.cancel()
    assert answer.cancelled()
    assert caplog.text == "", "a callback that fails is logged"
