"""A person's own modules, in the folder of the workspace, are in the palette."""

from __future__ import annotations

from pathlib import Path

import pytest

from designer.app.main import make_window

SOURCE = '''
from __future__ import annotations

from modules.contract import DataTable, module


@module("Double", outputs=("doubled",))
def double(dataset: DataTable, *, column: str = "x") -> DataTable:
    """Twice the numbers of a column."""
    return dataset
'''


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "workspace" / "modules"
    folder.mkdir(parents=True)
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(folder.parent))
    return folder


def test_they_can_be_found_and_added(qtbot, settings, own):
    (own / "double.py").write_text(SOURCE, "utf-8")
    window = make_window(settings)
    qtbot.addWidget(window)
    window.files.new()
    window.edits.add_at_center("double")
    assert "double" in window.document.pipeline.nodes
    assert window.spec_of("double").title == "Double"
    assert window.bar.isHidden()
    window.edits.undo()


def test_what_does_not_load_is_said_and_hinders_nothing(qtbot, settings, own):
    (own / "double.py").write_text(SOURCE, "utf-8")
    (own / "broken.py").write_text("def broken(:\n", "utf-8")
    window = make_window(settings)
    qtbot.addWidget(window)
    assert "broken.py: line 1 is not Python" in window.bar.text.text()
    assert not window.bar.isHidden()
    assert "double" in window.catalog
