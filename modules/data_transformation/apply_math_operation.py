"""Apply Math Operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from modules.contract import (
    Columns,
    ColumnSelector,
    DataTable,
    ExampleStep,
    ModuleError,
    Needed,
    RowForm,
    RowStep,
    When,
    module,
)
from modules.contract.code import CodeStep, literal
from modules.contract.value import Row
from modules.tables.frames import free_name, numeric_columns, rebuilt, wrong_kind
from modules.tables.math_functions import COMPARE, FACTORIALS, SPECIAL, call

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_PAIRS = ("PairMax", "PairMin")
_BASIC_OF_TWO = ("Atan2", "Hypotenuse", "Log", "NthRoot", "Pow")
_ROUNDING_OF_TWO = (
    "Mod", "Quotient", "Remainder", "RoundDigits", "RoundDown", "RoundUp", "ToMultiple",
)  # fmt: skip
_SPECIAL_OF_TWO = (
    "Beta", "BetaLn", "GammaRegularizedP", "GammaRegularizedPInverse", "GammaRegularizedQ",
    "GammaRegularizedQInverse", "Polygamma",
)  # fmt: skip

_OF_TWO = (*_BASIC_OF_TWO, *_ROUNDING_OF_TWO, *_SPECIAL_OF_TWO)

_Argument = Literal["Constant", "ColumnSet"]
_SECOND = Columns(of="dataset", kinds=("integer", "number"))
_ARGUMENT_TITLE = Field(title="Second argument type")
_CONSTANT_TITLE = Field(title="Second argument")
_COLUMNS_TITLE = Field(title="Second argument")


def _make_row_form(step: ExampleStep) -> dict[str, Any] | str:
    plan = _plan(step.inputs["dataset"], step.arguments)
    if plan["function"] in FACTORIALS or plan["function"] in SPECIAL:
        return "special functions need SciPy"
    return plan


def _load_row_form(form: Mapping[str, Any], folder: Path) -> RowStep:
    import numpy as np

    function, steps = form["function"], form["steps"]
    compares = function in COMPARE and function not in _PAIRS

    def calculate(row: Row) -> dict[str, Any]:
        found = {}
        for step in steps:
            second = step["constant"] if step["second"] is None else row[step["second"]]
            value = row[step["column"]]
            result = None
            if value is not None and second is not None:
                made = call(function, np.float64(value), np.float64(second))
                result = bool(made) if compares else float(made)
                result = result if result == result else None
            found[step["output"]] = result
        return found if form["alone"] else {**row, **found}

    return calculate


def _code(step: CodeStep) -> None:
    group = step.value("category").lower()
    function = step.value(f"{group}_function")
    second = "None"
    constant = "0.0"
    if group in ("compare", "operations") or function in _OF_TWO:
        if step.value(f"{group}_argument") == "ColumnSet":
            second = step.columns(f"{group}_columns", "dataset")
        else:
            constant = step.source(f"{group}_constant")
    of_two = literal(group in ("compare", "operations") or function in _OF_TWO)
    frame, columns = step.inputs["dataset"], step.columns("columns", "dataset")
    mode, steps = step.source("output_mode"), step.variable("plan")
    step.write(
        f"{steps} = {step.helper(steps_of)}({frame}.columns, {literal(function)}, {columns}, "
        f"{second}, {constant}, {mode}, {of_two})",
        f"{step.outputs[0]} = {step.helper(calculated)}({frame}, {literal(function)}, {steps}, "
        f'alone={mode} == "ResultOnly")',
    )


@module(
    "Apply Math Operation",
    outputs=("result_dataset",),
    keywords=(
        "arithmetic",
        "add",
        "multiply",
        "logarithm",
        "round",
        "compare",
        "sine",
        "calculate",
    ),
    requires=("pandas", "numpy", "scipy"),
    row=RowForm(_make_row_form, _load_row_form),
    reads="rows",
    code=_code,
)
def apply_math_operation(
    dataset: DataTable,
    *,
    category: Literal[
        "Basic", "Compare", "Operations", "Rounding", "Special", "Trigonometric"
    ] = "Basic",
    basic_function: Annotated[
        Literal[
            "Abs", "Atan2", "Conj", "Cuberoot", "DoubleFactorial", "Eps", "Exp", "Exp2",
            "ExpMinus1", "Factorial", "Hypotenuse", "ImaginaryPart", "Ln", "LnPlus1", "Log",
            "Log10", "Log2", "NthRoot", "Pow", "RealPart", "Sqrt", "SqrtPi", "Square",
        ],
        Field(title="Basic math function"),
        When(category="Basic"),
    ] = "Abs",
    basic_argument: Annotated[
        _Argument, _ARGUMENT_TITLE, When(basic_function=_BASIC_OF_TWO)
    ] = "Constant",
    basic_constant: Annotated[float, _CONSTANT_TITLE, When(basic_argument="Constant")] = 1.0,
    basic_columns: Annotated[
        ColumnSelector, _COLUMNS_TITLE, _SECOND, Needed(), When(basic_argument="ColumnSet")
    ] = ColumnSelector(),
    compare_function: Annotated[
        Literal[
            "EqualTo", "GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo",
            "NotEqualTo", "PairMax", "PairMin",
        ],
        Field(title="Comparison function"),
        When(category="Compare"),
    ] = "EqualTo",
    compare_argument: Annotated[_Argument, _ARGUMENT_TITLE, When(category="Compare")] = "Constant",
    compare_constant: Annotated[float, _CONSTANT_TITLE, When(compare_argument="Constant")] = 1.0,
    compare_columns: Annotated[
        ColumnSelector, _COLUMNS_TITLE, _SECOND, Needed(), When(compare_argument="ColumnSet")
    ] = ColumnSelector(),
    operations_function: Annotated[
        Literal["Add", "Divide", "Multiply", "Subtract"],
        Field(title="Operation"),
        When(category="Operations"),
    ] = "Add",
    operations_argument: Annotated[
        _Argument, _ARGUMENT_TITLE, When(category="Operations")
    ] = "Constant",
    operations_constant: Annotated[
        float, _CONSTANT_TITLE, When(operations_argument="Constant")
    ] = 1.0,
    operations_columns: Annotated[
        ColumnSelector, _COLUMNS_TITLE, _SECOND, Needed(), When(operations_argument="ColumnSet")
    ] = ColumnSelector(),
    rounding_function: Annotated[
        Literal[
            "Ceiling", "CeilingPower2", "Floor", "Mod", "Quotient", "Remainder", "RoundDigits",
            "RoundDown", "RoundUp", "ToEven", "ToMultiple", "ToOdd", "Truncate",
        ],
        Field(title="Rounding operation"),
        When(category="Rounding"),
    ] = "Ceiling",
    rounding_argument: Annotated[
        _Argument, _ARGUMENT_TITLE, When(rounding_function=_ROUNDING_OF_TWO)
    ] = "Constant",
    rounding_constant: Annotated[float, _CONSTANT_TITLE, When(rounding_argument="Constant")] = 1.0,
    rounding_columns: Annotated[
        ColumnSelector, _COLUMNS_TITLE, _SECOND, Needed(), When(rounding_argument="ColumnSet")
    ] = ColumnSelector(),
    special_function: Annotated[
        Literal[
            "Beta", "BetaLn", "EllipticIntegralE", "EllipticIntegralK", "Erf", "Erfc",
            "ErfcScaled", "ErfInverse", "ExponentialIntegralEin", "Gamma", "GammaLn",
            "GammaRegularizedP", "GammaRegularizedPInverse", "GammaRegularizedQ",
            "GammaRegularizedQInverse", "Polygamma",
        ],
        Field(title="Special function"),
        When(category="Special"),
    ] = "Beta",
    special_argument: Annotated[
        _Argument, _ARGUMENT_TITLE, When(special_function=_SPECIAL_OF_TWO)
    ] = "Constant",
    special_constant: Annotated[float, _CONSTANT_TITLE, When(special_argument="Constant")] = 1.0,
    special_columns: Annotated[
        ColumnSelector, _COLUMNS_TITLE, _SECOND, Needed(), When(special_argument="ColumnSet")
    ] = ColumnSelector(),
    trigonometric_function: Annotated[
        Literal[
            "Acos", "AcosDegrees", "Acosh", "Acot", "AcotDegrees", "Acoth", "Acsc", "AcscDegrees",
            "Acsch", "Arg", "Asec", "AsecDegrees", "Asech", "Asin", "AsinDegrees", "Asinh",
            "Atan", "AtanDegrees", "Atanh", "Cos", "CosDegrees", "Cosh", "Cot", "CotDegrees",
            "Coth", "Csc", "CscDegrees", "Csch", "DegreesToRadians", "RadiansToDegrees", "Sec",
            "SecDegrees", "Sech", "Sign", "Sin", "Sinc", "SinDegrees", "Sinh", "Tan",
            "TanDegrees", "Tanh",
        ],
        Field(title="Trigonometric function"),
        When(category="Trigonometric"),
    ] = "Acos",
    columns: Annotated[
        ColumnSelector, Field(title="Columns"), Columns(of="dataset", kinds=("integer", "number"))
    ],
    output_mode: Literal["Append", "Inplace", "ResultOnly"] = "Append",
) -> DataTable:  # fmt: skip
    """Apply a mathematical function to numeric columns.

    A function of two numbers takes the second one from a constant or from other columns.

    Parameters
    ----------
    dataset : DataTable
        A table with numeric columns.
    category : str
        The group of functions.
    basic_function : str
        Logarithms, powers, roots, factorials. Atan2, Hypotenuse, Log (whose base is the second
        argument), NthRoot and Pow have two arguments.
    basic_argument : str
        A constant, or columns: one for all, or one for each of the columns in their order.
    basic_constant : float
        The second argument of every row.
    basic_columns : ColumnSelector
        Numeric columns with the second arguments.
    compare_function : str
        Comparisons output true or false; PairMax and PairMin the larger or smaller number.
    compare_argument : str
        A constant, or columns: one for all, or one for each of the columns in their order.
    compare_constant : float
        The second argument of every row.
    compare_columns : ColumnSelector
        Numeric columns with the second arguments.
    operations_function : str
        The column is the first operand: column minus argument, column divided by argument.
    operations_argument : str
        A constant, or columns: one for all, or one for each of the columns in their order.
    operations_constant : float
        The second argument of every row.
    operations_columns : ColumnSelector
        Numeric columns with the second arguments.
    rounding_function : str
        See the notes. Functions that round at a digit take the number of decimals as
        the second argument.
    rounding_argument : str
        A constant, or columns: one for all, or one for each of the columns in their order.
    rounding_constant : float
        The second argument of every row.
    rounding_columns : ColumnSelector
        Numeric columns with the second arguments.
    special_function : str
        See the notes.
    special_argument : str
        A constant, or columns: one for all, or one for each of the columns in their order.
    special_constant : float
        The second argument of every row.
    special_columns : ColumnSelector
        Numeric columns with the second arguments.
    trigonometric_function : str
        In radians, unless the name ends in Degrees.
    columns : ColumnSelector
        The numeric columns to apply the function to.
    output_mode : str
        Append the results as new columns, replace the columns, or output the results only.

    Returns
    -------
    result_dataset : DataTable
        New columns are named after the function and its arguments: ``Add(price_tax)``, or
        ``Add(price_$10)`` for a constant.

    Notes
    -----
    Results are floating-point numbers, and booleans for comparisons. If an argument is
    missing, or the function isn't defined for it, the result is missing; 1 / 0 is infinite.

    With x the column and y the second argument: Eps is the distance from x to the next larger
    number, SqrtPi ``sqrt(pi x)``, Factorial ``gamma(x + 1)``, NthRoot ``x ** (1 / y)`` (of negative
    numbers if y is odd). Mod has the sign of y, Remainder that of x; Quotient is truncated;
    CeilingPower2 is the smallest power of 2 that isn't below x; ToEven, ToOdd and ToMultiple round
    to the nearest even number, odd number and multiple of y; RoundDown rounds toward zero, RoundUp
    away from it, and RoundDigits to the nearest digit, halves to even. Beta is ``B(x, y)``,
    GammaRegularizedP ``P(x, y)`` and GammaRegularizedQ ``Q(x, y)`` with their inverses in y,
    Polygamma the derivative of order y of digamma, EllipticIntegralK and EllipticIntegralE have the
    parameter ``m = x``, and ExponentialIntegralEin is the integral of ``(1 - exp(-t)) / t`` from 0
    to x. Sinc is ``sin(x) / x``.

    Unlike in Azure ML designer, there is no Cis, whose results are complex. Of
    functions for complex numbers, Conj and RealPart output x, ImaginaryPart 0, and Arg 0 or pi.
    """
    plan = _plan(dataset, dict(locals()))
    function = plan["function"]
    return dataset.with_frame(
        calculated(dataset.frame, function, plan["steps"], alone=plan["alone"])
    )


def calculated(
    frame: pd.DataFrame, function: str, steps: Sequence[Mapping[str, Any]], *, alone: bool
) -> pd.DataFrame:
    """Return a frame with the results of a function, or the results alone."""
    import numpy as np
    import pandas as pd

    found: dict[str, Any] = {}
    for step in steps:
        values = frame[step["column"]].to_numpy("float64")
        second: Any = np.float64(step["constant"])
        if step["second"] is not None:
            second = frame[step["second"]].to_numpy("float64")
        result = call(function, values, second)
        found[step["output"]] = _column(result, values, second, function)
    if alone:
        return pd.DataFrame(found, index=frame.index)
    changed = {name: values for name, values in found.items() if name in frame.columns}
    appended = {name: values for name, values in found.items() if name not in frame.columns}
    return rebuilt(frame, changed=changed, appended=appended)


def _column(result: np.ndarray, first: np.ndarray, second: Any, function: str) -> Any:
    """Return numbers, or booleans that are missing where an argument is."""
    import numpy as np
    import pandas as pd

    if function in COMPARE and function not in _PAIRS:
        return pd.arrays.BooleanArray(result, np.isnan(first) | np.isnan(second))
    return np.asarray(result, "float64")


def _plan(dataset: DataTable, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the function and, for each column, its second argument and the output's name."""
    group = arguments["category"].lower()
    function = arguments[f"{group}_function"]
    names = numeric_columns(arguments["columns"], dataset, "to calculate with")
    of_two = group in ("compare", "operations") or function in _OF_TWO
    seconds = None
    if of_two and arguments[f"{group}_argument"] == "ColumnSet":
        seconds = _second_columns(dataset, arguments, f"{group}_columns", len(names))
    constant = float(arguments[f"{group}_constant"]) if of_two else 0.0
    mode = arguments["output_mode"]
    steps = steps_of(dataset.names, function, names, seconds, constant, mode, of_two)
    return {"function": function, "steps": steps, "alone": mode == "ResultOnly"}


