"""Every command of the application, as data in one table.

Menus, toolbar, shortcuts, context menus, the list of shortcuts and the command
palette are all made from it, so they can't disagree. What a command does is a
method with the command's name, of one of the handlers of :func:`make_actions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget


@dataclass(frozen=True)
class Command:
    """One thing that a person can do.

    Parameters
    ----------
    id : str
        The name of the method that does it.
    text : str
        As in menus; an ellipsis says that it asks first.
    keys : tuple of str
        Shortcuts, the first one shown.
    icon : str
        Name of an icon; empty for none.
    help : str
        One sentence for tooltip and command palette.
    needs : tuple of str
        Conditions that must hold; see :data:`CONDITIONS`.
    on_canvas : bool
        The shortcut works only while the canvas has the focus, because text
        fields use the same keys.
    checkable : bool
        The command is a switch.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    help: str = ""
    needs: tuple[str, ...] = ()
    on_canvas: bool = False
    checkable: bool = False

    @property
    def title(self) -> str:
        """The text without its ellipsis."""
        return self.text.removesuffix("…")


CONDITIONS = {
    "pipeline": "a pipeline is open",
    "content": "the pipeline is not empty",
    "selection": "something is selected",
    "nodes": "a node is selected",
    "one": "exactly one node is selected",
    "idle": "nothing runs",
    "remote": "the pipeline runs on Azure ML",
    "sdk_v1": "Azure ML's SDK v1 is installed",
    "sdk_v2": "Azure ML's SDK v2 is installed",
    "running": "a pipeline runs",
    "undo": "there is a step to undo",
    "redo": "there is a step to do again",
    "ran": "the pipeline has been run to its end",
    "inference": "an inference pipeline is open",
    "deployable": "the pipeline has been run, or is an inference pipeline",
    "converted": "the inference pipeline was made or updated just now",
}
"""What a command may need, in words that follow “only when”."""

