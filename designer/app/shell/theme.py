"""Colors, style sheet and icons of the window: light, dark, and with high contrast.

>>> theme.apply(application, "system")
>>> button.setIcon(theme.icon("run"))

Icons follow theme and text size by themselves. Whoever paints with its own colors reads
:func:`current` while painting and repaints on ``notifier().changed``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import get_args

import shiboken6
from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QScrollBar

from designer.app.shell.theme_colors import (
    Theme,
    mixed,
    palette_of,
    stored_theme,
    style_sheet_of,
    system_theme,
)
from designer.app.widgets.direction import keep_endings
from designer.app.widgets.text_scale import text_pixels, text_scale
from designer.paths import resources
from designer.stored_settings import UserSettings
from modules.contract.module_spec import Category

MODES = tuple(get_args(UserSettings.model_fields["theme"].annotation))
"""What :func:`apply` takes."""


def current() -> Theme:
    """Return the theme that is shown now."""
    return _state.theme


def apply(app: QApplication, mode: str = "system") -> None:
    """Apply a theme to the application.

    Parameters
    ----------
    mode : str
        One of :data:`MODES`. ``system`` follows the desktop, also later: light or dark, and
        high contrast where the desktop asks for it.

    Raises
    ------
    ValueError
        If the mode is none of these.
    """
    if mode not in MODES:
        raise ValueError(f"“{mode}” isn't a theme.")
    hints = app.styleHints()
    if not _state.listening:
        hints.colorSchemeChanged.connect(_follow_system)
        hints.accessibility().contrastPreferenceChanged.connect(_follow_system)
        app.layoutDirectionChanged.connect(_mirror)
        _state.listening = True
        keep_endings(app, QGuiApplication.isRightToLeft())
    _state.mode = mode
    scheme = Qt.ColorScheme.Unknown
    if mode != "system":
        scheme = Qt.ColorScheme.Dark if mode.endswith("dark") else Qt.ColorScheme.Light
    hints.setColorScheme(scheme)
    # Under a style sheet the style has no name; set again, it would restyle every widget twice.
    if not app.styleSheet() and app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    _show(app, _theme(app))


@contextmanager
def styled_at_once() -> Iterator[None]:
    """Give the widgets that are made within the style sheet together, at the end.

    Otherwise Qt applies it again to a widget and all that is in it with each parent that it
    gets, which takes half of the time in which a window is made. While other windows are
    shown, it is applied as usual: they would lose it for a moment.
    """
    app = QApplication.instance()
    sheet = app.styleSheet() if isinstance(app, QApplication) else ""
    if not isinstance(app, QApplication) or any(each.isVisible() for each in app.topLevelWidgets()):
        yield
        return
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def notifier() -> Notifier:
    """Return the object whose ``changed`` signal is emitted when the theme changes.

    It is emitted for another text size or direction too, once widgets have it.
    """
    if _state.notifier is None:
        _state.notifier = Notifier()
    return _state.notifier


def icon(name: str, color: str | None = None) -> QIcon:
    """Return an icon in a color.

    Parameters
    ----------
    name : str
        Of a file in ``resources/icons``, without extension, or the path of an SVG file. An
        unknown name returns an empty icon.
    color : str, optional
        A color ``#rrggbb`` or the name of a color of the theme (``accent``).
        Without it, the color of text; that and a name follow the theme.
    """
    if not _drawing(name):
        return QIcon()
    return QIcon(_TintedIcon(name, color or "text"))


def pixmap(name: str, size: float, color: str, ratio: float = 1.0) -> QPixmap:
    """Return an icon as a pixmap, from a cache.

    Parameters
    ----------
    size : float
        Edge in device-independent pixels.
    color : str
        As for :func:`icon`.
    ratio : float
        Device pixels for each of these.
    """
    tint = getattr(current(), color, color)
    edge = max(1, round(size * ratio))
    key = f"modeldesk/{name}/{tint}/{edge}/{ratio}"
    found = QPixmap()
    if QPixmapCache.find(key, found):
        return found
    image = QPixmap(edge, edge)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    _renderer(name, tint).render(painter, QRectF(0, 0, edge, edge))
    painter.end()
    image.setDevicePixelRatio(ratio)
    QPixmapCache.insert(key, image)
    return image


def category_icon(category: Category) -> str:
    """Return the name of the icon of a category; that of a module if it has none."""
    return category.icon if category.icon and _drawing(category.icon) else "module"


class Notifier(QObject):
    """Signals when the theme, the size of text, or its direction changes."""

    changed = Signal()


class _TintedIcon(QIconEngine):
    """Draws an SVG in a color of the theme at any size and resolution."""

    def __init__(self, name: str, color: str) -> None:
        super().__init__()
        self._name = name
        self._color = color

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF() if painter.device() else 1.0
        edge = min(rect.width(), rect.height())
        target = QRect(0, 0, edge, edge)
        target.moveCenter(rect.center())
        painter.drawPixmap(target, self._draw(edge, ratio, mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self._fitted(size, 1.0, mode)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        return self._fitted(size, scale, mode)

    def clone(self) -> QIconEngine:
        engine = _TintedIcon(self._name, self._color)
        # The icon owns it, but PySide doesn't know that: Python would free it too.
        _state.clones = [each for each in _state.clones if _is_used(each)] + [engine]
        return engine

    def _fitted(self, size: QSize, ratio: float, mode: QIcon.Mode) -> QPixmap:
        """Return the icon at the start of a wide size, which leaves room beside it."""
        edge = min(size.width(), size.height())
        drawn = self._draw(edge, ratio, mode)
        if size.width() <= edge:
            return drawn
        whole = QPixmap(round(size.width() * ratio), drawn.height())
        whole.setDevicePixelRatio(ratio)
        whole.fill(Qt.GlobalColor.transparent)
        painter = QPainter(whole)
        start = size.width() - edge if QGuiApplication.isRightToLeft() else 0
        painter.drawPixmap(start, 0, drawn)
        painter.end()
        return whole

    def _draw(self, edge: float, ratio: float, mode: QIcon.Mode) -> QPixmap:
        if mode != QIcon.Mode.Disabled:
            # A primary button swaps its colors when it has the focus.
            swapped = mode == QIcon.Mode.Active and self._color == "on_accent"
            return pixmap(self._name, edge, "accent" if swapped else self._color, ratio)
        colors = current()
        # A disabled button has no accent behind it: its icon fades like its text.
        color = "text" if self._color == "on_accent" else self._color
        faded = mixed(getattr(colors, color, color), colors.window, 0.6)
        return pixmap(self._name, edge, faded, ratio)


class _State:
    """What is shown now; one for the process, as there is one application."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.mode = "system"
        self.listening = False
        self.notifier: Notifier | None = None
        self.clones: list[QIconEngine] = []


