"""Parameters of several choices: on the command line, as pipeline parameters, as code, on Azure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from designer.pipeline.file import read, write
from designer.pipeline.model import Endpoint, Link, Node, Pipeline, PipelineParameter


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    (tmp_path / "sales.csv").write_text("shop,price\na,1\na,5\nb,7\n", "utf-8")
    nodes = {
        "data": Node("data", "dataset", parameters={"path": "sales.csv"}),
        "group": Node(
            "group",
            "group_by",
            parameters={
                "keys": ["shop"],
                "columns": ["price"],
                "functions": {"$parameter": "functions"},
                "count_rows": False,
            },
        ),
    }
    path = tmp_path / "sales.pipeline.json"
    link = Link(Endpoint("data", "dataset"), Endpoint("group", "dataset"))
    parameters = {"functions": PipelineParameter("functions", "text", "mean, sum")}
    write(Pipeline(nodes=nodes, links=(link,), parameters=parameters), path)
    return path


def columns_of(designer, pipeline: Path, *options: str) -> list[str]:
    place = ("--workspace", pipeline.parent / "workspace")
    result = designer("run", pipeline, *options, *place)
    assert result.exit_code == 0, result.output
    shown = json.loads(designer("show", pipeline, "group", "--json", *place).stdout)
    return [column["name"] for column in shown["schema"]][1:]


def test_they_are_set_by_a_list_or_by_a_text_with_commas(designer, pipeline):
    assert columns_of(designer, pipeline) == ["mean(price)", "sum(price)"]
    assert columns_of(designer, pipeline, "--param", "functions=maximum") == ["maximum(price)"]
    assert columns_of(designer, pipeline, "--set", "group.functions=first, last") == [
        "first(price)",
        "last(price)",
    ]
    assert columns_of(designer, pipeline, "--set", 'group.functions=["median"]') == [
        "median(price)"
    ]


def test_a_wrong_one_is_named_with_a_similar_one(designer, pipeline):
    whole = read(pipeline)
    changed = {**whole.nodes["group"].parameters, "functions": ["sum", "meen"]}
    nodes = {**whole.nodes, "group": Node("group", "group_by", parameters=changed)}
    write(Pipeline(nodes=nodes, links=whole.links), pipeline)
    checked = designer("validate", pipeline)
    assert checked.exit_code == 2
    assert "group.functions: Functions: “meen” isn't one of “sum”" in checked.stdout
    assert "Did you mean “mean”?" in checked.stdout
    refused = designer("run", pipeline, "--set", "group.functions=sum, lost")
    assert refused.exit_code == 2
    assert "“lost” isn't one of" in refused.stderr
    assert "Did you mean “last”?" in refused.stderr


def test_code_and_azure_jobs_read_the_text_too(designer, pipeline, tmp_path):
    for form in ("python", "sklearn"):
        script = tmp_path / f"{form}.py"
        exported = designer("export", pipeline, "--to", form, "-o", script)
        assert exported.exit_code == 0, exported.output
        assert '[each.strip() for each in functions.split(",")]' in script.read_text("utf-8")
    folder = tmp_path / "azure"
    compiled = designer("compile", pipeline, "--to", "azureml-v2", "-o", folder)
    assert compiled.exit_code == 0, compiled.output


def test_the_help_lists_them(designer):
    text = " ".join(designer("modules", "group_by").stdout.split())
    assert "any of “sum”, “mean”" in text
    assert "default “mean”" in text
