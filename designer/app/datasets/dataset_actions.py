"""What the window does with registered datasets: add to the pipeline, register, delete."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from designer.app.background.background import Background
from designer.app.datasets.datasets import RegisteredDataset, dataset_name
from designer.app.dialogs.question import Answer, ask
from designer.app.document.labels import node_words
from designer.app.panels.palette_model import DATASET_MODULE, dataset_offer, dataset_preset
from designer.pipeline import edits
from designer.pipeline.model import Pipeline
from modules.contract import Parameter, PathOf

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow


class DatasetActions:
    """Handlers of the commands for the datasets of the workspace folder."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._background = Background(window)
        window.datasets.changed.connect(self._on_changed)
        self._list()
        window.palette_panel.dataset_chosen.connect(self.add_at_center)
        window.palette_panel.removal_requested.connect(self.remove)

    def add_at_center(self, name: str) -> None:
        """Add a node that reads a dataset, in the middle of the visible area."""
        window = self._window
        spec = window.catalog.get(DATASET_MODULE)
        found = next((each for each in window.datasets.all() if each.name == name), None)
        if spec is None or found is None:
            return
        if not window.editing:
            window.show_start(False)
        window.canvas.add_central(spec, dataset_preset(spec, found))

    def register_dataset(self) -> None:
        """Ask for a file and a name, at first the selected node's, and register it."""
        from designer.app.dialogs.register_dataset import RegisterDataset

        window = self._window
        node = window.selected_node()
        file = self.file_of(node)
        if file is None:
            node = None
        reader = node_words(window.document.pipeline, window.catalog, node) if node else ""
        dialog = RegisterDataset(window.workspace, file, window.document.base, reader, window)
        accepted = dialog.exec()
        dialog.deleteLater()
        if accepted:
            chosen = dialog.dataset()
            self._register(chosen, node if dialog.wants_use() else None)

    def file_of(self, node: str | None) -> Path | None:
        """Return the file that a node reads, if it can be registered; None otherwise."""
        parameter = self._parameter(node)
        if node is None or parameter is None:
            return None
        value = self._window.document.pipeline.nodes[node].parameters.get(parameter.name)
        if not isinstance(value, str) or not value.strip() or dataset_name(value):
            return None
        path = self._window.workspace.resolve(value.strip(), self._window.document.base)
        return path if path.is_file() else None

    def remove(self, name: str) -> None:
        """Delete a registered dataset, after a question."""
        window = self._window
        used = any(
            dataset_name(value) == name
            for node in window.document.pipeline.nodes.values()
            for value in node.parameters.values()
        )
        reads = "The open pipeline reads it and won't run without it. " if used else ""
        goes = "Its copy in the workspace folder is deleted; the original file stays."
        answer = ask(
            window,
            "Delete the dataset?",
            f"Delete “{name}”?",
            {Answer.Yes: "Delete"},
            explanation=reads + goes,
            warning=used,
        )
        if answer != Answer.Yes:
            return
        try:
            window.workspace.remove_dataset(name)
        except (KeyError, OSError) as error:
            said = (
                error.args[0]
                if isinstance(error, KeyError)
                else f"“{name}” can't be deleted: {error}"
            )
            window.bar.show_message(str(said), severity="error", kind="dataset")
        else:
            window.say(f"Deleted “{name}”.")
        window.datasets.refresh()

    def close(self) -> None:
        """Wait until the copy in progress is complete."""
        self._window.datasets.close()
        self._background.close()

    def _register(self, dataset: RegisteredDataset, node: str | None) -> None:
        workspace = self._window.workspace
        self._window.say(f"Copying “{dataset.file.name}”…")
        self._background.run(
            lambda: workspace.register_dataset(
                dataset.name, dataset.file, description=dataset.summary
            ),
            lambda _: self._on_registered(dataset, node),
            self._on_failed,
        )

    def _on_registered(self, dataset: RegisteredDataset, node: str | None) -> None:
        window = self._window
        window.datasets.refresh()
        window.bar.clear("dataset")
        parameter = self._parameter(node)
        if node is not None and parameter is not None:
            name = parameter.name

            def use(pipeline: Pipeline) -> Pipeline:
                return edits.set_parameter(pipeline, node, name, dataset.reference)

            window.edits.apply(f"Read “{dataset.name}”", use)
        window.say(f"“{dataset.name}” is registered.")

    def _on_failed(self, error: BaseException) -> None:
        words = str(error)
        if isinstance(error, shutil.Error) and error.args and error.args[0]:
            # Of a folder: a list of what could not be copied.
            words = str(error.args[0][0][2])
        elif isinstance(error, OSError) and error.strerror:
            words = f"{error.strerror}."
        self._window.unsay()
        self._window.bar.show_message(
            f"The dataset can't be registered. {words}", severity="error", kind="dataset"
        )

    def _on_changed(self) -> None:
        window = self._window
        self._list()
        window.properties.refresh()
        # A node may name one that is there now, or is no longer.
        window.checker.pipeline_changed(window.document.pipeline, window.document.base)

    def _list(self) -> None:
        """List them in the palette and on the canvas."""
        window = self._window
        datasets = window.datasets.all()
        window.palette_panel.set_datasets(datasets)
        spec = window.catalog.get(DATASET_MODULE)
        window.canvas.set_offers([dataset_offer(spec, each) for each in datasets] if spec else [])

    def _parameter(self, node: str | None) -> Parameter | None:
        """Return the parameter by which a Dataset names its file."""
        spec = self._window.spec_of(node)
        if spec is None or spec.id != DATASET_MODULE:
            return None
        return next((each for each in spec.parameters if isinstance(each.marker, PathOf)), None)
