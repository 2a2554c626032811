"""The colors of a theme, and what Qt draws with them: palette and style sheet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from string import Template

from PySide6.QtGui import QColor, QFontDatabase, QPalette

from designer.paths import resources
from modules.contract.port_type import find_port_type


@dataclass(frozen=True)
class Theme:
    """A set of colors, each written ``#rrggbb``.

    Parameters
    ----------
    name : str
        ``light``, ``dark``, ``contrast-light``, ``contrast-dark`` or ``system``.
    dark : bool
        Whether the backgrounds are dark.
    window, surface, raised : str
        Backgrounds: of the window, of lists and inputs, of menus and hovered buttons.
    border : str
        Of what only divides: panes, groups, rows.
    outline : str
        The edge of what can be used: fields, buttons, scroll bars. As WCAG 2.2 asks in 1.4.11,
        its contrast is at least 3 on every background.
    text, text_muted : str
        Both readable (contrast of at least 4.5) on every background and on ``node``.
    accent, on_accent : str
        The color of what is chosen or primary, and of text on it.
    error, warning, success, running : str
        Readable as text on every background.
    canvas, grid, node, node_border, selection, link : str
        Of the canvas; card borders and links have a contrast of at least 3.
    hover, chosen : str
        Backgrounds under the pointer, and of what is selected; the latter has an edge in
        ``accent`` too.
    series : sequence of str
        Colors of further series in charts, besides ``accent``.
    groups : sequence of str
        Colors of groups of rows. Any two differ for any color vision, and all have a contrast of
        at least 3 on ``surface``.
    """

    name: str
    dark: bool
    window: str
    surface: str
    raised: str
    border: str
    outline: str
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
    groups: Sequence[str] = field(default=(), repr=False, hash=False)

    def pick(self, colors: tuple[str, str]) -> str:
        """Return that of a light and a dark background's colors which fits this theme."""
        return colors[self.dark]

    def type_color(self, type_name: str) -> str:
        """Return the color of a port type; of the first one for a union."""
        found = find_port_type(type_name.split(" | ")[0])
        return self.text_muted if found is None else self.pick(found.colors)


@cache
def stored_theme(name: str) -> Theme:
    """Return one of the themes in ``resources/themes``."""
    text = (resources() / "themes" / f"{name}.json").read_text(encoding="utf-8")
    return Theme(**json.loads(text))


def system_theme(palette: QPalette) -> Theme:
    """Return a theme in the colors that the user chose for the whole system.

    Windows' contrast themes set eight colors; everything else is one of them.

    Parameters
    ----------
    palette : QPalette
        The system's.
    """
    role = QPalette.ColorRole

    def color(part: QPalette.ColorRole) -> str:
        return palette.color(part).name()

    ground, text = color(role.Base), color(role.Text)
    accent, on_accent = color(role.Highlight), color(role.HighlightedText)
    dark = palette.color(role.Base).lightness() < 128
    base = stored_theme("contrast-dark" if dark else "contrast-light")
    return Theme(
        name="system",
        dark=dark,
        **dict.fromkeys(("window", "surface", "raised", "canvas", "node", "hover"), ground),
        **dict.fromkeys(("border", "outline", "node_border", "link"), text),
        **dict.fromkeys(("text", "text_muted", "running"), text),
        **dict.fromkeys(("accent", "selection"), accent),
        on_accent=on_accent,
        chosen=ground,
        **{name: getattr(base, name) for name in _OF_CONTRAST},
    )


_OF_CONTRAST = ("error", "warning", "success", "grid", "series", "groups")


def palette_of(theme: Theme) -> QPalette:
    """Return the colors of a theme by the roles that Qt's own style uses."""
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
        role.Light: mixed(theme.raised, "#ffffff", 0.2),
        role.Midlight: mixed(theme.raised, theme.border, 0.3),
        role.Mid: theme.border,
        role.Dark: mixed(theme.border, "#000000", 0.2),
        role.Shadow: mixed(theme.border, "#000000", 0.5),
    }
    for name, color in colors.items():
        palette.setColor(name, QColor(color))
    faded = QColor(mixed(theme.text, theme.window, 0.55))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, faded)
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.border))
    return palette


@cache
def style_sheet_of(
    theme: Theme, scale: float = 1.0, text: float = 15.0, mirrored: bool = False
) -> str:
    """Return the style sheet in the colors of a theme; nothing if its file is missing.

    Parameters
    ----------
    scale : float
        How many times larger than usual text is.
    text : float
        Its height in pixels.
    mirrored : bool
        Whether lines of text begin on the right.
    """
    folder = resources() / "themes"
    try:
        sheet = (folder / "style.qss").read_text(encoding="utf-8")
    except OSError:
        return ""
    values = {item.name: getattr(theme, item.name) for item in fields(theme)}
    values["faded"] = mixed(theme.text, theme.window, 0.55)
    values |= {f"px{size}": f"{round(size * scale)}px" for size in (*range(8, 25), 48)}
    # The edge of a box is twice as thick when it has the focus.
    values["in15"] = f"{round(15 * scale) - 2}px"
    values |= {name: f"{round(text * times)}px" for name, times in _SIZES.items()}
    values["mono"] = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    values["start"], values["end"] = ("right", "left") if mirrored else ("left", "right")
    values["onward"] = "chevron-left" if mirrored else "chevron-right"
    values["images"] = (folder / ("dark" if theme.dark else "light")).as_posix()
    return Template(sheet).safe_substitute(values)


_SIZES = {"display": 2.1, "heading1": 1.35, "heading2": 1.2, "figure": 1.5, "code": 0.9}
"""Heights of headings and figures, as multiples of the text's."""


def mixed(first: str, second: str, share: float) -> str:
    """Return the first color with a share of the second one."""
    pairs = zip(QColor(first).getRgb()[:3], QColor(second).getRgb()[:3], strict=True)
    return QColor(*(round(a + (b - a) * share) for a, b in pairs)).name()
