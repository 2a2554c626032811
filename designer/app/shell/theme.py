"""Colors, style sheet and icons of the window, light and dark.

>>> theme.apply(application, "system")
>>> button.setIcon(theme.icon("run"))

Icons follow the theme by themselves. Whoever paints with its own colors reads
:func:`current` while painting and repaints on ``notifier().changed``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtCore import QByteArray, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from designer.paths import resources
from modules.contract.module_spec import Category
from modules.contract.port_type import find_port_type


@dataclass(frozen=True)
class Theme:
    """A set of colors, each written ``#rrggbb``.

    Parameters
    ----------
    name : str
        ``light`` or ``dark``.
    window, surface, raised : str
        Backgrounds: of the window, of lists and inputs, of menus and hovered buttons.
    text, text_muted : str
        Both readable (contrast of at least 4.5) on every background and on ``node``.
    accent, on_accent : str
        The color of what is chosen or primary, and of text on it.
    error, warning, success, running : str
        Readable as text on every background.
    canvas, grid, node, node_border, selection, link : str
        Of the canvas.
    series : sequence of str
        Colors of further series in charts, besides ``accent``.
    """

    name: str
    window: str
    surface: str
    raised: str
    border: str
    text: str
    text_muted: str
    accent: str
    on_accent: str
    error: str
    warning: str
    success: str
    running: str
    canvas: str
    grid: str
    node: str
    node_border: str
    selection: str
    link: str
    hover: str
    chosen: str
    series: Sequence[str] = field(default=(), repr=False, hash=False)

    def pick(self, colors: tuple[str, str]) -> str:
        """Return that of a light and a dark background's colors which fits this theme."""
        return colors[self.name == "dark"]

    def type_color(self, type_name: str) -> str:
        """Return the color of a port type; of the first one for a union."""
        found = find_port_type(type_name.split(" | ")[0])
        return self.text_muted if found is None else self.pick(found.colors)


def current() -> Theme:
    """Return the theme that is shown now."""
    return _state.theme


def apply(app: QApplication, mode: str = "system") -> None:
    """Apply a theme to the application.

    Parameters
    ----------
    mode : str
        ``system`` (follows the desktop, also later), ``light`` or ``dark``.

    Raises
    ------
    ValueError
        If the mode is none of these.
    """
    if mode not in _SCHEMES:
        raise ValueError(f"“{mode}” isn't a theme.")
    hints = app.styleHints()
    if not _state.listening:
        hints.colorSchemeChanged.connect(_follow_system)
        _state.listening = True
    _state.mode = mode
    hints.setColorScheme(_SCHEMES[mode])
    name = mode
    if mode == "system":
        name = "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"
    # Under a style sheet the style has no name; set again, it would restyle every widget twice.
    if not app.styleSheet() and app.style().objectName() != "fusion":
        app.setStyle("Fusion")
    _show(app, _theme(name))


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
    """Return the object whose ``changed`` signal is emitted when the theme changes."""
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
    """Signals when the theme changes."""

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
        return self._draw(min(size.width(), size.height()), 1.0, mode)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        return self._draw(min(size.width(), size.height()), scale, mode)

    def clone(self) -> QIconEngine:
        engine = _TintedIcon(self._name, self._color)
        # The icon owns it, but PySide doesn't know that: Python would free it too.
        _state.clones.append(engine)
        return engine

    def _draw(self, edge: float, ratio: float, mode: QIcon.Mode) -> QPixmap:
        if mode != QIcon.Mode.Disabled:
            return pixmap(self._name, edge, self._color, ratio)
        colors = current()
        # A disabled button has no accent behind it: its icon fades like its text.
        color = "text" if self._color == "on_accent" else self._color
        faded = _mixed(getattr(colors, color, color), colors.window, 0.6)
        return pixmap(self._name, edge, faded, ratio)


class _State:
    """What is shown now; one for the process, as there is one application."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        self.mode = "system"
        self.listening = False
        self.notifier: Notifier | None = None
        self.clones: list[QIconEngine] = []


def _follow_system(scheme: Qt.ColorScheme) -> None:
    app = QApplication.instance()
    if _state.mode == "system" and isinstance(app, QApplication):
        _show(app, _theme("dark" if scheme == Qt.ColorScheme.Dark else "light"))


def _show(app: QApplication, theme: Theme) -> None:
    changes = theme is not _state.theme
    _state.theme = theme
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))
    if changes:
        notifier().changed.emit()


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    colors = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.window,
        role.Text: theme.text,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.PlaceholderText: theme.text_muted,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Accent: theme.accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Light: _mixed(theme.raised, "#ffffff", 0.2),
        role.Midlight: _mixed(theme.raised, theme.border, 0.3),
        role.Mid: theme.border,
        role.Dark: _mixed(theme.border, "#000000", 0.2),
        role.Shadow: _mixed(theme.border, "#000000", 0.5),
    }
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    faded = QColor(_mixed(theme.text, theme.window, 0.55))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, faded)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.border))
    return palette


@cache
def _theme(name: str) -> Theme:
    text = (resources() / "themes" / f"{name}.json").read_text(encoding="utf-8")
    return Theme(**json.loads(text))


@cache
def _style_sheet(theme: Theme) -> str:
    folder = resources() / "themes"
    try:
        text = (folder / "style.qss").read_text(encoding="utf-8")
    except OSError:
        return ""
    colors = {item.name: getattr(theme, item.name) for item in fields(theme)}
    colors["faded"] = _mixed(theme.text, theme.window, 0.55)
    colors["scroll"] = _mixed(theme.text_muted, theme.window, 0.5)
    colors["images"] = (folder / theme.name).as_posix()
    return Template(text).safe_substitute(colors)


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


def _mixed(first: str, second: str, share: float) -> str:
    """Return the first color with a share of the second one."""
    pairs = zip(QColor(first).getRgb()[:3], QColor(second).getRgb()[:3], strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in pairs)).name()


_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}

_state = _State(_theme("light"))
