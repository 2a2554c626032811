"""``designer run``: as a person calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from designer.pipeline import edits
from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Node, Pipeline, PipelineParameter
from designer.pipeline.parameters import add_parameter, bind_parameter

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(designer, tmp_path):
    """Call ``run`` in a workspace of the test's own."""
    return lambda *arguments: designer("run", "--workspace", tmp_path / "workspace", *arguments)


def test_a_run_prints_the_document_of_the_design(run, small):
    pipeline, path = small
    data, split = pipeline.nodes
    result = run(path, "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert set(document) == {"run", "status", "seconds", "nodes", "metrics"}
    assert document["status"] == "completed"
    assert {node["status"] for node in document["nodes"].values()} == {"completed"}
    output = document["nodes"][split]["outputs"]["results_dataset1"]
    assert (output["type"], output["rows"], output["columns"]) == ("DataTable", 1, 2)
    assert Path(output["path"], "data.arrow").exists()
    again = json.loads(run(path, "--json").stdout)
    assert {node["status"] for node in again["nodes"].values()} == {"reused"}
    fresh = json.loads(run(path, "--json", "--no-reuse").stdout)
    assert {node["status"] for node in fresh["nodes"].values()} == {"completed"}
    changed = json.loads(run(path, "--json", "--set", f"{split}.fraction=1").stdout)
    assert changed["nodes"][data]["status"] == "reused"
    assert changed["nodes"][split]["outputs"]["results_dataset1"]["rows"] == 2
    assert list(json.loads(run(path, "--json", "--until", data).stdout)["nodes"]) == [data]


def test_lines_for_people_go_to_the_error_stream(run, small):
    pipeline, path = small
    result = run(path)
    assert result.exit_code == 0
    for node in pipeline.nodes:
        assert any(node in line and "completed" in line for line in result.stderr.splitlines())
    assert "2 completed" in result.stdout


def test_pipeline_parameters(run, small):
    pipeline, path = small
    split = list(pipeline.nodes)[1]
    pipeline = add_parameter(pipeline, PipelineParameter("share", "number", 0.5))
    write(bind_parameter(pipeline, split, "fraction", "share"), path)
    document = json.loads(run(path, "--json", "--param", "share=0").stdout)
    file = path.parent / "values.json"
    file.write_text('{"share": 0}')
    from_file = json.loads(run(path, "--json", "--param", str(file)).stdout)
    assert from_file["nodes"][split]["outputs"] == document["nodes"][split]["outputs"]
    assert document["nodes"][split]["outputs"]["results_dataset1"]["rows"] == 0
    for given, words in (
        ("share=many", "type number"),
        ("shore=1", "no parameter “shore”"),
        ("share", "NAME=VALUE"),
    ):
        result = run(path, "--param", given)
        assert result.exit_code == 2
        assert words in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--set", "split.x"], "NODE.PARAM=VALUE"),
        (["--set", "splat.fraction=1"], "no node “splat”"),
        (["--set", "split_data.fractian=1"], "Did you mean “fraction”"),
        (["--set", "split_data.fraction=2"], "from 0 to 1"),
        (["--until", "nowhere"], "no node “nowhere”"),
        (["--target", "moon"], "isn't a compute target"),
    ],
)
def test_wrong_options_are_status_two(run, small, arguments, words):
    result = run(small[1], *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stdout == ""


def test_wrong_files_are_status_two(run, small, tmp_path):
    path = small[1]
    assert run(tmp_path / "absent.pipeline.json").exit_code == 2
    (tmp_path / "broken.pipeline.json").write_text("{")
    assert run(tmp_path / "broken.pipeline.json").exit_code == 2
    (tmp_path / "prices.csv").unlink()
    result = run(path, "--json")
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert document["valid"] is False
    assert document["problems"][0]["parameter"] == "path"
    assert "prices.csv" in result.stderr


def test_a_problem_that_is_not_on_the_way_does_not_hinder(run, small):
    pipeline, path = small
    pipeline, _ = edits.add_node(pipeline, "split_data")
    write(pipeline, path)
    assert run(path).exit_code == 2
    assert run(path, "--until", "split_data").exit_code == 0


def test_a_failing_step_is_status_one(run, small, tmp_path):
    pipeline, path = small
    pipeline, chosen = edits.add_node(
        pipeline, "select_columns_in_dataset", parameters={"columns": ["weight"]}
    )
    data = next(iter(pipeline.nodes))
    write(edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(chosen, "dataset")), path)
    result = run(path, "--json")
    assert result.exit_code == 1
    document = json.loads(result.stdout)
    assert document["status"] == "failed"
    assert "weight" in document["nodes"][chosen]["error"]["message"]
    assert document["nodes"]["split_data"]["status"] == "completed"
    plain = run(path)
    assert plain.exit_code == 1
    assert "weight" in plain.stderr


@pytest.mark.skipif(os.name == "nt", reason="interrupts by signal")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_an_interrupt_cancels_the_run(small, tmp_path, number):
    pipeline, path = small
    own = tmp_path / "workspace" / "modules"
    own.mkdir(parents=True)
    (own / "endless.py").write_text(
        "from modules.contract import DataTable, module\n"
        "@module('Endless', outputs=('out',))\n"
        "def endless(table: DataTable) -> DataTable:\n"
        "    '''Never end.'''\n"
        "    while True:\n"
        "        pass\n"
    )
    data = next(iter(pipeline.nodes))
    pipeline, node = edits.add_node(read(path), "endless")
    write(edits.connect(pipeline, Endpoint(data, "dataset"), Endpoint(node, "table")), path)
    command = [sys.executable, "-m", "designer.cli.main", "run", str(path), "--json"]
    process = subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "workspace")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    while "endless" not in (line := process.stderr.readline()):
        assert line
    process.send_signal(number)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 1
    document = json.loads(out)
    assert document["status"] == "cancelled"
    assert document["nodes"][node]["status"] == "cancelled"
    assert "Traceback" not in err


def test_what_a_step_warns_of_is_told(run, tmp_path):
    (tmp_path / "places.csv").write_bytes("place\nZürich\nGenève\n".encode("cp1252"))
    path = tmp_path / "places.pipeline.json"
    data = Node("data", "dataset", parameters={"path": "places.csv"})
    write(Pipeline(nodes={"data": data}), path)
    ended = run(path)
    assert ended.exit_code == 0
    assert "Warning: data: " in ended.stderr
    assert "cp1252" in ended.stderr
