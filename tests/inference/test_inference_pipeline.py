"""The inference pipeline as a file that a person opens, edits, updates and runs in a batch."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from served import (
    Chain,
    Served,
    assert_same_rows,
    assert_serves_the_same,
    people,
    request,
)

from designer import paths
from designer.engine import Engine
from designer.inference.conversion import InferenceError, convert, update
from designer.inference.conversion_job import make_inference
from designer.pipeline import edits, file
from designer.pipeline.model import Endpoint
from modules.contract import DataTable
from modules.values.storage import load

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


@pytest.mark.long
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
    assert "“train” now has the trained model of the latest run." in updated.messages
    assert (
        "“scale_transformation” now has the transformation of the latest run." in updated.messages
    )
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
    assert same.messages == ("Nothing has changed since the last update.",)
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
    assert any("Web Service Input “input1”" in text for text in made["messages"])
    pipeline = file.loads(made["pipeline"])
    assert engine.run(pipeline, base=tmp_path).status == "completed"
    again = engine.call(make_inference, order | {"inference": made["pipeline"]}).result(120)
    assert again == {
        "pipeline": made["pipeline"],
        "messages": ["Nothing has changed since the last update."],
    }
    refused = engine.call(make_inference, order | {"scores": ["train"]}).result(120)
    assert "isn't a step that scores" in refused["error"]["message"]


def test_one_scoring_step_can_be_chosen(engine: Engine, tmp_path: Path) -> None:
    path = paths.samples() / f"automobile_price_compare{file.SUFFIX}"
    served = Served(engine, file.read(path), path.parent, tmp_path, scores=["score_linear"])
    assert list(served.scorer().outputs) == ["output1"]
    assert "train_boosted" not in served.inference.pipeline.nodes
    with pytest.raises(InferenceError, match="isn't a step that scores"):
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
    assert {"people", "scale", "scale_transformation", "train", "score"} <= set(made.nodes)
    assert file.loads(file.dumps(made)).nodes == dict(sorted(made.nodes.items()))
    nodes = list(made.nodes.values())
    for place, one in enumerate(nodes):
        for two in nodes[place + 1 :]:
            across = abs(one.position[0] - two.position[0])
            down = abs(one.position[1] - two.position[1])
            assert across >= 280 or down >= 120, (one.id, two.id)
    for link in made.links:
        assert made.nodes[link.source.node].position[1] < made.nodes[link.target.node].position[1]


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
    assert {"prepare/scale", "prepare/scale_transformation"} <= set(made.nodes)
    assert "again" not in made.nodes
    assert file.loads(file.dumps(made)).nodes.keys() == made.nodes.keys()