def _is_used(engine: QIconEngine) -> bool:
    return bool(shiboken6.isValid(engine))  # type: ignore[no-untyped-call]


def _follow_system() -> None:
    app = QApplication.instance()
    if _state.mode == "system" and isinstance(app, QApplication):
        _show(app, _theme(app))


def _mirror() -> None:
    app = QApplication.instance()
    if isinstance(app, QApplication):
        keep_endings(app, QGuiApplication.isRightToLeft())
        _show(app, _state.theme)


def _theme(app: QApplication) -> Theme:
    if _state.mode != "system":
        return stored_theme(_state.mode)
    hints = app.styleHints()
    high = hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast
    if high and sys.platform == "win32":
        # As long as no palette is set, the application has the system's.
        app.setPalette(QPalette())
        return system_theme(app.palette())
    name = "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"
    return stored_theme(f"contrast-{name}" if high else name)


def _show(app: QApplication, theme: Theme) -> None:
    sheet = style_sheet_of(theme, text_scale(), text_pixels(), QGuiApplication.isRightToLeft())
    restyles = sheet != app.styleSheet()
    changes = theme != _state.theme or restyles
    _state.theme = theme
    # Without a style sheet rows are lower, so what is scrolled to its end would move up.
    bars = [bar for bar in app.allWidgets() if isinstance(bar, QScrollBar)] if restyles else []
    scrolled = [(bar, bar.value()) for bar in bars]
    if restyles:
        # To replace it, Qt would style each widget once for each widget around it.
        app.setStyleSheet("")
    app.setPalette(palette_of(theme))
    if restyles:
        app.setStyleSheet(sheet)
    for bar, value in scrolled:
        bar.setValue(value)
    if changes:
        notifier().changed.emit()


@cache
def _drawing(name: str) -> bytes:
    file = Path(name) if name.endswith(".svg") else resources() / "icons" / f"{name}.svg"
    try:
        return file.read_bytes()
    except OSError:
        return b""


@cache
def _renderer(name: str, color: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace(b"currentColor", color.encode())))


_state = _State(stored_theme("light"))
