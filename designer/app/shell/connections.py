"""Connections between the parts of the window: signals to slots."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import cast

from designer.app.canvas import NodeState
from designer.app.document.column_labels import columns_label
from designer.app.runs.run_opener import RunOpener
from designer.app.shell.navigation import EDITING
from designer.app.shell.toolbars import StatusLine
from designer.app.shell.window_parts import WindowParts
from designer.pipeline.model import Pipeline
from designer.texts import tr


def connect(window: WindowParts, status: StatusLine) -> None:
    """Connect the signals of the parts of a window."""
    _connect_canvas(window, status)
    _connect_document(window)
    _connect_runs(window, status)
    _connect_panels(window, status)
    _connect_library(window)
    window.start_page.new_requested.connect(window.files.new)
    window.start_page.tour_requested.connect(window.tour.take_tour)
    window.tour.changed.connect(lambda: window.start_page.show_tour(window.tour.can_resume))
    window.tour.changed.connect(window.commands.update)
    window.start_page.open_requested.connect(window.files.open)
    window.start_page.file_requested.connect(window.files.open_path)


def _connect_canvas(window: WindowParts, status: StatusLine) -> None:
    canvas = window.canvas

    def edit(text: str, function: object, merge: object) -> None:
        window.edits.apply(text, cast("Callable[[Pipeline], Pipeline]", function), merge)

    def select(names: list[str]) -> None:
        window.properties.show_selection(names)
        window.outline.show_selection(names)
        window.code.show_selection(names)
        window.timeline.show_selection()
        window.runs.refresh()
        window.commands.update()

    canvas.edited.connect(edit)
    canvas.selection_changed.connect(select)
    canvas.node_activated.connect(window.navigation.edit_node)
    canvas.node_opened.connect(window.runs.open_node)
    canvas.module_opened.connect(window.shared.open_card)
    canvas.menu_requested.connect(lambda target, position: window.menus.open(target, position))
    canvas.files_dropped.connect(window.modules.files_dropped)
    canvas.message.connect(window.messages.warn)
    canvas.announced.connect(window.announcer.say)
    canvas.zoom_changed.connect(status.show_zoom)


def _connect_document(window: WindowParts) -> None:
    document, checker = window.document, window.checker

    def show_pipeline() -> None:
        pipeline = document.pipeline
        window.canvas.show_pipeline(pipeline)
        window.outline.show_pipeline(pipeline, window.catalog)
        checker.pipeline_changed(pipeline, document.base)
        window.runs.pipeline_changed()
        window.log.set_nodes(pipeline.nodes)
        window.commands.update()

    def show_columns() -> None:
        window.properties.refresh()
        known = window.known.all()
        window.canvas.set_port_info({end: columns_label(found) for end, found in known.items()})

    def check_datasets() -> None:
        window.properties.refresh()
        # A node may refer to a dataset that was added or deleted.
        checker.pipeline_changed(document.pipeline, document.base)

    document.changed.connect(show_pipeline)
    document.undo_stack.indexChanged.connect(lambda _: window.commands.update())
    document.merge_ended.connect(checker.finish)
    document.disk_changed.connect(window.files.on_disk_changed)
    window.files.saved.connect(lambda path: window.history.saved_as(path))
    window.datasets.changed.connect(check_datasets)
    checker.checked.connect(window.reports.show)
    checker.settled.connect(window.consent.offer)
    checker.settled.connect(window.commands.update)
    checker.learned.connect(show_columns)


def _connect_runs(window: WindowParts, status: StatusLine) -> None:
    runs = window.runs

    def show_states(states: object, stale: object) -> None:
        found = cast("dict[str, NodeState]", states)
        window.reports.follow_run(cast("set[str]", stale))
        window.canvas.set_states(found)
        window.outline.show_states(found)

    runs.states_changed.connect(show_states)
    runs.result_changed.connect(lambda result, stale: window.properties.show_result(result, stale))
    runs.progress_shown.connect(status.show_run)
    window.run_list.lineage_requested.connect(lambda run: window.lineage.show(f"run:{run}"))
    for source in (window.deployment, window.results, window.dataset_actions):
        source.lineage_requested.connect(window.lineage.show)
    opener = RunOpener(
        window.workspace,
        window.catalog,
        window.agreements,
        window.checker,
        window.messages,
        partial(window.open_beside, made_here=False),
    )
    window.run_list.pipeline_requested.connect(lambda run: opener(run))
    window.deployment.retraining_requested.connect(window.schedules.retraining.open)
    window.controller.finished.connect(window.history.refresh)
    window.timeline.resume_requested.connect(runs.resume)
    window.controller.finished.connect(
        lambda *_: window.announcer.say(
            tr("Run: {text}").format(text=status.run.text()), urgent=True
        )
    )
    window.controller.recalled.connect(window.known.learn)
    window.compute_targets.started.connect(lambda pipeline: runs.show_started(pipeline))
    for busy in (runs, window.compute_targets, window.deployment, window.trials, window.timeline):
        busy.changed.connect(window.commands.update)


def _connect_panels(window: WindowParts, status: StatusLine) -> None:
    navigation, properties, problems = window.navigation, window.properties, window.problems

    def go_to(node: str) -> None:
        # The button that asked is gone with the page.
        navigation.show_node(node)
        window.canvas.setFocus()

    window.palette_panel.module_chosen.connect(window.modules.add_at_center)
    window.palette_panel.example_requested.connect(window.edits.add_example)
    window.palette_panel.nodes_requested.connect(window.views.find_node)
    window.outline.chosen.connect(navigation.show_node)
    window.outline.several_chosen.connect(window.canvas.select)
    window.outline.delete_requested.connect(window.canvas.delete_selection)
    window.outline.link_requested.connect(window.canvas.link_selection)
    window.outline.edited.connect(lambda text, edit: window.edits.apply(text, edit))
    window.outline.refused.connect(window.messages.warn)
    window.outline.announced.connect(window.announcer.say)
    properties.failed.connect(window.messages.warn)
    properties.help_requested.connect(window.views.show_help)
    properties.log_requested.connect(window.runs.show_log)
    properties.explained.connect(window.views.show_problem)
    problems.explained.connect(window.views.show_problem)
    properties.output_requested.connect(window.runs.show_output)
    properties.node_requested.connect(go_to)
    properties.command_requested.connect(lambda name: window.commands.actions[name].trigger())
    problems.chosen.connect(lambda problem: window.reports.choose(problem))
    problems.activated.connect(
        lambda problem: navigation.show_node(problem.node or "", problem.parameter)
    )
    window.code.saved.connect(window.messages.show)
    window.code.failed.connect(window.messages.warn)
    navigation.panel_requested.connect(window.workbench.show_panel)
    navigation.parameter_requested.connect(properties.focus_parameter)
    navigation.inputs_requested.connect(properties.focus_inputs)
    window.workbench.sides_changed.connect(window.commands.update)

    def count(text: str) -> None:
        status.show_problems(text)
        window.workbench.set_title(
            "problems", tr("Problems ({text})").format(text=text) if text else tr("Problems")
        )

    window.reports.counted.connect(count)
    status.problems.clicked.connect(window.runs.show_problems)
    status.zoom.clicked.connect(window.views.zoom_reset)
    status.back.clicked.connect(lambda: navigation.show(EDITING))


def _connect_library(window: WindowParts) -> None:
    def show_modules() -> None:
        window.palette_panel.set_catalog(window.catalog)
        window.canvas.refresh_modules()
        window.outline.show_pipeline(window.document.pipeline, window.catalog)
        window.properties.set_specs(window.catalog)
        window.runs.pipeline_changed()
        window.checker.pipeline_changed(window.document.pipeline, window.document.base)
        window.commands.update()

    window.module_watch.changed.connect(window.shared.show_modules)
    library, palette = window.library, window.palette_panel
    window.module_watch.changed.connect(show_modules)
    palette.shared_opened.connect(window.shared.open_listed)
    palette.new_requested.connect(library.new_module)
    palette.edit_requested.connect(library.edit_module)
    palette.install_requested.connect(library.install_for)
    window.properties.install_requested.connect(library.install_for)
