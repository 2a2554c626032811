"""A card that searches for the best model, as Azure's automated ML job."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from designer.pipeline.model import Json, Node
from designer.pipeline.own_modules import AUTOMATED_FORECASTING
from designer.pipeline.parameters import bound_parameter
from modules.contract import ColumnSelector, ModuleSpec

Report = Callable[[str, str, str], object]
"""Receives a sentence, a hint, and the parameter."""

_ALGORITHMS = {
    "classification": {
        "lightgbm": "light_gbm",
        "boosted decision tree": "gradient_boosting",
        "decision forest": "random_forest",
        "extra trees": "extreme_random_trees",
        "logistic regression": "logistic_regression",
        "nearest neighbors": "knn",
    },
    "regression": {
        "lightgbm": "light_gbm",
        "boosted decision tree": "gradient_boosting",
        "decision forest": "random_forest",
        "extra trees": "extreme_random_trees",
        "linear regression": "elastic_net",
        "nearest neighbors": "knn",
    },
    "forecasting": {
        "seasonal naive": "seasonal_naive",
        "exponential smoothing": "exponential_smoothing",
        "arima": "auto_arima",
        "boosted trees": "light_gbm",
    },
}
"""Azure's names of the learners, by task."""

_METRICS = {
    "AUC weighted": "auc_weighted",
    "Accuracy": "accuracy",
    "Average precision score weighted": "average_precision_score_weighted",
    "Norm macro recall": "norm_macro_recall",
    "Precision score weighted": "precision_score_weighted",
    "Normalized root mean squared error": "normalized_root_mean_squared_error",
    "R2 score": "r2_score",
    "Normalized mean absolute error": "normalized_mean_absolute_error",
    "Spearman correlation": "spearman_correlation",
}

_FREQUENCIES = {
    "minute": "T",
    "hour": "H",
    "day": "D",
    "week": "W",
    "month": "MS",
    "quarter": "QS",
    "year": "YS",
}
"""Pandas' names, which Azure takes, by ours."""


def automl_settings(
    node: Node, spec: ModuleSpec, values: Mapping[str, Json], report: Report
) -> dict[str, Any]:
    """Return the job of SDK v2 without its data; what it has no counterpart for is reported.

    Parameters
    ----------
    values : mapping
        The parameters of the card, with the values of pipeline parameters.
    """
    return _Settings(node, spec, values, report).document()


