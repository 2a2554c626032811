"""Pipelines that are hard to write without this project: parameters, groups, roles, bad input."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import alone, executed
from click.testing import CliRunner
from exporting import CATALOG, ROWS, make

from designer.catalog import load_catalog
from designer.cli.main import main
from designer.export import ExportError, Script
from designer.pipeline.file import write
from designer.pipeline.model import Group, Note, Pipeline, PipelineParameter
from designer.workspace import Workspace

CARS = "make,year,price,kind\n" + "".join(
    f"{'abc'[row % 3]},{1990 + row % 7},{row * 3 % 50},{'xy'[row % 2]}\n" for row in range(40)
)


def statements(script: Script, function: str = "main") -> list[str]:
    """Return the statements of a function in one line each."""
    found = next(
        each
        for each in ast.parse(script.text).body
        if isinstance(each, ast.FunctionDef) and each.name == function
    )
    return [ast.unparse(each) for each in found.body[1:]]


@pytest.mark.parametrize("name", ["class", "print", "match", "pd", "train_test_split"])
def test_names_that_mean_something_else(name: str, tmp_path: Path) -> None:
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
    assert len(executed(alone(pipeline, tmp_path), tmp_path)) == 2


def test_titles_in_any_script_and_texts_that_are_no_code(tmp_path: Path) -> None:
    odd = '数据清洗 """ \\ \x00 \ud800 \r\n#!\u2028%(prog)s %'
    pipeline = make(
        {"group/rows": ("enter_data_manually", ROWS, odd)},
        description=odd,
        groups={"group": Group("group", odd, odd)},
        notes={"note": Note("note", odd)},
    )
    script = alone(pipeline, tmp_path)
    script.text.encode("utf-8")
    (table,) = executed(script, tmp_path).values()
    assert len(table) == 4


def test_parameters_are_arguments_of_the_estimator_too(tmp_path: Path) -> None:
    pipeline = make(
        {
            "cars": ("enter_data_manually", {"data": CARS}),
            "forest": ("decision_forest_regression", {"trees": {"$parameter": "trees"}}),
            "train": ("train_model", {"label_column": {"$parameter": "label"}}),
        },
        "forest.untrained_model > train.untrained_model",
        "cars.dataset > train.dataset",
        parameters={
            "trees": PipelineParameter("trees", "integer", 3),
            "label": PipelineParameter("label", "text", "price"),
        },
    )
    with pytest.raises(ExportError, match=r"“train” can't be exported.*“label”"):
        alone(pipeline, tmp_path)
    nodes = dict(pipeline.nodes)
    nodes["train"] = make({"train": ("train_model", {"label_column": ["price"]})}).nodes["train"]
    script = alone(
        Pipeline(nodes=nodes, links=pipeline.links, parameters=pipeline.parameters), tmp_path
    )
    assert "n_estimators=trees" in script.text
    (model,) = executed(script, tmp_path, trees=5).values()
    assert len(model[-1].estimators_) == 5


@pytest.mark.parametrize(
    ("module", "settings", "name", "value", "title"),
    [
        ("two_class_logistic_regression", {}, "l2_weight", 2.0, "L2 regularization weight"),
        ("two_class_logistic_regression", {}, "standardize", True, "Standardize features"),
        (
            "linear_regression",
            {"solution_method": "online gradient descent"},
            "normalize",
            True,
            "Normalize features",
        ),
        ("dbscan", {}, "normalize", True, "Normalize features"),
    ],
)
def test_a_parameter_that_is_no_argument_of_the_estimator_names_the_card(
    module: str, settings: dict[str, Any], name: str, value: Any, title: str, tmp_path: Path
) -> None:
    kind = "boolean" if isinstance(value, bool) else "number"
    pipeline = make(
        {"learner": (module, {**settings, name: {"$parameter": "given"}})},
        parameters={"given": PipelineParameter("given", kind, value)},
    )
    with pytest.raises(ExportError, match=rf"“learner” can't be exported.*{title}"):
        alone(pipeline, tmp_path)


