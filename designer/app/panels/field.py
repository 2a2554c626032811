"""One parameter in the Properties panel: label, editor, message, and menu."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from designer.app.panels.editor import Context, Editor
from designer.app.panels.editors import make_editor
from designer.app.panels.help_text import default_text
from designer.app.panels.search_editor import NUMERIC, SearchEditor, first_list, first_range
from designer.app.panels.value_editors import BooleanEditor
from designer.app.shell import theme
from designer.app.widgets.plain_help import plain_help
from designer.pipeline.parameters import UNSET, Unset, bound_parameter, same_json
from designer.texts import tr
from modules.contract import Parameter
from modules.contract.parameter import SEARCHED_KINDS, is_search, possible_values

BINDABLE = ("boolean", "integer", "number", "text", "choice", "choices", "path")
"""Kinds of parameters for which a pipeline parameter can be made."""

_WITHOUT_ARROW = "QToolButton { padding: 2px; } QToolButton::menu-indicator { image: none; }"

_BY_KEY = QContextMenuEvent.Reason.Keyboard


class Field(QWidget):
    """A parameter of a node, to see and to change.

    Parameters
    ----------
    tunable : bool
        It is of a learner: it may have several values, which tuning tries.

    Signals
    -------
    edited : str, object
        The parameter's name and its new value in plain JSON; ``UNSET`` for the default.
    bind_requested : str, object
        The parameter's name and that of a pipeline parameter; None for a new one.
    unbind_requested : str
        The parameter's name.
    """

    edited = Signal(str, object)
    bind_requested = Signal(str, object)
    unbind_requested = Signal(str)
    left = Signal()

    def __init__(self, parameter: Parameter, context: Context, *, tunable: bool = False) -> None:
        super().__init__()
        self.parameter = parameter
        self._context = context
        self.search: SearchEditor | None = None
        self._value: Any | Unset = UNSET
        self._bindable: tuple[str, ...] = ()
        self.label = QLabel(parameter.title, self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.editor = make_editor(parameter, context)
        self.editor.edited.connect(self._on_edited)
        self.editor.finished.connect(self.left)
        target = self.editor.focusProxy() or self.editor
        target.setAccessibleDescription(plain_help(parameter.help))
        self.label.setBuddy(target)
        self.reset = _small("undo", tr("Reset to default"), parameter.title)
        self.reset.clicked.connect(lambda: self.edited.emit(parameter.name, UNSET))
        _keep_space(self.reset)
        self.vary = _small("values", tr("Value, list, or range of values to try"), parameter.title)
        self.vary.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.vary.setStyleSheet(_WITHOUT_ARROW)
        self._forms = QMenu(self.vary)
        self._forms.aboutToShow.connect(lambda: self._fill_forms(self._forms))
        self.vary.setMenu(self._forms)
        self._tunable = tunable and parameter.kind in SEARCHED_KINDS
        self.help = _small("info", tr("Help for this parameter (F1)"), parameter.title)
        self.help.setCheckable(True)
        self.help.toggled.connect(self._show_help)
        if not parameter.help:
            self.help.hide()
        self.more = _small("more", tr("More (Menu key)"), parameter.title)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setStyleSheet(_WITHOUT_ARROW)
        self._menu = QMenu(self.more)
        self._menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self._menu)
        self.bound = QLabel()
        self.bound.setTextFormat(Qt.TextFormat.PlainText)
        self.bound.setWordWrap(True)
        self.bound.setProperty("role", "muted")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setProperty("role", "error")
        self.explanation = QLabel(plain_help(parameter.help))
        self.explanation.setWordWrap(True)
        self.explanation.setTextFormat(Qt.TextFormat.PlainText)
        self.explanation.setProperty("role", "muted")
        for hidden in (self.bound, self.message, self.explanation):
            hidden.hide()

        head = QHBoxLayout()
        head.setSpacing(0)
        # A check box is its own label.
        switch = isinstance(self.editor, BooleanEditor)
        if switch:
            self.label.hide()
        head.addWidget(self.editor if switch else self.label, 1)
        for button in (self.reset, self.vary, self.help, self.more):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(self.explanation)
        if not switch:
            layout.addWidget(self.editor)
        layout.addWidget(self.bound)
        layout.addWidget(self.message)
        # Shown without a parent, it would be a window for a moment and take the focus.
        self.vary.setVisible(self._tunable)
        self._body = layout
        self._watch_all(self.editor)
        self.editor.added.connect(self._watch_all)

    @property
    def value(self) -> Any:
        """The value shown, the default where none is stored."""
        return self.parameter.default if self._value is UNSET else self._value

    def set_value(self, value: Any | Unset, bindable: Iterable[str] = ()) -> None:
        """Show a stored value.

        Parameters
        ----------
        value : object
            Plain JSON; ``UNSET`` for the default.
        bindable : iterable of str
            Names of pipeline parameters that can be bound.
        """
        self._value = value
        self._bindable = tuple(bindable)
        name = None if value is UNSET else bound_parameter(value)
        searched = self._tunable and is_search(value)
        self.editor.setVisible(name is None and not searched)
        self.vary.setIcon(theme.icon("values", "accent" if searched else "text_muted"))
        if searched:
            self._search_editor().set_value(value)
        if self.search is not None:
            self.search.setVisible(searched)
        if isinstance(self.editor, BooleanEditor):
            self.bound.setContentsMargins(0, 0, 0, 0)
        self.bound.setVisible(name is not None)
        if name is not None:
            start = f"{self.parameter.title}: " if isinstance(self.editor, BooleanEditor) else ""
            self.bound.setText(
                tr("{start}set by the pipeline parameter “{name}”").format(start=start, name=name)
            )
        elif not searched:
            self.editor.set_value(self.value)
        changed = value is not UNSET and not self.parameter.required
        self.reset.setVisible(changed)
        switch = isinstance(self.editor, BooleanEditor)
        self.label.setVisible(searched or not switch)
        label = self.label
        if isinstance(self.editor, BooleanEditor) and not searched:
            label = self.editor.caption
        font = label.font()
        font.setBold(changed)
        label.setFont(font)
        if changed:
            self.reset.setToolTip(
                tr("Reset to default: {default_text}").format(
                    default_text=default_text(self.parameter)
                )
            )

    def set_message(self, text: str, severity: str = "error") -> None:
        """Show what is wrong with the value; empty removes the message."""
        self.message.setText(text)
        self.message.setVisible(bool(text))
        if self.message.property("role") != severity:
            self.message.setProperty("role", severity)
            self.message.style().unpolish(self.message)
            self.message.style().polish(self.message)
        self._shown_editor().mark(bool(text) and severity == "error")

    def focus_editor(self) -> None:
        """Put the cursor into the editor."""
        editor = self._shown_editor()
        (editor.focusProxy() or editor).setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Open help and menu with a key; leaving the field ends its undo step.

        The buttons for these aren't in the tab order: there are up to three in each field.
        """
        if isinstance(event, QKeyEvent) and (act := self._act_of(event)) is not None:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                act()
                return True
        if isinstance(event, QContextMenuEvent) and event.reason() == _BY_KEY:
            # The key has opened the menu of the field already.
            return True
        # A dialog over the window, the larger one for a script for example, comes back here.
        if event.type() == QEvent.Type.FocusOut and QApplication.activeModalWidget() is None:
            self.left.emit()
        return super().eventFilter(watched, event)

    def _act_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if key == Qt.Key.Key_F1:
            return self.help.toggle
        if key == Qt.Key.Key_Menu or (key == Qt.Key.Key_F10 and shift):
            return self._open_menu
        return None

    def _open_menu(self) -> None:
        self._menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _shown_editor(self) -> Editor:
        searched = self.search is not None and is_search(self._value)
        return self.search if searched and self.search is not None else self.editor

    def _search_editor(self) -> SearchEditor:
        """Return the editor of values to try; most fields never need it."""
        if self.search is None:
            self.search = SearchEditor(self.parameter, self._context)
            self.search.edited.connect(lambda value: self.edited.emit(self.parameter.name, value))
            self.search.finished.connect(self.left)
            self._body.insertWidget(self._body.indexOf(self.bound), self.search)
            self._watch_all(self.search)
        return self.search

    def _fill_forms(self, menu: QMenu) -> None:
        """Offer one value, a list, and for numbers a range."""
        menu.clear()
        value = self.value
        current = next(iter(value)) if is_search(value) else ""
        forms = [(tr("One value"), ""), (tr("List of values to try"), "$values")]
        if self.parameter.kind in NUMERIC:
            forms.append((tr("Range of values to try"), "$range"))
        for text, form in forms:
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(form == current)
            action.triggered.connect(lambda _=False, form=form: self._turn_into(form))

    def _turn_into(self, form: str) -> None:
        value = self.parameter.default if bound_parameter(self.value) else self.value
        if is_search(value) == bool(form) and (not form or form in value):
            return
        self.left.emit()
        if form:
            make = first_list if form == "$values" else first_range
            self.edited.emit(self.parameter.name, make(self.parameter, value))
        else:
            self._on_edited(next(iter(possible_values(value)), self.parameter.default))
        self.left.emit()
        self.focus_editor()

    def _watch_all(self, widget: QWidget) -> None:
        for each in (widget, *widget.findChildren(QWidget)):
            self._watch(each)

    def _watch(self, widget: QWidget) -> None:
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
            widget.installEventFilter(self)

    def _on_edited(self, value: Any) -> None:
        default = self.parameter.default
        same = not self.parameter.required and _means_the_same(value, default)
        self.edited.emit(self.parameter.name, UNSET if same else value)

    def _show_help(self, shown: bool) -> None:
        self.explanation.setVisible(shown and bool(self.parameter.help))

    def _fill_menu(self) -> None:
        self._menu.clear()
        bound = None if self._value is UNSET else bound_parameter(self._value)
        reset = self._menu.addAction(tr("Reset to default"))
        reset.setEnabled(self._value is not UNSET and not self.parameter.required)
        reset.triggered.connect(lambda: self.edited.emit(self.parameter.name, UNSET))
        if self.parameter.optional and self.parameter.default is not None:
            clear = self._menu.addAction(tr("Not set"))
            clear.triggered.connect(lambda: self.edited.emit(self.parameter.name, None))
        if self._tunable:
            self._menu.addSeparator()
            forms = self._menu.addMenu(tr("Values to try"))
            self._fill_forms(forms)
        self._menu.addSeparator()
        for name in self._bindable:
            action = self._menu.addAction(tr("Set by “{name}”").format(name=name))
            action.setCheckable(True)
            action.setChecked(name == bound)
            action.triggered.connect(
                lambda _=False, name=name: self.bind_requested.emit(self.parameter.name, name)
            )
        if self.parameter.kind in BINDABLE:
            new = self._menu.addAction(tr("New pipeline parameter…"))
            new.triggered.connect(lambda: self.bind_requested.emit(self.parameter.name, None))
        if bound is not None:
            unbind = self._menu.addAction(tr("Unbind from pipeline parameter"))
            unbind.triggered.connect(lambda: self.unbind_requested.emit(self.parameter.name))


def _small(icon: str, tip: str, title: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon(icon, "text_muted"))
    button.setToolTip(tip)
    button.setAccessibleName(f"{tip.partition(' (')[0]}: {title}")
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setProperty("small", True)
    return button


def _keep_space(widget: QWidget) -> None:
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _means_the_same(value: Any, default: Any) -> bool:
    if isinstance(value, (int, float)) and isinstance(default, (int, float)):
        return isinstance(value, bool) == isinstance(default, bool) and value == default
    return same_json(value, default)
