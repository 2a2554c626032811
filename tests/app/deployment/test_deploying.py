"""From a finished run to an answer, in the window and with real endpoints."""

from __future__ import annotations

import csv
import json
import shutil
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from window_desk import close

from designer import paths
from designer.app.background.errors import UserError
from designer.deployment.local_target import LocalTarget
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file

PATIENCE = 90_000
"""Milliseconds: on a busy machine processes take their time to import."""


@pytest.fixture
def cars(window, qtbot, tmp_path):
    """The window after a run of the sample with car prices, in a folder of the test."""
    folder = tmp_path / "cars"
    shutil.copytree(paths.samples() / "data", folder / "data")
    file = folder / "automobile_price.pipeline.json"
    shutil.copy(paths.samples() / file.name, file)
    window.files.open_path(file)
    run(window, qtbot)
    yield file
    window.document.undo_stack.setClean()
    for other in window.deployment.inference_windows():
        close(other)
    for info in window.deployment.backend.endpoints():
        window.deployment.backend.delete(info.name)


def run(window, qtbot) -> None:
    with qtbot.waitSignal(window.controller.finished, timeout=PATIENCE) as finished:
        window.runs.start((), anyway=True)
    assert finished.args[0] == "completed"
    qtbot.waitUntil(lambda: window.actions_by_id["deploy"].isEnabled())


def test_commands_say_why_they_are_disabled(window):
    for name in ("create_real_time_inference", "create_batch_inference", "deploy"):
        action = window.actions_by_id[name]
        assert not action.isEnabled()
        assert "only when the pipeline has been run" in action.toolTip()
        action.trigger()
    assert window.deployment.dialog is None
    assert not window.actions_by_id["update_inference"].isEnabled()
    assert window.actions_by_id["show_endpoints"].isEnabled()


@pytest.mark.long
def test_three_clicks_lead_from_a_run_to_an_endpoint_that_answers(window, cars, qtbot):
    deployment = window.deployment
    window.actions_by_id["deploy"].trigger()
    dialog = deployment.dialog
    assert dialog.form.name.text() == "automobile-price"
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.outcome is not None or dialog.back.isVisible(), timeout=PATIENCE)
    assert dialog.error.text() == ""
    assert {dialog.steps.state(s) for s in LocalTarget.steps} == {"completed"}
    key = dialog.end.key.text
    assert len(key) > 20
    dialog.test.click()
    page = deployment.center.endpoints
    assert window.pages.currentWidget() is deployment.page
    qtbot.waitUntil(lambda: page.detail.test.send.isEnabled(), timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(page.detail.test.json.toPlainText()))
    # Return alone sends the example.
    qtbot.waitUntil(lambda: window.focusWidget() is page.detail.test.send, timeout=PATIENCE)
    row = json.loads(page.detail.test.json.toPlainText())["Inputs"]["input1"][0]
    assert "price" not in row
    assert page.detail.test.form.fields[("input1", "make")].editor.currentText() == row["make"]
    asked, price = scored_row(window.controller.output("score_model", "scored_dataset"), row)
    page.detail.test.json.setPlainText(json.dumps({"Inputs": {"input1": [asked]}}))
    page.detail.test.send.click()
    qtbot.waitUntil(lambda: "Scored Labels: " in page.detail.test.result.text(), timeout=PATIENCE)
    answer = json.loads(page.detail.test.response.toPlainText())["Results"]["output1"][0]
    assert answer["Scored Labels"] == pytest.approx(price, rel=1e-9)
    titles = [window.windowTitle(), dialog.windowTitle(), window.statusBar().currentMessage()]
    assert not any(key in text for text in titles)
    assert key not in deployment.backend.log("automobile-price")
    assert_a_file_is_scored(deployment.backend, "automobile-price", asked, price, cars.parent)
    deployment.backend.stop("automobile-price")
    page.refresh()
    qtbot.waitUntil(lambda: page.detail.start.isVisible(), timeout=PATIENCE)
    assert not page.detail.test.send.isEnabled()
    deployment.backend.delete("automobile-price")
    page.refresh()
    qtbot.waitUntil(lambda: page.pages.currentWidget() is page.empty, timeout=PATIENCE)
    window.navigation.show("editing")


def assert_a_file_is_scored(backend, name, row, price, folder) -> None:
    """Score two rows of a file; the second lacks a value that the model needs."""
    source, target = folder / "rows.csv", folder / "scores.csv"
    with source.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", *row])
        writer.writerow([1, *row.values()])
        writer.writerow([2, *({**row, "make": ""}.values())])
    progress = []

    def score():
        sources, on_progress = {"input1": source}, lambda *rows: progress.append(rows)
        return backend.score_file(name, sources, target, "keep", on_progress).future.result(90)

    scored = score()
    assert (list(scored.files.values()), scored.rows, scored.bad_rows) == ([target], 2, 1)
    assert progress == [(0, 1), (1, 1)]
    with target.open(newline="") as stream:
        one, two = csv.DictReader(stream)
    assert one["id"] == "1"
    assert float(one["Scored Labels"]) == pytest.approx(price, rel=1e-9)
    assert two["Scored Labels"] == ""
    assert "“make” has no value" in two["Not scored because"]
    source.write_text("id,colour\n1,red\n")
    with pytest.raises(UserError, match="The file has no column “symboling”"):
        score()