def test_a_column_may_be_called_self(tmp_path: Path) -> None:
    """As an argument ``self`` it can't reach ``DataFrame.assign``."""
    pipeline = make(
        {
            "rows": ("enter_data_manually", {"data": "self,a\n1,0\n,1\n7,9\n,8\n"}),
            "text": ("edit_metadata", {"columns": ["self"], "data_type": "string"}),
            "label": ("edit_metadata", {"columns": ["self"], "fields": "label"}),
            "means": (
                "k_means_clustering",
                {"centroids": 2, "label_mode": "fill missing values", "normalize": False},
            ),
            "train": "train_clustering_model",
        },
        "rows.dataset > text.dataset",
        "rows.dataset > label.dataset",
        "label.results_dataset > train.dataset",
        "means.untrained_model > train.untrained_model",
    )
    script = alone(pipeline, tmp_path)
    found = executed(script, tmp_path)
    assert found["text"]["self"].tolist()[::2] == ["1", "7"]
    ends = {str(end): name for name, end in script.results.items()}
    assert found[ends["train.results_dataset"]]["self"].tolist() == [1, 1, 7, 7]


def test_class_weights_are_multiplied_with_those_of_the_dataset(tmp_path: Path) -> None:
    from module_examples import PALETTE, run

    data = {"data": "kind,w\nx,1\nx,2\nx,3\ny,4\n"}
    weigh = {"label_column": ["kind"]}
    pipeline = make(
        {
            "rows": ("enter_data_manually", data),
            "weight": ("edit_metadata", {"columns": ["w"], "fields": "weight"}),
            "one": ("class_weights", weigh),
            "two": ("class_weights", weigh),
        },
        "rows.dataset > weight.dataset",
        "weight.results_dataset > one.dataset",
        "one.weighted_dataset > two.dataset",
    )
    (table,) = run(PALETTE["enter_data_manually"], [], data)
    (table,) = run(PALETTE["class_weights"], [table.with_roles({"w": "weight"})], weigh)
    (table,) = run(PALETTE["class_weights"], [table], weigh)
    found = executed(alone(pipeline, tmp_path), tmp_path)["two"]
    pd.testing.assert_frame_equal(found, table.frame)


def test_class_weights_never_overwrite_a_feature_of_their_name(tmp_path: Path) -> None:
    data = {"data": "kind,Class Weight\nx,1\nx,2\ny,3\n"}
    pipeline = make(
        {
            "rows": ("enter_data_manually", data),
            "weigh": ("class_weights", {"label_column": ["kind"]}),
        },
        "rows.dataset > weigh.dataset",
    )
    code = alone(pipeline, tmp_path)
    with pytest.raises(ValueError, match="already has a column “Class Weight”"):
        executed(code, tmp_path)


def trained(**learner: Any) -> dict[str, Any]:
    return {
        "cars": ("enter_data_manually", {"data": CARS}),
        "label": ("edit_metadata", {"columns": ["kind"], "fields": "label"}),
        "away": ("edit_metadata", {"columns": ["year"], "fields": "clear feature"}),
        "one/forest": ("two_class_decision_forest", learner),
        "one/train": ("train_model", {}),
        "two/score": ("score_model", {}),
        "end": ("evaluate_model", {}),
    }


LINKS = (
    "cars.dataset > label.dataset",
    "label.results_dataset > away.dataset",
    "away.results_dataset > one/train.dataset",
    "one/forest.untrained_model > one/train.untrained_model",
    "one/train.trained_model > two/score.trained_model",
    "away.results_dataset > two/score.dataset",
    "two/score.scored_dataset > end.scored_dataset",
)


