"""The formats of requests, and responses in the same format.

=====================================================  ====================================
Request                                                Response
=====================================================  ====================================
``{"Inputs": {"input1": [row]}, "GlobalParameters"}``  ``{"Results": {"output1": [row]}}``
``{"Inputs": {"WebServiceInput0": [row]}}``            ``{"Results": {"WebServiceOutput0"}}``
``[row, row]``                                         ``{"column": [value, value]}``
``{"data": [row]}``                                    ``{"result": [row]}``
``{"dataframe_split": {"columns", "data"}}``           ``{"predictions": [row]}``
``{"dataframe_records": [row]}``                       ``{"predictions": [row]}``
=====================================================  ====================================

The first two are used by Azure ML designer's endpoints, the third by its ``_samples.json``,
the last two by MLflow. All except the first support a single input only.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from modules.contract.columns import first_repeated
from modules.endpoint.http_error import HttpError
from modules.requests.values import LONGEST_NAME, shortened

Rows = list[dict[str, Any]]
Results = dict[str, Rows]

FIELDS = frozenset(
    (
        "Inputs",
        "GlobalParameters",
        "data",
        "columns",
        "index",
        "dataframe_split",
        "dataframe_records",
        "params",
    )
)
"""The fields of the formats themselves; all other names are columns."""

OLD_INPUT = "WebServiceInput0"
OLD_OUTPUT = "WebServiceOutput0"


@dataclass(frozen=True)
class ScoringRequest:
    """A request in one of the formats.

    Parameters
    ----------
    inputs : mapping of str to rows
        Not validated yet.
    parameters : mapping
        Pipeline parameters in the request.
    respond : callable
        Returns the rows of the outputs in the format of the request.
    """

    inputs: Mapping[str, Any]
    parameters: Mapping[str, Any]
    respond: Callable[[Results], Any]


def read_request(document: Any, inputs: Sequence[str]) -> ScoringRequest:
    """Parse a request in any of the formats.

    Parameters
    ----------
    document : object
        The body, parsed.
    inputs : sequence of str
        The names of the inputs.

    Raises
    ------
    HttpError
        If it doesn't match any of the formats.
    """
    if isinstance(document, list):
        return ScoringRequest({_single(inputs, "a list of rows"): document}, {}, _columns)
    if not isinstance(document, dict):
        raise _unknown_format("The request isn't an object.")
    if not document:
        raise _unknown_format("The request is empty.")
    for key, read in _FORMATS.items():
        if key in document:
            return read(document, inputs)
    close = difflib.get_close_matches(next(iter(document))[:80], _FORMATS, n=1, cutoff=0.6)
    hint = f" Did you mean “{close[0]}”?" if close else ""
    raise _unknown_format(f"The request format is unknown.{hint}")


def _azure(document: dict[str, Any], inputs: Sequence[str]) -> ScoringRequest:
    _only(document, ("Inputs", "GlobalParameters"))
    given = document["Inputs"]
    if not isinstance(given, dict):
        raise HttpError(
            400,
            "not-inputs",
            "“Inputs” isn't an object with one list of rows for each input.",
            f'Send {{"Inputs": {{"{inputs[0]}": [{{"column": 1}}]}}}}.',
        )
    parameters = _parameters(document, "GlobalParameters")
    if len(inputs) == 1 and len(given) == 1 and inputs[0] not in given and OLD_INPUT in given:
        return ScoringRequest({inputs[0]: given[OLD_INPUT]}, parameters, _old_results)
    return ScoringRequest(given, parameters, lambda results: {"Results": results})


def _data(document: dict[str, Any], inputs: Sequence[str]) -> ScoringRequest:
    _only(document, ("data", "columns", "GlobalParameters"))
    rows = document["data"]
    if "columns" in document:
        rows = _split(document, "The request")
    elif isinstance(rows, list) and rows and isinstance(rows[0], list):
        raise HttpError(
            400,
            "columns-unknown",
            "The rows are lists without column names.",
            'Send “columns” beside “data”, or rows such as {"column": 1}.',
        )
    parameters = _parameters(document, "GlobalParameters")
    return ScoringRequest(
        {_single(inputs, "“data”"): rows}, parameters, lambda results: {"result": _rows(results)}
    )


def _dataframe_split(document: dict[str, Any], inputs: Sequence[str]) -> ScoringRequest:
    _only(document, ("dataframe_split", "params"))
    frame = document["dataframe_split"]
    if not isinstance(frame, dict):
        raise HttpError(
            400,
            "not-a-frame",
            "“dataframe_split” isn't an object.",
            'Send {"columns": [names], "data": [rows]}.',
        )
    rows = _split(frame, "“dataframe_split”")
    return _mlflow(document, inputs, "dataframe_split", rows)


def _dataframe_records(document: dict[str, Any], inputs: Sequence[str]) -> ScoringRequest:
    _only(document, ("dataframe_records", "params"))
    return _mlflow(document, inputs, "dataframe_records", document["dataframe_records"])


def _mlflow(
    document: dict[str, Any], inputs: Sequence[str], form: str, rows: Any
) -> ScoringRequest:
    parameters = _parameters(document, "params")
    return ScoringRequest(
        {_single(inputs, f"“{form}”"): rows},
        parameters,
        lambda results: {"predictions": _rows(results)},
    )


def _split(frame: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    """Return rows from names and lists of values."""
    columns, data = frame.get("columns"), frame.get("data")
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise HttpError(
            400, "columns-unknown", f"{where} doesn't have a list of column names in “columns”."
        )
    twice = first_repeated(columns)
    if twice is not None:
        raise HttpError(
            400,
            "column-twice",
            f"Column “{shortened(twice)}” is repeated.",
            column=twice[:LONGEST_NAME],
        )
    if not isinstance(data, list):
        raise HttpError(400, "not-rows", f"{where} doesn't have a list of rows in “data”.")
    rows = []
    for index, values in enumerate(data):
        if not isinstance(values, list) or len(values) != len(columns):
            found = f"has {len(values)} values" if isinstance(values, list) else "isn't a list"
            raise HttpError(
                400,
                "not-a-row",
                f"Row {index + 1} of “data” {found}; there are {len(columns)} columns.",
            )
        rows.append(dict(zip(columns, values, strict=True)))
    return rows


def _parameters(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    given = document.get(key)
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise HttpError(
            400, "not-parameters", f"“{key}” isn't an object.", "Send {} for no parameters."
        )
    return given


def _only(document: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in document:
        if key not in known:
            close = difflib.get_close_matches(key[:80], known, n=1, cutoff=0.6)
            raise HttpError(
                400,
                "field-unknown",
                f"The field “{shortened(key)}” of the request is unknown.",
                f"Did you mean “{close[0]}”?" if close else "Remove it.",
            )


def _single(inputs: Sequence[str], what: str) -> str:
    if len(inputs) == 1:
        return inputs[0]
    listed = ", ".join(f"“{name}”" for name in inputs)
    raise HttpError(
        400,
        "input-missing",
        f"This endpoint has several inputs; {what} doesn't name the input of the rows.",
        f"Send “Inputs” with {listed}.",
    )


def _unknown_format(message: str) -> HttpError:
    return HttpError(
        400,
        "form-unknown",
        message,
        'Send {"Inputs": {"input1": [{"column": 1}]}, "GlobalParameters": {}} or a list of rows.',
    )


def _old_results(results: Results) -> Any:
    if len(results) == 1:
        return {"Results": {OLD_OUTPUT: next(iter(results.values()))}}
    return {"Results": results}


def _rows(results: Results) -> Any:
    return next(iter(results.values())) if len(results) == 1 else results


def _columns(results: Results) -> Any:
    found = {name: _turned(rows) for name, rows in results.items()}
    return next(iter(found.values())) if len(found) == 1 else found


def _turned(rows: Rows) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


_FORMATS: dict[str, Callable[[dict[str, Any], Sequence[str]], ScoringRequest]] = {
    "Inputs": _azure,
    "data": _data,
    "dataframe_split": _dataframe_split,
    "dataframe_records": _dataframe_records,
}
