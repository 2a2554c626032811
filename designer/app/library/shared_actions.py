"""Commands for shared modules: make one of a group, open it, and choose its version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QWidget

from designer.app.background.errors import explained
from designer.app.canvas import Canvas, QuickAddItem, SharedTemplate
from designer.app.dialogs.messages import Messages
from designer.app.document.document import Document
from designer.app.document.file_actions import FileActions
from designer.app.library.module_dialog import ModuleDialog
from designer.app.library.trail import Trail
from designer.app.panels.palette import Palette
from designer.app.shell.commands import command
from designer.catalog import Catalog
from designer.pipeline.file import PipelineFileError
from designer.pipeline.model import Pipeline, SharedUse
from designer.pipeline.shared.choices import choices_of_group, choices_of_module
from designer.pipeline.shared.describing import described
from designer.pipeline.shared.library import SUFFIX, SharedModule, save_module, version_of
from designer.pipeline.shared.making import module_of_group, turn_into_module, use_version
from designer.texts import tr


class SharedActions:
    """The commands for shared modules.

    Parameters
    ----------
    apply : callable
        Applies an edit under an undo title; returns whether it was possible.
    files : FileActions
        Opens and saves pipelines and modules.
    parent : QWidget
        The window, over which dialogs open.
    """

    def __init__(
        self,
        document: Document,
        catalog: Catalog,
        canvas: Canvas,
        palette: Palette,
        messages: Messages,
        apply: Callable[[str, Callable[[Pipeline], Pipeline]], bool],
        files: FileActions,
        parent: QWidget,
    ) -> None:
        self._document = document
        self._catalog = catalog
        self._canvas = canvas
        self._palette = palette
        self._messages = messages
        self._apply = apply
        self._files = files
        self._parent = parent
        self.trail = Trail(document, files.open_path)
        self.trail.ports_requested.connect(self.choose_ports)
        document.modules.changed.connect(self.show_modules)
        self.show_modules()

    def conditions(self) -> dict[str, bool]:
        """Return which conditions of commands the selected group meets."""
        group = self._selected() if self._canvas.isVisible() else ""
        shared = self._use(group) is not None
        return {"plain": bool(group) and not shared, "shared": shared}

    def show_modules(self) -> None:
        """List the shared modules in the palette and on the canvas."""
        modules = [each for each in self._document.modules.all() if self._may_use(each)]
        specs = described(modules, self._catalog)
        self._palette.set_shared(specs)
        self._canvas.set_shared_items(
            {
                spec.id: replace(
                    QuickAddItem.module(spec),
                    template=SharedTemplate(
                        title=spec.title, name=module.name, definition=module.definition
                    ),
                )
                for spec, module in zip(specs, modules, strict=True)
            }
        )

    @command(
        tr("Turn into a module…"),
        icon="module",
        help=tr("Give the group ports and parameters, to use it as a module in pipelines."),
        needs="plain",
        menus=("Edit 5.25", "Group 3.5"),
    )
    def turn_into_module(self) -> None:
        """Ask for ports and parameters, write the module, and have its card for the group."""
        document = self._document
        group = self._selected()
        sample = document.path is not None and self._files.is_sample(document.path)
        # The module will be beside the file, where samples can't be changed.
        if sample and not self._files.save():
            return
        pipeline = document.pipeline
        title = pipeline.groups[group].title if group in pipeline.groups else ""
        found = choices_of_group(pipeline, group, self._catalog)
        dialog = ModuleDialog(title, found, document.modules.library, self._parent)
        accepted = bool(dialog.exec())
        interface, name, file = dialog.interface(), dialog.name(), dialog.file()
        dialog.deleteLater()
        if not accepted:
            return
        definition = module_of_group(pipeline, group, interface)
        try:
            save_module(definition, file)
        except PipelineFileError as error:
            self._messages.warn(explained(error))
            return
        document.modules.refresh()

        def change(now: Pipeline) -> Pipeline:
            return turn_into_module(now, group, name, definition)

        if self._apply(tr("Turn into a module"), change):
            self._canvas.select([group])
            self._messages.show(
                tr("“{title}” is in the palette now.").format(title=interface.title)
            )

    @command(
        tr("Open module"),
        icon="open",
        help=tr("Open the shared module to change it wherever it is used."),
        needs="shared",
        menus=("Pipeline 1.55", "Group 3.6"),
    )
    def open_module(self) -> None:
        """Open the module of the selected card."""
        self.open_card(self._selected())

    def open_card(self, group: str) -> None:
        """Open the module of a card."""
        use = self._use(group)
        if use is None:
            return
        self._open(use.name)
        if use.version:
            self._messages.show(tr("This is the newest version; the card keeps an older one."))

    def open_listed(self, module: str) -> None:
        """Open a module of the palette."""
        self._open(module.removesuffix(SUFFIX))

    @command(
        tr("Keep this version"),
        help=tr("Keep the shared module as it is now, whatever is changed in it later."),
        needs="shared",
        menus=("Pipeline 1.56", "Group 3.7"),
    )
    def keep_version(self) -> None:
        """Pin the version of the selected card."""
        group = self._selected()
        use = self._use(group)
        if use is None or use.definition is None:
            return
        library = self._document.modules.library
        try:
            version = use.version or library.keep(use.name)
        except PipelineFileError as error:
            self._messages.warn(explained(error))
            return
        self._apply(tr("Keep version"), lambda p: use_version(p, group, version, library.find))
        self._messages.show(tr("This card keeps version {version}.").format(version=version))

    @command(
        tr("Take the newest version"),
        help=tr("Let the card follow the shared module again."),
        needs="shared",
        menus=("Pipeline 1.57", "Group 3.8"),
    )
    def take_newest(self) -> None:
        """Let the selected card have the newest version, now and later."""
        group = self._selected()
        if self._use(group) is None:
            return
        library = self._document.modules.library
        if not self._apply(tr("Take newest"), lambda p: use_version(p, group, "", library.find)):
            self._messages.show(tr("This card has the newest version."))
            return
        now = self._use(group)
        if now is not None and now.definition is not None:
            self._messages.show(
                tr("This card has version {version_of} now.").format(
                    version_of=version_of(now.definition)
                )
            )

    def choose_ports(self) -> None:
        """Ask for other ports and parameters of the module that is open."""
        pipeline = self._document.pipeline
        if pipeline.interface is None:
            return
        found = choices_of_module(pipeline, self._catalog)
        dialog = ModuleDialog(pipeline.interface.title, found, None, self._parent)
        accepted = bool(dialog.exec())
        interface = dialog.interface()
        dialog.deleteLater()
        if accepted and interface != pipeline.interface:
            self._apply(tr("Change ports"), lambda now: replace(now, interface=interface))

    def _may_use(self, module: SharedModule) -> bool:
        """Return whether a module can be added: the one that is open can't contain itself."""
        path = self._document.path
        if path is None or not path.name.endswith(SUFFIX):
            return True
        here = path.name.removesuffix(SUFFIX)
        groups = module.definition.groups.values()
        return here not in {module.name, *(each.shared.name for each in groups if each.shared)}

    def _open(self, name: str) -> None:
        def find() -> Path | None:
            return self._document.modules.library.path_of(name)

        found = find()
        if found is None:
            self._messages.warn(tr("The shared module “{name}” can't be found.").format(name=name))
            return
        # Saving elsewhere takes the module along.
        self.trail.follow(lambda: find() or found)

    def _selected(self) -> str:
        """Return the first selected group, or that around the selection; empty if there is none."""
        return next(iter(self._canvas.selected_groups()), "")

    def _use(self, group: str) -> SharedUse | None:
        found = self._document.pipeline.groups.get(group)
        return found.shared if found is not None else None
