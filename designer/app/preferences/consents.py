"""What the user has agreed to, by file, to look at and to withdraw."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from designer.app.dialogs.question import Answer, ask
from designer.app.document.access_words import listed, visible
from designer.app.widgets.columns import fit_columns
from designer.app.widgets.direction import keep_directions
from designer.app.widgets.fields.nested_rows import NestedTree
from designer.texts import N_, ngettext, tr
from designer.trust import Agreement

HEIGHT = 220
"""Pixels of the list, at least."""

_KINDS = {"code": N_("Runs code"), "read": N_("Reads"), "write": N_("Writes to")}


class Consents(QWidget):
    """A list of files with what was allowed for each.

    Parameters
    ----------
    given : callable
        Returns all agreements.
    withdraw : callable
        Forgets some.
    """

    def __init__(
        self,
        given: Callable[[], Sequence[Agreement]],
        withdraw: Callable[[Collection[Agreement]], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._given = given
        self._on_withdraw = withdraw
        note = QLabel(
            tr(
                "You have allowed these pipelines and packages to run code, and to read and "
                "write outside of their folders. What you withdraw is asked again."
            )
        )
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        self.list = NestedTree()
        keep_directions(self.list)
        self.list.setAccessibleName(tr("Consent given"))
        self.list.setHeaderLabels([tr("File and access"), tr("Given")])
        self.list.setMinimumHeight(HEIGHT)
        self.list.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = self.list.header()
        fit_columns(header)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemSelectionChanged.connect(self._enable)
        self.withdraw = QPushButton(tr("Withdraw"))
        self.withdraw.clicked.connect(self._withdraw_selected)
        self.withdraw_all = QPushButton(tr("Withdraw all…"))
        self.withdraw_all.clicked.connect(self._ask_for_all)
        self.message = QLabel()
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.withdraw)
        buttons.addWidget(self.withdraw_all)
        buttons.addWidget(self.message, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(note)
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        self.words = " ".join((note.text(), tr("Consent given"), "consent", "trust")).casefold()
        self.refresh()

    def refresh(self) -> None:
        """Show what is stored."""
        self.list.clear()
        by_source: dict[str, list[Agreement]] = {}
        for each in self._given():
            by_source.setdefault(each.source, []).append(each)
        for source, agreements in by_source.items():
            parent = QTreeWidgetItem([_source_title(source), _moment(agreements[0].given_at)])
            parent.setToolTip(0, source)
            self.list.addTopLevelItem(parent)
            for each in agreements:
                child = QTreeWidgetItem([_what(each), _moment(each.given_at)])
                child.setToolTip(0, visible(child.text(0)))
                child.setData(0, Qt.ItemDataRole.UserRole, each)
                parent.addChild(child)
        self.list.expandAll()
        self._say("" if by_source else tr("You haven't agreed to anything yet."))
        self._enable()

    def _enable(self) -> None:
        self.withdraw.setEnabled(bool(self.list.selectedItems()))
        self.withdraw_all.setEnabled(self.list.topLevelItemCount() > 0)

    def _withdraw_selected(self) -> None:
        chosen = {}
        for item in self.list.selectedItems():
            below = [item.child(index) for index in range(item.childCount())]
            for each in below or [item]:
                agreement = each.data(0, Qt.ItemDataRole.UserRole)
                chosen[agreement.name] = agreement
        self._forget(list(chosen.values()))

    def _ask_for_all(self) -> None:
        answer = ask(
            self,
            tr("Withdraw consent"),
            tr("Withdraw all consent?"),
            {Answer.Yes: tr("Withdraw")},
            explanation=tr(
                "Scheduled pipelines that run code, or read and write outside of their folder, "
                "stop until you allow them again."
            ),
            warning=True,
        )
        if answer == Answer.Yes:
            self._forget(self._given())

    def _forget(self, agreements: Sequence[Agreement]) -> None:
        try:
            self._on_withdraw(agreements)
        except OSError as error:
            self.refresh()
            self._say(
                tr("Consent can't be withdrawn: {reason}.").format(reason=error.strerror), "error"
            )
            return
        self.refresh()
        number = len(agreements)
        self._say(
            ngettext("{number} entry withdrawn.", "{number} entries withdrawn.", number).format(
                number=number
            )
        )

    def _say(self, text: str, role: str = "muted") -> None:
        self.message.setProperty("role", role)
        self.message.style().polish(self.message)
        self.message.setText(text)


def _source_title(source: str) -> str:
    return visible(Path(source).name) if source else tr("Pipelines that weren't saved")


def _what(agreement: Agreement) -> str:
    """Return what was agreed to, in words."""
    targets = listed([visible(each) for each in agreement.targets])
    verb = tr(_KINDS.get(agreement.kind, "")) or visible(agreement.kind) or tr("Access")
    text = f"{verb}: {targets}" if targets else verb
    if agreement.purpose.endswith("not now"):
        return tr("{access} (not allowed, not asked again)").format(access=text)
    return text


def _moment(seconds: float) -> str:
    """Return a time as every other list shows it."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
