"""Create Python Model: its contract, its errors, its state, and that it can be evaluated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsClassifier

from designer.catalog import load_catalog
from designer.engine.accesses import accesses
from designer.inference.scoring_folder import write_scoring_folder
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline
from designer.workspace import Workspace
from modules.classification.one_vs_all_multiclass import one_vs_all_multiclass
from modules.contract import DataTable, ModuleError, Role
from modules.model_training.train_model import train_model
from modules.model_training.tune_model_hyperparameters import tune_model_hyperparameters
from modules.python_language.create_python_model import create_python_model
from modules.requests.tables import schema_of
from modules.scoring import Scorer
from modules.scoring.effects import EffectsNotAllowed
from modules.scoring_evaluation.cross_validate_model import cross_validate_model
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import TrainedModel, UntrainedModel
from modules.values.storage import load, save

NEIGHBORS = """\
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier


class AzureMLModel:
    def __init__(self, neighbors=5, weights="uniform"):
        self.model = KNeighborsClassifier(neighbors, weights=weights)
        self.feature_column_names = list()

    def train(self, df_train, df_label):
        self.feature_column_names = df_train.columns.tolist()
        self.model.fit(df_train, df_label)

    def predict(self, df):
        return pd.DataFrame(
            {
                "Scored Labels": self.model.predict(df[self.feature_column_names]),
                "probabilities": self.model.predict_proba(df[self.feature_column_names])[:, 1],
            }
        )
