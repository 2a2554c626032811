"""Inference pipelines score the same rows as their training pipelines did, for every module.

Each case trains a small pipeline on the engine, converts it, and compares what the scorer
gives for the rows of the dataset with what the training pipeline gave for the same rows.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from designer import paths
from designer.catalog import Catalog, load_catalog
from designer.engine import Engine, RunResult
from designer.pipeline import edits, file
from designer.pipeline.inference import Inference, InferenceError, convert, update
from designer.pipeline.inference_work import make_inference
from designer.pipeline.model import Endpoint, Node, Pipeline
from designer.pipeline.scoring import ScoringError, write_scoring_folder
from designer.pipeline.validation import validate
from designer.workspace import Workspace
from modules.contract import DataTable, ModuleSpec, Serving, Transformation, UntrainedModel
from modules.contract.requests import rows_of
from modules.contract.storage import load
from modules.scorer import Prepared, Scorer, check, prepare

sys.path.append(str(Path(__file__).parents[1] / "modules"))

from module_examples import PALETTE, example_table, parameters_for

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")

SAMPLES = sorted(paths.samples().glob(f"*{file.SUFFIX}"))
LABELS = {"two-class": "label", "multiclass": "size3", "regression": "target"}
FEATURES = ("age", "price", "city", "member", "active", "joined")
ROWS = 240

COMPILED = {
    "boosted_decision_tree_regression",
    "decision_forest_regression",
    "k_means_clustering",
    "linear_regression",
    "multiclass_decision_forest",
    "multiclass_logistic_regression",
    "two_class_boosted_decision_tree",
    "two_class_decision_forest",
    "two_class_logistic_regression",
}
"""Learners that are served without scikit-learn."""

WITHOUT_LABEL: dict[str, dict[str, Any]] = {
    "convert_to_indicator_values": {"columns": ["city", "size"]},
}
"""Parameters of transformations that would make features of the label otherwise."""

LEARNERS = [
    spec for spec in PALETTE.values() if [p.types for p in spec.outputs] == [(UntrainedModel,)]
]
TRANSFORMATIONS = [
    spec
    for spec in PALETTE.values()
    if any(Transformation in port.types for port in spec.outputs) and spec.inputs
]
DROPPED = [
    spec
    for spec in PALETTE.values()
    if spec.when_serving == Serving.DROP
    and spec.inputs
    and all(DataTable in port.types for port in spec.inputs if not port.optional)
    and any(DataTable in port.types for port in spec.outputs)
]


def ids(spec: ModuleSpec) -> str:
    return spec.id


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture(scope="module")
def engine(catalog: Catalog, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Workspace(tmp_path_factory.mktemp("workspace")), catalog, workers=2) as engine:
        yield engine


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the dataset that the pipelines read."""
    folder = tmp_path_factory.mktemp("data")
    people().to_parquet(folder / "people.parquet")
    return folder


def people() -> pd.DataFrame:
    frame = example_table(ROWS).frame
    third = pd.cut(frame["age"], [0, 35, 55, 200], labels=["low", "middle", "high"])
    return frame.assign(size3=third.astype("str"))


class Chain:
    """Builds a pipeline, mostly from top to bottom."""

    def __init__(self) -> None:
        self.pipeline = Pipeline()

    def add(self, module: str, *inputs: str, name: str | None = None, **parameters: Any) -> str:
        """Add a node; inputs are ``port=node.port`` texts."""
        self.pipeline, node = edits.add_node(
            self.pipeline, module, node_id=name, parameters=parameters
        )
        for text in inputs:
            port, _, source = text.partition("=")
            start, _, output = source.rpartition(".")
            self.pipeline = edits.connect(
                self.pipeline, Endpoint(start, output), Endpoint(node, port)
            )
        return node

    def people(self) -> str:
        self.add("dataset", name="people", path="people.parquet")
        return "people.dataset"

    def split(self, source: str) -> tuple[str, str]:
        self.add("split_data", f"dataset={source}", name="split", fraction=0.7, randomized=False)
        return "split.results_dataset1", "split.results_dataset2"

    def scored(self, learner: str, source: str, task: str, label: str | None) -> str:
        """Add splitting, training and scoring; return the scored output."""
        train, test = self.split(source)
        self.add(learner, name="learner")
        trainer, scorer = {
            "clustering": ("train_clustering_model", "assign_data_to_clusters"),
            "anomaly": ("train_anomaly_detection_model", "score_model"),
        }.get(task, ("train_model", "score_model"))
        known = PALETTE[trainer].parameter_by_name
        chosen = {"label_column": [label]} if label and "label_column" in known else {}
        self.add(
            trainer,
            "untrained_model=learner.untrained_model",
            f"dataset={train}",
            name="train",
            **chosen,
        )
        self.add(scorer, "trained_model=train.trained_model", f"dataset={test}", name="score")
        return f"score.{PALETTE[scorer].outputs[0].name}"


