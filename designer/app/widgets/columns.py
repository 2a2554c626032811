"""Columns of lists, in the size of their text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHeaderView

from designer.app.widgets.text_scale import scaled, text_pixels


def fit_columns(header: QHeaderView, widths: Sequence[int] = ()) -> None:
    """Give the columns of a list widths, and let titles that don't fit end in an ellipsis.

    Parameters
    ----------
    widths : sequence of int
        Of the first columns, in pixels of the usual text; each is at least as wide as its title.
        They follow the size of text. The user can change them.
    """
    header.setTextElideMode(Qt.TextElideMode.ElideRight)
    _Columns(header, widths)


class _Columns(QObject):
    def __init__(self, header: QHeaderView, widths: Sequence[int]) -> None:
        super().__init__(header)
        self._widths = widths
        self._pixels = 0.0
        header.installEventFilter(self)
        self._fit(header)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of text; titles have their own font once the header is shown."""
        if event.type() in (QEvent.Type.Show, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            assert isinstance(watched, QHeaderView)
            shown = text_pixels() if watched.isVisible() else 0.0
            if self._pixels != shown:
                self._pixels = shown
                self._fit(watched)
        return False

    def _fit(self, header: QHeaderView) -> None:
        for column, width in enumerate(self._widths[: header.count()]):
            header.resizeSection(column, max(scaled(width), header.sectionSizeHint(column)))