"""
"""A class as the documentation of Azure ML designer describes it."""


def cancer() -> DataTable:
    frame = load_breast_cancer(as_frame=True).frame
    frame["target"] = frame["target"].map({0: "malignant", 1: "benign"})
    return DataTable(frame.iloc[::2].reset_index(drop=True), {"target": Role.LABEL})


def script(
    train: str = "pass", predict: str = "return df.iloc[:, 0].map(str)", rest: str = ""
) -> str:
    return (
        "import numpy as np\nimport pandas as pd\n"
        f"class AzureMLModel:\n{rest}"
        f"    def train(self, df_train, df_label):\n        {train}\n"
        f"    def predict(self, df):\n        {predict}\n"
    )


def error_of(text: str, table: DataTable | None = None, task: str = "two-class") -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        train_model(create_python_model(script=text, task=task), table or cancer())
    return caught.value


@pytest.mark.proves("create_python_model", by="scikit-learn")
def test_scores_are_those_of_the_library() -> None:
    table = cancer()
    model = train_model(create_python_model(script=NEIGHBORS), table)
    scored = score_model(model, table)
    features, label = table.frame.drop(columns="target"), table.frame["target"]
    known = KNeighborsClassifier(5).fit(features, label)
    assert scored.frame["Scored Labels"].tolist() == known.predict(features).tolist()
    probability = known.predict_proba(features)[:, 1]
    assert scored.frame["Scored Probabilities"].tolist() == probability.tolist()
    metrics = evaluate_model(scored).reports[0].metrics
    assert metrics["Accuracy"] == accuracy_score(label, known.predict(features))
    assert metrics["AUC"] == pytest.approx(roc_auc_score(label == "malignant", probability))


def test_the_other_positive_class_turns_the_probability_around() -> None:
    table = cancer()
    learner = create_python_model(script=NEIGHBORS)
    first = score_model(train_model(learner, table), table)
    second = score_model(train_model(learner, table, positive_class="benign"), table)
    assert second.scoring is not None
    assert second.scoring.positive == "benign"
    total = first.frame["Scored Probabilities"] + second.frame["Scored Probabilities"]
    np.testing.assert_allclose(total, 1)
    assert second.frame["Scored Labels"].equals(first.frame["Scored Labels"])


def test_cross_validation_is_that_of_the_library() -> None:
    table = cancer()
    learner = create_python_model(script=NEIGHBORS)
    _, results = cross_validate_model(learner, table, folds=4, seed=3)
    features, label = table.frame.drop(columns="target"), table.frame["target"]
    splitter = StratifiedKFold(4, shuffle=True, random_state=3)
    expected = [
        KNeighborsClassifier(5)
        .fit(features.iloc[inside], label.iloc[inside])
        .score(features.iloc[outside], label.iloc[outside])
        for inside, outside in splitter.split(features, label)
    ]
    assert results.frame["Accuracy"].head(4).tolist() == expected


def test_arguments_of_init_are_tuned() -> None:
    table = cancer()
    text = NEIGHBORS.replace(
        "class AzureMLModel:\n",
        "class AzureMLModel:\n    sweep = {'neighbors': [1, 7, 31], 'weights': ['distance']}\n",
    )
    learner = create_python_model(script=text)
    sweep, best, _ = tune_model_hyperparameters(learner, table, mode="entire grid", folds=3)
    assert sorted(sweep.frame["neighbors"]) == [1, 7, 31]
    winner = int(sweep.frame["neighbors"].iloc[0])
    features, label = table.frame.drop(columns="target"), table.frame["target"]
    known = KNeighborsClassifier(winner, weights="distance").fit(features, label)
    scored = score_model(best, table).frame
    assert scored["Scored Probabilities"].tolist() == known.predict_proba(features)[:, 1].tolist()
    assert best.parameters["neighbors"] == winner
    _, tuned, _ = tune_model_hyperparameters(
        create_python_model(), table, mode="entire grid", folds=2
    )
    assert tuned.parameters["C"] in (0.1, 1.0, 10.0)


def test_a_name_or_value_that_init_does_not_have_is_refused() -> None:
    learner = create_python_model(script=NEIGHBORS)
    with pytest.raises(ModuleError, match="no parameter “neighbours”"):
        learner.with_parameters({"neighbours": 3})
    with pytest.raises(ModuleError, match="has no values to try"):
        tune_model_hyperparameters(learner, cancer())
    with pytest.raises(ModuleError, match="isn't an integer"):
        learner.with_parameters({"neighbors": "many"})


def test_another_script_or_task_makes_another_learner() -> None:
    learner = create_python_model(script=NEIGHBORS)
    other = learner.with_parameters({"task": "multiclass", "neighbors": 3})
    assert (other.task, other.parameters["neighbors"]) == ("multiclass", 3)


def test_several_classes_and_numbers() -> None:
    flowers = DataTable(load_iris(as_frame=True).frame, {"target": Role.LABEL})
    forest = script(
        "self.model = RandomForestClassifier(5, random_state=0).fit(df_train, df_label)",
        "return pd.DataFrame({'Scored Labels': self.model.predict(df)} | {f'Scored Probabilities_"
        "{label}': column for label, column in zip(self.model.classes_, "
        "self.model.predict_proba(df).T)})",
        "    from sklearn.ensemble import RandomForestClassifier\n",
    ).replace("= RandomForest", "= self.RandomForest")
    scored = score_model(
        train_model(create_python_model(script=forest, task="multiclass"), flowers), flowers
    )
    features = flowers.frame.drop(columns="target")
    known = RandomForestClassifier(5, random_state=0).fit(features, flowers.frame["target"])
    assert scored.scoring is not None
    probabilities = scored.frame[list(scored.scoring.probabilities)].to_numpy()
    np.testing.assert_array_equal(probabilities, known.predict_proba(features))
    metrics = evaluate_model(scored).reports[0].metrics
    loss = log_loss(flowers.frame["target"], known.predict_proba(features))
    assert metrics["Average log loss"] == pytest.approx(loss)

    ill = DataTable(load_diabetes(as_frame=True).frame, {"target": Role.LABEL})
    nearest = script("self.mean = float(df_label.mean())", "return self.mean + 900 * df['bmi']")
    scored = score_model(
        train_model(create_python_model(script=nearest, task="regression"), ill), ill
    )
    expected = ill.frame["target"].mean() + 900 * ill.frame["bmi"]
    assert scored.frame["Scored Labels"].tolist() == expected.tolist()
    found = evaluate_model(scored).reports[0].metrics["Coefficient of determination"]
    assert found == pytest.approx(r2_score(ill.frame["target"], expected))


def test_it_is_combined_for_several_classes() -> None:
    flowers = DataTable(load_iris(as_frame=True).frame, {"target": Role.LABEL})
    learner = one_vs_all_multiclass(create_python_model(script=NEIGHBORS))
    scored = score_model(train_model(learner, flowers), flowers)
    features, label = flowers.frame.drop(columns="target"), flowers.frame["target"]
    known = OneVsRestClassifier(KNeighborsClassifier(5)).fit(features, label)
    found = scored.frame[[f"Scored Probabilities_{value}" for value in range(3)]]
    np.testing.assert_allclose(found, known.predict_proba(features))
    model = train_model(one_vs_all_multiclass(create_python_model(script=script())), flowers)
    with pytest.raises(ModuleError, match="predicts no probabilities"):
        score_model(model, flowers)


def test_rows_without_a_label_and_other_columns_stay_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    frame = pd.DataFrame(
        {"a": [1.0, None, 3, 4], "id": ["p", "q", "r", "s"], "y": ["no", "yes", None, "yes"]}
    )
    table = DataTable(frame, {"y": Role.LABEL, "id": Role.NONE})
    text = script(
        "print(df_train, df_label, sep='|'); df_train['a'] = 0", "return df['a'].map(str)"
    )
    with pytest.warns(match="1 of 4 rows"):
        model = train_model(create_python_model(script=text), table)
    assert [column.name for column in model.features] == ["a"]
    assert capsys.readouterr().out.count("\n") >= 6
    assert frame["a"].tolist()[0] == 1.0


def test_state_is_stored_without_pickle_and_init_is_not_called_again(tmp_path: Path) -> None:
    text = script(
        "self.mean = df_train.mean().to_numpy(); self.seen = {'rows': len(df_train)}; "
        "self.text = ('a', 2, None)",
        "print('calls', self.calls); return pd.Series(np.where((df - self.mean).iloc[:, 0] > 0, "
        "'malignant', 'benign'))",
        "    calls = 0\n"
        "    def __init__(self):\n        AzureMLModel.calls += 1\n        self.calls = 1\n",
    )
    table = cancer()
    model = train_model(create_python_model(script=text), table)
    save(model, tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").rglob("*") if path.is_file()}
    assert names == {"model.json", "value.json", "state.skops"}
    again = load(tmp_path / "model")
    assert isinstance(again, TrainedModel)
    expected = np.where(
        table.frame["mean radius"] > table.frame["mean radius"].mean(), "malignant", "benign"
    )
    assert score_model(again, table).frame["Scored Labels"].tolist() == expected.tolist()


def test_a_class_may_write_its_own_files(tmp_path: Path) -> None:
    text = script(
        "self.bad = open; self.words = df_train.columns[:2].tolist()",
        "return pd.Series([self.words[0]] * len(df))",
        "    def save(self, folder):\n"
        "        import json, pathlib\n"
        "        (pathlib.Path(folder) / 'part').mkdir()\n"
        "        path = pathlib.Path(folder) / 'part' / 'words.json'\n"
        "        path.write_text(json.dumps(self.words))\n"
        "    def load(self, folder):\n"
        "        import json, pathlib\n"
        "        text = (pathlib.Path(folder) / 'part' / 'words.json').read_text()\n"
        "        self.words = json.loads(text)\n",
    )
    table = cancer()
    save(train_model(create_python_model(script=text), table), tmp_path / "model")
    stored = tmp_path / "model" / "state" / "part" / "words.json"
    assert json.loads(stored.read_text()) == table.names[:2]
    again = load(tmp_path / "model")
    assert isinstance(again, TrainedModel)
    assert set(score_model(again, table).frame["Scored Labels"]) == {"mean radius"}


@pytest.mark.parametrize(
    "value",
    ["lambda: 1", "df_train.columns", "df_train", "open(0, closefd=False)", "Own()"],
    ids=["function", "index", "frame", "file", "object"],
)
def test_an_attribute_that_can_not_be_stored_is_named(value: str) -> None:
    text = script(f"self.good = [1]; self.bad = {value}").replace(
        "class A", "class Own: pass\nclass A"
    )
    error = error_of(text)
    assert error.code == "not-storable"
    assert "“bad”" in error.message
    assert "save(self, folder)" in error.hint


@pytest.mark.parametrize(
    ("text", "code", "words", "line"),
    [
        ("x = 1", "wrong-class", "doesn't define a class AzureMLModel", None),
        ("AzureMLModel = 5", "wrong-class", "doesn't define a class", None),
        ("class AzureMLModel:\n    def train(self, a, b): pass", "wrong-class", "predict", None),
        ("class AzureMLModel(:", "script-failed", "SyntaxError", 1),
        ("import no_such_library", "script-failed", "no_such_library", 1),
        ("import sys\nsys.exit(3)", "script-failed", "called exit", 2),
        (script(rest="    def __init__(self, depth): pass\n"), "wrong-class", "“depth”", None),
        (script(rest="    def __init__(self, task=1): pass\n"), "wrong-class", "“task”", None),
        (script(rest="    def __init__(self): 1 / 0\n"), "script-failed", "ZeroDivision", 4),
        (script(rest="    sweep = {'x': [1]}\n"), "wrong-class", "“x”", None),
        (script(rest="    def save(self, folder): pass\n"), "wrong-class", "save and load", None),
    ],
)
def test_a_wrong_class_is_refused_when_it_is_created(
    text: str, code: str, words: str, line: int | None
) -> None:
    with pytest.raises(ModuleError) as caught:
        create_python_model(script=text)
    error = caught.value
    assert (error.code, error.parameter, error.line) == (code, "script", line)
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (script("raise ValueError('too hot')"), "line 5: ValueError: too hot"),
        (script(predict="return 1 / 0"), "line 7: ZeroDivisionError"),
        (script(predict="return None"), "returned a NoneType"),
        (script(predict="return df"), "no column “Scored Labels”"),
        (script(predict="return df.assign(**{'Scored Labels': 'a'})"), "has already"),
        (script(predict="return df['mean radius'].head(1)"), "1 rows for 5"),
        (script(predict="exit()"), "called exit in line 7"),
        (script().replace("train(self, df_train, df_label)", "train(self)"), "takes 1 positional"),
    ],
)
def test_mistakes_are_found_in_training(text: str, words: str) -> None:
    error = error_of(text)
    assert words in error.message
    assert error.hint


def test_labels_that_do_not_fit_the_task_are_refused() -> None:
    flowers = DataTable(load_iris(as_frame=True).frame, {"target": Role.LABEL})
    assert error_of(script(), flowers).code == "more-than-two-classes"
    assert error_of(script(), cancer(), "regression").code == "label-not-numeric"
    text = script(predict="return pd.Series(['a'] * len(df))")
    assert "isn't numeric" in error_of(text, flowers, "regression").message


def test_no_rows_have_scores_without_calling_the_class() -> None:
    table = cancer()
    model = train_model(create_python_model(script=NEIGHBORS), table)
    empty = score_model(model, table.slice(0, 0))
    full = score_model(model, table)
    assert empty.names == full.names
    assert not len(empty)
    assert [c.kind for c in empty.columns] == [c.kind for c in full.columns]


def test_a_learner_survives_the_store(tmp_path: Path) -> None:
    save(create_python_model(script=NEIGHBORS), tmp_path / "learner")
    again = load(tmp_path / "learner")
    assert isinstance(again, UntrainedModel)
    changed = again.with_parameters({"neighbors": 1})
    assert changed.parameters["neighbors"] == 1
    assert {"script", "task", "neighbors", "weights"} == set(
        changed.specification.parameter_by_name
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a stored model that leaves a mark when it scores."""
    folder = tmp_path_factory.mktemp("project")
    text = script(
        predict=f"open({str(folder / 'mark')!r}, 'w').close(); return df['mean radius'].map(str)"
    )
    save(train_model(create_python_model(script=text), cancer()), folder / "model")
    (folder / "mark").unlink()
    return folder


