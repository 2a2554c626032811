"""What commands print as JSON."""

from __future__ import annotations

import json

import pytest

from designer.cli.output import print_json


def test_a_number_that_json_lacks_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    infinite = float("inf")
    print_json({"a": [1.5, infinite, {"b": (-infinite, float("nan"))}], "é": True})
    text = capsys.readouterr().out
    assert text.isascii()

    def refuse(name: str) -> None:
        raise AssertionError(name)

    found = json.loads(text, parse_constant=refuse)
    assert found == {"a": [1.5, None, {"b": [None, None]}], "é": True}
