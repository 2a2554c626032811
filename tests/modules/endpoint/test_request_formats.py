"""Each format of a request, its response, and the exact refusal of what is none."""

from __future__ import annotations

from typing import Any

import pytest

from modules.contract.errors import ModuleError
from modules.endpoint.http_error import HttpError, internal
from modules.endpoint.request_formats import FIELDS, read_request

ONE = ["input1"]
TWO = ["left", "right"]
ROWS = [{"x": 1, "y": "a"}, {"x": 2, "y": None}]
SCORED = {"output1": [{"p": 1}, {"q": 2}]}
BOTH = {"output1": [{"p": 1}], "output2": [{"q": 2}]}
SEND = 'Send {"Inputs": {"input1": [{"column": 1}]}, "GlobalParameters": {}} or a list of rows.'


@pytest.mark.parametrize(
    ("document", "inputs", "parameters", "one", "two"),
    [
        (
            {"Inputs": {"input1": ROWS}, "GlobalParameters": {"n": 3}},
            {"input1": ROWS},
            {"n": 3},
            {"Results": SCORED},
            {"Results": BOTH},
        ),
        ({"Inputs": {"input1": 7}}, {"input1": 7}, {}, {"Results": SCORED}, {"Results": BOTH}),
        (
            {"Inputs": {"WebServiceInput0": ROWS}, "GlobalParameters": None},
            {"input1": ROWS},
            {},
            {"Results": {"WebServiceOutput0": SCORED["output1"]}},
            {"Results": BOTH},
        ),
        # The old name beside another one is a name as any other.
        (
            {"Inputs": {"WebServiceInput0": ROWS, "b": []}},
            {"WebServiceInput0": ROWS, "b": []},
            {},
            {"Results": SCORED},
            {"Results": BOTH},
        ),
        (
            ROWS,
            {"input1": ROWS},
            {},
            {"p": [1, None], "q": [None, 2]},
            {"output1": {"p": [1]}, "output2": {"q": [2]}},
        ),
        (
            {"data": ROWS, "GlobalParameters": {"n": 3}},
            {"input1": ROWS},
            {"n": 3},
            {"result": SCORED["output1"]},
            {"result": BOTH},
        ),
        (
            {"columns": ["x", "y"], "data": [[1, "a"], [2, None]]},
            {"input1": ROWS},
            {},
            {"result": SCORED["output1"]},
            {"result": BOTH},
        ),
        # What follows a first row that is an object is refused where rows are checked.
        (
            {"data": [{"x": 1}, [2]]},
            {"input1": [{"x": 1}, [2]]},
            {},
            {"result": SCORED["output1"]},
            {"result": BOTH},
        ),
        ({"data": []}, {"input1": []}, {}, {"result": SCORED["output1"]}, {"result": BOTH}),
        (
            {"dataframe_split": {"columns": ["x", "y"], "data": [[1, "a"], [2, None]]}},
            {"input1": ROWS},
            {},
            {"predictions": SCORED["output1"]},
            {"predictions": BOTH},
        ),
        (
            {"dataframe_records": ROWS, "params": {"n": 3}},
            {"input1": ROWS},
            {"n": 3},
            {"predictions": SCORED["output1"]},
            {"predictions": BOTH},
        ),
        (
            {"dataframe_split": {"columns": [], "data": []}, "params": {"n": 3}},
            {"input1": []},
            {"n": 3},
            {"predictions": SCORED["output1"]},
            {"predictions": BOTH},
        ),
    ],
)
def test_a_request_is_answered_in_its_own_format(
    document: Any, inputs: Any, parameters: Any, one: Any, two: Any
) -> None:
    request = read_request(document, ONE)
    assert request.inputs == inputs
    assert request.parameters == parameters
    assert request.respond(SCORED) == one
    assert request.respond(BOTH) == two


def test_an_endpoint_with_several_inputs_gets_them_by_name() -> None:
    inputs = {"left": ROWS, "right": []}
    assert read_request({"Inputs": inputs}, TWO).inputs == inputs
    # The old name means the only input, and here is none.
    old = {"WebServiceInput0": ROWS}
    request = read_request({"Inputs": old}, TWO)
    assert request.inputs == old
    assert request.respond(SCORED) == {"Results": SCORED}
    named = {"WebServiceInput0": ROWS}
    request = read_request({"Inputs": named}, ["WebServiceInput0"])
    assert request.respond(SCORED) == {"Results": SCORED}


def refusal(document: Any, inputs: list[str]) -> tuple[str, str, str, str | None]:
    with pytest.raises(HttpError) as caught:
        read_request(document, inputs)
    error = caught.value
    assert error.status == 400
    assert str(error) == error.message
    return error.code, error.message, error.hint, error.column


LONG = "x" * 300

