from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from designer.catalog import load_catalog
from designer.cli.commands import modules as modules_command

Command = Callable[..., Result]


def test_the_list_names_every_module_under_its_category(designer: Command) -> None:
    result = designer("modules")
    assert result.exit_code == 0
    catalog = load_catalog()
    lines = result.stdout.splitlines()
    for category, specs in catalog.categories().items():
        assert category in [line.strip() for line in lines]
        for spec in specs:
            assert any(line.startswith(f"  {spec.id} ") for line in lines)


def test_json_has_the_documented_shape(designer: Command) -> None:
    entries = json.loads(designer("modules", "--json").stdout)
    assert [entry["id"] for entry in entries] == [
        spec.id for specs in load_catalog().categories().values() for spec in specs
    ]
    for entry in entries:
        assert list(entry) == [
            "id",
            "title",
            "category",
            "version",
            "available",
            "install",
            "inputs",
            "outputs",
            "parameters",
            "help",
        ]
        for parameter in entry["parameters"]:
            assert list(parameter) == [
                "name",
                "title",
                "type",
                "default",
                "minimum",
                "maximum",
                "choices",
                "requires",
                "when",
                "help",
            ]
    (split,) = [entry for entry in entries if entry["id"] == "split_data"]
    assert split["inputs"] == [{"name": "dataset", "type": "DataTable", "optional": False}]
    assert [port["type"] for port in split["outputs"]] == ["DataTable", "DataTable"]
    (fraction,) = [p for p in split["parameters"] if p["name"] == "fraction"]
    assert (fraction["type"], fraction["minimum"], fraction["maximum"]) == ("number", 0, 1)
    assert fraction["default"] == 0.5
    assert fraction["when"]


def test_help_of_one_module_by_id_and_title(designer: Command) -> None:
    by_id = designer("modules", "split_data")
    by_title = designer("modules", "split Data")
    assert by_id.exit_code == 0
    assert by_id.stdout == by_title.stdout
    spec = load_catalog()["split_data"]
    for parameter in spec.parameters:
        assert f"  {parameter.name} " in by_id.stdout
    assert spec.title in by_id.stdout
    assert "----" not in by_id.stdout
    (entry,) = json.loads(designer("modules", "split_data", "--json").stdout)
    assert entry["id"] == "split_data"


def test_every_module_can_be_explained(designer: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    # Once for all of them.
    monkeypatch.setattr(modules_command, "modules_of", lambda _: catalog)
    for name in catalog:
        result = designer("modules", name)
        assert result.exit_code == 0, result.output
        assert name in result.stdout


def test_an_unknown_module(designer: Command) -> None:
    result = designer("modules", "splitdata")
    assert result.exit_code == 2
    assert "Did you mean “split_data”?" in result.stderr
    assert result.stdout == ""


def test_an_example_is_a_pipeline_that_can_be_checked(designer: Command, tmp_path: Path) -> None:
    file = tmp_path / "example.pipeline.json"
    assert designer("modules", "Group By", "--example", file).exit_code == 0
    assert designer("validate", file).exit_code == 0
    assert "group_by" in file.read_text("utf-8")
    again = designer("modules", "group_by", "--example", file)
    assert again.exit_code == 2
    assert "already exists" in again.stderr
    for words in (["--example", file], ["dataset", "--example", file]):
        assert designer("modules", *words).exit_code == 2