def test_roles_and_classes_reach_other_functions(tmp_path: Path) -> None:
    pipeline = make(trained(), *LINKS, groups={"one": Group("one"), "two": Group("two")})
    script = alone(pipeline, tmp_path)
    assert statements(script, "one")[-1] == "return (train, classes)"
    assert statements(script)[-4] == "train, classes = one(away)"
    assert statements(script)[-3] == "score, classes = two(train, classes, away)"
    found = executed(script, tmp_path)
    model = found["train"]
    assert list(model.feature_names_in_) == ["make", "price"]
    assert found["end"]["confusion"].to_numpy().sum() == 40
    assert list(found["end"]["confusion"].columns) == ["x", "y"]


@pytest.mark.parametrize(
    "rules",
    [
        [{"include": "roles", "values": ["score"]}],
        [{"include": "roles", "values": ["feature", "label"]}],
        [{"include": "all"}, {"exclude": "roles", "values": ["score"]}],
        [{"include": "all"}, {"exclude": "roles", "values": ["feature"]}],
        [{"include": "roles", "values": ["weight"]}, {"include": "indices", "values": ["1"]}],
    ],
)
def test_score_columns_have_their_role(rules: list[dict[str, Any]], tmp_path: Path) -> None:
    from module_examples import PALETTE, run

    pipeline = make(
        {
            "cars": ("enter_data_manually", {"data": CARS}),
            "means": "k_means_clustering",
            "train": "train_clustering_model",
            "some": ("select_columns_in_dataset", {"columns": {"rules": rules}}),
        },
        "means.untrained_model > train.untrained_model",
        "cars.dataset > train.dataset",
        "train.results_dataset > some.dataset",
    )
    (cars,) = run(PALETTE["enter_data_manually"], [], {"data": CARS})
    learner = PALETTE["k_means_clustering"].function()
    table = run(PALETTE["train_clustering_model"], [learner, cars], {})[1]
    (wanted,) = run(PALETTE["select_columns_in_dataset"], [table], {"columns": {"rules": rules}})
    assert list(executed(alone(pipeline, tmp_path), tmp_path)["some"]) == wanted.names


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    database = {
        "source": "database",
        "connection": "postgresql://me@host/prices",
        "password": {"$secret": "the-warehouse"},
        "query": "select 1",
    }
    script = alone(make({"table": ("import_data", database)}), tmp_path)
    assert "Set the secrets in the environment: MODELDESK_SECRET_THE_WAREHOUSE." in script.text
    assert 'os.environ["MODELDESK_SECRET_THE_WAREHOUSE"]' in script.text
    compile(script.text, "script.py", "exec")


def test_a_database_is_read_and_written(tmp_path: Path) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "data.db") as database:
        pd.DataFrame({"a": [1, 2], "b": ["x:1", "y"]}).to_sql("rows", database, index=False)
    address = f"sqlite:///{tmp_path / 'data.db'}"
    pipeline = make(
        {
            "rows": (
                "import_data",
                {
                    "source": "database",
                    "connection": address,
                    "query": "select a, b, ':c' as c from rows",
                },
            ),
            "copy": (
                "export_data",
                {
                    "destination": "database",
                    "connection": address,
                    "table": "copy",
                    "existing": "fail",
                },
            ),
        },
        "rows.dataset > copy.dataset",
    )
    executed(alone(pipeline, tmp_path), tmp_path)
    with sqlite3.connect(tmp_path / "data.db") as database:
        found = database.execute("select * from copy").fetchall()
    assert found == [(1, "x:1", ":c"), (2, "y", ":c")]


def test_data_outside_of_the_folder_is_named_with_its_card(tmp_path: Path) -> None:
    outside = tmp_path / "elsewhere" / "data.csv"
    outside.parent.mkdir()
    outside.write_text("a,b\n1,2\n")
    workspace = Workspace(tmp_path / "workspace")
    workspace.register_dataset("Cars", outside)
    pipeline = make({"registered": ("dataset", {"path": "dataset:Cars"})})
    from designer.export.standalone import standalone_script

    script = standalone_script(
        pipeline,
        CATALOG,
        file=tmp_path / "made.pipeline.json",
        workspace=workspace,
        datasets={"Cars"},
    )
    assert [each.node for each in script.warnings] == ["registered"]
    (table,) = executed(script, tmp_path).values()
    assert table["b"].tolist() == [2]


