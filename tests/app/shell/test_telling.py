"""What the window says: message bar, status bar, list of problems, command palette."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from window_desk import TABLE, LentEngine, close

from designer.app.dialogs.command_palette import CommandPalette
from designer.app.dialogs.message_bar import MessageBar
from designer.app.document.problem_reports import with_failures
from designer.app.panels.problems import Problems
from designer.app.shell.window_layout import first_size
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from designer.pipeline.problem import Problem

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton


def settled(window, qtbot) -> None:
    """Wait until the pipeline was looked at and the window lies still."""
    with qtbot.waitSignal(window.checker.checked, timeout=LONG):
        window.checker.check_now()
    QApplication.processEvents()


def failing(count: int) -> Pipeline:
    """Return tables that can't be read, each of them a failed step."""
    pipeline = Pipeline()
    for index in range(count):
        script = f"def azureml_main(a=None, b=None):\n    raise ValueError('wheel {index}')\n"
        pipeline, _ = edits.add_node(
            pipeline,
            "execute_python_script",
            position=(index * 240, 0),
            parameters={"script": script},
        )
    return pipeline


def run(window, qtbot) -> str:
    with qtbot.waitSignal(window.controller.finished, timeout=LONG) as done:
        window.runs.start([], anyway=True)
    return done.args[0]


def show(window, pipeline: Pipeline) -> None:
    window.document.apply("Insert", lambda _: pipeline)
    window.canvas.fit()


def rows(window) -> list[list[str]]:
    tree = window.problems.list
    items = [tree.topLevelItem(index) for index in range(tree.topLevelItemCount())]
    return [[item.text(column) for column in range(3)] for item in items]


def places(window) -> set[str]:
    """Return the nodes that the list of problems names."""
    return {where.split("  ›  ")[0] for _, _, where in rows(window)}


@pytest.mark.long
def test_the_message_bar_hides_nothing_of_the_canvas_and_moves_no_panel(window, qtbot):
    show(window, failing(3))
    window.canvas.zoom_in()
    QApplication.processEvents()
    cards = window.canvas.graph.nodes
    view = window.canvas.viewer

    def corners() -> list[QPoint]:
        found = [view.viewport().mapToGlobal(view.mapFromScene(c.pos())) for c in cards.values()]
        panels = (window.properties, window.palette_panel, window.problems, window.toolbar)
        return found + [panel.mapToGlobal(QPoint(0, 0)) for panel in panels]

    before, height = corners(), window.canvas.height()
    window.bar.show_message("Something has happened.", [("Do it", lambda: None)])
    QApplication.processEvents()
    assert corners() == before
    assert window.canvas.height() == height
    bar = window.bar.geometry().translated(window.bar.parentWidget().mapTo(window, QPoint(0, 0)))
    for widget in (window.canvas, window.problems, window.properties):
        corner = widget.mapTo(window, QPoint(0, 0))
        assert not bar.intersects(widget.rect().translated(corner))
    window.bar.hide()
    QApplication.processEvents()
    assert corners() == before


def test_a_fitted_canvas_stays_whole_beside_the_message_bar(window, qtbot):
    show(window, failing(12))
    window.bar.show_message("A long message. " * 20)
    QApplication.processEvents()
    view = window.canvas.viewer
    seen = view.mapToScene(view.viewport().rect()).boundingRect()
    assert seen.contains(window.canvas.graph.bounds())


def test_the_message_bar_takes_from_the_canvas_only_what_the_panels_have_not(window, qtbot):
    middle = window.workbench.middle
    middle.setSizes([sum(middle.sizes()) - 100, 100])
    before = middle.sizes()
    for _ in range(2):
        window.bar.show_message("Something has happened. " * 8)
        QApplication.processEvents()
        canvas, below = middle.sizes()
        assert below == window.workbench.sides["below"].minimumHeight()
        assert canvas == before[0] - window.bar.height() + before[1] - below
        window.bar.hide()
        QApplication.processEvents()
        assert middle.sizes() == before


def test_a_long_message_is_cut_and_whole_after_a_click(window, qtbot):
    text = "A sentence of several words. " * 40 + "The end."
    window.bar.show_message(text, [("Do it", lambda: None)], severity="error")
    QApplication.processEvents()
    label, closed = window.bar.text, window.bar.height()
    assert closed <= window.height() * 0.1
    assert (label.text(), label.toolTip()) == (text, text)
    assert QLabel.text(label).endswith("…")
    QTest.mouseClick(window.bar.more, LEFT)
    QApplication.processEvents()
    assert QLabel.text(label) == text
    assert label.height() >= label.heightForWidth(label.width())
    assert window.bar.more.text() == "Less"
    QTest.mouseClick(window.bar.more, LEFT)
    QApplication.processEvents()
    assert window.bar.height() == closed
    window.bar.show_message("A short one.")
    assert not window.bar.more.isVisible()
    assert QLabel.text(label) == "A short one."


