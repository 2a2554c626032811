"""A module whose library is missing is made to work with a button, without a restart."""

from __future__ import annotations

import socket
import sys

import pytest
from extra_desk import OwnPython
from modal_desk import in_dialog
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox

from designer.app.library.install_dialog import InstallDialog
from designer.extras import extras
from modules.values.storage import load

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links to this Python")

SOURCE = '''
from __future__ import annotations

from modules.contract import DataTable, module


@module("Toy Version", outputs=("version",), requires=("toy-library",))
def toy_version() -> DataTable:
    """Show the version of a library."""
    import pandas as pd
    import toy_library

    return DataTable(pd.DataFrame({"version": [toy_library.VERSION]}))
'''


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a Python into which the window installs, with a module that needs a library."""
    (tmp_path / "own").mkdir()
    own = OwnPython(tmp_path / "own")
    for name, value in own.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "executable", str(own.program))
    monkeypatch.syspath_prepend(str(own.site))
    extras.cache_clear()
    yield own
    extras.cache_clear()
    sys.modules.pop("toy_library", None)


@pytest.fixture
def window(own, make_desk, tmp_path):
    window = make_desk()
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir()
    (folder / "toy_version.py").write_text(SOURCE, "utf-8")
    window.module_watch.refresh()
    window.modules.add_at_center("toy_version")
    window.canvas.select(["toy_version"])
    return window


def click(button) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def wait_for(qtbot, dialog, text: str) -> None:
    qtbot.waitUntil(lambda: text in dialog.message.text(), timeout=60_000)


@pytest.mark.long
def test_a_button_installs_and_the_module_runs(qtbot, window, own):
    page = window.properties.page
    assert page.install.isVisible()
    qtbot.waitUntil(
        lambda: any(
            problem.hint == "designer extras install toys" for problem in window.checker.problems
        ),
        timeout=20_000,
    )
    told = []

    def act(dialog: InstallDialog) -> None:
        assert "toy-library<2,>=1" in dialog.text.text()
        click(dialog.install)
        # No wheel is there: one sentence, and another try.
        wait_for(qtbot, dialog, "The package index has no version for this Python")
        assert dialog.install.text() == "Try again"
        own.write_wheel("toy-library", "1.2")
        told.append(dialog)
        click(dialog.install)

    in_dialog(InstallDialog, act)
    click(page.install)
    assert told
    assert "Toy Version can be used now." in window.statusBar().currentMessage()
    assert not window.properties.page.install.isVisible()
    assert window.catalog.available(window.catalog["toy_version"])
    qtbot.waitUntil(lambda: window.checker.problems == [], timeout=20_000)
    with qtbot.waitSignal(window.controller.finished, timeout=60_000) as ended:
        window.actions_by_id["run"].trigger()
    assert ended.args[0] == "completed", window.controller.result("toy_version").error
    output = window.controller.output("toy_version", "version")
    assert load(output.path).frame["version"].tolist() == ["1.2"]


def test_the_palette_offers_it_too_and_it_can_be_cancelled(qtbot, window, monkeypatch):
    palette = window.palette_panel
    palette.search.setText("Toy Version")
    assert "designer extras install toys" in palette.help.toPlainText()
    assert "Install libraries…" in palette.help.toPlainText()
    # An index that accepts connections and never answers.
    silent = socket.create_server(("127.0.0.1", 0))
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{silent.getsockname()[1]}/simple")
    seen = []

    def act(dialog: InstallDialog) -> None:
        click(dialog.install)
        qtbot.waitUntil(lambda: dialog.running, timeout=20_000)
        assert dialog.bar.isVisible()
        seen.append(dialog)
        click(dialog.cancel)
        qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=20_000)
        assert not dialog.running

    in_dialog(InstallDialog, act)
    palette.install_requested.emit("toy_version")
    assert seen
    assert not window.catalog.available(window.catalog["toy_version"])
    silent.close()


CHOICE = '''
from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, Requires, module


@module("Toy Choice", outputs=("version",), requires=("pandas",))
def toy_choice(
    *,
    engine: Annotated[
        Literal["own", "toy"], Field(title="Engine"), Requires(toy="toy-library")
    ] = "own",
) -> DataTable:
    """Show the version of a library."""
    import pandas as pd

    version = "own"
    if engine == "toy":
        import toy_library

        version = toy_library.VERSION
    return DataTable(pd.DataFrame({"version": [version]}))
'''


def test_a_value_that_needs_a_library_offers_to_install_it(qtbot, own, make_desk, tmp_path):
    window = make_desk()
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir()
    (folder / "toy_choice.py").write_text(CHOICE, "utf-8")
    window.module_watch.refresh()
    window.modules.add_at_center("toy_choice")
    window.canvas.select(["toy_choice"])
    page = window.properties.page
    assert not page.install.isVisible()
    combo = page.fields["engine"].findChild(QComboBox)
    combo.setFocus()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    qtbot.waitUntil(page.install.isVisible)
    qtbot.waitUntil(
        lambda: (
            [problem.hint for problem in window.checker.problems]
            == ["designer extras install toys"]
        ),
        timeout=20_000,
    )
    own.write_wheel("toy-library", "1.2")

    def act(dialog: InstallDialog) -> None:
        assert "toy-library<2,>=1" in dialog.text.text()
        click(dialog.install)

    in_dialog(InstallDialog, act)
    click(page.install)
    assert not window.properties.page.install.isVisible()
    qtbot.waitUntil(lambda: window.checker.problems == [], timeout=20_000)
    with qtbot.waitSignal(window.controller.finished, timeout=60_000) as ended:
        window.actions_by_id["run"].trigger()
    assert ended.args[0] == "completed", window.controller.result("toy_choice").error
    output = window.controller.output("toy_choice", "version")
    assert load(output.path).frame["version"].tolist() == ["1.2"]
