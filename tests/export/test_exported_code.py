"""What exported code looks like: names, order, groups, comments, paths, secrets, arguments."""

from __future__ import annotations

import ast
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exporting import CATALOG, Scripts, exported, make

from designer import paths
from designer.catalog import load_catalog
from designer.export import ExportError, Script, python_script
from designer.pipeline import edits
from designer.pipeline.file import SUFFIX, read
from designer.pipeline.model import Group, Node, Note, Pipeline, PipelineParameter
from designer.workspace import Workspace

ROWS = {"data": "a,b\n1,x\n2,y\n3,x\n4,y\n"}
RANDOM = """\
import random

import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"x": [random.random(), np.random.random()]})
"""


def statements(script: Script, function: str = "main") -> list[str]:
    """Return the statements of a function in one line each."""
    tree = ast.parse(script.text)
    found = next(
        each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == function
    )
    return [ast.unparse(each) for each in found.body[1:]]


def called(script: Script, folder: Path) -> dict[str, Any]:
    """Return what ``main`` returns, called in this process."""
    namespace: dict[str, Any] = {"__name__": "exported", "__file__": str(folder / "script.py")}
    exec(compile(script.text, "script.py", "exec"), namespace)
    return namespace["main"]()


def lit(script: Script, owner: str) -> list[str]:
    """Return the lines that light up for a card."""
    lines = script.text.splitlines()
    return [line for first, last in script.lines[owner] for line in lines[first - 1 : last]]


@pytest.fixture(scope="module")
def automobile() -> Script:
    file = paths.samples() / f"automobile_price{SUFFIX}"
    return python_script(read(file), CATALOG, file=file, workspace=Workspace(Path("nowhere")))


def test_a_sample_reads_like_a_script_of_an_engineer(automobile: Script) -> None:
    assert statements(automobile) == [
        "automobile_prices = dataset(path=str(FOLDER / 'data/automobile_price.csv'))",
        "exclude_normalized_losses = select_columns_in_dataset(automobile_prices, "
        "columns=ColumnSelector.all_except('normalized-losses'))",
        "remove_incomplete_rows, _ = clean_missing_data(exclude_normalized_losses, "
        "cleaning_mode='remove entire row')",
        "train, test = split_data(remove_incomplete_rows, fraction=0.7)",
        "learner = linear_regression()",
        "model = train_model(learner, train, label_column=ColumnSelector.names('price'))",
        "scored = score_model(model, test)",
        "evaluation = evaluate_model(scored)",
        "return {'model': model, 'evaluation': evaluation}",
    ]