def test_every_card_without_a_template_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "numbers.py").write_text(
        "from modules.contract import DataTable, module\n\n\n"
        '@module("Numbers", outputs=("table",))\n'
        'def numbers() -> DataTable:\n    """Make numbers."""\n    raise NotImplementedError\n'
    )
    pipeline = make(
        {"first": "numbers", "end": "summarize_data", "second": "numbers"},
        "first.table > end.dataset",
    )
    with pytest.raises(ExportError) as caught:
        alone(pipeline, tmp_path, catalog=load_catalog(folder))
    assert [problem.node for problem in caught.value.problems] == ["first", "second"]
    assert "the module Numbers has no template" in caught.value.problems[0].message


def test_a_users_own_template_is_used_with_its_helper(tmp_path: Path) -> None:
    folder = tmp_path / "modules"
    folder.mkdir()
    (folder / "numbers.py").write_text(
        "from modules.contract import DataTable, module\n\n\nMOST = 3\n\n\n"
        'def count(most=MOST):\n    """Return numbers."""\n    import pandas as pd\n\n'
        '    return pd.DataFrame({"x": range(most)})\n\n\n'
        "def _code(step):\n"
        '    step.write(f"{step.outputs[0]} = {step.helper(count)}()")\n\n\n'
        '@module("Numbers", outputs=("table",), code=_code)\n'
        'def numbers() -> DataTable:\n    """Make numbers."""\n    return DataTable(count())\n'
    )
    catalog = load_catalog(folder)
    assert not catalog.problems
    (table,) = executed(
        alone(make({"some": "numbers"}), tmp_path, catalog=catalog), tmp_path
    ).values()
    assert table["x"].tolist() == [0, 1, 2]


def test_a_script_with_its_own_imports_is_called_as_it_is(tmp_path: Path) -> None:
    text = (
        "import numpy as pd\nimport random\nfrom collections import Counter as np\n\n"
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    dataframe1['n'] = pd.arange(len(dataframe1)) + len(np('aa')) + random.random()\n"
        "    return dataframe1, dataframe1.tail(1)\n"
    )
    from module_examples import PALETTE

    from modules.contract import DataTable
    from modules.runtime.step import run_step

    pipeline = make(
        {"rows": ("enter_data_manually", ROWS), "run": ("execute_python_script", {"script": text})},
        "rows.dataset > run.dataset1",
    )
    script = alone(pipeline, tmp_path)
    found = executed(script, tmp_path)
    table = DataTable(pd.DataFrame({"a": [1, 2, 3, 4], "b": ["x", "y", "x", "y"]}))
    wanted = run_step(PALETTE["execute_python_script"], {"script": text}, {"dataset1": table})
    np.testing.assert_array_equal(found["run"]["n"], wanted["result_dataset"].frame["n"])
    second = next(name for name, end in script.results.items() if end.port == "result_dataset2")
    assert len(found[second]) == 1


def test_the_command_writes_it_or_says_which_card_it_is(tmp_path: Path) -> None:
    file, output = tmp_path / "cars.pipeline.json", tmp_path / "cars.py"
    write(make({"cars": ("enter_data_manually", {"data": CARS})}), file)
    arguments = ["export", str(file), "--to", "sklearn", "-o", str(output)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    assert "pd.read_csv(StringIO(" in output.read_text("utf-8")
    output.unlink()
    write(make({"kept": ("saved_model", {"path": "."})}), file)
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 2
    assert "“kept” can't be exported to scikit-learn alone" in done.output
    assert not output.exists()
