"""Class Weights against scikit-learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from modules.contract import DataTable, ModuleError, Role
from modules.data_transformation.class_weights import class_weights

LABELS = ["a"] * 6 + ["b"] * 3 + ["c"]


@pytest.mark.proves("class_weights", by="scikit-learn")
def test_the_weights_are_those_of_scikit_learn():
    table = DataTable(pd.DataFrame({"x": range(10), "y": LABELS}), {"y": Role.LABEL})
    found = class_weights(table)
    expected = compute_sample_weight("balanced", LABELS)
    np.testing.assert_allclose(found.frame["Class Weight"], expected, rtol=1e-15)
    assert found.having_role(Role.WEIGHT) == ["Class Weight"]
    assert class_weights(table, strength=0.0).frame["Class Weight"].tolist() == [1.0] * 10


def test_other_weights_are_multiplied_and_rows_without_a_label_count_nothing():
    frame = pd.DataFrame({"w": [2.0] * 11, "y": pd.Series([*LABELS, None], dtype="str")})
    table = DataTable(frame, {"y": Role.LABEL, "w": Role.WEIGHT})
    found = class_weights(table)
    expected = [*(2 * compute_sample_weight("balanced", LABELS)), 0.0]
    np.testing.assert_allclose(found.frame["Class Weight"], expected, rtol=1e-15)
    assert found.having_role(Role.WEIGHT) == ["Class Weight"]


def test_a_label_without_values_is_an_error():
    frame = pd.DataFrame({"y": pd.Series([None, None], dtype="str")})
    with pytest.raises(ModuleError, match="Every value of the label column “y” is missing"):
        class_weights(DataTable(frame, {"y": Role.LABEL}))
