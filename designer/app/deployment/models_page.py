"""The page of registered models: versions, where they come from, metrics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QLabel,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.background.background import Background
from designer.app.background.errors import error_text
from designer.app.deployment.backend import Backend
from designer.app.deployment.endpoints.endpoint_acts import confirm
from designer.app.deployment.model_comparison import ModelComparison
from designer.app.deployment.model_facts import facts_page, learner, moment
from designer.app.shell import theme
from designer.app.views.message_view import MessageView
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.choosing import follow_selection
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.app.widgets.fields.typed_text import showing
from designer.app.widgets.flow_layout import BarLayout
from designer.app.widgets.focus_ring import scroll_by_keys
from designer.app.widgets.one_line_label import OneLineLabel
from designer.texts import ngettext, tr

VERSION = Qt.ItemDataRole.UserRole


class ModelsPage(QWidget):
    """What is registered in the workspace folder, or on the tracking server.

    Signals
    -------
    deploy_requested : dict
        Deploy this version.
    lineage_requested : str
        Show what ``model:NAME@VERSION`` comes from.
    message : str
        A sentence for the status bar.
    """

    deploy_requested = Signal(dict)
    lineage_requested = Signal(str)
    message = Signal(str)

    def __init__(self, backend: Backend, background: Background) -> None:
        super().__init__()
        self._backend = backend
        self._background = background
        self._serial = 0
        self.tree = NestedTree()
        keep_directions(self.tree)
        self.tree.setHeaderLabels([tr("Name"), tr("Kind"), tr("Registered")])
        self.tree.setAccessibleName(tr("Registered models"))
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setStretchLastSection(True)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        fit_columns(header)
        self.tree.itemExpanded.connect(self._on_expanded)
        self.tree.currentItemChanged.connect(lambda *_: self._show_current())
        follow_selection(self.tree)
        self.title = OneLineLabel()
        self.title.setProperty("role", "title")
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        self.deploy = QPushButton(tr("Deploy…"))
        self.deploy.setIcon(theme.icon("deploy"))
        self.deploy.setToolTip(tr("Deploy this version"))
        self.delete = QPushButton(tr("Delete"))
        self.delete.setIcon(theme.icon("delete"))
        self.card = QPushButton(tr("Save model card…"))
        self.card.setIcon(theme.icon("export"))
        self.card.setToolTip(
            tr("Write data, preparation, settings, metrics, and limits as Markdown")
        )
        self.lineage = QPushButton(tr("Lineage"))
        self.lineage.setIcon(theme.icon("link"))
        self.lineage.setToolTip(tr("Show the data and code that this version comes from"))
        self.lineage.clicked.connect(self._on_lineage)
        self.compare = QPushButton(tr("Compare versions…"))
        self.compare.setIcon(theme.icon("compare"))
        self.compare.setToolTip(tr("Show the data and the metrics of each version side by side"))
        self.compare.clicked.connect(self.show_comparison)
        self.comparison: ModelComparison | None = None
        for button in (self.deploy, self.delete, self.card, self.lineage, self.compare):
            button.setEnabled(False)
        self.card.clicked.connect(self.save_card)
        self.deploy.clicked.connect(self._on_deploy)
        self.delete.clicked.connect(self.ask_to_delete)
        self._facts = QScrollArea()
        self._facts.setWidgetResizable(True)
        scroll_by_keys(self._facts, tr("Details of the version"))
        self._build()

    @property
    def current(self) -> dict[str, Any] | None:
        """The version that is chosen; of a model, its latest."""
        item = self.tree.currentItem()
        found = item.data(0, VERSION) if item is not None else None
        return found if isinstance(found, dict) else None

    def refresh(self) -> None:
        """Read the registry again."""
        self._serial += 1
        serial = self._serial
        if not self.tree.topLevelItemCount():
            self.pages.setCurrentIndex(0)

        def done(models: list[dict[str, Any]]) -> None:
            if serial == self._serial:
                self._show_models(models)

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                self._show_problem(error)

        self._background.run(self._backend.models, done, failed)

    def ask_to_delete(self) -> None:
        """Delete the chosen version, or the whole model, after a question."""
        item, version = self.tree.currentItem(), self.current
        if item is None or version is None:
            return
        name = str(version["name"])
        number = str(version["version"]) if item.parent() is not None else None
        what = (
            tr("version {number} of “{name}”").format(number=number, name=name)
            if number
            else tr("“{name}” with all its versions").format(name=name)
        )
        chosen = confirm(
            self,
            tr("Delete {what}?").format(what=what),
            tr("Endpoints deployed from it keep running. This can't be undone."),
            tr("Delete"),
        )
        if not chosen:
            return
        self.delete.setEnabled(False)

        def done(_: object) -> None:
            self.message.emit(tr("Deleted {what}.").format(what=what))
            self.refresh()

        def failed(error: BaseException) -> None:
            self.delete.setEnabled(True)
            self._show_error(error_text(error))

        self._background.run(lambda: self._backend.delete_model(name, number), done, failed)

    def show_comparison(self) -> None:
        """Show all versions of the chosen model side by side."""
        version = self.current
        if version is None:
            return
        name = str(version["name"])
        dialog = self.comparison = ModelComparison(name, self)

        def failed(error: BaseException) -> None:
            if self.comparison is dialog:
                dialog.show_problem(error_text(error))

        def done(versions: list[dict[str, Any]]) -> None:
            if self.comparison is dialog:
                dialog.show_versions(versions)

        def forget() -> None:
            if self.comparison is dialog:
                self.comparison = None

        dialog.finished.connect(forget)
        dialog.open()
        self._background.run(lambda: self._backend.compare_versions(name), done, failed)

    def save_card(self) -> None:
        """Ask for a file, and write the model card of the chosen version to it."""
        version = self.current
        if version is None:
            return
        name, number = str(version["name"]), str(version["version"])
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save model card"), f"{name} {number}.md", tr("Markdown (*.md)")
        )
        if not chosen:
            return
        path = Path(chosen)
        self.card.setEnabled(False)

        def done(card: str) -> None:
            self.card.setEnabled(True)
            try:
                path.write_text(card, "utf-8")
            except OSError as error:
                self._show_error(
                    tr("“{name}” can't be written: {reason}.").format(
                        name=path.name, reason=error.strerror
                    )
                )
            else:
                self.message.emit(tr("Saved {name}.").format(name=path.name))

        def failed(error: BaseException) -> None:
            self.card.setEnabled(True)
            self._show_error(error_text(error))

        self._background.run(lambda: self._backend.model_card(name, number), done, failed)

    def _show_error(self, text: str) -> None:
        self.error.setText(text)
        self.error.show()

    def _build(self) -> None:
        bar = QWidget()
        head = BarLayout(bar, end=1)
        head.addWidget(self.title)
        head.addWidget(self.compare)
        head.addWidget(self.lineage)
        head.addWidget(self.card)
        head.addWidget(self.deploy)
        head.addWidget(self.delete)
        detail = QWidget()
        column = QVBoxLayout(detail)
        column.setContentsMargins(14, 10, 14, 10)
        column.addWidget(bar)
        column.addWidget(self.error)
        column.addWidget(self._facts, 1)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.tree)
        splitter.addWidget(detail)
        splitter.setSizes([460, 640])
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        splitter.setHandleWidth(1)
        self.waiting = MessageView(tr("Reading the registry…"), icon="clock")
        self.empty = MessageView(
            tr("No model is registered yet."),
            tr("Deploying a pipeline registers its model."),
            icon="model",
        )
        self.problem = QWidget()
        self._problem_column = QVBoxLayout(self.problem)
        self.pages = QStackedWidget()
        for page in (self.waiting, self.empty, splitter, self.problem):
            self.pages.addWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.pages)
        self.setFocusProxy(self.tree)

    def _show_models(self, models: list[dict[str, Any]]) -> None:
        before = self.current
        opened = {
            item.text(0)
            for item in map(self.tree.topLevelItem, range(self.tree.topLevelItemCount()))
            if item is not None and item.isExpanded()
        }
        self.tree.clear()
        self.error.hide()
        for model in models:
            latest = model.get("latest") or {}
            count = int(model.get("versions", 0))
            item = QTreeWidgetItem([str(model["name"]), learner(latest), moment(latest)])
            item.setIcon(0, theme.icon("model"))
            item.setData(0, VERSION, latest)
            item.setToolTip(
                0, ngettext("{count} version", "{count} versions", count).format(count=count)
            )
            item.addChild(QTreeWidgetItem([tr("Reading…")]))
            self.tree.addTopLevelItem(item)
            if item.text(0) in opened:
                item.setExpanded(True)
            if before is not None and before["name"] == model["name"]:
                self._choose(item)
        first = self.tree.topLevelItem(0)
        if first is not None and self.tree.currentItem() is None:
            self._choose(first)
        self.pages.setCurrentIndex(2 if models else 1)

    def _choose(self, item: QTreeWidgetItem) -> None:
        with showing(self.tree):
            self.tree.setCurrentItem(item)

    def _show_problem(self, error: BaseException) -> None:
        while self._problem_column.count():
            item = self._problem_column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        self._problem_column.addWidget(
            MessageView(tr("The registry can't be read."), error_text(error))
        )
        self.pages.setCurrentIndex(3)

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        name = item.text(0)
        serial = self._serial

        def done(model: dict[str, Any]) -> None:
            if serial != self._serial:
                return
            item.takeChildren()
            for version in model.get("versions", ()):
                aliases = ", ".join(version.get("aliases") or ())
                text = tr("Version {version}").format(version=version["version"]) + (
                    f" ({aliases})" if aliases else ""
                )
                child = QTreeWidgetItem([text, learner(version), moment(version)])
                child.setData(0, VERSION, version)
                item.addChild(child)

        def failed(error: BaseException) -> None:
            if serial == self._serial:
                item.takeChildren()
                item.addChild(QTreeWidgetItem([error_text(error)]))

        self._background.run(lambda: self._backend.model(name), done, failed)

    def _show_current(self) -> None:
        version = self.current
        self.error.hide()
        self.deploy.setEnabled(bool(version and version.get("run")))
        self.delete.setEnabled(version is not None)
        self.card.setEnabled(version is not None)
        self.lineage.setEnabled(version is not None)
        self.compare.setEnabled(version is not None)
        if version is None:
            self.title.setText("")
            self._facts.setWidget(QWidget())
            return
        self.title.setText(
            tr("{version}, version {previous}").format(
                version=version["name"], previous=version["version"]
            )
        )
        self._facts.setWidget(facts_page(version))

    def _on_lineage(self) -> None:
        version = self.current
        if version is not None:
            self.lineage_requested.emit(f"model:{version['name']}@{version['version']}")

    def _on_deploy(self) -> None:
        version = self.current
        if version is not None and version.get("run"):
            self.deploy_requested.emit(version)
