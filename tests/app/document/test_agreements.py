"""A pipeline from elsewhere runs no code and reaches nothing outside before the user agrees."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QToolButton,
    QTreeView,
    QWidget,
)
from run_desk import LONG, open_foreign, press, run, scripting

from designer.app.dialogs.run_values import RunValues
from designer.app.document.recovery import RecoveryFile, find_recoveries
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

OUTSIDE = "a,b\n1,x\n2,y\n3,x\n4,y\n"


class Outside:
    """A file in another folder, behind a link whose time shows that somebody looked."""

    def __init__(self, folder: Path) -> None:
        (folder / "elsewhere").mkdir()
        (folder / "elsewhere" / "secret.csv").write_text(OUTSIDE)
        self._link = folder / "way"
        self._link.symlink_to("elsewhere")
        self.path = self._link / "secret.csv"
        self.forget()

    def forget(self) -> None:
        os.utime(self._link, (1, 1), follow_symlinks=False)

    @property
    def looked_at(self) -> bool:
        return os.lstat(self._link).st_atime > 1


@pytest.fixture
def outside(tmp_path: Path) -> Outside:
    found = Outside(tmp_path)
    assert not found.looked_at
    found.path.exists()
    if not found.looked_at:
        pytest.skip("This file system doesn't record when a link is followed.")
    found.forget()
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    """A web server with a table; counts who connects."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.server.connections += 1
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.end_headers()
            self.wfile.write(OUTSIDE.encode())

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.connections = 0
    thread = threading.Thread(target=found.serve_forever)
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def marking(mark: Path, more: str = "") -> Pipeline:
    """Return a pipeline whose script leaves a mark, with a step below it."""
    script = f"def azureml_main(a=None, b=None):\n    open({str(mark)!r}, 'a').close()\n{more}"
    return below(scripting(f"{script}    return a.assign(fresh=1),\n"), "execute_python_script")


def below(pipeline: Pipeline, node: str) -> Pipeline:
    port = "result_dataset" if node.startswith("execute") else "dataset"
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 300))
    return edits.connect(pipeline, Endpoint(node, port), Endpoint(split, "dataset"))


def reading(path: str) -> Pipeline:
    pipeline, node = edits.add_node(Pipeline(), "dataset", parameters={"path": path})
    return below(pipeline, node)


def check(window, qtbot) -> None:
    """Let the window check the pipeline as it is now, on a sample too."""
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        window.checker.check_now()


def until_asked(window, qtbot, words: str = "Allow ") -> str:
    bar = window.bar
    qtbot.waitUntil(lambda: words in bar.text.text() and not bar.isHidden(), timeout=LONG)
    return window.bar.text.text()


def known(window, node: str) -> list[str]:
    found = window.known.at_input(node, "dataset")
    return [column.name for column in found or ()]


def test_consent_is_for_the_content_and_not_for_the_file(window, qtbot, tmp_path, project):
    file, first, second = project / "p.pipeline.json", tmp_path / "first", tmp_path / "second"
    open_foreign(window, marking(first), file)
    text = until_asked(window, qtbot)
    assert text.startswith("Allow “Execute Python Script”?")
    assert not first.exists()
    press(window, "Allow")
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    assert first.exists()
    window.files.new()
    first.unlink()
    open_foreign(window, edits.set_description(marking(first), "Other words, same code."), file)
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    assert window.bar.isHidden()
    window.files.new()
    open_foreign(window, marking(second), file)
    until_asked(window, qtbot)
    check(window, qtbot)
    assert not second.exists()


def test_the_file_is_replaced_while_it_is_open(window, qtbot, tmp_path, project):
    file, first, second = project / "p.pipeline.json", tmp_path / "first", tmp_path / "second"
    open_foreign(window, marking(first), file)
    until_asked(window, qtbot)
    press(window, "Allow")
    qtbot.waitUntil(first.exists, timeout=LONG)
    file.write_text(pipeline_file.dumps(marking(second)), encoding="utf-8")
    until_asked(window, qtbot, "changed by another program")
    press(window, "Reload")
    until_asked(window, qtbot)
    check(window, qtbot)
    assert not second.exists()


