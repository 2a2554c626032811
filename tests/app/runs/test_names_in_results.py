"""What Tab reaches in each kind of result has a name of its own."""

from __future__ import annotations

import pytest
from focus_desk import faults, faults_everywhere, name_of, stops, weak_rings
from PySide6.QtWidgets import QApplication
from run_desk import LONG, run, show

from designer.app.views.opening import ResultView
from designer.pipeline import edits
from designer.pipeline.model import Endpoint, Pipeline

pytestmark = [pytest.mark.allow_leaks, pytest.mark.long]
"""Workers that a test ends start again by themselves, during the next one."""

ROWS = "".join(
    f"{number % 17},{number % 5},{'yes' if number % 17 > 8 else 'no'}\n" for number in range(80)
)

MODULES = {
    "enter_data_manually": {"data": f"x,y,high\n{ROWS}"},
    "two_class_decision_forest": {"trees": 3},
    "tune_model_hyperparameters": {"label_column": ["high"], "runs": 2},
    "score_model": {},
    "evaluate_model": {},
    "explain_model": {},
    "normalize_data": {},
    "convert_to_csv": {},
    "automated_training": {
        "label_column": ["high"],
        "trials": 2,
        "folds": 2,
        "allowed_learners": "Logistic Regression",
    },
}

LINKS = (
    ("two_class_decision_forest.untrained_model", "tune_model_hyperparameters.untrained_model"),
    ("enter_data_manually.dataset", "tune_model_hyperparameters.training_dataset"),
    ("tune_model_hyperparameters.trained_best_model", "score_model.trained_model"),
    ("enter_data_manually.dataset", "score_model.dataset"),
    ("score_model.scored_dataset", "evaluate_model.scored_dataset"),
    ("tune_model_hyperparameters.trained_best_model", "explain_model.trained_model"),
    ("enter_data_manually.dataset", "explain_model.dataset"),
    ("enter_data_manually.dataset", "normalize_data.dataset"),
    ("enter_data_manually.dataset", "convert_to_csv.dataset"),
    ("enter_data_manually.dataset", "automated_training.dataset"),
)


def everything() -> Pipeline:
    pipeline = Pipeline()
    for row, (module, parameters) in enumerate(MODULES.items()):
        pipeline, _ = edits.add_node(
            pipeline, module, node_id=module, position=(0, 150 * row), parameters=parameters
        )
    for source, target in LINKS:
        pipeline = edits.connect(
            pipeline, Endpoint(*source.split(".")), Endpoint(*target.split("."))
        )
    return pipeline


def test_every_stop_of_every_kind_of_result_has_a_name_of_its_own(window, qtbot):
    show(window, everything())
    assert run(window, qtbot) == "completed"
    found, kinds = {}, set()
    for module in MODULES:
        for port in window.catalog[module].outputs:
            window.runs.show_output(module, port.name)
            qtbot.waitUntil(lambda: len(window.runs.result_windows()) == 1, timeout=LONG)
            (result,) = window.runs.result_windows()
            view = result.findChild(ResultView)
            qtbot.waitUntil(lambda v=view: not v.reading and v.view.isVisible(), timeout=LONG)
            name = f"{module}.{port.name}"
            found[name] = faults_everywhere(result)
            if port.type_name == "DataTable":
                named = {name_of(each): each for each in stops(result)}
                named["Column statistics"].click()
                QApplication.processEvents()
                assert "Statistics of the column" in [name_of(each) for each in stops(result)]
                result.activateWindow()
                qtbot.waitUntil(result.isActiveWindow, timeout=LONG)
                found[name] += [*faults(result), *weak_rings(result)]
            kinds.add(port.type_name)
            result.close()
            qtbot.waitUntil(lambda: not window.runs.result_windows(), timeout=LONG)
    assert len(kinds) == 8
    assert {name: each for name, each in found.items() if each} == {}
