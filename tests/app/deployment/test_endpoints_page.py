"""The endpoints page, used by mouse and keys."""

from __future__ import annotations

import json

import pytest
from fake_backend import KEY
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from designer import texts
from designer.app.background.errors import UserError
from designer.app.deployment.endpoints.endpoints_page import EndpointsPage


@pytest.fixture
def page(qtbot, backend, background):
    made = EndpointsPage(backend, background)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    with qtbot.waitActive(made):
        made.activateWindow()
    yield made
    made.set_watching(False)


def names(page) -> list[str]:
    return [page.list.topLevelItem(i).text(0) for i in range(page.list.topLevelItemCount())]


def look(page, qtbot) -> None:
    page.refresh()
    qtbot.waitUntil(lambda: not page._refreshing)


def opened(page, qtbot, backend, tab="test") -> None:
    page.choose(next(iter(backend.infos)), tab)
    qtbot.waitUntil(lambda: page.current is not None)
    if tab == "test":
        qtbot.waitUntil(lambda: bool(page.detail.test.json.toPlainText()))


def test_without_endpoints_it_says_how_to_get_one(page, qtbot):
    look(page, qtbot)
    assert page.pages.currentWidget() is page.empty
    assert "Deploy" in page.empty.hint


def test_the_list_shows_state_version_address_and_follows_changes(page, qtbot, backend):
    backend.add("cars", "running", (1, 2))
    backend.add("loans", "failed")
    look(page, qtbot)
    first, second = page.list.topLevelItem(0), page.list.topLevelItem(1)
    assert [first.text(i) for i in (0, 1, 2, 3, 7)] == [
        "cars",
        "Running",
        "2",
        "This computer",
        "http://127.0.0.1:5001/cars/score",
    ]
    assert second.text(1) == "Failed"
    page.list.setCurrentItem(second)
    assert page.detail.start.isVisible()
    assert not page.detail.stop.isVisible()
    del backend.infos["cars"]
    look(page, qtbot)
    assert names(page) == ["loans"]
    assert page.current.name == "loans"


def test_the_list_is_in_the_language_of_the_window(page, qtbot, backend):
    backend.add("cars")
    texts.use("de")
    try:
        look(page, qtbot)
        assert page.list.topLevelItem(0).text(3) == "Dieser Computer"
    finally:
        texts.use("en")


def test_watching_looks_again_by_itself(page, qtbot, backend):
    page.set_watching(True)
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty)
    backend.add("cars")
    qtbot.waitUntil(lambda: names(page) == ["cars"])


