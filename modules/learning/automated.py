"""What Automated ML tries with the learners of each family, whatever their task.

The turns put settings that differ much, and that are good on many tables, first. Chosen on tables
that aren't among those of ``benchmarks/automl.py``, in the spirit of AutoGluon's portfolios
(Salinas and Erickson 2024, TabRepo).
"""

from __future__ import annotations

from modules.contract.parameter import RangeToTry
from modules.contract.registry.automated import Candidate

_ONE_BY_ONE = {"one_vs_rest_categories": 64}
"""Groups of categories overfit on few rows; a category against all others hardly does."""

LIGHTGBM_TRIALS = Candidate(
    "LightGBM",
    (
        (1, {}),
        (5, {"learning_rate": 0.03, "trees": 400, "leaves": 24, "row_share": 0.8,
             "feature_share": 0.6, **_ONE_BY_ONE}),
        (6, {"learning_rate": 0.03, "trees": 400, "leaves": 4, "min_leaf_rows": 10,
             "row_share": 0.8, "feature_share": 0.3, "l2": 1.0, **_ONE_BY_ONE}),
        (9, {"learning_rate": 0.05, "trees": 200, "leaves": 8, "min_leaf_rows": 5,
             "row_share": 0.8, "feature_share": 0.5, "l2": 1.0, **_ONE_BY_ONE}),
        (14, {"learning_rate": 0.05, "trees": 200, "leaves": 96, "min_leaf_rows": 4,
              "row_share": 0.9, "feature_share": 0.8}),
        (18, {"learning_rate": 0.05, "trees": 600, "leaves": 16, "row_share": 0.8,
              "feature_share": 0.4, "l2": 1.0}),
        (21, {"learning_rate": 0.03, "trees": 800, "leaves": 31, "min_leaf_rows": 40,
              "row_share": 0.7, "feature_share": 0.3, "l2": 5.0, **_ONE_BY_ONE}),
    ),
    {
        "learning_rate": RangeToTry(0.01, 0.2, log=True),
        "trees": RangeToTry(50, 800, log=True),
        "leaves": RangeToTry(3, 128, log=True),
        "min_leaf_rows": RangeToTry(2, 100, log=True),
        "row_share": RangeToTry(0.5, 1.0),
        "feature_share": RangeToTry(0.2, 1.0),
        "l2": RangeToTry(0.001, 10.0, log=True),
        "one_vs_rest_categories": (4, 64),
    },
)  # fmt: skip

HISTOGRAM_BOOSTING_TRIALS = Candidate(
    "Boosted Decision Tree",
    (
        (2, {"learning_rate": 0.1, "leaves": 31, "min_leaf_rows": 20}),
        (12, {"learning_rate": 0.05, "trees": 200, "leaves": 8, "min_leaf_rows": 10}),
        (19, {"learning_rate": 0.04, "trees": 300, "leaves": 48, "min_leaf_rows": 30}),
    ),
    {
        "learning_rate": RangeToTry(0.01, 0.3, log=True),
        "trees": RangeToTry(50, 400, log=True),
        "leaves": RangeToTry(3, 96, log=True),
        "min_leaf_rows": RangeToTry(2, 100, log=True),
    },
)

FOREST_TRIALS = Candidate(
    "Decision Forest",
    (
        (3, {"trees": 200, "depth": 64}),
        (8, {"trees": 300, "depth": 64, "min_leaf_rows": 4}),
        (16, {"trees": 200, "depth": 10, "min_leaf_rows": 2}),
    ),
    {
        "trees": RangeToTry(100, 400),
        "depth": RangeToTry(5, 64, log=True),
        "min_leaf_rows": RangeToTry(1, 30, log=True),
    },
)

EXTRA_TREES_TRIALS = Candidate(
    "Extra Trees",
    (
        (7, {"trees": 200, "depth": 64}),
        (11, {"trees": 300, "depth": 64, "min_leaf_rows": 3}),
        (20, {"trees": 300, "depth": 16, "min_leaf_rows": 1}),
    ),
    {
        "trees": RangeToTry(100, 400),
        "depth": RangeToTry(5, 64, log=True),
        "min_leaf_rows": RangeToTry(1, 30, log=True),
    },
)

LOGISTIC_TRIALS = Candidate(
    "Logistic Regression",
    (
        (4, {"standardize": True}),
        (8, {"l2_weight": 10.0, "standardize": True}),
        (10, {"l2_weight": 0.1, "standardize": True}),
        (17, {"l2_weight": 0.01, "standardize": True}),
        (19.5, {"l2_weight": 100.0, "standardize": True}),
    ),
    {"l2_weight": RangeToTry(0.001, 1000.0, log=True), "standardize": (True,)},
)

LINEAR_TRIALS = Candidate(
    "Linear Regression",
    (
        (4, {"l2_weight": 1.0, "standardize": True}),
        (4.5, {"l2_weight": 20.0, "standardize": True}),
        (10, {"l2_weight": 0.1, "standardize": True}),
        (17, {"standardize": True}),
        (19.5, {"l2_weight": 100.0, "standardize": True}),
    ),
    {"l2_weight": RangeToTry(0.001, 1000.0, log=True), "standardize": (True,)},
)

NEIGHBORS_TRIALS = Candidate(
    "Nearest Neighbors",
    (
        (10.5, {"neighbors": 15, "weighting": "distance"}),
        (15, {"neighbors": 40, "weighting": "distance", "metric": "Manhattan"}),
    ),
    {
        "neighbors": RangeToTry(1, 100, log=True),
        "weighting": ("uniform", "distance"),
        "metric": ("Euclidean", "Manhattan"),
    },
)

NETWORK_TRIALS = Candidate(
    "Neural Network",
    (
        (13, {"hidden_nodes": "64", "learning_rate": 0.02, "iterations": 30, "momentum": 0.9}),
        (22, {"hidden_nodes": "128, 32", "learning_rate": 0.005, "iterations": 40,
              "momentum": 0.9}),
    ),
    {
        "hidden_nodes": ("32", "64", "128", "128, 32"),
        "learning_rate": RangeToTry(0.002, 0.1, log=True),
        "iterations": RangeToTry(10, 60, log=True),
        "momentum": (0.0, 0.5, 0.9),
    },
)  # fmt: skip
