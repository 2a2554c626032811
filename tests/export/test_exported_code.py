"""What exported code looks like: names, order, groups, comments, paths, secrets, arguments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from exporting import CATALOG, ROWS, Scripts, called, exported, make, statements

from designer import paths
from designer.export import Script, python_script
from designer.pipeline import edits
from designer.pipeline.file import SUFFIX, read
from designer.pipeline.model import Group, PipelineParameter
from designer.workspace import Workspace


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


def test_samples_are_formatted_and_without_complaint(tmp_path: Path) -> None:
    workspace = Workspace(Path("nowhere"))
    for file in paths.samples().glob(f"*{SUFFIX}"):
        pipeline = read(file)
        # PyTorch may not be installed.
        if all(CATALOG.available(CATALOG[node.module]) for node in pipeline.nodes.values()):
            script = python_script(pipeline, CATALOG, file=file, workspace=workspace)
            (tmp_path / f"{file.stem}.py").write_text(script.text, "utf-8")
    assert len(list(tmp_path.iterdir())) >= 10
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
