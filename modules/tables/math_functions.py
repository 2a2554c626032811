"""Functions of one or two numbers, for columns and for single values.

Each takes numpy, x, and the second argument; those in :data:`SPECIAL` take ``scipy.special``
instead of numpy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Function = Callable[[Any, Any, Any], Any]

_EULER_GAMMA = 0.5772156649015329
_SERIES_TERMS = 30


def _at_digits(np: Any, round_off: Any, x: Any, digits: Any) -> Any:
    """Round at a decimal: 2 is hundredths, -2 hundreds."""
    scale = 10.0 ** np.rint(np.abs(digits))
    right = round_off(x * scale) / scale
    return np.where(digits >= 0, right, round_off(x / scale) * scale)


def _away_from_zero(np: Any, x: Any) -> Any:
    return np.sign(x) * np.ceil(np.abs(x))


def _nearest_odd(np: Any, x: Any) -> Any:
    return 2 * np.rint((x - 1) / 2) + 1


def _integer_root(np: Any, x: Any, degree: Any) -> Any:
    """Return the real root, also of negative numbers if the degree is odd."""
    odd = np.mod(degree, 2) == 1
    return np.where(odd, np.sign(x) * np.abs(x) ** (1 / degree), x ** (1 / degree))


def _sinc(np: Any, x: Any) -> Any:
    return np.sinc(x / np.pi)


def _ein(special: Any, x: Any) -> Any:
    """Return the integral of (1 - exp(-t)) / t from 0 to x (Abramowitz and Stegun 5.1.39)."""
    import numpy as np

    near = np.where(np.abs(x) < 1, x, 0.0)
    series, term = np.zeros_like(near), np.ones_like(near)
    for n in range(1, _SERIES_TERMS):
        term = term * -near / n
        series = series - term / n
    far = np.where(np.abs(x) < 1, 1.0, x)
    return np.where(np.abs(x) < 1, series, _EULER_GAMMA + np.log(np.abs(far)) - special.expi(-far))


BASIC: Mapping[str, Function] = {
    "Abs": lambda np, x, y: np.abs(x),
    "Atan2": lambda np, x, y: np.arctan2(x, y),
    "Conj": lambda np, x, y: np.conjugate(x),
    "Cuberoot": lambda np, x, y: np.cbrt(x),
    "Eps": lambda np, x, y: np.spacing(np.abs(x)),
    "Exp": lambda np, x, y: np.exp(x),
    "Exp2": lambda np, x, y: np.exp2(x),
    "ExpMinus1": lambda np, x, y: np.expm1(x),
    "Hypotenuse": lambda np, x, y: np.hypot(x, y),
    "ImaginaryPart": lambda np, x, y: x * 0.0,
    "Ln": lambda np, x, y: np.log(x),
    "LnPlus1": lambda np, x, y: np.log1p(x),
    "Log": lambda np, x, y: np.log(x) / np.log(y),
    "Log10": lambda np, x, y: np.log10(x),
    "Log2": lambda np, x, y: np.log2(x),
    "NthRoot": _integer_root,
    "Pow": lambda np, x, y: np.power(x, y),
    "RealPart": lambda np, x, y: np.real(x),
    "Sqrt": lambda np, x, y: np.sqrt(x),
    "SqrtPi": lambda np, x, y: np.sqrt(np.pi * x),
    "Square": lambda np, x, y: np.square(x),
}

FACTORIALS: Mapping[str, Function] = {
    "DoubleFactorial": lambda special, x, y: _double_factorial(special, x),
    "Factorial": lambda special, x, y: special.gamma(x + 1),
}

COMPARE: Mapping[str, Function] = {
    "EqualTo": lambda np, x, y: np.equal(x, y),
    "GreaterThan": lambda np, x, y: np.greater(x, y),
    "GreaterThanOrEqualTo": lambda np, x, y: np.greater_equal(x, y),
    "LessThan": lambda np, x, y: np.less(x, y),
    "LessThanOrEqualTo": lambda np, x, y: np.less_equal(x, y),
    "NotEqualTo": lambda np, x, y: np.not_equal(x, y),
    "PairMax": lambda np, x, y: np.maximum(x, y),
    "PairMin": lambda np, x, y: np.minimum(x, y),
}

OPERATIONS: Mapping[str, Function] = {
    "Add": lambda np, x, y: np.add(x, y),
    "Divide": lambda np, x, y: np.divide(x, y),
    "Multiply": lambda np, x, y: np.multiply(x, y),
    "Subtract": lambda np, x, y: np.subtract(x, y),
}

ROUNDING: Mapping[str, Function] = {
    "Ceiling": lambda np, x, y: np.ceil(x),
    "CeilingPower2": lambda np, x, y: np.exp2(np.ceil(np.log2(x))),
    "Floor": lambda np, x, y: np.floor(x),
    "Mod": lambda np, x, y: np.mod(x, y),
    "Quotient": lambda np, x, y: np.trunc(np.divide(x, y)),
    "Remainder": lambda np, x, y: np.fmod(x, y),
    "RoundDigits": lambda np, x, y: _at_digits(np, np.rint, x, y),
    "RoundDown": lambda np, x, y: _at_digits(np, np.trunc, x, y),
    "RoundUp": lambda np, x, y: _at_digits(np, lambda v: _away_from_zero(np, v), x, y),
    "ToEven": lambda np, x, y: 2 * np.rint(x / 2),
    "ToMultiple": lambda np, x, y: y * np.rint(np.divide(x, y)),
    "ToOdd": lambda np, x, y: _nearest_odd(np, x),
    "Truncate": lambda np, x, y: np.trunc(x),
}

SPECIAL: Mapping[str, Function] = {
    "Beta": lambda special, x, y: special.beta(x, y),
    "BetaLn": lambda special, x, y: special.betaln(x, y),
    "EllipticIntegralE": lambda special, x, y: special.ellipe(x),
    "EllipticIntegralK": lambda special, x, y: special.ellipk(x),
    "Erf": lambda special, x, y: special.erf(x),
    "Erfc": lambda special, x, y: special.erfc(x),
    "ErfcScaled": lambda special, x, y: special.erfcx(x),
    "ErfInverse": lambda special, x, y: special.erfinv(x),
    "ExponentialIntegralEin": lambda special, x, y: _ein(special, x),
    "Gamma": lambda special, x, y: special.gamma(x),
    "GammaLn": lambda special, x, y: special.gammaln(x),
    "GammaRegularizedP": lambda special, x, y: special.gammainc(x, y),
    "GammaRegularizedPInverse": lambda special, x, y: special.gammaincinv(x, y),
    "GammaRegularizedQ": lambda special, x, y: special.gammaincc(x, y),
    "GammaRegularizedQInverse": lambda special, x, y: special.gammainccinv(x, y),
    "Polygamma": lambda special, x, y: _polygamma(special, x, y),
}

TRIGONOMETRIC: Mapping[str, Function] = {
    "Acos": lambda np, x, y: np.arccos(x),
    "AcosDegrees": lambda np, x, y: np.degrees(np.arccos(x)),
    "Acosh": lambda np, x, y: np.arccosh(x),
    "Acot": lambda np, x, y: np.arctan(np.divide(1, x)),
    "AcotDegrees": lambda np, x, y: np.degrees(np.arctan(np.divide(1, x))),
    "Acoth": lambda np, x, y: np.arctanh(np.divide(1, x)),
    "Acsc": lambda np, x, y: np.arcsin(np.divide(1, x)),
    "AcscDegrees": lambda np, x, y: np.degrees(np.arcsin(np.divide(1, x))),
    "Acsch": lambda np, x, y: np.arcsinh(np.divide(1, x)),
    "Arg": lambda np, x, y: np.where(np.isnan(x), np.nan, np.where(x < 0, np.pi, 0.0)),
    "Asec": lambda np, x, y: np.arccos(np.divide(1, x)),
    "AsecDegrees": lambda np, x, y: np.degrees(np.arccos(np.divide(1, x))),
    "Asech": lambda np, x, y: np.arccosh(np.divide(1, x)),
    "Asin": lambda np, x, y: np.arcsin(x),
    "AsinDegrees": lambda np, x, y: np.degrees(np.arcsin(x)),
    "Asinh": lambda np, x, y: np.arcsinh(x),
    "Atan": lambda np, x, y: np.arctan(x),
    "AtanDegrees": lambda np, x, y: np.degrees(np.arctan(x)),
    "Atanh": lambda np, x, y: np.arctanh(x),
    "Cos": lambda np, x, y: np.cos(x),
    "CosDegrees": lambda np, x, y: np.cos(np.radians(x)),
    "Cosh": lambda np, x, y: np.cosh(x),
    "Cot": lambda np, x, y: np.divide(1, np.tan(x)),
    "CotDegrees": lambda np, x, y: np.divide(1, np.tan(np.radians(x))),
    "Coth": lambda np, x, y: np.divide(1, np.tanh(x)),
    "Csc": lambda np, x, y: np.divide(1, np.sin(x)),
    "CscDegrees": lambda np, x, y: np.divide(1, np.sin(np.radians(x))),
    "Csch": lambda np, x, y: np.divide(1, np.sinh(x)),
    "DegreesToRadians": lambda np, x, y: np.radians(x),
    "RadiansToDegrees": lambda np, x, y: np.degrees(x),
    "Sec": lambda np, x, y: np.divide(1, np.cos(x)),
    "SecDegrees": lambda np, x, y: np.divide(1, np.cos(np.radians(x))),
    "Sech": lambda np, x, y: np.divide(1, np.cosh(x)),
    "Sign": lambda np, x, y: np.sign(x),
    "Sin": lambda np, x, y: np.sin(x),
    "Sinc": lambda np, x, y: _sinc(np, x),
    "SinDegrees": lambda np, x, y: np.sin(np.radians(x)),
    "Sinh": lambda np, x, y: np.sinh(x),
    "Tan": lambda np, x, y: np.tan(x),
    "TanDegrees": lambda np, x, y: np.tan(np.radians(x)),
    "Tanh": lambda np, x, y: np.tanh(x),
}


def _double_factorial(special: Any, x: Any) -> Any:
    """Return x!! of integers from -1; NaN of others."""
    import numpy as np

    whole = np.where((x >= -1) & (x == np.rint(x)), x, -1.0)
    # 301!! is beyond the largest number.
    small = np.minimum(whole, 301).astype("int64")
    return np.where((x >= -1) & (x == np.rint(x)), special.factorial2(np.maximum(small, 0)), np.nan)


def _polygamma(special: Any, x: Any, order: Any) -> Any:
    import numpy as np

    valid = (order >= 0) & (order == np.rint(order))
    known = np.where(valid, order, 0.0).astype("int64")
    return np.where(valid, special.polygamma(known, x), np.nan)


def call(name: str, x: Any, y: Any) -> Any:
    """Return a function of arrays or numbers; NaN where it isn't defined, without a warning."""
    import numpy as np

    with np.errstate(all="ignore"):
        for functions in (BASIC, COMPARE, OPERATIONS, ROUNDING, TRIGONOMETRIC):
            if name in functions:
                return functions[name](np, x, y)
        from scipy import special

        return (FACTORIALS.get(name) or SPECIAL[name])(special, x, y)