def scored_row(output, names) -> tuple[dict, float]:
    """Return a row that the training pipeline scored, and the price it gave it."""
    from modules.requests.tables import rows_of
    from modules.values.storage import load

    row = rows_of(load(output.path))[3]
    return {name: row[name] for name in names}, row["Scored Labels"]


def test_an_inference_pipeline_opens_beside_and_says_what_was_replaced(window, cars, qtbot):
    window.actions_by_id["create_real_time_inference"].trigger()
    qtbot.waitUntil(lambda: bool(window.deployment.inference_windows()), timeout=PATIENCE)
    (other,) = window.deployment.inference_windows()
    modules = {node.module for node in other.document.pipeline.nodes.values()}
    assert {"saved_model", "web_service_input", "web_service_output"} <= modules
    assert not modules & {"train_model", "split_data", "evaluate_model"}
    assert other.document.path is None
    assert other.document.dirty
    said = [label.text() for label in other.deployment.report.area.findChildren(QLabel)]
    assert any("Split Data “split_data” was left out" in text for text in said)
    assert "automobile_price.pipeline.json" in other.deployment.report.title.text()
    # The training pipeline is as it was.
    assert "train_model" in window.document.pipeline.nodes
    assert not window.document.dirty
    other.deployment.report.dismiss()
    assert other.actions_by_id["show_replaced"].isEnabled()
    other.actions_by_id["show_replaced"].trigger()
    assert other.deployment.report.isVisible()
    # It is an ordinary pipeline: it can be edited, saved, and opened again.
    saved = cars.with_name("live.pipeline.json")
    other.document.save(saved)
    assert pipeline_file.read(saved).extra["inference"]["run"] == window.controller.run_id
    assert other.actions_by_id["update_inference"].isEnabled()


@pytest.mark.long
def test_what_was_changed_survives_in_the_model_and_is_deployed_from_it(window, cars, qtbot):
    """Change an inference pipeline, deploy it, and deploy the model that this registered."""
    window.actions_by_id["create_real_time_inference"].trigger()
    qtbot.waitUntil(lambda: bool(window.deployment.inference_windows()), timeout=PATIENCE)
    (other,) = window.deployment.inference_windows()
    (output,) = nodes_of(other, "web_service_output")
    other.document.apply("Set", lambda p: edits.set_parameter(p, output, "name", "prices"))
    other.actions_by_id["deploy"].trigger()
    deploy_as(other.deployment.dialog, "edited", qtbot)
    window.actions_by_id["show_models"].trigger()
    models = window.deployment.center.models
    tree = models.tree
    found = Qt.MatchFlag.MatchExactly
    qtbot.waitUntil(lambda: bool(tree.findItems("edited", found)), timeout=PATIENCE)
    place = tree.visualItemRect(tree.findItems("edited", found)[0]).center()
    QTest.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert models.current["name"] == "edited"
    QTest.mouseClick(models.deploy, Qt.MouseButton.LeftButton)
    deploy_as(window.deployment.dialog, "again", qtbot)
    backend = window.deployment.backend
    sample = {"Inputs": {"input1": list(backend.interface("again").samples["input1"])}}
    one, two = (backend.send(name, json.dumps(sample)) for name in ("edited", "again"))
    assert (one.status, two.status) == (200, 200)
    assert list(json.loads(two.text)["Results"]) == ["prices"]
    assert json.loads(two.text) == json.loads(one.text)
    window.navigation.show("editing")


def deploy_as(dialog, name, qtbot) -> None:
    """Type a name into the dialog and press Return."""
    dialog.form.name.selectAll()
    QTest.keyClicks(dialog.form.name, name)
    QTest.keyClick(dialog.form.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.outcome is not None or dialog.back.isVisible(), timeout=PATIENCE)
    assert dialog.end.headline.text() == f"“{name}” is running, version 1."
    dialog.close()


def nodes_of(window, module) -> list[str]:
    nodes = window.document.pipeline.nodes
    return [name for name, node in nodes.items() if node.module == module]


