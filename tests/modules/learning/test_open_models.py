"""Learners and models that a third party offers: by entry point, without a change here."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from designer.catalog import Catalog, load_catalog
from modules.contract import ColumnSelector, DataTable, ModuleError
from modules.contract.installed import load_class, trusted_types
from modules.learning import trusted
from modules.model_training.train_model import train_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import CompiledForm, CompiledModel, storage
from modules.values.skops_import import import_skops

LEARNER = '''
from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modules.contract import Sweep, When
from modules.learning import learner
from toy_learners.forms import Median


@learner(
    "Median Regression",
    task="regression",
    compiled=Median(),
    trusted=("toy_learners.estimators.MedianRegressor",),
    keywords=("robust",),
    requires=("numpy",),
)
def median_regression(
    *,
    method: Literal["exact", "trimmed"] = "exact",
    trim: Annotated[float, Field(ge=0, lt=0.5), When(method="trimmed"), Sweep(0.1, 0.2)] = 0.1,
    shift: Annotated[float, Sweep(0.0, 1.0)] = 0.0,
) -> Any:
    """Predict the median of the label.

    Parameters
    ----------
    method : str
        How.
    trim : float
        Share of rows that is left out at both ends.
    shift : float
        Is added.

    Notes
    -----
    A toy.
    """
    from toy_learners.estimators import MedianRegressor

    return MedianRegressor(trim if method == "trimmed" else 0.0, shift)
'''

ESTIMATORS = """
import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin


class MedianRegressor(RegressorMixin, BaseEstimator):
    def __init__(self, trim=0.0, shift=0.0):
        self.trim = trim
        self.shift = shift

    def fit(self, X, y):
        self.median_ = float(np.median(y)) + self.shift
        return self

    def predict(self, X):
        return np.full(len(X), self.median_)
"""

FORMS = """
import numpy as np

from modules.learning import EstimatorForm


class Median(EstimatorForm):
    def arrays(self, model):
        return {"median": np.array([model.final_estimator.median_])}

    def row_function(self, compiled):
        value = float(compiled.arrays["median"][0])
        return lambda row: {"Scored Labels": value}
