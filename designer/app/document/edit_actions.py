"""What the window does to the pipeline: clipboard, nodes, notes, layout."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit

from designer.app.canvas.editing.free_space import way_beside
from designer.app.canvas.editing.layout import layout
from designer.app.canvas.editing.placing import placed
from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.app.document import clipboard
from designer.app.document.path_parameters import rebase, stored_path
from designer.pipeline import edits
from designer.pipeline import file as pipeline_file
from designer.pipeline.model import Pipeline
from designer.pipeline.own_modules import DATASET

if TYPE_CHECKING:
    from designer.app.shell.main_window import MainWindow

SHIFT = 30.0
"""How far what is pasted once more lies from what was pasted before, in scene units."""


class EditActions:
    """Handlers of the commands that change the pipeline."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.copied = ""
        self._pasted: tuple[str, int] = ("", 0)

    def apply(self, text: str, function: Callable[[Pipeline], Pipeline], merge: Any = None) -> bool:
        """Apply an edit; what can't be done is said in the status bar."""
        try:
            return self._window.document.apply(text, function, merge)
        except edits.EditError as error:
            self._window.say(str(error), warning=True)
            return False

    def undo(self) -> None:
        """Take back the last step."""
        self._window.document.undo_stack.undo()

    def redo(self) -> None:
        """Do the next step again."""
        self._window.document.undo_stack.redo()

    def cut(self) -> None:
        """Copy and delete the selection."""
        if self.copy():
            names = self._window.canvas.selection()
            self.apply("Cut", lambda p: edits.remove(p, names))

    def copy(self) -> bool:
        """Copy the selection; false if nothing is selected."""
        names = self._window.canvas.selection()
        if not names:
            return False
        fragment = edits.extract(self._window.document.pipeline, names)
        data = clipboard.to_mime(fragment, self._window.document.base)
        self.copied = data.text()
        QApplication.clipboard().setMimeData(data)
        return True

    def paste(self) -> None:
        """Add what the clipboard holds, if it is a part of a pipeline."""
        data = QApplication.clipboard().mimeData()
        fragment = clipboard.from_mime(data)
        if fragment is None:
            self._window.say("The clipboard holds no part of a pipeline.")
            return
        origin = clipboard.base_of(data)
        if origin is not None:
            base = self._window.document.base
            fragment = rebase(fragment, self._window.catalog, origin, base)
        fragment = placed(fragment, self._window.catalog)
        text = pipeline_file.dumps(fragment)
        times = self._pasted[1] + 1 if self._pasted[0] == text else 0
        self._pasted = (text, times)
        left, top, right, bottom = _bounds(fragment)
        x, y = self._window.canvas.view_center()
        offset = (
            x - (left + right + WIDTH) / 2 + times * SHIFT,
            y - (top + bottom + HEIGHT) / 2 + times * SHIFT,
        )
        self._insert("Paste", fragment, offset)

    def duplicate(self) -> None:
        """Add a copy of the selection beside it, where there is room."""
        canvas = self._window.canvas
        names = canvas.selection()
        fragment = edits.extract(self._window.document.pipeline, names)
        self._insert("Duplicate", fragment, way_beside(canvas, names))

    def delete(self) -> None:
        """Delete the selected nodes, notes and links."""
        self._window.canvas.delete_selection()

    def group(self) -> None:
        """Put a frame around the selected modules, and let its title be written."""
        self._window.canvas.group_selection()

    def ungroup(self) -> None:
        """Take away the frames that are selected, or are around what is."""
        self._window.canvas.ungroup_selection()

    def fold(self) -> None:
        """Show the selected groups, or those around what is selected, as one card or whole."""
        self._window.canvas.fold_selection()

    def link_selection(self) -> None:
        """Link the two selected modules."""
        self._window.canvas.link_selection()

    def select_all(self) -> None:
        """Select every node and note."""
        self._window.canvas.select_all()

    def rename(self) -> None:
        """Ask for another id of the selected node."""
        node = self._window.selected_node()
        if node is None:
            return
        from designer.app.dialogs.new_id import NewId

        dialog = NewId(self._window.document.pipeline, node, self._window)
        accepted, text = bool(dialog.exec()), dialog.text()
        dialog.deleteLater()
        if accepted and self.apply("Rename", lambda p: edits.rename_node(p, node, text)):
            self._window.canvas.select([text])

    def comment(self) -> None:
        """Ask for the comment of the selected node."""
        node = self._window.selected_node()
        if node is None:
            return
        old = self._window.document.pipeline.nodes[node].comment
        text = self._ask("Comment", "Shown on the card", old)
        if text is not None:
            self.apply("Change comment", lambda p: edits.set_comment(p, node, text))

    def toggle_disabled(self) -> None:
        """Disable the selected nodes, or enable them if all are disabled."""
        nodes = self._window.selected_nodes()
        pipeline = self._window.document.pipeline
        disabled = not all(pipeline.nodes[name].disabled for name in nodes)
        verb = "Disable" if disabled else "Enable"
        self.apply(verb, lambda p: edits.set_disabled(p, nodes, disabled))

    def regenerate(self) -> None:
        """Switch whether the selected nodes always compute anew."""
        nodes = self._window.selected_nodes()
        pipeline = self._window.document.pipeline
        anew = not all(pipeline.nodes[name].extra.get("reuse") is False for name in nodes)

        def change(current: Pipeline) -> Pipeline:
            for name in nodes:
                extra = {k: v for k, v in current.nodes[name].extra.items() if k != "reuse"}
                if anew:
                    extra["reuse"] = False
                current = edits.replace_node(current, replace(current.nodes[name], extra=extra))
            return current

        if self.apply("Regenerate output" if anew else "Reuse output", change):
            words = "always computed anew" if anew else "reused where nothing changed"
            self._window.say(f"Results of {', '.join(nodes[:3])} are {words}.")

    def add_module(self) -> None:
        """Search for a module on the canvas."""
        self._window.canvas.open_quick_add()

    def add_at_center(self, module: str) -> None:
        """Add a module in the middle of what is seen."""
        spec = self._window.catalog.get(module)
        if spec is None:
            return
        if not self._window.editing:
            self._window.show_start(False)
        self._window.canvas.add_central(spec)

    def add_note(self, position: tuple[float, float] | None = None) -> None:
        """Add a note and let the person write into it."""
        canvas = self._window.canvas
        x, y = position or canvas.view_center()
        group = canvas.group_at(x, y)
        added: list[str] = []

        def add(pipeline: Pipeline) -> Pipeline:
            whole, name = edits.add_note(pipeline, position=(x, y), group=group)
            added.append(name)
            return whole

        if self.apply("Add note", add):
            canvas.present(added)
            canvas.edit_note(added[0])

    def layout(self) -> None:
        """Arrange the nodes."""
        window = self._window
        self.apply("Arrange modules", layout(window.document.pipeline, window.catalog))
        window.canvas.fit()

    def pipeline_parameters(self) -> None:
        """Show and change the pipeline's parameters."""
        from designer.app.dialogs.pipeline_parameters import PipelineParameters

        dialog = PipelineParameters(self._window.document.pipeline, self._window)
        if dialog.exec():
            self.apply("Change pipeline parameters", dialog.apply)

    def files_dropped(self, paths: Sequence[object], x: float, y: float) -> None:
        """Open a pipeline; add a Dataset for each other file."""
        files = [Path(str(path)) for path in paths]
        pipelines = [path for path in files if path.name.endswith(pipeline_file.SUFFIX)]
        if pipelines:
            self._window.files.open_path(pipelines[0])
            return
        spec = self._window.catalog.get(DATASET)
        name = next((p.name for p in spec.parameters if p.kind == "path"), None) if spec else None
        if spec is None or name is None:
            return
        base = self._window.document.base
        canvas = self._window.canvas
        places, group = canvas.places_at(x, y, len(files)), canvas.group_at(x, y)
        added: list[str] = []

        def add(pipeline: Pipeline) -> Pipeline:
            for place, path in zip(places, files, strict=True):
                pipeline, node = edits.add_node(
                    pipeline,
                    spec.id,
                    version=spec.version,
                    position=place,
                    parameters={name: stored_path(path, base)},
                    group=group,
                )
                added.append(node)
            return pipeline

        if self.apply("Add dataset", add):
            canvas.present(added)

    def _insert(self, text: str, fragment: Pipeline, offset: tuple[float, float]) -> None:
        names: dict[str, str] = {}

        def insert(pipeline: Pipeline) -> Pipeline:
            whole, found = edits.insert(pipeline, fragment, offset)
            names.update(found)
            return whole

        if self.apply(text, insert):
            self._window.canvas.present(names.values())

    def _ask(self, title: str, label: str, text: str) -> str | None:
        answer, accepted = QInputDialog.getText(
            self._window, title, label, QLineEdit.EchoMode.Normal, text
        )
        return answer.strip() if accepted else None


def _bounds(fragment: Pipeline) -> tuple[float, float, float, float]:
    places = [node.position for node in fragment.nodes.values()]
    places += [note.position for note in fragment.notes.values()]
    places += [group.position for group in fragment.groups.values()]
    xs, ys = [x for x, _ in places], [y for _, y in places]
    return min(xs), min(ys), max(xs), max(ys)
