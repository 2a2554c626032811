"""What a service answers when scoring fails, and what reaches its log; the scorer is scripted."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from modules.contract.errors import ModuleError
from modules.endpoint import service as services
from modules.endpoint.http_error import HttpError
from modules.endpoint.service import Service, encode, parse
from modules.scoring import NotByRows

Score = Callable[[dict[str, Any]], Any]
ALLOWED = ("reads",)
DEEP = 100_000
TOO_DEEP = (400, "too-deep", "The body is nested too deeply.", "Send rows of plain values.")
FAILED = (500, "endpoint-failed", "The endpoint couldn't score this request.")


class Scripted:
    """A scorer of a folder: the compiled program and the one on tables are functions."""

    programs: dict[bool, Score]
    made: list[bool | None]

    def __init__(
        self, folder: Path, *, compiled: bool | None = None, allowed: Collection[str] = ()
    ) -> None:
        self.folder = folder
        self.allowed = allowed
        assert self.allowed == ALLOWED
        self.made.append(compiled)
        self.compiled = True in self.programs if compiled is None else compiled
        self.inputs = {"input1": None}
        self.samples: dict[str, list[dict[str, Any]]] = {"input1": [{"x": 1}, {"x": 2}]}

    def score(
        self,
        inputs: dict[str, Any],
        parameters: dict[str, Any] | None = None,
        *,
        tables: bool = True,
    ) -> Any:
        if not (self.compiled or tables):
            raise NotByRows
        return self.programs[self.compiled](inputs)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Service]:
    """Return a function that makes a service from its programs."""

    def make(*, rows: Score | None = None, tables: Score | None = None) -> Service:
        programs = {True: rows, False: tables}
        kept = {compiled: each for compiled, each in programs.items() if each is not None}
        facts = {"programs": kept, "made": []}
        monkeypatch.setattr(services, "Scorer", type("Scorer", (Scripted,), facts))
        return Service(tmp_path, ALLOWED)

    return make


def fails(error: BaseException) -> Score:
    def score(inputs: dict[str, Any]) -> Any:
        raise error

    return score


def scores(*rows: dict[str, Any]) -> Score:
    return lambda inputs: {"output1": list(rows)}


def refusal(call: Callable[[], object]) -> HttpError:
    with pytest.raises(HttpError) as caught:
        call()
    return caught.value


def facts(error: HttpError) -> tuple[int, str, str, str]:
    return error.status, error.code, error.message, error.hint


BODY = b'[{"x": 1}]'


def test_a_request_is_answered(serve: Callable[..., Service]) -> None:
    service = serve(tables=scores({"p": 1.5, "q": math.inf}, {"p": math.nan, "q": "é"}))
    assert not service.compiled
    assert service.answer(BODY) == '{"p":[1.5,null],"q":[null,"é"]}'.encode()
    assert serve(rows=scores()).compiled


def deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(DEEP):
        value = [value]
    return value


def test_an_answer_too_deep_to_encode_is_refused(serve: Callable[..., Service]) -> None:
    service = serve(tables=lambda inputs: {"output1": [{"x": deep()}]})
    assert facts(refusal(lambda: service.answer(BODY))) == TOO_DEEP


def test_a_request_too_deep_to_read_or_to_score_is_refused(
    serve: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    assert facts(refusal(lambda: parse(b"[" * DEEP + b"]" * DEEP))) == TOO_DEEP
    service = serve(rows=fails(RecursionError()), tables=scores({"p": 1}))
    assert facts(refusal(lambda: service.answer(BODY))) == TOO_DEEP
    assert caplog.text == ""


def test_an_error_of_the_request_is_its_own_and_not_logged(
    serve: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    error = ModuleError("not-a-number", "Column “x” must be a number.", "Enter one.", column="x")
    # Tables wouldn't explain it better.
    service = serve(rows=fails(error), tables=scores({"p": 1}))
    found = refusal(lambda: service.answer(BODY))
    assert facts(found) == (422, "not-a-number", error.message, error.hint)
    assert found.column == "x"
    assert caplog.records == []


def test_the_cause_of_a_failed_request_reaches_the_log(
    serve: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    damaged = ModuleError("model-damaged", "The model in “m” can't be read.")
    bug = ZeroDivisionError("in a step")
    for programs, cause in (
        ({"tables": fails(damaged)}, damaged),
        ({"tables": fails(bug)}, bug),
        ({"rows": fails(ValueError("rows")), "tables": fails(bug)}, bug),
    ):
        caplog.clear()
        service = serve(**programs)
        found = refusal(lambda service=service: service.answer(BODY))
        assert facts(found)[:3] == FAILED
        # The caller gets none of it.
        assert str(cause) not in json.dumps(found.to_json())
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert record.getMessage().startswith("A request failed")
        assert record.exc_info is not None
        assert record.exc_info[1] is cause
        assert str(cause) in caplog.text
        # What tables have refused isn't tried with tables again.
        made = service.scorer.made  # type: ignore[attr-defined]
        assert made == ([None, False] if "rows" in programs else [None])


def test_tables_answer_what_fails_in_the_compiled_form(
    serve: Callable[..., Service], caplog: pytest.LogCaptureFixture
) -> None:
    service = serve(rows=fails(ZeroDivisionError()), tables=scores({"p": 1}))
    made = service.scorer.made  # type: ignore[attr-defined]
    assert made == [None]
    assert service.answer(BODY) == b'{"p":[1]}'
    assert service.answer(BODY) == b'{"p":[1]}'
    # They are made when first needed, and once.
    assert made == [None, False]
    # Where they may not be used, the caller can ask again where they may.
    for programs in ({"rows": fails(ZeroDivisionError())}, {}):
        quick = serve(**programs, tables=scores({"p": 1}))
        with pytest.raises(NotByRows):
            quick.answer(BODY, tables=False)
        assert quick.scorer.made == [None]  # type: ignore[attr-defined]
    assert caplog.records == []
    error = ModuleError("unseen", "“Oslo” wasn't in training.", "Send another.")
    explained = serve(rows=fails(ZeroDivisionError()), tables=fails(error))
    assert facts(refusal(lambda: explained.answer(BODY))) == (
        422,
        "unseen",
        error.message,
        error.hint,
    )


def test_a_service_is_warmed_up_with_one_row_of_each_input(
    serve: Callable[..., Service],
) -> None:
    seen: list[dict[str, Any]] = []
    service = serve(rows=lambda inputs: seen.append(dict(inputs)))
    service.warm_up()
    assert seen == [{"input1": [{"x": 1}]}]
    for samples in ({}, {"input1": []}, {"input1": [{"x": 1}], "b": []}):
        service.scorer.samples = samples
        service.warm_up()
    assert len(seen) == 1
    with pytest.raises(ModuleError):
        serve(rows=fails(ModuleError("model-damaged", "Damaged."))).warm_up()


@pytest.mark.parametrize(
    ("body", "code", "message", "hint"),
    [
        (b"", "no-body", "The request doesn't have a body.", "Send the rows as JSON."),
        (b" \n", "no-body", "The request doesn't have a body.", "Send the rows as JSON."),
        (b'["\xff"]', "not-json", "The body isn't UTF-8 text.", "Send JSON in UTF-8."),
        (
            b'{\n "x": 1,\n "y" 2}',
            "not-json",
            "The body isn't JSON: Expecting ':' delimiter at line 3, column 6.",
            "Check for a missing comma, quote, or bracket there.",
        ),
        (b"[" + b"9" * 5000 + b"]", "not-json", "The body has a number that is too long.", ""),
    ],
)
def test_a_body_that_is_no_json(body: bytes, code: str, message: str, hint: str) -> None:
    assert facts(refusal(lambda: parse(body))) == (400, code, message, hint)


@pytest.mark.parametrize(
    ("body", "name", "column"),
    [
        # The name whose repetition comes first, though another one begins sooner.
        (b'[{"b": 1, "a": 2, "a": 3, "b": 4}]', "a", "a"),
        (b'{"x": {"b": 1, "a": 2, "a": 2}}', "a", "a"),
        # A field of the format isn't a column.
        (b'{"data": 1, "data": 2}', "data", None),
    ],
)
def test_a_repeated_name_is_named(body: bytes, name: str, column: str | None) -> None:
    error = refusal(lambda: parse(body))
    message = f"“{name}” is repeated in an object."
    assert facts(error) == (400, "name-twice", message, "Send it once.")
    assert error.column == column


def test_what_is_json_is_read_and_written() -> None:
    document = {"é": [1, 2.5, None, True, "\x00", {}], "n": 10**400}
    assert parse(json.dumps(document).encode()) == document
    assert encode({"é": [1.0, {"n": -math.inf}]}) == '{"é":[1.0,{"n":null}]}'.encode()
    # Half a surrogate pair is no UTF-8 and is escaped.
    half = {"a": "\ud800", "b": math.nan, "c": [math.inf, "é"]}
    assert encode(half) == b'{"a":"\\ud800","b":null,"c":[null,"\\u00e9"]}'
    assert parse(encode({"a": "\ud800"})) == {"a": "\ud800"}
