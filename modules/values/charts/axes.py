"""Axes: ranges with round ticks, and numbers as text."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from modules.contract.chart import Value


@dataclass(frozen=True)
class Axis:
    """A range of numbers and where it is drawn.

    Parameters
    ----------
    low, high : float
        The ends; of a logarithmic axis, their logarithms.
    start, end : float
        Where the ends are drawn, in pixels.
    log : bool
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def at(self, value: float) -> float:
        """Return where a value is drawn."""
        number = math.log10(value) if self.log else value
        return self.start + (self.end - self.start) * (number - self.low) / (self.high - self.low)

    def shows(self, value: Value) -> bool:
        """Return whether a value can be drawn."""
        return isinstance(value, (int, float)) and not (self.log and value <= 0)

    def ticks(self, most: int = 6) -> list[float]:
        """Return round numbers within the range."""
        if self.log:
            powers = range(math.ceil(self.low - 1e-9), math.floor(self.high + 1e-9) + 1)
            found = [10.0**power for power in powers[:: max(1, -(-len(powers) // most))]]
            return found if len(found) > 1 else [10**self.low, 10**self.high]
        step = _step((self.high - self.low) / most)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [number * step for number in range(first, last + 1)]


def axis(
    values: Iterable[Value],
    start: float,
    end: float,
    *,
    log: bool = False,
    zero: bool = False,
    margin: float = 0.0,
) -> Axis:
    """Return the axis of some values.

    Parameters
    ----------
    zero : bool
        Include 0.
    margin : float
        Share of the range to add at both ends.
    """
    known = [float(value) for value in values if isinstance(value, (int, float))]
    if log:
        known = [math.log10(value) for value in known if value > 0]
    if zero and not log:
        known.append(0.0)
    low, high = min(known, default=0.0), max(known, default=1.0)
    if not high > low:
        around = abs(high) / 2 or 0.5
        low, high = low - around, high + around
    if not math.isfinite(high - low):
        low, high = low / 4, high / 4
    room = (high - low) * margin
    return Axis(
        low - (room if low or not zero else 0.0),
        high + (room if high or not zero else 0.0),
        start,
        end,
        log,
    )


def number(value: Value, digits: int = 4) -> str:
    """Return a number with so many significant digits, thousands set apart; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e15 or size < 1e-4:
        return f"{value:.3g}"
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.{max(0, digits - 1 - math.floor(math.log10(size)))}f}".rstrip("0").rstrip(".")


def _step(rough: float) -> float:
    power = 10.0 ** math.floor(math.log10(rough))
    return next((each * power for each in (1, 2, 5) if each * power >= rough), 10 * power)
