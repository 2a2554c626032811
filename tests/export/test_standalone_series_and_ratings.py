"""Code without this project forecasts and recommends as the modules do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from alone import compared
from exporting import make

from modules.contract import DataTable

pytestmark = pytest.mark.filterwarnings("ignore")


def sales() -> pd.DataFrame:
    """Return the sales of two shops in 48 months, with a trend and a season."""
    t = np.arange(48)
    noise = np.random.default_rng(0).normal(0, 1, (2, 48))
    months = pd.date_range("2021-01-31", periods=48, freq="ME")
    parts = [
        pd.DataFrame({"month": months, "shop": shop, "sold": 50 + t + 8 * np.sin(t / 1.91) + extra})
        for shop, extra in zip(("Rome", "Oslo"), noise, strict=True)
    ]
    return pd.concat(parts, ignore_index=True).sample(frac=1, random_state=0)


def ratings() -> pd.DataFrame:
    """Return 300 ratings of 15 films by 30 users, some of them missing or repeated."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "user": rng.integers(1, 31, 300).astype("float"),
            "film": rng.choice([f"film {number}" for number in range(15)], 300),
            "stars": rng.integers(1, 6, 300),
        }
    )
    frame.loc[:3, "user"] = np.nan
    return frame


def assert_same_tables(found: list[tuple[str, Any, Any]], count: int) -> None:
    tables = [each for each in found if isinstance(each[2], DataTable)]
    assert len(tables) == count
    for name, frame, table in tables:
        pd.testing.assert_frame_equal(
            frame, table.frame, check_exact=not table.metrics, rtol=1e-9, obj=name
        )


@pytest.mark.parametrize(
    ("forecaster", "parameters"),
    [
        ("seasonal_naive_forecaster", {"drift": True}),
        ("exponential_smoothing_forecaster", {"trend": "damped", "logarithm": True}),
        ("boosted_trees_forecaster", {"trees": 20, "lags": "1, 2"}),
    ],
)
def test_forecasts(forecaster: str, parameters: dict[str, Any], tmp_path: Path) -> None:
    columns = {"time_column": ["month"], "value_column": ["sold"], "series_columns": ["shop"]}
    pipeline = make(
        {
            "rows": ("dataset", {"path": "rows.csv"}),
            "split": ("split_by_time", {"time_column": ["month"], "later_share": 0.1}),
            "learner": (forecaster, parameters),
            "train": ("train_forecasting_model", columns),
            "next": ("forecast", {"horizon": 3}),
            "later": ("forecast", {"level": 0.8}),
            "evaluate": "evaluate_model",
            "test": ("back_test_forecast", {**columns, "horizon": 4, "folds": 2}),
        },
        "rows.dataset > split.dataset",
        "split.earlier_rows > train.dataset",
        "learner.untrained_model > train.untrained_model",
        "train.trained_model > next.trained_model",
        "train.trained_model > later.trained_model",
        "split.later_rows > later.dataset",
        "later.forecast > evaluate.scored_dataset",
        "learner.untrained_model > test.untrained_model",
        "rows.dataset > test.dataset",
    )
    found = compared(pipeline, sales(), tmp_path)
    assert_same_tables(found, 3)
    (evaluation,) = [each for each in found if each[0].startswith("evaluate")]
    metrics = evaluation[1]["metrics"].iloc[0].to_dict()
    assert metrics == pytest.approx(dict(evaluation[2].reports[0].metrics), rel=1e-9)


def test_averages_of_forecasts(tmp_path: Path) -> None:
    columns = {"time_column": ["month"], "value_column": ["sold"], "series_columns": ["shop"]}
    pipeline = make(
        {
            "rows": ("dataset", {"path": "rows.csv"}),
            "naive": "seasonal_naive_forecaster",
            "trees": ("boosted_trees_forecaster", {"trees": 5}),
            "both": ("average_forecaster", {"weights": "1, 2.5"}),
            "train": ("train_forecasting_model", columns),
            "next": ("forecast", {"horizon": 3}),
            "test": ("back_test_forecast", {**columns, "horizon": 4, "folds": 2}),
        },
        "naive.untrained_model > both.model_1",
        "trees.untrained_model > both.model_2",
        "both.untrained_model > train.untrained_model",
        "both.untrained_model > test.untrained_model",
        "rows.dataset > train.dataset",
        "rows.dataset > test.dataset",
        "train.trained_model > next.trained_model",
    )
    assert_same_tables(compared(pipeline, sales(), tmp_path), 3)


def test_recommendations(tmp_path: Path) -> None:
    unrated = "From Unrated Items (to suggest new items to users)"
    pipeline = make(
        {
            "rows": ("dataset", {"path": "rows.csv"}),
            "train": ("train_svd_recommender", {"factors": 5}),
            "rate": ("score_svd_recommender", {"prediction_kind": "Rating Prediction"}),
            "rank": ("score_svd_recommender", {"with_ratings": True, "minimum_pool": 4}),
            "suggest": ("score_svd_recommender", {"item_selection": unrated}),
            "all": ("score_svd_recommender", {"item_selection": "From All Items"}),
            "rmse": "evaluate_recommender",
            "ndcg": "evaluate_recommender",
        },
        "rows.dataset > train.training_dataset_of_user_item_rating_triples",
        *(
            link
            for name in ("rate", "rank", "suggest", "all")
            for link in (
                f"train.trained_svd_recommendation > {name}.trained_svd_recommendation",
                f"rows.dataset > {name}.dataset_to_score",
            )
        ),
        "rows.dataset > suggest.training_data",
        "rows.dataset > rmse.test_dataset",
        "rate.scored_dataset > rmse.scored_dataset",
        "rows.dataset > ndcg.test_dataset",
        "rank.scored_dataset > ndcg.scored_dataset",
    )
    assert_same_tables(compared(pipeline, ratings(), tmp_path), 4)