@pytest.mark.parametrize("name", [path.name for path in paths.samples().glob(f"*{SUFFIX}")])
def test_samples_are_formatted_and_without_complaint(name: str, tmp_path: Path) -> None:
    file = paths.samples() / name
    script = python_script(read(file), CATALOG, file=file, workspace=Workspace(Path("nowhere")))
    (tmp_path / "script.py").write_text(script.text, "utf-8")
    options = ["--isolated", "--line-length", "100", "--no-cache", str(tmp_path)]
    for command in (["check", "--select", "E,F,W,I,UP,B,SIM,C4"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_card_knows_its_lines(automobile: Script) -> None:
    assert lit(automobile, "split_data")[-2:] == [
        "    # 70 % for training",
        "    train, test = split_data(remove_incomplete_rows, fraction=0.7)",
    ]
    file = paths.samples() / f"credit_risk{SUFFIX}"
    script = python_script(read(file), CATALOG, file=file, workspace=Workspace(Path("nowhere")))
    text, statement = script.lines["weigh_test"]
    assert text[1] < statement[0]
    assert lit(script, "weigh_test") == [
        'WEIGH_TEST_QUERY = """\\',
        "select t1.*",
        "from t1, (values (1), (2), (3), (4), (5)) as copies",
        "where t1.credit_risk = 2 or copies.column1 = 1",
        '"""',
        "    # Evaluate at the same cost",
        "    weigh_test = apply_sql_transformation(test, query=WEIGH_TEST_QUERY)",
    ]
    for ranges in script.lines.values():
        assert ranges == tuple(sorted(ranges))


def test_comments_come_from_cards_and_from_notes_beside_them(automobile: Script) -> None:
    lines = lit(automobile, "exclude_normalized_losses")
    assert lines[0].startswith("    # One column is missing in 41 of 205 rows.")
    assert "    # Without normalized-losses" in lines
    assert max(map(len, automobile.text.splitlines())) <= 100


def test_groups_are_functions(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "clean/unique": "remove_duplicate_rows",
            "clean/inner/first": ("split_data", {"seed": {"$parameter": "seed"}}),
            "end": "summarize_data",
        },
        "rows.dataset > clean/unique.dataset",
        "clean/unique.results_dataset > clean/inner/first.dataset",
        "clean/inner/first.results_dataset1 > end.dataset",
        groups={
            "clean": Group("clean", "Clean the rows", "Twice is too much"),
            "clean/inner": Group("clean/inner"),
        },
        parameters={"seed": PipelineParameter("seed", "integer", 3)},
    )
    ports = CATALOG["remove_duplicate_rows"].outputs[0].name
    assert ports == "results_dataset"
    pipeline = edits.set_parameter(pipeline, "clean/unique", "key_columns", ["a"])
    script = exported(pipeline, tmp_path)
    assert statements(script)[1] == "first = clean(rows, seed)"
    assert statements(script, "clean") == [
        "unique = remove_duplicate_rows(rows, key_columns=ColumnSelector.names('a'))",
        "first = inner(unique, seed)",
        "return first",
    ]
    assert statements(script, "inner") == [
        "first, _ = split_data(unique, seed=seed)",
        "return first",
    ]
    assert "def inner(unique: DataTable, seed: int) -> DataTable:" in script.text
    assert '    """Clean the rows.\n\n    Twice is too much.\n    """' in script.text
    assert "    first = clean(rows, seed)" in lit(script, "clean")
    assert len(called(script, tmp_path)) == 1


def test_a_group_that_data_leaves_and_enters_again_is_no_function(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "group/one": ("remove_duplicate_rows", {"key_columns": ["a"]}),
            "between": ("remove_duplicate_rows", {"key_columns": ["a"]}),
            "group/two": ("remove_duplicate_rows", {"key_columns": ["a"]}),
        },
        "rows.dataset > group/one.dataset",
        "group/one.results_dataset > between.dataset",
        "between.results_dataset > group/two.dataset",
        groups={"group": Group("group")},
    )
    script = exported(pipeline, tmp_path)
    assert len(statements(script)) == 5
    (warning,) = script.warnings
    assert "“group” isn't a function" in warning.message
    assert called(script, tmp_path)


@pytest.mark.parametrize("name", ["class", "lambda", "print", "match", "argparse", "main"])
def test_names_that_mean_something_in_python(name: str, tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            name: ("remove_duplicate_rows", {"key_columns": ["a"]}),
            f"{name}_group/{name}": ("split_data", {"seed": {"$parameter": name}}),
        },
        f"rows.dataset > {name}.dataset",
        f"{name}.results_dataset > {name}_group/{name}.dataset",
        groups={f"{name}_group": Group(f"{name}_group")},
        parameters={name: PipelineParameter(name, "integer", 5)},
    )
    script = exported(pipeline, tmp_path)
    assert len(called(script, tmp_path)) == 2


def test_titles_in_any_script_and_texts_that_are_no_code(tmp_path: Path) -> None:
    odd = '数据清洗 """ \\ \x00 \ud800 \r\n#!\u2028%(prog)s %'
    pipeline = make(
        {"group/rows": ("enter_data_manually", ROWS, odd)},
        description=odd,
        groups={"group": Group("group", odd, odd)},
        notes={"note": Note("note", odd)},
        parameters={"p": PipelineParameter("p", "text", odd.replace("\ud800", ""), odd)},
    )
    script = exported(pipeline, tmp_path)
    script.text.encode("utf-8")
    assert "# 数据清洗" in script.text
    (table,) = called(script, tmp_path).values()
    assert len(table) == 4


