"""Compare published figures of Azure ML designer's samples with those of 100 seeds here.

Run: python benchmarks/published_figures.py [SEEDS]

Prints the table of docs/published-figures.md. The seeds of the original are unknown, so only the
spread shows whether a published figure is one that these modules give. Exit status 1 if
fewer figures than documented are within the range of the seeds.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from modules.classification.two_class_boosted_decision_tree import two_class_boosted_decision_tree
from modules.classification.two_class_logistic_regression import two_class_logistic_regression
from modules.classification.two_class_support_vector_machine import (
    two_class_support_vector_machine,
)
from modules.contract import ColumnSelector, DataTable
from modules.data_transformation.clean_missing_data import clean_missing_data
from modules.data_transformation.normalize_data import normalize_data
from modules.data_transformation.split_data import split_data
from modules.feature_selection.filter_based_feature_selection import (
    filter_based_feature_selection,
)
from modules.model_training.train_model import train_model
from modules.regression.boosted_decision_tree_regression import boosted_decision_tree_regression
from modules.regression.decision_forest_regression import decision_forest_regression
from modules.regression.linear_regression import linear_regression
from modules.scoring_evaluation.evaluate_model import evaluate_model
from modules.scoring_evaluation.score_model import score_model
from modules.values import UntrainedModel

DATA = Path(__file__).resolve().parents[1] / "samples" / "data"

WITHIN = 19
"""Published figures within the range of 100 seeds, as docs/published-figures.md states."""

REGRESSION = (
    "Mean absolute error",
    "Root mean squared error",
    "Relative squared error",
    "Relative absolute error",
    "Coefficient of determination",
)
SCORED = tuple(f"Scored labels, {each}" for each in ("mean", "median", "min", "max", "deviation"))
TWO_CLASS = ("Accuracy", "Precision", "Recall", "F1 score", "AUC")

Metrics = dict[str, float]
Sample = tuple[str, tuple[str, ...], tuple[float, ...], Callable[[int], Metrics]]


def measured(
    learner: UntrainedModel, train: DataTable, test: DataTable, label: str, positive: str = ""
) -> Metrics:
    """Return the metrics of a learner, trained on some rows and tested on others."""
    chosen = ColumnSelector.names(label)
    model = train_model(learner, train, label_column=chosen, positive_class=positive)
    scored = score_model(model, test)
    (report,) = evaluate_model(scored).reports
    return {**report.metrics, **spread_of(scored)}


def spread_of(scored: DataTable) -> Metrics:
    """Return the statistics of predicted numbers, as the original shows them beside a column."""
    labels = scored.frame["Scored Labels"]
    if labels.dtype.kind != "f":
        return {}
    values = (labels.mean(), labels.median(), labels.min(), labels.max(), labels.std())
    return dict(zip(SCORED, map(float, values), strict=True))


def automobiles(learner: UntrainedModel) -> Callable[[int], Metrics]:
    """Return the samples with the prices of automobiles, by the seed of the split."""
    cars = pd.read_csv(DATA / "automobile_price.csv").drop(columns="normalized-losses")
    complete, _ = clean_missing_data(
        DataTable(cars),
        columns=ColumnSelector.from_json({"rules": [{"include": "all"}]}),
        cleaning_mode="remove entire row",
    )

    def run(seed: int) -> Metrics:
        train, test = split_data(complete, fraction=0.7, seed=seed)
        return measured(learner, train, test, "price")

    return run


def income() -> Callable[[int], Metrics]:
    """Return the sample with five features by chi-squared, by the seed of the split."""
    people = DataTable(pd.read_csv(DATA / "adult_income.csv"))
    chosen = filter_based_feature_selection(
        people,
        target_column=ColumnSelector.names("income"),
        method="ChiSquared",
        number_of_features=5,
    )[0]

    def run(seed: int) -> Metrics:
        train, test = split_data(chosen, fraction=0.5, seed=seed)
        return measured(two_class_boosted_decision_tree(), train, test, "income")

    return run


def credit(learner: Callable[[], UntrainedModel], *, weighted: bool) -> Callable[[int], Metrics]:
    """Return the sample in which an error costs five times as much, by the seed of the split."""
    label = "credit_risk"
    borrowers = DataTable(pd.read_csv(DATA / "german_credit.csv"))

    def repeated(table: DataTable) -> DataTable:
        frame = table.frame
        risky = frame[frame[label] == 2]
        return DataTable(pd.concat([frame, *[risky] * 4], ignore_index=True))

    def run(seed: int) -> Metrics:
        train, test = split_data(
            borrowers,
            fraction=0.7,
            seed=seed,
            stratified=True,
            stratification_column=ColumnSelector.names(label),
        )
        columns = ColumnSelector.names(
            *(name for name in borrowers.frame.select_dtypes("number") if name != label)
        )
        scaled, transformation = normalize_data(
            repeated(train) if weighted else train, columns=columns, method="Tanh"
        )
        return measured(learner(), scaled, transformation.apply(repeated(test)), label)

    return run


def flights() -> Callable[[int], Metrics]:
    """Return the sample that trains on the months before October; it has no seed."""
    delays = pd.read_parquet(DATA / "flights.parquet").dropna(subset="arr_delay")
    names = ["month", "hour", "carrier", "origin", "dest", "distance"]
    frame = delays[names].assign(late=np.where(delays["arr_delay"] >= 15, "late", "in time"))
    parts = [DataTable(frame[rows].reset_index(drop=True)) for rows in _before_october(frame)]

    def run(seed: int) -> Metrics:
        return measured(two_class_logistic_regression(), parts[0], parts[1], "late", "late")

    return run


def _before_october(frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    early = frame["month"] < 10
    return early, ~early


def samples() -> Iterator[Sample]:
    """Yield the samples with their metrics, and what is published of each."""
    regression = {
        "Automobile price, linear regression": (
            linear_regression(),
            (
                *(1773.61396, 2461.695749, 0.131796, 0.389362, 0.868204),
                *(10850.8407, 8388.5543, -3335.0848, 37930.0088, 6922.7364),
            ),
        ),
        "Automobile price, boosted tree": (
            boosted_decision_tree_regression(),
            (2029.4589, 3468.291242, 0.172933, 0.326473, 0.827067),
        ),
        "Automobile price, forest": (
            decision_forest_regression(),
            (2186.403347, 4130.975801, 0.245331, 0.35172, 0.754669),
        ),
    }
    for title, (learner, figures) in regression.items():
        yield title, (REGRESSION + SCORED)[: len(figures)], figures, automobiles(learner)
    yield (
        "Income, five features, boosted tree",
        TWO_CLASS,
        (0.848, 0.756, 0.535, 0.627, 0.894),
        income(),
    )
    for title, learner_of, weighted, accuracy in (
        ("Credit risk, SVM, weighted", two_class_support_vector_machine, True, 0.721212),
        ("Credit risk, SVM", two_class_support_vector_machine, False, 0.571212),
        ("Credit risk, boosted tree, weighted", two_class_boosted_decision_tree, True, 0.706061),
        ("Credit risk, boosted tree", two_class_boosted_decision_tree, False, 0.590909),
    ):
        yield title, ("Accuracy",), (accuracy,), credit(learner_of, weighted=weighted)
    yield (
        "Flight delay, logistic regression",
        TWO_CLASS,
        (0.831, 0.403, 0.034, 0.062, 0.631),
        flights(),
    )


def main() -> int:
    """Print the table; return the exit status."""
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    warnings.simplefilter("ignore")
    print("| Sample | Metric | Published | Mean | Deviation | Range | |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    within = 0
    for title, names, figures, run in samples():
        count = 1 if title.startswith("Flight") else seeds
        found: list[dict[str, Any]] = [run(seed) for seed in range(count)]
        for name, figure in zip(names, figures, strict=True):
            values = np.array([each[name] for each in found])
            low, high = values.min(), values.max()
            hit = low <= figure <= high
            within += hit
            spread = f"{_short(values.std(ddof=1))} | {_short(low)} to {_short(high)}"
            if count == 1:
                spread = " | "
            mark = "within" if hit else ("" if count == 1 else "outside")
            cells = f"{_short(figure)} | {_short(values.mean())} | {spread} | {mark}"
            print(f"| {title} | {name} | {cells} |", flush=True)
    total = sum(len(names) for _, names, _, _ in samples())
    print(f"\n{within} of {total} figures are within the range of {seeds} seeds.")
    return int(seeds == 100 and within < WITHIN)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