def test_an_own_change_of_what_was_allowed_is_allowed(window, qtbot, tmp_path, project):
    file, first, second = project / "p.pipeline.json", tmp_path / "first", tmp_path / "second"
    open_foreign(window, marking(first), file)
    until_asked(window, qtbot)
    press(window, "Allow")
    qtbot.waitUntil(first.exists, timeout=LONG)
    script = marking(second).nodes["execute_python_script"].parameters["script"]
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "execute_python_script", "script", script)
    )
    qtbot.waitUntil(second.exists, timeout=LONG)
    assert window.bar.isHidden()
    # Saved, it is this workspace's own.
    window.actions_by_id["save"].trigger()
    second.unlink()
    window.files.new()
    assert window.files.open_path(file)
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    assert window.bar.isHidden()


def test_a_change_of_code_that_was_not_allowed_does_not_allow_it(window, qtbot, tmp_path, project):
    mark = tmp_path / "mark"
    open_foreign(window, marking(mark), project / "p.pipeline.json")
    until_asked(window, qtbot)
    script = marking(mark, "    # Mine.\n").nodes["execute_python_script"].parameters["script"]
    window.document.apply(
        "Set", lambda p: edits.set_parameter(p, "execute_python_script", "script", script)
    )
    for text, edit in {
        "Rename": lambda p: edits.rename_node(p, "execute_python_script", "mine"),
        "Comment": lambda p: edits.set_comment(p, "mine", "Mine."),
    }.items():
        window.document.apply(text, edit)
    window.canvas.select(["mine"])
    window.actions_by_id["duplicate"].trigger()
    window.actions_by_id["save"].trigger()
    check(window, qtbot)
    assert not mark.exists()
    window.files.new()
    assert window.files.open_path(project / "p.pipeline.json")
    until_asked(window, qtbot)
    check(window, qtbot)
    assert not mark.exists()


def test_what_is_made_here_is_never_asked_for(window, qtbot, tmp_path, project, outside):
    mark = tmp_path / "mark"
    window.document.apply("Insert", lambda _: marking(mark))
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    window.modules.files_dropped([outside.path], 600.0, 0.0)
    window.canvas.select([])
    check(window, qtbot)
    assert window.bar.isHidden()
    assert run(window, qtbot) == "completed"
    file = project / "p.pipeline.json"
    assert window.files._save(file)
    window.files.new()
    assert window.files.open_path(file)
    check(window, qtbot)
    assert "fresh" in known(window, "split_data")
    assert window.bar.isHidden()
    # In another folder its paths are other words for the same files.
    (tmp_path / "further").mkdir()
    assert window.files._save(tmp_path / "further" / "q.pipeline.json")
    check(window, qtbot)
    assert window.bar.isHidden()
    assert not any("allow" in problem.message for problem in window.problems.problems())


