"""Commands for registered datasets: add to the pipeline, register, delete."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import error_text
from designer.app.canvas import Canvas
from designer.app.datasets.datasets import (
    Datasets,
    RegisteredDataset,
    dataset_name,
    dataset_reference,
)
from designer.app.dialogs.messages import Messages
from designer.app.dialogs.question import Answer, ask
from designer.app.document.agreements import Agreements
from designer.app.document.document import Document
from designer.app.document.labels import node_label
from designer.app.document.selection import Selection
from designer.app.panels.palette import Palette
from designer.app.panels.palette_model import dataset_item, dataset_template
from designer.app.shell.commands import command
from designer.app.shell.navigation import EDITING, Navigation
from designer.catalog import Catalog
from designer.composed_texts import in_language
from designer.dataset_record import split_reference
from designer.engine.preview import dataset_facts
from designer.lineage.dataset_uses import dataset_uses
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import DATASET
from designer.texts import tr
from designer.workspace import Workspace
from modules.contract import Parameter, PathOf

if TYPE_CHECKING:
    from designer.app.datasets.versions_dialog import VersionsDialog
    from designer.dataset_record import DatasetVersion


class DatasetActions(QObject):
    """The commands for the datasets of the workspace.

    Parameters
    ----------
    apply : callable
        Applies an edit under an undo title.
    engine : callable
        Returns a future of the engine.
    parent : QWidget
        The window, over which dialogs open.

    Signals
    -------
    lineage_requested : str
        Show what uses ``dataset:NAME@VERSION``.
    """

    lineage_requested = Signal(str)

    _removed = Signal()

    def __init__(
        self,
        workspace: Workspace,
        datasets: Datasets,
        document: Document,
        catalog: Catalog,
        agreements: Agreements,
        canvas: Canvas,
        palette: Palette,
        selection: Selection,
        navigation: Navigation,
        messages: Messages,
        apply: Callable[[str, Callable[[Pipeline], Pipeline]], object],
        engine: Callable[[], Future[Any]],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._datasets = datasets
        self._document = document
        self._catalog = catalog
        self._agreements = agreements
        self._canvas = canvas
        self._palette = palette
        self._selection = selection
        self._navigation = navigation
        self._messages = messages
        self._apply = apply
        self._parent = parent
        self._engine = EngineCaller(engine)
        self._background = Background(parent)
        self.versions: VersionsDialog | None = None
        datasets.changed.connect(self._list)
        self._list()
        palette.dataset_chosen.connect(self.add_at_center)
        palette.removal_requested.connect(self.remove)
        palette.versions_requested.connect(self.show_versions)

    def add_at_center(self, reference: str) -> None:
        """Add a node that reads a dataset or a version, in the middle of the visible area."""
        spec = self._catalog.get(DATASET)
        name, _ = split_reference(reference)
        found = next((each for each in self._datasets.all() if each.name == name), None)
        if spec is None or found is None:
            return
        found = replace(found, name=reference)
        if not self._navigation.editing:
            self._navigation.show(EDITING)
        self._canvas.add_central(spec, dataset_template(spec, found))

    def show_versions(self, name: str) -> None:
        """Show the versions of a dataset."""
        from designer.app.datasets.versions_dialog import VersionsDialog

        dialog = VersionsDialog(name, self._parent)
        self.versions = dialog
        store = self._workspace.dataset_store

        def fill() -> None:
            if self.versions is dialog:
                self._background.run(lambda: store.versions(name), show, failed)

        def show(versions: list[DatasetVersion]) -> None:
            if self.versions is dialog:
                dialog.show_versions(versions)

        def failed(error: BaseException) -> None:
            if self.versions is dialog:
                dialog.close()
            if not isinstance(error, KeyError):
                self._messages.warn(error_text(error))

        def forget() -> None:
            self._datasets.changed.disconnect(fill)
            self._removed.disconnect(fill)
            self.versions = None

        dialog.add_requested.connect(self.add_at_center)
        dialog.removal_requested.connect(self.remove)
        dialog.lineage_requested.connect(self.lineage_requested)
        self._datasets.changed.connect(fill)
        self._removed.connect(fill)
        dialog.finished.connect(forget)
        dialog.open()
        fill()

    @command(
        tr("Register dataset…"),
        icon="dataset",
        help=tr("Store a file in the workspace under a name, for all pipelines."),
        menus=("File 3.2", "Node 1.4"),
    )
    def register_dataset(self) -> None:
        """Ask for a file and a name, at first the selected node's, and register it."""
        from designer.app.dialogs.register_dataset import RegisterDataset

        node = self._selection.node()
        file = self.file_of(node)
        if file is None:
            node = None
        reader = node_label(self._document.pipeline, self._catalog, node) if node else ""
        dialog = RegisterDataset(self._workspace, file, self._document.base, reader, self._parent)
        accepted = dialog.exec()
        dialog.deleteLater()
        if accepted:
            chosen = dialog.dataset()
            self._register(chosen, node if dialog.wants_use() else None)

    def file_of(self, node: str | None) -> Path | None:
        """Return the file that a node reads and that could be registered; None if there is none."""
        parameter = self._parameter(node)
        if node is None or parameter is None:
            return None
        value = self._document.pipeline.nodes[node].parameters.get(parameter.name)
        if not isinstance(value, str) or not value.strip() or dataset_name(value):
            return None
        if not self._agreements.may_look(node):
            return None
        path = self._workspace.resolve(value.strip(), self._document.base)
        return path if path.is_file() else None

    def remove(self, name: str) -> None:
        """Delete a registered dataset, or ``NAME@VERSION``, after a question."""
        used = any(
            name in (dataset_name(value), dataset_reference(value))
            for node in self._document.pipeline.nodes.values()
            for value in node.parameters.values()
        )
        workspace = self._workspace

        def find_uses() -> list[str]:
            try:
                return dataset_uses(workspace, name)
            except KeyError:
                return []

        # It reads the records of all runs.
        self._background.run(
            find_uses, lambda others: self._ask_to_remove(name, used, others), self._on_not_removed
        )

    def close(self) -> None:
        """Wait until the copy in progress is complete."""
        self._datasets.close()
        self._background.close()

    def _ask_to_remove(self, name: str, used: bool, others: list[str]) -> None:
        reads = tr("The open pipeline reads it and won't run without it. ") if used else ""
        if others:
            reads += tr("In use: {listed}. What used it can't be repeated then. ").format(
                listed="; ".join(others)
            )
        goes = tr("Its copy in the workspace is deleted; the file it was copied from stays.")
        answer = ask(
            self._parent,
            tr("Delete the dataset?"),
            tr("Delete “{name}”?").format(name=name),
            {Answer.Yes: tr("Delete")},
            explanation=reads + goes,
            warning=used or bool(others),
        )
        if answer != Answer.Yes:
            return

        def done(_: object) -> None:
            self._messages.show(tr("Deleted “{name}”.").format(name=name))
            self._datasets.refresh()
            # The dataset itself is listed as before if it has other versions.
            self._removed.emit()

        store = self._workspace.dataset_store
        self._background.run(lambda: store.remove(name), done, self._on_not_removed)

    def _on_not_removed(self, error: BaseException) -> None:
        missing = isinstance(error, KeyError) and error.args
        message = (
            error.args[0]
            if missing
            else tr("The dataset can't be deleted: {error}").format(error=in_language(str(error)))
        )
        self._messages.bar.show_message(str(message), severity="error", kind="dataset")
        self._datasets.refresh()

    def _register(self, dataset: RegisteredDataset, node: str | None) -> None:
        workspace = self._workspace
        self._messages.show(tr("Copying “{name}”…").format(name=dataset.file.name))

        def copy(table: Mapping[str, Any]) -> None:
            self._background.run(
                lambda: workspace.register_dataset(
                    dataset.name, dataset.file, description=dataset.summary, table=table
                ),
                lambda _: self._on_registered(dataset, node),
                self._on_failed,
            )

        # Without its columns, a version is registered all the same.
        found = self._engine.call(dataset_facts, str(dataset.file))
        self._background.follow(found, copy, lambda _: copy({}))

    def _on_registered(self, dataset: RegisteredDataset, node: str | None) -> None:
        self._datasets.refresh()
        self._messages.bar.clear("dataset")
        parameter = self._parameter(node)
        if node is not None and parameter is not None:
            name = parameter.name

            def use(pipeline: Pipeline) -> Pipeline:
                return edits.set_parameter(pipeline, node, name, dataset.reference)

            self._apply(tr("Read “{name}”").format(name=dataset.name), use)
        self._messages.show(tr("“{name}” is registered.").format(name=dataset.name))

    def _on_failed(self, error: BaseException) -> None:
        reason = in_language(str(error))
        if isinstance(error, shutil.Error) and error.args and error.args[0]:
            # Of a folder: a list of what couldn't be copied.
            reason = str(error.args[0][0][2])
        elif isinstance(error, OSError) and error.strerror:
            reason = f"{error.strerror}."
        self._messages.clear()
        self._messages.bar.show_message(
            tr("The dataset can't be registered. {reason}").format(reason=reason),
            severity="error",
            kind="dataset",
        )

    def _list(self) -> None:
        """List them in the palette and on the canvas."""
        datasets = self._datasets.all()
        self._palette.set_datasets(datasets)
        spec = self._catalog.get(DATASET)
        self._canvas.set_quick_add_items(
            [dataset_item(spec, each) for each in datasets] if spec else []
        )

    def _parameter(self, node: str | None) -> Parameter | None:
        """Return the parameter by which a Dataset names its file."""
        spec = self._selection.spec_of(node)
        if spec is None or spec.id != DATASET:
            return None
        return next((each for each in spec.parameters if isinstance(each.marker, PathOf)), None)