class Served:
    """A pipeline that was run, converted and made ready to score."""

    def __init__(
        self, engine: Engine, pipeline: Pipeline, base: Path, folder: Path, **options: Any
    ) -> None:
        self.engine, self.base, self.folder = engine, base, folder
        self.pipeline = pipeline
        self.result: RunResult = engine.run(pipeline, base=base)
        errors = {name: node.error for name, node in self.result.nodes.items() if node.error}
        assert not errors
        self.inference: Inference = convert(
            pipeline,
            self.result,
            engine.catalog,
            base=base,
            values=folder / "values",
            target=folder,
            **options,
        )
        self.prepared: Prepared = self.write(self.inference.pipeline)

    def write(self, pipeline: Pipeline) -> Prepared:
        write_scoring_folder(
            pipeline, self.engine.catalog, self.folder / "scoring", base=self.folder
        )
        return prepare(self.folder / "scoring")

    @property
    def said(self) -> str:
        return "\n".join(self.inference.said)

    def scorer(self, *, compiled: bool | None = None) -> Scorer:
        return Scorer(self.folder / "scoring", compiled=compiled)

    def output(self, place: str) -> DataTable:
        node, _, port = place.rpartition(".")
        table = load(self.result.nodes[node].outputs[port].path)
        assert isinstance(table, DataTable)
        return table

    def modules(self) -> list[str]:
        return sorted(node.module for node in self.inference.pipeline.nodes.values())


def request(scorer: Scorer, table: DataTable, name: str = "input1") -> list[dict[str, Any]]:
    """Return the rows of a table as a caller sends them: without what need not be sent."""
    needed = [column.name for column in scorer.inputs[name].columns if not column.optional]
    return [{name: row[name] for name in needed} for row in rows_of(table)]


def assert_same_rows(found: list[dict[str, Any]], expected: DataTable) -> None:
    rows = rows_of(expected)
    assert len(found) == len(rows)
    for one, two in zip(found, rows, strict=True):
        for name in one:
            assert equal(one[name], two[name]), (name, one[name], two[name])
        assert set(expected.having_role("score")) <= set(one)


def equal(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, (int, float)):
        return math.isclose(one, two, rel_tol=1e-9, abs_tol=1e-9)
    return one == two


def assert_serves_the_same(served: Served, place: str, label: str | None) -> None:
    """Compare both ways of scoring with what the training pipeline gave for the same rows."""
    expected = served.output(place)
    source = served.output("people.dataset")
    test = source.with_frame(source.frame.iloc[len(source) - len(expected) :])
    scorer = served.scorer(compiled=False)
    rows = request(scorer, test)
    assert label is None or label not in rows[0]
    answer = scorer.score({"input1": rows})["output1"]
    assert label is None or label not in answer[0]
    assert_same_rows(answer, expected)
    if served.prepared.compiled:
        assert_same_rows(served.scorer(compiled=True).score({"input1": rows})["output1"], expected)
        assert check(served.scorer(), {"input1": rows}) == []
    else:
        assert served.prepared.reasons