@pytest.mark.long
def test_nothing_outside_is_touched_before_the_user_agrees(
    window, qtbot, tmp_path, project, outside, server
):
    """Every way out that a pipeline has: 0 marks, 0 files looked at, 0 connections."""
    url = f"http://127.0.0.1:{server.server_port}/t.csv"
    mark, written = tmp_path / "mark", tmp_path / "written.csv"
    inside = project / "link.csv"
    inside.symlink_to(outside.path)
    (project / "values").mkdir()
    (project / "values" / "data.arrow").symlink_to(outside.path)
    pipeline = marking(mark)
    for module, parameters in (
        ("dataset", {"path": str(outside.path)}),
        ("dataset", {"path": os.path.relpath(outside.path, project)}),
        ("dataset", {"path": "link.csv"}),
        ("dataset", {"path": {"$parameter": "where"}}),
        ("saved_dataset", {"path": str(outside.path.parent)}),
        ("saved_dataset", {"path": "values"}),
        ("import_data", {"path": str(outside.path)}),
        ("import_data", {"path": ".", "pattern": "../way/*.csv"}),
        ("import_data", {"source": "URL", "url": url}),
        (
            "import_data",
            {
                "source": "database",
                "connection": f"sqlite:///{outside.path}",
                "query": "select 1",
            },
        ),
    ):
        pipeline, node = edits.add_node(pipeline, module, parameters=parameters)
        pipeline = below(pipeline, node)
    pipeline, export = edits.add_node(pipeline, "export_data", parameters={"path": str(written)})
    pipeline = edits.connect(
        pipeline, Endpoint("enter_data_manually", "dataset"), Endpoint(export, "dataset")
    )
    where = PipelineParameter("where", "text", str(outside.path))
    pipeline = replace(pipeline, parameters={"where": where})
    open_foreign(window, pipeline, project / "p.pipeline.json")
    text = until_asked(window, qtbot)
    assert "“Execute Python Script” and reading " in text
    assert "p.pipeline.json" not in text
    for node in pipeline.nodes:
        window.canvas.select([node])
        QApplication.processEvents()
        window.dataset_actions.file_of(node)
    check(window, qtbot)
    # The rows shown below the fields are read a moment later than they are selected.
    window.canvas.select(["dataset"])
    assert "Allow" in window.properties.page.preview._message.text()
    window.actions_by_id["run"].trigger()
    assert "parts of this pipeline weren't made here" in window.bar.text.text().lower()
    (tmp_path / "further").mkdir()
    assert window.files._save(tmp_path / "further" / "q.pipeline.json")
    check(window, qtbot)
    assert not outside.looked_at
    assert server.connections == 0
    assert not mark.exists()
    assert not written.exists()
    # The control: once allowed, all of it happens.
    window.actions_by_id["run"].trigger()
    press(window, "Allow and run")
    # Only now may the saved folder be read, and a link in it counts as code.
    qtbot.waitUntil(lambda: "Allow “Saved Dataset”?" in window.bar.text.text(), timeout=LONG)
    # The dialog for the values of the pipeline's parameters.
    QTimer.singleShot(0, lambda: QApplication.activeModalWidget().accept())
    with qtbot.waitSignal(window.controller.finished, timeout=LONG):
        press(window, "Allow and run")
    assert outside.looked_at
    assert server.connections > 0
    assert mark.exists()
    assert written.exists()


def test_one_answer_does_not_cover_a_url_that_comes_later(window, qtbot, tmp_path, project, server):
    file = project / "p.pipeline.json"
    mark = tmp_path / "mark"
    open_foreign(window, marking(mark), file)
    until_asked(window, qtbot)
    press(window, "Allow")
    qtbot.waitUntil(mark.exists, timeout=LONG)
    window.files.new()
    url = f"http://127.0.0.1:{server.server_port}/t.csv"
    pipeline, node = edits.add_node(
        marking(mark), "import_data", parameters={"source": "URL", "url": url}
    )
    open_foreign(window, below(pipeline, node), file)
    assert until_asked(window, qtbot).startswith(f"Allow reading {url}?")
    assert server.connections == 0
    press(window, "Allow")
    qtbot.waitUntil(lambda: server.connections > 0, timeout=LONG)


def test_a_path_that_the_user_enters_is_their_own(window, qtbot, project, outside):
    (project / "own.csv").write_text("c,d\n1,2\n2,3\n")
    open_foreign(window, reading("own.csv"), project / "p.pipeline.json")
    qtbot.waitUntil(lambda: known(window, "split_data") == ["c", "d"], timeout=LONG)
    assert window.bar.isHidden()
    window.canvas.select(["dataset"])
    line = window.properties.fields["path"].editor.line
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, str(outside.path))
    qtbot.waitUntil(lambda: known(window, "split_data") == ["a", "b"], timeout=LONG)
    assert window.bar.isHidden()


