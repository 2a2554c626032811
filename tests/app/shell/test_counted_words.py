"""What lies on the canvas has one name wherever it is counted."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel
from window_desk import linked

from designer.pipeline import grouping


def told(window) -> str:
    """Return what the panel of properties says."""
    return "\n".join(label.text() for label in window.properties.page.findChildren(QLabel))


def test_pipeline_group_and_selection_count_the_same_things(window):
    pipeline = linked()
    names = list(pipeline.nodes)
    window.document.apply("Insert", lambda _: pipeline)
    assert "2 modules, 1 link" in told(window)
    assert "node" not in told(window)
    window.canvas.select(names)
    assert "2 modules" in told(window)
    window.document.apply("Group", lambda p: grouping.group(p, names, "Both")[0])
    (group,) = window.document.pipeline.groups
    window.canvas.select([group])
    assert "2 modules" in told(window)
