"""Which commands can be used now, and which switches are on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from designer.app.shell import commands
from designer.app.shell.settings import THEMES

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow


class ActionStates:
    """Keeps the actions of a window in step with what is open, selected and running."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window

    def update(self) -> None:
        """Enable what can be done now, and say what undo and redo would do."""
        window = self._window
        conditions = frozenset(name for name, holds in self._conditions().items() if holds)
        actions = window.actions_by_id
        commands.update_actions(actions, conditions)
        window.deployment.explain(conditions)
        pipeline = window.document.pipeline
        nodes = window.selected_nodes()
        disabled = bool(nodes) and all(pipeline.nodes[name].disabled for name in nodes)
        actions["toggle_disabled"].setText("Enable" if disabled else "Disable")
        groups = window.canvas.selected_groups()
        whole = [name in pipeline.groups and pipeline.groups[name].collapsed for name in groups]
        actions["fold"].setText("Expand" if whole and all(whole) else "Collapse")
        anew = bool(nodes) and all(pipeline.nodes[n].extra.get("reuse") is False for n in nodes)
        actions["regenerate"].setChecked(anew)
        stack = window.document.undo_stack
        actions["undo"].setText(f"Undo {_inside(stack.undoText())}".rstrip())
        actions["redo"].setText(f"Redo {_inside(stack.redoText())}".rstrip())

    def update_switches(self) -> None:
        """Show which theme is chosen and which panels are wanted."""
        window = self._window
        actions = window.actions_by_id
        for name in THEMES:
            actions[f"theme_{name}"].setChecked(window.settings.theme == name)
        for side in window.workbench.sides:
            actions[f"panels_{side}"].setChecked(window.workbench.side_visible(side))
        actions["minimap"].setChecked(window.canvas.wants_minimap)

    def _conditions(self) -> dict[str, bool]:
        window = self._window
        pipeline = window.document.pipeline
        stack = window.document.undo_stack
        running = window.controller.running
        editing = window.editing
        nodes = window.selected_nodes()
        selected = bool(window.canvas.selection() or window.canvas.selected_links())
        return {
            "pipeline": editing,
            "content": editing and bool(pipeline.nodes or pipeline.notes),
            "selection": editing and selected,
            "nodes": editing and bool(nodes),
            "group": editing and bool(self._window.canvas.selected_groups()),
            "one": editing and window.selected_node() is not None,
            "idle": not running,
            "running": running,
            "undo": editing and stack.canUndo(),
            "redo": editing and stack.canRedo(),
            **window.deployment.states(),
            **window.compute_targets.conditions(),
        }


def _inside(text: str) -> str:
    """Return a text as it reads behind another word."""
    return text[:1].lower() + text[1:]
