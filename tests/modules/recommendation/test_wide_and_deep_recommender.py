"""The wide and deep recommender, against a script of PyTorch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modules.contract import DataTable, ModuleError
from modules.values import TrainedModel
from modules.values.storage import load, save

torch = pytest.importorskip("torch", reason="PyTorch isn't installed")

from modules.recommendation.evaluate_recommender import evaluate_recommender  # noqa: E402
from modules.recommendation.score_wide_and_deep_recommender import (  # noqa: E402
    score_wide_and_deep_recommender,
)
from modules.recommendation.train_wide_and_deep_recommender import (  # noqa: E402
    train_wide_and_deep_recommender,
)

PLAIN: dict[str, Any] = {"dropout": 0.0, "hidden_units": "8,4", "crossed_feature_dimension": 20}


def ratings(rows: int = 400) -> DataTable:
    """Return ratings that depend on the age of a user and the genre of an item."""
    rng = np.random.default_rng(3)
    user, item = rng.integers(0, 30, rows), rng.integers(0, 12, rows)
    rating = 3 + np.where(item % 2, 1.0, -1.0) * np.where(user < 15, 1.0, -1.0)
    frame = pd.DataFrame({"who": user, "what": [f"film {each}" for each in item], "stars": rating})
    return DataTable(frame)


def users(first: int = 0, last: int = 30) -> DataTable:
    numbers = np.arange(first, last)
    return DataTable(pd.DataFrame({"who": numbers, "age": np.where(numbers % 30 < 15, 20.0, 60.0)}))


def films() -> DataTable:
    names = [f"film {each}" for each in range(12)]
    return DataTable(pd.DataFrame({"what": names, "genre": ["drama", "crime"] * 6}))


def by_hand(table: pd.DataFrame, epochs: int, optimizer: str, rate: float) -> np.ndarray:
    """Return the predictions of a network that is written and trained with PyTorch alone."""
    from torch import nn

    who = {user: at for at, user in enumerate(dict.fromkeys(table["who"]), start=1)}
    what = {item: at for at, item in enumerate(dict.fromkeys(table["what"]), start=1)}
    user = torch.tensor([who[each] for each in table["who"]])
    item = torch.tensor([what[each] for each in table["what"]])
    cross = (user * (len(what) + 1) + item) * 2_654_435_761 % 2**32 % 20
    ages = np.array([0.0] + [20.0 if each < 15 else 60.0 for each in who])
    scaled = (ages - ages[1:].mean()) / ages[1:].std()
    scaled[0] = 0
    age = torch.tensor(scaled[user.numpy()], dtype=torch.float32)[:, None]
    genre = torch.tensor([0] + [2 - int(each.split()[1]) % 2 for each in what])[item]
    torch.manual_seed(5)
    wide = [nn.Embedding(n, 1) for n in (len(who) + 1, len(what) + 1, 20)]
    for each in wide:
        nn.init.zeros_(each.weight)
    tables = [nn.Embedding(len(who) + 1, 16), nn.Embedding(len(what) + 1, 16), nn.Embedding(3, 4)]
    for each in tables:
        nn.init.normal_(each.weight, std=each.embedding_dim**-0.5)
    deep = nn.Sequential(
        nn.Linear(37, 8), nn.BatchNorm1d(8), nn.ReLU(),
        nn.Linear(8, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1),
    )  # fmt: skip

    def predict(rows: torch.Tensor) -> torch.Tensor:
        parts = [t(c[rows]) for t, c in zip(tables, (user, item, genre), strict=True)]
        linear = sum(t(c[rows]) for t, c in zip(wide, (user, item, cross), strict=True))
        return (linear + deep(torch.cat([*parts, age[rows]], 1)))[:, 0]

    mean = table["stars"].mean()
    target = torch.tensor((table["stars"] - mean).to_numpy("float32"))
    options = {"initial_accumulator_value": 0.1} if optimizer == "Adagrad" else {}
    kind = getattr(torch.optim, optimizer)
    one = kind([p for each in wide for p in each.parameters()], lr=rate, **options)
    two = kind(
        [*(p for each in tables for p in each.parameters()), *deep.parameters()], lr=rate, **options
    )
    for _ in range(epochs):
        for rows in torch.randperm(len(table)).split(64):
            one.zero_grad()
            two.zero_grad()
            nn.functional.mse_loss(predict(rows), target[rows]).backward()
            one.step()
            two.step()
    deep.eval()
    with torch.no_grad():
        found: np.ndarray = predict(torch.arange(len(table))).numpy()
    return (found + mean).clip(table["stars"].min(), table["stars"].max())


@pytest.mark.parametrize(("optimizer", "rate"), [("Adagrad", 0.1), ("Adam", 0.01)])
@pytest.mark.proves(
    "train_wide_and_deep_recommender", "score_wide_and_deep_recommender", by="PyTorch"
)
def test_predictions_are_those_of_a_script(optimizer: str, rate: float) -> None:
    table = ratings()
    model = train_wide_and_deep_recommender(
        table,
        users(),
        films(),
        epochs=2,
        seed=5,
        wide_part_optimizer=optimizer,  # type: ignore[arg-type]
        deep_part_optimizer=optimizer,  # type: ignore[arg-type]
        wide_optimizer_learning_rate=rate,
        deep_optimizer_learning_rate=rate,
        **PLAIN,
    )
    scored = score_wide_and_deep_recommender(model, table, prediction_kind="Rating Prediction")
    expected = by_hand(table.frame, 2, optimizer, rate)
    np.testing.assert_allclose(scored.frame["Rating"], expected, atol=1e-3)


def test_new_users_and_items_are_scored_by_their_features() -> None:
    table = ratings(1_500)
    model = train_wide_and_deep_recommender(table, users(), films(), epochs=20, **PLAIN)
    pairs = DataTable(pd.DataFrame({"who": [100, 100, 115, 115], "what": ["new a", "new b"] * 2}))
    extra = DataTable(pd.DataFrame({"what": ["new a", "new b"], "genre": ["drama", "crime"]}))
    options: dict[str, Any] = {
        "user_features": DataTable(pd.DataFrame({"who": [100, 115], "age": [20.0, 60.0]})),
        "item_features": extra,
    }
    found = score_wide_and_deep_recommender(
        model, pairs, **options, prediction_kind="Rating Prediction"
    ).frame["Rating"]
    # The young like crime, which has odd numbers; the others drama.
    assert found[1] > found[0] + 1
    assert found[2] > found[3] + 1
    with pytest.warns(match="aren't in the training data"):
        score_wide_and_deep_recommender(model, pairs, prediction_kind="Rating Prediction")
    lists = score_wide_and_deep_recommender(
        model, pairs, **options, item_selection="From All Items", maximum_items=6
    ).frame
    known = {f"film {number}": number % 2 for number in range(12)} | {"new a": 0, "new b": 1}
    for row, odd in zip(lists.itertuples(index=False), (1, 0), strict=True):
        assert {known[item] for item in row[1:]} == {odd}


def test_recommendations_can_be_evaluated() -> None:
    table = ratings()
    model = train_wide_and_deep_recommender(table, users(), films(), epochs=10, **PLAIN)
    scored = score_wide_and_deep_recommender(model, table)
    assert scored.names == ["User", *(f"Item {rank}" for rank in range(1, 6))]
    assert evaluate_recommender(table, scored).frame["NDCG"][0] > 0.9
    rated = score_wide_and_deep_recommender(model, table, prediction_kind="Rating Prediction")
    assert evaluate_recommender(table, rated).frame["RMSE"][0] < 0.5
    unrated = score_wide_and_deep_recommender(
        model,
        table,
        training_data=table,
        item_selection="From Unrated Items (to suggest new items to users)",
        with_ratings=True,
    ).frame
    pairs = set(zip(table.frame["who"], table.frame["what"], strict=True))
    for row in unrated.itertuples(index=False):
        assert not {(row[0], item) for item in row[1:6] if isinstance(item, str)} & pairs


def test_a_model_is_stored_without_code_and_repeats(tmp_path: Path) -> None:
    table = ratings()
    made = [train_wide_and_deep_recommender(table, users(), epochs=1) for _ in range(2)]
    for number, model in enumerate(made):
        save(model, tmp_path / str(number))
    files = {path.name for path in (tmp_path / "0").iterdir()}
    assert "weights.safetensors" in files
    assert {Path(name).suffix for name in files} == {".json", ".npy", ".safetensors"}
    for name in files:
        assert (tmp_path / "0" / name).read_bytes() == (tmp_path / "1" / name).read_bytes()
    again = load(tmp_path / "0")
    assert isinstance(again, TrainedModel)
    pd.testing.assert_frame_equal(again.score(table).frame, made[0].score(table).frame)


def test_missing_and_unknown_features_have_a_place() -> None:
    table = ratings()
    odd = users().frame
    odd.loc[3, "age"] = np.nan
    genres = films().frame
    genres.loc[2, "genre"] = None
    model = train_wide_and_deep_recommender(
        table, DataTable(odd.head(20)), DataTable(genres), epochs=1, **PLAIN
    )
    other = genres.assign(genre="western")
    found = score_wide_and_deep_recommender(
        model, table, item_features=DataTable(other), prediction_kind="Rating Prediction"
    )
    assert found.frame["Rating"].notna().all()
    with pytest.raises(ModuleError, match="“genre”, a feature in training, is missing"):
        score_wide_and_deep_recommender(
            model,
            table,
            item_features=DataTable(genres.rename(columns={"genre": "kind"})),
            prediction_kind="Rating Prediction",
        )


def test_the_unit_of_a_feature_is_irrelevant_however_large_it_is() -> None:
    def predictions(unit: float) -> list[float]:
        ages = users().frame.assign(age=lambda frame: frame["age"] * unit)
        model = train_wide_and_deep_recommender(ratings(), DataTable(ages), epochs=1, **PLAIN)
        return model.score(ratings()).frame["Scored Labels"].tolist()

    assert predictions(2.0**1017) == predictions(1.0)


@pytest.mark.parametrize("odd", [np.inf, -1.7e308])
def test_a_feature_without_a_place_in_the_network_counts_as_missing(odd: float) -> None:
    model = train_wide_and_deep_recommender(ratings(), users(), epochs=1, **PLAIN)

    def predictions(age: float) -> list[float]:
        features = DataTable(users().frame.assign(age=age))
        found = score_wide_and_deep_recommender(
            model, ratings(), features, prediction_kind="Rating Prediction"
        )
        return found.frame["Rating"].tolist()

    assert predictions(odd) == predictions(np.nan)


@pytest.mark.parametrize("name", ["Ftrl", "RMSProp", "SGD", "Adadelta"])
@pytest.mark.parametrize("activation", ["Sigmoid", "Tanh", "Linear", "LeakyReLU"])
def test_every_choice_trains(name: Any, activation: Any) -> None:
    model = train_wide_and_deep_recommender(
        ratings(100),
        epochs=1,
        wide_part_optimizer=name,
        deep_part_optimizer=name,
        wide_optimizer_learning_rate=0.01,
        deep_optimizer_learning_rate=0.01,
        activation_function=activation,
        hidden_units="4",
        batch_normalization=False,
    )
    assert model.score(ratings(100)).frame["Scored Labels"].notna().all()


def test_mistakes_are_explained() -> None:
    for options, code in (
        ({"hidden_units": "8,many"}, "wrong-parameter"),
        ({"hidden_units": "0"}, "wrong-parameter"),
        (
            {"deep_part_optimizer": "SGD", "deep_optimizer_learning_rate": 2.0, "epochs": 30,
             "batch_normalization": False, "dropout": 0.0},
            "training-diverged",
        ),
        ({"user_features": DataTable(pd.DataFrame({"who": [1]}))}, "too-few-columns"),
    ):  # fmt: skip
        table = ratings()
        large = table.with_frame(table.frame.assign(stars=table.frame["stars"] * 1e6))
        with pytest.raises(ModuleError) as caught:
            train_wide_and_deep_recommender(large, **options)  # type: ignore[arg-type]
        assert caught.value.code == code
        assert caught.value.hint
    with pytest.raises(ModuleError, match="single rating"):
        train_wide_and_deep_recommender(ratings(1))
