"""The shares of the classes among nearest rows are probabilities, to the last bit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from modules.classification.two_class_nearest_neighbors import two_class_nearest_neighbors
from modules.contract import DataTable, Role
from modules.scoring_evaluation.cross_validate_model import cross_validate_model


@pytest.mark.parametrize("neighbors", [13, 15, 18, 49])
def test_no_probability_is_above_one(neighbors):
    random = np.random.default_rng(0)
    x = random.normal(size=(240, 2))
    label = np.where(x[:, 0] > 0, "yes", "no")
    table = DataTable(pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "y": label}), {"y": Role.LABEL})
    learner = two_class_nearest_neighbors(neighbors=neighbors)
    model = learner.fit(table, "y")
    shares = model.score(table).frame["Scored Probabilities"]
    assert shares.between(0, 1).all()
    assert shares.max() == pytest.approx(1)
    score = model.compile().row_function()
    rows = table.frame[["a", "b"]].to_dict("records")
    assert [score(row)["Scored Probabilities"] for row in rows] == pytest.approx(list(shares))
    assert max(score(row)["Scored Probabilities"] for row in rows) <= 1
    _, folds = cross_validate_model(learner, table, folds=3)
    assert len(folds) == 5
