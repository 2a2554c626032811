"""The scorer, on folders written from pipelines made by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from designer.catalog import Catalog, load_catalog
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline, PipelineParameter
from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.data_transformation.normalize_data import normalize_data
from modules.model_training.train_model import train_model
from modules.requests.tables import schema_of
from modules.scoring import Prepared, Scorer, check, prepare
from modules.values.storage import save

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

Write = Callable[..., Path]


def people(rows: int = 200) -> DataTable:
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 80, rows),
            "height": rng.normal(170, 9, rows).round(1),
            "town": pd.Series(rng.choice(["Bern", "Oslo", "Rome"], rows), dtype="str"),
        }
    )
    frame.loc[::9, "height"] = None
    frame["rich"] = np.where(frame["age"] + 9 * (frame["town"] == "Oslo") > 50, "yes", "no")
    return DataTable(frame)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The built-in modules and one of a person's own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "_words.py").write_text("LIMIT = 60\n")
    (folder / "mark_old.py").write_text(
        "from modules.contract import DataTable, module\n"
        "from modules.contract import DataTable as Table\n\n"
        "@module('Mark Old', outputs=('dataset',))\n"
        "def mark_old(dataset: DataTable, *, limit: int = 60) -> DataTable:\n"
        "    '''Mark the old.'''\n"
        "    return dataset.with_frame(dataset.frame.assign(old=dataset.frame['age'] > limit))\n"
    )
    return load_catalog(folder)


@pytest.fixture(scope="module")
def values(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a scaling, two models trained behind it, and example rows."""
    folder = tmp_path_factory.mktemp("values")
    table = people()
    scaled, scaling = normalize_data(table, columns=ColumnSelector.names("height"))
    label = ColumnSelector.names("rich")
    model = train_model(two_class_logistic_regression(), scaled, label_column=label)
    save(model, folder / "linear")
    learner = two_class_boosted_decision_tree(trees=10)
    save(train_model(learner, scaled, label_column=label), folder / "boosted")
    save(scaling, folder / "scaling")
    save(table.with_frame(table.frame.drop(columns="rich")), folder / "rows")
    return folder


def pipeline(model: str = "linear", *extra: tuple[str, dict[str, Any]]) -> Pipeline:
    """Return request → scaling → further steps → scoring → answer."""
    made = Pipeline()
    table = people()
    columns = schema_of(table.with_frame(table.frame.drop(columns="rich"))).to_json()
    for module, name, parameters in (
        ("saved_dataset", "rows", {"path": "rows"}),
        ("web_service_input", "ask", {"columns": columns}),
        ("saved_transformation", "scaling", {"path": "scaling"}),
        ("apply_transformation", "scale", {}),
        ("saved_model", "model", {"path": model}),
        ("score_model", "score", {}),
        ("web_service_output", "tell", {}),
    ):
        made, _ = edits.add_node(made, module, node_id=name, parameters=parameters)
    last = "scale.transformed_dataset"
    links = [
        ("rows.dataset", "scale.dataset"),
        ("ask.dataset", "scale.dataset"),
        ("scaling.transformation", "scale.transformation"),
        ("model.trained_model", "score.trained_model"),
    ]
    for module, parameters in extra:
        made, name = edits.add_node(made, module, parameters=parameters)
        port, output = _PORTS.get(module, ("dataset", "dataset"))
        links.append((last, f"{name}.{port}"))
        last = f"{name}.{output}"
    links += [(last, "score.dataset"), ("score.scored_dataset", "tell.dataset")]
    for source, target in links:
        made = edits.connect(made, Endpoint(*source.split(".")), Endpoint(*target.split(".")))
    return made


_PORTS = {
    "execute_python_script": ("dataset1", "result_dataset"),
    "select_columns_in_dataset": ("dataset", "results_dataset"),
    "edit_metadata": ("dataset", "results_dataset"),
}