class _Settings:
    def __init__(
        self, node: Node, spec: ModuleSpec, values: Mapping[str, Json], report: Report
    ) -> None:
        self._spec = spec
        self._report = report
        self._values = {each.name: each.default for each in spec.parameters} | dict(values)
        self._forecasts = spec.id == AUTOMATED_FORECASTING
        for name, value in node.parameters.items():
            if bound_parameter(value) is not None:
                report(
                    f"{self._title(name)}: a pipeline parameter can't be passed to Azure's "
                    "automated ML job.",
                    "Enter the value.",
                    name,
                )

    def document(self) -> dict[str, Any]:
        task = "forecasting" if self._forecasts else str(self._values["task"])
        if task not in _ALGORITHMS:
            self._report(
                "Task: Azure's automated ML job doesn't choose it.",
                "Choose classification or regression.",
                "task",
            )
            return {}
        label = "value_column" if self._forecasts else "label_column"
        found: dict[str, Any] = {
            "type": "automl",
            "task": task,
            "target_column_name": self._column(label),
            "primary_metric": self._metric(task),
            "limits": self._limits(),
            "training": self._training(task),
            **self._validation(),
        }
        if task == "classification" and self._values["positive_class"]:
            found["positive_label"] = self._values["positive_class"]
        if self._forecasts:
            found["forecasting"] = self._forecasting()
        elif self._values["balance_classes"] and task == "classification":
            self._report(
                "Balance classes: Azure's automated ML job balances by itself.",
                "Clear it.",
                "balance_classes",
            )
        return found

    def _title(self, name: str) -> str:
        return self._spec.parameter_by_name[name].title

    def _column(self, name: str) -> str:
        """Return the name of the column that is chosen by a parameter."""
        return next(iter(self._columns(name, needed=True)), "")

    def _columns(self, name: str, *, needed: bool = False) -> list[str]:
        value = self._values[name]
        parameter = self._spec.parameter_by_name[name]
        selector = parameter.read(value) if value is not None else ColumnSelector()
        if all(rule.by == "names" and not rule.exclude for rule in selector.rules):
            found = [str(each) for rule in selector.rules for each in rule.values]
            if found or not needed:
                return found
        self._report(
            f"{parameter.title}: Azure's automated ML job needs the names of the columns.",
            "Choose the columns by name.",
            name,
        )
        return []

    def _metric(self, task: str) -> str:
        name = "metric" if self._forecasts else f"{task}_metric"
        metric = str(self._values[name])
        if metric not in _METRICS:
            self._report(
                f"{self._title(name)}: “{metric}” isn't a primary metric of Azure's automated ML.",
                "Choose another metric.",
                name,
            )
        return _METRICS.get(metric, "")

    def _limits(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "max_trials": self._values["trials"],
            "enable_early_termination": True,
        }
        minutes = self._values["minutes"]
        if minutes:
            # Azure counts whole minutes, and takes no fewer than 15.
            found["timeout_minutes"] = max(math.ceil(float(minutes)), 15)
        return found

    def _training(self, task: str) -> dict[str, Any]:
        ensemble = self._values["ensemble"]
        found: dict[str, Any] = {
            "enable_vote_ensemble": ensemble != "none",
            "enable_stack_ensemble": ensemble == "stacked models",
        }
        for kind in ("allowed", "blocked"):
            names = self._algorithms(f"{kind}_learners", task, needed=kind == "allowed")
            if names:
                found[f"{kind}_training_algorithms"] = names
        return found

    def _algorithms(self, name: str, task: str, *, needed: bool) -> list[str]:
        known = _ALGORITHMS[task]
        text = str(self._values[name]).replace("\n", ",")
        given = [each.strip() for each in text.split(",") if each.strip()]
        unknown = [each for each in given if each.casefold() not in known]
        # One that Azure doesn't have needn't be blocked.
        if unknown and needed:
            self._report(
                f"{self._title(name)}: Azure's automated ML job doesn't have “{unknown[0]}”.",
                f"Use {', '.join(sorted(each.title() for each in known))}.",
                name,
            )
        return [known[each.casefold()] for each in given if each.casefold() in known]

    def _validation(self) -> dict[str, Any]:
        if self._forecasts:
            return {"n_cross_validations": self._folds(self._values["folds"])}
        validation = self._values["validation"]
        if validation == "folds":
            return {"n_cross_validations": self._values["folds"]}
        if validation == "share of rows":
            return {"validation_data_size": self._values["validation_share"]}
        self._report(
            "Validate with: Azure's automated ML job can't hold out the latest rows.",
            "Choose folds or a share of rows, or link a validation dataset.",
            "validation",
        )
        return {}

    def _folds(self, folds: Any) -> int:
        if int(folds) < 2:
            self._report(
                "Number of folds: Azure's automated ML job needs at least 2.",
                "Enter a larger number.",
                "folds",
            )
        return int(folds)

    def _forecasting(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "time_column_name": self._column("time_column"),
            "forecast_horizon": self._values["horizon"],
            "cv_step_size": self._values["horizon"],
        }
        groups = self._columns("series_columns")
        if groups:
            found["time_series_id_column_names"] = groups
        frequency = self._values["frequency"]
        if frequency != "auto":
            found["frequency"] = _FREQUENCIES[str(frequency)]
        aggregate = self._values["aggregate"]
        if aggregate in ("sum", "mean"):
            found["target_aggregate_function"] = aggregate
        elif aggregate == "last":
            self._report(
                "Several values of a period: Azure's automated ML job can't use the last one.",
                "Choose sum or mean.",
                "aggregate",
            )
        if self._values["missing"] == "zero":
            self._report(
                "Missing periods: Azure's automated ML job fills them by itself.",
                "Choose interpolate, or fill them with Resample by Time.",
                "missing",
            )
        return found
