"""Shows the lineage of what the window lists."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from PySide6.QtWidgets import QWidget

from designer.app.background.background import Background
from designer.app.background.engine_caller import EngineCaller
from designer.app.background.errors import error_text
from designer.app.lineage.lineage_dialog import LineageDialog
from designer.lineage.tracing import trace_plainly
from designer.workspace import Workspace


class LineageActions:
    """Opens windows with a lineage, found in another process.

    Parameters
    ----------
    engine : callable
        Returns a future of the engine.
    parent : QWidget
        The window, over which they open.
    """

    def __init__(
        self, workspace: Workspace, engine: Callable[[], Future[Any]], parent: QWidget
    ) -> None:
        self._workspace = workspace
        self._engine = EngineCaller(engine)
        self._parent = parent
        self._background = Background(parent)
        self.dialog: LineageDialog | None = None

    def show(self, subject: str) -> None:
        """Show the lineage of ``run:ID``, ``model:NAME@VERSION``, or ``endpoint:NAME``."""
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

    def close(self) -> None:
        """Close what is open."""
        if self.dialog is not None:
            self.dialog.close()
        self._background.close()

    def _forget(self, dialog: LineageDialog) -> None:
        if self.dialog is dialog:
            self.dialog = None
