"""Apply Math Operation against Python's math, mpmath's published values, and pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import integrate, special

from modules.contract import ColumnSelector, DataTable
from modules.contract.specification import specification
from modules.data_transformation.apply_math_operation import apply_math_operation
from modules.tables import math_functions

VALUES = [-2.5, -1.0, -0.5, 0.0, 0.3, 0.5, 1.0, 2.0, 2.5, 3.0, 7.0]


def applied(function: str, values: list[float], second: float = 1.0) -> list[float]:
    """Return what the module makes of values; missing is NaN."""
    spec = specification(apply_math_operation)
    group = next(
        name.removesuffix("_function")
        for name, parameter in spec.parameter_by_name.items()
        if name.endswith("_function") and function in parameter.choices
    )
    given = {f"{group}_function": function, "category": group.capitalize()}
    if f"{group}_constant" in spec.parameter_by_name:
        given[f"{group}_constant"] = second
    table = DataTable(pd.DataFrame({"x": values}))
    made = apply_math_operation(
        table, columns=ColumnSelector.names("x"), output_mode="ResultOnly", **given
    )
    return [float("nan") if value is pd.NA else value for value in made.frame.iloc[:, 0].tolist()]


def test_every_function_of_the_palette_is_there() -> None:
    spec = specification(apply_math_operation)
    choices = {
        choice
        for name, parameter in spec.parameter_by_name.items()
        if name.endswith("_function")
        for choice in parameter.choices
    }
    tables = ("BASIC", "FACTORIALS", "COMPARE", "OPERATIONS", "ROUNDING", "SPECIAL")
    known = {name for table in tables for name in getattr(math_functions, table)}
    assert choices == known | set(math_functions.TRIGONOMETRIC)
    # The original has 98 functions; Cis is complex.
    assert len(choices) == 23 + 8 + 4 + 13 + 16 + 42 - 1


# With Python's own functions, where they are defined.
OF_ONE = {
    "Abs": abs, "Cuberoot": math.cbrt, "Exp": math.exp, "Exp2": math.exp2,
    "ExpMinus1": math.expm1, "Ln": math.log, "LnPlus1": math.log1p, "Log10": math.log10,
    "Log2": math.log2, "Sqrt": math.sqrt, "SqrtPi": lambda x: math.sqrt(math.pi * x),
    "Square": lambda x: x * x, "Factorial": lambda x: math.gamma(x + 1), "Eps": math.ulp,
    "Conj": float, "RealPart": float, "ImaginaryPart": lambda x: 0.0,
    "Ceiling": math.ceil, "Floor": math.floor, "Truncate": math.trunc,
    "Erf": math.erf, "Erfc": math.erfc, "Gamma": math.gamma,
    "GammaLn": lambda x: math.lgamma(x) if x > 0 else math.log(abs(math.gamma(x))),
    "ErfcScaled": lambda x: math.exp(x * x) * math.erfc(x),
    "Acos": math.acos, "Acosh": math.acosh, "Asin": math.asin, "Asinh": math.asinh,
    "Atan": math.atan, "Atanh": math.atanh, "Cos": math.cos, "Cosh": math.cosh,
    "Sin": math.sin, "Sinh": math.sinh, "Tan": math.tan, "Tanh": math.tanh,
    "Acot": lambda x: math.atan(1 / x), "Acoth": lambda x: math.atanh(1 / x),
    "Acsc": lambda x: math.asin(1 / x), "Acsch": lambda x: math.asinh(1 / x),
    "Asec": lambda x: math.acos(1 / x), "Asech": lambda x: math.acosh(1 / x),
    "Cot": lambda x: 1 / math.tan(x), "Coth": lambda x: 1 / math.tanh(x),
    "Csc": lambda x: 1 / math.sin(x), "Csch": lambda x: 1 / math.sinh(x),
    "Sec": lambda x: 1 / math.cos(x), "Sech": lambda x: 1 / math.cosh(x),
    "Sinc": lambda x: math.sin(x) / x, "DegreesToRadians": math.radians,
    "RadiansToDegrees": math.degrees, "Arg": lambda x: math.pi if x < 0 else 0.0,
    "AcosDegrees": lambda x: math.degrees(math.acos(x)),
    "AsinDegrees": lambda x: math.degrees(math.asin(x)),
    "AtanDegrees": lambda x: math.degrees(math.atan(x)),
    "SinDegrees": lambda x: math.sin(math.radians(x)),
    "CosDegrees": lambda x: math.cos(math.radians(x)),
    "TanDegrees": lambda x: math.tan(math.radians(x)),
    "SecDegrees": lambda x: 1 / math.cos(math.radians(x)),
    "Sign": lambda x: math.copysign(1, x) if x else 0.0,
}  # fmt: skip


@pytest.mark.parametrize("function", OF_ONE)
@pytest.mark.proves("apply_math_operation", by="Python's math")
def test_functions_of_one_number_equal_pythons_own(function: str) -> None:
    for value, found in zip(VALUES, applied(function, VALUES), strict=True):
        try:
            expected = OF_ONE[function](value)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15), value


OF_TWO = {
    "Atan2": math.atan2, "Hypotenuse": math.hypot, "Pow": math.pow, "Add": lambda x, y: x + y,
    "Subtract": lambda x, y: x - y, "Multiply": lambda x, y: x * y, "Divide": lambda x, y: x / y,
    "Mod": lambda x, y: x % y, "Remainder": math.fmod, "Quotient": lambda x, y: math.trunc(x / y),
    "Log": math.log, "PairMax": max, "PairMin": min,
    "EqualTo": lambda x, y: x == y, "NotEqualTo": lambda x, y: x != y,
    "GreaterThan": lambda x, y: x > y, "GreaterThanOrEqualTo": lambda x, y: x >= y,
    "LessThan": lambda x, y: x < y, "LessThanOrEqualTo": lambda x, y: x <= y,
}  # fmt: skip


@pytest.mark.parametrize("function", OF_TWO)
@pytest.mark.parametrize("second", [2.0, 0.3, 3.0, -1.5])
def test_functions_of_two_numbers_equal_pythons_own(function: str, second: float) -> None:
    for value, found in zip(VALUES, applied(function, VALUES, second), strict=True):
        try:
            expected = OF_TWO[function](value, second)
        except (ValueError, ZeroDivisionError, OverflowError):
            continue
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-15), value


@pytest.mark.parametrize(
    ("function", "value", "second", "expected"),
    [
        ("RoundDigits", 2.345678, 2, 2.35),
        ("RoundDigits", 1234.5, -2, 1200.0),
        ("RoundDigits", 2.5, 0, 2.0),
        ("RoundDown", -2.379, 2, -2.37),
        ("RoundUp", -2.371, 2, -2.38),
        ("RoundUp", 31415.9, -3, 32000.0),
        ("ToMultiple", 17.0, 5, 15.0),
        ("ToEven", 3.2, 1, 4.0),
        ("ToOdd", 3.9, 1, 3.0),
        ("ToOdd", 4.1, 1, 5.0),
        ("CeilingPower2", 5.0, 1, 8.0),
        ("NthRoot", -27.0, 3, -3.0),
        ("NthRoot", 16.0, 4, 2.0),
        ("DoubleFactorial", 7.0, 1, 105.0),
        ("DoubleFactorial", -1.0, 1, 1.0),
        # Abramowitz and Stegun, tables 17.1, 5.1, 6.1, 7.1 and 6.2.
        ("EllipticIntegralK", 0.5, 1, 1.85407467730137),
        ("EllipticIntegralE", 0.5, 1, 1.35064388104768),
        ("Beta", 2.0, 3, 1 / 12),
        ("BetaLn", 2.0, 3, math.log(1 / 12)),
        ("ErfInverse", 0.5, 1, 0.476936276204470),
        ("GammaRegularizedP", 1.0, 2, 1 - math.exp(-2)),
        ("GammaRegularizedQ", 1.0, 2, math.exp(-2)),
        ("GammaRegularizedPInverse", 1.0, 0.5, math.log(2)),
        ("GammaRegularizedQInverse", 1.0, 0.25, math.log(4)),
        ("Polygamma", 1.0, 1, math.pi**2 / 6),
        ("Polygamma", 1.0, 0, -0.5772156649015329),
    ],
)
def test_figures_known_by_hand_or_published(
    function: str, value: float, second: float, expected: float
) -> None:
    assert applied(function, [value], second)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("x", [-3.0, -0.4, 1e-9, 0.7, 1.0, 4.0])
def test_ein_is_its_integral(x: float) -> None:
    (expected, _) = integrate.quad(lambda t: -special.expm1(-t) / t if t else 1.0, 0, x)
    assert applied("ExponentialIntegralEin", [x])[0] == pytest.approx(expected, rel=1e-9)


def test_undefined_is_missing_and_division_by_zero_infinite() -> None:
    assert math.isnan(applied("Ln", [-1.0])[0])
    assert applied("Divide", [1.0], 0.0) == [math.inf]
    assert math.isnan(applied("DoubleFactorial", [2.5])[0])
    assert math.isnan(applied("Polygamma", [2.0], -1.0)[0])


def test_names_and_modes() -> None:
    table = DataTable(pd.DataFrame({"a": [1, 2], "b": [3.0, None]}))
    both = ColumnSelector.names("a", "b")
    sums = apply_math_operation(
        table,
        category="Operations",
        operations_argument="ColumnSet",
        operations_columns=ColumnSelector.names("b"),
        columns=both,
    )
    assert sums.names == ["a", "b", "Add(a_b)", "Add(b_b)"]
    assert sums.frame["Add(a_b)"].tolist()[0] == 4.0
    assert np.isnan(sums.frame["Add(a_b)"].tolist()[1])
    paired = apply_math_operation(
        table,
        category="Operations",
        operations_function="Subtract",
        operations_argument="ColumnSet",
        operations_columns=both,
        columns=both,
        output_mode="ResultOnly",
    )
    assert paired.names == ["Subtract(a_a)", "Subtract(b_b)"]
    compared = apply_math_operation(
        table, category="Compare", compare_constant=10, columns=both, output_mode="ResultOnly"
    )
    assert compared.names == ["EqualTo(a_$10)", "EqualTo(b_$10)"]
    assert compared.frame["EqualTo(b_$10)"].tolist() == [False, pd.NA]
    placed = apply_math_operation(table, columns=both, output_mode="Inplace")
    assert placed.names == ["a", "b"]


def test_columns_that_do_not_pair_are_refused(refused) -> None:
    table = DataTable(pd.DataFrame({"a": [1.0], "b": [2.0], "c": [3.0], "t": ["x"]}))
    arguments = {"category": "Operations", "operations_argument": "ColumnSet"}
    every = ColumnSelector.names("a", "b", "c")
    with refused("columns-do-not-pair", "3 columns", "2 columns", parameter="operations_columns"):
        apply_math_operation(
            table,
            columns=every,
            operations_columns=ColumnSelector.names("a", "b"),
            **arguments,
        )
    with refused("column-type", "“t” contains text", parameter="operations_columns", column="t"):
        apply_math_operation(
            table, columns=every, operations_columns=ColumnSelector.names("t"), **arguments
        )
