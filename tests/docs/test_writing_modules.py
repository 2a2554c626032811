"""docs/writing-modules.md, followed: the row form of the page equals the module that it is for."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from followed_page import DOCS, files_of

from modules.contract import ColumnSelector, DataTable, ExampleStep, RowStep
from modules.contract.value import Row
from modules.requests.tables import rows_of


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return what the page's module and its row form define."""
    (source,) = files_of("adding-a-module.md").values()
    text = (DOCS / "writing-modules.md").read_text("utf-8").partition("## One row at a time")[2]
    (form,) = re.findall(r"^```python\n(.*?)^@module", text, re.M | re.S)[:1]
    names = (
        "from collections.abc import Mapping\nfrom pathlib import Path\nfrom typing import Any\n"
    )
    defined: dict[str, Any] = {"RowStep": RowStep, "ExampleStep": ExampleStep, "Row": Row}
    exec(compile(source, "cap_values.py", "exec"), defined)
    exec(compile(names + form, "cap_values.py", "exec"), defined)
    return defined


def example(side: str) -> ExampleStep:
    frame = pd.DataFrame({"price": [5.0, 21.5, None, 20.0], "town": list("abcd")})
    arguments = {"columns": ColumnSelector.names("price"), "side": side, "limit": 20.0}
    return ExampleStep(arguments, {"dataset": DataTable(frame)}, None, lambda save: "")


def test_the_row_form_equals_the_module(page: dict[str, Any], tmp_path: Any) -> None:
    step = example("above")
    table = step.inputs["dataset"]
    expected = rows_of(page["cap_values"](table, **step.arguments))

    function = page["_load"](page["_make"](step), tmp_path)

    assert [function(row) for row in rows_of(table)] == expected
    assert expected[1]["price"] == 20.0


def test_it_says_why_there_is_none(page: dict[str, Any]) -> None:
    assert "row by row" in page["_make"](example("below"))