NOT_AN_OBJECT = ("form-unknown", "The request isn't an object.", SEND, None)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (3, NOT_AN_OBJECT),
        ("rows", NOT_AN_OBJECT),
        (None, NOT_AN_OBJECT),
        ({}, ("form-unknown", "The request is empty.", SEND, None)),
        ({"x": 1}, ("form-unknown", "The request format is unknown.", SEND, None)),
        (
            {"input": 1},
            (
                "form-unknown",
                "The request format is unknown. Did you mean “Inputs”?",
                SEND,
                None,
            ),
        ),
        (
            {"dat": []},
            ("form-unknown", "The request format is unknown. Did you mean “data”?", SEND, None),
        ),
        (
            {"Inputs": []},
            (
                "not-inputs",
                "“Inputs” isn't an object with one list of rows for each input.",
                'Send {"Inputs": {"input1": [{"column": 1}]}}.',
                None,
            ),
        ),
        (
            {"Inputs": {}, "GlobalParameter": {}},
            (
                "field-unknown",
                "The field “GlobalParameter” of the request is unknown.",
                "Did you mean “GlobalParameters”?",
                None,
            ),
        ),
        (
            {"data": [], "columns": [], "index": []},
            ("field-unknown", "The field “index” of the request is unknown.", "Remove it.", None),
        ),
        (
            {"data": [], "zzz": 1},
            ("field-unknown", "The field “zzz” of the request is unknown.", "Remove it.", None),
        ),
        (
            {"dataframe_records": [], "columns": []},
            ("field-unknown", "The field “columns” of the request is unknown.", "Remove it.", None),
        ),
        (
            {"dataframe_split": {}, "parms": {}},
            (
                "field-unknown",
                "The field “parms” of the request is unknown.",
                "Did you mean “params”?",
                None,
            ),
        ),
        (
            {"Inputs": {}, "GlobalParameters": []},
            (
                "not-parameters",
                "“GlobalParameters” isn't an object.",
                "Send {} for no parameters.",
                None,
            ),
        ),
        (
            {"dataframe_records": [], "params": 3},
            ("not-parameters", "“params” isn't an object.", "Send {} for no parameters.", None),
        ),
        (
            {"data": [[1, 2]]},
            (
                "columns-unknown",
                "The rows are lists without column names.",
                'Send “columns” beside “data”, or rows such as {"column": 1}.',
                None,
            ),
        ),
        (
            {"data": [], "columns": "x"},
            (
                "columns-unknown",
                "The request doesn't have a list of column names in “columns”.",
                "",
                None,
            ),
        ),
        (
            {"dataframe_split": {"columns": ["x", 1], "data": []}},
            (
                "columns-unknown",
                "“dataframe_split” doesn't have a list of column names in “columns”.",
                "",
                None,
            ),
        ),
        (
            {"dataframe_split": []},
            (
                "not-a-frame",
                "“dataframe_split” isn't an object.",
                'Send {"columns": [names], "data": [rows]}.',
                None,
            ),
        ),
        (
            {"dataframe_split": {"columns": ["x"]}},
            (
                "not-rows",
                "“dataframe_split” doesn't have a list of rows in “data”.",
                "",
                None,
            ),
        ),
        # The name whose repetition comes first, though another one begins sooner.
        (
            {"columns": ["x", "y", "y", "x"], "data": []},
            ("column-twice", "Column “y” is repeated.", "", "y"),
        ),
        (
            {"columns": ["x", "y"], "data": [[1, 2], [3]]},
            ("not-a-row", "Row 2 of “data” has 1 values; there are 2 columns.", "", None),
        ),
        (
            {"columns": ["x", "y"], "data": [[1, 2, 3]]},
            ("not-a-row", "Row 1 of “data” has 3 values; there are 2 columns.", "", None),
        ),
        (
            {"dataframe_split": {"columns": ["x"], "data": [[1], [2], {"x": 3}]}},
            ("not-a-row", "Row 3 of “data” isn't a list; there are 1 columns.", "", None),
        ),
    ],
)
def test_what_is_no_request_is_refused_with_the_place(document: Any, expected: Any) -> None:
    assert refusal(document, ONE) == expected


@pytest.mark.parametrize(
    ("document", "what"),
    [
        (ROWS, "a list of rows"),
        ({"data": ROWS}, "“data”"),
        ({"dataframe_records": ROWS}, "“dataframe_records”"),
        ({"dataframe_split": {"columns": [], "data": []}}, "“dataframe_split”"),
    ],
)
def test_formats_of_one_input_are_refused_by_an_endpoint_with_several(
    document: Any, what: str
) -> None:
    assert refusal(document, TWO) == (
        "input-missing",
        f"This endpoint has several inputs; {what} doesn't name the input of the rows.",
        "Send “Inputs” with “left”, “right”.",
        None,
    )


def test_long_names_are_shortened() -> None:
    code, message, hint, column = refusal({"columns": [LONG, LONG], "data": []}, ONE)
    assert code == "column-twice"
    assert column is not None
    assert LONG.startswith(column)
    assert len(column) < 300
    assert len(message) < 300
    code, message, hint, _ = refusal({"data": [], LONG: 1}, ONE)
    assert (code, hint) == ("field-unknown", "Remove it.")
    assert len(message) < 300


def test_the_fields_of_the_formats_are_no_columns() -> None:
    assert {
        "Inputs",
        "GlobalParameters",
        "data",
        "columns",
        "index",
        "dataframe_split",
        "dataframe_records",
        "params",
    } == FIELDS


MALFORMED = (
    "not-rows not-a-row no-rows input-unknown input-missing parameter-unknown row-counts-differ"
)
OURS = (
    "package-damaged package-too-new not-a-package module-unknown model-damaged value-damaged "
    "type-not-trusted folder-not-found missing-library"
)


@pytest.mark.parametrize(
    ("codes", "status"), [(MALFORMED, 400), (OURS, 500), ("not-a-number anything-else", 422)]
)
def test_the_status_says_whose_mistake_it_is(codes: str, status: int) -> None:
    for code in codes.split():
        found = HttpError.of(ModuleError(code, "Wrong.", "Right it.", column="x"))
        assert found.status == status
        if status == 500:
            # Nothing of the package's inside is shown.
            assert found.to_json() == internal().to_json()
        else:
            assert found.to_json() == {
                "error": {"code": code, "message": "Wrong.", "hint": "Right it.", "column": "x"}
            }
    assert internal().to_json() == {
        "error": {
            "code": "endpoint-failed",
            "message": "The endpoint couldn't score this request.",
            "hint": "See the endpoint's log.",
        }
    }
