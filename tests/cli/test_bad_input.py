"""Everything that can be wrong with what a person gives, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner, Result

from designer.cli.main import main

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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "isn't JSON"),
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
            ["form a cycle", "a → b → a"],
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


UMLAUTS = "näme,ort\nJürg,Zürich\n"

UNREADABLE: dict[str, tuple[bytes, list[str], str]] = {
    "long_line": (b"a,b\n1,2\n1,2,3\n", ["Line 3 has 3 values", "long_line.csv"], "Ragged rows"),
    "short_line": (b"a,b\n1,2\n1\n", ["Line 3 has 1 value", "short_line.csv"], "Ragged rows"),
    "empty": (b"", ["empty", "empty.csv"], "Choose a file"),
    "open_quote": (b'a,b\n"1,2\n3,4\n', ["quote", "row 2"], "Close it"),
    "no_text": (bytes(range(256)) * 20, ["isn't text", "no_text.csv"], "format"),
}
"""Files with the words of the message and of the hint."""

ODD: dict[str, tuple[bytes, list[str], list[list[Any]]]] = {
    "mark": (UMLAUTS.encode("utf-8-sig"), ["näme", "ort"], [["Jürg", "Zürich"]]),
    "utf_16": (UMLAUTS.encode("utf-16"), ["näme", "ort"], [["Jürg", "Zürich"]]),
    "utf_16_be": (UMLAUTS.encode("utf-16-be"), ["näme", "ort"], [["Jürg", "Zürich"]]),
    "cp1252": (UMLAUTS.encode("cp1252"), ["näme", "ort"], [["Jürg", "Zürich"]]),
    "shift_jis": (
        "名前,都市\n太郎,東京\n".encode("shift_jis"),
        ["名前", "都市"],
        [["太郎", "東京"]],
    ),
    "names": (b"a,a,\n1,2,3\n", ["a", "a (2)", "Column 3"], [[1, 2, 3]]),
    "no_rows": (b"a,b\n", ["a", "b"], []),
    "gaps": (b"a,b\n,1\n,2\n", ["a", "b"], [[None, 1], [None, 2]]),
    "long_cells": (b"a,b\n" + b"x" * 100_000 + b",1\n", ["a", "b"], [["x" * 100_000, 1]]),
}
"""Files with the columns and rows that they hold."""

HOPELESS: dict[str, tuple[bytes, list[str]]] = {
    "one_class": (b"x,y\n1,a\n2,a\n3,a\n", ["“y”", "one class"]),
    "no_labels": (b"x,y\n1,\n2,\n", ["“y”", "missing"]),
    "no_label_column": (b"x,z\n1,a\n2,b\n", ["“y”"]),
    "no_values": (b"x,y\n,a\n,b\n", ["feature columns"]),
    "nothing": (b"x,y\n", ["no rows"]),
}
"""Files that nothing can be learnt from, with words of the message."""


class Bad(NamedTuple):
    """One run of steps that all have something to complain about."""

    path: Path
    document: dict[str, Any]
    errors: str

    def show(self, node: str, *options: str) -> Result:
        return CliRunner().invoke(main, ["show", str(self.path), node, *options])


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Bad:
    folder = tmp_path_factory.mktemp("bad")
    every = {**UNREADABLE, **ODD, **HOPELESS}
    nodes: dict[str, Any] = {"learner": ("two_class_logistic_regression", {})}
    links = []
    for name, case in every.items():
        (folder / f"{name}.csv").write_bytes(case[0])
        nodes[name] = ("dataset", {"path": f"{name}.csv"})
    for name in HOPELESS:
        nodes[f"train_{name}"] = ("train_model", {"label_column": ["y"]})
        links += [
            f"{name}.dataset > train_{name}.dataset",
            f"learner.untrained_model > train_{name}.untrained_model",
        ]
    path = written(folder, nodes, *links)
    result = CliRunner().invoke(main, ["run", str(path), "--json"])
    assert result.exit_code == 1, result.output
    return Bad(path, json.loads(result.stdout), result.stderr)


@pytest.mark.parametrize("name", UNREADABLE)
def test_text_files_that_can_not_be_read(bad: Bad, name: str) -> None:
    _, words, hint = UNREADABLE[name]
    node = bad.document["nodes"][name]
    assert node["status"] == "failed"
    for word in words:
        assert word in node["error"]["message"]
    assert hint in node["error"]["hint"]
    # The same on the terminal, with the node; the details are in the log.
    (line,) = (line for line in bad.errors.splitlines() if node["error"]["message"] in line)
    assert name in line
    assert "failed" in line
    assert "Traceback" not in bad.errors
    assert "Traceback" in Path(node["log"]).read_text("utf-8")


@pytest.mark.parametrize("name", ODD)
def test_odd_text_files(bad: Bad, name: str) -> None:
    _, columns, rows = ODD[name]
    assert bad.document["nodes"][name]["status"] == "completed"
    shown = json.loads(bad.show(name, "--json").stdout)
    assert [column["name"] for column in shown["schema"]] == columns
    assert shown["data"] == rows
    assert bad.show(name).exit_code == 0


@pytest.mark.parametrize("name", HOPELESS)
def test_tables_that_nothing_can_be_learnt_from(bad: Bad, name: str) -> None:
    node = bad.document["nodes"][f"train_{name}"]
    assert node["status"] == "failed"
    for word in HOPELESS[name][1]:
        assert word in node["error"]["message"]


@pytest.mark.long
def test_scripts_that_misbehave_fail_alone(designer, tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("x\n1\n", "utf-8")
    body = {
        "raises": "    raise ValueError('Bad luck.')",
        "quits": "    exit(5)",
        "talks": "    print('x' * 100, '\\n' * 3)\n    for _ in range(3_000_000):\n"
        "        print('0123456789abcdef')\n    return dataframe1,",
        "typo": "    return dataframe1['nope'],",
        # Past Python's own streams, and from a child: nothing may get into the document.
        "shouts": "    import os\n    os.write(1, b'{\"run\": 1}')\n"
        "    os.system('echo from a child')\n    return dataframe1,",
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
    assert found["shouts"]["status"] == "completed"
    assert "from a child" in Path(found["shouts"]["log"]).read_text("utf-8")
    assert found["raises"]["error"]["message"].count("Bad luck") == 1
    assert "line 2" in found["raises"]["error"]["message"].lower()
    assert "called exit in line 2" in found["quits"]["error"]["message"]
    assert "nope" in found["typo"]["error"]["message"]
    for name in ("raises", "quits", "typo"):
        assert found[name]["status"] == "failed"
