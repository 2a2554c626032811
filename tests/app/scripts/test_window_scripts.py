"""Running a script from the window: the form, the run as it goes, the list of runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox

from designer.app.scripts.script_dialog import ScriptDialog
from designer.scripts.configuration import ScriptConfiguration
from designer.scripts.configuration_file import read_configuration

LEFT = Qt.MouseButton.LeftButton
LONG = 90_000

PROGRAM = """\
import sys, pathlib
pathlib.Path(sys.argv[1], "m.txt").write_text(sys.argv[2], "utf-8")
print("训练完成")
"""


@pytest.fixture
def script(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("MODELDESK_TRACKING", "off")
    path = tmp_path / "训练.py"
    path.write_text(PROGRAM, "utf-8")
    return path


def in_dialog(act) -> None:
    """Do something in the dialog that comes up next."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ScriptDialog):
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(0, look)


def write(field, text: str) -> None:
    field.setFocus()
    field.selectAll()
    # Qt's tests can only type ASCII.
    QApplication.clipboard().setText(text)
    QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def test_a_script_runs_and_is_listed_with_its_output(window, script, qtbot):
    said = []

    def fill(dialog: ScriptDialog) -> None:
        QTest.mouseClick(dialog.run, LEFT)
        said.append(dialog.message.text())
        write(dialog.script, str(script))
        write(dialog.arguments, "${{outputs.model}} 'two words'")
        QTest.mouseClick(dialog.run, LEFT)
        said.append(dialog.message.text())
        write(dialog.outputs, "model")
        QTest.mouseClick(dialog.run, LEFT)

    in_dialog(fill)
    window.actions_by_id["run_script"].trigger()
    assert said[0].startswith("No script is chosen.")
    assert "names the output “model”" in said[1]
    (shown,) = window.scripts.windows
    qtbot.waitUntil(lambda: not shown.running, timeout=LONG)
    assert shown.status.text().startswith("Completed in ")
    assert "训练完成" in shown.log.toPlainText()
    item = shown.results.topLevelItem(0)
    assert item.text(0) == "model"
    assert (Path(item.text(1)) / "files" / "m.txt").read_text("utf-8") == "two words"
    QTest.mouseClick(shown.buttons.button(QDialogButtonBox.StandardButton.Close), LEFT)
    qtbot.waitUntil(lambda: window.scripts.windows == [], timeout=LONG)
    # It is in the list of runs, and can be looked at again.
    runs = window.run_list
    runs.scope.setCurrentText("Scripts")
    qtbot.waitUntil(lambda: runs.list.topLevelItemCount() == 1, timeout=LONG)
    row = runs.list.topLevelItem(0)
    assert (row.text(1), row.text(3)) == ("Completed", "训练.py")
    row.setSelected(True)
    runs.results.trigger()
    (shown,) = window.scripts.windows
    assert "训练完成" in shown.log.toPlainText()
    shown.close()
    runs.scope.setCurrentText("This pipeline")


def test_a_script_can_be_cancelled_and_its_failure_is_shown(window, script, qtbot):
    script.write_text("import time\nprint('begun', flush=True)\ntime.sleep(600)\n", "utf-8")
    window.scripts._start(ScriptConfiguration(script))
    (shown,) = window.scripts.windows
    qtbot.waitUntil(lambda: "begun" in shown.log.toPlainText(), timeout=LONG)
    QTest.mouseClick(shown.cancel, LEFT)
    qtbot.waitUntil(lambda: not shown.running, timeout=LONG)
    assert shown.status.text().startswith("Canceled")
    shown.close()
    script.write_text("raise ValueError('no rows')", "utf-8")
    window.scripts._start(ScriptConfiguration(script))
    shown = window.scripts.windows[-1]
    qtbot.waitUntil(lambda: not shown.running, timeout=LONG)
    assert "ValueError: no rows" in shown.status.text()
    shown.close()


def test_the_form_saves_and_opens_a_configuration(qtbot, script, tmp_path, monkeypatch):
    from designer.app.scripts import script_dialog
    from designer.workspace import Workspace

    configuration = ScriptConfiguration(
        script,
        ("--data", "${{inputs.data}}", "two words"),
        inputs={"data": str(script)},
        outputs={"model": "models"},
        timeout=60.0,
    )
    file = tmp_path / "train.yml"
    monkeypatch.setattr(script_dialog, "ask_path", lambda *_, **options: file)
    dialog = ScriptDialog(Workspace(tmp_path / "w"), configuration, tmp_path)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.mouseClick(dialog.save_file, LEFT)
    assert read_configuration(file) == configuration
    other = ScriptDialog(Workspace(tmp_path / "w"), None, tmp_path)
    qtbot.addWidget(other)
    other.show()
    QTest.mouseClick(other.open_file, LEFT)
    assert other.configuration() == configuration
    file.write_text("scirpt: a", "utf-8")
    QTest.mouseClick(other.open_file, LEFT)
    assert "unknown field “scirpt”" in other.message.text()