COMMANDS = (
    Command("new", "New pipeline", ("Ctrl+N",), "new", "Begin an empty pipeline."),
    Command("open", "Open…", ("Ctrl+O",), "open", "Open a pipeline file."),
    Command("save", "Save", ("Ctrl+S",), "save", "Save the pipeline.", ("pipeline",)),
    Command(
        "save_as", "Save as…", ("Ctrl+Shift+S",), "", "Save under another name.", ("pipeline",)
    ),
    Command("show_start_page", "Start page", (), "home", "Recent pipelines and samples."),
    Command("preferences", "Preferences…", ("Ctrl+,",), "settings", "Set up the application."),
    Command("quit", "Quit", ("Ctrl+Q",), "", "Close the application."),
    Command("undo", "Undo", ("Ctrl+Z",), "undo", "Take back the last change.", ("undo",)),
    Command(
        "redo",
        "Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        "Do again what was taken back.",
        ("redo",),
    ),
    Command(
        "cut",
        "Cut",
        ("Ctrl+X",),
        "cut",
        "Move the selection to the clipboard.",
        ("selection",),
        on_canvas=True,
    ),
    Command(
        "copy",
        "Copy",
        ("Ctrl+C",),
        "copy",
        "Copy the selection to the clipboard.",
        ("selection",),
        on_canvas=True,
    ),
    Command(
        "paste",
        "Paste",
        ("Ctrl+V",),
        "paste",
        "Add what is in the clipboard.",
        ("pipeline",),
        on_canvas=True,
    ),
    Command(
        "duplicate",
        "Duplicate",
        ("Ctrl+D",),
        "duplicate",
        "Add a copy of the selection.",
        ("selection",),
    ),
    Command(
        "delete",
        "Delete",
        ("Del", "Backspace"),
        "delete",
        "Delete the selection.",
        ("selection",),
        on_canvas=True,
    ),
    Command(
        "select_all",
        "Select all",
        ("Ctrl+A",),
        "",
        "Select every node and note.",
        ("content",),
        on_canvas=True,
    ),
    Command("rename", "Rename…", ("F2",), "edit", "Give the node another id.", ("one",)),
    Command(
        "comment",
        "Comment…",
        ("Ctrl+M",),
        "comment",
        "Write a comment on the node's card.",
        ("one",),
    ),
    Command(
        "toggle_disabled",
        "Disable or enable",
        ("Ctrl+E",),
        "disabled",
        "Leave the selected nodes out of runs, or take them in again.",
        ("nodes",),
    ),
    Command(
        "add_module",
        "Add module…",
        ("Ctrl+Space",),
        "add",
        "Search for a module and add it.",
        ("pipeline",),
    ),
    Command("add_note", "Add note", ("Ctrl+Shift+M",), "note", "Add a note.", ("pipeline",)),
    Command(
        "layout",
        "Arrange nodes",
        ("Ctrl+L",),
        "layout",
        "Place the nodes in rows, from the data down.",
        ("content",),
    ),
    Command("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+="), "zoom-in", "Zoom in.", ("pipeline",)),
    Command("zoom_out", "Zoom out", ("Ctrl+-",), "zoom-out", "Zoom out.", ("pipeline",)),
    Command(
        "zoom_reset", "Actual size", ("Ctrl+0",), "zoom-reset", "Show at 100 %.", ("pipeline",)
    ),
    Command("fit", "Fit to window", ("Ctrl+9",), "fit", "Show the whole pipeline.", ("content",)),
    Command("search_modules", "Search modules", ("Ctrl+F",), "search", "Go to the search field."),
    Command(
        "command_palette",
        "All commands…",
        ("Ctrl+Shift+P",),
        "",
        "Search for a command and run it.",
    ),
    Command(
        "panels_left",
        "Modules and outline",
        ("Ctrl+1",),
        "",
        "Show or hide the panels at the left.",
        ("pipeline",),
        checkable=True,
    ),
    Command(
        "panels_right",
        "Properties",
        ("Ctrl+2",),
        "",
        "Show or hide the panel at the right.",
        ("pipeline",),
        checkable=True,
    ),
    Command(
        "panels_below",
        "Problems, log and runs",
        ("Ctrl+3",),
        "",
        "Show or hide the panels below.",
        ("pipeline",),
        checkable=True,
    ),
    Command(
        "minimap",
        "Map",
        ("Ctrl+4",),
        "",
        "Show or hide the map of the canvas.",
        ("pipeline",),
        checkable=True,
    ),
    Command("theme_system", "Follow the system", (), "", "Use the system's theme.", checkable=True),
    Command("theme_light", "Light", (), "", "Use the light theme.", checkable=True),
    Command("theme_dark", "Dark", (), "", "Use the dark theme.", checkable=True),
    Command("switch_theme", "Light or dark", (), "theme", "Switch between light and dark."),
    Command("run", "Run", ("F5", "Ctrl+Return"), "run", "Run the pipeline.", ("content", "idle")),
    Command(
        "run_to_here",
        "Run to here",
        ("F6",),
        "run-to",
        "Run the selected nodes and what they need.",
        ("nodes", "idle"),
    ),
    Command(
        "place_local",
        "This computer",
        (),
        "",
        "Run the pipeline on this computer.",
        ("pipeline", "idle"),
        checkable=True,
    ),
    Command(
        "place_azureml_v1",
        "Azure ML (SDK v1)",
        (),
        "",
        "Run the pipeline on Azure Machine Learning with its SDK v1.",
        ("pipeline", "idle", "sdk_v1"),
        checkable=True,
    ),
    Command(
        "place_azureml_v2",
        "Azure ML (SDK v2)",
        (),
        "",
        "Run the pipeline on Azure Machine Learning with its SDK v2.",
        ("pipeline", "idle", "sdk_v2"),
        checkable=True,
    ),
    Command(
        "azure_settings",
        "Azure ML settings…",
        (),
        "settings",
        "Workspace, sign-in, experiment and compute target.",
        ("remote", "idle"),
    ),
    Command("cancel", "Cancel", ("Shift+F5",), "stop", "Stop the run.", ("running",)),
    Command(
        "regenerate",
        "Regenerate output",
        (),
        "refresh",
        "Always compute the selected nodes anew instead of reusing a stored result.",
        ("nodes", "idle"),
        checkable=True,
    ),
    Command(
        "visualize",
        "Visualize",
        ("Ctrl+I",),
        "table",
        "Look at the first output of the node.",
        ("one",),
    ),
    Command("view_log", "View log", ("Ctrl+Shift+L",), "log", "Show the node's log.", ("one",)),
    Command(
        "show_problems", "Problems", ("Ctrl+Shift+X",), "warning", "Show the list of problems."
    ),
    Command(
        "pipeline_parameters",
        "Pipeline parameters…",
        (),
        "parameter",
        "Values that nodes share and that a run can set.",
        ("pipeline",),
    ),
    Command(
        "create_real_time_inference",
        "Create real-time inference pipeline",
        (),
        "deploy",
        "Make the pipeline that answers requests with the model of the last run.",
        ("ran", "idle"),
    ),
    Command(
        "create_batch_inference",
        "Create batch inference pipeline",
        (),
        "table",
        "Make the pipeline that scores whole datasets with the model of the last run.",
        ("ran", "idle"),
    ),
    Command(
        "update_inference",
        "Update from latest run",
        (),
        "refresh",
        "Take over the models of the training pipeline's latest run; edits stay.",
        ("inference",),
    ),
    Command(
        "show_replaced",
        "What was replaced",
        (),
        "info",
        "Tell again what the inference pipeline has in place of what, and why.",
        ("converted",),
    ),
    Command(
        "deploy",
        "Deploy…",
        ("Ctrl+Shift+D",),
        "deploy",
        "Let programs ask the trained model: register it, package it and start an endpoint.",
        ("deployable", "idle"),
    ),
    Command(
        "show_endpoints",
        "Endpoints",
        ("Ctrl+Shift+E",),
        "cloud",
        "Test, use, watch and manage what is deployed.",
    ),
    Command(
        "show_models",
        "Models",
        ("Ctrl+Shift+O",),
        "model",
        "Registered models with their versions.",
    ),
    Command("help_module", "Help for the module", ("F1",), "help", "Explain the module.", ("one",)),
    Command("shortcuts", "Keyboard shortcuts", ("Ctrl+/",), "list", "List all shortcuts."),
    Command("about", "About ModelDesk", (), "info", "Version and licence."),
)