def test_another_change_of_the_node_does_not_allow_its_path(window, qtbot, project, outside):
    open_foreign(window, reading(str(outside.path)), project / "p.pipeline.json")
    assert outside.path.name in until_asked(window, qtbot)
    window.document.apply("Set", lambda p: edits.set_parameter(p, "dataset", "header", False))
    check(window, qtbot)
    assert not outside.looked_at


def test_what_is_pasted_comes_from_anywhere(window, qtbot, tmp_path, outside):
    mark = tmp_path / "mark"
    pipeline = marking(mark)
    pipeline, _ = edits.add_node(pipeline, "dataset", parameters={"path": str(outside.path)})
    board = QMimeData()
    board.setText(pipeline_file.dumps(pipeline))
    QApplication.clipboard().setMimeData(board)
    window.edits.paste()
    until_asked(window, qtbot)
    check(window, qtbot)
    assert not mark.exists()
    assert not outside.looked_at


def test_what_was_copied_here_is_pasted_without_a_question(window, qtbot, tmp_path, project):
    """Also from another folder, with a file of that folder."""
    (project / "own.csv").write_text("c,d\n1,2\n2,3\n")
    open_foreign(window, reading("own.csv"), project / "p.pipeline.json")
    window.actions_by_id["select_all"].trigger()
    window.actions_by_id["copy"].trigger()
    window.files.new()
    window.actions_by_id["paste"].trigger()
    qtbot.waitUntil(lambda: known(window, "split_data") == ["c", "d"], timeout=LONG)
    assert window.bar.isHidden()


@pytest.mark.parametrize("own", [True, False], ids=["own", "foreign"])
def test_unsaved_work_is_restored_with_what_was_agreed(window, qtbot, tmp_path, project, own):
    mark = tmp_path / "mark"
    if own:
        window.document.apply("Insert", lambda _: marking(mark))
        qtbot.waitUntil(mark.exists, timeout=LONG)
        mark.unlink()
    text = pipeline_file.dumps(marking(mark))
    window.document.undo_stack.setClean()
    window.files.new()
    file = RecoveryFile(window.recovery_folder)
    file.write(None, lambda: text).result(timeout=10)
    file.close(keep=True)
    window.files.offer_recovery()
    press(window, "Restore")
    if own:
        qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
        assert window.bar.isHidden()
    else:
        until_asked(window, qtbot)
        check(window, qtbot)
        assert not mark.exists()
    for recovery in find_recoveries(window.recovery_folder):
        recovery.discard()


def test_not_now_is_remembered_for_the_content(window, qtbot, tmp_path, project):
    file, mark = project / "p.pipeline.json", tmp_path / "mark"
    open_foreign(window, marking(mark), file)
    until_asked(window, qtbot)
    press(window, "Not now")
    window.files.new()
    assert window.files.open_path(file)
    check(window, qtbot)
    assert window.bar.isHidden()
    hints = [problem.message for problem in window.problems.problems()]
    assert any("isn't run before you allow it" in hint for hint in hints)
    assert not mark.exists()
    # The menu still leads to it.
    assert window.actions_by_id["review_access"].isEnabled()
    window.files.new()
    open_foreign(window, marking(mark, "    # New.\n"), file)
    until_asked(window, qtbot)


def close_with_the_mouse(window) -> None:
    (close,) = (b for b in window.bar.findChildren(QToolButton) if b.toolTip() == "Close")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)


def close_with_a_key(window) -> None:
    QTest.keyClick(window, Qt.Key.Key_Escape)


