"""The scale of the live charts, and that they can be read in both themes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage

from designer.app.deployment.endpoints.live_chart import TICKS, LiveChart, ticks
from designer.app.shell import theme


@given(st.floats(1e-6, 1e9))
def test_the_scale_is_round_even_and_no_larger_than_it_has_to_be(highest):
    found = ticks(highest)

    assert found[0] == 0
    assert found[-1] >= highest * (1 - 1e-9)
    assert found[-2] < highest * (1 + 1e-9)
    assert 2 <= len(found) <= TICKS + 1
    step = found[1]
    assert found == pytest.approx([step * place for place in range(len(found))])
    digits = step / 10 ** math.floor(math.log10(step) + 1e-9)
    assert any(math.isclose(digits, round_) for round_ in (1, 2, 2.5, 5, 10))


@pytest.mark.parametrize("highest", [0.0, -1.0, math.inf, math.nan])
def test_what_has_no_height_has_a_scale_all_the_same(highest):
    assert ticks(highest) == [0.0, 1.0]


@pytest.mark.parametrize(("highest", "last"), [(1.0, 1.0), (3.7, 4.0), (120, 150.0), (0.03, 0.03)])
def test_examples(highest, last):
    assert ticks(highest)[-1] == last


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ratio", [1, 2])
def test_the_scale_is_written_beside_the_line_and_the_line_reaches_its_value(
    qtbot, qapp, mode, ratio
):
    theme.apply(qapp, mode)
    chart = LiveChart("Median latency", "running", kept=120, unit="ms")
    qtbot.addWidget(chart)
    chart.resize(300, 200)
    for _ in range(120):
        chart.add(4.0)
    image = QImage(chart.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    chart.render(image)

    line = [y for y in range(0, image.height()) if near(image, 150 * ratio, y, "running")]
    # A value at the upper end of the scale is drawn at its uppermost line.
    assert line
    assert max(line) < image.height() / 3
    # There is writing at the left, where the scale is.
    left = QRect(0, image.height() // 4, 24 * ratio, image.height() // 2)
    assert any(
        near(image, x, y, "text_muted", 60)
        for x in range(left.left(), left.right())
        for y in range(left.top(), left.bottom())
    )


def near(image: QImage, x: int, y: int, name: str, most: int = 40) -> bool:
    """Tell whether a pixel has about a colour of the theme."""
    seen, meant = image.pixelColor(x, y), QColor(getattr(theme.current(), name))
    return (
        sum(
            abs(one - other)
            for one, other in zip(seen.getRgb()[:3], meant.getRgb()[:3], strict=True)
        )
        <= most
    )