@pytest.mark.parametrize("spec", LEARNERS, ids=ids)
def test_every_learner(spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path) -> None:
    (untrained,) = spec()
    label = LABELS.get(untrained.task)
    chain = Chain()
    columns = [*FEATURES, *([label] if label else [])]
    chain.add(
        "select_columns_in_dataset", f"dataset={chain.people()}", name="select", columns=columns
    )
    place = chain.scored(spec.id, "select.results_dataset", untrained.task, label)
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, label)
    if spec.id in COMPILED:
        assert served.prepared == Prepared(True)


@pytest.mark.parametrize("spec", TRANSFORMATIONS, ids=ids)
def test_every_transformation(spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    source = chain.people()
    port = next(p.name for p in spec.inputs if DataTable in p.types)
    parameters = parameters_for(spec, tmp_path) | WITHOUT_LABEL.get(spec.id, {})
    chain.add(spec.id, f"{port}={source}", name="fit", **parameters)
    table = next((p.name for p in spec.outputs if DataTable in p.types), None)
    if table is None:
        learnt = next(p.name for p in spec.outputs if Transformation in p.types)
        chain.add(
            "apply_transformation",
            f"transformation=fit.{learnt}",
            f"dataset={source}",
            name="apply",
        )
    place = chain.scored(
        "two_class_logistic_regression",
        f"fit.{table}" if table else "apply.transformed_dataset",
        "two-class",
        "label",
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert spec.id not in served.modules()
    assert "saved_transformation" in served.modules()


@pytest.mark.parametrize("spec", DROPPED, ids=ids)
def test_every_module_of_training_alone_leaves(
    spec: ModuleSpec, engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    port = next(p.name for p in spec.inputs if DataTable in p.types)
    output = next(p.name for p in spec.outputs if DataTable in p.types)
    if any(UntrainedModel in p.types for p in spec.inputs):
        pytest.skip("takes a learner and gives no rows to score")
    chain.add(
        "select_columns_in_dataset",
        f"dataset={chain.people()}",
        name="select",
        columns=["age", "active", "label"],
    )
    parameters = parameters_for(spec, tmp_path)
    chain.add(spec.id, f"{port}=select.results_dataset", name="sample", **parameters)
    chain.scored("two_class_logistic_regression", f"sample.{output}", "two-class", "label")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert spec.id not in served.modules()
    assert "“sample” was left out" in served.said
    source = served.output("people.dataset")
    rows = request(served.scorer(), source)
    assert len(served.scorer().score({"input1": rows})["output1"]) == len(source)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name.partition(".")[0])
def test_every_sample(path: Path, engine: Engine, tmp_path: Path) -> None:
    pipeline = file.read(path)
    served = Served(engine, pipeline, path.parent, tmp_path)
    assert validate(served.inference.pipeline, engine.catalog, base=tmp_path) == []
    again = engine.run(served.inference.pipeline, base=tmp_path)
    assert again.status == "completed"
    for compiled in {False, served.prepared.compiled}:
        scorer = served.scorer(compiled=compiled)
        answers = scorer.score({"input1": accepted(scorer, whole_dataset(served))})
        for node in served.inference.pipeline.nodes.values():
            if node.module == "web_service_output":
                name = node.parameters.get("name", "output1")
                assert_knows(answers[name], scored_in_training(served, node))


def whole_dataset(served: Served) -> DataTable:
    """Return what the source of the rows gave in the training run."""
    (origin,) = {
        str(node.extra["origin"])
        for node in served.inference.pipeline.nodes.values()
        if node.module == "web_service_input"
    }
    return served.output(origin)


def accepted(scorer: Scorer, table: DataTable) -> list[dict[str, Any]]:
    """Return the rows that a request may have, at most some thousands."""
    schema = scorer.inputs["input1"]
    frame = table.frame
    for column in schema.columns:
        if not column.missing and not column.optional:
            frame = frame[frame[column.name].notna()]
    return request(scorer, table.with_frame(frame))


def scored_in_training(served: Served, output: Node) -> DataTable:
    """Return what the scoring step in front of an output gave in the training run."""
    node = output.id
    while node not in served.pipeline.nodes:
        node = served.inference.pipeline.inputs_of(node)["dataset"].node
    port = next(iter(served.result.nodes[node].outputs))
    return served.output(f"{node}.{port}")


def assert_knows(answer: list[dict[str, Any]], expected: DataTable) -> None:
    """Assert that every scored row of training is among the answers, with its scores."""
    scores = expected.having_role("score")
    features = [name for name in answer[0] if name not in scores]
    known = {tuple(row[name] for name in features): row for row in answer}
    for row in rows_of(expected):
        found = known[tuple(row[name] for name in features)]
        for name in scores:
            assert equal(found[name], row[name]), (name, found, row)


def test_the_label_is_not_asked_even_if_fitted_steps_know_it(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    """Cleaning, selecting by position and type, metadata and a script all see the label."""
    chain = Chain()
    chain.add("clean_missing_data", f"dataset={chain.people()}", name="clean")
    chain.add(
        "edit_metadata",
        "dataset=clean.cleaned_dataset",
        name="mark",
        columns=["label"],
        fields="label",
        new_column_names="answer",
    )
    chain.add(
        "select_columns_in_dataset",
        "dataset=mark.results_dataset",
        name="select",
        columns={
            "rules": [
                {"include": "indices", "values": ["1-3"]},
                {"include": "roles", "values": ["label"]},
                {"include": "types", "values": ["boolean"]},
            ]
        },
    )
    script = (
        "def azureml_main(dataframe1=None, dataframe2=None):\n"
        "    dataframe1['yes'] = dataframe1['answer'] == 'yes'\n"
        "    return dataframe1.drop(columns='yes'),\n"
    )
    chain.add(
        "execute_python_script", "dataset1=select.results_dataset", name="code", script=script
    )
    place = chain.scored("two_class_logistic_regression", "code.result_dataset", "two-class", None)
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    answer = served.scorer().score(served.scorer().samples)["output1"][0]
    assert "answer" not in answer
    assert "“code” holds code of your own" in served.said
    assert served.prepared.reasons == (
        "Execute Python Script (“code”) has no compiled form: a script takes tables.",
    )


def test_a_feature_made_of_the_label_is_told(engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    query = "select age, label, label = 'yes' as same from t1"
    chain.add("apply_sql_transformation", f"t1={chain.people()}", name="cheat", query=query)
    chain.scored("two_class_logistic_regression", "cheat.result_dataset", "two-class", "label")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert "has to send the label “label”" in served.said
    columns = {c.name: c.optional for c in served.scorer().inputs["input1"].columns}
    assert columns["label"] is False
    assert columns["price"] is True


def test_rows_looked_up_stay_and_parts_of_the_rows_come_along(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    (tmp_path / "towns.csv").write_text("town,people\nRome,2800000\nOslo,700000\nLima,9700000\n")
    chain = Chain()
    source = chain.people()
    chain.add("dataset", name="towns", path=str(tmp_path / "towns.csv"))
    chain.add(
        "join_data",
        f"left_dataset={source}",
        "right_dataset=towns.dataset",
        name="join",
        left_keys=["city"],
        right_keys=["town"],
        join_type="left outer",
    )
    chain.add(
        "select_columns_in_dataset",
        "dataset=join.results_dataset",
        name="left",
        columns=["age", "people", "label"],
    )
    chain.add(
        "select_columns_in_dataset", "dataset=join.results_dataset", name="right", columns=["price"]
    )
    chain.add("normalize_data", "dataset=right.results_dataset", name="scale")
    chain.add(
        "add_columns",
        "left_dataset=left.results_dataset",
        "right_dataset=scale.transformed_dataset",
        name="both",
    )
    place = chain.scored(
        "two_class_logistic_regression", "both.combined_dataset", "two-class", "label"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert list(served.scorer().inputs) == ["input1"]
    assert "looks rows up in the table from “towns”" in served.said


def test_several_datasets_that_belong_together_are_several_inputs(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    frame = people()
    frame[["age", "label"]].to_csv(tmp_path / "one.csv", index=False)
    frame[["active", "target"]].to_csv(tmp_path / "two.csv", index=False)
    chain = Chain()
    chain.add("dataset", name="one", path=str(tmp_path / "one.csv"))
    chain.add("dataset", name="two", path=str(tmp_path / "two.csv"))
    chain.add("add_columns", "left_dataset=one.dataset", "right_dataset=two.dataset", name="both")
    chain.scored("two_class_logistic_regression", "both.combined_dataset", "two-class", "label")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert served.prepared == Prepared(True)
    one, two = served.output("one.dataset"), served.output("two.dataset")
    expected = served.output("score.scored_dataset")
    for compiled in (True, False):
        scorer = served.scorer(compiled=compiled)
        rows = {"input1": request(scorer, one), "input2": request(scorer, two, "input2")}
        answer = scorer.score(rows)["output1"]
        assert_same_rows(answer[-len(expected) :], expected)
        assert "label" not in answer[0]


def test_what_a_batch_scores_is_a_pipeline_parameter(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    chain.add("clean_missing_data", f"dataset={chain.people()}", name="clean")
    place = chain.scored(
        "two_class_boosted_decision_tree", "clean.cleaned_dataset", "two-class", "label"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    batch = convert(
        chain.pipeline,
        served.result,
        engine.catalog,
        base=base,
        values=tmp_path / "values",
        target=tmp_path,
        kind="batch",
    )
    assert not any(n.module.startswith("web_service") for n in batch.pipeline.nodes.values())
    assert batch.pipeline.nodes["people"].parameters["path"] == {"$parameter": "people_file"}
    fresh = people().drop(columns="label").tail(50)
    fresh.to_parquet(tmp_path / "fresh.parquet")
    result = engine.run(
        batch.pipeline, base=tmp_path, parameters={"people_file": str(tmp_path / "fresh.parquet")}
    )
    assert result.status == "completed", {n: r.error for n, r in result.nodes.items() if r.error}
    last = batch.pipeline.order()[-1]
    table = load(next(iter(result.nodes[last].outputs.values())).path)
    assert isinstance(table, DataTable)
    expected = served.output(place).frame.tail(50).reset_index(drop=True)
    for name in ("Scored Labels", "Scored Probabilities"):
        pd.testing.assert_series_equal(table.frame[name], expected[name])
    assert "label" not in table.names


def test_an_update_takes_the_new_model_and_keeps_the_edits(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    chain.add("normalize_data", f"dataset={chain.people()}", name="scale")
    place = chain.scored(
        "two_class_logistic_regression", "scale.transformed_dataset", "two-class", "label"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    edited = edits.set_comment(served.inference.pipeline, "train", "The model of May.")
    edited, extra = edits.add_node(
        edited,
        "select_columns_in_dataset",
        node_id="scores_only",
        parameters={"columns": {"rules": [{"include": "roles", "values": ["score"]}]}},
    )
    link = next(link for link in edited.links if link.target.node == "web_service_output")
    edited = edits.insert_on_link(edited, link, extra, "dataset", "results_dataset")
    edited = edits.set_parameter(edited, "web_service_input", "unseen_values", "accept")
    retrained = edits.set_parameter(chain.pipeline, "learner", "l2_weight", 25.0)
    retrained = edits.set_parameter(retrained, "scale", "method", "MinMax")
    result = engine.run(retrained, base=base)
    updated = update(
        edited,
        retrained,
        result,
        engine.catalog,
        base=base,
        values=tmp_path / "values",
        target=tmp_path,
    )
    assert updated.pipeline.extra["inference"]["run"] == result.id
    nodes = updated.pipeline.nodes
    assert nodes["train"].comment == "The model of May."
    assert nodes["web_service_input"].parameters["unseen_values"] == "accept"
    assert "“train” now holds the model of the latest run." in updated.said
    assert "“scale_fitted” now holds what was learnt of the latest run." in updated.said
    served.write(updated.pipeline)
    served.result = result
    scorer = served.scorer()
    expected = served.output(place)
    rows = request(scorer, served.output("people.dataset"))[-len(expected) :]
    answer = scorer.score({"input1": rows})["output1"]
    assert list(answer[0]) == ["Scored Labels", "Scored Probabilities"]
    assert_same_rows(answer, expected)
    same = update(
        updated.pipeline,
        retrained,
        result,
        engine.catalog,
        base=base,
        values=tmp_path / "values",
        target=tmp_path,
    )
    assert same.said == ("Nothing has changed since.",)
    assert same.pipeline == updated.pipeline


def test_another_process_makes_it_from_plain_data(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    chain.scored("two_class_logistic_regression", chain.people(), "two-class", "label")
    result = engine.run(chain.pipeline, base=base)
    order = {
        "pipeline": file.dumps(chain.pipeline),
        "run": result.to_json(),
        "base": str(base),
        "values": str(tmp_path / "values"),
        "target": str(tmp_path),
    }
    made = engine.call(make_inference, order).result(120)
    assert any("Web Service Input “input1”" in text for text in made["said"])
    pipeline = file.loads(made["pipeline"])
    assert engine.run(pipeline, base=tmp_path).status == "completed"
    again = engine.call(make_inference, order | {"inference": made["pipeline"]}).result(120)
    assert again == {"pipeline": made["pipeline"], "said": ["Nothing has changed since."]}
    refused = engine.call(make_inference, order | {"scores": ["train"]}).result(120)
    assert "no step that scores" in refused["error"]["message"]


def test_one_scoring_step_can_be_chosen(engine: Engine, tmp_path: Path) -> None:
    path = paths.samples() / f"automobile_price_compare{file.SUFFIX}"
    served = Served(engine, file.read(path), path.parent, tmp_path, scores=["score_linear"])
    assert list(served.scorer().outputs) == ["output1"]
    assert "train_boosted" not in served.inference.pipeline.nodes
    with pytest.raises(InferenceError, match="no step that scores"):
        Served(engine, file.read(path), path.parent, tmp_path, scores=["train_linear"])


def test_placed_by_hand_they_stay(engine: Engine, base: Path, tmp_path: Path) -> None:
    """A Web Service Input in the middle is the way in; what comes before stays out."""
    chain = Chain()
    chain.add("clean_missing_data", f"dataset={chain.people()}", name="clean")
    chain.add(
        "select_columns_in_dataset",
        "dataset=clean.cleaned_dataset",
        name="select",
        columns=["age", "city", "label"],
    )
    chain.add("web_service_input", name="ask")
    pipeline = edits.set_parameter(chain.pipeline, "ask", "name", "person")
    chain.pipeline = edits.connect(
        pipeline, Endpoint("ask", "dataset"), Endpoint("select", "dataset")
    )
    place = chain.scored(
        "two_class_logistic_regression", "select.results_dataset", "two-class", "label"
    )
    chain.add(
        "select_columns_in_dataset",
        f"dataset={place}",
        name="short",
        columns={"rules": [{"include": "roles", "values": ["score"]}]},
    )
    chain.add("web_service_output", "dataset=short.results_dataset", name="tell")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert {"ask", "tell", "short"} <= set(served.inference.pipeline.nodes)
    assert "clean" not in served.inference.pipeline.nodes
    assert list(served.scorer().inputs) == ["person"]
    answer = served.scorer().score({"person": [{"age": 40, "city": "Rome"}]})
    assert list(answer["output1"][0]) == ["Scored Labels", "Scored Probabilities"]


def test_ids_are_kept_cards_keep_their_distance_and_files_come_back(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    chain = Chain()
    chain.add("normalize_data", f"dataset={chain.people()}", name="scale")
    chain.scored("two_class_logistic_regression", "scale.transformed_dataset", "two-class", "label")
    made = Served(engine, chain.pipeline, base, tmp_path).inference.pipeline
    assert {"people", "scale", "scale_fitted", "train", "score"} <= set(made.nodes)
    assert file.loads(file.dumps(made)).nodes == dict(sorted(made.nodes.items()))
    nodes = list(made.nodes.values())
    for place, one in enumerate(nodes):
        for two in nodes[place + 1 :]:
            across = abs(one.position[0] - two.position[0])
            down = abs(one.position[1] - two.position[1])
            assert across >= 280 or down >= 120, (one.id, two.id)
    for link in made.links:
        assert made.nodes[link.source.node].position[1] < made.nodes[link.target.node].position[1]


def test_means_of_the_training_data_are_looked_up_not_computed_anew(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    """A table made from the same dataset, but with other rows, is as it was in the run."""
    chain = Chain()
    source = chain.people()
    query = "select city, avg(age) as mean_age from t1 group by city"
    chain.add("apply_sql_transformation", f"t1={source}", name="means", query=query)
    chain.add(
        "join_data",
        f"left_dataset={source}",
        "right_dataset=means.result_dataset",
        name="join",
        left_keys=["city"],
        right_keys=["city"],
        join_type="left outer",
        keep_right_keys=False,
    )
    place = chain.scored(
        "two_class_logistic_regression", "join.results_dataset", "two-class", "label"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert "means" not in served.inference.pipeline.nodes
    assert "looks rows up in the table from “means”" in served.said


def test_clusters_as_features(engine: Engine, base: Path, tmp_path: Path) -> None:
    """What Train Clustering Model gives beside the model comes from that model."""
    chain = Chain()
    chain.add("k_means_clustering", name="means", centroids=3)
    chain.add(
        "train_clustering_model",
        "untrained_model=means.untrained_model",
        f"dataset={chain.people()}",
        name="groups",
        column_set=["age", "active"],
    )
    chain.add(
        "edit_metadata",
        "dataset=groups.results_dataset",
        name="features",
        columns={"rules": [{"include": "roles", "values": ["score"]}]},
        fields="clear score",
    )
    place = chain.scored(
        "two_class_logistic_regression", "features.results_dataset", "two-class", "label"
    )
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert served.modules().count("saved_model") == 2


def test_a_step_that_chose_columns_chooses_the_same(base: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "keep_numbers.py").write_text(
        "from modules.contract import DataTable, Serving, module\n\n"
        "@module('Keep Numbers', outputs=('kept', 'table'), when_serving=Serving.AS_FITTED)\n"
        "def keep_numbers(dataset: DataTable) -> tuple[DataTable, DataTable]:\n"
        "    'Choose columns by looking at the data.'\n"
        "    names = ['label', *dataset.frame.select_dtypes('number').columns]\n"
        "    kept = dataset.with_frame(dataset.frame[names])\n"
        "    return kept, kept\n"
    )
    chain = Chain()
    chain.add("keep_numbers", f"dataset={chain.people()}", name="choose")
    place = chain.scored("two_class_logistic_regression", "choose.kept", "two-class", "label")
    with Engine(Workspace(tmp_path / "workspace"), load_catalog(own), workers=1) as engine:
        served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    assert "became Select Columns in Dataset" in served.said


def test_groups_and_disabled_steps(engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    source = chain.people()
    chain.pipeline = edits.add_group(chain.pipeline, "prepare", title="Preparation")
    chain.pipeline = edits.add_group(chain.pipeline, "other")
    chain.add("normalize_data", f"dataset={source}", name="prepare/scale")
    place = chain.scored(
        "two_class_logistic_regression", "prepare/scale.transformed_dataset", "two-class", "label"
    )
    chain.add(
        "score_model",
        "trained_model=train.trained_model",
        "dataset=split.results_dataset1",
        name="again",
    )
    chain.pipeline = edits.set_disabled(chain.pipeline, "again", True)
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert_serves_the_same(served, place, "label")
    made = served.inference.pipeline
    assert set(made.groups) == {"prepare"}
    assert {"prepare/scale", "prepare/scale_fitted"} <= set(made.nodes)
    assert "again" not in made.nodes
    assert file.loads(file.dumps(made)).nodes.keys() == made.nodes.keys()


class TestWhatCanNotBeConverted:
    def trained(self) -> Pipeline:
        chain = Chain()
        chain.scored("two_class_logistic_regression", chain.people(), "two-class", "label")
        return chain.pipeline

    def refused(
        self, engine: Engine, pipeline: Pipeline, result: Any, base: Path, folder: Path
    ) -> InferenceError:
        with pytest.raises(InferenceError) as caught:
            convert(pipeline, result, engine.catalog, base=base, values=folder / "values")
        return caught.value

    def test_nothing_is_trained(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        chain = Chain()
        chain.people()
        result = engine.run(chain.pipeline, base=base)
        error = self.refused(engine, chain.pipeline, result, base, tmp_path)
        assert error.message == "There is no trained model in this pipeline."
        assert "Train Model" in error.hint

    def test_nothing_is_scored(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = edits.remove(self.trained(), ["score"])
        result = engine.run(pipeline, base=base)
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert error.message == "The model that “train” trains scores no rows."

    def test_the_run_did_not_get_so_far(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base, to="split")
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert error.message == "The run has no result of “train”: the step is not part of it."

    def test_a_failed_step(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = edits.set_parameter(self.trained(), "train", "label_column", ["no column"])
        result = engine.run(pipeline, base=base)
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert "the step failed" in error.message

    def test_results_that_are_gone(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        node = result.nodes["train"]
        outputs = {
            port: replace(output, path=tmp_path / "gone") for port, output in node.outputs.items()
        }
        gone = replace(result, nodes={**result.nodes, "train": replace(node, outputs=outputs)})
        error = self.refused(engine, pipeline, gone, base, tmp_path)
        assert "no longer stored" in error.message

    def test_a_request_alone_has_no_columns(
        self, engine: Engine, base: Path, tmp_path: Path
    ) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        pipeline, ask = edits.add_node(pipeline, "web_service_input")
        links = [x for x in pipeline.links if x.target == Endpoint("score", "dataset")]
        pipeline = edits.disconnect(pipeline, links)
        pipeline = edits.connect(pipeline, Endpoint(ask, "dataset"), Endpoint("score", "dataset"))
        error = self.refused(engine, pipeline, result, base, tmp_path)
        assert "Connect a dataset to the same input" in error.hint

    def test_not_an_inference_pipeline(self, engine: Engine, base: Path, tmp_path: Path) -> None:
        pipeline = self.trained()
        result = engine.run(pipeline, base=base)
        with pytest.raises(InferenceError, match="was not made from"):
            update(
                pipeline, pipeline, result, engine.catalog, base=base, values=tmp_path / "values"
            )


class TestWhatCanNotBeServed:
    @pytest.fixture
    def inference(self, engine: Engine, base: Path, tmp_path: Path) -> Pipeline:
        chain = Chain()
        chain.scored("two_class_logistic_regression", chain.people(), "two-class", "label")
        return Served(engine, chain.pipeline, base, tmp_path).inference.pipeline

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (lambda p: edits.remove(p, ["web_service_input"]), "has no Web Service Input"),
            (lambda p: edits.remove(p, ["web_service_output"]), "has no Web Service Output"),
            (lambda p: edits.set_disabled(p, "score", True), "Nothing is connected"),
            (lambda p: edits.remove(p, ["train"]), "“Trained model” is not connected"),
            (
                lambda p: edits.set_parameter(p, "train", "path", "nowhere"),
                "needs the folder “nowhere”",
            ),
            (lambda p: read_instead(p), "reads from outside"),
        ],
    )
    def test_it_is_said(
        self,
        inference: Pipeline,
        change: Callable[[Pipeline], Pipeline],
        words: str,
        catalog: Catalog,
        tmp_path: Path,
    ) -> None:
        with pytest.raises(ScoringError, match=words):
            write_scoring_folder(change(inference), catalog, tmp_path / "s", base=tmp_path)


def read_instead(pipeline: Pipeline) -> Pipeline:
    pipeline, node = edits.add_node(pipeline, "import_data", parameters={"url": "http://x/y.csv"})
    pipeline, join = edits.add_node(pipeline, "add_columns")
    link = next(x for x in pipeline.links if x.target == Endpoint("score", "dataset"))
    pipeline = edits.disconnect(
        pipeline, [each for each in pipeline.links if each.target == link.target]
    )
    pipeline = edits.connect(pipeline, link.source, Endpoint(join, "left_dataset"))
    pipeline = edits.connect(
        pipeline, Endpoint("web_service_input", "dataset"), Endpoint(join, "left_dataset")
    )
    pipeline = edits.connect(pipeline, Endpoint(node, "dataset"), Endpoint(join, "right_dataset"))
    return edits.connect(pipeline, Endpoint(join, "combined_dataset"), link.target)
