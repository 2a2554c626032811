"""Importing ahead: off the window's thread, and given up when the window closes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from designer.app.shell.preload import Preloader


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_modules_are_imported_on_another_thread(qtbot, qapp, folder):
    for name in ("ahead_one", "ahead_two"):
        (folder / f"{name}.py").write_text(
            "import threading\nby = threading.current_thread().name\n"
        )
    libraries = Preloader(qapp, ["ahead_one", "no_such_module_here", "ahead_two"], [])
    with qtbot.waitSignal(libraries.loaded, timeout=10_000):
        libraries.load()
    assert sys.modules["ahead_one"].by == sys.modules["ahead_two"].by == "libraries"
    libraries.close()
    assert not libraries.loading
    libraries.deleteLater()


def test_what_makes_classes_of_qt_is_imported_in_the_window_s_thread(qtbot, qapp, folder):
    for name in ("ahead_view", "ahead_plot"):
        (folder / f"{name}.py").write_text(
            "import threading\nfrom PySide6.QtCore import QObject\n\n\n"
            "class Made(QObject):\n    by = threading.current_thread()\n"
        )
    libraries = Preloader(qapp, [], ["ahead_view", "no_such_module_here", "ahead_plot"])
    with qtbot.waitSignal(libraries.loaded, timeout=10_000):
        libraries.load()
    for name in ("ahead_view", "ahead_plot"):
        assert sys.modules[name].Made.by is threading.main_thread()
    libraries.close()
    libraries.deleteLater()


def test_no_library_for_the_other_thread_makes_classes_of_qt():
    script = (
        "import importlib, sys\n"
        "from designer.app.shell.preload import LIBRARIES\n"
        "before = {name for name in sys.modules if name.startswith('PySide6')}\n"
        "for name in LIBRARIES: importlib.import_module(name)\n"
        "print({name for name in sys.modules if name.startswith('PySide6')} - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.stdout == "set()\n", done.stderr


def test_closing_leaves_out_what_has_not_begun(qapp, folder):
    (folder / "ahead_long.py").write_text(
        "import builtins\nbuiltins.ahead_began.set()\nbuiltins.ahead_may_end.wait(30)\n"
    )
    (folder / "ahead_never.py").write_text("")
    import builtins
    import threading

    builtins.ahead_began, builtins.ahead_may_end = threading.Event(), threading.Event()
    libraries = Preloader(qapp, ["ahead_long", "ahead_never"], [])
    libraries.load()
    assert builtins.ahead_began.wait(10)
    threading.Timer(0.1, builtins.ahead_may_end.set).start()
    libraries.close()
    assert "ahead_long" in sys.modules
    assert "ahead_never" not in sys.modules
    libraries.deleteLater()


def test_closing_what_never_began_is_quick(qapp):
    libraries = Preloader(qapp)
    libraries.close()
    assert not libraries.loading
    libraries.deleteLater()