@pytest.mark.parametrize(
    "text",
    [
        "plain\nlines\n",
        "\n",
        "a\n'''\nb\n\"\"\"\n",
        'ends with "',
        'x\nends with "',
        "x\nends with \\",
        "pattern = '\\d+'\nother\n",
        "tab\tand\x0cfeed\r\nline\x85\u2028end\n",
        "\x00\ud800\n\U0001f6e0",
        "“quoted” 'and' \"more\"\n  indented  \n",
    ],
)
def test_texts_are_the_same_afterwards(text: str) -> None:
    from designer.export.source import long_text, quoted

    assert ast.literal_eval(quoted(text)) == text
    assert ast.literal_eval("\n".join(long_text(text))) == text


def test_random_numbers_of_a_users_script_are_those_of_a_run(
    scripts: Scripts, tmp_path: Path
) -> None:
    from modules.runtime.step import run_step
    from modules.values.storage import load

    pipeline = make({"noise": ("execute_python_script", {"script": RANDOM})})
    script = exported(pipeline, tmp_path)
    (tmp_path / "script.py").write_text(script.text, "utf-8")
    scripts.run(tmp_path / "script.py", "--results", "out", folder=tmp_path, forked=True)
    found = load(tmp_path / "out" / "noise").frame
    wanted = run_step(CATALOG["execute_python_script"], {"script": RANDOM}, {})["result_dataset"]
    assert found["x"].tolist() == wanted.frame["x"].tolist()


def test_parameters_are_arguments(scripts: Scripts, tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "split": ("split_data", {"fraction": {"$parameter": "first_share"}}),
        },
        "rows.dataset > split.dataset",
        parameters={
            "first_share": PipelineParameter("first_share", "number", None, "Share, 50 % say"),
            "results": PipelineParameter("results", "text", "x"),
            "sure": PipelineParameter("sure", "boolean", True),
        },
    )
    script = exported(pipeline, tmp_path)
    assert "def main(first_share: float, " in script.text
    (tmp_path / "script.py").write_text(script.text, "utf-8")

    def run(*arguments: str) -> str:
        return scripts.run(tmp_path / "script.py", *arguments, folder=tmp_path, forked=True)

    run("--first-share", "0.25", "--results", "out", "--no-sure", "--results-parameter", "y")
    from modules.values.storage import load

    assert len(load(tmp_path / "out" / "split").frame) == 1
    assert "Share, 50 % say" in run("--help")
    with pytest.raises(AssertionError, match="required: --first-share"):
        run()


def test_paths_start_at_the_folder_of_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "deep" / "er").mkdir(parents=True)
    pipeline = make({"table": ("dataset", {"path": "data.csv"})})
    script = exported(pipeline, tmp_path, folder=tmp_path / "deep" / "er")
    assert '"../.."' in script.text
    assert str(tmp_path) not in script.text
    assert not script.warnings
    (table,) = called(script, tmp_path / "deep" / "er").values()
    assert table.frame["b"].tolist() == [2]


