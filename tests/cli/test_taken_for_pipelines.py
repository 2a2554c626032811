"""Data files, and scripts as plain lists, where a pipeline and its texts are expected."""

from __future__ import annotations

import json

import pytest

HINT = "Drop it on the canvas of a pipeline in the window, or name it in a Dataset module."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cars.csv", b"price,make\n1,a\n"),
        ("Cars.CSV", b"1\n2\n"),
        ("cars.parquet", b"PAR1\xff\xfe"),
        ("cars.jsonl", b'{"price": 1}\n{"price": 2}\n'),
        ("empty.tsv", b""),
    ],
)
def test_a_data_file_is_called_one(designer, tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    for command in ("run", "validate"):
        result = designer(command, path)
        assert result.exit_code == 2
        assert result.stderr == f"Error: “{name}” is a data file, not a pipeline.\nHint: {HINT}\n"
    said = json.loads(designer("validate", path, "--json").stdout)
    assert said["problems"][0]["hint"] == HINT


def test_a_pipeline_is_read_whatever_its_name(designer, small, tmp_path):
    path = tmp_path / "pipeline.csv"
    path.write_bytes(small[1].read_bytes())
    assert designer("validate", path).exit_code == 0


def test_a_script_that_is_a_list_is_told_how_lines_are_written(designer, tmp_path):
    lines = ["def azureml_main(dataframe1=None, dataframe2=None):", "    return dataframe1,"]
    node = {"module": "execute_python_script", "parameters": {"script": lines}}
    document = {
        "format": "modeldesk-pipeline",
        "version": 1,
        "nodes": {"script": node},
        "links": [],
    }
    path = tmp_path / "script.pipeline.json"
    path.write_text(json.dumps(document), "utf-8")
    result = designer("validate", path)
    assert result.exit_code == 2
    assert (
        "Python script is text, not a list; write several lines as "
        '{"$lines": ["first line", "second line"]}.'
    ) in result.stdout
    # As it says, it is.
    node["parameters"]["script"] = {"$lines": lines}
    path.write_text(json.dumps(document), "utf-8")
    assert designer("validate", path).exit_code == 0
