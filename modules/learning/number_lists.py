"""Numbers that are entered as a text, separated by commas."""

from __future__ import annotations

from modules.contract.errors import ModuleError


def numbers_in(text: str) -> list[float]:
    """Return the numbers in a text; semicolons separate them too.

    Raises
    ------
    ValueError
        If a part isn't a number.
    """
    return [float(part) for part in text.replace(";", ",").split(",") if part.strip()]


def quantiles_in(text: str) -> list[float]:
    """Return the distinct quantiles in a text, increasing.

    Raises
    ------
    ModuleError
        If a part isn't a number above 0 and below 1.
    """
    try:
        found = sorted(set(numbers_in(text)))
    except ValueError:
        found = []
    if not found or not 0 < found[0] <= found[-1] < 1:
        raise ModuleError(
            "bad-quantiles",
            f"“{text}” isn't a list of numbers above 0 and below 1.",
            "Enter quantiles separated by commas, for example 0.05, 0.5, 0.95.",
            parameter="quantiles",
        )
    return found


def weights_in(text: str, count: int) -> list[float]:
    """Return the weights of models in a text, all 1 if it is empty.

    Raises
    ------
    ModuleError
        If it isn't a positive number for each of the models.
    """
    try:
        found = numbers_in(text)
    except ValueError:
        found = [-1.0]
    if found and (len(found) != count or not all(0 < each < 1e9 for each in found)):
        raise ModuleError(
            "bad-weights",
            f"“{text}” isn't a list of {count} positive numbers.",
            f"Enter a number for each of the {count} models, or nothing for equal weights.",
            parameter="weights",
        )
    return found or [1.0] * count