RECENT = "recent"
"""In a menu, the place of the submenu of recent files."""

OUTPUTS = "outputs"
"""In a context menu, the place of “Visualize” with one entry for each output."""

PLACE = "place"
"""In the tool bar, the place of the drop-down that says where a pipeline runs."""

MenuEntry = str | None | tuple[str, tuple[str | None, ...]]

PLACE_MENU: tuple[str | None, ...] = (
    "place_local",
    "place_azureml_v1",
    "place_azureml_v2",
    None,
    "azure_settings",
)
"""Where a pipeline can run."""

MENUS: tuple[tuple[str, tuple[MenuEntry, ...]], ...] = (
    (
        "File",
        (
            "new",
            "open",
            RECENT,
            None,
            "save",
            "save_as",
            None,
            "show_start_page",
            "preferences",
            None,
            "quit",
        ),
    ),
    (
        "Edit",
        (
            "undo",
            "redo",
            None,
            "cut",
            "copy",
            "paste",
            "duplicate",
            "delete",
            None,
            "select_all",
            None,
            "rename",
            "comment",
            "toggle_disabled",
        ),
    ),
    (
        "View",
        (
            "zoom_in",
            "zoom_out",
            "zoom_reset",
            "fit",
            None,
            ("Panels", ("panels_left", "panels_right", "panels_below", "minimap")),
            ("Theme", ("theme_system", "theme_light", "theme_dark")),
            None,
            "search_modules",
            "command_palette",
        ),
    ),
    (
        "Pipeline",
        (
            "add_module",
            "add_note",
            "layout",
            None,
            "run",
            "run_to_here",
            "regenerate",
            "cancel",
            ("Run on", PLACE_MENU),
            None,
            "visualize",
            "view_log",
            "show_problems",
            None,
            "pipeline_parameters",
        ),
    ),
    (
        "Deploy",
        (
            "create_real_time_inference",
            "create_batch_inference",
            "update_inference",
            "show_replaced",
            None,
            "deploy",
            None,
            "show_endpoints",
            "show_models",
        ),
    ),
    ("Help", ("help_module", "shortcuts", None, "about")),
)

