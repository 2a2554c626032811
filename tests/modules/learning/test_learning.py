from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, SGDRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from modules.contract import DataTable, ModuleError, Role
from modules.contract.context import ModuleWarning, using_threads
from modules.learning import SklearnLearner
from modules.learning.compiled.linear import Linear

LOGISTIC = SklearnLearner("Logistic", "two-class", estimator=LogisticRegression(), form=Linear())
LINEAR = SklearnLearner("Linear", "regression", estimator=LinearRegression())


@pytest.fixture
def people() -> DataTable:
    generator = np.random.default_rng(4)
    rows = 400
    age = generator.integers(18, 80, rows).astype(float)
    town = generator.choice(["Bern", "Oslo", "Rome"], rows)
    member = generator.random(rows) < 0.5
    rich = np.where(age + 20 * (town == "Oslo") + generator.normal(0, 9, rows) > 55, "yes", "no")
    frame = pd.DataFrame({"age": age, "town": town, "member": member, "rich": rich})
    return DataTable(frame, {"rich": Role.LABEL})


def test_two_class_equals_scikit_learn_called_directly(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    frame = people.frame
    plain = make_pipeline(
        make_column_transformer(
            ("passthrough", ["age"]), (OneHotEncoder(), ["town"]), ("passthrough", ["member"])
        ),
        LogisticRegression(),
    ).fit(frame, frame["rich"])
    scored = model.score(people).frame
    assert scored["Scored Labels"].tolist() == plain.predict(frame).tolist()
    expected = plain.predict_proba(frame)[:, 1]
    np.testing.assert_array_equal(scored["Scored Probabilities"], expected)
    assert model.classes == ("no", "yes")
    assert model.positive == "yes"


def test_unseen_categories_and_missing_values_are_scored(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    strange = pd.DataFrame({"age": [np.nan, 30], "town": ["Pisa", None], "member": [True, False]})
    scored = model.score(DataTable(strange)).frame
    assert scored["Scored Probabilities"].between(0, 1).all()
    mean = people.frame["age"].mean()
    same = strange.assign(age=[mean, 30.0])
    pd.testing.assert_frame_equal(scored, model.score(DataTable(same)).frame)


def test_a_missing_feature_is_named(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    with pytest.raises(ModuleError, match="“town”"):
        model.score(DataTable(people.frame.drop(columns="town")))


def test_text_where_training_had_numbers_is_named(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    with pytest.raises(ModuleError, match=r"“age”.*“old”"):
        model.score(DataTable(people.frame.assign(age="old")))


def test_numbers_written_as_text_are_read(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    as_text = people.frame.assign(age=people.frame["age"].astype(int).astype(str))
    pd.testing.assert_frame_equal(model.score(DataTable(as_text)).frame, model.score(people).frame)


def test_no_rows_can_be_scored(people: DataTable) -> None:
    model = LOGISTIC.fit(people, "rich")
    scored = model.score(DataTable(people.frame.head(0)))
    assert len(scored) == 0
    assert scored.names == ["Scored Labels", "Scored Probabilities"]


def test_rows_without_label_are_left_out(people: DataTable) -> None:
    holed = people.frame.copy()
    holed.loc[:9, "rich"] = None
    with pytest.warns(ModuleWarning, match="10 of 400"):
        model = LOGISTIC.fit(DataTable(holed), "rich")
    expected = LOGISTIC.fit(DataTable(people.frame[10:]), "rich")
    np.testing.assert_array_equal(model.estimator.coef_, expected.estimator.coef_)


@pytest.mark.parametrize(
    ("label", "task", "words"),
    [
        ("one", "two-class", "only one class, “a”"),
        ("three", "two-class", "3 classes"),
        ("text", "regression", "regression needs a numeric label"),
        ("nothing", "two-class", "is missing"),
        ("gone", "two-class", "“gone” doesn't exist"),
    ],
)
def test_labels_that_do_not_fit_are_explained(label: str, task: str, words: str) -> None:
    frame = pd.DataFrame(
        {
            "x": [1.0, 2, 3],
            "one": ["a", "a", "a"],
            "three": ["a", "b", "c"],
            "text": ["a", "b", "b"],
            "nothing": [np.nan] * 3,
        }
    )
    with pytest.raises(ModuleError, match=words) as caught:
        SklearnLearner("L", task, estimator=LogisticRegression()).fit(
            DataTable(frame[["x", *{label} & set(frame)]]),
            label,
        )
    assert caught.value.parameter == "label_column"


def test_infinite_values_are_named() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [1.0, np.inf, 3], "y": [1.0, 2, 3]})
    with pytest.raises(ModuleError, match="“b” contains infinite"):
        LINEAR.fit(DataTable(frame), "y")


def test_id_columns_are_refused() -> None:
    rows = 1_500
    frame = pd.DataFrame({"id": [f"r{n}" for n in range(rows)], "y": np.arange(rows) % 2})
    with pytest.raises(ModuleError, match="“id” has 1,500 distinct texts"):
        LOGISTIC.fit(DataTable(frame), "y")


def test_no_features_is_an_error() -> None:
    with pytest.raises(ModuleError, match="no feature columns"):
        LINEAR.fit(DataTable(pd.DataFrame({"y": [1.0, 2.0]})), "y")


def test_an_all_missing_feature_is_no_obstacle() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4], "hole": [np.nan] * 4, "y": [2.0, 4, 6, 8]})
    with pytest.warns(ModuleWarning, match="“hole” doesn't have any values"):
        model = LINEAR.fit(DataTable(frame), "y")
    scored = model.score(DataTable(frame.drop(columns="hole"))).frame
    np.testing.assert_allclose(scored["Scored Labels"], frame["y"])


