"""The theme: readable in light and dark, switched while the window is open."""

from __future__ import annotations

import gc
import itertools
import math
import operator
import os
import re
import shutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QVBoxLayout, QWidget

from designer.app.canvas.items.palette import current_palette
from designer.app.canvas.items.port_shapes import draw_shape
from designer.app.shell import theme
from designer.app.shell.theme_colors import style_sheet_of, system_theme
from designer.catalog import load_catalog
from designer.paths import resources
from modules.contract import Category
from modules.contract.port_type import PortShape, port_types

GROUNDS = ("window", "surface", "raised", "hover", "chosen", "node")
NOTES = ("yellow", "blue", "green", "pink", "grey")
STORED = [mode for mode in theme.MODES if mode != "system"]
LEFT_TO_RIGHT, RIGHT_TO_LEFT = Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft
INKS = ("text", "text_muted")
SIGNALS = ("accent", "error", "warning", "success", "running")


@pytest.fixture
def light(qapp):
    theme.apply(qapp, "light")
    yield theme.current()
    theme.apply(qapp, "light")


def contrast(first: str, second: str) -> float:
    """Contrast ratio of WCAG 2.1."""

    def luminance(color: str) -> float:
        parts = []
        for value in QColor(color).getRgbF()[:3]:
            low = value / 12.92
            parts.append(low if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("direction", [LEFT_TO_RIGHT, RIGHT_TO_LEFT])
def test_the_icon_of_a_button_is_apart_from_its_text(qapp, qtbot, light, direction):
    page = QWidget()
    qtbot.addWidget(page)
    tool, icon_only = QToolButton(), QToolButton()
    tool.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    push = QPushButton()
    row = QVBoxLayout(page)
    qapp.setLayoutDirection(direction)
    try:
        for button in (push, tool, icon_only):
            # An icon that is as wide as icons are.
            button.setIcon(theme.icon("map", "#ff0000"))
            row.addWidget(button)
        for button in (push, tool):
            button.setText("H")
        page.show()
        for button in (push, tool):
            found = page.grab(button.geometry()).toImage()
            icon = columns(found, lambda color: color.red() > 200 and color.green() < 60)
            text = columns(found, lambda color: color.lightness() < 90)
            beside = icon if direction == RIGHT_TO_LEFT else text
            other = text if direction == RIGHT_TO_LEFT else icon
            assert beside[0] - other[-1] >= 7
        found = page.grab(icon_only.geometry()).toImage()
        icon = columns(found, lambda color: color.red() > 200 and color.green() < 60)
        assert abs(icon[0] + icon[-1] + 1 - found.width()) <= 1
    finally:
        qapp.setLayoutDirection(LEFT_TO_RIGHT)


def columns(image: QImage, is_ink) -> list[int]:
    """The columns in which a picture has a color, inside of its border."""
    return [
        x
        for x in range(3, image.width() - 3)
        if any(is_ink(image.pixelColor(x, y)) for y in range(5, image.height() - 5))
    ]


@pytest.mark.parametrize("name", STORED)
def test_text_is_readable_on_every_ground(qapp, light, name):
    theme.apply(qapp, name)
    colors = theme.current()
    for ink, ground in itertools.product(INKS, GROUNDS):
        ratio = contrast(getattr(colors, ink), getattr(colors, ground))
        assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"
    for ink, ground in itertools.product(SIGNALS, ("window", "surface", "raised", "node")):
        ratio = contrast(getattr(colors, ink), getattr(colors, ground))
        assert ratio >= 4.5, f"{ink} on {ground}: {ratio:.2f}"
    assert contrast(colors.on_accent, colors.accent) >= 4.5
    for role in ("Window", "Base", "Button", "ToolTipBase"):
        ink = {"Window": "WindowText", "Base": "Text", "Button": "ButtonText"}.get(
            role, "ToolTipText"
        )
        palette = qapp.palette()
        shown = [palette.color(getattr(QPalette.ColorRole, part)).name() for part in (role, ink)]
        assert contrast(*shown) >= 4.5


@pytest.mark.parametrize("name", STORED)
def test_categories_and_types_stand_out_from_the_card(qapp, light, name):
    theme.apply(qapp, name)
    colors = theme.current()
    dark = colors.dark
    types = [kind.port_type.colors[dark] for kind in port_types().values()]
    stated = {spec.category for spec in load_catalog().values()}
    made = [Category(f"Category {number}") for number in range(200)]
    categories = [category.colors[dark] for category in (*stated, *made)]
    for color in (*categories, *colors.series, *types):
        assert contrast(color, colors.node) >= 3.0, color
    assert len({category.colors for category in made}) > 100
    assert colors.type_color("DataTable | Files") == colors.type_color("DataTable")


# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color
# vision deficiency, IEEE TVCG 15: severity 1, on linear RGB.
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def lab(color: str, vision) -> tuple[float, float, float]:
    """CIELAB of a color as a color vision sees it; white is D65."""
    parts = QColor(color).getRgbF()[:3]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    seen = [min(max(sum(map(operator.mul, row, linear)), 0), 1) for row in vision]
    rows = (
        (0.4124, 0.3576, 0.1805),
        (0.2126, 0.7152, 0.0722),
        (0.0193, 0.1192, 0.9505),
    )
    xyz = [
        sum(map(operator.mul, row, seen)) / n
        for row, n in zip(rows, (0.9505, 1, 1.089), strict=True)
    ]
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("name", STORED)
def test_groups_are_told_apart_with_any_color_vision(qapp, light, name):
    theme.apply(qapp, name)
    colors = theme.current()
    assert len(colors.groups) >= 7
    for color in colors.groups:
        assert contrast(color, colors.surface) >= 3, color
    for kind, vision in VISION.items():
        for pair in itertools.combinations(colors.groups, 2):
            # 2.3 is just noticeable (Mahy et al. 1994); marks are small, so much more is needed.
            assert math.dist(*(lab(color, vision) for color in pair)) > 20, (kind, pair)


@pytest.mark.parametrize("name", STORED)
def test_edges_of_what_can_be_used_are_seen(qapp, light, name):
    theme.apply(qapp, name)
    colors = theme.current()
    pairs = [("outline", ground) for ground in ("window", "surface", "raised", "canvas")]
    # Selected rows, open menus, checked buttons, and whatever has the focus have this edge.
    pairs += [("accent", ground) for ground in GROUNDS]
    pairs += [("node_border", "canvas"), ("node_border", "node"), ("link", "canvas")]
    pairs += [("selection", "canvas"), ("selection", "node"), ("link", "node")]
    # A primary button swaps its colors when it has the focus.
    pairs += [("surface", "accent")]
    for edge, ground in pairs:
        ratio = contrast(getattr(colors, edge), getattr(colors, ground))
        assert ratio >= 3, f"{edge} on {ground}: {ratio:.2f}"
    for note in NOTES:
        ground, _ = current_palette().note(note)
        for edge in ("link", "selection", "node_border"):
            ratio = contrast(getattr(colors, edge), ground.name())
            assert ratio >= 3, f"{edge} on a {note} note: {ratio:.2f}"
        assert contrast(colors.text, ground.name()) >= 4.5
    # The title of a disabled card, on the card's ground.
    assert contrast(colors.text_muted, colors.canvas) >= 4.5


@pytest.mark.parametrize("name", ["contrast-light", "contrast-dark"])
def test_high_contrast_is_seven_to_one(qapp, light, name):
    theme.apply(qapp, name)
    colors = theme.current()
    inks = ("text", "text_muted", "accent", "error", "warning", "success", "running", "outline")
    for ink, ground in itertools.product(inks, ("window", "surface", "raised", "canvas", "node")):
        assert contrast(getattr(colors, ink), getattr(colors, ground)) >= 7, (ink, ground)


def test_a_contrast_theme_of_the_system_keeps_its_colours(qapp):
    chosen = QPalette()
    role = QPalette.ColorRole
    for part, color in (
        (role.Base, "#2d3236"),
        (role.Text, "#ffffff"),
        (role.Highlight, "#a6d8ff"),
        (role.HighlightedText, "#2d3236"),
    ):
        chosen.setColor(part, QColor(color))
    colors = system_theme(chosen)
    assert colors.dark
    assert {colors.window, colors.surface, colors.canvas, colors.node} == {"#2d3236"}
    assert {colors.text, colors.text_muted, colors.outline, colors.link} == {"#ffffff"}
    assert (colors.accent, colors.on_accent) == ("#a6d8ff", "#2d3236")
    assert "$" not in style_sheet_of(colors)


def test_port_types_have_shapes_of_their_own(qapp, light):
    types = [kind.port_type for kind in port_types().values() if _is_ours(kind)]
    shapes = [each.shape for each in types]
    assert len(types) > 8
    assert len(set(shapes)) == len(shapes)


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith("modules.")


@pytest.mark.parametrize("shape", typing.get_args(PortShape))
def test_a_shape_is_drawn_in_about_the_size_of_a_circle(qapp, shape):
    image = QImage(80, 80, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(Qt.GlobalColor.black)
    draw_shape(painter, shape, QPointF(40, 40), 20)
    painter.end()
    inked = [
        (x, y)
        for x, y in itertools.product(range(80), range(80))
        if image.pixelColor(x, y).lightness() < 128
    ]
    assert 0.6 < len(inked) / (math.pi * 20**2) < 1.2
    for values in zip(*inked, strict=True):
        # Within the reach of the pointer, and around the point where links end.
        assert -31 < min(values) - 40 < -7
        assert 7 < max(values) - 40 < 31


def test_switching_tells_listeners_once_and_repaints_icons(qapp, light, qtbot):
    button = QToolButton()
    qtbot.addWidget(button)
    button.setIcon(theme.icon("save"))
    before = button.icon().pixmap(QSize(24, 24)).toImage()
    with qtbot.waitSignal(theme.notifier().changed):
        theme.apply(qapp, "dark")
    assert theme.current().name == "dark"
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.current().window
    after = button.icon().pixmap(QSize(24, 24)).toImage()
    assert before != after
    with qtbot.assertNotEmitted(theme.notifier().changed, wait=10):
        theme.apply(qapp, "dark")


class Dressings(QObject):
    """Counts how often a widget is dressed anew."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.StyleChange
        return False


def test_switching_dresses_a_widget_no_more_often_for_what_is_around_it(qapp, light, qtbot):
    outermost = around = QWidget()
    qtbot.addWidget(outermost)
    for _ in range(4):
        inside = QWidget(around)
        QVBoxLayout(around).addWidget(inside)
        around = inside
    button = QToolButton(around)
    with qtbot.waitExposed(outermost):
        outermost.show()
    dressings = Dressings(), Dressings()
    outermost.installEventFilter(dressings[0])
    button.installEventFilter(dressings[1])
    theme.apply(qapp, "dark")
    QApplication.processEvents()
    # Without its old dress, and in the new one.
    assert [each.count for each in dressings] == [2, 2]
    theme.apply(qapp, "dark")
    QApplication.processEvents()
    assert [each.count for each in dressings] == [2, 2]


def test_system_follows_the_desktop(qapp, light):
    theme.apply(qapp, "system")
    assert theme.current().name in ("light", "dark")


def test_a_mode_that_does_not_exist_is_refused(qapp, light):
    with pytest.raises(ValueError, match="sepia"):
        theme.apply(qapp, "sepia")
    assert theme.current().name == "light"


def test_icons_are_sharp_at_two_device_pixels(qapp, light):
    image = theme.icon("run", "#ff0000").pixmap(QSize(16, 16), 2.0)
    assert image.size() == QSize(32, 32)
    assert image.devicePixelRatio() == 2.0
    middle = image.toImage().pixelColor(15, 16)
    assert middle.name() == "#ff0000"


def test_disabled_icons_are_paler(qapp, light):
    icon = theme.icon("run")
    normal = icon.pixmap(QSize(24, 24)).toImage().pixelColor(11, 12)
    faded = icon.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage().pixelColor(11, 12)
    assert faded.lightness() > normal.lightness()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_icon_of_a_disabled_primary_button_can_be_seen(qapp, light, mode):
    theme.apply(qapp, mode)
    icon = theme.icon("run", "on_accent")
    faded = icon.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage().pixelColor(11, 12)
    behind = QColor(theme.current().window)
    assert contrast(faded.name(), behind.name()) > 1.8


def test_an_unknown_icon_is_empty(qapp):
    assert theme.icon("no-such-icon").isNull()
    assert theme.category_icon(Category("Nonsense")) == "module"
    assert theme.category_icon(Category("Nonsense", icon="no-such-icon")) == "module"
    assert theme.category_icon(Category("Sheets", icon="table")) == "table"


def test_every_icon_is_a_drawing_in_the_asked_colour(qapp, light):
    categories = {Path(spec.category.icon) for spec in load_catalog().values()}
    assert len(categories) > 15
    for path in sorted({*(resources() / "icons").glob("*.svg"), *categories}):
        assert "currentColor" in path.read_text(encoding="utf-8"), path.name
        name = str(path) if path in categories else path.stem
        image = theme.icon(name, "#123456").pixmap(QSize(48, 48)).toImage()
        colors = {
            image.pixelColor(x, y).name()
            for x, y in itertools.product(range(48), range(48))
            if image.pixelColor(x, y).alpha() == 255
        }
        assert "#123456" in colors, path.name


def test_the_style_sheet_has_every_colour_and_image(qapp, light):
    for name in STORED:
        theme.apply(qapp, name)
        sheet = qapp.styleSheet()
        assert sheet
        assert "$" not in sheet
        for image in re.findall(r'url\("(.*?)"\)', sheet):
            assert (resources() / "themes" / image).is_file(), image


def test_icons_survive_copies_and_collection(qapp, light):
    icons = [QIcon(theme.icon("run")) for _ in range(500)]
    for index, icon in enumerate(icons):
        icon.addPixmap(theme.pixmap("stop", 16, "text")) if index % 2 else None
        icon.pixmap(QSize(16, 16))
    del icons
    gc.collect()
    QApplication.processEvents()
    assert not theme.icon("run").pixmap(QSize(16, 16)).isNull()


def test_copies_of_icons_are_forgotten_with_their_icons(qapp, light):
    icon = theme.icon("run")
    for _ in range(50):
        copy = QIcon(icon)
        copy.addPixmap(theme.pixmap("stop", 16, "text"))
        del copy
    # The last one is forgotten when the next one is made.
    kept = [each for each in theme._state.clones if not shiboken6.isValid(each)]
    assert len(kept) <= 1


@pytest.fixture
def asks_for_contrast(qapp, light, monkeypatch):
    """Let the system ask for high contrast, and tell the application so."""
    hints = qapp.styleHints().accessibility()
    theme.apply(qapp, "system")
    high = Qt.ContrastPreference.HighContrast
    monkeypatch.setattr(type(hints), "contrastPreference", lambda _: high)

    def ask(platform: str) -> None:
        monkeypatch.setattr(sys, "platform", platform)
        hints.contrastPreferenceChanged.emit(high)

    return ask


def test_high_contrast_of_the_system_is_followed_while_the_window_is_open(asks_for_contrast):
    asks_for_contrast("linux")
    assert theme.current().name in ("contrast-light", "contrast-dark")


def test_windows_own_contrast_colors_are_taken(qapp, asks_for_contrast):
    qapp.setPalette(QPalette())
    own = qapp.palette()
    asks_for_contrast("win32")
    colors = theme.current()
    assert colors.name == "system"
    assert colors.surface == own.color(QPalette.ColorRole.Base).name()
    assert colors.text == own.color(QPalette.ColorRole.Text).name()


ICONS = """
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QMessageBox
from designer.app.shell import theme

app = QApplication([])
theme.apply(app, "light")
box = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
question = QMessageBox(standardButtons=QMessageBox.StandardButton.Save)
files = QFileDialog(options=QFileDialog.Option.DontUseNativeDialog)
files.ensurePolished()
(row,) = files.findChildren(QDialogButtonBox)
buttons = [*box.buttons(), *question.buttons(), *row.buttons()]
print(len(buttons), sum(not each.icon().isNull() for each in buttons))
"""


@pytest.mark.skipif(not shutil.which("xvfb-run"), reason="Xvfb isn't installed")
def test_buttons_of_dialogs_have_no_icons_of_the_system():
    # Without a screen, Qt has none in any case.
    program = subprocess.run(
        ["xvfb-run", "-a", sys.executable, "-c", ICONS],
        env={**os.environ, "QT_QPA_PLATFORM": "xcb"},
        capture_output=True,
        text=True,
        check=False,
    )
    if "Could not load the Qt platform plugin" in program.stderr:
        pytest.skip("Qt's libraries for X aren't installed")
    assert program.stdout.split() == ["4", "0"], program.stderr
