"""The chart of a prediction's contributions."""

from __future__ import annotations

import math
from collections.abc import Sequence

from designer.app.views import formatting
from designer.texts import tr
from modules.contract.chart import Chart, Series

_MOST_BARS = 25


def contributions_chart(
    base: float, contributions: Sequence[tuple[str, float]], *, output: str = "", unit: str = ""
) -> Chart:
    """Return a bar for each column, the largest first.

    Parameters
    ----------
    contributions : sequence of (str, float)
        By column; added to the base value they are the output of the model.
    output : str
        The class that is explained, if there is one.
    unit : str
        Of base value and contributions, if it is known.
    """
    ordered = sorted(contributions, key=lambda pair: -abs(pair[1]))[:_MOST_BARS]
    parts = [base, *(value for _, value in contributions)]
    total = math.fsum(parts)
    if abs(total) < 1e-12 * sum(map(abs, parts)):
        # What is left of numbers that cancel each other.
        total = 0.0
    of_unit = f" ({unit})" if unit else ""
    note = tr("Base {base}, with all contributions {total}{unit}.").format(
        base=formatting.number(base, 4), total=formatting.number(total, 4), unit=of_unit
    )
    title = (
        tr("Contributions to “{output}”").format(output=output) if output else tr("Contributions")
    )
    series = Series("", (), [value for _, value in ordered])
    names = [name for name, _ in ordered]
    return Chart("bars", title, unit.capitalize(), tr("Column"), [series], names, note)
