"""Compiled models equal the fitted ones, to the last digits, and need numpy alone."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.linear_model import (
    ElasticNet,
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    SGDClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer, StandardScaler

from modules.contract import DataTable, ModuleError
from modules.learning import EstimatorForm, SklearnLearner
from modules.learning.compiled import trees
from modules.learning.compiled.boosting import Boosting
from modules.learning.compiled.clusters import Clusters
from modules.learning.compiled.forest import Forest
from modules.learning.compiled.linear import Linear
from modules.requests.tables import rows_of
from modules.values import TrainedModel
from modules.values.compiled_model import FILE, CompiledModel

LABELS = {"two-class": "rich", "multiclass": "town", "regression": "income", "clustering": None}


@pytest.fixture(name="people")
def people_fixture() -> DataTable:
    return people()


@functools.cache
def people() -> DataTable:
    generator = np.random.default_rng(4)
    rows = 500
    age = generator.integers(18, 80, rows).astype(float)
    town = pd.Series(generator.choice(["Bern", "Oslo", "Rome"], rows), dtype="str")
    noise = generator.normal(0, 9, rows)
    frame = pd.DataFrame(
        {
            "age": age,
            "height": generator.normal(170, 10, rows).round(),
            "town": town,
            "job": generator.choice([f"job {n}" for n in range(60)], rows),
            "member": generator.random(rows) < 0.5,
            "since": pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(rows) * 7, "h"),
            "rich": np.where(age + 20 * (town == "Oslo") + noise > 55, "yes", "no"),
            "income": age * 3.5 + 40 * (town == "Rome") + noise,
        }
    )
    frame.loc[::6, "age"] = None
    frame.loc[::9, "job"] = None
    return DataTable(frame)


MODELS: dict[str, tuple[str, Any, dict[str, Any]]] = {
    "logistic": ("two-class", make_pipeline(StandardScaler(), LogisticRegression()), {}),
    "logistic, scaled twice": (
        "two-class",
        make_pipeline(StandardScaler(), MinMaxScaler(), LogisticRegression()),
        {},
    ),
    "softmax": ("multiclass", make_pipeline(MinMaxScaler(), LogisticRegression()), {}),
    "least squares": ("regression", LinearRegression(), {}),
    "ridge": ("regression", Ridge(), {}),
    "elastic net": ("regression", ElasticNet(), {}),
    "forest": ("two-class", RandomForestClassifier(9, random_state=0), {"takes_missing": True}),
    "forest of classes": (
        "multiclass",
        RandomForestClassifier(5, random_state=0),
        {"takes_missing": True, "encoding": "codes"},
    ),
    "forest of numbers": (
        "regression",
        RandomForestRegressor(7, random_state=0),
        {"takes_missing": True, "encoding": "codes"},
    ),
    "extra trees": ("regression", ExtraTreesRegressor(4, random_state=0), {}),
    "boosting": (
        "two-class",
        HistGradientBoostingClassifier(max_iter=25, random_state=0),
        {
            "takes_missing": True,
            "encoding": "codes",
            "categorical_parameter": "categorical_features",
        },
    ),
    "boosting of classes": (
        "multiclass",
        HistGradientBoostingClassifier(max_iter=12, random_state=0),
        {
            "takes_missing": True,
            "encoding": "codes",
            "categorical_parameter": "categorical_features",
        },
    ),
    "boosting of numbers": (
        "regression",
        HistGradientBoostingRegressor(max_iter=30, random_state=0, min_samples_leaf=4),
        {
            "takes_missing": True,
            "encoding": "codes",
            "categorical_parameter": "categorical_features",
        },
    ),
    "boosting without categories": (
        "regression",
        HistGradientBoostingRegressor(max_iter=10, loss="absolute_error", random_state=0),
        {"takes_missing": True},
    ),
    "clusters": ("clustering", KMeans(4, n_init=1, random_state=0), {}),
    "clusters, scaled": (
        "clustering",
        make_pipeline(MinMaxScaler(), KMeans(3, n_init=1, random_state=0)),
        {},
    ),
}


def form_of(estimator: Any) -> EstimatorForm:
    """Return the form that a learner of this estimator declares."""
    final = type(estimator[-1] if hasattr(estimator, "steps") else estimator).__name__
    forms = {"Forest": Forest, "ExtraTrees": Forest, "HistGradient": Boosting, "KMeans": Clusters}
    return next((form for word, form in forms.items() if word in final), Linear)()


@functools.cache
def trained(name: str) -> TrainedModel:
    """Return a model of the people; it is trained once, as nothing changes it."""
    table = people()
    task, estimator, options = MODELS[name]
    label = LABELS[task]
    away = [each for each in ("rich", "income") if each != label]
    if name == "clusters":
        # Days since 1970, squared, would leave few digits of a distance.
        away.append("since")
    learner = SklearnLearner(name, task, estimator=estimator, form=form_of(estimator), **options)
    return learner.fit(table.with_frame(table.frame.drop(columns=away)), label)


@pytest.fixture(params=MODELS)
def model(request: pytest.FixtureRequest) -> TrainedModel:
    return trained(request.param)


def strange(people: DataTable, *, in_bounds: bool = False) -> DataTable:
    """Return rows with missing and unseen values, and very large ones.

    scikit-learn's forests refuse what is beyond single precision.
    """
    frame = people.frame.head(200).copy()
    frame.loc[0:4, "height"] = None
    frame.loc[5:9, "town"] = None
    frame.loc[10:14, "town"] = "Pisa"
    frame.loc[15:19, "job"] = "unheard of"
    frame.loc[20:22, "age"] = [-1e5, 0.0, 1e5] if in_bounds else [-1e300, 0.0, 1e12]
    frame["member"] = frame["member"].astype("boolean")
    frame.loc[25:28, "member"] = pd.NA
    frame.loc[30:31, "since"] = pd.NaT
    return DataTable(frame)


def assert_equal(model: TrainedModel, compiled: CompiledModel, table: DataTable) -> None:
    expected = rows_of(model.score(table))
    score = compiled.row_function()
    # Distances are differences of large squares, in scikit-learn too.
    digits = 1e-9 if model.task == "clustering" else 1e-12
    for row, wanted in zip(rows_of(table), expected, strict=True):
        found = score(row)
        assert list(found) == list(wanted)
        for name, value in wanted.items():
            if isinstance(value, float):
                close = found[name] == value or abs(found[name] - value) <= digits * max(
                    1.0, abs(value)
                )
                assert close, (row, name, found[name], value)
            else:
                assert found[name] == value


def test_equal_also_where_values_are_missing_or_new(
    model: TrainedModel, people: DataTable, tmp_path: Path
) -> None:
    compiled = model.compile()
    assert compiled is not None
    compiled.save(tmp_path / "model")
    loaded = CompiledModel.load(tmp_path / "model")
    assert_equal(model, loaded, people)
    assert_equal(
        model, loaded, strange(people, in_bounds=isinstance(compiled.form, (Forest, Clusters)))
    )


@pytest.mark.parametrize("name", [name for name in MODELS if "forest" in name or "boost" in name])
def test_large_models_stay_arrays_and_give_the_same(
    name: str, people: DataTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = trained(name)
    compiled = model.compile()
    assert compiled is not None
    monkeypatch.setattr(trees, "MOST_NODES", 0)
    assert_equal(model, compiled, strange(people, in_bounds=True))


@pytest.mark.long
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.1, 0.30000001, 1.5, 2.0, -3.0, 1e7, 1e-9]),
            st.booleans(),
        ),
        min_size=24,
        max_size=60,
    ),
    st.lists(st.one_of(st.none(), st.floats(-4, 4, width=32), st.floats(-1e8, 1e8)), min_size=1),
)
def test_thresholds_are_met_exactly(
    rows: list[tuple[float, bool]], asked: list[float | None]
) -> None:
    values = [None if number % 5 == 0 else row[0] for number, row in enumerate(rows)]
    frame = pd.DataFrame(
        {"x": pd.Series(values, dtype="float64"), "y": [float(row[1]) for row in rows]}
    )
    table = DataTable(pd.DataFrame({"x": pd.Series([*asked, *values], dtype="float64")}))
    for estimator in (
        HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=1, random_state=0),
        RandomForestRegressor(3, random_state=0),
    ):
        learner = SklearnLearner(
            "T", "regression", estimator=estimator, takes_missing=True, form=form_of(estimator)
        )
        model = learner.fit(DataTable(frame), "y")
        compiled = model.compile()
        assert compiled is not None
        assert_equal(model, compiled, table)


def test_a_tree_deeper_than_pythons_stack(people: DataTable) -> None:
    rows = 3_000
    frame = pd.DataFrame({"x": np.arange(rows, dtype=float), "y": np.arange(rows) % 2})
    frame["y"] = frame["y"] * 1.7 ** -(np.arange(rows) % 700)
    forest = RandomForestRegressor(1, random_state=0, bootstrap=False)
    model = SklearnLearner("Deep", "regression", estimator=forest, form=Forest()).fit(
        DataTable(frame), "y"
    )
    compiled = model.compile()
    assert compiled is not None
    chain = trees.TreeCollector(1)
    for node in range(5_000):
        chain.split(0, float(node), 2 * node + 1, 2 * node + 2, missing_left=False, values=[0])
        chain.leaf([float(node)])
    chain.leaf([-1.0])
    chain.end_of_tree(0)
    add_up = trees.tree_sums(chain.arrays(), 1)
    assert add_up([1e9], [0.5]) == [-0.5]
    assert add_up([41.5], [0.0]) == [42.0]
    assert_equal(model, compiled, DataTable(frame[["x"]].head(200)))


@pytest.mark.parametrize(
    ("task", "estimator"),
    [
        ("regression", PoissonRegressor()),
        ("regression", HistGradientBoostingRegressor(loss="poisson", max_iter=2)),
        ("regression", make_pipeline(QuantileTransformer(n_quantiles=9), Ridge())),
        ("two-class", LogisticRegression(solver="liblinear")),
        ("two-class", SGDClassifier(loss="modified_huber")),
        ("regression", make_pipeline(StandardScaler(), RandomForestRegressor(2))),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else value,
)
def test_what_is_not_known_to_be_equal_has_no_compiled_form(
    task: str, estimator: Any, people: DataTable
) -> None:
    label = LABELS[task]
    frame = people.frame[["height", "member", str(label)]]
    model = SklearnLearner("Other", task, estimator=estimator, form=form_of(estimator)).fit(
        DataTable(frame), label
    )
    assert model.compile() is None


def test_loading_and_scoring_need_numpy_alone(people: DataTable, tmp_path: Path) -> None:
    rows = rows_of(people)[:3]
    for name in ("boosting", "softmax", "clusters"):
        compiled = trained(name).compile()
        assert compiled is not None
        compiled.save(tmp_path / name)
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from modules.values.compiled_model import CompiledModel\n"
        f"for name in ('boosting', 'softmax', 'clusters'):\n"
        f"    score = CompiledModel.load(Path({str(tmp_path)!r}) / name).row_function()\n"
        f"    [score(row) for row in json.loads({json.dumps(json.dumps(rows))})]\n"
        "heavy = ('pandas', 'sklearn', 'skops', 'scipy', 'pyarrow')\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: (folder / FILE).unlink(),
        lambda folder: (folder / FILE).write_text("{"),
        lambda folder: (folder / FILE).write_text('{"format": 99}'),
        lambda folder: (folder / "weights.npy").unlink(),
        lambda folder: (folder / "weights.npy").write_bytes(b"nothing"),
        lambda folder: np.save(folder / "weights.npy", np.array([{"a": 1}], dtype=object)),
    ],
)
def test_a_damaged_folder_says_so(harm: Any, people: DataTable, tmp_path: Path) -> None:
    compiled = trained("logistic").compile()
    assert compiled is not None
    compiled.save(tmp_path)
    harm(tmp_path)
    with pytest.raises(ModuleError) as caught:
        CompiledModel.load(tmp_path)
    assert caught.value.code == "model-damaged"
    assert caught.value.hint