@pytest.mark.parametrize("page", ["show_endpoints", "show_start_page"])
def test_the_message_bar_stands_below_other_pages_too(window, qtbot, page):
    window.actions_by_id[page].trigger()
    window.bar.show_message("Something has happened.")
    QApplication.processEvents()
    shown = window.pages.currentWidget()
    assert window.bar.isVisible()
    assert (
        window.bar.mapToGlobal(QPoint(0, 0)).y() >= shown.mapToGlobal(QPoint(0, shown.height())).y()
    )
    window.navigation.show("editing")
    QApplication.processEvents()
    assert window.bar.isVisible()


@pytest.mark.parametrize(("width", "below"), [(300, True), (900, False)])
def test_buttons_go_below_the_text_where_it_is_narrow(qtbot, width, below):
    bar = MessageBar()
    qtbot.addWidget(bar)
    bar.resize(width, 80)
    with qtbot.waitExposed(bar):
        bar.show_message("There is no such file.", [("One", print), ("Two", print)])
    QApplication.processEvents()
    one, two = bar.buttons
    assert one.geometry().top() == two.geometry().top()
    assert (one.geometry().top() >= bar.text.geometry().bottom()) == below
    assert not bar.text.geometry().intersects(one.geometry())


def test_a_missing_file_is_said_before_a_run_with_the_way_to_it(window, qtbot):
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "gone.csv"})
    show(window, pipeline)
    settled(window, qtbot)
    window.actions_by_id["run"].trigger()
    assert window.bar.text.text().startswith("1 error. Dataset: there is no file “gone.csv”.")
    QTest.mouseClick(window.bar.buttons[0], LEFT)
    assert window.canvas.selection() == ["dataset"]
    assert QApplication.focusWidget() is window.properties.fields["path"].editor.line


def test_escape_and_the_cross_close_the_message_bar(window):
    window.bar.show_message("One")
    window.canvas.setFocus()
    QTest.keyClick(window.bar, Qt.Key.Key_Escape)
    assert not window.bar.isVisible()
    window.bar.show_message("Two")
    QTest.mouseClick(window.bar._close, LEFT)
    assert not window.bar.isVisible()


def test_a_choice_of_the_message_bar_closes_it_before_it_acts(window):
    seen = []
    window.bar.show_message("One", [("Go", lambda: seen.append(window.bar.isVisible()))])
    QTest.mouseClick(window.bar.buttons[0], LEFT)
    assert seen == [False]


def test_only_the_message_meant_is_taken_away(window):
    window.bar.show_message("One", kind="disk")
    window.bar.clear("failed")
    assert window.bar.isVisible()
    window.bar.clear("disk")
    assert not window.bar.isVisible()


def test_several_failures_are_counted_and_all_listed(window, qtbot):
    show(window, failing(3))
    assert run(window, qtbot) == "failed"
    text = window.bar.text.text()
    assert text.startswith("3 steps failed; first: Execute Python Script (execute_python_script):")
    assert [b.text() for b in window.bar.buttons] == ["Show problems", "Show module", "View log"]
    QTest.mouseClick(window.bar.buttons[0], LEFT)
    assert window.problems.isVisible()
    said = {where.split("  ›  ")[0]: problem for problem, _, where in rows(window)}
    assert list(said) == list(window.document.pipeline.nodes)
    for index, problem in enumerate(said.values()):
        assert f"wheel {index}" in problem
    assert window.status.problems.text() == "3 errors"


def test_one_failure_is_named_alone(window, qtbot):
    show(window, failing(1))
    assert run(window, qtbot) == "failed"
    assert "steps failed" not in window.bar.text.text()
    assert [b.text() for b in window.bar.buttons] == ["Show module", "View log"]


@pytest.mark.parametrize("width", [1000, 1500])
def test_the_list_of_problems_has_room_for_what_is_wrong(window, qtbot, width):
    window.window().resize(width, 700)
    show(window, failing(2))
    run(window, qtbot)
    window.navigation.show_panel("problems")
    QApplication.processEvents()
    tree = window.problems.list
    widths = [tree.columnWidth(column) for column in range(3)]
    assert all(part >= 60 for part in widths)
    assert widths[2] <= window.problems.width() / 3
    assert sum(widths) <= tree.viewport().width()


def test_a_click_on_a_failed_step_brings_its_card_to_the_middle(window, qtbot):
    show(window, failing(3))
    run(window, qtbot)
    window.canvas.zoom_reset()
    window.runs.show_problems()
    QApplication.processEvents()
    tree = window.problems.list
    item = tree.topLevelItem(2)
    QTest.mouseClick(tree.viewport(), LEFT, pos=tree.visualItemRect(item).center())
    QApplication.processEvents()
    (name,) = window.canvas.selection()
    assert name == list(window.document.pipeline.nodes)[2]
    view = window.canvas.viewer
    card = view.mapFromScene(window.canvas.graph.nodes[name].sceneBoundingRect().center())
    assert (card - view.viewport().rect().center()).manhattanLength() < 20


def test_a_failure_is_listed_until_its_node_changes(window, qtbot):
    show(window, failing(2))
    run(window, qtbot)
    first, second = window.document.pipeline.nodes
    assert places(window) == {first, second}
    window.document.apply(
        "Set",
        lambda p: edits.set_parameter(
            p,
            first,
            "script",
            "import pandas\n\ndef azureml_main(a=None, b=None):\n    return pandas.DataFrame()\n",
        ),
    )
    qtbot.waitUntil(lambda: places(window) == {second}, timeout=LONG)