def test_a_strangers_model_asks_before_it_runs(project: Path, tmp_path: Path) -> None:
    specs = load_catalog()
    pipeline, _ = edits.add_node(Pipeline(), "saved_model", parameters={"path": "model"})
    found = accesses(pipeline, specs, project, Workspace(tmp_path / "workspace"))
    assert [(access.kind, access.node) for access in found] == [("code", "saved_model")]
    assert not (project / "mark").exists()
    before = found[0].digest
    state = project / "model" / "state" / "state.skops"
    content = state.read_bytes()
    state.write_bytes(content + b" ")
    assert accesses(pipeline, specs, project, Workspace(tmp_path / "w"))[0].digest != before
    state.write_bytes(content)


def test_a_package_with_such_a_model_runs_only_if_that_is_allowed(
    project: Path, tmp_path: Path
) -> None:
    rows = cancer().frame.drop(columns="target").head(3)
    columns = schema_of(DataTable(rows)).to_json()
    pipeline = Pipeline()
    for module, parameters in (
        ("web_service_input", {"columns": columns}),
        ("saved_model", {"path": "model"}),
        ("score_model", {}),
        ("web_service_output", {}),
    ):
        pipeline, _ = edits.add_node(pipeline, module, parameters=parameters)
    for source, target in (
        ("web_service_input.dataset", "score_model.dataset"),
        ("saved_model.trained_model", "score_model.trained_model"),
        ("score_model.scored_dataset", "web_service_output.dataset"),
    ):
        ends = Endpoint(*source.split(".")), Endpoint(*target.split("."))
        pipeline = edits.connect(pipeline, *ends)
    folder = tmp_path / "scoring"
    write_scoring_folder(pipeline, load_catalog(), folder, base=project)
    with pytest.raises(EffectsNotAllowed, match=r"“saved_model”.* runs custom code"):
        Scorer(folder, allowed=())
    assert not (project / "mark").exists()
    scorer = Scorer(folder, allowed={"code"})
    answer = scorer.score({"input1": rows.to_dict("records")})["output1"]
    assert [row["Scored Labels"] for row in answer] == rows["mean radius"].map(str).tolist()
    assert (project / "mark").exists()
