"""Commands for what the palette offers: a user's own modules, and missing libraries."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from designer.app.dialogs.messages import Messages
from designer.app.document.selection import Selection
from designer.app.library.module_watch import ModuleWatch
from designer.app.shell.commands import command
from designer.catalog import Catalog, own_packages
from designer.composed_texts import in_language
from designer.extras import extra_of, missing_distributions
from designer.texts import tr
from designer.workspace import Workspace
from modules.contract import ModuleSpec
from modules.programs import distributions


class LibraryActions:
    """The commands that make modules, and make them available.

    Parameters
    ----------
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        workspace: Workspace,
        catalog: Catalog,
        watch: ModuleWatch,
        selection: Selection,
        messages: Messages,
        parent: QWidget,
    ) -> None:
        self._workspace = workspace
        self._catalog = catalog
        self._watch = watch
        self._selection = selection
        self._messages = messages
        self._parent = parent
        self.open_file: Callable[[Path], bool] = open_in_editor
        """Opens a file in the user's editor; returns whether that was possible."""

    @command(
        tr("New module…"),
        icon="module",
        help=tr("Write a module of your own and open it in your editor."),
        menus="File 3.1",
    )
    def new_module(self) -> None:
        """Ask for a name, write the module with its test, and open it."""
        from designer.app.library.new_module import NewModule
        from designer.skeletons import SkeletonError, write_module

        dialog = NewModule(self._catalog, self._parent)
        accepted = bool(dialog.exec())
        name, kind = dialog.name.text(), str(dialog.kind.currentData())
        dialog.deleteLater()
        if not accepted:
            return
        try:
            written = write_module(self._workspace.modules_folder, name, kind, self._catalog)
        except SkeletonError as error:
            self._messages.warn(f"{in_language(str(error))} {in_language(error.hint)}")
            return
        except OSError as error:
            self._messages.warn(
                tr("“{file}” can't be written: {reason}.").format(
                    file=error.filename, reason=error.strerror
                )
            )
            return
        self._watch.refresh()
        self._messages.show(
            tr("Module “{stem}” is in the palette, in My Modules.").format(stem=written.module.stem)
        )
        self._open(written.module)

    @command(
        tr("Install libraries…"),
        icon="import",
        help=tr("Install the libraries that the selected module needs."),
        needs="one idle",
        menus="Pipeline 1.5",
        obstacle=lambda self: "" if self._missing_of_selected() else tr("Nothing is missing."),
    )
    def install_libraries(self) -> None:
        """Install what the selected module needs."""
        spec = self._selection.spec_of(self._selection.node())
        if spec is not None:
            self.install_for(spec.id)

    def install_for(self, module: str) -> None:
        """Ask, and install what a module needs."""
        from designer.app.library.install_dialog import InstallDialog

        spec = self._catalog.get(module)
        missing = missing_libraries(spec)
        if spec is None or not missing:
            hint = self._catalog.install_hint(spec) if spec is not None else None
            if hint:
                self._messages.warn(tr("It isn't a Python library. Run: {hint}").format(hint=hint))
            return
        extra = extra_of(missing)
        dialog = InstallDialog(spec.title, extra.missing if extra else missing, self._parent)
        accepted = bool(dialog.exec())
        dialog.deleteLater()
        self._watch.refresh()
        if accepted:
            self._messages.show(tr("{title} can be used now.").format(title=spec.title))

    def edit_module(self, module: str) -> None:
        """Open the file of a user's own module in the editor."""
        if self.is_own(module):
            self._open(self._catalog[module].file)

    def is_own(self, module: str) -> bool:
        """Return whether a module is in the user's own folder."""
        spec = self._catalog.get(module)
        return spec is not None and bool(own_packages([spec]))

    def _open(self, path: Path) -> None:
        if not self.open_file(path):
            self._messages.warn(
                tr("No editor can be started. The file is “{path}”.").format(path=path)
            )

    def _missing_of_selected(self) -> tuple[str, ...]:
        return missing_libraries(self._selection.spec_of(self._selection.node()))


def missing_libraries(spec: ModuleSpec | None) -> tuple[str, ...]:
    """Return the distributions that aren't installed and that a module may need."""
    return missing_distributions(distributions(spec.all_requirements)) if spec is not None else ()


def open_in_editor(path: Path) -> bool:
    """Open a file in the program for text; return whether that was possible."""
    if sys.platform == "win32":
        # The usual program for Python files runs them.
        try:
            os.startfile(path, "edit")
        except OSError:
            return False
        return True
    if sys.platform == "darwin":
        return bool(QProcess.startDetached("open", ["-t", str(path)])[0])
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
