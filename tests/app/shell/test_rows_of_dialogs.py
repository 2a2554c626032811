"""Lists in dialogs have rows as high as their style asks, from the beginning."""

from __future__ import annotations

import pytest
from dialog_desk import DIALOGS
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QDialog, QTreeView
from run_desk import show, splitting

from designer.app.shell import theme


def heights(dialog: QDialog) -> list[int]:
    """Return the height of the first row of each list."""
    return [
        tree.visualRect(tree.model().index(0, 0)).height()
        for tree in dialog.findChildren(QTreeView)
        if tree.isVisible() and tree.model().rowCount()
    ]


@pytest.mark.parametrize("name", ["access", "commands", "lineage", "shared module", "shortcuts"])
def test_rows_are_whole_when_a_dialog_opens(qapp, window, qtbot, name):
    theme.apply(qapp, "light")
    show(window, splitting())
    dialog = DIALOGS[name](window)
    with qtbot.waitExposed(dialog):
        dialog.show()
    QApplication.processEvents()
    opened = heights(dialog)
    assert opened
    for tree in dialog.findChildren(QTreeView):
        tree.doItemsLayout()
    assert opened == heights(dialog)
    dialog.close()
    dialog.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