def test_data_outside_of_the_folder_is_named_with_its_card(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere" / "data.csv"
    outside.parent.mkdir()
    outside.write_text("a,b\n1,2\n")
    workspace = Workspace(tmp_path / "workspace")
    workspace.register_dataset("Cars", outside)
    pipeline = make(
        {
            "absolute": ("dataset", {"path": str(outside)}),
            "registered": ("dataset", {"path": "dataset:Cars"}),
        }
    )
    script = exported(pipeline, tmp_path, workspace=workspace, datasets={"Cars"})
    assert [(each.node, each.severity) for each in script.warnings] == [
        ("absolute", "warning"),
        ("registered", "warning"),
    ]
    assert all(str(tmp_path) in each.message for each in script.warnings)
    first, second = called(script, tmp_path).values()
    assert first.frame.equals(second.frame)


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    pipeline = make(
        {
            "table": (
                "import_data",
                {
                    "source": "database",
                    "connection": "postgresql://me@host/db",
                    "password": {"$secret": "the-warehouse"},
                    "query": "select 1",
                },
            )
        }
    )
    spec = CATALOG["import_data"]
    known = {
        name: value
        for name, value in pipeline.nodes["table"].parameters.items()
        if name in spec.parameter_by_name
    }
    script = exported(
        replace(pipeline, nodes={"table": Node("table", "import_data", spec.version, known)}),
        tmp_path,
    )
    assert "Set the secrets in the environment: MODELDESK_SECRET_THE_WAREHOUSE." in script.text
    assert 'password="the-warehouse"' in script.text


def test_a_pipeline_with_errors_is_refused_with_all_of_them(tmp_path: Path) -> None:
    pipeline = make(
        {
            "lost": ("dataset", {"path": "nowhere.csv"}),
            "split": ("split_data", {"fraction": 7}),
            "strange": "no_such_module",
        }
    )
    with pytest.raises(ExportError) as caught:
        exported(pipeline, tmp_path)
    assert {problem.node for problem in caught.value.problems} == {"lost", "split", "strange"}


def test_what_a_run_skips_is_left_out(tmp_path: Path) -> None:
    pipeline = make(
        {
            "rows": ("enter_data_manually", ROWS),
            "split": "split_data",
            "end": "summarize_data",
            "other": "summarize_data",
        },
        "rows.dataset > split.dataset",
        "split.results_dataset1 > end.dataset",
        "rows.dataset > other.dataset",
    )
    script = exported(edits.set_disabled(pipeline, ["split"], True), tmp_path)
    assert [problem.node for problem in script.warnings] == ["split", "end"]
    assert [end.node for end in script.results.values()] == ["other"]
    with pytest.raises(ExportError, match="nothing to export"):
        exported(edits.set_disabled(pipeline, pipeline.nodes, True), tmp_path)
    with pytest.raises(ExportError, match="nothing to export"):
        exported(Pipeline(), tmp_path)


def test_layout_in_trailing_comments_by_choice(tmp_path: Path) -> None:
    pipeline = make(
        {"group/rows": ("enter_data_manually", ROWS)},
        groups={"group": Group("group", position=(-5.0, 2.5))},
    )
    assert "@" not in exported(pipeline, tmp_path).text
    script = exported(pipeline, tmp_path, with_layout=True)
    assert "  # group/rows @ 0 0\n" in script.text
    assert "  # group/ @ -5 2.5\n" in script.text
    assert called(script, tmp_path)


def test_a_users_own_module_is_loaded_from_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "_help.py").write_text("ROWS = 3\n")
    (folder / "numbers.py").write_text(
        "from user_modules import *\n" * 0 + "from modules.contract import DataTable, module\n\n\n"
        '@module("Numbers", outputs=("table",))\n'
        "def numbers(*, more: int = 0) -> DataTable:\n"
        '    """Make numbers."""\n'
        "    import pandas as pd\n\n"
        "    from importlib import import_module\n\n"
        '    rows = import_module("._help", __name__.rpartition(".")[0]).ROWS\n'
        '    return DataTable(pd.DataFrame({"x": range(rows + more)}))\n'
    )
    catalog = load_catalog(folder)
    assert not catalog.problems
    pipeline = make({"some": ("numbers", {"more": 2})})
    script = exported(pipeline, tmp_path, catalog=catalog)
    assert [problem.node for problem in script.warnings] == ["some"]
    (table,) = called(script, tmp_path).values()
    assert len(table) == 5
