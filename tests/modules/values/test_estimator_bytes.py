"""Equal estimators are stored as equal bytes, however their parts came about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.pipeline import Pipeline

from modules.values.estimators import read_estimator, write_estimator

ROWS = np.array([[0.0, 1.0], [2.0, 3.0], [9.0, 8.0], [7.0, 9.0]])


def stored(estimator: Any, path: Path) -> bytes:
    write_estimator(estimator, path)
    return path.read_bytes()


def fresh(text: str) -> str:
    """Return an equal text that is another object, as one that was read from a file is."""
    return json.loads(json.dumps(text + "!"))[:-1]


@pytest.mark.parametrize("names", [("learner", "learner"), ("learner", fresh("learner"))])
def test_equal_texts_may_be_one_object_or_two(names: tuple[str, str], tmp_path: Path) -> None:
    def made(first: str, second: str) -> Pipeline:
        learner = KMeans(2, n_init=1, random_state=0, init=first).set_params(init="k-means++")
        learner.fit(ROWS)
        learner.told = [first, second, 1_000_000, int("1000000")]
        return Pipeline([(first, learner)])

    one = made("learner", "learner")
    other = made(*names)
    assert stored(other, tmp_path / "other") == stored(one, tmp_path / "one")
    read = read_estimator(tmp_path / "other")
    assert read.steps[0][0] == "learner"
    assert read.steps[0][1].told == ["learner", "learner", 1_000_000, 1_000_000]
    assert read.predict(ROWS).tolist() == one.predict(ROWS).tolist()
