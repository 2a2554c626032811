"""The recommender equals scikit-surprise, its metrics scikit-learn's and those worked by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, ndcg_score
from surprise import SVD, Dataset, Reader

from modules.contract import DataTable, ModuleError
from modules.contract.context import ModuleWarning
from modules.recommendation.evaluate_recommender import evaluate_recommender
from modules.recommendation.score_svd_recommender import score_svd_recommender
from modules.recommendation.train_svd_recommender import train_svd_recommender
from modules.values.storage import load, save

RATINGS = "Rating Prediction"
RATED = "From Rated Items (for model evaluation)"
UNRATED = "From Unrated Items (to suggest new items to users)"


def ratings(users: int = 40, items: int = 15, seed: int = 0) -> pd.DataFrame:
    """Return ratings of two groups of users, each of which likes every other item."""
    rng = np.random.default_rng(seed)
    pairs = [(u, i) for u in range(users) for i in range(items) if rng.random() < 0.6]
    frame = pd.DataFrame(pairs, columns=["who", "what"])
    likes = (frame["who"] + frame["what"]) % 2 == 0
    frame["stars"] = np.where(likes, 5, 2) + rng.integers(-1, 1, len(frame))
    frame["what"] = "item " + frame["what"].astype(str)
    return frame.sample(frac=1, random_state=1, ignore_index=True)


def model(frame: pd.DataFrame, **parameters: Any) -> Any:
    settings = {"factors": 8, "iterations": 60, "learning_rate": 0.02} | parameters
    return train_svd_recommender(DataTable(frame), **settings)


@pytest.mark.proves("train_svd_recommender", "score_svd_recommender", by="scikit-surprise")
def test_predictions_equal_those_of_surprise() -> None:
    frame = ratings()
    train, test = frame.iloc[:250], frame.iloc[250:]
    low, high = train["stars"].min(), train["stars"].max()
    trainset = Dataset.load_from_df(train, Reader(rating_scale=(low, high))).build_full_trainset()
    theirs = SVD(n_factors=8, n_epochs=60, lr_all=0.02, random_state=3).fit(trainset)
    new = pd.DataFrame({"who": [999, 0, 999], "what": ["item 1", "item 999", "item 999"]})
    pairs = pd.concat([test[["who", "what"]], new], ignore_index=True)

    with pytest.warns(ModuleWarning, match="aren't in the training data"):
        scored = score_svd_recommender(
            model(train, seed=3), DataTable(pairs), prediction_kind=RATINGS
        )

    expected = [theirs.predict(who, what).est for who, what in pairs.itertuples(index=False)]
    assert scored.names == ["User", "Item", "Rating"]
    np.testing.assert_allclose(scored.frame["Rating"], expected, rtol=1e-12)
    assert scored.frame["User"].tolist() == pairs["who"].tolist()


def test_it_finds_what_users_like() -> None:
    frame = ratings()
    test = DataTable(frame.iloc[280:])
    trained = model(frame.iloc[:280])
    scored = score_svd_recommender(trained, test, prediction_kind=RATINGS)
    errors = evaluate_recommender(test, scored).frame.iloc[0]
    assert errors["MAE"] < 0.6 * (frame["stars"] - frame["stars"].mean()).abs().mean()
    assert errors["Pairs"] == len(test)


@pytest.mark.parametrize("selection", ["From All Items", UNRATED])
def test_recommendations_are_the_items_with_the_highest_predictions(selection: str) -> None:
    frame = ratings()
    trained = model(frame)
    users = pd.DataFrame({"who": [3, 7, 3]})

    found = score_svd_recommender(
        trained, DataTable(users), DataTable(frame), item_selection=selection,
        maximum_items=4, with_ratings=True,
    ).frame  # fmt: skip

    assert found["User"].tolist() == [3, 7]
    for row in found.itertuples(index=False):
        user, items, stars = row[0], row[1:5], row[5:9]
        have = set(frame.loc[frame["who"] == user, "what"])
        allowed = [i for i in trained.items if selection == "From All Items" or i not in have]
        exact = {
            item: trained.mean
            + trained.user_bias[trained.users.index(user)]
            + trained.item_bias[trained.items.index(item)]
            + trained.user_factors[trained.users.index(user)]
            @ trained.item_factors[trained.items.index(item)]
            for item in allowed
        }
        best = sorted(exact, key=lambda item: -exact[item])[:4]
        assert [item for item in items if isinstance(item, str)] == best
        clipped = np.clip([exact[item] for item in best], *trained.limits)
        np.testing.assert_allclose(stars[: len(best)], clipped, rtol=1e-12)


def test_items_from_the_rated_ones_are_evaluated() -> None:
    frame = ratings()
    train, test = frame.iloc[:250], frame.iloc[250:].reset_index(drop=True)
    trained = model(train)
    with pytest.warns(ModuleWarning, match="have fewer than 3 items"):
        scored = score_svd_recommender(
            trained, DataTable(test), item_selection=RATED, minimum_pool=3, maximum_items=3
        )
    counts = test.groupby("who")["what"].nunique()
    assert set(scored.frame["User"]) == set(counts[counts >= 3].index)

    metrics = evaluate_recommender(DataTable(test), scored).frame.iloc[0]

    expected = []
    for user, *items in scored.frame.itertuples(index=False):
        truth = test[test["who"] == user].set_index("what")["stars"]
        ranks = pd.Series({item: -float(at) for at, item in enumerate(items)})
        guess = ranks.reindex(truth.index, fill_value=-100.0)
        expected.append(ndcg_score([truth.to_numpy()], [guess.to_numpy()], k=3))
    assert metrics["NDCG"] == pytest.approx(np.mean(expected), rel=1e-12)
    assert metrics["NDCG"] > 0.9


@pytest.mark.proves("evaluate_recommender", by="by hand")
def test_metrics_worked_by_hand() -> None:
    test = DataTable(
        pd.DataFrame({"u": [1, 1, 1, 2, 2], "i": list("abcab"), "r": [3.0, 2, 0, 1, 4]})
    )
    scored = DataTable(pd.DataFrame({"User": [1, 2], "Item 1": ["b", "z"], "Item 2": ["a", "b"]}))
    metrics = evaluate_recommender(test, scored, relevant_rating=2.0).frame.iloc[0].to_dict()
    first = (2 + 3 / math.log2(3)) / (3 + 2 / math.log2(3))
    second = (4 / math.log2(3)) / (4 + 1 / math.log2(3))
    assert metrics == pytest.approx(
        {"NDCG": (first + second) / 2, "Precision": 0.75, "Recall": 1.0, "Users": 2}
    )
    pairs = DataTable(pd.DataFrame({"User": [1, 2], "Item": ["a", "b"], "Rating": [2.5, 2.0]}))
    errors = evaluate_recommender(test, pairs).frame.iloc[0].to_dict()
    assert errors == pytest.approx({"MAE": 1.25, "RMSE": math.sqrt((0.25 + 4) / 2), "Pairs": 2})
    assert errors["MAE"] == mean_absolute_error([3, 4], [2.5, 2])


def test_a_stored_model_predicts_the_same(tmp_path: Path) -> None:
    frame = ratings()
    trained = model(frame)
    save(trained, tmp_path)
    again = load(tmp_path)
    one, two = (
        score_svd_recommender(each, DataTable(frame), prediction_kind=RATINGS)
        for each in (trained, again)
    )
    assert one.frame.equals(two.frame)
    assert {"Items", "Training data"} <= set(again.summary().sheets)


def test_users_with_missing_values_around_are_the_same_users() -> None:
    frame = ratings()
    trained = model(frame)
    holes = pd.DataFrame({"who": [3, None, 4], "what": ["item 1", "item 1", None]})
    whole = pd.DataFrame({"who": [3], "what": ["item 1"]})
    one = score_svd_recommender(trained, DataTable(holes), prediction_kind=RATINGS)
    two = score_svd_recommender(trained, DataTable(whole), prediction_kind=RATINGS)
    assert one.frame["Rating"].iloc[0] == two.frame["Rating"].iloc[0]
    item = trained.item_bias[trained.items.index("item 1")]
    assert one.frame["Rating"].iloc[1] == pytest.approx(trained.mean + item)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"a": [1], "b": [2]}, "too-few-columns"),
        ({"a": [1], "b": [2], "c": ["good"]}, "column-type"),
        ({"a": [1], "b": [2], "c": [math.inf]}, "infinite-value"),
        ({"a": [1.0, None], "b": [None, 2.0], "c": [1, 2]}, "too-few-rows"),
    ],
)
@pytest.mark.filterwarnings("ignore::modules.contract.context.ModuleWarning")
def test_bad_ratings_are_explained(frame: dict[str, Any], code: str) -> None:
    with pytest.raises(ModuleError) as caught:
        train_svd_recommender(DataTable(pd.DataFrame(frame)))
    assert caught.value.code == code
    assert caught.value.hint


def test_divergence_is_explained() -> None:
    with pytest.raises(ModuleError, match="diverged") as caught:
        model(ratings().assign(stars=lambda f: f["stars"] * 1e6), learning_rate=2.0)
    assert caught.value.parameter == "learning_rate"


def test_unrated_items_need_the_training_data() -> None:
    frame = ratings()
    with pytest.raises(ModuleError, match="are needed") as caught:
        score_svd_recommender(model(frame), DataTable(frame), item_selection=UNRATED)
    assert caught.value.port == "training_data"


@pytest.mark.parametrize(
    ("test", "scored", "code"),
    [
        ({"r": [1.0]}, {"User": [1], "Rank": [1]}, "not-scored"),
        ({"r": [1.0]}, {"User": [9], "Item 1": ["a"]}, "nothing-in-common"),
        ({"r": [1.0]}, {"User": [9], "Item": ["a"], "Rating": [1.0]}, "nothing-in-common"),
        ({"r": [-1.0]}, {"User": [1], "Item 1": ["a"]}, "negative-rating"),
    ],
)
def test_what_cannot_be_evaluated_is_explained(
    test: dict[str, Any], scored: dict[str, Any], code: str
) -> None:
    known = DataTable(pd.DataFrame({"u": [1], "i": ["a"]} | test))
    with pytest.raises(ModuleError) as caught:
        evaluate_recommender(known, DataTable(pd.DataFrame(scored)))
    assert caught.value.code == code
    assert caught.value.hint
