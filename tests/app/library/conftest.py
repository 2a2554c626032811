from __future__ import annotations

import pytest
from window_desk import close

from designer.app.shell.main import make_window


@pytest.fixture
def make_desk(qtbot, settings, tmp_path, monkeypatch):
    """Return a function that shows a window of a fresh workspace, watching its modules."""
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(tmp_path / "workspace"))
    (tmp_path / "workspace").mkdir()
    windows = []

    def make():
        window = make_window(settings)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        window.files.new()
        window.module_watch.start()
        return window

    yield make
    for window in windows:
        close(window)


@pytest.fixture
def desk(make_desk):
    return make_desk()
