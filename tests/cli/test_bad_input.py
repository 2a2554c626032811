"""Everything that can be wrong with what a person gives, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

HEAD: dict[str, Any] = {"format": "modeldesk-pipeline", "version": 1}


def written(folder: Path, nodes: dict[str, Any], *links: str) -> Path:
    """Write a pipeline file; a node is its module and parameters, a link ``a.b > c.d``."""
    document = {
        **HEAD,
        "nodes": {
            name: {"module": module, "version": 1, "parameters": parameters}
            for name, (module, parameters) in nodes.items()
        },
        "links": [
            dict(zip(("from", "to"), (end.strip() for end in link.split(">")), strict=True))
            for link in links
        ],
    }
    path = folder / "bad.pipeline.json"
    path.write_text(json.dumps(document), "utf-8")
    return path


def data_node(folder: Path, content: bytes, **parameters: Any) -> Path:
    (folder / "data.csv").write_bytes(content)
    return written(folder, {"data": ("dataset", {"path": "data.csv", **parameters})})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "not"),
        ("[]", "not"),
        ('{"format": "something-else", "version": 1}', "not"),
        ('{"format": "modeldesk-pipeline", "version": 99}', "newer"),
        ('{"format": "modeldesk-pipeline", "version": 1, "nodes": {"a": 5}}', "a"),
    ],
)
def test_files_that_are_no_pipelines(designer, tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.pipeline.json"
    path.write_text(text, "utf-8")
    for command in ("run", "validate"):
        result = designer(command, path)
        assert result.exit_code == 2
        assert words in result.stderr
    assert path.read_text("utf-8") == text


PRICES = ("dataset", {"path": "prices.csv"})


@pytest.mark.parametrize(
    ("nodes", "links", "words"),
    [
        ({"a": ("dataset", {"path": "gone.csv"})}, (), ["a", "gone.csv"]),
        ({"a": ("no_such_module", {})}, (), ["a", "no_such_module"]),
        (
            {"a": PRICES, "b": ("split_data", {"fraction": 7})},
            ("a.dataset > b.dataset",),
            ["b", "Fraction", "7"],
        ),
        (
            {"a": PRICES, "b": ("split_data", {"colour": "red"})},
            ("a.dataset > b.dataset",),
            ["b", "colour"],
        ),
        (
            {"a": PRICES, "b": ("score_model", {})},
            ("a.dataset > b.trained_model", "a.dataset > b.dataset"),
            ["a dataset", "a trained model"],
        ),
        (
            {"a": ("add_rows", {}), "b": ("add_rows", {}), "c": PRICES},
            (
                "a.results_dataset > b.dataset1",
                "b.results_dataset > a.dataset1",
                "c.dataset > a.dataset2",
                "c.dataset > b.dataset2",
            ),
            ["wait for each other", "a → b → a"],
        ),
        ({"b": ("split_data", {})}, (), ["b", "dataset"]),
    ],
    ids=["missing file", "module", "value", "parameter", "types", "cycle", "unconnected"],
)
def test_pipelines_with_problems(designer, tmp_path: Path, nodes, links, words) -> None:
    (tmp_path / "prices.csv").write_text("price,make\n1,a\n2,b\n", "utf-8")
    path = written(tmp_path, nodes, *links)
    result = designer("run", path)
    assert result.exit_code == 2
    for word in words:
        assert word in result.stderr
    checked = designer("validate", path, "--json")
    assert checked.exit_code == 2
    assert json.loads(checked.stdout)["valid"] is False


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"a,b\n1,2\n1,2,3\n", 1, ["Line 3", "3"]),
        (b"", 1, ["empty"]),
        ("näme,ort\nJürg,Zürich\n".encode("cp1252"), 0, []),
        (b"a,a,\n1,2,3\n", 0, []),
        (b"a,b\n", 0, []),
        (b"a,b\n" + b"x" * 100_000 + b",1\n", 0, []),
    ],
    ids=["ragged", "empty", "encoding", "names", "no rows", "long cells"],
)
def test_odd_text_files(designer, tmp_path: Path, content: bytes, status: int, words) -> None:
    result = designer("run", data_node(tmp_path, content), "--json")
    assert result.exit_code == status
    node = json.loads(result.stdout)["nodes"]["data"]
    if status:
        assert node["status"] == "failed"
        for word in words:
            assert word in node["error"]["message"]
    else:
        shown = designer("show", tmp_path / "bad.pipeline.json", "data", "--json")
        assert shown.exit_code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"x,y\n1,a\n2,a\n3,a\n", ["“y”", "one class"]),
        (b"x,y\n1,\n2,\n", ["“y”", "missing"]),
        (b"x,z\n1,a\n2,b\n", ["“y”"]),
        (b"x,y\n,a\n,b\n", ["No column"]),
        (b"x,y\n", ["no rows"]),
    ],
    ids=["one class", "missing label", "no label column", "missing features", "no rows"],
)
def test_tables_that_nothing_can_be_learnt_from(designer, tmp_path, content, words) -> None:
    (tmp_path / "data.csv").write_bytes(content)
    path = written(
        tmp_path,
        {
            "data": ("dataset", {"path": "data.csv"}),
            "learner": ("two_class_logistic_regression", {}),
            "train": ("train_model", {"label_column": ["y"]}),
        },
        "data.dataset > train.dataset",
        "learner.untrained_model > train.untrained_model",
    )
    result = designer("run", path, "--json")
    assert result.exit_code == 1
    node = json.loads(result.stdout)["nodes"]["train"]
    assert node["status"] == "failed"
    for word in words:
        assert word in node["error"]["message"]


def test_scripts_that_misbehave_fail_alone(designer, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x\n1\n", "utf-8")
    body = {
        "raises": "    raise ValueError('Bad luck.')",
        "quits": "    exit(5)",
        "talks": "    print('x' * 100, '\\n' * 3)\n    for _ in range(3_000_000):\n"
        "        print('0123456789abcdef')\n    return dataframe1,",
        "typo": "    return dataframe1['nope'],",
    }
    nodes: dict[str, Any] = {"data": ("dataset", {"path": "data.csv"})}
    links = []
    for name, lines in body.items():
        script = f"def azureml_main(dataframe1=None, dataframe2=None):\n{lines}\n"
        nodes[name] = ("execute_python_script", {"script": script})
        links.append(f"data.dataset > {name}.dataset1")
    result = designer("run", written(tmp_path, nodes, *links), "--json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)["nodes"]
    assert found["data"]["status"] == "completed"
    assert found["talks"]["status"] == "completed"
    assert found["raises"]["error"]["message"].count("Bad luck") == 1
    assert "line 2" in found["raises"]["error"]["message"].lower()
    assert "called exit in line 2" in found["quits"]["error"]["message"]
    assert "nope" in found["typo"]["error"]["message"]
    for name in ("raises", "quits", "typo"):
        assert found[name]["status"] == "failed"
