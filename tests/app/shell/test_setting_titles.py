"""Settings in the window of a result are called as in the properties."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication
from sklearn.linear_model import LinearRegression

from designer.app.views.learner_view import LearnerView
from modules.learning import SklearnLearner
from modules.values import storage


def test_a_window_of_a_result_knows_these_titles(window, qtbot, tmp_path):
    spec = window.catalog["linear_regression"]
    first = spec.parameters[0]
    learner = SklearnLearner(
        spec.title, "regression", estimator=LinearRegression(), parameters={first.name: "anything"}
    )
    folder = tmp_path / "learner"
    storage.save(learner, folder)

    class Output:
        type, path = "UntrainedModel", folder

    window.runs._results.show(Output(), "Learner", None)
    (shown,) = window.runs._results.all()
    qtbot.waitUntil(lambda: shown.findChild(LearnerView) is not None, timeout=30_000)
    assert first.title in shown.findChild(LearnerView).facts.shown()
    window.runs._results.close()
    QApplication.processEvents()
