"""Commands for modules, notes, and files of the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QInputDialog, QWidget

from designer.app.canvas import Canvas, arranges_all, layout
from designer.app.datasets.dropped_files import new_cards
from designer.app.datasets.folder_question import ask_use
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.document.selection import Selection
from designer.app.shell.commands import command
from designer.app.shell.navigation import EDITING, Navigation
from designer.automl.dataset_pipeline import SEARCHES
from designer.azure.compile.azure_settings import AUTOML_SETTING, AZURE, azure_settings
from designer.catalog import Catalog
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.pipeline.shared.library import SUFFIX as MODULE_SUFFIX
from designer.texts import tr

_WIDE = 420
"""Pixels of a dialog that asks for a sentence."""


class ModuleActions:
    """The commands that add, describe, and enable modules.

    Parameters
    ----------
    apply : callable
        Applies an edit under an undo title; returns whether it was possible.
    open_files : callable
        Opens a pipeline file that was dropped.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        canvas: Canvas,
        selection: Selection,
        navigation: Navigation,
        messages: Messages,
        apply: Callable[[str, Callable[[Pipeline], Pipeline]], bool],
        open_files: Callable[[Sequence[Path]], object],
        parent: QWidget,
    ) -> None:
        self._document = document
        self._catalog = catalog
        self._canvas = canvas
        self._selection = selection
        self._navigation = navigation
        self._messages = messages
        self._apply = apply
        self._open_files = open_files
        self._parent = parent

    @command(
        tr("Add module…"),
        "Ctrl+Space",
        icon="add",
        help=tr("Search for a module and add it."),
        needs="pipeline",
        menus=("Pipeline 1.1", "Canvas 1.1"),
    )
    def add_module(self) -> None:
        """Search for a module on the canvas."""
        self._canvas.open_quick_add()

    def add_at_center(self, module: str) -> None:
        """Add a module in the middle of the visible area."""
        shared = self._canvas.shared_items.get(module)
        spec = shared.spec if shared else self._catalog.get(module)
        if spec is None:
            return
        if not self._navigation.editing:
            self._navigation.show(EDITING)
        self._canvas.add_central(spec, shared.template if shared else None)

    @command(
        tr("Add note"),
        "Ctrl+Shift+M",
        icon="note",
        help=tr("Add a note."),
        needs="pipeline",
        menus=("Pipeline 1.2", "Canvas 1.3"),
    )
    def add_note(self, position: tuple[float, float] | None = None) -> None:
        """Add a note and let the user write into it."""
        canvas = self._canvas
        x, y = position or canvas.view_center()
        group = canvas.group_at(x, y)
        added: list[str] = []

        def add(pipeline: Pipeline) -> Pipeline:
            whole, name = edits.add_note(pipeline, position=(x, y), group=group)
            added.append(name)
            return whole

        if self._apply(tr("Add note"), add):
            canvas.present(added)
            canvas.edit_note(added[0])

    def files_dropped(self, paths: Sequence[object], x: float, y: float) -> None:
        """Open pipelines; add a Dataset for each other file, and ask what a folder is."""
        files = [Path(str(path)) for path in paths]
        endings = (pipeline_file.SUFFIX, MODULE_SUFFIX)
        pipelines = [path for path in files if path.name.endswith(endings)]
        if pipelines:
            self._open_files(pipelines)
            return
        if any(path.is_dir() for path in files):
            # The program that something is dragged from waits until the drop has ended.
            QTimer.singleShot(0, self._parent, lambda: self._add_dropped(files, x, y))
        else:
            self._add_dropped(files, x, y)

    def _add_dropped(self, files: Sequence[Path], x: float, y: float) -> None:
        canvas, catalog = self._canvas, self._catalog
        base = self._document.base
        cards = new_cards(files, base, catalog, lambda each: ask_use(each, self._parent))
        if not cards:
            return
        positions, group = canvas.positions_at(x, y, len(cards)), canvas.group_at(x, y)
        added: list[str] = []

        def add(pipeline: Pipeline) -> Pipeline:
            for position, card in zip(positions, cards, strict=True):
                pipeline, node = edits.add_node(
                    pipeline,
                    card.module,
                    version=catalog[card.module].version,
                    position=position,
                    parameters=card.parameters,
                    group=group,
                )
                added.append(node)
            return pipeline

        if self._apply(tr("Add dataset") if len(cards) == 1 else tr("Add datasets"), add):
            canvas.present(added)

    @command(
        tr("Replace with…"),
        "Ctrl+R",
        icon="refresh",
        help=tr("Replace the module; links and parameters that fit are kept."),
        needs="one",
        menus=("Edit 4.05", "Node 3.05"),
    )
    def replace_module(self) -> None:
        """Let the user choose a module that replaces the selected one."""
        self._canvas.replace_selected()

    @command(
        tr("Change ID…"),
        "F2",
        icon="edit",
        help=tr("Change the ID of the module."),
        needs="one",
        menus=("Edit 4.1", "Node 3.2"),
    )
    def rename(self) -> None:
        """Ask for another id of the selected node."""
        node = self._selection.node()
        if node is None:
            return
        from designer.app.dialogs.new_id import NewId

        dialog = NewId(self._document.pipeline, node, self._parent)
        accepted, text = bool(dialog.exec()), dialog.text()
        dialog.deleteLater()
        if accepted and self._apply(tr("Change ID"), lambda p: edits.rename_node(p, node, text)):
            self._canvas.select([text])

    @command(
        tr("Comment…"),
        "Ctrl+M",
        icon="comment",
        help=tr("Write a comment on the module's card."),
        needs="one",
        menus=("Edit 4.2", "Node 3.1"),
    )
    def comment(self) -> None:
        """Ask for the comment of the selected node."""
        node = self._selection.node()
        if node is None:
            return
        old = self._document.pipeline.nodes[node].comment
        text = self._ask(tr("Comment"), tr("Shown on the card"), old)
        if text is not None:
            self._apply(tr("Change comment"), lambda p: edits.set_comment(p, node, text))

    @command(
        tr("Disable or enable"),
        "Ctrl+E",
        icon="disabled",
        help=tr("Exclude or include the selected modules in runs."),
        needs="nodes",
        menus=("Edit 4.3", "Node 2.1", "Group 2.1"),
        label=lambda self: tr("Enable") if self._all_disabled() else tr("Disable"),
    )
    def toggle_disabled(self) -> None:
        """Disable the selected nodes, or enable them if all are disabled."""
        nodes, disabled = self._selection.nodes(), not self._all_disabled()
        verb = tr("Disable") if disabled else tr("Enable")
        self._apply(verb, lambda p: edits.set_disabled(p, nodes, disabled))

    @command(
        tr("Regenerate output"),
        help=tr("Always recompute the selected modules instead of reusing stored results."),
        needs="nodes idle",
        menus=("Pipeline 2.3", "Node 2.2", "Group 2.2"),
        checked=lambda self: self._all_regenerated(),
    )
    def regenerate(self) -> None:
        """Switch whether the selected nodes regenerate their output."""
        nodes, regenerate = self._selection.nodes(), not self._all_regenerated()

        def change(current: Pipeline) -> Pipeline:
            for name in nodes:
                extra = {k: v for k, v in current.nodes[name].extra.items() if k != "reuse"}
                if regenerate:
                    extra["reuse"] = False
                current = edits.replace_node(current, replace(current.nodes[name], extra=extra))
            return current

        if self._apply(tr("Regenerate output") if regenerate else tr("Reuse output"), change):
            effect = tr("always recomputed") if regenerate else tr("reused if nothing changed")
            self._messages.show(
                tr("Results of {listed} are {effect}.").format(
                    listed=", ".join(nodes[:3]), effect=effect
                )
            )

    @command(
        tr("Search with Azure's automated ML"),
        help=tr(
            "On Azure ML, run Azure's automated ML job in place of the selected card's search."
        ),
        needs="nodes idle",
        menus="Pipeline 2.35",
        checked=lambda self: self._all_search_azure(),
        obstacle=lambda self: "" if self._all_search() else tr("Select an Automated ML card."),
    )
    def search_on_azure(self) -> None:
        """Switch whether the selected cards become Azure's automated ML jobs."""
        nodes, chosen = self._selection.nodes(), not self._all_search_azure()

        def change(current: Pipeline) -> Pipeline:
            for name in nodes:
                node = current.nodes[name]
                azure = {**azure_settings(node.extra), AUTOML_SETTING: True}
                if not chosen:
                    del azure[AUTOML_SETTING]
                extra = {key: value for key, value in node.extra.items() if key != AZURE}
                extra |= {AZURE: azure} if azure else {}
                current = edits.replace_node(current, replace(node, extra=extra))
            return current

        searcher = tr("Azure's automated ML") if chosen else "ModelDesk"
        if self._apply(tr("Search with {searcher}").format(searcher=searcher), change):
            self._messages.show(tr("On Azure ML, {searcher} searches.").format(searcher=searcher))

    @command(
        tr("Arrange modules"),
        "Ctrl+L",
        icon="layout",
        help=tr("Arrange the selected modules, or all of them, in rows from the data down."),
        needs="content",
        menus=("Pipeline 1.4", "Tools 5.4", "Canvas 3.2"),
    )
    def layout(self) -> None:
        """Arrange the selected nodes if there are several, or else all."""
        chosen = self._canvas.selection()
        edit = layout(self._document.pipeline, self._catalog, chosen)
        self._apply(tr("Arrange modules"), edit)
        if arranges_all(self._document.pipeline, chosen):
            self._canvas.fit()
        else:
            self._canvas.present(chosen)

    @command(
        tr("Pipeline parameters…"),
        icon="parameter",
        help=tr("Values that modules share and that a run can set."),
        needs="pipeline",
        menus="Pipeline 4",
    )
    def pipeline_parameters(self) -> None:
        """Show and change the pipeline's parameters."""
        from designer.app.dialogs.pipeline_parameters import PipelineParameters

        dialog = PipelineParameters(self._document.pipeline, self._parent)
        if dialog.exec():
            self._apply(tr("Change pipeline parameters"), dialog.apply)

    def _all_disabled(self) -> bool:
        nodes, every = self._document.pipeline.nodes, self._selection.nodes()
        return bool(every) and all(nodes[name].disabled for name in every)

    def _all_regenerated(self) -> bool:
        nodes, every = self._document.pipeline.nodes, self._selection.nodes()
        return bool(every) and all(nodes[name].extra.get("reuse") is False for name in every)

    def _all_search(self) -> bool:
        nodes, every = self._document.pipeline.nodes, self._selection.nodes()
        return bool(every) and all(nodes[name].module in SEARCHES for name in every)

    def _all_search_azure(self) -> bool:
        nodes, every = self._document.pipeline.nodes, self._selection.nodes()
        return self._all_search() and all(
            azure_settings(nodes[name].extra).get(AUTOML_SETTING) is True for name in every
        )

    def _ask(self, title: str, label: str, text: str) -> str | None:
        dialog = QInputDialog(self._parent)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.setTextValue(text)
        dialog.resize(_WIDE, dialog.sizeHint().height())
        accepted = dialog.exec()
        dialog.deleteLater()
        return dialog.textValue().strip() if accepted else None
