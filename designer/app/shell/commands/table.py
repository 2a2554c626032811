"""Every command of the application, one entry each, by menu.

An entry gives the command's id, its text, its shortcuts (the first one is shown), its
icon, its help, and the conditions that it needs; see :class:`Command`. Several shortcuts
or conditions stand with spaces between them. A text with a bar has its context before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from designer.app.shell.commands.command import Command


def _command(
    id: str, text: str, keys: str = "", icon: str = "", help: str = "", needs: str = ""
) -> Command:
    context, _, words = text.rpartition(" | ")
    return Command(
        id, words, tuple(keys.split()), icon, help, tuple(needs.split()), context=context
    )


def _on_canvas(id: str, text: str, keys: str, icon: str, help: str, needs: str) -> Command:
    """Return a command whose shortcut works only while the canvas has the focus."""
    return replace(_command(id, text, keys, icon, help, needs), on_canvas=True)


def _switch(id: str, text: str, keys: str, help: str, needs: str = "") -> Command:
    """Return a command that is on or off, without an icon."""
    return replace(_command(id, text, keys, "", help, needs), checkable=True)


FILE = (
    _command("new", "New pipeline", "Ctrl+N", "new", "Begin an empty pipeline."),
    _command("open", "Open…", "Ctrl+O", "open", "Open a pipeline file."),
    _command("save", "Save", "Ctrl+S", "save", "Save the pipeline.", "pipeline"),
    _command("save_as", "Save as…", "Ctrl+Shift+S", "", "Save under another name.", "pipeline"),
    _command(
        "register_dataset",
        "Register dataset…",
        "",
        "dataset",
        "Keep a file in the workspace under a name, for every pipeline.",
    ),
    _command("show_start_page", "Start page", "", "home", "Recent pipelines and samples."),
    _command("preferences", "Preferences…", "Ctrl+,", "settings", "Set up the application."),
    _command("quit", "Quit", "Ctrl+Q", "", "Close the application."),
)

EDIT = (
    _command("undo", "Undo", "Ctrl+Z", "undo", "Take back the last change.", "undo"),
    _command(
        "redo", "Redo", "Ctrl+Shift+Z Ctrl+Y", "redo", "Do again what was taken back.", "redo"
    ),
    _on_canvas("cut", "Cut", "Ctrl+X", "cut", "Move the selection to the clipboard.", "selection"),
    _on_canvas(
        "copy", "Copy", "Ctrl+C", "copy", "Copy the selection to the clipboard.", "selection"
    ),
    _on_canvas("paste", "Paste", "Ctrl+V", "paste", "Add what is in the clipboard.", "pipeline"),
    _command(
        "duplicate", "Duplicate", "Ctrl+D", "duplicate", "Add a copy of the selection.", "selection"
    ),
    _on_canvas("delete", "Delete", "Del Backspace", "delete", "Delete the selection.", "selection"),
    _on_canvas(
        "select_all", "Select all", "Ctrl+A", "", "Select all modules and notes.", "content"
    ),
    _command("rename", "Rename…", "F2", "edit", "Give the module another id.", "one"),
    _command(
        "comment", "Comment…", "Ctrl+M", "comment", "Write a comment on the module's card.", "one"
    ),
    _command(
        "toggle_disabled",
        "Disable or enable",
        "Ctrl+E",
        "disabled",
        "Leave the selected modules out of runs, or take them in again.",
        "nodes",
    ),
    _on_canvas("group", "Group", "Ctrl+G", "", "Frame the selected modules.", "nodes"),
    _on_canvas("ungroup", "Ungroup", "Ctrl+Shift+G", "", "Take the frame away.", "group"),
    _on_canvas(
        "fold",
        "Collapse or expand",
        "Ctrl+.",
        "",
        "Show the group as one card, or all that it holds.",
        "group",
    ),
    _on_canvas(
        "link_selection",
        "Link modules",
        "Ctrl+K",
        "link",
        "Link the two selected modules.",
        "nodes",
    ),
)

VIEW = (
    _command("zoom_in", "Zoom in", "Ctrl++ Ctrl+=", "zoom-in", "Zoom in.", "pipeline"),
    _command("zoom_out", "Zoom out", "Ctrl+-", "zoom-out", "Zoom out.", "pipeline"),
    _command("zoom_reset", "Actual size", "Ctrl+0", "zoom-reset", "Show at 100 %.", "pipeline"),
    _command("fit", "Fit to window", "Ctrl+9", "fit", "Show the whole pipeline.", "content"),
    _switch(
        "panels_left",
        "Panels | Modules and outline",
        "Ctrl+1",
        "Show or hide the panels at the left.",
        "pipeline",
    ),
    _switch(
        "panels_right",
        "Panels | Properties",
        "Ctrl+2",
        "Show or hide the panel at the right.",
        "pipeline",
    ),
    _switch(
        "panels_below",
        "Panels | Problems, log and runs",
        "Ctrl+3",
        "Show or hide the panels below.",
        "pipeline",
    ),
    _switch("minimap", "Panels | Map", "Ctrl+4", "Show or hide the map of the canvas.", "pipeline"),
    _switch("theme_system", "Theme | Follow the system", "", "Use the system's theme."),
    _switch("theme_light", "Theme | Light", "", "Use the light theme."),
    _switch("theme_dark", "Theme | Dark", "", "Use the dark theme."),
    _command("switch_theme", "Light or dark", "", "theme", "Switch between light and dark."),
    _command("search_modules", "Search modules", "Ctrl+F", "search", "Go to the search field."),
    _command(
        "command_palette", "All commands…", "Ctrl+Shift+P", "", "Search for a command and run it."
    ),
)

PIPELINE = (
    _command(
        "add_module",
        "Add module…",
        "Ctrl+Space",
        "add",
        "Search for a module and add it.",
        "pipeline",
    ),
    _command("add_note", "Add note", "Ctrl+Shift+M", "note", "Add a note.", "pipeline"),
    _command(
        "layout",
        "Arrange modules",
        "Ctrl+L",
        "layout",
        "Place the modules in rows, from the data down.",
        "content",
    ),
    _command(
        "visualize",
        "Visualize",
        "Ctrl+I",
        "table",
        "Look at the first output of the module.",
        "one",
    ),
    _command("view_log", "View log", "Ctrl+Shift+L", "log", "Show the module's log.", "one"),
    _command("show_problems", "Problems", "Ctrl+Shift+X", "warning", "Show the list of problems."),
    _command(
        "pipeline_parameters",
        "Pipeline parameters…",
        "",
        "parameter",
        "Values that modules share and that a run can set.",
        "pipeline",
    ),
)

RUN = (
    _command("run", "Run", "F5 Ctrl+Return", "run", "Run the pipeline.", "content idle"),
    _command(
        "run_to_here",
        "Run to here",
        "F6",
        "run-to",
        "Run the selected modules and what they need.",
        "nodes idle",
    ),
    _switch(
        "regenerate",
        "Regenerate output",
        "",
        "Always compute the selected modules anew instead of reusing a stored result.",
        "nodes idle",
    ),
    _command("cancel", "Cancel", "Shift+F5", "stop", "Stop the run.", "running"),
    _switch(
        "compute_local",
        "Run on | This computer",
        "",
        "Run the pipeline on this computer.",
        "pipeline idle",
    ),
    _switch(
        "compute_azureml_v1",
        "Run on | Azure ML (SDK v1)",
        "",
        "Run the pipeline on Azure Machine Learning with its SDK v1.",
        "pipeline idle sdk_v1",
    ),
    _switch(
        "compute_azureml_v2",
        "Run on | Azure ML (SDK v2)",
        "",
        "Run the pipeline on Azure Machine Learning with its SDK v2.",
        "pipeline idle sdk_v2",
    ),
    _command(
        "azure_settings",
        "Azure ML settings…",
        "",
        "settings",
        "Workspace, sign-in, experiment and compute target.",
        "remote idle",
    ),
    _command(
        "publish",
        "Publish on Azure ML…",
        "",
        "",
        "Let others start it, or start it by a schedule.",
        "remote",
    ),
)

DEPLOY = (
    _command(
        "create_real_time_inference",
        "Create real-time inference pipeline",
        "",
        "deploy",
        "Make the pipeline that answers requests with the model of the last run.",
        "ran idle",
    ),
    _command(
        "create_batch_inference",
        "Create batch inference pipeline",
        "",
        "table",
        "Make the pipeline that scores whole datasets with the model of the last run.",
        "ran idle",
    ),
    _command(
        "update_inference",
        "Update from latest run",
        "",
        "refresh",
        "Take over the models of the training pipeline's latest run; edits stay.",
        "inference",
    ),
    _command(
        "show_replaced",
        "What was replaced",
        "",
        "info",
        "Tell again what the inference pipeline has in place of what, and why.",
        "converted",
    ),
    _command(
        "deploy",
        "Deploy…",
        "Ctrl+Shift+D",
        "deploy",
        "Let programs ask the trained model: register it, package it and start an endpoint.",
        "deployable idle",
    ),
    _command(
        "show_endpoints",
        "Endpoints",
        "Ctrl+Shift+E",
        "cloud",
        "Test, use, watch and manage what is deployed.",
    ),
    _command(
        "show_models", "Models", "Ctrl+Shift+O", "model", "Registered models with their versions."
    ),
)

HELP = (
    _command("help_module", "Help for the module", "F1", "help", "Explain the module.", "one"),
    _command("shortcuts", "Keyboard shortcuts", "Ctrl+/", "list", "List all shortcuts."),
    _command("about", "About ModelDesk", "", "info", "Version and licence."),
)

COMMANDS = (*FILE, *EDIT, *VIEW, *PIPELINE, *RUN, *DEPLOY, *HELP)

BY_ID: Mapping[str, Command] = {command.id: command for command in COMMANDS}
"""The commands by id."""