def steps_of(
    present: Sequence[str],
    function: str,
    names: Sequence[str],
    seconds: Sequence[str] | None,
    constant: float,
    mode: str,
    of_two: bool,
) -> list[dict[str, Any]]:
    """Return for each column its second argument and the name of its output."""
    taken = [] if mode == "ResultOnly" else list(present)
    pairs: Sequence[str | None] = [None] * len(names)
    if seconds is not None:
        pairs = seconds if len(seconds) > 1 else list(seconds) * len(names)
    steps = []
    for name, second in zip(names, pairs, strict=True):
        output = name
        if mode != "Inplace":
            argument = f"_{second}" if second is not None else f"_${constant:g}" if of_two else ""
            output = free_name(f"{function}({name}{argument})", taken)
            taken.append(output)
        steps.append({"column": name, "second": second, "constant": constant, "output": output})
    return steps


def _second_columns(
    dataset: DataTable, arguments: Mapping[str, Any], parameter: str, count: int
) -> list[str]:
    kinds = {column.name: column.kind for column in dataset.columns}
    found: list[str] = []
    for name in arguments[parameter].resolve(dataset.columns, parameter=parameter):
        if kinds[name] not in ("integer", "number"):
            raise wrong_kind(
                name, kinds[name], "numbers are required to calculate with", parameter=parameter
            )
        found.append(name)
    if len(found) not in (1, count):
        raise ModuleError(
            "columns-do-not-pair",
            f"{count} columns have {len(found)} columns as second arguments.",
            "Choose one column, or as many as there are columns to calculate with.",
            parameter=parameter,
        )
    return found
