"""What is being typed isn't tried on the sample before it is finished."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from run_desk import LONG, scripting

from designer.app.dialogs.code_dialog import CodeDialog
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = pytest.mark.allow_leaks
"""Workers that a test ends start again by themselves, during the next one."""

SCRIPT = "def azureml_main(a=None, b=None):\n    return a,\n"


def settled(window, qtbot) -> None:
    with qtbot.waitSignal(window.checker.settled, timeout=LONG):
        pass


@pytest.fixture
def code(window, qtbot):
    """The field of a script whose sample is known, with the cursor at its beginning."""
    window.document.apply("Insert", lambda _: scripting(SCRIPT))
    settled(window, qtbot)
    window.canvas.select(["execute_python_script"])
    code = window.properties.fields["script"].editor.code
    code.setFocus()
    code.moveCursor(code.textCursor().MoveOperation.Start)
    return code


def write(code, text: str) -> None:
    QTest.keyClicks(code, text)
    QTest.keyClick(code, Qt.Key.Key_Return)


def test_a_script_runs_on_the_sample_only_once_its_field_is_left(window, qtbot, tmp_path, code):
    mark = tmp_path / "mark"
    write(code, f"open({str(mark)!r}, 'w').close()")
    settled(window, qtbot)
    assert not mark.exists()
    window.canvas.setFocus()
    settled(window, qtbot)
    assert mark.exists()


@pytest.mark.long
def test_a_script_that_another_edit_follows_is_finished(window, qtbot, tmp_path, code):
    mark = tmp_path / "mark"
    write(code, f"open({str(mark)!r}, 'w').close()")
    settled(window, qtbot)
    window.edits.apply("Comment", lambda p: edits.set_comment(p, "enter_data_manually", "x"))
    settled(window, qtbot)
    assert mark.exists()


def test_undo_and_redo_of_a_script_are_finished(window, qtbot, tmp_path, code):
    mark = tmp_path / "mark"
    write(code, f"open({str(mark)!r}, 'w').close()")
    settled(window, qtbot)
    window.edits.undo()
    window.edits.redo()
    settled(window, qtbot)
    assert mark.exists()


def test_a_script_of_the_larger_window_is_finished_when_that_closes(window, qtbot, tmp_path, code):
    mark, seen = tmp_path / "mark", []

    def type_there() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, CodeDialog)
        dialog.code.moveCursor(dialog.code.textCursor().MoveOperation.Start)
        write(dialog.code, f"open({str(mark)!r}, 'w').close()")
        settled(window, qtbot)
        seen.append(mark.exists())
        QTest.keyClick(dialog.code, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    QTimer.singleShot(0, type_there)
    window.properties.fields["script"].editor.larger.click()
    settled(window, qtbot)
    assert seen == [False]
    assert mark.exists()


@pytest.fixture
def asked() -> Iterator[tuple[int, list[str]]]:
    """The port of a server, and the addresses that it was asked for."""
    paths: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a,b\n1,2\n")

        do_HEAD = do_GET

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port, paths
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_url_is_fetched_for_the_sample_only_once_it_is_entered(window, qtbot, asked):
    port, paths = asked
    pipeline, node = edits.add_node(
        Pipeline(), "import_data", parameters={"source": "URL"}, position=(0, 0)
    )
    pipeline, split = edits.add_node(pipeline, "split_data", position=(0, 150))
    link = Endpoint(node, "dataset"), Endpoint(split, "dataset")
    window.document.apply("Insert", lambda _: edits.connect(pipeline, *link))
    window.canvas.select([node])
    line = window.properties.fields["url"].editor.focusProxy()
    line.setFocus()
    QTest.keyClicks(line, f"http://127.0.0.1:{port}/t.csv")
    settled(window, qtbot)
    assert paths == []
    QTest.keyClick(line, Qt.Key.Key_Return)
    settled(window, qtbot)
    assert "/t.csv" in paths