def test_a_form_is_filled_with_a_real_row_and_kept_in_step_with_the_json(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    test = page.detail.test
    fields = {column: field.editor for (_, column), field in test.form.fields.items()}
    assert fields["age"].text() == "30"
    assert fields["colour"].currentText() == "green"
    assert fields["member"].currentText() == "true"
    fields["age"].selectAll()
    QTest.keyClicks(fields["age"], "52")
    fields["colour"].setFocus()
    QTest.keyClick(fields["colour"], Qt.Key.Key_Up)
    fields["height"].selectAll()
    QTest.keyClick(fields["height"], Qt.Key.Key_Delete)
    row = json.loads(test.json.toPlainText())["Inputs"]["input1"][0]
    assert row == {"age": 52, "height": None, "colour": "red", "member": True}
    QTest.keyClicks(fields["note"], "hello")
    assert json.loads(test.json.toPlainText())["Inputs"]["input1"][0]["note"] == "hello"
    changed = {"Inputs": {"input1": [{**row, "age": 7, "member": False}, {"age": 1}]}}
    test.json.setPlainText(json.dumps(changed))
    assert fields["age"].text() == "7"
    assert fields["member"].currentText() == "false"
    assert fields["note"].text() == ""
    fields["age"].selectAll()
    QTest.keyClicks(fields["age"], "8")
    # The second row, which has no fields, stays.
    assert [r["age"] for r in json.loads(test.json.toPlainText())["Inputs"]["input1"]] == [8, 1]


def test_another_example_row_fills_form_and_json(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    page.detail.test.rows.setCurrentIndex(1)
    page.detail.test.rows.activated.emit(1)
    assert page.detail.test.form.fields[("input1", "age")].editor.text() == "41"
    assert json.loads(page.detail.test.json.toPlainText())["Inputs"]["input1"][0]["height"] is None


def test_a_small_score_is_written_without_the_letter_e(page, qtbot, backend):
    backend.add("cars")
    backend.factor = 8.4971e-05 / 30
    opened(page, qtbot, backend)
    QTest.mouseClick(page.detail.test.send, Qt.MouseButton.LeftButton)
    result = page.detail.test.result
    qtbot.waitUntil(lambda: result.text() == "Scored Labels: 0.000084971")


def test_send_shows_the_score_and_its_time(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    QTest.mouseClick(page.detail.test.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.detail.test.result.text() == "Scored Labels: 60")
    assert page.detail.test.timing.text() == "200, 3.1 ms"
    assert json.loads(page.detail.test.response.toPlainText())["Results"]["output1"][0]["age"] == 30


def test_an_explained_response_shows_its_contributions(page, qtbot, backend):
    backend.add("cars")
    backend.added = {
        "Base Value": 20.5,
        "Contribution of age": 40.0,
        "Contribution of height": -0.5,
        "Main Reasons": "age = 30 (+40)",
    }
    opened(page, qtbot, backend)
    test = page.detail.test
    QTest.mouseClick(test.send, Qt.MouseButton.LeftButton)
    expected = "Scored Labels: 60\nMain Reasons: age = 30 (+40)"
    qtbot.waitUntil(lambda: test.result.text() == expected)
    shown = test.chart.chart.chart
    assert dict(zip(shown.categories, shown.series[0].y, strict=True)) == {
        "age": 40.0,
        "height": -0.5,
    }
    assert test.chart.readout() == "Base 20.5, with all contributions 60."
    backend.added = {}
    QTest.mouseClick(test.send, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: test.result.text() == "Scored Labels: 60")
    assert not test.chart.isVisible()


def test_the_response_follows_what_is_edited_if_that_is_chosen(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    test = page.detail.test
    age = test.form.fields["input1", "age"].editor
    QTest.mouseClick(test.follow, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: test.result.text() == "Scored Labels: 60")
    age.selectAll()
    QTest.keyClicks(age, "52")
    qtbot.waitUntil(lambda: test.result.text() == "Scored Labels: 104")
    test.follow.setFocus()
    QTest.keyClick(test.follow, Qt.Key.Key_Space)
    age.selectAll()
    QTest.keyClicks(age, "7")
    assert not test._delay.isActive()
    assert test.result.text() == "Scored Labels: 104"


def test_a_request_is_not_sent_twice_while_the_list_is_looked_at_again(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    test = page.detail.test
    backend.holds_answers.clear()
    QTest.mouseClick(test.send, Qt.MouseButton.LeftButton)
    look(page, qtbot)
    assert not test.send.isEnabled()
    assert test.timing.text() == "Waiting for the response…"
    backend.holds_answers.set()
    qtbot.waitUntil(test.send.isEnabled)
    assert test.response.toPlainText()


def test_return_alone_sends_the_example_of_a_new_endpoint(page, qtbot, backend):
    backend.add("cars", "running", (1,))
    page.detail.test.take_focus()
    opened(page, qtbot, backend)
    qtbot.waitUntil(page.detail.test.send.hasFocus)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(page.detail.test.response.toPlainText()))


def test_a_refusal_is_told_in_its_own_words(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    age = page.detail.test.form.fields[("input1", "age")].editor
    age.selectAll()
    QTest.keyClicks(age, "old")
    page.detail.test.json.setFocus()
    QTest.keyClick(page.detail.test.json, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: "“age” isn't an integer. Fix it." in page.detail.test.result.text())
    assert page.detail.test.timing.text().startswith("422")


@pytest.mark.parametrize("text", ["{", '{"Inputs": }', "", "[1,"])
def test_json_that_is_none_is_marked_and_not_sent(page, qtbot, backend, text):
    backend.add("cars")
    opened(page, qtbot, backend)
    page.detail.test.json.setPlainText(text)
    assert page.detail.test.problem.text().startswith("Line 1")
    assert not page.detail.test.send.isEnabled()
    page.detail.test.send_request()
    assert backend.infos["cars"].requests == 0


def test_a_request_in_another_form_is_sent_as_it_is(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend)
    page.detail.test.json.setPlainText('[{"age": 3}]')
    assert not page.detail.test.form.isEnabled()
    assert page.detail.test.send.isEnabled()


def test_an_endpoint_that_is_stopped_can_not_be_asked(page, qtbot, backend):
    backend.add("cars", "stopped")
    opened(page, qtbot, backend)
    assert not page.detail.test.send.isEnabled()
    assert page.detail.test.timing.text() == "The endpoint isn't running."
    page.detail.start.click()
    qtbot.waitUntil(lambda: page.detail.test.send.isEnabled())


def test_the_key_is_hidden_until_it_is_wanted_and_stays_out_of_the_code(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend, "consume")
    consume = page.detail.consume
    qtbot.waitUntil(lambda: consume.key.text == KEY)
    assert consume.key.line.echoMode() == QLineEdit.EchoMode.Password
    assert KEY not in consume.code.toPlainText()
    consume.language.setCurrentIndex(1)
    assert consume.code.toPlainText().startswith("curl http://127.0.0.1:5001/cars/score")
    consume.with_key.setChecked(True)
    assert KEY in consume.code.toPlainText()
    consume.copy.click()
    assert QApplication.clipboard().text() == consume.code.toPlainText()
    assert consume.copy.text() == "Copied"
    consume.key.reveal.click()
    assert consume.key.line.echoMode() == QLineEdit.EchoMode.Normal
    consume.url.copy.click()
    assert QApplication.clipboard().text() == "http://127.0.0.1:5001/cars/score"
    backend.add("loans")
    page.choose("loans", "consume")
    qtbot.waitUntil(lambda: "loans" in consume.code.toPlainText())
    # Neither the sight of a key nor the wish for it goes over to another endpoint.
    assert consume.key.line.echoMode() == QLineEdit.EchoMode.Password
    assert not consume.with_key.isChecked()
    QApplication.clipboard().clear()


def test_the_log_is_followed_unless_the_person_reads_further_up(page, qtbot, backend):
    backend.add("cars")
    backend.logs["cars"] = "\n".join(f"line {i}" for i in range(300))
    opened(page, qtbot, backend, "logs")
    page.set_watching(True)
    text = page.detail.logs.text
    qtbot.waitUntil(lambda: "line 299" in text.toPlainText())
    bar = text.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 0)
    page.detail.logs.follow.setChecked(False)
    bar.setValue(5)
    backend.logs["cars"] += "\nlast"
    qtbot.waitUntil(lambda: text.toPlainText().endswith("last"))
    assert bar.value() == 5


def test_metrics_count_and_draw(page, qtbot, backend):
    backend.add("cars")
    opened(page, qtbot, backend, "metrics")
    page.set_watching(True)
    backend.send("cars", '{"Inputs": {"input1": [{"age": 1}]}}')
    numbers = page.detail.metrics.numbers
    qtbot.waitUntil(lambda: numbers["requests"].text() == "1")
    assert numbers["p50"].text() == "1.5 ms"
    assert numbers["uptime"].text() == "1 min 1 s"
    qtbot.waitUntil(lambda: len(page.detail.metrics.rate.values) >= 1)
    image = page.detail.metrics.latency.grab().toImage()
    assert not image.isNull()
    backend.stop("cars")
    look(page, qtbot)
    assert page.detail.metrics.problem.text() == "The endpoint isn't running."


def test_stop_start_roll_back_and_delete_ask_first(page, qtbot, backend, answer):
    backend.add("cars", "running", (1, 2))
    opened(page, qtbot, backend)
    answer("Cancel")
    page.detail.stop.click()
    assert backend.infos["cars"].running
    asked = answer("Stop")
    page.detail.stop.click()
    assert asked[-1] == "Stop “cars”?"
    qtbot.waitUntil(lambda: page.detail.start.isVisible())
    page.detail.start.click()
    qtbot.waitUntil(lambda: page.detail.stop.isVisible())
    answer("Roll back")
    (action,) = page.detail.roll_back.menu().actions()
    assert action.text() == "Version 1"
    action.trigger()
    qtbot.waitUntil(lambda: page.detail.state.text() == "Running, version 1")
    answer("Delete")
    page.activateWindow()
    page.list.setFocus()
    qtbot.waitUntil(page.list.hasFocus)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty)
    assert backend.infos == {}


def test_an_endpoint_in_the_cloud_has_its_target_and_is_asked_only_on_demand(page, qtbot, backend):
    backend.add("cars", versions=(1, 2), target="aci")
    opened(page, qtbot, backend)
    item = page.list.topLevelItem(0)
    assert item.text(3) == "Azure Container Instances"
    assert item.text(1).startswith("Running at 2023-11-1")
    detail = page.detail
    shown = {b.text() for b in (*detail.findChildren(QPushButton),) if b.isVisible()}
    assert {"Refresh", "Open in studio", "Delete"} <= shown
    assert not {"Start", "Stop", "Restart"} & shown
    assert detail.roll_back.isEnabled()
    page.set_watching(True)
    look(page, qtbot)
    assert backend.refreshed == []
    QTest.mouseClick(detail.refresh, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: backend.refreshed == ["cars"])
    qtbot.waitUntil(lambda: detail.refresh.isEnabled())


def test_log_and_metrics_of_the_cloud_are_not_polled(page, qtbot, backend):
    backend.add("cars", target="managed")
    backend.logs["cars"] = "from azure"
    opened(page, qtbot, backend, "logs")
    page.set_watching(True)
    logs = page.detail.logs
    assert logs.text.toPlainText() == ""
    assert not logs.follow.isVisible()
    QTest.mouseClick(logs.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: logs.text.toPlainText() == "from azure")
    page.choose("cars", "metrics")
    assert page.detail.metrics.problem.text().startswith("Azure counts the requests")


def test_an_endpoint_in_the_cloud_can_be_removed_when_azure_does_not_answer(
    page, qtbot, backend, answer
):
    backend.add("cars", target="aks")
    backend.fails["refresh"] = UserError("The sign-in failed.", "Sign in again in the browser.")
    opened(page, qtbot, backend)
    QTest.mouseClick(page.detail.refresh, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.detail.error.isVisible())
    assert page.detail.error.text() == "The sign-in failed. Sign in again in the browser."
    asked = answer("Remove")
    page.detail.ask_to_remove()
    assert asked == ["Remove “cars” from the list?"]
    qtbot.waitUntil(lambda: backend.removed == ["cars"])
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty)


def test_what_fails_is_said_beside_the_endpoint(page, qtbot, backend):
    backend.add("cars", "stopped")
    backend.fails["start"] = UserError("Port 5001 is in use.", "Take another.")
    opened(page, qtbot, backend)
    page.detail.start.click()
    qtbot.waitUntil(lambda: page.detail.error.isVisible())
    assert page.detail.error.text() == "Port 5001 is in use. Take another."
    assert page.detail.start.isEnabled()


def test_a_file_is_scored_and_what_was_refused_is_told(page, qtbot, backend, tmp_path):
    backend.add("cars")
    opened(page, qtbot, backend, "batch")
    batch = page.detail.batch
    (source,) = batch.sources.values()
    assert not batch.start.isEnabled()
    source.line.setFocus()
    QTest.keyClicks(source.line, str(tmp_path / "rows.parquet"))
    assert batch.target.path == tmp_path / "rows_scored.parquet"
    QTest.mouseClick(batch.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "couldn't be scored" in batch.text.text())
    assert batch.text.text() == (
        f"1 row scored and written to “{tmp_path / 'rows_scored.parquet'}”. "
        "1 row couldn't be scored: see the last column."
    )
    assert batch.open_folder.isVisible()
    source, target = tmp_path / "rows.parquet", tmp_path / "rows_scored.parquet"
    assert backend.scored == [("cars", {"input1": source}, target, "keep")]


def test_a_file_is_scored_by_keys_alone_after_a_click_on_the_tab(page, qtbot, backend, tmp_path):
    backend.add("cars")
    opened(page, qtbot, backend, "test")
    bar, batch = page.detail.tabs.tabBar(), page.detail.batch
    place = bar.tabRect(page.detail.tabs.indexOf(batch)).center()
    QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place)
    (source,) = batch.sources.values()
    assert QApplication.focusWidget() is source.line
    backend.hold.clear()
    QTest.keyClicks(source.line, str(tmp_path / "rows.csv"))
    QTest.keyClick(source.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: batch.progress.maximum() == 2)
    assert QApplication.focusWidget() is batch.cancel
    QTest.keyClick(batch.cancel, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: batch.start.isEnabled())
    assert batch.text.text() == "Canceled; no file was written."
    assert QApplication.focusWidget() is batch.start
    backend.hold.set()
    QTest.keyClick(batch.start, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(backend.scored) == 1)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is batch.open_folder)