@pytest.fixture
def write(catalog: Catalog, values: Path, tmp_path: Path) -> Write:
    """Return a function that writes a pipeline's scoring folder."""

    def written(made: Pipeline) -> Path:
        folder = tmp_path / "scoring"
        write_scoring_folder(made, catalog, folder, base=values)
        return folder

    return written


def close(one: dict[str, Any], two: dict[str, Any]) -> bool:
    return all(
        value == pytest.approx(two[name], rel=1e-12)
        if isinstance(value, float)
        else value == two[name]
        for name, value in one.items()
    )


ROW = {"age": 61, "height": 171.5, "town": "Oslo"}


@pytest.mark.parametrize("model", ["linear", "boosted"])
def test_both_ways_give_the_same(write: Write, model: str) -> None:
    folder = write(pipeline(model))
    assert prepare(folder) == Prepared(True)
    rows = [ROW, ROW | {"height": None}, ROW | {"age": 18, "town": "Bern"}]
    by_rows = Scorer(folder).score({"input1": rows})
    assert Scorer(folder).compiled
    by_tables = Scorer(folder, compiled=False).score({"input1": rows})
    assert [list(row) for row in by_rows["output1"]] == [list(r) for r in by_tables["output1"]]
    for one, two in zip(by_rows["output1"], by_tables["output1"], strict=True):
        assert close(one, two)
    assert by_rows["output1"][1]["height"] is None
    assert json.loads(json.dumps(by_rows)) == by_rows
    assert check(Scorer(folder), {"input1": rows}) == []


def test_a_compiled_folder_imports_no_heavy_library(write: Write) -> None:
    folder = write(pipeline("boosted"))
    prepare(folder)
    code = (
        "import sys\n"
        "from modules.scoring import Scorer\n"
        f"scorer = Scorer({str(folder)!r})\n"
        f"scorer.score({{'input1': [{ROW!r}]}})\n"
        "heavy = ('pandas', 'sklearn', 'skops', 'scipy', 'pyarrow', 'designer', 'PySide6')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def test_the_folder_stands_alone(write: Write, tmp_path: Path) -> None:
    folder = write(pipeline("linear", ("mark_old", {"limit": 60})))
    reasons = prepare(folder).reasons
    assert reasons == ("Mark Old (“mark_old”) doesn't have a compiled form.",)
    moved = tmp_path / "elsewhere"
    shutil.move(folder, moved)
    scorer = Scorer(moved, allowed={"code"})
    assert scorer.score({"input1": [ROW]})["output1"][0]["old"] is True
    assert scorer.samples["input1"][0].keys() == ROW.keys()


def test_a_script_runs_and_its_mistake_is_told(write: Write) -> None:
    script = (
        "def azureml_main(a=None, b=None):\n"
        "    assert a['age'].max() < 90, 'too old'\n"
        "    return a.assign(sum=a['age'] + 1),\n"
    )
    folder = write(pipeline("linear", ("execute_python_script", {"script": script})))
    assert not prepare(folder).compiled
    scorer = Scorer(folder, allowed={"code"})
    assert scorer.score({"input1": [ROW]})["output1"][0]["sum"] == 62
    with pytest.raises(ModuleError, match="too old"):
        scorer.score({"input1": [ROW | {"age": 95}]})
    assert scorer.score({"input1": [ROW]})


def test_pipeline_parameters_can_be_given(write: Write) -> None:
    made = pipeline("linear")
    made = edits.add_parameter(made, PipelineParameter("append", "boolean", True))
    made = edits.bind_parameter(made, "score", "append_score_columns_to_output", "append")
    folder = write(made)
    prepare(folder)
    scorer = Scorer(folder)
    assert scorer.parameters == {"append": True}
    assert list(scorer.score({"input1": [ROW]})["output1"][0])[:3] == list(ROW)
    short = scorer.score({"input1": [ROW]}, {"append": False})["output1"][0]
    assert list(short) == ["Scored Labels", "Scored Probabilities"]
    with pytest.raises(ModuleError, match="“other” doesn't exist"):
        scorer.score({"input1": [ROW]}, {"other": 1})
    with pytest.raises(ModuleError, match="isn't true or false"):
        scorer.score({"input1": [ROW]}, {"append": "perhaps"})


@pytest.mark.parametrize("model", ["linear", "boosted"])
def test_many_rows_go_by_tables(write: Write, model: str) -> None:
    folder = write(pipeline(model))
    prepare(folder)
    scorer = Scorer(folder)
    assert 100 < scorer.many_rows < 20_000
    few = scorer.score({"input1": [ROW] * (scorer.many_rows - 1)})["output1"]
    assert "tables" not in vars(scorer)
    many = scorer.score({"input1": [ROW] * scorer.many_rows})["output1"]
    assert "tables" in vars(scorer)
    assert len(few) + 1 == len(many)
    for one, two in zip(few, many, strict=False):
        assert close(one, two)
    tables = scorer.score_tables({"input1": people()})
    assert len(tables["output1"]) == 200


def test_threads_do_not_disturb_each_other(write: Write) -> None:
    folder = write(pipeline("boosted"))
    prepare(folder)
    for compiled in (True, False):
        scorer = Scorer(folder, compiled=compiled)
        rows = [ROW | {"age": age} for age in range(20, 80)]
        alone = [scorer.score({"input1": [row]})["output1"][0] for row in rows]
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda row: scorer.score({"input1": [row]}), rows))  # noqa: B023
        assert [answer["output1"][0] for answer in together] == alone