@pytest.mark.long
def test_what_was_learnt_moves_along_with_the_file(window, cars, qtbot, tmp_path):
    window.actions_by_id["create_real_time_inference"].trigger()
    qtbot.waitUntil(lambda: bool(window.deployment.inference_windows()), timeout=PATIENCE)
    (other,) = window.deployment.inference_windows()
    (model,) = nodes_of(other, "saved_model")
    before = other.document.base / other.document.pipeline.nodes[model].parameters["path"]
    assert before.resolve().is_relative_to(window.workspace.folder.resolve())

    first = tmp_path / "one" / "live.pipeline.json"
    first.parent.mkdir()
    other.document.save(first)
    inside = "live.values/"
    qtbot.waitUntil(lambda: kept_path(first, model).startswith(inside), timeout=PATIENCE)
    assert not other.document.dirty
    second = first.with_name("other.pipeline.json")
    other.document.save(second)
    inside_other = "other.values/"
    qtbot.waitUntil(lambda: kept_path(second, model).startswith(inside_other), timeout=PATIENCE)

    # Moved to another place with its folder alone, it is deployed as before.
    place = tmp_path / "two"
    first.parent.rename(place)
    shutil.rmtree(place / "live.values")
    shutil.rmtree(window.workspace.folder / "inference")
    assert (place / kept_path(place / second.name, model)).is_dir()
    window.files.open_path(place / second.name)
    window.actions_by_id["deploy"].trigger()
    deploy_as(window.deployment.dialog, "moved", qtbot)


def kept_path(file, node) -> str:
    return str(pipeline_file.read(file).nodes[node].parameters["path"])


@pytest.mark.long
def test_an_inference_pipeline_is_updated_after_a_new_run(window, cars, qtbot):
    window.actions_by_id["create_real_time_inference"].trigger()
    qtbot.waitUntil(lambda: bool(window.deployment.inference_windows()), timeout=PATIENCE)
    (other,) = window.deployment.inference_windows()
    other.document.apply("Comment", lambda p: edits.set_comment(p, "score_model", "mine"))
    before = other.document.pipeline
    window.document.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.6))
    window.document.save()
    run(window, qtbot)
    other.actions_by_id["update_inference"].trigger()
    qtbot.waitUntil(lambda: other.document.pipeline is not before, timeout=PATIENCE)
    after = other.document.pipeline
    assert after.extra["inference"]["run"] == window.controller.run_id
    assert after.nodes["train_model"].parameters != before.nodes["train_model"].parameters
    assert after.nodes["score_model"].comment == "mine"
    assert other.deployment.report.title.text().startswith("Updated from run")
    other.edits.undo()
    assert other.document.pipeline == before


def test_a_batch_inference_pipeline_reads_a_named_file_and_is_not_deployed(window, cars, qtbot):
    window.actions_by_id["create_batch_inference"].trigger()
    qtbot.waitUntil(lambda: bool(window.deployment.inference_windows()), timeout=PATIENCE)
    (other,) = window.deployment.inference_windows()
    assert list(other.document.pipeline.parameters) == ["automobile_prices_file"]
    assert other.deployment.report.deploy.isHidden()
    other.actions_by_id["deploy"].trigger()
    assert other.deployment.dialog is None
    assert "is run, not deployed" in other.bar.text.text()


def test_a_run_of_an_earlier_session_is_enough(window, cars, qtbot):
    window.files.new()
    assert not window.actions_by_id["deploy"].isEnabled()
    window.files.open_path(cars)
    qtbot.waitUntil(window.actions_by_id["deploy"].isEnabled)
    assert "only when" not in window.actions_by_id["deploy"].toolTip()


def test_a_pipeline_without_a_model_is_refused_in_words(window, qtbot):
    one, _ = edits.add_node(
        window.document.pipeline, "enter_data_manually", parameters={"data": "a\n1\n"}
    )
    window.document.apply("Add", lambda _: one)
    run(window, qtbot)
    window.actions_by_id["create_real_time_inference"].trigger()
    qtbot.waitUntil(lambda: window.bar.isVisible(), timeout=PATIENCE)
    assert "trained model" in window.bar.text.text()
    assert window.deployment.inference_windows() == []
    window.document.undo_stack.setClean()


def test_keys_reach_the_pages_and_lead_back(window, qtbot):
    window.actions_by_id["show_endpoints"].trigger()
    center = window.deployment.center
    assert window.pages.currentWidget() is window.deployment.page
    assert not window.actions_by_id["save"].isEnabled()
    qtbot.waitUntil(lambda: center.endpoints.pages.currentIndex() == 1, timeout=PATIENCE)
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.navigation.editing
    assert {"Ctrl+Shift+E", "Ctrl+Shift+O", "Ctrl+Shift+D"} == {
        window.commands.by_id[name].keys[0] for name in ("show_endpoints", "show_models", "deploy")
    }


@pytest.mark.long
def test_the_window_itself_imports_nothing_heavy():
    """Another interpreter imports all of the package and looks at what came along."""
    import subprocess

    code = (
        "import pkgutil, importlib, sys, designer.app.deployment as package\n"
        "for each in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(each.name)\n"
        "import designer.deployment.endpoints, designer.deployment.texts.consume\n"
        "import designer.tracking.registry, designer.inference.conversion_job\n"
        "heavy = {'pandas', 'numpy', 'sklearn', 'mlflow', 'fastapi', 'uvicorn', 'pyarrow'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert found.stdout.strip() == "[]"
