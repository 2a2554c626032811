"""Colors, pens, and fonts of the canvas, made once for each theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainterPath, QPen
from PySide6.QtWidgets import QApplication

from designer.app.canvas.items.geometry import HEIGHT, WIDTH
from designer.app.shell import theme
from designer.app.shell.theme_colors import Theme

CARD = QRectF(0, 0, WIDTH, HEIGHT)
EDGE = CARD.adjusted(0.5, 0.5, -0.5, -0.5)
"""The middle of a line on the edge of a card, which fills whole pixels at its actual size."""

CORNER = 8.0

NOTE_COLORS = ("yellow", "blue", "green", "pink", "grey")


class Palette:
    """Colors, pens, and fonts of the items."""

    def __init__(self, colors: Theme) -> None:
        self.theme = colors
        self.dark = colors.dark
        for name in (
            *("canvas", "grid", "node", "node_border", "selection", "link", "text"),
            *("text_muted", "accent", "on_accent", "error", "warning", "success", "running"),
            *("surface", "raised", "border"),
        ):
            setattr(self, name, QColor(getattr(colors, name)))
        self.shadow_pen = QPen(QColor(0, 0, 0, 80 if self.dark else 28), 2.0)
        self.border_pen = QPen(self.node_border, 1.0)
        # Never thinner than a pixel, which would be paler than its color.
        self.small_border_pen = QPen(self.node_border, 1.0)
        self.small_border_pen.setCosmetic(True)
        self.disabled_pen = QPen(self.node_border, 1.2, Qt.PenStyle.DashLine)
        self.hover_pen = QPen(self.text_muted, 1.2)
        self.selection_pen = QPen(self.selection, 2.0)
        self.error_pen = QPen(self.error, 1.6)
        self.running_pen = QPen(self.running, 1.6)
        self.unknown_pen = QPen(self.text_muted, 1.4, Qt.PenStyle.DashLine)
        self.title_font = font(13.0, QFont.Weight.DemiBold)
        self.narrow_font = font(12.0, QFont.Weight.DemiBold)
        self.small_font = font(11.0)
        self.tiny_font = font(10.5)
        self.badge_font = font(11.0, QFont.Weight.Bold)
        self.frame_font = font(14.0, QFont.Weight.DemiBold)
        self.far_font = font(24.0, QFont.Weight.DemiBold)
        self.title_metrics = QFontMetricsF(self.title_font)
        self.narrow_metrics = QFontMetricsF(self.narrow_font)
        self.small_metrics = QFontMetricsF(self.small_font)
        self.frame_metrics = QFontMetricsF(self.frame_font)
        self.tiny_metrics = QFontMetricsF(self.tiny_font)
        self.far_metrics = QFontMetricsF(self.far_font)
        # For long titles, which fit in a smaller font.
        fonts = [font(size, QFont.Weight.DemiBold) for size in (20.0, 19.0, 17.0, 15.0, 13.0)]
        self.far_narrow = [(made, QFontMetricsF(made)) for made in fonts]
        self._colors: dict[tuple[str, int], QColor] = {}

    node: QColor
    canvas: QColor
    grid: QColor
    node_border: QColor
    selection: QColor
    link: QColor
    text: QColor
    text_muted: QColor
    accent: QColor
    on_accent: QColor
    error: QColor
    warning: QColor
    success: QColor
    running: QColor
    surface: QColor
    raised: QColor
    border: QColor

    def color(self, value: str, alpha: int = 255) -> QColor:
        """Return a color from its name, from a cache."""
        key = (value, alpha)
        if key not in self._colors:
            color = QColor(value)
            color.setAlpha(alpha)
            self._colors[key] = color
        return self._colors[key]

    def note(self, name: str) -> tuple[QColor, QColor]:
        """Return background and edge of a note or group; unknown colors are gray."""
        tints = {
            "yellow": ("#fff4c2", "#e3cf7c", "#3d3718", "#6b6027"),
            "blue": ("#dfecfd", "#a9c5ea", "#1d2d45", "#34527d"),
            "green": ("#def3e2", "#a5d3af", "#1c3524", "#33603f"),
            "pink": ("#fbe3ec", "#e5b1c5", "#40222f", "#713b52"),
        }
        ground, edge, dark_ground, dark_edge = tints.get(
            name, ("#e6e9ef", "#b4bcc8", "#2a2f37", "#454d59")
        )
        pair = (dark_ground, dark_edge) if self.dark else (ground, edge)
        return self.color(pair[0]), self.color(pair[1])


def current_palette() -> Palette:
    """Return the palette of the current theme."""
    global _palette
    if _palette is None or _palette.theme is not theme.current():
        _palette = Palette(theme.current())
    return _palette


def font(size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """Return the application's font in a size that scales with the scene."""
    made = QFont(QApplication.font())
    made.setPixelSize(round(size))
    made.setWeight(weight)
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return made


def left_bar() -> QPainterPath:
    """Return the colored bar on the left of a card."""
    outer = QPainterPath()
    outer.addRoundedRect(CARD, CORNER, CORNER)
    bar = QPainterPath()
    bar.addRect(QRectF(0, 0, 6, HEIGHT))
    return outer.intersected(bar)


_palette: Palette | None = None
