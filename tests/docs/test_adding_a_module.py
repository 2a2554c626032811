"""docs/adding-a-module.md, followed: the module of the page is found, explained and run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from followed_page import commands_of, files_of

from designer.cli.main import main
from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline

PAGE = "adding-a-module.md"
PRICES = "price,town\n5,Oslo\n21.5,Bergen\n,Oslo\n20,Oslo\n"


@pytest.fixture
def designer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return the command, in the folder of a pipeline and with the module of the page."""
    workspace = tmp_path / "workspace"
    monkeypatch.setenv("MODELDESK_WORKSPACE", str(workspace))
    monkeypatch.chdir(tmp_path)
    ((name, source),) = files_of(PAGE).items()
    (workspace / name).parent.mkdir(parents=True)
    (workspace / name).write_text(source, "utf-8")
    pipeline, data = edits.add_node(Pipeline(), "enter_data_manually", parameters={"data": PRICES})
    pipeline, cap = edits.add_node(pipeline, "cap_values", parameters={"columns": ["price"]})
    pipeline = edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(cap, "dataset"))
    write(pipeline, tmp_path / "prices.pipeline.json")
    return lambda *words: CliRunner().invoke(main, list(words))


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_commands_of_the_page_explain_it_and_run_it(designer: Callable[..., Result]) -> None:
    explain, run = (shlex.split(line)[1:] for line in commands_of(PAGE))
    (spec,) = document(designer(*explain, "--json"))
    ran = document(designer(*run, "--json"))
    shown = document(designer("show", "prices.pipeline.json", "cap_values", "--json"))

    assert (spec["title"], spec["category"]) == ("Cap Values", "My Modules")
    help_texts = {each["name"]: each["help"] for each in spec["parameters"]}
    assert help_texts["limit"] == "The limit, in the unit of the columns."
    assert ran["nodes"]["cap_values"]["status"] == "completed"
    assert shown["data"] == [[5.0, "Oslo"], [20.0, "Bergen"], [None, "Oslo"], [20.0, "Oslo"]]


@pytest.mark.long
def test_its_signature_is_what_validation_knows(designer: Callable[..., Result]) -> None:
    wrong = designer("run", "prices.pipeline.json", "--set", "cap_values.limit=-1")
    text = designer("run", "prices.pipeline.json", "--set", "cap_values.columns=town", "--json")

    assert wrong.exit_code == 2
    assert "Limit" in wrong.stderr
    assert text.exit_code != 0
    assert text.exit_code == 1
    error = json.loads(text.stdout)["nodes"]["cap_values"]["error"]
    assert (error["column"], error["parameter"]) == ("town", "columns")
    assert error["message"] == "Column “town” contains no numbers."