def test_weights_weigh_the_rows() -> None:
    frame = pd.DataFrame({"x": [0.0, 1, 2, 3], "y": [0.0, 1, 5, 3], "w": [1.0, 1, 0, 1]})
    table = DataTable(frame, {"w": Role.WEIGHT})
    model = LINEAR.fit(table, "y")
    assert [column.name for column in model.features] == ["x"]
    np.testing.assert_allclose(model.estimator.coef_, [1.0])


def test_forests_do_not_depend_on_threads(people: DataTable) -> None:
    forest = SklearnLearner(
        "Forest",
        "two-class",
        estimator=RandomForestClassifier(8, random_state=1),
        takes_missing=True,
    )
    single = forest.fit(people, "rich")
    with using_threads(2):
        double = forest.fit(people, "rich")
    assert double.estimator.n_jobs is None
    pd.testing.assert_frame_equal(single.score(people).frame, double.score(people).frame)


def test_categories_reach_boosted_trees_as_such(people: DataTable) -> None:
    boosted = SklearnLearner(
        "Boosted",
        "two-class",
        estimator=HistGradientBoostingClassifier(max_iter=10, random_state=0),
        encoding="codes",
        takes_missing=True,
        categorical_parameter="categorical_features",
    )
    model = boosted.fit(people, "rich")
    assert model.estimator.is_categorical_.tolist() == [False, True, False]
    frame = people.frame
    plain = HistGradientBoostingClassifier(
        max_iter=10, random_state=0, categorical_features=["town"]
    )
    inputs = frame[["age", "town", "member"]].astype({"town": "category"})
    plain.fit(inputs, frame["rich"])
    expected = plain.predict_proba(inputs)[:, 1]
    np.testing.assert_array_equal(model.score(people).frame["Scored Probabilities"], expected)


@pytest.mark.parametrize(
    ("task", "estimator", "label"),
    [
        ("two-class", LogisticRegression(), "rich"),
        ("multiclass", LogisticRegression(max_iter=1_000), "town"),
        ("regression", LinearRegression(), "age"),
        ("regression", make_pipeline(MinMaxScaler(), SGDRegressor(random_state=0)), "age"),
        ("two-class", make_pipeline(StandardScaler(), LogisticRegression()), "rich"),
    ],
)
def test_compiled_models_equal_the_original(
    people: DataTable, task: str, estimator: object, label: str
) -> None:
    learner = SklearnLearner("L", task, estimator=estimator, form=Linear())
    model = learner.fit(DataTable(people.frame), label)
    compiled = model.compile()
    assert compiled is not None
    row_function = compiled.row_function()
    frame = people.frame.head(40).copy()
    frame.loc[0, ["age", "town"]] = [np.nan, None]
    frame.loc[1, "town"] = "Pisa"
    expected = model.score(DataTable(frame)).frame
    rows = frame.astype(object).where(frame.notna(), None).to_dict("records")
    found = pd.DataFrame([row_function(row) for row in rows])
    assert list(found) == list(expected)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-12)


def test_clusters_equal_scikit_learn(people: DataTable) -> None:
    numbers = DataTable(people.frame[["age", "member"]])
    plain = make_pipeline(MinMaxScaler(), KMeans(3, random_state=0, n_init=1))
    model = SklearnLearner("K", "clustering", estimator=plain).fit(numbers)
    scored = model.score(numbers).frame
    matrix = numbers.frame.astype(float).to_numpy()
    distances = make_pipeline(MinMaxScaler(), KMeans(3, random_state=0, n_init=1)).fit_transform(
        matrix
    )
    np.testing.assert_array_equal(scored["Assignments"], distances.argmin(axis=1))
    np.testing.assert_allclose(scored.to_numpy()[:, 1:], distances)


def test_many_categories_make_a_sparse_matrix_with_the_same_result() -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"c": [f"v{n % 1_200}" for n in range(3_000)], "x": generator.normal(size=3_000)}
    )
    frame["y"] = (frame["x"] > 0).astype(int)
    model = LOGISTIC.fit(DataTable(frame), "y")
    assert model.encoder.sparse_
    compiled = model.compile()
    assert compiled is not None
    row_function = compiled.row_function()
    scored = model.score(DataTable(frame.head(20))).frame["Scored Probabilities"]
    found = [row_function(row)["Scored Probabilities"] for row in frame.head(20).to_dict("records")]
    np.testing.assert_allclose(found, scored)
