"""Models fit only where what they are for fits."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from module_examples import inputs_for

from designer.catalog import load_catalog
from modules.values import TrainedModel, UntrainedModel

CATALOG = load_catalog()
LEARNERS = [
    spec
    for spec in CATALOG.values()
    if not spec.inputs and any(UntrainedModel in port.types for port in spec.outputs)
]


@pytest.mark.parametrize("spec", LEARNERS, ids=lambda spec: spec.id)
def test_a_learner_gives_what_its_port_says(spec, tmp_path: Path):
    (model,) = spec(*inputs_for(spec, tmp_path), **spec.read_parameters({}))
    # The task of a class of the user is a parameter.
    assert model.task in spec.outputs[0].tasks
    assert len(spec.outputs[0].tasks) == 1 or "task" in spec.parameter_by_name


@pytest.mark.parametrize("spec", LEARNERS, ids=lambda spec: spec.id)
def test_a_learner_fits_the_modules_that_can_train_it(spec):
    takers = {
        other.id
        for other in CATALOG.values()
        for port in other.inputs
        if UntrainedModel in port.types and port.accepts(spec.outputs[0])
    }
    predicting = {
        "train_model",
        "cross_validate_model",
        "compare_models",
        "learning_curve",
        "tune_model_hyperparameters",
        "model_based_feature_selection",
        "recursive_feature_elimination",
        "sequential_feature_selection",
        "stacking_ensemble",
        "voting_ensemble",
        "target_encoded_learner",
    }
    classifying = predicting | {"calibrate_probabilities"}
    trainers = {
        "regression": predicting,
        "two-class": classifying | {"one_vs_all_multiclass", "one_vs_one_multiclass"},
        "multiclass": classifying,
        "clustering": {"train_clustering_model"},
        "anomaly": {"train_anomaly_detection_model"},
        "image classification": {"train_pytorch_model"},
        "forecasting": {
            "train_forecasting_model",
            "back_test_forecast",
            "average_forecaster",
        },
    }
    assert takers == set().union(*(trainers[task] for task in spec.outputs[0].tasks))


def test_a_trained_model_fits_the_modules_that_can_apply_it():
    fits: dict[str, set[str]] = defaultdict(set)
    for giver in CATALOG.values():
        for output in giver.outputs:
            if TrainedModel in output.types:
                fits[giver.id] |= {
                    taker.id
                    for taker in CATALOG.values()
                    for port in taker.inputs
                    if TrainedModel in port.types and port.accepts(output)
                }
    predicting = {
        "score_model",
        "permutation_feature_importance",
        "explain_model",
        "explain_prediction",
        "tune_threshold",
    }
    # What a saved model is for is not known before it is read.
    saved = fits.pop("saved_model")
    assert fits == {
        "train_model": predicting,
        "tune_model_hyperparameters": predicting,
        "tune_threshold": predicting,
        "automated_training": predicting,
        "run_script": predicting,
        "train_anomaly_detection_model": {"score_model"},
        "train_clustering_model": {"assign_data_to_clusters", "show_dendrogram"},
        "train_forecasting_model": {"forecast"},
        "automated_forecasting": {"forecast"},
        "train_cox_model": {"score_survival_model"},
        "train_svd_recommender": {"score_svd_recommender"},
        "train_pytorch_model": {"score_image_model"},
        "train_vowpal_wabbit_model": {"score_vowpal_wabbit_model", "train_vowpal_wabbit_model"},
        "train_wide_and_deep_recommender": {"score_wide_and_deep_recommender"},
    }
    assert saved == set().union(*fits.values())


def test_ports_say_in_words_what_models_are_for():
    assert CATALOG["k_means_clustering"].outputs[0].phrase == "an untrained model for clustering"
    assert CATALOG["train_model"].inputs[0].phrase == "an untrained model that predicts a label"
    assert (
        CATALOG["two_class_logistic_regression"].outputs[0].phrase
        == "an untrained model for two-class classification"
    )
    assert CATALOG["train_model"].inputs[1].phrase == "a dataset"
