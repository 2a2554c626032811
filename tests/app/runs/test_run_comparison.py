"""Runs side by side: sorted, pinned, against a baseline, opened as they were."""

from __future__ import annotations

from math import nan

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolButton, QWidget
from run_desk import LONG, run, scripting, show, splitting
from window_desk import close

from designer.app.dialogs.run_comparison import RunComparison
from designer.app.runs.run_comparison import Difference
from designer.app.runs.run_curves import Evaluated, comparable
from designer.app.shell import theme
from designer.app.views.evaluation_view import EvaluationView
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from modules.values.evaluation_summary import EvaluationReportSummary

LEFT = Qt.MouseButton.LeftButton
NAMES = {"1": "Monday", "2": "Tuesday", "3": "Wednesday"}
ACCURACY = Difference(
    "Metrics", "Evaluate: accuracy", ("0.5", "0.9", "0.75"), (0.5, 0.9, 0.75), frozenset({1})
)
LOSS = Difference("Metrics", "Evaluate: loss", ("0.4", "–", "0.1"), (0.4, nan, 0.1), frozenset({2}))
SOLVER = Difference("Parameters", "Train: solver", ("sag", "Lbfgs", "–"), (nan, nan, nan))


@pytest.fixture
def dialog(qapp, qtbot):
    found = RunComparison(NAMES, [ACCURACY, LOSS, SOLVER])
    qtbot.addWidget(found)
    with qtbot.waitExposed(found):
        found.show()
    return found


def shown(dialog) -> list[str]:
    """Return the names of the runs from left to right."""
    header, names = dialog.list.header(), dialog.list.headerItem()
    columns = [header.logicalIndex(place) for place in range(header.count())]
    assert columns[0] == 0
    return [names.text(column) for column in columns[1:]]


def values(dialog, name: str) -> list[str]:
    item = find(dialog, name)
    return [item.text(column) for column in range(1, item.columnCount())]


def find(dialog, name: str):
    mode = Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
    (item,) = dialog.list.findItems(name, mode)
    return item


def press(owner, action) -> None:
    (button,) = (b for b in owner.findChildren(QToolButton) if b.defaultAction() is action)
    QTest.mouseClick(button, LEFT)


def choose(dialog, name: str, column: int) -> None:
    """Click a value."""
    tree = dialog.list
    index = tree.indexFromItem(find(dialog, name), column)
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualRect(index).center())


def test_the_best_value_follows_the_theme(qapp, dialog):
    try:
        for mode in ("dark", "contrast-light", "light"):
            theme.apply(qapp, mode)
            best = find(dialog, ACCURACY.name).foreground(2).color().name()
            assert best == theme.current().success
    finally:
        theme.apply(qapp, "light")


def test_a_label_is_beside_its_field_where_the_dialog_is_narrow(dialog, qtbot):
    dialog.resize(640, 480)
    labels = [each for each in dialog.findChildren(QLabel) if each.text() == "Sort runs by"]
    (label,) = (each for each in labels if each.isVisible())

    def place(widget: QWidget) -> QPoint:
        return widget.mapTo(dialog, widget.rect().center())

    qtbot.waitUntil(lambda: place(dialog.sort).y() > place(dialog.run).y() + 10)
    assert abs(place(label).y() - place(dialog.sort).y()) < 5
    assert place(label).x() < place(dialog.sort).x()


def test_runs_are_in_the_order_in_which_they_started(dialog):
    assert shown(dialog) == ["Monday", "Tuesday", "Wednesday"]
    press(dialog, dialog.descending)
    assert shown(dialog) == ["Wednesday", "Tuesday", "Monday"]


def test_a_row_sorts_the_runs_the_best_one_first(dialog):
    tree = dialog.list
    tree.setFocus()
    tree.setCurrentItem(find(dialog, ACCURACY.name))
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert shown(dialog) == ["Tuesday", "Wednesday", "Monday"]
    assert dialog.sort.currentText() == ACCURACY.name
    QTest.keyClick(tree, Qt.Key.Key_Return)
    assert shown(dialog) == ["Monday", "Wednesday", "Tuesday"]


