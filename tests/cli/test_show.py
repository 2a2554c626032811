"""``designer show``: results of the last run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from designer.pipeline import edits
from designer.pipeline.file import write
from designer.pipeline.model import Endpoint, Pipeline


@pytest.fixture(scope="module")
def flow(tmp_path_factory):
    """A regression that has run, in a workspace of its own."""
    from click.testing import CliRunner

    from designer.cli.main import main

    folder = tmp_path_factory.mktemp("show")
    rows = "".join(f"{number},{2 * number + 1},{'ab'[number % 2]}\n" for number in range(40))
    (folder / "data.csv").write_text("x,y,kind\n" + rows)
    pipeline = Pipeline()
    places = [
        ("dataset", {"path": "data.csv"}),
        ("linear_regression", {}),
        ("train_model", {"label_column": ["y"]}),
        ("score_model", {}),
        ("evaluate_model", {}),
        ("select_columns_in_dataset", {"columns": ["z"]}),
    ]
    for module, parameters in places:
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("dataset.dataset", "train_model.dataset"),
        ("linear_regression.untrained_model", "train_model.untrained_model"),
        ("train_model.trained_model", "score_model.trained_model"),
        ("dataset.dataset", "score_model.dataset"),
        ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
        ("dataset.dataset", "select_columns_in_dataset.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    path = folder / "flow.pipeline.json"
    write(pipeline, path)
    result = CliRunner().invoke(main, ["run", str(path), "--workspace", str(folder / "w")])
    assert result.exit_code == 1, result.output
    return path, folder / "w"


@pytest.fixture
def show(designer, flow):
    path, workspace = flow
    return lambda *arguments: designer("show", path, *arguments, "--workspace", workspace)


def test_a_table_is_shown_with_its_first_rows(show):
    result = show("dataset", "--rows", "2")
    assert result.exit_code == 0
    assert "40 rows × 3 columns" in result.stdout
    document = json.loads(show("dataset.dataset", "--rows", "2", "--json").stdout)
    assert document["schema"] == [
        {"name": "x", "kind": "integer", "role": "feature"},
        {"name": "y", "kind": "integer", "role": "feature"},
        {"name": "kind", "kind": "string", "role": "feature"},
    ]
    assert document["data"] == [[0, 1, "a"], [1, 3, "b"]]
    assert (document["rows"], document["columns"], document["type"]) == (40, 3, "DataTable")
    assert json.loads(show("dataset", "--rows", "0", "--json").stdout)["data"] == []


def test_a_table_is_shown_without_pandas(flow):
    path, workspace = flow
    code = (
        "import sys\n"
        "from designer.cli.main import main\n"
        f"arguments = ['show', {str(path)!r}, 'dataset', '--workspace', {str(workspace)!r}]\n"
        "main(arguments, standalone_mode=False)\n"
        "print('pandas' in sys.modules)\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert "40 rows × 3 columns" in done.stdout
    assert done.stdout.endswith("False\n")


def test_a_wide_table_is_shown_whole_where_no_terminal_ends_the_line(designer, tmp_path):
    names = [f"a column with the number {number}" for number in range(30)]
    rows = [",".join(names), ",".join(["日本語"] + ["word"] * 29)]
    (tmp_path / "wide.csv").write_text("\n".join(rows), "utf-8")
    path = tmp_path / "wide.pipeline.json"
    pipeline, _ = edits.add_node(Pipeline(), "dataset", parameters={"path": "wide.csv"})
    pipeline, _ = edits.add_node(pipeline, "linear_regression")
    write(pipeline, path)
    place = ("--workspace", tmp_path / "w")
    assert designer("run", path, "--until", "dataset", *place).exit_code == 0
    heading, kinds, _, row = designer("show", path, "dataset", *place).stdout.splitlines()[1:]
    assert [name.strip() for name in heading.split("┃")] == names
    assert [kind.strip() for kind in kinds.split("┃")] == ["string"] * 30
    assert [cell.strip() for cell in row.split("│")] == ["日本語", *["word"] * 29]
    # A node that only the last run leaves out is not unknown.
    left_out = designer("show", path, "linear_regression", *place)
    assert left_out.exit_code == 2
    assert "“linear_regression” wasn't part of the last run." in left_out.stderr
    assert "designer run" in left_out.stderr


def test_metrics_and_models_are_shown(show):
    document = json.loads(show("evaluate_model", "--json").stdout)
    metrics = document["metrics"]["Linear Regression"]
    assert metrics["Mean absolute error"] == pytest.approx(0, abs=1e-3)
    assert "Mean absolute error" in show("evaluate_model").stdout
    model = json.loads(show("train_model", "--json").stdout)
    assert model["label"] == "y"
    assert [feature["name"] for feature in model["features"]] == ["x", "kind"]
    lines = show("train_model").stdout.splitlines()
    assert "label: y" in lines
    assert "features: x (integer), kind (string)" in lines
    assert "  include_intercept: yes" in lines
    assert "Linear Regression" in show("linear_regression").stdout


@pytest.mark.parametrize("content", ["[" * 100_000, "{}", None])
@pytest.mark.parametrize(
    ("node", "name"), [("train_model", "model.json"), ("evaluate_model", "metrics.json")]
)
def test_a_damaged_result_is_neither_shown_nor_used(
    designer, flow, show, tmp_path, node, name, content
):
    path, workspace = flow
    file = Path(json.loads(show(node, "--json").stdout)["path"]) / name
    shutil.copy2(file, tmp_path / name)
    file.unlink()
    if content is not None:
        file.write_text(content, "utf-8")
    elif hasattr(os, "mkfifo"):
        os.mkfifo(file)
    try:
        results = [show(node)]
        if node == "train_model":
            place = ("--workspace", workspace)
            made = tmp_path / "made.pipeline.json"
            results += [
                designer("models", "register", path, node, "--name", "x", *place),
                designer("inference", path, "-o", made, *place),
            ]
    finally:
        file.unlink(missing_ok=True)
        shutil.move(tmp_path / name, file)
    for result in results:
        assert result.exit_code == 2, result.output
        assert f"{name}”" in result.stderr
        assert "Hint: Run the pipeline again" in result.stderr


def test_a_step_that_failed_says_why(show):
    result = show("select_columns_in_dataset")
    assert result.exit_code == 1
    assert "z" in result.stderr
    document = json.loads(show("select_columns_in_dataset", "--json").stdout)
    assert document["status"] == "failed"
    assert document["error"]["code"] == "column-not-found"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("datasat", "Did you mean “dataset”"),
        ("dataset.table", "has no output “table”"),
    ],
)
def test_a_wrong_place_is_status_two(show, place, words):
    result = show(place)
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_file_without_a_run_is_status_two(designer, flow, tmp_path):
    path, workspace = flow
    other = tmp_path / "other.pipeline.json"
    shutil.copy(path, other)
    result = designer("show", other, "dataset", "--workspace", workspace)
    assert result.exit_code == 2
    assert "hasn't been run yet" in result.stderr
    assert designer("show", tmp_path / "absent", "dataset").exit_code == 2


def test_a_result_that_is_gone_says_so(designer, flow, tmp_path):
    path, workspace = flow
    copy = tmp_path / "w"
    shutil.copytree(workspace, copy)
    document = json.loads(
        designer("show", path, "score_model", "--json", "--workspace", copy).stdout
    )
    shutil.move(document["path"], document["path"] + ".away")
    try:
        result = designer("show", path, "score_model", "--workspace", copy)
    finally:
        shutil.move(document["path"] + ".away", document["path"])
    assert result.exit_code == 2
    assert "no longer stored" in result.stderr


REPORTING = """
from modules.contract import module
from modules.contract.chart import Chart, Series
from modules.values import Report, Section


@module("Explain", outputs=("report",))
def explain() -> Report:
    '''Explain.'''
    chart = Chart("bars", "B", "Loss", "Column", [Series("", y=[3, 1.5])], ["age", "city"])
    return Report("Why", (Section("Importance", "What matters.", chart=chart),))
"""


def test_a_report_is_shown_as_text_with_the_values_of_its_charts(designer, tmp_path):
    workspace = tmp_path / "w"
    (workspace / "modules").mkdir(parents=True)
    (workspace / "modules" / "explain.py").write_text(REPORTING, "utf-8")
    path = tmp_path / "p.pipeline.json"
    pipeline, _ = edits.add_node(Pipeline(), "explain")
    write(pipeline, path)
    options = ("--workspace", workspace)
    assert designer("run", path, *options).exit_code == 0
    shown = designer("show", path, "explain", *options).stdout
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert lines[:4] == ["explain.report: report", "Why", "", "Importance"]
    for line in ("What matters.", "age │ 3", "city │ 1.5"):
        assert line in lines
    plain = json.loads(designer("show", path, "explain", "--json", *options).stdout)
    assert plain["sections"][0]["chart"]["series"][0]["y"] == [3.0, 1.5]