def test_what_a_step_and_the_look_at_it_both_say_stands_once():
    look = Problem(
        "warning", "Train Model: no label column is chosen.", "Choose one.", "train", None
    )
    other = Problem("error", "Split Data: the input “Dataset” isn't connected.", "", "split")
    step = Problem("error", "No label column is chosen.", "Choose the label column.", "train")
    same_words = Problem("error", "No label column is chosen.", "", "second")
    assert with_failures([look, other, same_words], [step]) == [step, other, same_words]
    assert with_failures([look, other], []) == [look, other]


def test_a_run_is_counted_by_its_plan_from_the_start_to_the_end(window, qtbot):
    pipeline, before = edits.add_node(Pipeline(), "enter_data_manually", parameters=TABLE)
    for _ in range(8):
        output = window.catalog[pipeline.nodes[before].module].outputs[0].name
        pipeline, node = edits.add_node(pipeline, "add_rows")
        for port in window.catalog["add_rows"].inputs:
            pipeline = edits.connect(pipeline, Endpoint(before, output), Endpoint(node, port.name))
        before = node
    show(window, pipeline)
    totals = set()

    def note() -> None:
        window.runs._show_time()
        text = window.status.run.text()
        if " of " in text:
            totals.add(int(text.split(" of ")[1].split()[0]))

    window.controller.progressed.connect(note)
    assert run(window, qtbot) == "completed"
    assert totals == {9}


def test_the_status_bar_keeps_its_height_whatever_it_shows(window, qtbot):
    heights = {window.statusBar().height()}
    window.status.show_problems("12 errors, 3 warnings")
    window.status.show_run("running", "Running, 3 of 9 done, 2 s")
    window.messages.show("Something")
    QApplication.processEvents()
    heights.add(window.statusBar().height())
    assert len(heights) == 1


def test_the_problems_in_the_status_bar_lead_to_the_list(window, qtbot):
    window.modules.add_at_center("dataset")
    settled(window, qtbot)
    window.workbench.show_panel("log")
    QTest.mouseClick(window.status.problems, LEFT)
    assert window.problems.isVisible()


def test_the_rows_of_the_command_palette_are_alike(window, qtbot):
    palette = CommandPalette(window.commands, window)
    with qtbot.waitExposed(palette):
        palette.show()
    tree = palette.list
    rows = [tree.visualItemRect(tree.topLevelItem(i)) for i in range(tree.topLevelItemCount())]
    assert len({row.height() for row in rows}) == 1
    assert all(not tree.topLevelItem(i).icon(0).isNull() for i in range(len(rows)))
    palette.close()
    palette.deleteLater()


def test_the_command_palette_says_what_a_switch_is_about(window):
    palette = CommandPalette(window.commands, window)
    titles = {
        palette.list.topLevelItem(row).text(0) for row in range(palette.list.topLevelItemCount())
    }
    assert {"Theme: light", "Theme: dark", "Theme: follow the system", "Panels: map"} <= titles
    palette.search.setText("theme dark")
    QTest.keyClick(palette.search, Qt.Key.Key_Return)
    assert palette.chosen == "theme_dark"
    palette.deleteLater()


def test_the_switch_of_the_map_shows_what_is_wanted(window):
    window.window().resize(800, 520)
    QApplication.processEvents()
    action = window.actions_by_id["minimap"]
    assert action.isChecked()
    action.trigger()
    assert not action.isChecked()
    assert not window.canvas.wants_minimap
    action.trigger()
    assert action.isChecked()
    assert window.canvas.wants_minimap


@pytest.mark.parametrize(
    ("screen", "wanted"),
    [
        ((1024, 768), (1016, 732)),
        ((800, 500), (792, 480)),
        ((1280, 800), (1272, 764)),
        ((1920, 1080), (1536, 900)),
        ((3840, 2160), (1920, 1200)),
    ],
)
def test_the_first_window_fits_the_screen(screen, wanted):
    assert first_size(QSize(*screen)) == QSize(*wanted)


def test_a_new_window_is_not_larger_than_its_screen(window, settings, catalog, engine, samples):
    from designer.app.shell.main_window import MainWindow

    settings._store.remove("layout")
    other = MainWindow(
        settings,
        catalog,
        workspace=engine.workspace,
        make_engine=lambda: LentEngine(engine),
        samples=samples,
    )
    other.show()
    room = other.screen().availableGeometry()
    assert room.contains(other.window().geometry())
    close(other)


def test_a_problem_of_several_lines_is_one_row_that_can_be_read(qtbot):
    panel = Problems()
    qtbot.addWidget(panel)
    problem = Problem("error", "No worker can be started:\nno memory.", "Close\nsomething.")
    panel.show_problems([problem], Pipeline(), {})
    row = panel.list.topLevelItem(0)
    assert row.text(0) == "No worker can be started: no memory."
    assert row.text(1) == "Close something."
    assert row.toolTip(0) == problem.message
