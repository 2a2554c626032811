"""What is asked of a caller, and what becomes of it on the way to the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from served import (
    Chain,
    Served,
    assert_same_rows,
    assert_serves_the_same,
    people,
    request,
)

from designer.catalog import load_catalog
from designer.engine import Engine
from designer.workspace import Workspace
from modules.scoring import Prepared

pytestmark = pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")


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
    assert "“code” contains your own code" in served.messages
    assert served.prepared.reasons == (
        "Execute Python Script (“code”) doesn't have a compiled form: a script works on tables.",
    )


def test_a_users_class_in_an_ensemble_draws_the_same_numbers_for_each_request(
    engine: Engine, base: Path, tmp_path: Path
) -> None:
    """As in a run: a step with the user's code starts with the same random state."""
    script = (
        "import numpy as np\n\n\nclass AzureMLModel:\n"
        "    def train(self, df_train, df_label):\n        pass\n\n"
        "    def predict(self, df):\n        return np.random.random(len(df))\n"
    )
    chain = Chain()
    train, test = chain.split(chain.people())
    chain.add("create_python_model", name="own", script=script, task="regression")
    chain.add("linear_regression", name="line")
    ports = ("model_1=own.untrained_model", "model_2=line.untrained_model")
    chain.add("voting_ensemble", *ports, name="votes")
    chain.add(
        "train_model",
        "untrained_model=votes.untrained_model",
        f"dataset={train}",
        name="train",
        label_column=["target"],
    )
    chain.add("score_model", "trained_model=train.trained_model", f"dataset={test}", name="score")
    served = Served(engine, chain.pipeline, base, tmp_path)
    scorer, rows = served.scorer(), request(served.scorer(), served.output(test))
    first, second = (scorer.score({"input1": rows})["output1"] for _ in range(2))
    assert first == second
    expected = served.output("score.scored_dataset").frame["Scored Labels"].tolist()
    assert [row["Scored Labels"] for row in first] == pytest.approx(expected)


def test_a_feature_made_of_the_label_is_told(engine: Engine, base: Path, tmp_path: Path) -> None:
    chain = Chain()
    query = "select age, label, label = 'yes' as same from t1"
    chain.add("apply_sql_transformation", f"t1={chain.people()}", name="cheat", query=query)
    chain.scored("two_class_logistic_regression", "cheat.result_dataset", "two-class", "label")
    served = Served(engine, chain.pipeline, base, tmp_path)
    assert "have to send the label “label”" in served.messages
    columns = {c.name: c.optional for c in served.scorer().inputs["input1"].columns}
    assert columns["label"] is False
    assert columns["price"] is True


def test_rows_looked_up_stay_and_parts_of_the_rows_come_along(
    engine: Engine, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    (tmp_path / "towns.csv").write_text("town,people\nRome,2800000\nOslo,700000\nLima,9700000\n")
    chain = Chain()
    source = chain.people()
    chain.add("dataset", name="towns", path="~/towns.csv")
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
    assert "looks rows up in the table from “towns”" in served.messages


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
    assert "looks rows up in the table from “means”" in served.messages


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
    assert "became Select Columns in Dataset" in served.messages
