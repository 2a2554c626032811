"""The look does not depend on where the application lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QCheckBox

from designer.app.shell import theme, theme_colors
from designer.paths import resources


@pytest.fixture
def warnings():
    """What Qt says while the test runs."""
    said: list[str] = []

    def note(kind: QtMsgType, context: object, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(note)
    yield said
    qInstallMessageHandler(before)


@pytest.mark.parametrize("name", ["Meine Übungen (neu)", "it's, {all}; here", "100% #1"])
def test_the_style_sheet_is_read_from_any_folder(
    qapp, qtbot, monkeypatch, tmp_path: Path, warnings, name
):
    folder = tmp_path / name / "resources"
    shutil.copytree(resources(), folder)
    monkeypatch.setattr(theme_colors, "resources", lambda: folder)
    theme_colors.style_sheet_of.cache_clear()
    try:
        theme.apply(qapp, "light")
        box = QCheckBox()
        qtbot.addWidget(box)
        box.setChecked(True)
        picture = box.grab().toImage()
    finally:
        monkeypatch.undo()
        theme_colors.style_sheet_of.cache_clear()
        theme.apply(qapp, "light")
    usual = QCheckBox()
    qtbot.addWidget(usual)
    usual.setChecked(True)

    # The tick is drawn, and in the box of the theme.
    assert picture == usual.grab().toImage()
    assert not [text for text in warnings if "style" in text.lower() or "image" in text.lower()]