"""

RECOMMENDER = '''
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modules.contract import DataTable, Role, Scoring, module
from modules.values import CompiledForm, CompiledModel, TrainedModel


class Factors(CompiledForm):
    def microseconds(self, compiled):
        return 1.0

    def row_function(self, compiled):
        users = {name: at for at, name in enumerate(compiled.facts["users"])}
        factors = compiled.arrays["factors"]
        return lambda row: {"Rating": float(factors[users[row["user"]]])}


@dataclass(frozen=True, eq=False, kw_only=True)
class ToyRecommender(TrainedModel):
    """One number for each user."""

    users: list[str]
    factors: np.ndarray

    def score(self, table: DataTable) -> DataTable:
        import pandas as pd

        at = table.frame["user"].map({name: at for at, name in enumerate(self.users)})
        frame = pd.DataFrame({"Rating": self.factors[at.to_numpy()]})
        return DataTable(frame, {"Rating": Role.SCORE}, Scoring(self.task, "Rating"))

    def compile(self) -> CompiledModel:
        return CompiledModel(Factors(), {"users": self.users}, {"factors": self.factors})


@module("Train Toy Recommender", outputs=("trained_model",))
def train_toy_recommender(dataset: DataTable) -> TrainedModel:
    """Train it."""
    means = dataset.frame.groupby("user")["rating"].mean()
    return ToyRecommender(
        title="Toy Recommender",
        task="recommendation",
        learner=__name__,
        users=list(means.index),
        factors=means.to_numpy(),
    )
'''


@pytest.fixture
def palette(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """Return the catalog of an installation that has the toy package."""
    package = tmp_path / "site" / "toy_learners"
    package.mkdir(parents=True)
    sources = {"estimators": ESTIMATORS, "forms": FORMS}
    offered = {"median_regression": LEARNER, "train_toy_recommender": RECOMMENDER}
    (package / "__init__.py").touch()
    for name, source in (sources | offered).items():
        (package / f"{name}.py").write_text(source, "utf-8")
    info = tmp_path / "site" / "toy_learners-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-learners\nVersion: 1.0\n")
    lines = "\n".join(f"{name} = toy_learners.{name}" for name in offered)
    (info / "entry_points.txt").write_text(f"[modeldesk.modules]\n{lines}\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "toy_learners"]:
        monkeypatch.delitem(sys.modules, name)
    return load_catalog()


@pytest.fixture
def houses() -> DataTable:
    return DataTable(pd.DataFrame({"size": [1.0, 2.0, 3.0, 5.0], "price": [1.0, 2.0, 4.0, 10.0]}))


def test_a_learner_knows_its_parameters(palette: Catalog) -> None:
    spec = palette["median_regression"]
    (output,) = spec.outputs
    assert (output.name, output.type_name, output.tasks) == (
        "untrained_model",
        "UntrainedModel",
        ("regression",),
    )
    assert spec.parameter_by_name["trim"].help == "Share of rows that is left out at both ends."
    assert spec.file.name == "median_regression.py"
    assert spec.help.index("Returns\n") < spec.help.index("Notes\n")
    exact = spec.function(shift=2.0)
    assert exact.parameters == {"method": "exact", "shift": 2.0}
    assert exact.sweep == {"shift": (0.0, 1.0)}
    trimmed = spec.function(method="trimmed")
    assert trimmed.parameters == {"method": "trimmed", "trim": 0.1, "shift": 0.0}
    assert trimmed.sweep == {"trim": (0.1, 0.2), "shift": (0.0, 1.0)}
    assert trimmed.estimator.trim == 0.1
    with pytest.raises(TypeError):
        spec.function(depth=3)


def test_its_models_are_trained_stored_scored_and_compiled(
    palette: Catalog, houses: DataTable, tmp_path: Path
) -> None:
    untrained = palette["median_regression"].function(shift=0.5)
    storage.save(untrained, tmp_path / "learner")
    model = train_model(
        storage.load(tmp_path / "learner"), houses, label_column=ColumnSelector.names("price")
    )
    storage.save(model, tmp_path / "model")
    loaded = storage.load(tmp_path / "model")
    assert score_model(loaded, houses).frame["Scored Labels"].tolist() == [3.5] * 4
    compiled = loaded.compile()
    compiled.save(tmp_path / "compiled")
    assert CompiledModel.load(tmp_path / "compiled").row_function()({"size": 9}) == {
        "Scored Labels": 3.5
    }
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from modules.values.compiled_model import CompiledModel\n"
        f"CompiledModel.load(Path({str(tmp_path / 'compiled')!r})).row_function()({{}})\n"
        "print([name for name in ('pandas', 'sklearn', 'skops') if name in sys.modules])\n"
    )
    root = Path(__file__).parents[3]
    path = f"{root}:{tmp_path / 'site'}"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": path},
    )
    assert done.stdout.strip() == "[]"


def test_a_model_need_not_be_an_estimator(palette: Catalog, tmp_path: Path) -> None:
    ratings = DataTable(pd.DataFrame({"user": ["a", "b", "a"], "rating": [1.0, 5.0, 2.0]}))
    (model,) = palette["train_toy_recommender"](ratings)
    summary = storage.save(model, tmp_path / "model")
    assert (summary["type"], summary["title"]) == ("TrainedModel", "Toy Recommender")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "factors.npy",
        "model.json",
        "value.json",
    ]
    loaded = storage.load(tmp_path / "model")
    scored = score_model(loaded, ratings)
    assert scored.frame["Rating"].tolist() == [1.5, 5.0, 1.5]
    assert scored.scoring is not None
    compiled = loaded.compile()
    compiled.save(tmp_path / "compiled")
    assert CompiledModel.load(tmp_path / "compiled").row_function()({"user": "b"})["Rating"] == 5.0
    assert loaded.summary().to_json()["title"] == "Toy Recommender"


class TestTrust:
    """A stored estimator may hold what its own learner declares, and nothing else."""

    @pytest.fixture
    def stored(self, palette: Catalog, houses: DataTable, tmp_path: Path) -> Path:
        model = palette["median_regression"].function().fit(houses, "price")
        storage.save(model, tmp_path / "model")
        return tmp_path / "model"

    def test_a_type_that_nobody_declares_is_refused(
        self, stored: Path, houses: DataTable, tmp_path: Path
    ) -> None:
        forms = importlib.import_module("toy_learners.forms")
        import_skops().dump({"features": forms.Median()}, stored / "model.skops")
        with pytest.raises(ModuleError, match=r"“toy_learners.forms.Median”.* doesn't declare"):
            storage.load(stored)

    def test_a_type_that_another_module_declares_is_refused(self, stored: Path) -> None:
        plain = json.loads((stored / "model.json").read_text())
        other = "modules.regression.decision_forest_regression"
        assert trusted_types(other) == set(trusted.FOREST)
        (stored / "model.json").write_text(json.dumps(plain | {"learner": other}))
        with pytest.raises(ModuleError, match="doesn't declare"):
            storage.load(stored)

    def test_of_a_learner_that_is_not_installed(
        self, stored: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("toy_learners.nowhere", "elsewhere.learner", "", "os"):
            plain = json.loads((stored / "model.json").read_text())
            (stored / "model.json").write_text(json.dumps(plain | {"learner": name}))
            with pytest.raises(ModuleError, match=r"doesn't declare|“[a-z_.]+” isn't installed"):
                storage.load(stored)

    def test_nothing_is_imported_but_modules(
        self, stored: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "site" / "innocent.py").write_text("raise SystemExit('imported')\n")
        plain = json.loads((stored / "model.json").read_text())
        (stored / "model.json").write_text(json.dumps(plain | {"learner": "innocent"}))
        with pytest.raises(ModuleError):
            storage.load(stored)
        for kind in ("innocent:Value", "innocent", "subprocess:Popen", "modules:x.y", ":"):
            with pytest.raises(ModuleError, match="isn't defined by any module"):
                load_class(kind, CompiledForm)
        assert "innocent" not in sys.modules


def test_the_arrays_of_a_form_are_the_whole_model(palette: Catalog, houses: DataTable) -> None:
    model: Any = palette["median_regression"].function().fit(houses, "price")
    compiled = model.compile()
    assert compiled.form.name() == "toy_learners.forms:Median"
    np.testing.assert_array_equal(compiled.arrays["median"], [3.0])
    assert compiled.microseconds == pytest.approx(0.3)