def test_what_becomes_of_bad_rows_is_chosen(page, qtbot, backend, tmp_path):
    backend.add("cars")
    opened(page, qtbot, backend, "batch")
    batch = page.detail.batch
    (source,) = batch.sources.values()
    source.set_path(tmp_path / "rows.xlsx")
    # Scores are never written as Excel.
    assert batch.target.path == tmp_path / "rows_scored.csv"
    batch.bad_rows.setFocus()
    QTest.keyClick(batch.bad_rows, Qt.Key.Key_Down)
    QTest.mouseClick(batch.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "left out" in batch.text.text())
    assert backend.scored[0][-1] == "leave-out"


def test_each_of_several_inputs_has_a_file(page, qtbot, backend, tmp_path):
    backend.inputs = ["cars", "makers"]
    backend.add("cars")
    opened(page, qtbot, backend, "batch")
    batch = page.detail.batch
    qtbot.waitUntil(lambda: list(batch.sources) == ["cars", "makers"])
    batch.sources["cars"].set_path(tmp_path / "cars.csv")
    assert not batch.start.isEnabled()
    batch.sources["makers"].set_path(tmp_path / "makers.csv")
    assert batch.start.isEnabled()
    assert not batch.bad_rows.isEnabled()
    QTest.mouseClick(batch.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(backend.scored) == 1)
    assert backend.scored[0][-1] == "refuse"
    assert set(backend.scored[0][1]) == {"cars", "makers"}


def test_scoring_a_file_can_be_cancelled(page, qtbot, backend, tmp_path):
    backend.add("cars")
    opened(page, qtbot, backend, "batch")
    batch = page.detail.batch
    (source,) = batch.sources.values()
    backend.hold.clear()
    source.set_path(tmp_path / "rows.csv")
    QTest.mouseClick(batch.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.progress.maximum() == 2)
    assert batch.text.text() == "1 of 2 rows"
    assert not source.isEnabled()
    QTest.mouseClick(batch.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.start.isEnabled())
    assert batch.text.text() == "Canceled; no file was written."
    assert backend.scored == []


def test_a_file_that_can_not_be_scored_is_told_in_its_words(page, qtbot, backend, tmp_path):
    backend.add("cars")
    opened(page, qtbot, backend, "batch")
    batch = page.detail.batch
    (source,) = batch.sources.values()
    source.set_path(tmp_path / "rows.csv")
    backend.fails["score"] = UserError("The file has no column “age”.", "Did you mean “aged”?")
    QTest.mouseClick(batch.start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: batch.text.property("role") == "error")
    assert batch.text.text() == "The file has no column “age”. Did you mean “aged”?"
    assert not batch.open_folder.isVisible()
