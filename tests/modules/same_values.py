"""Whether two values are the same as far as a module can see."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from module_examples import example_table

from modules.contract import ColumnSelector, DataTable
from modules.values import TrainedModel, Transformation, UntrainedModel


def assert_same(value: Any, other: Any, table: DataTable | None = None) -> None:
    """Compare values; models score a table, which is the example if none is given."""
    assert type(value) is type(other)
    if isinstance(value, DataTable):
        assert value.columns == other.columns
        if len(value):
            pd.testing.assert_frame_equal(settled(value.frame), settled(other.frame))
        assert dict(value.roles) == dict(other.roles)
        assert value.scoring == other.scoring
    elif isinstance(value, (TrainedModel, UntrainedModel, Transformation)):
        assert _fields(value) == _fields(other)
        # A network for images doesn't score tables.
        if isinstance(value, TrainedModel) and value.features:
            table = table or example_table()
            assert_same(value.score(table), other.score(table))
    elif hasattr(value, "reports"):
        for one, two in zip(value.reports, other.reports, strict=True):
            assert one.metrics == pytest.approx(dict(two.metrics), nan_ok=True)
            for name in ("thresholds", "confusion", "residuals", "table"):
                frames = getattr(one, name), getattr(two, name)
                assert [frame is None for frame in frames] in ([True, True], [False, False])
                if frames[0] is not None:
                    pd.testing.assert_frame_equal(*frames)


def settled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame without differences that no module can see.

    A boolean column that could hold missing values but does not, categories of a column that has
    none, and boolean categories, which are never missing, are stored by their values alone.
    """
    plain: dict[str, Any] = {}
    for name, dtype in frame.dtypes.items():
        if isinstance(dtype, pd.BooleanDtype) and not frame[name].isna().any():
            plain[str(name)] = "bool"
        elif isinstance(dtype, pd.CategoricalDtype) and not len(dtype.categories):
            plain[str(name)] = "float64"
        elif isinstance(dtype, pd.CategoricalDtype) and dtype.categories.dtype == "boolean":
            plain[str(name)] = pd.CategoricalDtype(dtype.categories.astype("bool"), dtype.ordered)
    return frame.astype(plain)


def _fields(value: Any) -> dict[str, Any]:
    """Return what a value holds as comparable data."""
    return {
        name: repr(content) if name in ("estimator", "pipeline") else comparable(content)
        for name, content in vars(value).items()
        # Without what it computed from its fields and keeps.
        if not name.startswith("_")
        and not isinstance(getattr(type(value), name, None), functools.cached_property)
    }


def comparable(content: Any) -> Any:
    """Return what a value holds as plain data, in which no number is like itself."""
    if isinstance(content, dict):
        return {str(key): comparable(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [comparable(value) for value in content]
    if isinstance(content, np.ndarray):
        return comparable(content.tolist())
    if isinstance(content, (TrainedModel, UntrainedModel)):
        return _fields(content)
    if isinstance(content, ColumnSelector):
        return content.to_json()
    if isinstance(content, float) and math.isnan(content):
        return None
    return content