def test_rows_given_are_not_changed(write: Write) -> None:
    folder = write(pipeline("linear"))
    prepare(folder)
    row = dict(ROW)
    for compiled in (True, False):
        Scorer(folder, compiled=compiled).score({"input1": [row]})
    assert row == ROW


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        ({}, "input-missing", "“input1”"),
        ({"other": [ROW], "input1": [ROW]}, "input-unknown", "“other”"),
        ({"input1": []}, "no-rows", "any rows"),
        ({"input1": [ROW | {"town": "Osol"}]}, "value-unknown", "“town”"),
        ({"input1": [ROW | {"age": None}]}, "value-missing", "“age”"),
    ],
)
@pytest.mark.parametrize("compiled", [True, False])
def test_what_is_wrong_is_said(
    write: Write, compiled: bool, inputs: Any, code: str, words: str
) -> None:
    folder = write(pipeline("linear"))
    prepare(folder)
    with pytest.raises(ModuleError) as caught:
        Scorer(folder, compiled=compiled).score(inputs)
    assert caught.value.code == code
    assert words in caught.value.message


class TestFoldersThatAreNone:
    def refused(self, folder: Path, **options: Any) -> ModuleError:
        with pytest.raises(ModuleError) as caught:
            Scorer(folder, **options)
        assert caught.value.message.endswith(".")
        return caught.value

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        assert self.refused(tmp_path).code == "not-a-package"

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"format": 1}'])
    def test_a_damaged_plan(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "scoring.json").write_text(text)
        assert self.refused(tmp_path).code == "package-damaged"

    def test_a_newer_format(self, tmp_path: Path) -> None:
        (tmp_path / "scoring.json").write_text('{"format": 2}')
        error = self.refused(tmp_path)
        assert error.code == "package-too-new"
        assert "Update" in error.hint

    def test_a_missing_model(self, write: Write) -> None:
        folder = write(pipeline("linear"))
        prepare(folder)
        shutil.rmtree(next((folder / "values").glob("model-*")))
        assert self.refused(folder, compiled=False).code == "folder-not-found"
        shutil.rmtree(folder / "compiled" / "score")
        assert self.refused(folder).code == "model-damaged"

    def test_a_model_of_a_stranger(self, write: Write) -> None:
        """A type that is not on the list is refused before anything of it is built."""
        folder = write(pipeline("linear"))
        file = next((folder / "values").glob("model-*")) / "model.skops"
        with zipfile.ZipFile(file) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        schema = parts["schema.json"].decode()
        parts["schema.json"] = (
            schema.replace('"FeatureEncoder"', '"Popen"', 1)
            .replace('"modules.learning.features"', '"subprocess"', 1)
            .encode()
        )
        assert parts["schema.json"].decode() != schema
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        error = self.refused(folder)
        assert error.code in ("type-not-trusted", "model-damaged", "value-damaged")

    def test_a_path_that_leads_out(self, write: Write, values: Path) -> None:
        folder = write(pipeline("linear"))
        plan = json.loads((folder / "scoring.json").read_text())
        for step in plan["steps"]:
            if step["node"] == "model":
                step["parameters"]["path"] = str(values / "linear")
        (folder / "scoring.json").write_text(json.dumps(plan))
        assert self.refused(folder).code == "package-damaged"

    def test_a_module_that_is_not_here(self, write: Write) -> None:
        folder = write(pipeline("linear"))
        plan = json.loads((folder / "scoring.json").read_text())
        plan["steps"][0]["module"] = "modules.data_transformation.no_such_module"
        (folder / "scoring.json").write_text(json.dumps(plan))
        assert self.refused(folder).code == "module-unknown"

    @pytest.mark.parametrize("compiled", [True, False])
    def test_a_module_from_elsewhere_is_not_imported(self, write: Write, compiled: bool) -> None:
        folder = write(pipeline("linear"))
        prepare(folder)
        plan = json.loads((folder / "scoring.json").read_text())
        for step in plan["steps"]:
            step["module"] = "antigravity"
        (folder / "scoring.json").write_text(json.dumps(plan))
        assert self.refused(folder, compiled=compiled).code == "module-unknown"
        assert "antigravity" not in sys.modules


