"""Pipelines that are hard to export: odd names and texts, secrets, data elsewhere, errors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from exporting import CATALOG, ROWS, Scripts, called, exported, make

from designer.catalog import load_catalog
from designer.export import ExportError
from designer.pipeline import edits
from designer.pipeline.model import Group, Note, Pipeline, PipelineParameter
from designer.workspace import Workspace

RANDOM = """\
import random

import numpy as np
import pandas as pd


def azureml_main(dataframe1=None, dataframe2=None):
    return pd.DataFrame({"x": [random.random(), np.random.random()]})
"""


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
    database = {
        "source": "database",
        "connection": "postgresql://me@host/prices",
        "password": {"$secret": "the-warehouse"},
        "query": "select 1",
    }
    script = exported(make({"table": ("import_data", database)}), tmp_path)
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
