"""Where commands stand: menus, tool bar, context menus, by id; None for a separator."""

from __future__ import annotations

RECENT = "recent"
"""In a menu, the place of the submenu of recent files."""

OUTPUTS = "outputs"
"""In a context menu, the place of “Visualize” with one entry for each output."""

PLACE = "place"
"""In the tool bar, the place of the drop-down that says where a pipeline runs."""

MenuEntry = str | None | tuple[str, tuple[str | None, ...]]

COMPUTE_TARGET_MENU: tuple[str | None, ...] = (
    "compute_local",
    "compute_azureml_v1",
    "compute_azureml_v2",
    None,
    "azure_settings",
    "publish",
)
"""Where a pipeline can run."""

MENUS: tuple[tuple[str, tuple[MenuEntry, ...]], ...] = (
    (
        "&File",
        (
            "new",
            "open",
            RECENT,
            None,
            "save",
            "save_as",
            None,
            "register_dataset",
            None,
            "show_start_page",
            "preferences",
            None,
            "quit",
        ),
    ),
    (
        "&Edit",
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
            None,
            "group",
            "ungroup",
            "fold",
            "link_selection",
        ),
    ),
    (
        "&View",
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
        "&Pipeline",
        (
            "add_module",
            "add_note",
            "layout",
            None,
            "run",
            "run_to_here",
            "regenerate",
            "cancel",
            ("Run on", COMPUTE_TARGET_MENU),
            None,
            "visualize",
            "view_log",
            "show_problems",
            None,
            "pipeline_parameters",
        ),
    ),
    (
        "&Deploy",
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
    ("&Help", ("help_module", "shortcuts", None, "about")),
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
    "register_dataset",
    None,
    "toggle_disabled",
    "regenerate",
    None,
    "comment",
    "rename",
    "group",
    "ungroup",
    None,
    "copy",
    "cut",
    "duplicate",
    "delete",
    None,
    "help_module",
)

GROUP_MENU: tuple[str | None, ...] = (
    "run_to_here",
    None,
    "toggle_disabled",
    "regenerate",
    None,
    "fold",
    "ungroup",
    "group",
    None,
    "copy",
    "cut",
    "duplicate",
    "delete",
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