TOOLBAR: tuple[str | None, ...] = (
    "new",
    "open",
    "save",
    None,
    "undo",
    "redo",
    None,
    "run",
    PLACE,
    "cancel",
    "run_to_here",
    None,
    "deploy",
    None,
    "zoom_out",
    "zoom_in",
    "fit",
    "layout",
)

NODE_MENU: tuple[str | None, ...] = (
    "run_to_here",
    OUTPUTS,
    "view_log",
    None,
    "toggle_disabled",
    "regenerate",
    None,
    "comment",
    "rename",
    None,
    "copy",
    "cut",
    "duplicate",
    "delete",
    None,
    "help_module",
)

NOTE_MENU: tuple[str | None, ...] = ("copy", "cut", "duplicate", "delete")

LINK_MENU: tuple[str | None, ...] = ("delete",)

CANVAS_MENU: tuple[str | None, ...] = (
    "add_module",
    "paste",
    "add_note",
    None,
    "select_all",
    None,
    "fit",
    "layout",
)

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}
"""The commands by id."""


def make_actions(
    window: QWidget, canvas: QWidget, icon: Callable[[str], QIcon], handlers: Sequence[object]
) -> dict[str, QAction]:
    """Make the action of every command.

    Parameters
    ----------
    canvas : QWidget
        Gets the shortcuts that work only there.
    icon : callable
        From the name of an icon to the icon.
    handlers : sequence of object
        One of them has a method for each command, named after it.
    """
    actions = {}
    for command in COMMANDS:
        action = QAction(command.text, window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        action.setToolTip(tooltip(command))
        action.setStatusTip(command.help)
        action.setCheckable(command.checkable)
        if command.icon:
            action.setIcon(icon(command.icon))
        handler = next(each for each in handlers if hasattr(each, command.id))
        action.triggered.connect(_without_arguments(getattr(handler, command.id)))
        if command.on_canvas:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            canvas.addAction(action)
        else:
            window.addAction(action)
        actions[command.id] = action
    return actions


def update_actions(actions: Mapping[str, QAction], conditions: Iterable[str]) -> None:
    """Enable the actions whose needs are met."""
    true = set(conditions)
    for name, action in actions.items():
        action.setEnabled(true.issuperset(BY_ID[name].needs))


def fill_menu(
    menu: QMenu,
    entries: Iterable[MenuEntry],
    actions: Mapping[str, QAction],
    special: Mapping[str, Callable[[QMenu], None]],
) -> None:
    """Fill a menu from a table; ``special`` adds what is not a command."""
    for entry in entries:
        if entry is None:
            menu.addSeparator()
        elif isinstance(entry, tuple):
            fill_menu(menu.addMenu(entry[0]), entry[1], actions, special)
        elif entry in special:
            special[entry](menu)
        else:
            menu.addAction(actions[entry])


def tooltip(command: Command) -> str:
    """Return the text that explains a command, with its shortcut."""
    keys = shortcut_text(command)
    return f"{command.title} ({keys})" if keys else command.title


def shortcut_text(command: Command, *, every: bool = False) -> str:
    """Return the shortcuts of a command as the platform writes them."""
    native = QKeySequence.SequenceFormat.NativeText
    keys = [QKeySequence(key).toString(native) for key in command.keys]
    return ", ".join(keys if every else keys[:1])


def _without_arguments(handler: Callable[[], object]) -> Callable[..., None]:
    # QAction.triggered passes the checked state, which the handlers don't take.
    def call(*_: object) -> None:
        handler()

    return call
