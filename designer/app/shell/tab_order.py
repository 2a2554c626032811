"""The tab order of the window: in reading order, whenever a part was created."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTabBar, QWidget

_BY_TAB = (Qt.FocusPolicy.StrongFocus, Qt.FocusPolicy.WheelFocus, Qt.FocusPolicy.TabFocus)
"""Policies with which Tab reaches a widget, the usual first: hundreds are asked."""


def focus_next(window: QWidget, areas: Sequence[QWidget], forward: bool) -> bool:
    """Move the focus to the next widget, or with ``forward`` false to the previous one.

    Qt uses the order in which widgets were created, so that a page created
    for a selection comes last.

    Parameters
    ----------
    areas : sequence of QWidget
        Parts of the window in their order; within each it is Qt's. What is in none of them
        comes at the end.

    Returns
    -------
    bool
        False if nothing accepts the focus.
    """
    stops = _stops(window, areas)
    if not stops:
        return False
    held = QApplication.focusWidget()
    step = 1 if forward else -1
    index = stops.index(held) + step if held in stops else (0 if forward else -1)
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    stops[index % len(stops)].setFocus(reason)
    return True


def focus_pane(window: QWidget, areas: Sequence[QWidget], forward: bool) -> None:
    """Move the focus to the next part of the window that accepts it, or to the previous one.

    It goes to the first widget that isn't a tab bar.

    Parameters
    ----------
    areas : sequence of QWidget
        As in :func:`focus_next`.
    """
    first: dict[int, QWidget] = {}
    for stop in _stops(window, areas):
        rank = _rank(areas, stop)
        if rank not in first or isinstance(first[rank], QTabBar):
            first[rank] = stop
    if not first:
        return
    held = QApplication.focusWidget()
    here = _rank(areas, held) if held is not None else -1
    ranks = sorted(first) if forward else sorted(first, reverse=True)
    after = (rank for rank in ranks if (rank > here if forward else rank < here))
    first[next(after, ranks[0])].setFocus(Qt.FocusReason.ShortcutFocusReason)


def _stops(window: QWidget, areas: Sequence[QWidget]) -> list[QWidget]:
    found = []
    top = window.window()
    widget = top.nextInFocusChain()
    while widget is not None and widget is not top:
        if _is_stop(window, widget):
            found.append(widget)
        widget = widget.nextInFocusChain()
    return sorted(found, key=lambda each: _rank(areas, each))


def _is_stop(window: QWidget, widget: QWidget) -> bool:
    return (
        widget.focusPolicy() in _BY_TAB
        and widget.focusProxy() is None
        and widget.window() is window.window()
        and widget.isVisible()
        and widget.isEnabled()
    )


def _rank(areas: Sequence[QWidget], widget: QWidget) -> int:
    for index, area in enumerate(areas):
        if area is widget or area.isAncestorOf(widget):
            return index
    return len(areas)
