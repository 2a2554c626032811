"""Shows the lineage of what the window lists."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import error_text
from designer.app.document.selection import Selection
from designer.app.lineage.lineage_dialog import LineageDialog
from designer.app.runs.run_controller import RunController
from designer.app.shell.commands import command
from designer.lineage.tracing import trace_plainly
from designer.texts import tr
from designer.workspace import Workspace


class LineageActions:
    """Opens windows with a lineage, found in another process.

    Parameters
    ----------
    controller : RunController
        Knows the run whose results are on the cards, and has the engine.
    parent : QWidget
        The window, over which they open.
    """

    def __init__(
        self,
        workspace: Workspace,
        controller: RunController,
        selection: Selection,
        parent: QWidget,
    ) -> None:
        self._workspace = workspace
        self._controller = controller
        self._selection = selection
        self._engine = EngineCaller(controller.engine)
        self._parent = parent
        self._background = Background(parent)
        self.dialog: LineageDialog | None = None

    def show(self, subject: str) -> None:
        """Show a lineage; see :func:`designer.lineage.tracing.trace`."""
        if self.dialog is not None:
            self.dialog.close()
        dialog = LineageDialog(subject.partition(":")[2], self._parent)
        self.dialog = dialog
        dialog.destroyed.connect(lambda: self._forget(dialog))
        dialog.show()

        def done(found: tuple[dict[str, Any], str]) -> None:
            if self.dialog is dialog:
                dialog.show_lineage(*found)

        def failed(error: BaseException) -> None:
            if self.dialog is dialog:
                dialog.show_problem(error_text(error))

        folder = str(self._workspace.folder)
        self._background.follow(self._engine.call(trace_plainly, folder, subject), done, failed)

    @command(
        tr("Lineage"),
        icon="link",
        help=tr("Show the data and code that the result of the module comes from."),
        needs="result",
        menus=("Pipeline 3.25", "Node 1.35"),
    )
    def show_lineage(self) -> None:
        """Show what the result of the selected node comes from."""
        node = self._selection.node()
        if node is not None:
            self.show(self._controller.state.subject(node))

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the results meet."""
        node = None if self._controller.running else self._selection.node()
        return {"result": node is not None and bool(self._controller.state.subject(node))}

    def close(self) -> None:
        """Close what is open."""
        if self.dialog is not None:
            self.dialog.close()
        self._background.close()

    def _forget(self, dialog: LineageDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
