"""A Python class as a model in scripts without this project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator  # noqa: TID253

from modules.python_language._scores import checked_scores

if TYPE_CHECKING:
    import pandas as pd


class PythonModel(BaseEstimator):
    """A model of the class ``AzureMLModel`` that a script defines.

    Parameters
    ----------
    script : str
        The program text.
    task : str
        ``two-class``, ``multiclass``, or ``regression``.
    """

    def __init__(self, script: str, task: str) -> None:
        self.script = script
        self.task = task

    def _class(self) -> Any:
        namespace: dict[str, Any] = {"__name__": "script"}
        exec(compile(self.script, "<script>", "exec"), namespace)
        return namespace["AzureMLModel"]

    def fit(
        self, features: pd.DataFrame, labels: pd.Series, classes: Sequence[Any] = ()
    ) -> PythonModel:
        """Call the method ``train``; of two classes the second is the positive one."""
        import random

        import numpy as np

        # Every step of a run starts with these random states.
        random.seed(0)
        np.random.seed(0)
        self.label, self.classes = str(labels.name), tuple(classes)
        self.positive = self.classes[-1] if self.classes else None
        self.names_ = [str(name) for name in features]
        self.model_ = self._class()()
        self.model_.train(features.copy(), labels.copy())
        return self

    def scores(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return what the method ``predict`` returns."""
        returned = self.model_.predict(frame[self.names_].copy())
        return checked_scores(returned, self, self.names_, len(frame))

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the class of the script, which can't be pickled."""
        state = dict(vars(self))
        if "model_" in state:
            state["model_"] = vars(self.model_)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state with the class of the script."""
        self.__dict__.update(state)
        if "model_" in state:
            kind = self._class()
            self.model_ = kind.__new__(kind)
            self.model_.__dict__.update(state["model_"])
