"""Enter Data Manually."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from modules.contract import DataTable, ModuleError, Needed, Text, When, module
from modules.contract.code import CodeStep
from modules.data_input_output._parsing import Parsing

if TYPE_CHECKING:
    import pandas as pd


def _code(step: CodeStep) -> None:
    from modules.data_input_output._code.reading import write_frame, write_text

    kind, data = step.value("data_format"), step.value("data")
    if kind in ("CSV", "TSV"):
        source, header = step.source("data"), step.value("header")
        write_text(step, step.outputs[0], source, data, header, kind == "TSV")
    else:
        write_frame(step, step.outputs[0], _frame(kind, True, data))


@module(
    "Enter Data Manually",
    outputs=("dataset",),
    keywords=("type", "write", "small", "constant", "inline", "table"),
    requires=("pandas", "pyarrow", "liac-arff", "scikit-learn"),
    code=_code,
)
def enter_data_manually(
    *,
    data_format: Literal["CSV", "TSV", "ARFF", "SVMLight"] = "CSV",
    header: Annotated[
        bool, Field(title="First row contains the names"), When(data_format=("CSV", "TSV"))
    ] = True,
    data: Annotated[str, Text(), Needed()] = "",
) -> DataTable:
    """Enter a small table.

    Useful for experiments with a few rows, and for lookup tables.

    Parameters
    ----------
    data_format : str
        Format of the data: comma- or tab-separated values, ARFF, or SVMLight.
    header : bool
        The first row contains the names of the columns; otherwise they are Col1, Col2, ...
    data : str
        The rows. Empty ones are skipped.

    Returns
    -------
    dataset : DataTable
        The table.

    Notes
    -----
    SVMLight has rows such as ``1 1:0.5 3:2``, a label and the values of numbered features;
    features missing in a row are 0. The columns are Col1, Col2, ... and Labels.

    Unlike in Azure ML designer, ARFF attributes of type string are read too, and SVMLight
    values aren't normalized.
    """
    if not data.strip():
        raise ModuleError("no-data", "No data is entered.", "Enter some rows.", parameter="data")
    try:
        return DataTable(_frame(data_format, header, data))
    except ModuleError as error:
        raise ModuleError(
            error.code, error.message, error.hint, parameter="data", column=error.column
        ) from error


def _frame(data_format: str, header: bool, data: str) -> pd.DataFrame:
    if data_format == "SVMLight":
        from modules.data_input_output._formats.svmlight import read_svmlight

        return read_svmlight(data)
    if data_format == "ARFF":
        from modules.data_input_output._formats.arff import read_arff

        return read_arff(data)
    from modules.data_input_output._formats.delimited import read_delimited

    delimiter = "comma" if data_format == "CSV" else "tab"
    parsing = Parsing(encoding="utf-8", delimiter=delimiter, header=header)
    return read_delimited(data.encode(), parsing)