def test_a_compiled_form_that_differs_is_not_kept(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modules.learning.sklearn_model import SklearnModel

    folder = write(pipeline("linear"))
    sound = SklearnModel.compile

    def unsound(model: Any) -> Any:
        made = sound(model)
        assert made is not None
        made.arrays["offsets"][:] += 0.001
        return made

    monkeypatch.setattr(SklearnModel, "compile", unsound)
    found = prepare(folder)
    assert not found.compiled
    assert "“Scored Probabilities”" in found.reasons[0]
    assert not Scorer(folder).compiled


@pytest.mark.parametrize(
    ("step", "compiled"),
    [
        (("edit_metadata", {"columns": ["town"], "new_column_names": "city"}), True),
        (("edit_metadata", {"columns": ["town"], "categorical": "categorical"}), True),
        (("edit_metadata", {"columns": ["age"], "data_type": "double"}), True),
        (("edit_metadata", {"columns": ["age"], "data_type": "string"}), True),
        (("edit_metadata", {"columns": ["age"], "data_type": "boolean"}), False),
        (("select_columns_in_dataset", {"columns": ["town", "age"]}), True),
        (
            (
                "select_columns_in_dataset",
                {
                    "columns": {
                        "rules": [{"include": "names", "values": ["age", "age"]}],
                        "keep_order": True,
                    }
                },
            ),
            True,
        ),
    ],
)
def test_steps_behind_the_model(
    write: Write, step: tuple[str, dict[str, Any]], compiled: bool
) -> None:
    """Steps that change tables by their parameters are compiled where that is the same."""
    made = pipeline("linear")
    made, name = edits.add_node(made, step[0], parameters=step[1])
    link = next(link for link in made.links if link.target.node == "tell")
    made = edits.insert_on_link(made, link, name, "dataset", "results_dataset")
    folder = write(made)
    if step[1].get("data_type") == "boolean":
        with pytest.raises(ModuleError, match="isn't true or false"):
            prepare(folder)
        return
    assert prepare(folder).compiled is compiled
    if compiled:
        assert check(Scorer(folder), {"input1": [ROW, ROW | {"height": None}]}) == []
