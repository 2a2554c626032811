"""Sentences stay short and on one line, whatever a column is called."""

from __future__ import annotations

import pytest

from modules.contract import ModuleError
from modules.contract.columns import column_not_found
from modules.contract.context import ModuleWarning, warn
from modules.contract.messages import readable


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Column “price” is missing.", "Column “price” is missing."),
        ("Column “a\nb” is\n missing.", "Column “a b” is missing."),
        (f"“{'x' * 60}” and “y”.", f"“{'x' * 60}” and “y”."),
        (f"“{'x' * 61}” and “y”.", f"“{'x' * 58} …” and “y”."),
        (f"“/{'home/' * 40}a.csv” is gone.", f"“/{'home/' * 40}a.csv” is gone."),
        ("a " * 300, "a " * 199 + "a …"),
    ],
)
def test_readable(text: str, expected: str) -> None:
    assert readable(text) == expected


def test_errors_and_warnings_are_readable() -> None:
    name = "long " * 200
    error = column_not_found(name, [name * 2] * 9)
    assert len(error.message) < 100
    assert len(error.hint) < 620
    assert error.column == name
    assert ModuleError.from_json(error.to_json()).to_json() == error.to_json()
    with pytest.warns(ModuleWarning, match="^Column “long .* …” is odd[.]$"):
        warn(f"Column “{name}” is odd.")