def test_the_choice_sorts_the_runs_and_those_without_a_value_are_last(dialog):
    for _ in range(2):
        QTest.keyClick(dialog.sort, Qt.Key.Key_Down)
    assert dialog.sort.currentText() == LOSS.name
    assert shown(dialog) == ["Wednesday", "Monday", "Tuesday"]
    press(dialog, dialog.descending)
    assert shown(dialog) == ["Monday", "Wednesday", "Tuesday"]
    # Upper and lower case are the same to a reader.
    QTest.keyClick(dialog.sort, Qt.Key.Key_Down)
    assert shown(dialog) == ["Tuesday", "Monday", "Wednesday"]


def test_a_pinned_run_stays_on_the_left(dialog):
    choose(dialog, ACCURACY.name, 3)
    assert dialog.run.currentText() == "Wednesday"
    press(dialog, dialog.pin)
    assert shown(dialog) == ["Wednesday", "Monday", "Tuesday"]
    press(dialog, dialog.descending)
    assert shown(dialog) == ["Wednesday", "Tuesday", "Monday"]
    press(dialog, dialog.pin)
    press(dialog, dialog.descending)
    assert shown(dialog) == ["Monday", "Tuesday", "Wednesday"]


def test_numbers_are_shown_against_a_baseline(dialog):
    QTest.keyClick(dialog.run, Qt.Key.Key_Down)
    assert dialog.run.currentText() == "Tuesday"
    press(dialog, dialog.baseline)
    assert shown(dialog) == ["Monday", "Tuesday\nBaseline", "Wednesday"]
    assert values(dialog, ACCURACY.name) == ["0.5 (−0.4)", "0.9", "0.75 (−0.15)"]
    assert values(dialog, LOSS.name) == ["0.4", "–", "0.1"]
    assert values(dialog, SOLVER.name) == list(SOLVER.values)
    choose(dialog, LOSS.name, 1)
    assert not dialog.baseline.isChecked()
    press(dialog, dialog.baseline)
    assert shown(dialog) == ["Monday\nBaseline", "Tuesday", "Wednesday"]
    assert values(dialog, ACCURACY.name) == ["0.5", "0.9 (+0.4)", "0.75 (+0.25)"]
    assert values(dialog, LOSS.name) == ["0.4", "–", "0.1 (−0.3)"]
    press(dialog, dialog.baseline)
    assert values(dialog, ACCURACY.name) == list(ACCURACY.values)


def test_the_header_of_a_run_has_its_commands(dialog, qtbot):
    header = dialog.list.header()
    at = QPoint(header.sectionViewportPosition(2) + 10, 5)
    reason, over = QContextMenuEvent.Reason.Mouse, header.viewport()
    QApplication.sendEvent(over, QContextMenuEvent(reason, at, over.mapToGlobal(at)))
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=LONG)
    menu = QApplication.activePopupWidget()
    assert dialog.run.currentText() == "Tuesday"
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert shown(dialog)[1] == "Tuesday\nBaseline"


@pytest.mark.long
def test_a_pipeline_opens_as_it_ran(window, qtbot, tmp_path):
    window.document.save(tmp_path / "p.pipeline.json")
    for fraction in (0.25, 0.75):
        pipeline = edits.set_parameter(splitting(), "split_data", "fraction", fraction)
        show(window, pipeline)
        window.document.save()
        assert run(window, qtbot) == "completed"
    tree = window.run_list.list
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 2, timeout=LONG)
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    tree.selectAll()
    assert not window.run_list.open_pipeline.isEnabled()
    press(window.run_list, window.run_list.compare)
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    press(dialog, dialog.open_pipeline)
    qtbot.waitUntil(lambda: len(window.windows.all()) == 2, timeout=LONG)
    dialog.close()
    (other,) = (each for each in window.windows.all() if each is not window)
    try:
        assert other.document.pipeline.nodes["split_data"].parameters["fraction"] == 0.25
        assert (other.path, other.document.dirty) == (None, True)
        assert window.document.pipeline.nodes["split_data"].parameters["fraction"] == 0.75
    finally:
        close(other)