@pytest.mark.parametrize("close", [close_with_the_mouse, close_with_a_key])
def test_a_question_that_was_closed_does_not_come_back_with_the_next_check(
    window, qtbot, tmp_path, project, close
):
    file = project / "p.pipeline.json"
    open_foreign(window, marking(tmp_path / "mark"), file)
    until_asked(window, qtbot)
    close(window)
    assert window.bar.isHidden()
    window.edits.apply("Set", lambda p: edits.set_parameter(p, "split_data", "fraction", 0.3))
    check(window, qtbot)
    assert window.bar.isHidden()
    # Closed isn't declined: when the file is opened again, the question is asked again.
    window.document.undo_stack.undo()
    window.files.new()
    assert window.files.open_path(file)
    until_asked(window, qtbot)


def test_the_details_show_the_whole_code(window, qtbot, tmp_path, project):
    mark = tmp_path / "mark"
    open_foreign(window, marking(mark), project / "p.pipeline.json")
    until_asked(window, qtbot)
    seen = []

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        seen.append(dialog.content.toPlainText())
        allow = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
        QTest.mouseClick(allow, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, answer)
    press(window, "Details…")
    assert f"open({str(mark)!r}, 'a')" in seen[0]
    qtbot.waitUntil(mark.exists, timeout=LONG)


def test_a_sample_is_ours(window, qtbot, samples, tmp_path):
    mark = tmp_path / "mark"
    open_foreign(window, marking(mark), samples / "s.pipeline.json")
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    assert window.bar.isHidden()


def test_what_a_run_has_shown_is_not_asked_for(window, qtbot, engine, tmp_path, project):
    file, mark = project / "p.pipeline.json", tmp_path / "mark"
    pipeline = marking(mark)
    result = engine.run(pipeline, base=project, source=file)
    assert result.status == "completed"
    open_foreign(window, pipeline, file)
    qtbot.waitUntil(lambda: "fresh" in known(window, "split_data"), timeout=LONG)
    check(window, qtbot)
    assert window.bar.isHidden()


def test_no_text_of_a_pipeline_reads_an_image(window, qtbot, project, outside):
    """Qt takes a text with tags as HTML, in labels and tooltips, and reads what it names."""
    image = f'<img src="{outside.path}">'
    name = f"mine {image}"
    pipeline, node = edits.add_node(
        Pipeline(), "enter_data_manually", parameters={"data": f"{name},b\n1,2\n"}
    )
    pipeline = edits.set_comment(pipeline, node, image)
    chosen = {"rules": [{"by": "names", "values": [image]}]}
    pipeline, other = edits.add_node(
        pipeline, "select_columns_in_dataset", parameters={"columns": chosen}
    )
    pipeline = edits.connect(pipeline, Endpoint(node, "dataset"), Endpoint(other, "dataset"))
    pipeline, types = edits.add_node(pipeline, "dataset", parameters={"column_types": {image: "s"}})
    pipeline, _ = edits.add_node(pipeline, image, node_id="unknown")
    where = PipelineParameter("where", "text", "", image)
    pipeline = replace(pipeline, parameters={"where": where}, description=image)
    open_foreign(window, pipeline, project / "p.pipeline.json")
    check(window, qtbot)
    dialog = RunValues(pipeline, {}, window)
    for shown in (node, other, types, "unknown"):
        window.canvas.select([shown])
        QApplication.processEvents()
        for text in (*texts(window), *texts(dialog)):
            assert "<img" not in text
    dialog.deleteLater()
    assert not outside.looked_at


def texts(widget: QWidget) -> Iterator[str]:
    """Yield what Qt may show as HTML: tooltips, and texts of labels that don't exclude it."""
    for each in widget.findChildren(QWidget):
        yield each.toolTip()
        if isinstance(each, QLabel) and each.textFormat() != Qt.TextFormat.PlainText:
            yield each.text()
        if isinstance(each, QAbstractItemView) and each.model() is not None:
            columns = each.model().columnCount() if isinstance(each, QTreeView) else 1
            for row in range(each.model().rowCount()):
                for column in range(columns):
                    index = each.model().index(row, column)
                    yield index.data(Qt.ItemDataRole.ToolTipRole) or ""
