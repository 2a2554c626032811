"""``designer datasets``: files that the workspace knows by name."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def datasets(designer, tmp_path):
    return lambda *arguments: designer("datasets", *arguments, "--workspace", tmp_path / "w")


@pytest.fixture
def prices(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("price,make\n1.5,a\n2,\n", "utf-8")
    return path


def test_a_dataset_is_added_listed_shown_and_removed(datasets, prices):
    assert datasets("list").output == "There are no registered datasets.\n"
    added = datasets("add", prices, "--name", "Prices (2024)", "--description", "Of cars")
    assert added.exit_code == 0
    assert "dataset:Prices (2024)" in added.output
    (listed,) = json.loads(datasets("list", "--json").output)
    assert listed["name"] == "Prices (2024)"
    assert listed["file"] == "prices.csv"
    assert listed["bytes"] == prices.stat().st_size
    assert listed["description"] == "Of cars"
    shown = json.loads(datasets("show", "Prices (2024)", "--rows", "1", "--json").output)
    assert shown["rows"] == 2
    assert [(c["name"], c["kind"]) for c in shown["columns"]] == [
        ("price", "number"),
        ("make", "string"),
    ]
    assert shown["data"] == [{"price": 1.5, "make": "a"}]
    assert "2 rows × 2 columns" in datasets("show", "Prices (2024)").output
    assert datasets("delete", "Prices (2024)").exit_code == 0
    assert json.loads(datasets("list", "--json").output) == []
    assert prices.exists()


def test_the_name_is_by_default_the_files(datasets, prices):
    assert json.loads(datasets("add", prices, "--json").output)["name"] == "prices"
    assert "prices" in datasets().output


def test_registering_again_makes_a_version_with_what_changed(datasets, prices):
    datasets("add", prices)
    prices.write_text("price,color\n1.5,red\n2,\n7,blue\n", "utf-8")
    added = datasets("add", prices)
    assert added.exit_code == 0
    assert "version 2" in added.output
    assert "“color” added (string), “make” removed, +1 rows" in added.output
    assert "already has this content: version 2" in datasets("add", prices).output
    one, two = reversed(json.loads(datasets("versions", "prices", "--json").output))
    assert (one["version"], two["version"], one["rows"], two["rows"]) == (1, 2, 2, 3)
    assert two["changes"] == ["“color” added (string)", "“make” removed", "+1 rows"]
    assert one["changes"] == []
    assert two["hash"][:12] in datasets("versions", "prices").output
    shown = json.loads(datasets("show", "prices@1", "--json").output)
    assert [column["name"] for column in shown["columns"]] == ["price", "make"]
    assert json.loads(datasets("list", "--json").output)[0]["version"] == 2


def test_a_version_that_something_uses_is_deleted_only_by_force(
    datasets, prices, designer, tmp_path
):
    datasets("add", prices)
    pipeline = tmp_path / "cars.pipeline.json"
    nodes = {
        "read": {"module": "dataset", "version": 1, "parameters": {"path": "dataset:prices@1"}}
    }
    pipeline.write_text(
        json.dumps({"format": "modeldesk-pipeline", "version": 1, "nodes": nodes}), "utf-8"
    )
    ran = designer("run", pipeline, "--workspace", tmp_path / "w", "--json")
    assert ran.exit_code == 0, ran.output
    prices.write_text("price\n3\n", "utf-8")
    datasets("add", prices)
    (run,) = json.loads(designer("runs", "--workspace", tmp_path / "w", "--json").output)
    shown = designer("runs", "show", run["run"], "--workspace", tmp_path / "w").output
    assert "prices@1" in shown
    assert json.loads(datasets("delete", "prices@2", "--json").output)["removed"]
    refused = datasets("delete", "prices@1")
    assert refused.exit_code == 2
    assert "1 run" in refused.output
    assert "cars.pipeline.json" in refused.output
    assert datasets("delete", "prices@1", "--force").exit_code == 0
    failed = designer("validate", pipeline, "--workspace", tmp_path / "w")
    assert "no registered dataset" in failed.output


def test_a_folder_and_a_file_that_is_no_table_are_kept_all_the_same(datasets, tmp_path):
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "one.png").write_bytes(b"\x89PNG" * 300)
    assert datasets("add", folder).exit_code == 0
    shown = datasets("show", "pictures")
    assert shown.exit_code == 0
    assert "Not shown as a table" in shown.output
    about = json.loads(datasets("show", "pictures", "--json").output)
    assert about["bytes"] == 1200
    assert about["problem"]


@pytest.mark.parametrize("name", ["../up", "a/b", "", ".hidden", "x\ny", "end."])
def test_a_name_with_odd_characters_is_refused(datasets, prices, name):
    result = datasets("add", prices, "--name", name)
    assert result.exit_code == 2
    assert "can't be the name of a dataset" in result.output
    assert json.loads(datasets("list", "--json").output) == []


def test_what_is_not_there_is_said_with_what_was_meant(datasets, prices, tmp_path):
    missing = datasets("add", tmp_path / "nothing.csv")
    assert missing.exit_code == 2
    assert "There is no file" in missing.output
    datasets("add", prices)
    for command in ("show", "delete"):
        result = datasets(command, "price")
        assert result.exit_code == 2
        assert "Did you mean “prices”?" in result.output
    assert datasets("delete", "../datasets/prices").exit_code == 2
    assert len(json.loads(datasets("list", "--json").output)) == 1


def test_the_workspace_is_not_copied_into_itself(datasets, prices, tmp_path):
    datasets("add", prices)
    result = datasets("add", tmp_path, "--name", "all")
    assert result.exit_code == 2
    assert "into itself" in result.output