def test_code_of_an_earlier_run_is_asked_about_again(window, qtbot, tmp_path):
    show(window, scripting("def azureml_main(a=None, b=None):\n    return (a,)\n"))
    window.document.save(tmp_path / "p.pipeline.json")
    assert run(window, qtbot) == "completed"
    tree = window.run_list.list
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 1, timeout=LONG)
    window.agreements.withdraw(window.agreements.given())
    show(window, splitting())
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    tree.selectAll()
    press(window.run_list, window.run_list.open_pipeline)
    qtbot.waitUntil(lambda: len(window.windows.all()) == 2, timeout=LONG)
    (other,) = (each for each in window.windows.all() if each is not window)
    try:
        found = other.agreements.missing(other.document.pipeline, other.document.base)
        assert [access.node for access in found] == ["execute_python_script"]
    finally:
        close(other)


def test_a_run_whose_pipeline_is_gone_is_reported(window, qtbot, tmp_path):
    show(window, splitting())
    window.document.save(tmp_path / "p.pipeline.json")
    assert run(window, qtbot) == "completed"
    tree = window.run_list.list
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 1, timeout=LONG)
    (window.workspace.run_folder(window.controller.run_id) / "pipeline.json").unlink()
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    item = tree.topLevelItem(0)
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualItemRect(item).center())
    press(window.run_list, window.run_list.open_pipeline)
    start = "The pipeline of this run can't be opened."
    qtbot.waitUntil(lambda: window.bar.text.text().startswith(start), timeout=LONG)
    assert len(window.windows.all()) == 1


def evaluating(probability: float) -> Pipeline:
    """Return an evaluation of four rows, the third with this probability of “yes”."""
    table = (
        "Labels,Binary Class Scored Labels,Binary Class Scored Probabilities\n"
        f"no,no,0.1\nyes,yes,0.8\nno,no,{probability}\nyes,no,0.4\n"
    )
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": table})
    pipeline, model = edits.add_node(pipeline, "evaluate_model")
    return edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(model, "scored_dataset"))


def test_curves_of_runs_are_laid_over_each_other(window, qtbot, tmp_path):
    window.document.save(tmp_path / "p.pipeline.json")
    for probability in (0.3, 0.5):
        show(window, evaluating(probability))
        window.document.save()
        assert run(window, qtbot) == "completed"
    tree = window.run_list.list
    qtbot.waitUntil(lambda: tree.topLevelItemCount() == 2, timeout=LONG)
    window.navigation.show_panel("runs")
    QApplication.processEvents()
    tree.selectAll()
    press(window.run_list, window.run_list.compare)
    qtbot.waitUntil(lambda: bool(window.findChildren(RunComparison)), timeout=LONG)
    (dialog,) = window.findChildren(RunComparison)
    qtbot.waitUntil(lambda: dialog.tabs.count() == 2, timeout=LONG)
    bar = dialog.tabs.tabBar()
    assert bar.tabText(1) == "Evaluation of Labels"
    QTest.mouseClick(bar, LEFT, pos=bar.tabRect(1).center())
    (view,) = dialog.findChildren(EvaluationView)
    assert view.isVisible()
    roc, names = view.plots["roc"], dialog.list.headerItem()
    # By hand: the earlier run puts both “yes” above both “no”, the later one a “no” between them.
    assert [curve.name for curve in roc._curves] == [names.text(1), names.text(2)]
    assert list(zip(roc._curves[0].x, roc._curves[0].y, strict=True)) == [
        (0, 0),
        (0, 0.5),
        (0, 1),
        (0.5, 1),
        (1, 1),
    ]
    assert list(zip(roc._curves[1].x, roc._curves[1].y, strict=True)) == [
        (0, 0),
        (0, 0.5),
        (0.5, 0.5),
        (0.5, 1),
        (1, 1),
    ]
    assert {"roc", "precision_recall"} <= set(view.plots)
    dialog.close()


def test_only_evaluations_of_the_same_label_are_laid_over_each_other():
    def of(run: str, label: str, positive: str = "yes", name: str = "") -> Evaluated:
        classes = ("no", positive)
        return Evaluated(
            run,
            EvaluationReportSummary(
                name, "two-class", {}, positive=positive, classes=classes, label=label
            ),
        )

    income, other = of("1", "income"), of("2", "income")
    alone = [of("1", "age"), of("2", "income", "maybe"), of("3", "sex"), of("3", "sex")]
    assert comparable([income, *alone, other]) == [[income, other]]
